import numpy as np
import pytest

from data.wavs import noise
from earmark.data.align import RATE, compare

SLACK = 240  # samples that the track is longer than the stretch, on each side
TIME = np.arange(2 * RATE + 2 * SLACK) / RATE


def _middle(wave):
    return wave[SLACK:-SLACK]


def _white(seed, more=0):
    return np.random.default_rng(seed).standard_normal(len(TIME) + more).astype(np.float32)


def _hum(phase):
    """Fifty hertz with eleven harmonics, and a little noise that differs."""
    harmonics = (np.sin(2 * np.pi * 50 * k * TIME + phase * k * k) / k for k in range(1, 12))
    return (sum(harmonics) + 0.01 * _white(int(100 * phase))).astype(np.float32)


def _rumble(seed):
    """Noise below about four hertz."""
    smooth = np.convolve(_white(seed, 4000), np.hanning(4001), "valid")
    return smooth.astype(np.float32)


def _click(hertz):
    wave = np.zeros(len(TIME), dtype=np.float32)
    time = np.arange(1000) / RATE
    wave[4000:5000] = np.sin(2 * np.pi * hertz * time) * np.exp(-80 * time)
    return wave


def _half_a_sample_early(wave):
    turns = np.exp(1j * np.pi * np.fft.rfftfreq(len(wave)))
    return np.fft.irfft(np.fft.rfft(wave) * turns, len(wave)).astype(np.float32)


def _tone(phase):
    return np.sin(2 * np.pi * 440 * TIME + phase).astype(np.float32)


def test_the_correlation_is_the_share_of_the_wave_that_is_common():
    # common + other, at right angles, with energies 9 and 16: 9 / sqrt(9 * 25) = 0.6
    common, other = _white(1), _middle(_white(2))
    other -= _middle(common) * (other @ _middle(common)) / (_middle(common) @ _middle(common))
    other *= 4 / 3 * np.linalg.norm(_middle(common)) / np.linalg.norm(other)

    likeness = compare(common, _middle(common) + other)

    assert likeness.plain == pytest.approx(0.6, abs=1e-4)


def test_two_tones_of_one_pitch_agree_fully_and_prove_nothing():
    likeness = compare(_tone(0.0), _middle(_tone(1.0)))

    assert likeness.plain == pytest.approx(1.0, abs=1e-3)
    # one spectral line, of which the cosine of a random phase leaves 1/2 on average (1/3 where the
    # line falls between bins): the agreement is between sqrt(2) and sqrt(3) times its scatter
    assert 2**0.5 - 0.01 < likeness.plain_clear < 3**0.5 + 0.01
    assert not likeness.same


def _note(hertz, decay, seed):
    """A fifth of a second of a struck string, in faint noise of its own."""
    time = np.arange(1600) / RATE
    wave = 1e-4 * _white(seed)
    wave[4000:5600] += sum(
        np.sin(2 * np.pi * hertz * k * time) * np.exp(-decay * k * time) / k for k in range(1, 8)
    )
    return wave.astype(np.float32)


ALIKE = {
    "tones": (_tone(0.0), _tone(2.0)),
    "hums": (_hum(0.0), _hum(0.3)),
    "rumbles": (_rumble(1), _rumble(2)),
    "clicks": (_click(800), _click(820)),
    "notes": (_note(220, 6, 1), _note(220, 8, 2)),
    "noises": (_white(1), _white(2)),
    "bursts": (noise(2.06, 1), noise(2.06, 2)),
    "silence and noise": (np.zeros_like(_white(1)), _white(2)),
    "noise and silence": (_white(1), np.zeros_like(_white(1))),
    "faint tones": (1e-4 * _tone(0.0), 1e-4 * _tone(1.0)),
}


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_sounds_that_only_resemble_each_other_are_not_the_same(one, other):
    assert not compare(one, _middle(other)[: 2 * RATE]).same


CHANGES = {
    "faint": lambda wave: 0.01 * wave,
    "turned over": lambda wave: -wave,
    "late": lambda wave: wave[37:],
    "noisy": lambda wave: wave + 0.3 * _white(9)[: len(wave)] * wave.std(),
    "dull": lambda wave: np.convolve(wave, [0.25, 0.5, 0.25], "same").astype(np.float32),
    "cut": lambda wave: wave[6000:14_000],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_altered_copy_is_the_same(change):
    wave = noise(2.06, 5)
    stretch = change(_middle(wave))
    begin = 6000 if len(stretch) == 8000 else 0

    assert compare(wave[begin : begin + len(stretch) + 2 * SLACK], stretch).same


def test_gain_changes_nothing():
    wave, other = noise(2.06, 5), _middle(noise(2.06, 6))

    quiet = compare(np.float32(0.01) * wave, np.float32(0.5) * other)

    loud = compare(wave, other)
    assert quiet.plain == pytest.approx(loud.plain, rel=1e-4)
    assert quiet.whitened == pytest.approx(loud.whitened, rel=1e-4)


def test_what_is_loud_beside_the_best_place_does_not_matter():
    track = np.concatenate([_white(3)[:400], 10 * _white(4)[:400]])

    assert compare(track, track[5:205]).plain == pytest.approx(1.0, abs=1e-3)


def test_half_a_sample_between_two_copies_costs_nothing():
    wave = _white(3)

    assert compare(wave, _middle(_half_a_sample_early(wave))).plain > 0.96


def test_a_stretch_longer_than_its_track_is_a_mistake():
    with pytest.raises(ValueError, match="11 samples do not slide along 10"):
        compare(np.zeros(10, dtype=np.float32), np.zeros(11, dtype=np.float32))
