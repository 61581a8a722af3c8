"""The match curve, its runs, and the moments that search makes of windows, worked out by hand."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark import Model
from earmark.audio.mix import mix
from earmark.search.moments import Run, best_moments, curve, level_of, runs
from earmark.synth import make

QUERY = np.array([1.0, 0.0], np.float32)


@dataclass(frozen=True)
class Part:
    tokens: np.ndarray
    times: np.ndarray


def steps(count, *, first=0.0, seconds=0.5):
    starts = first + seconds * np.arange(count)
    return np.stack([starts, starts + seconds], axis=1)


def part_of(heights, times):
    """Tokens of length 2 that are as near the query as told."""
    heights = np.array(heights)
    return Part(2 * np.stack([heights, np.sqrt(1 - heights**2)], axis=1).astype(np.float32), times)


class Archive:
    """A recording of tokens of half a second that remembers what was read of it."""

    def __init__(self, *events, seconds=120.0, longest=np.inf):
        self.seconds, self.longest, self.asked = seconds, longest, []
        self.times = steps(round(2 * seconds))
        self.heights = np.zeros(len(self.times))
        for start, end, height in events:
            self.heights[round(2 * start) : round(2 * end)] = height

    def read(self, start, end):
        self.asked.append((start, end))
        middle, half = (start + end) / 2, min(end - start, self.longest) / 2
        centres = self.times.mean(axis=1)
        kept = (centres >= middle - half) & (centres < middle + half)
        return part_of(self.heights[kept], self.times[kept])

    def windows(self):
        times = np.array([(at, at + 5) for at in np.arange(0, self.seconds - 4.9, 2.5)])
        inside = [self.heights[round(2 * a) : round(2 * b)] for a, b in times]
        return np.array([heights.mean() for heights in inside]), times

    def moments(self, **more):
        return best_moments(self.read, self.windows(), QUERY, seconds=self.seconds, **more)


def spans(found):
    return [(round(run.start, 6), round(run.end, 6)) for run in found]


def test_a_token_counts_by_its_direction_and_its_neighbours_by_their_time():
    tokens = np.array([(3, 4), (0, 2), (5, 0)], np.float32)  # 0.6, 0 and 1 near the query

    found = curve(QUERY, Part(tokens, steps(3)))

    # Half a second away counts 2/3, a second away 1/3.
    np.testing.assert_allclose(
        found, [(0.6 + 1 / 3) / 2, (0.4 + 2 / 3) / (7 / 3), (1 + 0.2) / 2], rtol=1e-6
    )


def test_no_token_counts_across_a_gap():
    times = np.concatenate([steps(2), steps(1, first=1.75)])

    found = curve(QUERY, part_of([0.0, 0.0, 1.0], times))

    np.testing.assert_allclose(found, [0, 0, 1], atol=1e-7)


def test_the_hole_where_two_stretches_meet_is_no_gap():
    times = np.concatenate([steps(2), steps(1, first=1.2)])

    found = curve(QUERY, part_of([0.0, 0.0, 1.0], times))

    assert found[1] > 0.2


def test_a_token_of_nothing_but_zeros_is_near_nothing():
    assert curve(QUERY, Part(np.zeros((2, 2), np.float32), steps(2))).tolist() == [0, 0]


def test_of_no_tokens_there_is_no_curve_and_no_run():
    none = Part(np.zeros((0, 2), np.float32), np.zeros((0, 2)))

    assert len(curve(QUERY, none)) == 0
    assert runs(curve(QUERY, none), none.times, 0.5, seconds=9.0) == []


def test_a_long_curve_is_the_same_as_one_made_from_its_definition():
    rng = np.random.default_rng(3)
    times = np.concatenate([steps(30, seconds=0.32), steps(25, first=9.5, seconds=0.32)])
    part = Part(rng.standard_normal((55, 2)).astype(np.float32), times)

    heights = part.tokens[:, 0] / np.linalg.norm(part.tokens, axis=1)
    centres = times.mean(axis=1)
    near = np.maximum(0, 1 - np.abs(centres[:, None] - centres) / 1.5)
    np.testing.assert_allclose(
        curve(QUERY, part), near @ heights / near.sum(axis=1), rtol=1e-6, atol=1e-7
    )


def test_the_level_lies_between_the_lower_quarter_and_the_peak():
    heights = np.array([0.1, 0.2, 0.3, 0.6, 0.7])

    assert level_of(heights, 0.7) == pytest.approx(0.45)  # the lower quarter ends at 0.2
    assert level_of(heights, 0.7, share=0.2) == pytest.approx(0.3)


def test_what_is_typical_elsewhere_lowers_the_level_and_never_raises_it():
    heights = np.array([0.5, 0.6, 0.6, 0.6, 0.7])

    assert level_of(heights, 0.7, typical=0.1) == pytest.approx(0.4)
    assert level_of(heights, 0.7, typical=0.65) == pytest.approx(0.65)


def test_the_level_is_never_above_the_peak():
    heights = np.full(4, 0.1) + 0.2

    assert level_of(heights, float(heights.max()), share=0.7) <= heights.max()


def test_a_run_begins_and_ends_where_the_curve_crosses_the_level():
    heights = np.array([0, 0, 0.8, 0.9, 0, 0, 0])  # centres at 0.25, 0.75, 1.25 ...

    (run,) = runs(heights, steps(7), 0.2, seconds=3.5)

    assert run.start == pytest.approx(0.75 + 0.5 / 4)
    assert run.end == pytest.approx(1.75 + 0.5 * 7 / 9)
    assert (run.peak, run.score) == (1.75, 0.9)


def test_a_run_at_an_end_of_the_recording_begins_and_ends_with_its_tokens():
    (run,) = runs(np.full(6, 0.5), steps(6), 0.5, seconds=3.0)

    assert (run.start, run.end) == (0, 3)


def test_gaps_of_less_than_half_a_second_are_closed():
    heights = np.array([0, 1, 1, 0.5, 1, 1, 0, 0])

    assert spans(runs(heights, steps(8), 0.7, seconds=4.0)) == [(0.6, 2.9)]  # the gap lasts 0.4 s
    assert len(runs(heights, steps(8), 0.8, seconds=4.0)) == 2  # 0.6 s


def test_the_highest_run_comes_first():
    heights = np.array([0, 1, 1, 1, 0, 0, 0, 2, 2, 2, 0, 0, 0, 1, 1, 1])

    found = runs(heights, steps(16), 0.5, seconds=8.0)

    assert [run.score for run in found] == [2, 1, 1]
    assert found[1].start < found[2].start


def test_runs_on_the_two_sides_of_a_gap_stay_apart():
    times = np.concatenate([steps(4), steps(4, first=4.0)])

    assert spans(runs(np.ones(8), times, 0.5, seconds=6.0)) == [(0, 2), (4, 6)]


@pytest.mark.parametrize(
    ("at", "seconds", "expected"),
    [
        (4, 5.0, (1.75, 2.75)),  # to both sides
        (0, 5.0, (0.0, 1.0)),
        (9, 5.0, (4.0, 5.0)),
        (9, 4.8, (3.8, 4.8)),  # the file says that it is shorter than its last token
    ],
)
def test_a_short_run_grows_to_a_second_inside_the_recording(at, seconds, expected):
    heights = np.zeros(10)
    heights[at] = 1.0

    (run,) = runs(heights, steps(10), 0.9, seconds=seconds)

    assert (run.start, run.end) == pytest.approx(expected)


def test_a_token_after_the_end_of_the_recording_is_in_no_run():
    heights = np.array([0, 0, 0, 0, 1.0])

    assert runs(heights, steps(5), 0.9, seconds=2.1) == []


def test_a_run_in_a_recording_of_less_than_a_second_is_all_of_it():
    (run,) = runs(np.array([0.2, 0.9]), steps(2, seconds=0.3), 0.8, seconds=0.6)

    assert (run.start, run.end) == (0, 0.6)


def test_short_runs_that_meet_when_they_grow_are_one():
    heights = np.array([0, 0, 0, 1, 0, 0.95, 0, 0, 0])

    (run,) = runs(heights, steps(9, seconds=0.4), 0.9, seconds=3.6)  # peaks at 1.4 and 2.2 s

    assert (run.start, run.end) == pytest.approx((0.9, 2.7), abs=0.03)
    assert run.peak == pytest.approx(1.4)


@given(
    st.lists(st.floats(-1, 1, width=16), min_size=1, max_size=60),
    st.floats(-1, 1, width=16),
    st.integers(0, 59),
)
def test_runs_lie_in_the_recording_apart_and_hold_all_that_is_above_the_level(values, level, gap):
    heights, times = np.array(values), steps(len(values), seconds=0.32)
    times[gap:] += 3.0
    seconds = float(times[-1, 1])

    found = sorted(runs(heights, times, level, seconds=seconds), key=lambda run: run.start)

    assert all(0 <= run.start < run.end <= seconds for run in found)
    assert all(run.end - run.start >= min(1.0, seconds) - 1e-9 for run in found)
    assert all(one.end <= after.start + 1e-9 for one, after in pairwise(found))
    for centre in times.mean(axis=1)[heights >= level]:
        assert any(run.start <= centre <= run.end for run in found)
    for run in found:
        assert run.score == heights[np.abs(times.mean(axis=1) - run.peak).argmin()] >= level


def test_a_moment_is_the_run_about_the_best_window():
    archive = Archive((40, 43, 0.8))

    (run,) = archive.moments(most=1)

    # The curve rises and falls over a second and a half on both sides; its half lies at the event.
    assert (run.start, run.end) == pytest.approx((40, 43), abs=0.3)
    assert 40 < run.peak < 43
    assert archive.asked == [(30, 55)]  # ten seconds about the window at 40 s
    assert run.score == pytest.approx(0.8 * 3 / 5)  # the window's


def test_what_is_read_doubles_until_a_moment_ends_inside_it():
    archive = Archive((40, 75, 0.8))

    (run,) = archive.moments()

    assert (run.start, run.end) == pytest.approx((40, 75), abs=0.3)
    assert archive.asked[:3] == [(30, 55), (20, 65), (0, 85)]


def test_a_moment_may_last_as_long_as_its_recording():
    archive = Archive((0, 120, 0.8))

    (run,) = archive.moments(typical=0.1)

    assert (run.start, run.end) == (0, 120)
    assert archive.asked[-1] == (0, 120)


def test_reading_stops_where_no_more_can_be_had():
    archive = Archive((20, 500, 0.8), seconds=600.0, longest=60.0)

    (run,) = archive.moments(most=1, typical=0.1)

    # The window at 20 s: 10 to 35, 0 to 45; then no more than a minute, which begins after 0.
    assert archive.asked == [(10, 35), (0, 45), (0, 65)]
    assert (run.start, run.end) == pytest.approx((20, 45), abs=0.3)


def test_reading_stops_where_nothing_but_silence_follows():
    archive = Archive((40, 60, 0.8), seconds=300.0)
    kept = archive.times[:, 1] <= 60
    archive.times, archive.heights = archive.times[kept], archive.heights[kept]
    windows = np.array([0.8]), np.array([(50.0, 55.0)])

    (run,) = best_moments(archive.read, windows, QUERY, seconds=300.0)

    assert (run.start, run.end) == pytest.approx((40, 60), abs=0.3)
    assert archive.asked == [(40, 65), (30, 75)]


def test_a_second_event_as_strong_is_another_moment():
    archive = Archive((20, 23, 0.8), (70, 72, 0.7))

    found = archive.moments()

    assert spans(found) == [
        pytest.approx((20, 23), abs=0.4),
        pytest.approx((70, 72), abs=0.4),
    ]
    assert found[0].score > found[1].score


def test_what_stands_less_than_half_as_high_as_the_best_is_no_moment():
    archive = Archive((20, 23, 0.8), (70, 73, 0.3))

    assert len(archive.moments()) == 1


def test_a_larger_share_makes_shorter_moments():
    archive = Archive((20, 26, 0.8))

    (low,), (high,) = archive.moments(share=0.3), archive.moments(share=0.7)

    assert low.start < high.start < high.end < low.end


def test_no_more_moments_than_wanted_are_given():
    archive = Archive(*((at, at + 2, 0.8) for at in range(10, 110, 20)))

    assert [len(archive.moments(most=most)) for most in (1, 2, 3, 9)] == [1, 2, 3, 5]


def test_windows_of_one_event_give_one_moment():
    archive = Archive((20, 38, 0.8), (100, 103, 0.8))

    first, second = archive.moments(most=2)

    assert (first.start, first.end) == pytest.approx((20, 38), abs=0.4)
    assert (second.start, second.end) == pytest.approx((100, 103), abs=0.4)
    assert archive.asked == [(10, 35), (0, 45), (90, 115)]  # none twice


def test_without_tokens_the_windows_are_the_moments_and_none_overlap():
    times = np.array([(0, 5), (2.5, 7.5), (5, 10), (7.5, 12)], np.float64)
    scores = np.array([0.2, 0.5, 0.4, 0.3], np.float32)

    found = best_moments(lambda *_: None, (scores, times), QUERY, seconds=12.0)

    assert found == [
        Run(2.5, 7.5, 5.0, pytest.approx(0.5)),
        Run(7.5, 12.0, 9.75, pytest.approx(0.3)),
    ]


def test_of_no_windows_there_is_no_moment():
    windows = np.zeros(0), np.zeros((0, 2))

    assert best_moments(lambda *_: None, windows, QUERY, seconds=12.0) == []


def test_the_packaged_model_finds_a_bark_in_a_minute_of_rain():
    model = Model.load()
    rain = make("light_rain", 3, seconds=60.0, rate=model.rate)
    bark = make("dog_bark", 3, seconds=3.0, rate=model.rate)
    start = 37 * model.rate
    whole = np.pad(bark, (start, len(rain) - len(bark) - start))
    line = model.hear_wave(mix(whole, rain, 12.0, rate=model.rate) / 4, rate=model.rate)
    (query,) = model.embed_text(["a dog barking"])
    vectors, times = line.windows(5.0, 2.5)

    (run,) = best_moments(lambda *_: line, (vectors @ query, times), query, seconds=60.0, most=1)

    assert 36 < run.start < 40
    assert 37 < run.peak < 40
    assert run.end < 42
