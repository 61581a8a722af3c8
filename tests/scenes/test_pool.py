import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from earmark.errors import UsageError
from earmark.scenes.bank import Bank
from earmark.scenes.constraints import contents, holds
from earmark.scenes.draw import Plan, mirrored
from earmark.scenes.matching import doubts, matches
from earmark.scenes.pool import draw_pool
from earmark.scenes.templates import RULES
from earmark.scenes.truth import to_line
from scenes.fake_bank import fake_bank

BANK = fake_bank()
FEW = ("dog", "cat", "cow", "pig", "owl", "hen", "fox", "bat", "wind", "fan")
PLAN = Plan(events=(1, 4), captions=2, twins=0.2, split="validation")


@pytest.fixture(scope="module")
def pool():
    return draw_pool(BANK, PLAN, size=200, seed=7)


def test_a_pool_has_the_scenes_and_captions_that_were_asked_for(pool):
    assert len(pool) == len({scene.id for scene in pool}) == 200
    assert {len(scene.captions) for scene in pool} == {2}
    assert {scene.split for scene in pool} == {"validation"}


def test_every_caption_is_true_of_its_scene_and_of_few_others(pool):
    captions = [caption for scene in pool for caption in scene.captions]

    right = matches(captions, pool)

    assert right[np.arange(400), np.arange(400) // 2].all()
    assert right.sum(axis=1).max() == 2
    assert right.sum(axis=1).mean() <= 2
    assert not doubts(captions, pool).any()


def test_a_small_pool_allows_one_right_scene_a_caption():
    pool = draw_pool(BANK, PLAN, size=40, seed=1)

    right = matches([caption for scene in pool for caption in scene.captions], pool)

    assert right.sum(axis=1).max() == 1


def test_captions_fit_two_scenes_on_average_where_more_are_allowed(monkeypatch):
    monkeypatch.setattr("earmark.scenes.pool.MOST", 0.1)
    few = Bank(tuple(sound for label in FEW for sound in BANK.by_label[label]))

    pool = draw_pool(few, replace(PLAN, twins=0.0, captions=1), size=60, seed=0)

    right = matches([scene.captions[0] for scene in pool], pool).sum(axis=1)
    assert 2 < right.max() <= 6
    assert 1.5 < right.mean() <= 2


def test_one_scene_in_five_has_a_twin_beside_it(pool):
    twins = [scene for scene in pool if scene.twin]

    assert len(twins) == 40
    for one, other in zip(twins[::2], twins[1::2], strict=True):
        assert (one.twin, other.twin) == (other.id, one.id)
        assert mirrored(one, other.id).events == other.events
        assert (one.background, one.level_db, one.seed) == (
            other.background,
            other.level_db,
            other.seed,
        )


def test_the_first_caption_of_a_twin_is_wrong_for_its_sibling(pool):
    by_id = {scene.id: scene for scene in pool}

    for scene in pool:
        if scene.twin:
            assert RULES[scene.captions[0].rule].ordered
            assert not holds(scene.captions[0], by_id[scene.twin])


def test_scenes_drawn_again_keep_their_number_of_events():
    plan = Plan(twins=0.0, captions=1, seconds=(20.0, 20.0))
    first = draw_pool(BANK, replace(plan, captions=0), size=120, seed=5)

    pool = draw_pool(BANK, plan, size=120, seed=5)

    changed = [(a, b) for a, b in zip(first, pool, strict=True) if a.seed != b.seed]
    assert len(changed) > 2
    assert all(len(a.events) == len(b.events) for a, b in changed)


def test_testing_shares_neither_rules_nor_words_with_training(pool):
    held = draw_pool(BANK, PLAN, size=60, seed=7, test=True)

    train, test = (
        {caption.text.lower().strip(".") for scene in one for caption in scene.captions}
        for one in (pool, held)
    )
    assert not train & test
    assert {c.rule for s in pool for c in s.captions} <= {n for n, r in RULES.items() if r.train}
    assert all(re.search(r"\bone ", text) or "/" in text for text in test)


def test_the_same_seed_gives_the_same_lines_in_a_new_process():
    here = [to_line(scene) for scene in draw_pool(BANK, PLAN, size=12, seed=3)]
    code = (
        "from scenes.test_pool import *\n"
        "for scene in draw_pool(BANK, PLAN, size=12, seed=3): print(ascii(to_line(scene)))"
    )

    there = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
        env={**__import__("os").environ, "PYTHONHASHSEED": "77"},
    )

    assert there.stdout.splitlines() == [ascii(line) for line in here]


def test_another_seed_gives_another_pool():
    one, other = (draw_pool(BANK, PLAN, size=12, seed=seed) for seed in (1, 2))

    assert [scene.events for scene in one] != [scene.events for scene in other]


def test_only_the_rules_of_the_plan_are_used():
    plan = replace(PLAN, rules=("order", "sequence"), events=(2, 4), overlap=0.0, captions=1)

    pool = draw_pool(BANK, plan, size=30, seed=0)

    assert {caption.rule for scene in pool for caption in scene.captions} == {"order", "sequence"}


def test_a_pool_without_captions_needs_none():
    assert {s.captions for s in draw_pool(BANK, replace(PLAN, captions=0), size=10, seed=0)} == {()}


def test_long_scenes_of_one_event_make_a_pool():
    plan = Plan(seconds=(60, 120), events=(1, 1), background=1.0, repeat=0, twins=0, captions=1)

    pool = draw_pool(BANK, plan, size=30, seed=0)

    assert {len(scene.events) for scene in pool} == {1}
    assert min(scene.seconds for scene in pool) >= 60


def test_a_bank_that_is_too_small_says_so():
    few = Bank((*BANK.by_label["dog"], *BANK.by_label["cat"]))

    with pytest.raises(UsageError, match=r"\d+ of 20 scenes found no 2 captions"):
        draw_pool(few, replace(PLAN, events=(1, 2), twins=0.0), size=20, seed=0)


def test_twins_without_a_rule_of_order_are_refused():
    with pytest.raises(UsageError, match="twins differ in order alone"):
        draw_pool(BANK, replace(PLAN, rules=("two",)), size=20, seed=0)


def test_twins_of_one_sound_are_refused():
    few = Bank((*BANK.by_label["dog"], *BANK.by_label["wind"]))
    plan = Plan(events=(2, 2), repeat=1.0, twins=1.0, background=1.0)

    with pytest.raises(UsageError, match="no two sounds in a clear order"):
        draw_pool(few, plan, size=4, seed=0)


def test_a_pool_holds_counts_distance_and_backgrounds(pool):
    assert any(event.distant for scene in pool for event in scene.events)
    assert any(len(contents(scene).events) < len(scene.events) for scene in pool)
    assert 0.5 < np.mean([scene.background is not None for scene in pool]) < 0.95
