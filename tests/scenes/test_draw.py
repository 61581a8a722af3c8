from collections import Counter
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest

from earmark.errors import UsageError
from earmark.scenes.bank import Bank
from earmark.scenes.constraints import contents, holds
from earmark.scenes.draw import Plan, at_snr, draw_scene, mirrored, seed_of
from scenes.fake_bank import fake_bank
from scenes.hand_made import bed, caption, event, scene

BANK = fake_bank()


def draws(count=60, **plan):
    return [draw_scene(BANK, Plan(**plan), seed=seed) for seed in range(count)]


def test_the_same_seed_draws_the_same_scene_and_another_does_not():
    assert draw_scene(BANK, Plan(), seed=4) == draw_scene(fake_bank(), Plan(), seed=4)
    assert draw_scene(BANK, Plan(), seed=4) != draw_scene(BANK, Plan(), seed=5)


@pytest.mark.parametrize("seconds", [5.0, 12.5, 600.0])
def test_events_last_a_second_or_more_and_lie_within_their_scene(seconds):
    found = draws(seconds=(seconds, seconds), events=(1, 4))

    events = [event for one in found for event in one.events]
    assert {one.seconds for one in found} == {seconds}
    assert {len(one.events) for one in found} <= {1, 2, 3, 4}
    assert min(event.start for event in events) >= 0.25
    assert max(event.end for event in events) <= seconds - 0.25
    assert min(event.seconds for event in events) >= 1.0


def test_events_stand_in_order_of_their_start():
    assert all(a.start <= b.start for one in draws() for a, b in pairwise(one.events))


def test_labels_of_one_group_never_share_a_scene():
    for one in draws(events=(3, 5), background=1.0):
        heard = {(sound.group, sound.label) for sound in (*one.events, one.background)}
        assert len({group for group, _ in heard}) == len(heard)


def test_the_background_is_no_event():
    assert not [
        one for one in draws(background=1.0) if one.background.label in contents(one).events
    ]


def test_levels_and_flags_keep_to_the_plan():
    plain = draws(background=1.0, snr_db=(3.0, 4.0), distant=0.0, level_db=(-31.0, -30.0))
    assert {3.0 <= e.snr_db <= 4.0 for one in plain for e in one.events} == {True}
    assert {-31 <= one.level_db <= -30 for one in plain} == {True}

    far = draws(background=1.0, snr_db=(12.0, 13.0), distant=1.0, distant_db=(7.0, 8.0))
    assert {4.0 <= e.snr_db <= 6.0 for one in far for e in one.events} == {True}


@pytest.mark.parametrize(("level", "expected"), [(9.0, 2.0), (5.0, 0.0), (-3.0, -3.0)])
def test_distance_never_takes_a_sound_below_the_background(level, expected):
    plan = {"snr_db": (level, level), "distant": 1.0, "distant_db": (7.0, 7.0)}

    found = draws(10, background=1.0, **plan)

    assert {event.snr_db for one in found for event in one.events} == {expected}


def test_overlapping_events_are_about_equally_loud_and_equally_far():
    found = draws(overlap=1.0, background=1.0, events=(2, 2), snr_db=(0.0, 30.0), repeat=0.0)

    together = [one.events for one in found if one.events[1].start < one.events[0].end]
    assert len(together) > 20
    assert max(abs(one.snr_db - other.snr_db) for one, other in together) <= 4.01
    assert {one.distant == other.distant for one, other in together} == {True}


def test_every_two_of_many_events_are_clearly_together_or_clearly_apart():
    found = draws(overlap=0.8, background=1.0, events=(3, 4), snr_db=(0.0, 30.0), repeat=0.0)

    pairs = [pair for one in found for pair in combinations(one.events, 2)]
    for one, other in pairs:
        shared = round(min(one.end, other.end) - other.start, 2)
        assert shared <= -0.5 or shared >= min(one.seconds, other.seconds) / 2 - 0.01
        assert shared <= -0.5 or abs(one.snr_db - other.snr_db) <= 4.01
    assert sum(other.start < one.end for one, other in pairs) > 20


