import numpy as np
import pytest

from earmark.data.spool import Spool


@pytest.fixture
def spool():
    with Spool() as spool:
        spool.add([np.array([0.25, -0.5], np.float32), np.array([1.5], np.float32)])
        spool.add([])
        spool.add([np.zeros(3, np.float32), np.array([0.0005, 0.1, 0, -0.2, 0], np.float32)])
        yield spool


def test_waves_come_back_to_sixteen_bits_and_clipped(spool):
    assert spool.wave(0) == pytest.approx([0.25, -0.5, 1.0], abs=2e-5)
    assert len(spool.wave(1)) == 0
    assert spool.wave(2, 4, 7) == pytest.approx([0.1, 0, -0.2], abs=2e-5)


def test_beyond_the_ends_of_a_wave_there_is_silence_not_its_neighbour(spool):
    assert spool.wave(0, -1, 5) == pytest.approx([0, 0.25, -0.5, 1.0, 0, 0], abs=2e-5)
    assert spool.wave(0, 5, 7).tolist() == [0, 0]


def test_the_extent_of_a_sound_leaves_out_the_silence_around_it(spool):
    # 0.0005 is 16 of 32,767 and below QUIET; 0.1 stands at sample 4, -0.2 at 6
    assert spool.extents == [(0, 3), (0, 0), (4, 7)]


def test_lengths_are_counted_in_samples_and_seconds(spool):
    assert spool.lengths == [3, 0, 8]
    assert spool.seconds == 11 / 8000
