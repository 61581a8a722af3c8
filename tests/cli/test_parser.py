import pytest

from earmark.cli.parser import Parser, new_parser


@pytest.fixture
def parser():
    made = new_parser("search", "find sounds")
    made.free_words = True
    made.add_argument("words", nargs="+", metavar="WORDS")
    made.add_argument("-k", "--limit", type=int, default=10)
    made.add_argument("-0", "--print0", action="store_true")
    made.add_argument("--format")
    made.add_argument("--all", action="store_true")
    return made


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["rain", "-", "music"], ["rain", "-", "music"]),
        (["rain", "-music"], ["rain", "-music"]),
        (["rain", "- music", "+"], ["rain", "- music", "+"]),
        (["-", "light music"], ["-", "light music"]),
        (["-kitchen", "-0ct", "-5db"], ["-kitchen", "-0ct", "-5db"]),
        (["rain", "--", "--all", "-k", "3"], ["rain", "--all", "-k", "3"]),
    ],
)
def test_words_may_begin_with_a_hyphen(parser, typed, words):
    told = parser.parse_args(typed)

    assert told.words == words
    assert (told.limit, told.all, told.print0, told.format) == (10, False, False, None)


@pytest.mark.parametrize(
    "typed",
    [
        ["-k", "3", "--all", "-0", "--format", "csv", "rain", "-", "music"],
        ["rain", "-", "music", "-k3", "--all", "--print0", "--format=csv"],
        ["rain", "--form", "csv", "-", "--limit", "3", "music", "-0", "--al"],
    ],
)
def test_options_stand_anywhere(parser, typed):
    told = parser.parse_args(typed)

    assert told.words == ["rain", "-", "music"]
    assert (told.limit, told.all, told.print0, told.format) == (3, True, True, "csv")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ([], "required: WORDS"),
        (["--all"], "required: WORDS"),
        (["rain", "--al-l"], "unrecognized arguments: --al-l"),
        (["rain", "-x"], "unrecognized arguments: -x"),
        (["rain", "-k"], "expected one argument"),
        (["rain", "-k", "many"], "invalid int value: 'many'"),
    ],
)
def test_a_typing_error_is_not_searched_for(parser, typed, said, capsys):
    with pytest.raises(SystemExit, match="2"):
        parser.parse_args(typed)

    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 2


def test_a_file_may_stand_before_the_words():
    parser = Parser(prog="moments")
    parser.free_words = True
    parser.add_argument("file")
    parser.add_argument("words", nargs="+")
    parser.add_argument("--json", action="store_true")

    told = parser.parse_args(["a.wav", "--json", "a", "dog", "-", "rain"])

    assert (told.file, told.words, told.json) == ("a.wav", ["a", "dog", "-", "rain"], True)