def test_without_overlap_every_pair_has_an_order():
    found = draws(overlap=0.0, repeat=0.0, events=(2, 4))

    gaps = [round(b.start - a.end, 2) for one in found for a, b in pairwise(one.events)]
    orders = [caption(f"before {one.events[0].label} {one.events[1].label}") for one in found]
    assert min(gaps) >= 0.5
    assert all(holds(order, one) for order, one in zip(orders, found, strict=True))


def test_a_repeated_sound_comes_on_clearly_separate_occasions():
    found = draws(150, events=(2, 3), repeat=1.0, seconds=(12.0, 12.0))

    counts = [Counter(event.label for event in one.events).most_common(1)[0] for one in found]
    claims = [caption(f"count {label}", count=count) for label, count in counts]
    assert {count for _, count in counts} == {1, 2, 3}
    assert np.mean([count > 1 for _, count in counts]) > 0.9
    assert all(holds(claim, one) for claim, one in zip(claims, found, strict=True))


def test_another_snr_leaves_the_times_alone():
    one, other = (
        draw_scene(BANK, Plan(snr_db=(snr, snr), background=1.0, distant=0.0), seed=3)
        for snr in (0.0, 20.0)
    )

    assert [e.start for e in one.events] == [e.start for e in other.events]
    assert {e.snr_db for e in one.events} == {0.0}


def test_a_scene_at_one_snr_keeps_only_the_captions_that_stay_true():
    loud = caption("louder dog cat")
    order = caption("before dog cat")
    one = scene(event("dog", 1, 3, snr_db=16.0), event("cat", 4, 6, snr_db=5.0))

    moved = at_snr(replace(one, captions=(loud, order)), 5.0)

    assert [e.snr_db for e in moved.events] == [5.0, 5.0]
    assert moved.captions == (order,)


def test_a_mirrored_scene_has_every_order_swapped_and_nothing_else():
    one = scene(
        event("dog", 1.0, 3.5),
        event("cat", 5.0, 6.0),
        event("cow", 5.2, 8.0),
        background=bed("rain"),
    )

    twin = mirrored(one, "other")

    assert [(e.label, e.start, e.end) for e in twin.events] == [
        ("cow", 12.0, 14.8),
        ("cat", 14.0, 15.0),
        ("dog", 16.5, 19.0),
    ]
    assert (twin.id, twin.twin, twin.background) == ("other", "x", one.background)
    assert mirrored(twin, "x").events == one.events


@pytest.mark.parametrize("seed", range(40))
def test_an_order_never_holds_in_the_mirror(seed):
    one = draw_scene(BANK, Plan(events=(2, 4)), seed=seed)
    labels = list(contents(one).events)
    claims = [caption(f"before {a} {b}") for a in labels for b in labels if a != b]

    in_order = [claim for claim in claims if holds(claim, one)]

    assert not [claim for claim in in_order if holds(claim, mirrored(one, "m"))]


def test_seeds_of_different_numbers_differ():
    assert len({seed_of(a, b) for a in range(50) for b in range(50)}) == 2500


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"seconds": (4.0, 9.0)}, "5 to 600 s"),
        ({"seconds": (9.0, 601.0)}, "5 to 600 s"),
        ({"snr_db": (9.0, 3.0)}, "snr_db goes from 9.0 to 3.0"),
        ({"snr_db": (float("nan"), 3.0)}, "snr_db goes from nan to 3.0"),
        ({"longest": float("nan")}, "at most nan s"),
        ({"overlap": 1.2}, "overlap = 1.2"),
        ({"longest": 0.5}, "0.5 s"),
        ({"events": (0, 2)}, "0 events"),
        ({"captions": -1}, "-1 captions"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(change, named):
    with pytest.raises(UsageError, match=named):
        Plan(**change)


def test_too_few_labels_are_named():
    bank = Bank(BANK.by_label["dog"])

    with pytest.raises(UsageError, match="wants 3 different sounds, the bank has 1"):
        draw_scene(bank, Plan(events=(3, 3), repeat=0.0), seed=0)
