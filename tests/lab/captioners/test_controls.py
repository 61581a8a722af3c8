"""What is true, what is true of others, and nothing: told of scenes whose truth is known."""

import pytest

pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

import re

from earmark.lab.captioners import asked_of, plain
from earmark.lab.captioners.controls import Blank, Retold, Shuffled
from earmark.lab.pairs import Opener
from earmark.scenes.templates import RULES
from lab.captioners import made

SYNTH = "scenes-synth-v1"


@pytest.fixture(scope="module")
def scenes(places):
    return Opener(places).open(f"{SYNTH}#test,size=12")


def as_pattern(template):
    """A template with anything in its slots."""
    plain_parts = re.split(r"\{\w+\}", template)
    return re.compile(".+".join(map(re.escape, plain_parts)) + r"\.?", re.IGNORECASE)


def test_true_captions_are_none_of_those_that_were_written(places, scenes):
    rows = Retold(made.lesson_of(places)).write(asked_of(scenes))

    written = {plain(text) for text in scenes.task.texts}
    assert all(len(row) == 2 for row in rows)
    assert not written & {plain(text) for row in rows for text in row}


def test_true_captions_are_in_the_words_of_training(places, scenes):
    rows = Retold(made.lesson_of(places)).write(asked_of(scenes))

    known = [as_pattern(one) for rule in RULES.values() for one in rule.train]
    assert all(any(one.fullmatch(text) for one in known) for row in rows for text in row)


def test_true_captions_name_what_is_in_the_scene(places, scenes):
    rows = Retold(made.lesson_of(places)).write(asked_of(scenes))
    bank = Opener(places)
    bank.open(f"{SYNTH}#test,size=12")
    phrases = bank.pools[SYNTH].bank("test").phrases

    for row, scene in zip(rows, scenes.task.sounds, strict=True):
        labels = {event.label for event in scene.events}
        labels |= {scene.background.label} if scene.background else set()
        words = [phrase for label in labels for phrase in phrases(label)]
        tags = [re.sub(r"^(a|an|the|some) ", "", phrase).casefold() for phrase in words]
        assert all(any(tag in text.casefold() for tag in tags) for text in row)


def test_shuffled_captions_are_the_true_ones_of_another_sound(places, scenes):
    lesson = made.lesson_of(places)

    true, dealt = (kind(lesson).write(asked_of(scenes)) for kind in (Retold, Shuffled))

    assert sorted(map(tuple, dealt)) == sorted(map(tuple, true))
    assert all(own != other for own, other in zip(true, dealt, strict=True))


def test_of_clips_nothing_is_known_but_their_captions(places):
    clips, lesson = asked_of(made.opened(places, "dev")), made.lesson_of(places)

    assert Retold(lesson).write(clips) == Shuffled(lesson).write(clips) == [[]] * 6


def test_a_blank_is_the_same_for_every_sound(places, scenes):
    rows = Blank(made.lesson_of(places)).write(asked_of(scenes))

    assert len({tuple(row) for row in rows}) == 1
    assert len(rows) == 12
