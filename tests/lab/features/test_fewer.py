"""Many tokens to few: which pieces there are, and what each of them is the mean of."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.audio.chunk import Stretch
from earmark.lab.features.fewer import CUTS, even, fewer
from earmark.lab.features.towers import Tokens

RATE = 100


def tokens(*rows):
    """Tokens of one number: (what it says, what it counts, its middle in seconds)."""
    x, weight, middle = np.array(rows, np.float32).T
    return Tokens(x[:, None], weight, middle)


FOUR = tokens((2, 1, 0.5), (6, 3, 1.5), (10, 1, 2.5), (30, 2, 3.5))


def test_a_piece_has_the_weighted_mean_of_its_tokens():
    few = fewer(FOUR, [Stretch(0, 200), Stretch(200, 400)], RATE)

    # (2 + 3 x 6) / 4 and (10 + 2 x 30) / 3
    assert few.x[:, 0].tolist() == pytest.approx([5, 70 / 3])
    assert few.weight.tolist() == pytest.approx([4, 3])
    assert few.middle.tolist() == pytest.approx([1, 3])


def test_a_piece_without_a_token_is_left_out():
    few = fewer(FOUR, [Stretch(0, 40), Stretch(40, 60), Stretch(100, 200)], RATE)

    assert few.x[:, 0].tolist() == pytest.approx([2, 6])


def test_where_no_piece_has_one_the_nearest_is_taken():
    few = fewer(FOUR, [Stretch(0, 10), Stretch(160, 170)], RATE)

    assert few.x[:, 0].tolist() == pytest.approx([6])


def test_tokens_that_count_nothing_have_a_plain_mean():
    few = fewer(tokens((2, 0, 0.5), (4, 0, 0.7)), [Stretch(0, 100)], RATE)

    assert few.x[0, 0] == pytest.approx(3)


def test_even_pieces_cover_everything_and_are_of_one_length():
    pieces = even(np.zeros(1000, np.float32), RATE, 4)

    edges = [(one.start, one.stop) for one in pieces]
    assert edges == [(0, 250), (250, 500), (500, 750), (750, 1000)]


def test_a_wave_of_three_samples_has_three_pieces_at_most():
    assert len(even(np.zeros(3, np.float32), RATE, 32)) == 3


@pytest.mark.parametrize("name", CUTS)
@pytest.mark.parametrize("seconds", [0.2, 7, 400])
def test_every_cut_gives_some_pieces_in_order_and_never_too_many(name, seconds):
    rng = np.random.default_rng(3)
    wave = (0.1 * rng.standard_normal(round(seconds * 1000))).astype(np.float32)

    pieces = CUTS[name](wave, 1000, 16)

    assert 1 <= len(pieces) <= 16
    starts = [one.start for one in pieces]
    assert starts == sorted(starts)
    assert all(0 <= one.start < one.stop <= len(wave) for one in pieces)


def test_silence_between_two_sounds_is_in_no_chunk():
    rng = np.random.default_rng(3)
    loud = 0.3 * rng.standard_normal(32_000)
    wave = np.concatenate([loud, np.zeros(96_000), loud]).astype(np.float32)

    pieces = CUTS["silence"](wave, 16_000, 16)

    assert all(one.stop < 40_000 or one.start > 120_000 for one in pieces)
    assert len(pieces) >= 2
