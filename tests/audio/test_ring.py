"""The ring keeps the last samples, in the room that it took at first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.audio.ring import Ring


def test_what_is_known_moves_on_with_the_sound():
    ring = Ring(4)
    ring.add(np.array([1, 2, 3], np.float32))
    ring.add(np.array([4, 5, 6], np.float32))

    assert (ring.start, ring.end) == (2, 6)
    assert ring.read(2, 6).tolist() == [3, 4, 5, 6]
    assert ring.read(3, 5).tolist() == [4, 5]


def test_before_the_sound_lies_silence():
    ring = Ring(4)
    ring.add(np.array([7], np.float32))

    assert ring.read(-3, 1).tolist() == [0, 0, 0, 7]


@pytest.mark.parametrize(("start", "stop"), [(1, 3), (5, 7), (5, 4)])
def test_what_is_forgotten_or_still_to_come_is_no_answer(start, stop):
    ring = Ring(4)
    ring.add(np.arange(6, dtype=np.float32))

    with pytest.raises(ValueError, match="2 to 6 are known"):
        ring.read(start, stop)


@given(sizes=st.lists(st.integers(0, 23), max_size=12), room=st.integers(1, 9))
def test_blocks_of_any_size_are_one_sound(sizes, room):
    ring, wave = Ring(room), np.arange(1, sum(sizes) + 1, dtype=np.float32)
    for stop, size in zip(np.cumsum(sizes), sizes, strict=True):
        ring.add(wave[stop - size : stop])

    whole = np.concatenate([np.zeros(room, np.float32), wave])
    assert ring.end == len(wave)
    assert ring.read(ring.start, ring.end).tolist() == whole[-room:].tolist()


def test_an_hour_takes_no_more_room_than_a_second():
    ring = Ring(1000)
    kept = ring._wave
    for _ in range(3600):
        ring.add(np.ones(1000, np.float32))

    assert ring._wave is kept
    assert ring.read(ring.start, ring.end).sum() == 1000
