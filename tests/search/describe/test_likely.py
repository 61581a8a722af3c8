"""How likely a word is at a moment, by numbers that were worked out by hand."""

import numpy as np
import pytest

from earmark.search.describe import likely as module
from earmark.search.describe.likely import Odds, likely, scores, steps
from search.describe.words import asked, heard

ONE, TWO = np.eye(4)[0], np.eye(4)[1]
NEAR_ALONE = Odds(base=0.0, near=1.0, wide=0.0, usual=0.0, spread=0.0, broad=0.0)


def both(what, seconds, words=None):
    parts = scores(what, seconds, (words or asked()).vectors)
    return [np.concatenate(some) for some in zip(*parts, strict=True)][:2]


def log_odds(found):
    return np.log(found / (1 - found.astype(np.float64)))


@pytest.mark.parametrize(
    ("seconds", "wanted"),
    [(2.0, [0.25, 0.75, 1.25, 1.75]), (1.2, [0.25, 0.75]), (0.1, [0.25])],
)
def test_a_moment_stands_every_half_second_and_one_in_the_shortest_sound(seconds, wanted):
    assert steps(seconds).tolist() == wanted


def test_what_is_near_and_what_is_about_are_means_by_distance():
    near, wide = both(heard((1.0, ONE), (1.0, TWO)), 2.0)

    # Tokens are at 0.25, 0.75, 1.25 and 1.75 s. For the moment 0.75 the near ones weigh 0.5, 1 and
    # 0.5: 1.5 of the first word and 0.5 of the second; at length sqrt(1.5^2 + 0.5^2).
    np.testing.assert_allclose(near[1, :2], np.array([1.5, 0.5]) / np.sqrt(2.5), rtol=1e-6)
    # About it, of 10 s, 0.95 + 1 against 0.95 + 0.9.
    np.testing.assert_allclose(wide[1, :2], np.array([1.95, 1.85]) / np.hypot(1.95, 1.85))


def test_tokens_count_by_their_weights():
    near, _ = both(heard((0.5, ONE), (0.5, TWO), weights=np.array([3, 1], np.float32)), 1.0)

    # At 0.25 s the first weighs 3, the second, half a second away, 0.5.
    np.testing.assert_allclose(near[0, :2], np.array([3, 0.5]) / np.hypot(3, 0.5), rtol=1e-6)


def test_odds_put_every_number_to_its_own_use():
    odds = Odds(base=0.1, near=0.2, wide=0.1, usual=-1.0, spread=-3.0, broad=0.7)
    words = asked(means=(0.1, 0.3, 0.2, 0.2), spreads=(0.05, 0.15, 0.1, 0.1), narrower=(0, 6, 0, 0))

    near, wide = np.array([[1.0, 0.0, 0.0, 0.0]]), np.array([[0.5, 0.3, 0.0, 0.0]])

    found = log_odds(module.odds_to_likely(near, wide, words, odds))

    # The middle is 0.2 and the unit 0.1. First word: its scores lie 8 and 3 units above, its mean
    # one below, its spread is half a unit. Second word: -2 and 1 units, 1 above, 1.5 units.
    first = 0.1 + 0.2 * 8 + 0.1 * 3 + 1.0 - 3.0 * 0.5
    second = 0.1 - 0.2 * 2 + 0.1 * 1 - 1.0 - 3.0 * 1.5 + 0.7 * np.log(7)
    np.testing.assert_allclose(found[0, :2], [first, second], rtol=1e-5)


def test_nothing_is_likely_where_nothing_is_heard():
    found = likely(heard((1.0, ONE), (3.0, None), (1.0, ONE)), 5.0, asked(), NEAR_ALONE)

    # Half a second beside a sound is silent already: its last token is at 0.75 s.
    assert (found[:3, 0] > 0.5).sum() == 2
    assert found[2:8].max() < 1e-9


def test_a_silent_recording_is_all_unlikely():
    assert likely(heard((3.0, None)), 3.0, asked(), NEAR_ALONE).max() < 1e-9


def test_blocks_change_nothing(monkeypatch):
    what = heard((7.0, ONE), (9.0, TWO), (4.0, None), (5.0, ONE))
    whole = likely(what, 25.0, asked())

    monkeypatch.setattr(module, "BLOCK", 7)

    np.testing.assert_allclose(likely(what, 25.0, asked()), whole, rtol=1e-5)


def test_a_model_with_other_scores_is_told_alike():
    plain = asked(means=(0.1, 0.3, 0.2, 0.2), spreads=(0.05, 0.15, 0.1, 0.1))
    near, wide = both(heard((1.0, ONE), (1.0, TWO)), 2.0)
    other = asked(means=plain.means / 2 + 3, spreads=plain.spreads / 2)

    as_it_is = module.odds_to_likely(near, wide, plain, module.ODDS)
    halved = module.odds_to_likely(near / 2 + 3, wide / 2 + 3, other, module.ODDS)

    np.testing.assert_allclose(halved, as_it_is, rtol=1e-4)
