import numpy as np
import pytest

from earmark.data.split import is_dev
from earmark.errors import DataError, UsageError
from earmark.lab.words import corpus
from earmark.lab.words.corpus import gather, open_corpus


class Teacher:
    """Gives each sentence its number of letters, and keeps what it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, sentences):
        self.asked.append(sentences)
        return np.array([[len(text), text.count("a")] for text in sentences], np.float32)


@pytest.fixture
def teacher():
    return Teacher()


def test_each_sentence_has_its_own_meaning(teacher, tmp_path):
    found = open_corpus([["rain", "a cat"], ["banana"]], "t", teacher, tmp_path)

    assert found.sentences == ("rain", "a cat", "banana")
    assert found.meanings.tolist() == [[4, 1], [5, 2], [6, 3]]
    assert found.meanings.dtype == np.float16


def test_a_sentence_of_two_sources_counts_once_with_the_meaning_of_the_first(teacher, tmp_path):
    found = open_corpus([["rain"], ["RAIN", "aa", "Rain", "b"]], "t", teacher, tmp_path)

    assert found.sentences == ("rain", "aa", "b")
    assert found.meanings.tolist() == [[4, 1], [2, 2], [1, 0]]


def test_the_teacher_is_asked_once(teacher, tmp_path):
    first = open_corpus([["rain", "wind"]], "t", teacher, tmp_path / "new")
    second = open_corpus([["rain", "wind"]], "t", teacher, tmp_path / "new")

    assert teacher.asked == [["rain", "wind"]]
    assert first.key == second.key
    assert second.meanings.tolist() == first.meanings.tolist()


def test_one_more_source_costs_its_own_sentences_alone(teacher, tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "BLOCK", 2)
    open_corpus([["a", "b", "c"]], "t", teacher, tmp_path)
    teacher.asked.clear()

    found = open_corpus([["dd"], ["a", "b", "c"]], "t", teacher, tmp_path)

    assert teacher.asked == [["dd"]]
    assert found.meanings[:, 0].tolist() == [2, 1, 1, 1]


@pytest.mark.parametrize(
    ("sentences", "name"),
    [(["rain", "winds"], "t"), (["wind", "rain"], "t"), (["rain", "wind"], "u")],
)
def test_other_sentences_another_order_or_another_teacher_have_another_key(
    sentences, name, teacher, tmp_path
):
    plain = open_corpus([["rain", "wind"]], "t", teacher, tmp_path)

    assert open_corpus([sentences], name, teacher, tmp_path).key != plain.key
    assert len(teacher.asked) == 2


def test_a_tenth_is_dev_and_nothing_is_on_both_sides(teacher, tmp_path):
    texts = [f"sound number {n}" for n in range(2000)]

    found = open_corpus([texts], "t", teacher, tmp_path)

    assert 150 < len(found.dev) < 250
    assert sorted([*found.dev, *found.train]) == list(range(2000))
    assert [n for n in range(2000) if is_dev(texts[n])] == found.dev.tolist()


def test_sentences_that_differ_in_punctuation_alone_are_on_one_side(teacher, tmp_path):
    texts = [f"Sound number {n}{end}" for n in range(200) for end in ("", ".", " !")]

    found = open_corpus([texts], "t", teacher, tmp_path)

    assert {number // 3 for number in found.dev}.isdisjoint(number // 3 for number in found.train)


def test_every_word_is_known_in_small_letters(teacher, tmp_path):
    assert open_corpus([["A dog", "rain"]], "t", teacher, tmp_path).words == {"a", "dog", "rain"}


def test_sources_come_in_the_order_of_the_recipe_and_clips_are_its_own(tmp_path):
    parts = gather(["kinds", "clips"], tmp_path, lambda: ["rain  falls", "Rain falls"])

    assert "dog bark" in parts[0]
    assert parts[1] == ["rain falls"]


def test_clips_are_not_read_unless_they_are_asked_for(tmp_path):
    def never():
        raise AssertionError

    assert len(gather(["kinds"], tmp_path, never)) == 1


def test_a_recipe_without_sentences_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no sentences"):
        gather([], tmp_path, list)


def test_a_source_that_gives_nothing_is_refused_by_name(tmp_path):
    with pytest.raises(DataError, match="'clips' gave no sentence"):
        gather(["kinds", "clips"], tmp_path, list)
