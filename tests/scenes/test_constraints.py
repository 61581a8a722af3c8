import pytest

from earmark.scenes.constraints import RELATIONS, contents, holds, is_allowed, is_held, moments
from earmark.types import Moment
from scenes.hand_made import bed, caption, claim, event, scene

HELD, DOUBTED, WRONG = (True, True), (False, True), (False, False)

DOG_THEN_CAT = scene(event("dog", 1.0, 3.5), event("cat", 5.0, 6.0))
TWO_DOGS = scene(event("dog", 1.0, 2.0), event("cat", 2.5, 4.0), event("dog", 5.0, 7.0))
CLOSE_DOGS = scene(event("dog", 1.0, 2.0), event("dog", 4.0, 5.0))
TOGETHER = scene(event("dog", 1.0, 5.0), event("cat", 3.0, 6.0))
BARELY = scene(event("dog", 1.0, 5.0), event("cat", 4.5, 9.0))
OVER_RAIN = scene(event("dog", 1.0, 3.0, snr_db=7.0), background=bed("rain"))
RAIN_EVENT = scene(event("dog", 1.0, 3.0), event("rain", 4.0, 9.0))
FAR_CAT = scene(event("dog", 1.0, 3.0, snr_db=15.0), event("cat", 5.0, 6.0, distant=True))
FAINT_CAT = scene(event("cat", 5.0, 6.0, snr_db=2.5))
LOUD_AND_SOFT = scene(
    event("dog", 1.0, 2.0, snr_db=20.0),
    event("dog", 5.0, 6.0, snr_db=8.0),
    event("cat", 9.0, 10.0, snr_db=5.0),
)
HALF_FAR = scene(event("cat", 1.0, 2.0), event("cat", 6.0, 7.0, distant=True))


@pytest.mark.parametrize(
    ("words", "count", "where", "readings"),
    [
        ("heard dog", 0, DOG_THEN_CAT, HELD),
        ("heard cow", 0, DOG_THEN_CAT, WRONG),
        ("heard rain", 0, OVER_RAIN, HELD),
        ("without rain", 0, OVER_RAIN, WRONG),
        ("without cow", 0, OVER_RAIN, HELD),
        ("only dog", 0, OVER_RAIN, WRONG),
        ("only dog rain", 0, OVER_RAIN, HELD),
        ("only cat dog", 0, TWO_DOGS, HELD),
        ("count dog", 1, DOG_THEN_CAT, HELD),
        ("count dog", 2, TWO_DOGS, HELD),
        ("count dog", 1, TWO_DOGS, WRONG),
        ("count dog", 3, TWO_DOGS, WRONG),
        ("count dog", 2, CLOSE_DOGS, DOUBTED),
        ("count dog", 1, CLOSE_DOGS, DOUBTED),
        ("count rain", 1, OVER_RAIN, WRONG),
        ("before dog cat", 0, DOG_THEN_CAT, HELD),
        ("before cat dog", 0, DOG_THEN_CAT, WRONG),
        ("before dog cat", 0, TWO_DOGS, DOUBTED),
        ("before cat dog", 0, TWO_DOGS, DOUBTED),
        ("before dog cat", 0, TOGETHER, DOUBTED),
        ("before cat dog", 0, TOGETHER, WRONG),
        ("before rain dog", 0, OVER_RAIN, DOUBTED),
        ("before cow dog", 0, OVER_RAIN, WRONG),
        ("while dog cat", 0, TOGETHER, HELD),
        ("while cat dog", 0, TOGETHER, HELD),
        ("while dog cat", 0, BARELY, DOUBTED),
        ("while dog cat", 0, DOG_THEN_CAT, WRONG),
        ("while dog rain", 0, OVER_RAIN, HELD),
        ("distant cat", 0, FAR_CAT, HELD),
        ("distant dog", 0, FAR_CAT, WRONG),
        ("distant cat", 0, FAINT_CAT, DOUBTED),
        ("distant cat", 0, HALF_FAR, DOUBTED),
        ("distant rain", 0, OVER_RAIN, DOUBTED),
        ("background rain", 0, OVER_RAIN, HELD),
        ("background rain", 0, RAIN_EVENT, DOUBTED),
        ("background dog", 0, DOG_THEN_CAT, DOUBTED),
        ("background cow", 0, RAIN_EVENT, WRONG),
        ("louder dog rain", 0, OVER_RAIN, HELD),
        ("louder rain dog", 0, OVER_RAIN, WRONG),
        ("louder dog cat", 0, FAR_CAT, DOUBTED),
        ("louder cat dog", 0, DOG_THEN_CAT, DOUBTED),
        ("louder dog cat", 0, LOUD_AND_SOFT, DOUBTED),
        ("louder cat dog", 0, LOUD_AND_SOFT, WRONG),
        ("louder dog cow", 0, DOG_THEN_CAT, WRONG),
    ],
)
def test_a_claim_holds_is_in_doubt_or_is_wrong(words, count, where, readings):
    inside = contents(where)

    found = is_held(claim(words, count), inside), is_allowed(claim(words, count), inside)

    assert found == readings


