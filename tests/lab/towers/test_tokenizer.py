"""Word pieces: nothing is unknown, nothing a person types is special, a file says it all."""

import random

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import DataError, UsageError
from earmark.lab.towers.tokenizer import (
    END,
    PAD,
    START,
    encode,
    read_tokenizer,
    train_tokenizer,
)

SENTENCES = [
    "a dog barks twice in the distance",
    "rain falls on a tin roof",
    "the dog barks while rain falls",
    "a car passes on the wet road in the rain",
    "someone hammers on the tin roof in the distance",
] * 3


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(SENTENCES, vocabulary=320, longest=12)


def pieces(tokenizer, sentence):
    """The word pieces between START and END; Ġ is a blank."""
    return tokenizer.encode(sentence).tokens[1:-1]


def test_common_words_are_one_piece(tokenizer):
    assert pieces(tokenizer, "rain on the roof") == ["Ġrain", "Ġon", "Ġthe", "Ġroof"]


def test_a_sentence_stands_between_start_and_end(tokenizer):
    ids = tokenizer.encode("rain").ids

    assert ids == [START, tokenizer.token_to_id("Ġrain"), END]
    assert (PAD, START, END) == (0, 1, 2)


@pytest.mark.parametrize(
    "same", ["RAIN On the ROOF", " rain \t on\n the  roof ", "ｒａｉｎ on the roof"]
)
def test_letters_are_small_and_blanks_are_one(tokenizer, same):
    assert tokenizer.encode(same).ids == tokenizer.encode("rain on the roof").ids


@pytest.mark.parametrize(
    "text", ["zażółć", "雨の音", "🐕 barks", "\x00\x07", "qwxz 0xdead~`", '!"#$']
)
def test_nothing_is_unknown(text):
    tokenizer = train_tokenizer(SENTENCES, vocabulary=320)

    ids = tokenizer.encode(text).ids[1:-1]

    assert tokenizer.decode(ids).strip() == text
    assert min(ids) > END


@pytest.mark.parametrize("name", ["<PAD>", "<END> rain", "<start>", "rain<PAD>"])
def test_nobody_can_write_a_special_piece(tokenizer, name):
    assert min(tokenizer.encode(name).ids[1:-1]) > END


def test_the_vocabulary_is_no_larger_than_asked_and_may_be_smaller(tokenizer):
    assert tokenizer.get_vocab_size() == 320
    assert 259 < train_tokenizer(["rain rain"], vocabulary=5_000).get_vocab_size() < 270


def test_what_is_too_long_loses_its_last_words_but_not_its_end(tokenizer):
    short = "the rain falls on the tin roof in the"  # nine pieces, and the two around them
    ids = tokenizer.encode(f"{short} distance on the wet road").ids

    assert ids == [*tokenizer.encode(f"{short} distance").ids[:11], END]
    assert len(ids) == 12


def test_a_batch_is_as_long_as_its_longest(tokenizer):
    ids, mask = encode(tokenizer, ["rain", "rain on the roof", ""])

    assert ids.dtype == torch.int64
    assert mask.dtype == torch.bool
    assert mask.sum(dim=1).tolist() == [3, 6, 2]
    assert ids[0].tolist() == [*tokenizer.encode("rain").ids, PAD, PAD, PAD]
    assert ids[1].tolist() == tokenizer.encode("rain on the roof").ids
    assert ids[2, :2].tolist() == [START, END]


def test_a_batch_of_no_sentences_is_empty(tokenizer):
    ids, mask = encode(tokenizer, [])

    assert ids.shape == mask.shape == (0, 0)
    assert ids.dtype == torch.int64


def test_a_saved_one_reads_the_same(tokenizer, tmp_path):
    path = tmp_path / "tokenizer.json"
    path.write_text(tokenizer.to_str(), encoding="utf-8")

    again = read_tokenizer(path)

    texts = ["A dog barks", "雨 on the tin roof and the wet road in the distance", "<END>"]
    assert [again.encode(text).ids for text in texts] == [tokenizer.encode(t).ids for t in texts]
    assert again.to_str() == tokenizer.to_str()


def test_the_order_of_sentences_does_not_matter(tokenizer):
    mixed = SENTENCES.copy()
    random.Random(2).shuffle(mixed)

    assert train_tokenizer(mixed, vocabulary=320, longest=12).to_str() == tokenizer.to_str()


@pytest.mark.parametrize("content", [b"no JSON", b"{}", b"\xff\xfe"])
def test_a_broken_file_is_named(tmp_path, content):
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)

    with pytest.raises(DataError, match=r"tokenizer.json is no tokenizer"):
        read_tokenizer(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"not-there.json is no tokenizer"):
        read_tokenizer(tmp_path / "not-there.json")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"vocabulary": 258}, "a vocabulary of 258 word pieces cannot hold every byte"),
        ({"longest": 2}, "sentences of at most 2 word pieces hold no word"),
    ],
)
def test_impossible_settings_are_refused(settings, problem):
    with pytest.raises(UsageError) as error:
        train_tokenizer(SENTENCES, **settings)

    assert error.value.problem == problem
    assert error.value.hint
