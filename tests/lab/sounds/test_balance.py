import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.experts import Heard
from earmark.lab.sides import Stream
from earmark.lab.sounds.balance import SPREAD, WINDOW, heard_in, weights
from lab.sounds.made import RATE, spool_of

torch.set_num_threads(1)


class Loud:
    """Hears the mean of a window's samples, and the window's length in its second class."""

    rate = RATE
    names = ("mean", "sounds")

    def __init__(self):
        self.batches = []

    def hear(self, waves):
        self.batches.append(tuple(waves.shape))
        heard = torch.stack([waves.abs().amax(1), (waves != 0).float().mean(1)], dim=1)
        tokens = torch.zeros(len(waves), 1, 1)
        return Heard(heard, tokens[:, 0], Stream(tokens, tokens[..., 0] > -1))


def level(seconds, value):
    return np.full(round(seconds * RATE), value, np.float32)


def test_of_every_sound_the_most_over_its_windows_is_heard(tmp_path):
    # A short sound fills half of a window; of the long one the second window is the loud one, and
    # what is left behind the third, less than half a window, is not heard.
    long = np.concatenate([level(WINDOW, 0.1), level(2 * WINDOW, 0.3), level(2.5, 0.9)])
    sounds = spool_of(tmp_path, level(WINDOW / 2, 0.5), long)
    expert = Loud()

    scores = heard_in(sounds, expert, tmp_path / "h.npy")

    np.testing.assert_allclose(scores, [[0.9, 0.5], [0.3, 1.0]], atol=1e-3)
    assert expert.batches == [(4, round(WINDOW * RATE))]


def test_more_than_half_a_window_at_the_end_is_heard(tmp_path):
    sounds = spool_of(tmp_path, np.concatenate([level(WINDOW, 0.1), level(2.6, 0.9)]))

    assert heard_in(sounds, Loud(), tmp_path / "h.npy")[0, 0] == pytest.approx(0.9, abs=1e-3)


def test_what_was_heard_is_kept_and_not_heard_again(tmp_path):
    sounds, expert = spool_of(tmp_path, level(1, 0.5)), Loud()
    first = heard_in(sounds, expert, tmp_path / "new" / "h.npy")

    np.testing.assert_array_equal(heard_in(sounds, expert, tmp_path / "new" / "h.npy"), first)
    assert len(expert.batches) == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["h.npy"]


def test_what_was_kept_of_other_sounds_does_not_count(tmp_path):
    sounds = spool_of(tmp_path, level(1, 0.5), level(1, 0.7))
    for odd in (np.zeros((3, 2), np.float32), np.zeros((2, 5), np.float32)):
        np.save(tmp_path / "h.npy", odd)

        assert heard_in(sounds, Loud(), tmp_path / "h.npy").shape == (2, 2)


def test_rare_sounds_weigh_more_by_hand():
    scores = np.array([[0.8, 0.0], [0.8, 0.1], [0.0, 0.4]], np.float32)

    # 1.6 and 0.5 of the classes are expected: 0.8 / 1.6^0.75 = 0.562, 0.4 / 0.5^0.75 = 0.673.
    np.testing.assert_allclose(weights(scores), [0.5623, 0.5623, 0.6727], atol=1e-4)


def test_no_sound_weighs_more_than_so_many_times_another():
    scores = np.full((101, 1), 0.5, np.float32)
    scores[0], scores[1] = 1e-6, 1.0
    scores = np.pad(scores, ((0, 0), (0, 1)))
    scores[2] = (0.0, 1e-7)  # the only one of its class

    found = weights(scores)

    assert found.max() / found.min() <= SPREAD * (1 + 1e-6)
    assert found[0] == found.min()
