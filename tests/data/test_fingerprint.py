import numpy as np
import pytest

from data.wavs import noise
from earmark.data.fingerprint import LONG, SHORT, describe

GRAINS = pytest.mark.parametrize("grain", [LONG, SHORT], ids=["long", "short"])


@GRAINS
def test_there_is_a_vector_for_every_patch_that_fits(grain):
    samples = grain.span + 5 * grain.hop + 1

    assert describe(noise(2, 1)[:samples], grain).shape == (6, grain.width)


@GRAINS
def test_a_sound_shorter_than_a_patch_has_one_vector(grain):
    assert describe(noise(2, 1)[: grain.span // 2], grain).shape == (1, grain.width)


@GRAINS
def test_vectors_have_length_one(grain):
    vectors = describe(noise(2, 1), grain)

    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


@GRAINS
@pytest.mark.parametrize("wave", [np.zeros(8000), np.full(8000, 0.5)], ids=["silence", "constant"])
def test_what_does_not_move_is_found_by_nothing(grain, wave):
    assert not describe(wave.astype(np.float32), grain).any()


@GRAINS
def test_gain_drops_out(grain):
    wave = noise(2, 1)

    assert describe(np.float32(0.02) * wave, grain) == pytest.approx(
        describe(wave, grain), abs=1e-3
    )


@GRAINS
def test_half_a_hop_turns_a_vector_little_and_another_sound_turns_it_much(grain):
    wave = noise(2, 1)
    here, late = describe(wave, grain), describe(wave[grain.hop // 2 :], grain)
    other = describe(noise(2, 2), grain)

    close = (here[: len(late)] * late).sum(axis=1)

    assert close.mean() > 0.9
    assert close.min() > 0.8
    assert np.abs(here @ other.T).mean() < 0.2


@GRAINS
def test_a_piece_is_described_as_it_is_in_the_whole(grain):
    wave = noise(2, 1)
    first = 7 * grain.hop

    piece = describe(wave[first : first + grain.span + 3 * grain.hop], grain)

    assert piece == pytest.approx(describe(wave, grain)[7:11], abs=1e-5)
