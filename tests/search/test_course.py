"""A course worked out by hand: what comes then, at once, so often, and what must not come."""

import numpy as np
import pytest

from earmark.search.course import Step, find, range_max

TIMES = np.stack([np.arange(8.0), np.arange(8.0) + 1], axis=1)  # eight tokens of a second


def line(**tokens):
    """Hardly anything but at some tokens: line(t1=0.5) is half likely from 1 s to 2 s."""
    out = np.full(8, 0.01)
    for name, value in tokens.items():
        out[int(name[1:])] = value
    return out


def test_what_comes_then_is_found_later_and_the_rest_is_a_product():
    a, b = line(t1=0.8, t6=0.9), line(t3=0.5, t0=0.7)

    likelihood, (first, second) = find([Step(a), Step(b)], TIMES)

    assert likelihood == pytest.approx(0.8 * 0.5)  # not 0.9 and 0.7, which lie the other way round
    assert (first.start, first.end) == (1.0, 2.0)
    assert (second.start, second.end) == (3.0, 4.0)
    assert (first.likelihood, second.likelihood) == (pytest.approx(0.8), pytest.approx(0.5))


def test_the_other_way_round_is_less_likely():
    a, b = line(t1=0.8), line(t5=0.9)

    assert find([Step(a), Step(b)], TIMES)[0] == pytest.approx(0.72)
    assert find([Step(b), Step(a)], TIMES)[0] == pytest.approx(0.9 * 0.01)


def test_what_comes_too_late_is_not_taken():
    a, b = line(t0=0.9), line(t2=0.3, t6=0.8)

    near, far = (find([Step(a), Step(b, within=w)], TIMES)[0] for w in (3.0, 6.0))

    assert near == pytest.approx(0.9 * 0.3)
    assert far == pytest.approx(0.9 * 0.8)


def test_nothing_comes_after_the_end():
    short = TIMES[:1]

    assert find([Step(np.array([0.9])), Step(np.array([0.9]))], short) == (0.0, [])


def test_three_in_a_row_take_the_best_way_through():
    a, b, c = line(t0=0.5, t4=0.9), line(t2=0.6, t5=0.5), line(t3=0.2, t7=0.9)

    likelihood, places = find([Step(a), Step(b), Step(c)], TIMES)

    assert likelihood == pytest.approx(0.9 * 0.5 * 0.9)
    assert [place.start for place in places] == [4.0, 5.0, 7.0]


def test_at_the_same_time_is_give_or_take_a_second():
    a = line(t2=0.9)

    for token, found in (("t2", 0.8), ("t3", 0.8), ("t4", 0.01)):
        told = find([Step(a), Step(line(**{token: 0.8}), "while")], TIMES)[0]
        assert told == pytest.approx(0.9 * found)


def test_with_is_anywhere_and_the_order_goes_on_from_before():
    a, rain, b = line(t2=0.9), line(t7=0.6), line(t4=0.5)

    likelihood, places = find([Step(a), Step(rain, "with"), Step(b)], TIMES)

    assert likelihood == pytest.approx(0.9 * 0.6 * 0.5)
    assert [place.start for place in places] == [2.0, 7.0, 4.0]


def test_what_is_unwanted_about_a_place_takes_its_share():
    a, b = line(t0=0.9, t7=0.8), line(t1=0.75)

    likelihood, places = find([Step(a, without=(b,))], TIMES)

    assert likelihood == pytest.approx(0.8 * 0.99)  # far from it, instead of 0.9 x 0.25 beside it
    assert places[0].start == 7.0


def test_what_should_not_follow_takes_its_share_if_it_follows_in_time():
    a, b = line(t0=0.9, t5=0.7), line(t2=0.8)

    soon = find([Step(a, within=3.0, never=(b,))], TIMES)
    late = find([Step(a, within=1.0, never=(b,))], TIMES)

    assert soon[0] == pytest.approx(0.7 * 0.99)
    assert late[0] == pytest.approx(0.9 * 0.99)


def test_so_many_events_and_not_one_more():
    bell = line(t0=0.8, t3=0.6, t6=0.9)

    twice, thrice, often = (find([Step(bell, times=n)], TIMES) for n in (2, 3, 4))

    assert thrice[0] == pytest.approx(0.6)  # as likely as the least likely of them
    assert (thrice[1][0].start, thrice[1][0].end) == (0.0, 7.0)
    assert twice[0] == pytest.approx(0.8 * (1 - 0.6 / 0.8))  # a third one is likely
    assert often == (0.0, [])


def test_events_in_so_much_time():
    bell = line(t0=0.3, t3=0.7, t6=0.9)

    near, far = (find([Step(bell, times=2, within=w)], TIMES) for w in (4.0, 7.0))

    assert near[0] == pytest.approx(0.7 * (1 - 0.3 / 0.7))  # one lies three seconds before them
    assert (near[1][0].start, near[1][0].end) == (3.0, 7.0)
    assert far[0] == pytest.approx(near[0])


def test_a_long_sound_is_one_event():
    hum = line(t1=0.8, t2=0.75, t3=0.8)

    assert find([Step(hum, times=2)], TIMES) == (0.0, [])


def test_a_step_reaches_as_far_as_it_is_half_as_likely():
    _, (place,) = find([Step(line(t2=0.5, t3=0.9, t4=0.44))], TIMES)

    assert (place.start, place.end) == (2.0, 4.0)


def test_a_place_reaches_as_far_as_its_step_is_heard_by_other_likelihoods():
    sharp, heard = line(t3=0.6), line(t2=0.5, t3=0.8, t4=0.7, t5=0.1)

    likelihood, (place,) = find([Step(sharp)], TIMES, [Step(heard)])

    assert (likelihood, place.likelihood) == (pytest.approx(0.6), pytest.approx(0.6))
    assert (place.start, place.end) == (2.0, 5.0)


def test_the_highest_of_ranges_is_that_of_each_range_by_itself():
    rng = np.random.default_rng(3)
    values = rng.normal(size=37)
    low = rng.integers(0, 37, 200)
    high = np.minimum(low + rng.integers(0, 37, 200), 37)

    best, at = range_max(values, low, high)

    for n, (one, other) in enumerate(zip(low, high, strict=True)):
        if one == other:
            assert best[n] == -np.inf
        else:
            assert best[n] == values[one:other].max() == values[at[n]]


def reach(steps):
    return [(place.start, place.end) for place in find(steps, TIMES)[1]]


def test_a_background_reaches_as_far_as_it_is_heard_about_the_rarest():
    rain, dog, cat = line(t0=0.9, t2=0.5, t6=0.7), line(t4=0.8), line(t1=0.8)

    assert reach([Step(dog), Step(rain, "with")]) == [(4, 5), (0, 7)]
    assert reach([Step(rain), Step(dog, "with")]) == [(0, 7), (4, 5)]  # whichever is said first
    # What is heard before it alone is another event, and has its own place.
    assert reach([Step(dog), Step(cat, "with")]) == [(4, 5), (1, 2)]


def test_what_has_a_place_in_an_order_keeps_it():
    wind, dog, rain = line(t1=0.9, t6=0.8), line(t4=0.8), line(t0=0.9, t7=0.9)

    assert reach([Step(wind), Step(dog)]) == [(1, 2), (4, 5)]
    assert reach([Step(wind), Step(rain, "with"), Step(dog)]) == [(1, 2), (0, 8), (4, 5)]
