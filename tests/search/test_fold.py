"""Copies of one sound are told from other takes, by hand and by the packaged model."""

import numpy as np
import pytest

from earmark import Model
from earmark.audio.write import write
from earmark.search.fold import Sketch, is_near_copy, likeness
from earmark.synth import RATE, make

RNG = np.random.default_rng(8)
WALK = RNG.standard_normal((8, 16)).astype(np.float32) + 3  # one that changes


def sketch(vectors, *, seconds=None, first=0.0):
    vectors = np.array(vectors, np.float32)
    starts = first + 2.5 * np.arange(len(vectors))
    times = np.stack([starts, starts + 5.0], axis=1)
    return Sketch(float(times[-1, 1]) if seconds is None else seconds, vectors, times)


def at_angle(cosine):
    """One moment that has this cosine with [1, 0]."""
    return [[cosine, np.sqrt(1 - cosine**2)]]


def test_agreement_and_change_by_hand():
    agreement, change = likeness(
        np.array([(1, 0), (0, 3)], np.float32), np.array([(2, 0), (0.6, 0.8)], np.float32)
    )

    # Away from the means: (.5, -.5), (-.5, .5) and (.2, -.4), (-.2, .4).
    assert agreement == pytest.approx((1 + 0.8) / 2)
    assert change == pytest.approx(0.3 / np.sqrt(0.5 * 0.2))


def test_what_does_not_change_has_no_change():
    assert likeness(np.ones((3, 4), np.float32), np.ones((3, 4), np.float32)) == (
        pytest.approx(1),
        None,
    )
    assert likeness(np.ones((1, 4), np.float32), WALK[:1, :4])[1] is None


def test_a_sound_is_a_copy_of_itself():
    assert is_near_copy(sketch(WALK), sketch(WALK))


def test_a_copy_may_be_a_little_off():
    noise = 0.1 * RNG.standard_normal(WALK.shape)

    assert is_near_copy(sketch(WALK), sketch(2 * (WALK + noise)))


def test_what_agrees_but_changes_otherwise_is_another_take():
    other = WALK[::-1]

    assert likeness(WALK, other)[0] > 0.9
    assert not is_near_copy(sketch(WALK), sketch(other))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (22.5, 22.79, True),
        (22.5, 22.82, False),  # more than 0.3 s and more than 1 %
        (90.0, 90.9, True),
        (90.0, 91.0, False),
        (5.0, 22.5, False),
    ],
)
def test_copies_last_equally_long(one, other, expected):
    assert is_near_copy(sketch(WALK, seconds=one), sketch(WALK, seconds=other)) is expected


def test_a_last_moment_that_only_one_has_does_not_matter():
    assert is_near_copy(sketch(WALK, seconds=22.5), sketch(WALK[:-1], seconds=22.49))


def test_moments_at_other_times_are_not_compared():
    assert not is_near_copy(sketch(WALK), sketch(WALK, first=1.0, seconds=22.5))


def test_moments_are_compared_by_their_times():
    kept = [0, 1, 2, 4, 5, 6, 7]  # one is left out where a copy has digital silence
    whole = sketch(WALK)
    gappy = Sketch(22.5, WALK[kept], whole.times[kept])

    assert is_near_copy(whole, gappy)
    assert is_near_copy(gappy, whole)


@pytest.mark.parametrize(("cosine", "expected"), [(0.995, True), (0.985, False)])
def test_sounds_of_one_moment_must_agree_closely(cosine, expected):
    one, other = sketch(at_angle(1.0), seconds=2.0), sketch(at_angle(cosine), seconds=2.05)

    assert is_near_copy(one, other) is expected


def test_sounds_of_one_moment_must_last_equally_long_within_a_frame():
    assert not is_near_copy(sketch([[1, 0]], seconds=2.0), sketch([[1, 0]], seconds=2.1))


@pytest.mark.parametrize(("cosine", "expected"), [(0.995, True), (0.985, False)])
def test_what_never_changes_must_agree_closely(cosine, expected):
    one, other = sketch(at_angle(1.0) * 6), sketch(at_angle(cosine) * 6)

    assert is_near_copy(one, other) is expected


def test_the_packaged_model_folds_a_soft_mp3_of_a_sound_and_nothing_else(tmp_path):
    model = Model.load()
    waves = {
        "dog.wav": make("dog_bark", 1, seconds=9.0),
        "dog.mp3": 0.5 * make("dog_bark", 1, seconds=9.0),
        "other.wav": make("dog_bark", 2, seconds=9.0),
        "cat.wav": make("cat_meow", 1, seconds=9.0),
    }
    heard = []
    for name, wave in waves.items():
        write(tmp_path / name, wave, RATE)
        line = model.hear(tmp_path / name)
        heard.append(Sketch(line.seconds, *line.windows(5.0, 2.5)))

    assert [is_near_copy(heard[0], other) for other in heard] == [True, True, False, False]
