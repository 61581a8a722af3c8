"""Queries: what is typed means what its writer meant, or is refused in two lines."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.errors import UsageError
from earmark.library.store.contract import Filter
from earmark.search.query import Plan, Term, example, parse
from earmark.search.times import seconds_of, span_of, span_text

NOW = 1_750_000_000.0


def heard(query):
    """Wanted and unwanted words of a query that has no weights."""
    plan = parse(query, now=NOW)
    assert all(term.weight == 1.0 for term in plan.wanted + plan.unwanted)
    return [term.name for term in plan.wanted], [term.name for term in plan.unwanted]


def weights(query):
    plan = parse(query)
    signed = [*plan.wanted, *(Term(-term.weight, term.words) for term in plan.unwanted)]
    return {term.words: term.weight for term in signed}


def only_filter(query):
    plan = parse(query, now=NOW)
    assert [term.words for term in plan.wanted] == ["rain"]
    return plan.filter


def test_plain_words_are_one_term_however_they_come():
    plan = Plan((Term(1.0, "rain on a roof"),), (), Filter(), "rain on a roof")

    assert parse("rain on a roof") == plan
    assert parse(["rain on a roof"]) == plan
    assert parse(["rain", "on", "a", "roof"]) == plan
    assert parse("  rain on\ta   roof ") == plan


@pytest.mark.parametrize(
    ("query", "wanted", "unwanted"),
    [
        ("rain + wind", ["rain", "wind"], []),
        ("+ rain + heavy wind", ["rain", "heavy wind"], []),
        ('rain "tin roof" wind', ["rain", "tin roof", "wind"], []),
        ("rain “tin roof”", ["rain", "tin roof"], []),
        ("rain - light music", ["rain"], ["light music"]),
        ('rain - "light music" voices', ["rain"], ["light music", "voices"]),
        ("rain - music + wind", ["rain", "wind"], ["music"]),
        ("- music + rain", ["rain"], ["music"]),
        (["rain", "-", "music"], ["rain"], ["music"]),
        (["rain", "-", "light music"], ["rain"], ["light music"]),
        (["rain - music"], ["rain"], ["music"]),
        (["rain", "light music"], ["rain light music"], []),
        (["horse", "+", "stripes"], ["horse", "stripes"], []),
    ],
)
def test_a_sign_that_stands_alone_reaches_up_to_the_next_one(query, wanted, unwanted):
    assert heard(query) == (wanted, unwanted)


@pytest.mark.parametrize(
    ("query", "wanted", "unwanted"),
    [
        ("rain -music", ["rain"], ["music"]),
        ("rain -music on a roof", ["rain on a roof"], ["music"]),
        ("-music rain", ["rain"], ["music"]),
        ('rain -"light music" on a roof', ["rain on a roof"], ["light music"]),
        ("rain +wind on a roof", ["rain on a roof", "wind"], []),
        (["rain", "-music"], ["rain"], ["music"]),
        (["rain", "-light music", "on", "tin"], ["rain on tin"], ["light music"]),
        (["rain", "-light music - voices"], ["rain music"], ["light", "voices"]),
    ],
)
def test_a_sign_that_touches_a_word_takes_that_word_alone(query, wanted, unwanted):
    assert heard(query) == (wanted, unwanted)


@pytest.mark.parametrize(
    "words",
    ["lo-fi beat", "door-knock", "C++ compiler", "a -3dB hum", "A/B test", "note: rain at 3:30",
     "dog's bark", "rain -- thunder", "5:4 reed", 'a 12" single', "rain / wind", "user@home"],
)  # fmt: skip
def test_signs_within_words_are_part_of_them(words):
    assert heard(words) == ([words], [])


def test_nothing_in_quotes_is_special():
    assert heard('"a - b" + "in:x @y 2*z"') == (["a - b", "in:x @y 2*z"], [])


def test_a_weight_is_that_of_one_term():
    assert weights("2*rain on a roof + wind") == {"rain on a roof": 2.0, "wind": 1.0}
    assert weights('rain - 0.5*"light music"') == {"rain": 1.0, "light music": -0.5}
    assert weights("rain -3*music") == {"rain": 1.0, "music": -3.0}
    assert weights("rain .25*wind hail") == {"rain": 1.0, "wind hail": 0.25}
    assert weights("2 * rain + 3* wind") == {"rain": 2.0, "wind": 3.0}


def test_a_weight_may_be_written_with_a_colon():
    assert weights(["2:rain", "+", "0.5:heavy wind"]) == {"rain": 2.0, "heavy wind": 0.5}
    assert weights(["rain", "-", '2:"light music"']) == {"rain": 1.0, "light music": -2.0}


@pytest.mark.parametrize(
    ("query", "path", "start", "end"),
    [
        ("@door.wav", "door.wav", None, None),
        ("@door.wav@3-5.5", "door.wav", 3.0, 5.5),
        ("@talk.mp3@1:02:10-1:02:20.5", "talk.mp3", 3730.0, 3740.5),
        ("@door.wav@90-", "door.wav", 90.0, None),
        ("@door.wav@-1m30s", "door.wav", None, 90.0),
        ("@take@3-5", "take", 3.0, 5.0),
        ("@my file.wav", "my file.wav", None, None),
        ("@my file.wav@1:00-1:05", "my file.wav", 60.0, 65.0),
        ("@Rain - Roof.FLAC", "Rain - Roof.FLAC", None, None),
        ("@v1.02 final mix.wav", "v1.02 final mix.wav", None, None),
        ('@"odd name@1-2"', "odd name@1-2", None, None),
        ('@"odd  name"@1-2', "odd  name", 1.0, 2.0),
        ("@voice memo", "voice memo", None, None),
        ("./door.wav", "./door.wav", None, None),
        ("../a b.wav@1-2", "../a b.wav", 1.0, 2.0),
        ("/sfx/door.wav", "/sfx/door.wav", None, None),
        (r"C:\sfx\a door.wav", r"C:\sfx\a door.wav", None, None),
        ("@~odd.wav", "~odd.wav", None, None),
        ("@caf\udce9.wav", "caf\udce9.wav", None, None),
    ],
)
def test_an_example_is_a_file_or_a_part_of_it(query, path, start, end):
    (term,) = parse(query).wanted

    assert term == Term(1.0, "", Path(path), start, end)


def test_an_example_in_the_home_folder_is_found(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.setenv("USERPROFILE", "/home/ann")

    for query in ("@~/door.wav", "~/door.wav", '@"~/door.wav"'):
        (term,) = parse(query).wanted
        assert term.example == Path("/home/ann/door.wav")


@pytest.mark.parametrize(
    ("query", "wanted", "unwanted"),
    [
        ("@door.wav in a church", ["door.wav", "in a church"], []),
        ("@my file.wav@3-5 + church", ["my file.wav@3-5", "church"], []),
        (["@my file.wav", "church"], ["my file.wav", "church"], []),
        ("@voice memo - music", ["voice memo"], ["music"]),
        (["@voice memo", "church"], ["voice memo", "church"], []),
        ("rain - @music.wav", ["rain"], ["music.wav"]),
        ("rain -@light music.wav wind", ["rain wind"], ["light music.wav"]),
        ("@voice memo in:x rain", ["voice memo", "rain"], []),
    ],
)
def test_examples_and_words_may_be_put_together(query, wanted, unwanted):
    assert heard(query) == (wanted, unwanted)


def test_an_example_has_a_weight_too():
    assert parse("2*@door.wav").wanted == (Term(2.0, "", Path("door.wav")),)
    assert parse("2:./door.wav").wanted == (Term(2.0, "", Path("door.wav")),)
    assert parse("rain -2*@a.wav@1-2").unwanted == (Term(2.0, "", Path("a.wav"), 1.0, 2.0),)


def test_a_file_whose_name_ends_like_a_part_is_meant_as_a_whole_if_it_is_there(tmp_path):
    odd = tmp_path / "take@3-5"

    assert example(str(odd)) == (tmp_path / "take", 3.0, 5.0)
    odd.write_bytes(b"")
    assert example(str(odd)) == (odd, None, None)
    assert example("a b.wav") == (Path("a b.wav"), None, None)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("rain in:field", Filter(folders=("field",))),
        ('in:"my field" rain', Filter(folders=("my field",))),
        (["rain", "in:Field Recordings - old"], Filter(folders=("Field Recordings - old",))),
        ("rain in:a in:b/c", Filter(folders=("a", "b/c"))),
        (r"rain in:C:\sfx", Filter(folders=(r"C:\sfx",))),
        ('rain tag:night tag:"hand held"', Filter(tags=("night", "hand held"))),
        ("rain ucs:AMBRain ucs:door", Filter(ucs=("AMBRain", "door"))),
        ("rain longer:5s shorter:1:30", Filter(longer=5.0, shorter=90.0)),
        ("rain longer:1h30m longer:2m", Filter(longer=5400.0)),
        ("rain shorter:500ms shorter:2", Filter(shorter=0.5)),
        ("rain newer:7d", Filter(newer=NOW - 7 * 86_400)),
        ("rain newer:12h newer:2w", Filter(newer=NOW - 12 * 3600)),
        ("rain newer:1y", Filter(newer=NOW - 365 * 86_400)),
        ("rain newer:999y", Filter(newer=0.0)),
        ("rain + in:x", Filter(folders=("x",))),
        (["in:a IN:b rain", "longer:5s"], Filter(folders=("a", "b"), longer=5.0)),
    ],
)
def test_a_filter_says_which_recordings_are_let_through(query, wanted):
    assert only_filter(query) == wanted


@pytest.mark.parametrize(
    ("text", "date"),
    [("2024-03-09", (2024, 3, 9)), ("2024-03", (2024, 3, 1)), ("2024", (2024, 1, 1))],
)
def test_a_date_begins_at_midnight_where_the_person_is(text, date):
    assert only_filter(f"rain newer:{text}").newer == datetime(*date).timestamp()


def test_a_path_from_here_is_told_in_full(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.setenv("USERPROFILE", "/home/ann")

    assert only_filter("rain in:./field/").folders == (str(tmp_path / "field"),)
    assert only_filter("rain in:.").folders == (str(tmp_path),)
    assert only_filter("rain in:~/sfx").folders == ("/home/ann/sfx",)
    assert only_filter("rain in:.../x").folders == (".../x",)


def test_a_filter_stands_outside_of_the_sentence():
    assert heard("rain in:field on a roof - music longer:5s box") == (
        ["rain on a roof"],
        ["music box"],
    )


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("", "the query is empty"),
        ([], "the query is empty"),
        ('""', "'' has no words"),
        ("?!", "'?!' has no words"),
        ("in:field longer:5s", "filters alone find no sound"),
        ("- music", "only what should not be heard is said: 'music'"),
        ("-@a.wav in:x", "only what should not be heard is said: 'a.wav'"),
        ("rain -", "nothing stands after -"),
        ("rain - - music", "nothing stands after -"),
        ("rain + - music", "nothing stands after +"),
        (["2*", "+", "rain"], "nothing stands after 2*"),
        ("2*3*rain", "nothing stands after 2*"),
        ("rain 2*in:x", "nothing stands after 2*"),
        ("0*rain", "a weight of 0"),
        ("9" * 400 + "*rain", "a weight of 999"),
        ('rain - "light music', 'a quote is opened and not closed: "light music'),
        ("rain -in:x", "filters cannot be turned round: -in:"),
        ("rain - in:x", "filters cannot be turned round: -in:"),
        ("rain in:", "nothing stands behind in:"),
        ("rain in: field", "nothing stands behind in:"),
        ("rain in:/", "in:/ cannot be read"),
        ("rain tag:--", "tag:-- cannot be read"),
        ("rain ucs:AMB_", "ucs:AMB_ cannot be read"),
        ("rain longer:soon", "longer:soon cannot be read"),
        ("rain shorter:1:90", "shorter:1:90 cannot be read"),
        ("rain newer:yesterday", "newer:yesterday cannot be read"),
        ("rain newer:2024-13-01", "newer:2024-13-01 cannot be read"),
        ("rain newer:2999", "newer:2999 lies in the future"),
        ("rain longer:5m shorter:2m", "nothing is longer than 300 s and shorter than 120 s"),
        ("@a.wav@5-3", "'5-3' is no stretch of time"),
        ("@a.wav@1:75-2:00", "'1:75-2:00' is no stretch of time"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_two_lines(query, problem):
    with pytest.raises(UsageError) as refused:
        parse(query, now=NOW)

    said = str(refused.value).split("\n")
    assert len(said) == 2
    assert said[0].startswith(problem)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90.0), (".5", 0.5), ("1.5s", 1.5), ("2 min", 120.0), ("1h2m3s", 3723.0),
     ("500MS", 0.5), ("1:02.5", 62.5), ("75:00", 4500.0), ("1:02:03", 3723.0),
     ("", None), ("x", None), ("1:60", None), ("1:60:00", None), ("5 apples", None)],
)  # fmt: skip
def test_times_are_read_as_people_write_them(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("span", [(None, None), (3.0, 5.5), (62.125, None), (None, 0.25)])
def test_a_stretch_that_is_written_is_read_as_the_same(span):
    assert span_of(span_text(*span).removeprefix("@")) == span


@given(st.lists(st.text(alphabet=st.sampled_from('ab -+*:@"/.3 in:tag:newer:7d\\~\x1f\n'))))
def test_any_text_is_a_plan_or_two_lines(arguments):
    try:
        plan = parse(arguments, now=NOW)
    except UsageError as error:
        assert str(error).count("\n") == 1  # noqa: PT017 - most texts are plans
    else:
        assert all(term.words or term.example for term in plan.wanted + plan.unwanted)


@given(st.lists(st.sampled_from(["rain", "on", "lo-fi", "C++", "ünder", "3:30"]), min_size=1))
def test_words_without_signs_are_themselves(words):
    assert heard(words) == ([" ".join(words)], [])
    assert heard(" ".join(words)) == ([" ".join(words)], [])
