"""Styles of asking: other words, and what they claim is still what is right."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.asked import STYLES, asked_in, styled
from earmark.lab.objectives import Places
from earmark.lab.pairs import Opener
from earmark.scenes.constraints import holds
from earmark.scenes.truth import Constraint

PART = "scenes-synth-v1#test,size=12"


@pytest.fixture(scope="module")
def opener(tmp_path_factory):
    return Opener(Places(Path("nowhere"), tmp_path_factory.mktemp("pools")))


@pytest.fixture(scope="module")
def scenes(opener):
    return opener.open(PART).task.sounds


@pytest.fixture(scope="module")
def bank(opener, scenes):
    return opener.pools["scenes-synth-v1"].bank("test")


@pytest.mark.parametrize(
    ("words", "part", "style"),
    [
        ("test", "test", ""),
        ("test,size=12", "test,size=12", ""),
        ("test,joined", "test", "joined"),
        ("test,size=12,command", "test,size=12", "command"),
    ],
)
def test_a_style_stands_behind_a_part(words, part, style):
    assert styled(words) == (part, style)


@pytest.mark.parametrize("style", STYLES)
def test_what_is_asked_in_a_style_is_true_of_the_scene_it_was_written_for(style, scenes, bank):
    asked = asked_in(style, scenes, bank)

    assert [scene.id for scene in asked] == [scene.id for scene in scenes]
    for scene in asked:
        assert all(holds(caption, scene) for caption in scene.captions)


@pytest.mark.parametrize("style", STYLES)
def test_a_style_puts_captions_otherwise_and_always_alike(style, scenes, bank):
    before = [one.text for scene in scenes for one in scene.captions]
    after = [[one.text for s in asked_in(style, scenes, bank) for one in s.captions] for _ in "ab"]

    assert after[0] == after[1]
    changed = np.mean([one != other for one, other in zip(before, after[0], strict=True)])
    assert changed > (0.4 if style == "paraphrase" else 0.9)  # no rule is for some sentences


def test_without_a_style_scenes_are_asked_for_by_their_captions(scenes, bank):
    assert asked_in("", scenes, bank) == list(scenes)


def test_a_command_has_the_caption_in_it(scenes, bank):
    for plain, asked in zip(scenes, asked_in("command", scenes, bank), strict=True):
        for one, other in zip(plain.captions, asked.captions, strict=True):
            assert one.text[1:].rstrip(".") in other.text
            assert other.constraints == one.constraints


def test_tags_name_what_is_there_and_claim_no_more(scenes, bank):
    for scene in asked_in("tags", scenes, bank):
        for caption in scene.captions:
            assert {one.relation for one in caption.constraints} == {"heard"}
            assert caption.text.count(",") == len(caption.constraints) - 1


def test_a_denial_adds_a_claim_of_what_is_not_there(scenes, bank):
    for plain, asked in zip(scenes, asked_in("negative", scenes, bank), strict=True):
        for one, other in zip(plain.captions, asked.captions, strict=True):
            *kept, denied = other.constraints
            assert tuple(kept) == one.constraints
            assert denied == Constraint("without", denied.labels)


def test_a_part_is_opened_in_a_style(opener):
    plain, asked = opener.open(PART), opener.open(f"{PART},command")

    assert asked.sounds.waves[0](8_000).tolist() == plain.sounds.waves[0](8_000).tolist()
    assert not {*plain.task.texts} & {*asked.task.texts}
    assert asked.task.match.any(axis=1).all()
