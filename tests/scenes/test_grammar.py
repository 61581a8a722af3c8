import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.errors import UsageError
from earmark.scenes.constraints import RELATIONS, holds
from earmark.scenes.draw import Plan, draw_scene
from earmark.scenes.from_kinds import bank_from_kinds
from earmark.scenes.grammar import claims_of, draw_caption, new_grammar, tag, to_words
from earmark.scenes.templates import RULES
from scenes.fake_bank import fake_bank
from scenes.hand_made import bed, claim, event, scene

BANK = fake_bank()
TRAINED = [name for name, rule in RULES.items() if rule.train]
SLOT = re.compile(r"{(\w+)}")
SIDES = [("train", name) for name in TRAINED] + [("test", name) for name in RULES]


def words(side, name, labels, count=2, bank=BANK):
    """Every wording of a rule for these labels."""
    names = dict(zip("abc", labels, strict=False))
    rule = RULES[name]
    claims = tuple(
        claim(f"{one.relation} {' '.join(names[x] for x in one.labels)}", count)
        for one in rule.claims
    )
    grammar = new_grammar([name], test=side == "test")
    rngs = (np.random.default_rng(seed) for seed in range(150))
    return {to_words(name, claims, grammar, bank, rng).text for rng in rngs}


def test_every_rule_of_training_has_eight_wordings_and_four_for_testing():
    assert len(TRAINED) >= 10
    assert min(len(RULES[name].train) for name in TRAINED) >= 8
    assert min(len(rule.test) for rule in RULES.values()) >= 4


def test_at_least_two_rules_are_kept_for_testing():
    assert set(RULES) - set(TRAINED) == {"between", "count_then", "while_then", "without"}


def test_no_wording_stands_on_both_sides():
    train = {template for rule in RULES.values() for template in rule.train}
    test = {template for rule in RULES.values() for template in rule.test}

    assert not train & test
    assert len(train) == sum(len(rule.train) for rule in RULES.values())
    assert len(test) == sum(len(rule.test) for rule in RULES.values())


@pytest.mark.parametrize(("side", "name"), SIDES)
def test_every_template_names_every_sound_its_rule_claims(side, name):
    rule = RULES[name]
    counted = {"n", "times", "pauses"} & {x for t in getattr(rule, side) for x in SLOT.findall(t)}

    for template in getattr(rule, side):
        named = {slot.removesuffix("_tag") for slot in SLOT.findall(template)}
        assert set(rule.slots) <= named
        assert named <= {*rule.slots, "n", "times", "pauses"}
        assert bool(counted) == any(one.relation == "count" for one in rule.claims)
        assert not counted or named & {"n", "times"}


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_every_rule_claims_what_can_be_judged(rule):
    assert all(one.relation in RELATIONS for one in rule.claims)


@pytest.mark.parametrize(
    ("name", "labels", "text"),
    [
        ("one", ["dog"], "the sound of a dog calling"),
        ("only", ["dog"], "Nothing but some dog calling."),
        (
            "only_over",
            ["dog", "wind"],
            "only a dog calling, with some wind going on in the background",
        ),
        ("two", ["dog", "cat"], "dog calling, cat calling"),
        ("three", ["dog", "cat", "cow"], "A dog calling, some cat calling and a cow calling."),
        ("order", ["dog", "cat"], "a cat calling after a dog calling"),
        ("while", ["dog", "cat"], "Some dog calling during a cat calling."),
        ("count", ["dog"], "a dog calling on two occasions, with a pause in between"),
        ("far", ["dog", "cat"], "a dog calling with a cat calling in the distance"),
        ("order_far", ["dog", "cat"], "a dog calling, then a cat calling in the distance"),
        ("background", ["dog", "fan"], "a dog calling; in the background, some fan going on"),
        (
            "order_over",
            ["dog", "cat", "fan"],
            "a cat calling after a dog calling, with a fan going on in the background",
        ),
        (
            "sequence",
            ["dog", "cat", "cow"],
            "A dog calling, then a cat calling, then a cow calling.",
        ),
        ("louder", ["dog", "cat"], "a cat calling, quieter than a dog calling"),
    ],
)
def test_a_rule_puts_its_claims_into_these_words(name, labels, text):
    assert text in {one for seed in range(12) for one in wordings(name, labels, seed)}


def wordings(name, labels, seed):
    claims = tuple(
        one.renamed(dict(zip("abc", labels, strict=False))) for one in RULES[name].claims
    )
    if name == "count":
        claims = (claim(f"count {labels[0]}", 2),)
    rng = np.random.default_rng(seed)
    return {to_words(name, claims, new_grammar(), BANK, rng).text for _ in range(150)}


