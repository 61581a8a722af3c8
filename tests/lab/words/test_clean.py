import pytest

from earmark.lab.words.clean import as_words, clean, first_sentence, is_sentence, is_short


def test_blanks_are_collapsed_and_nothing_comes_twice_however_it_is_capitalised():
    texts = ["Rain\n on  a roof", "", "  ", "a dog", "rain on a ROOF", "A dog", "wind"]

    assert clean(texts) == ["Rain on a roof", "a dog", "wind"]


@pytest.mark.parametrize("text", ["kick_04b", "F-16", "4f2a9c", "1", "x", "B3 C4", "!?", "R2 d2"])
def test_machine_identifiers_are_no_sentences(text):
    assert not is_sentence(text)


@pytest.mark.parametrize(
    "text", ["rain", "rain.", "Bow-wow", "don't", "an F-16 flies by", "(applause)", "3 dogs", "ÖL"]
)
def test_one_word_makes_a_sentence(text):
    assert is_sentence(text)


@pytest.mark.parametrize(("count", "kept"), [(60, True), (61, False)])
def test_sentences_of_more_than_sixty_words_are_left_out(count, kept):
    assert is_sentence(" ".join(["rain"] * count)) == kept


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Rain falls. It is heavy.", "Rain falls."),
        ("Rain falls", "Rain falls"),
        ("Is it rain? Yes.", "Is it rain?"),
        ("Machines (e.g. The press) at work. Loud.", "Machines (e.g. The press) at work."),
        ("Rain of 3.5 mm. Then wind.", "Rain of 3.5 mm."),
        ('See <a href="x">the\nbell</a>. Ring it.', "See the bell."),
    ],
)
def test_a_description_is_cut_after_its_first_sentence(text, first):
    assert first_sentence(text) == first


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("02_doorSlam-b3.wav", "door Slam"),
        ("Paper_Parchment_Rustling", "Paper Parchment Rustling"),
        ("Clap5", ""),
        ("wind, strong (2011).AIFF", "wind strong"),
        ("car.wave", "car wave"),
        ("USA flag", "USA flag"),
    ],
)
def test_a_title_becomes_words(title, words):
    assert as_words(title) == words


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("a small bell", True),
        (" ".join(["bell"] * 25), True),
        (" ".join(["bell"] * 26), False),
        ("more at http://example.org", False),
        ("see www.example.org", False),
    ],
)
def test_a_short_description_points_nowhere_else(text, short):
    assert is_short(text) == short
