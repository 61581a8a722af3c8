"""Pieces on a time line, worked by hand: holes, overlaps, clocks that lie."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from earmark.audio.source import Journal, Piece
from earmark.audio.timeline import Timeline, without_padding

RATE = 1000  # samples a second, so that a sample is a millisecond


def ramp(first: int, samples: int) -> np.ndarray:
    """Samples that tell their own place."""
    return np.arange(first, first + samples, dtype=np.float32)


def laid(
    pieces: list[Piece], *, start: int = 0, claim: float | None = None
) -> tuple[np.ndarray, Journal]:
    journal = Journal()
    line = Timeline(RATE, 0.001, claim, journal)
    waves = list(line.lay(iter(pieces), start))
    return np.concatenate([np.zeros(0, np.float32), *waves]), journal


def test_pieces_that_follow_each_other_are_one_wave():
    wave, journal = laid(
        [Piece(0, ramp(0, 70)), Piece(70, ramp(70, 50)), Piece(None, ramp(120, 3))]
    )

    assert np.array_equal(wave, ramp(0, 123))
    assert journal.sentences() == []


def test_a_hole_is_filled_and_told():
    wave, journal = laid([Piece(0, ramp(0, 100)), Piece(350, ramp(350, 10))])

    assert np.array_equal(wave[100:350], np.zeros(250))
    assert np.array_equal(wave[350:], ramp(350, 10))
    assert journal.sentences() == [
        "1 gap, 0.25 s in all: silence stands in the place of what is missing, first at 0.1 s"
    ]


def test_a_short_hole_is_rounding_unless_something_was_lost_there():
    rounding, _ = laid([Piece(0, ramp(0, 100)), Piece(108, ramp(108, 10))])
    loss, _ = laid([Piece(0, ramp(0, 100)), Piece(108, ramp(108, 10), torn=True)])

    assert len(rounding) == 110
    assert len(loss) == 118


def test_what_overlaps_is_heard_once():
    wave, _ = laid([Piece(0, ramp(0, 500)), Piece(400, ramp(400, 130))])

    assert np.array_equal(wave, ramp(0, 530))


def test_a_clock_that_starts_over_goes_on_where_it_was():
    wave, journal = laid(
        [Piece(0, ramp(0, 5000)), Piece(0, ramp(5000, 40)), Piece(40, ramp(5040, 2))]
    )

    assert np.array_equal(wave, ramp(0, 5042))
    assert journal.sentences() == ["its clock leaps 1 time, not believed: first by -5.0 s at 5.0 s"]


def test_a_wild_leap_is_not_filled():
    leap = Piece(10**15, ramp(100, 10))
    wave, journal = laid([Piece(0, ramp(0, 100)), leap], claim=1e12)

    assert np.array_equal(wave, ramp(0, 110))
    assert "not believed" in journal.sentences()[0]


def test_a_long_hole_is_believed_if_the_header_allows_it():
    pieces = [Piece(0, ramp(0, 100)), Piece(200_000, ramp(0, 1))]

    assert len(laid(pieces, claim=200.0)[0]) == 200_001
    assert len(laid(pieces, claim=None)[0]) == 101


def test_a_stretch_begins_at_its_first_sample():
    pieces = [Piece(30, ramp(30, 50)), Piece(80, ramp(80, 50))]

    assert np.array_equal(laid(pieces, start=75)[0], ramp(75, 55))
    assert np.array_equal(laid(pieces, start=80)[0], ramp(80, 50))


def test_silence_before_the_first_sound_is_no_damage():
    wave, journal = laid([Piece(40, ramp(40, 2))])

    assert np.array_equal(wave, [0] * 40 + [40, 41])
    assert journal.sentences() == []


def test_a_hole_before_the_stretch_is_not_told():
    _, journal = laid([Piece(0, ramp(0, 100)), Piece(350, ramp(350, 100))], start=360)

    assert journal.sentences() == []


@given(
    st.lists(st.tuples(st.integers(-300, 3000), st.integers(1, 200), st.booleans()), max_size=12),
    st.integers(0, 500),
)
def test_whatever_the_pieces_every_sample_has_one_place(parts, start):
    pieces = [Piece(at, ramp(at, samples), torn) for at, samples, torn in parts]
    journal = Journal()
    line = Timeline(RATE, 0.001, None, journal)

    wave = np.concatenate([np.zeros(0, np.float32), *line.lay(iter(pieces), start)])

    assert len(wave) == max(0, line.end - start)


def test_padding_is_dropped_and_more_than_padding_is_not():
    waves = [ramp(0, 60), ramp(60, 60), ramp(120, 10)]

    assert np.array_equal(np.concatenate(list(without_padding(iter(waves), 100, 40))), ramp(0, 100))
    assert np.array_equal(np.concatenate(list(without_padding(iter(waves), 100, 20))), ramp(0, 130))