FARM = scene(
    event("dog", 1, 4, snr_db=12),
    event("dog", 8, 9, snr_db=12),
    event("owl", 8, 9, snr_db=12),
    event("cat", 11, 12, snr_db=4, distant=True),
    event("cow", 14, 15, snr_db=12),
    background=bed("fan"),
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("order", "some dog calling, then some cat calling"),
        ("order_far", "some dog calling, then some cat calling in the distance"),
        ("order_over", "some dog calling, then some cat calling, with some fan going on in"),
        ("sequence", "some dog calling, then some cat calling, then some cow calling"),
        ("louder", "some dog calling, louder than some cat calling"),
        ("background", "some dog calling with some fan going on in the background"),
        ("far", "some dog calling with some cat calling in the distance"),
        ("count", "some dog calling on two separate occasions"),
        ("between", "one cat calling, after one dog calling but before one cow calling"),
        (
            "count_then",
            "first two stretches of one dog calling, clearly apart, and later on one cat",
        ),
        ("while_then", "one dog calling and one owl calling at the same time, and then one cat"),
        ("without", "one dog calling and one cat calling, but not one pig calling"),
    ],
)
def test_what_is_said_of_a_scene_is_what_happens_in_it(name, text):
    grammar = new_grammar([name], test=not RULES[name].train)
    claims = list(claims_of(FARM, grammar, ["pig"], np.random.default_rng(0)))
    rng = np.random.default_rng(1)

    said = {to_words(*one, grammar, BANK, rng).text.lower() for one in claims * 400}

    swapped = text.replace("dog", "?").replace("cat", "dog").replace("?", "cat")
    assert any(one.startswith(text) for one in said)
    if name not in ("background", "without", "while_then"):
        assert not any(one.startswith(swapped) for one in said)


def test_no_wording_takes_one_event_for_one_stroke_or_its_scene_for_all_there_is():
    """An event may hold several barks, and there may be others before, between and after."""
    wordings = [text for rule in RULES.values() for text in (*rule.train, *rule.test)]

    assert not [text for text in wordings if "{a} {times}" in text]
    for word in ("to begin with", "starting with", "next", "finally", "last", "at the end"):
        assert not [text for text in wordings if word in text and "from start" not in text]


def test_three_occasions_have_pauses_and_not_a_pause():
    texts = words("train", "count", ["dog"], count=3)

    assert {x for x in texts if "pause" in x} == {
        x for x in texts if "three occasions, with pauses" in x
    }
    assert any("on three separate occasions" in text for text in texts)


def test_the_order_of_mention_is_not_the_order_of_time():
    texts = words("train", "order", ["dog", "cat"])

    first = [text.index("dog") < text.index("cat") for text in texts]
    assert 0.1 < np.mean(first) < 0.9


@pytest.mark.parametrize("side", ["train", "test"])
def test_phrases_kept_for_testing_are_heard_in_testing_only(side):
    texts = words(side, "two", ["dog", "cat"])

    kept = [bool(re.search(r"\b[Oo]ne (dog|cat)", text)) for text in texts if "/" not in text]
    assert set(kept) == {side == "test"}


@pytest.mark.parametrize(("side", "name"), SIDES)
def test_sentences_are_well_formed(side, name):
    labels = {"c": "fan"} if "background c" in str(RULES[name].claims) else {}
    texts = words(side, name, ["dog_bark", "roof_rain", labels.get("c", "speech")], bank=KIND_BANK)

    for text in texts:
        assert not re.search(r"\b(a|an|the|some) (a|an|the|some)\b", text, re.IGNORECASE)
        assert not re.search(r"[{}]|  | [,.;]|\.\.", text)
        assert text.endswith(".") == text[0].isupper()


KIND_BANK = bank_from_kinds(takes=1)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**31), st.booleans())
def test_a_caption_drawn_for_a_scene_always_holds_for_it(seed, test):
    one = draw_scene(BANK, Plan(seconds=(5.0, 60.0), repeat=0.5, distant=0.4), seed=seed)

    caption = draw_caption(one, new_grammar(test=test), BANK, seed=seed)

    assert holds(caption, one)


def test_everything_true_is_offered_and_nothing_else():
    one = scene(event("dog", 1, 3), event("cat", 5, 7, distant=True), background=bed("fan"))
    rng = np.random.default_rng(0)

    found = {(name, claims) for name, claims in claims_of(one, new_grammar(), [], rng)}

    by_rule = {name: sum(rule == name for rule, _ in found) for name in TRAINED}
    assert by_rule == {
        "one": 3,
        "only": 0,
        "only_over": 0,
        "two": 6,
        "three": 6,
        "order": 1,
        "while": 4,
        "count": 0,
        "far": 2,
        "order_far": 1,
        "background": 2,
        "order_over": 1,
        "sequence": 0,
        "louder": 2,
    }


def test_only_absent_sounds_are_denied():
    one = scene(event("dog", 1, 3), event("cat", 5, 7))
    grammar = new_grammar(["without"], test=True)

    found = list(claims_of(one, grammar, ["dog", "cow", "pig"], np.random.default_rng(0)))

    assert {claims[-1].labels[0] for _, claims in found} == {"cow", "pig"}


def test_the_same_seed_draws_the_same_caption():
    one = draw_scene(BANK, Plan(), seed=8)

    first, again = (draw_caption(one, new_grammar(), BANK, seed=2) for _ in range(2))

    assert first == again


def test_a_rule_that_is_not_there_is_named():
    with pytest.raises(UsageError, match="no caption rule called 'befor'"):
        new_grammar(["befor"])


def test_rules_kept_for_testing_are_not_for_training():
    with pytest.raises(UsageError, match="kept for testing"):
        new_grammar(["between"])


def test_a_scene_with_nothing_to_say_is_refused():
    with pytest.raises(UsageError, match="nothing can be said of scene x by the rules order"):
        draw_caption(scene(event("dog", 1, 2)), new_grammar(["order"]), BANK, seed=0)


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [("a dog barking", "dog barking"), ("thunder rumbling", "thunder rumbling"), ("an owl", "owl")],
)
def test_a_tag_has_no_article(phrase, expected):
    assert tag(phrase) == expected