@pytest.mark.parametrize(("gap", "readings"), [(0.25, HELD), (0.24, DOUBTED), (0.0, DOUBTED)])
def test_a_quarter_of_a_second_makes_an_order(gap, readings):
    inside = contents(scene(event("dog", 0.1, 1.3), event("cat", round(1.3 + gap, 2), 3.4)))

    found = [check(claim("before dog cat"), inside) for check in (is_held, is_allowed)]

    assert tuple(found) == readings


@pytest.mark.parametrize(("gap", "readings"), [(0.24, DOUBTED), (0.25, WRONG)])
def test_sounds_that_nearly_touch_could_be_heard_together(gap, readings):
    inside = contents(scene(event("dog", 0.1, 1.3), event("cat", round(1.3 + gap, 2), 3.4)))

    found = [check(claim("while dog cat"), inside) for check in (is_held, is_allowed)]

    assert tuple(found) == readings


@pytest.mark.parametrize(("gap", "held"), [(3.0, True), (2.99, False)])
def test_three_seconds_make_two_occasions(gap, held):
    where = scene(event("dog", 0.1, 1.3), event("dog", round(1.3 + gap, 2), 5.5))

    assert holds(caption("count dog", count=2), where) == held


@pytest.mark.parametrize(("shared", "held"), [(1.5, True), (1.49, False)])
def test_half_of_the_shorter_sound_makes_it_together(shared, held):
    where = scene(event("dog", 1.0, 5.0), event("cat", round(5.0 - shared, 2), 8.0 - shared))

    assert holds(caption("while dog cat"), where) == held


def test_a_caption_holds_when_all_of_it_holds():
    assert holds(caption("before dog cat", "distant cat"), FAR_CAT)
    assert not holds(caption("before dog cat", "distant dog"), FAR_CAT)


def test_by_group_a_general_word_means_every_label_of_the_group():
    where = scene(event("drizzle", 1.0, 3.0, group="rain"), background=bed("gale", "wind"))

    inside = contents(where, by_group=True)

    assert is_held(claim("while rain wind"), inside)
    assert not is_held(claim("heard drizzle"), inside)


@pytest.mark.parametrize("words", ["heard dog", "count dog", "only dog cat"])
def test_every_relation_takes_a_scene_without_its_sounds(words):
    assert is_held(claim(words, 2), contents(scene(background=bed("rain")))) is False


def test_every_relation_has_a_meaning_in_words():
    assert all(relation.meaning for relation in RELATIONS.values())


@pytest.mark.parametrize(
    ("spoken", "expected"),
    [
        (caption("heard dog"), [Moment(1.0, 2.0), Moment(5.0, 7.0)]),
        (caption("count dog", count=2), [Moment(1.0, 7.0)]),
        (caption("heard cat", "without cow"), [Moment(2.5, 4.0)]),
        (caption("before cat dog"), [Moment(1.0, 7.0)]),
        (caption("heard cow"), []),
    ],
)
def test_the_moments_of_a_caption_are_where_its_sounds_are(spoken, expected):
    assert moments(spoken, TWO_DOGS) == expected


def test_a_background_is_no_moment():
    assert moments(caption("heard dog", "background rain"), OVER_RAIN) == [Moment(1.0, 3.0)]


def test_a_background_that_is_only_mentioned_joins_no_moments():
    twice = scene(event("dog", 1.0, 3.0), event("dog", 9.0, 10.0), background=bed("rain"))

    assert moments(caption("while dog rain"), twice) == [Moment(1.0, 3.0), Moment(9.0, 10.0)]


def test_a_caption_of_the_background_alone_speaks_of_the_whole_scene():
    assert moments(caption("heard rain"), OVER_RAIN) == [Moment(0.0, 20.0)]
    assert moments(caption("heard cat"), OVER_RAIN) == []
