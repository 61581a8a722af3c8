"""Frozen towers: what they give, where it lies in time, and that it is worked out once."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import DataError, EarmarkError
from earmark.lab.experts import Heard
from earmark.lab.features import kept
from earmark.lab.features.kept import Few, Sounds, heard, told
from earmark.lab.features.readers import in_order, open_reader
from earmark.lab.features.towers import ExpertTower, Tokens, open_tower
from earmark.lab.sides import Stream

RATE = 1_000


class Steps:
    """An expert with a token for every half second: the mean of what it hears there."""

    rate, names = RATE, ()

    def hear(self, waves):
        tokens = waves.unfold(1, 500, 500).mean(dim=2)[..., None]
        real = torch.ones(tokens.shape[:2], dtype=torch.bool)
        return Heard(None, tokens.mean(dim=1), Stream(tokens, real))


def tower():
    return ExpertTower("steps", "a", Steps())


def test_tokens_of_an_expert_lie_where_they_were_heard():
    wave = np.repeat(np.array([0.5, 0.25, 0.125], np.float32), 500)

    found = tower().hear(wave)

    assert found.x[:, 0].tolist() == pytest.approx([0.5, 0.25, 0.125])
    assert found.middle.tolist() == pytest.approx([0.25, 0.75, 1.25], abs=0.03)


def test_a_click_has_a_token_too():
    found = tower().hear(np.full(20, 0.5, np.float32))

    assert len(found.x) == 1


def test_a_long_wave_is_heard_in_stretches_and_no_part_of_it_is_lost():
    rng = np.random.default_rng(1)
    wave = (0.1 * rng.standard_normal(60 * RATE)).astype(np.float32)

    found = tower().hear(wave)

    assert np.diff(found.middle).min() > 0
    assert np.diff(found.middle).max() < 1.1
    assert found.middle[-1] > 59


def test_the_packaged_bundle_is_a_tower_for_both_sides(tmp_path):
    ears, words = open_tower("earmark-small", tmp_path), open_reader("earmark-small")
    rng = np.random.default_rng(1)

    found = ears.hear((0.1 * rng.standard_normal(2 * ears.rate)).astype(np.float32))
    said = words.read("a dog barking")

    assert found.x.shape[1] == said.x.shape[1]
    assert found.middle.max() < 2
    assert len(said.x) > 2


@pytest.mark.parametrize("name", ["efficientat_mn04", "yamnet"])
def test_an_expert_that_is_not_there_is_named_with_its_place(tmp_path, name):
    with pytest.raises(DataError, match="missing") as error:
        open_tower(name, tmp_path)

    assert str(tmp_path) in str(error.value)


def test_a_tower_that_nobody_knows_is_refused(tmp_path):
    with pytest.raises(EarmarkError, match="earmark-smal"):
        open_tower("earmark-smal", tmp_path)


def sounds(key="k", count=3):
    heard_again = []

    def wave(number, rate):
        heard_again.append(number)
        return np.full((number + 1) * 500, 0.25, np.float32)

    waves = [lambda rate, number=number: wave(number, rate) for number in range(count)]
    return Sounds(waves=waves, key=key), heard_again


def nothing(share):
    pass


def test_what_was_heard_is_kept_and_not_heard_again(tmp_path):
    few = Few(most=4)
    first = heard(sounds()[0], tower(), few, tmp_path, nothing)
    again, listened = sounds()
    second = heard(again, tower(), few, tmp_path, nothing)

    np.testing.assert_array_equal(first.kept.tokens, second.kept.tokens)
    assert listened == []
    assert (first.kept.weights > 0).sum(axis=1).tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("key", "few", "of"),
    [
        ("other", Few(most=4), "a"),
        ("k", Few(most=3), "a"),
        ("k", Few(most=4, cut="windows"), "a"),
        ("k", Few(most=4), "b"),
    ],
)
def test_other_sounds_towers_and_rules_are_kept_apart(tmp_path, key, few, of):
    heard(sounds()[0], tower(), Few(most=4), tmp_path, nothing)
    other, listened = sounds(key)

    heard(other, ExpertTower("steps", of, Steps()), few, tmp_path, nothing)

    assert listened == [0, 0, 1, 2]


def test_a_token_that_hardly_counts_stays():
    stream = kept._padded([Tokens(np.ones((2, 1)), np.array([1, 1e-9]), np.zeros(2))], 4)

    assert stream.real.tolist() == [[True, True, False, False]]


def test_sentences_are_read_once_and_cut_at_the_most(tmp_path):
    class Letters:
        name, key = "letters", "x"

        def read(self, sentence):
            return in_order(np.array([[ord(letter)] for letter in sentence], np.float32))

    found = told(["ab", "cdefg"], Letters(), 3, tmp_path, nothing)

    assert found.kept.tokens[:, :, 0].tolist() == [[97, 98, 0], [99, 100, 101]]
    assert (found.kept.weights > 0).tolist() == [[True, True, False], [True, True, True]]
