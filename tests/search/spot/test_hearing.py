"""What can be heard in a sentence: every rule by hand, and how often all of them are right."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.search.describe.vocabulary import vocabulary
from earmark.search.lexicon import gerund, lexicon
from earmark.search.spot.hearing import sounds_in

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("text", "sounds"),
    [
        # clauses
        ("The door slams and a dog barks.", ["door slamming", "dog barking"]),
        ("Rain, wind, and far away a siren.", ["rain", "wind", "siren"]),
        ("The door opens. The door closes.", ["door opening", "door closing"]),
        ("A dog barks. A dog barks.", ["dog barking"]),
        # who does it is carried on, and names are not
        ("The dog growls and barks at Anna.", ["dog growling", "dog barking"]),
        ("Anna laughs.", ["laughing"]),
        ("A woman laughs.", ["woman laughing"]),
        ("The baby wakes and starts to cry.", ["baby crying"]),
        # what it needs beside it
        ("The phone rings.", ["phone ringing"]),
        ("The ring on her finger is gold.", []),
        ("He strikes a match.", ["striking match"]),
        ("It strikes him as odd.", []),
        ("The engine stops.", ["engine stopping"]),
        ("The music stops.", []),
        ("The dog stops barking.", []),
        # nouns
        ("Heavy rain on a tin roof.", ["heavy rain on tin roof"]),
        ("A rain coat hangs there.", []),
        ("A crack in the wall.", []),
        ("It gives way with a crack.", ["crack"]),
        ("A can rolls across the floor.", ["rolling across floor"]),
        # forms
        ("A closed door.", []),
        ("The window is closed.", []),
        ("Someone closed the window.", ["closing window"]),
        ("Something heavy is dragged across the floor.", ["heavy dragging across floor"]),
        ("The ringing phone wakes him.", ["phone ringing"]),
        ("He starts to cry.", ["crying"]),
        ("He wants to cry.", []),
        ("Rings on her fingers.", []),
        ("Clocks strike twelve.", ["clocks striking twelve"]),
        # on foot
        ("She walks through the snow to the car.", ["footsteps through snow"]),
        ("He runs down the hall.", ["running footsteps down hall"]),
        ("He runs a shop.", []),
        ("The road runs along the coast.", []),
        ("Water runs into the bath.", ["water running into bath"]),
        ("They walk through the rain.", ["footsteps", "rain"]),
        # heard in so many words
        ("We hear a kookaburra.", ["kookaburra"]),
        ("A kookaburra can be heard.", ["kookaburra"]),
        ("She hears that he has left.", []),
        ("The sound of dripping water.", ["dripping water"]),
        ("It sounds like a hundred drums.", ["hundred drums"]),
        # capitals
        ("The engine SPUTTERS.", ["engine sputtering"]),
        ("The Geiger counter FROBS.", []),
        ("The engine FROBS.", ["engine frobbing"]),
        ("THE ENGINE FROBS.", []),
        # not heard
        ("He thinks about his mother.", []),
        ("She dreams of thunder and rain.", []),
        ("No dog barks.", []),
        ("Not far away a dog barks.", ["dog barking"]),
        ("The dog does not bark.", []),
        ("He would scream if he could.", []),
        ("If the alarm rings, run.", []),
        ("Does the dog bark?", []),
        ("A painting of a storm, and of thunder.", ["thunder"]),
        ("A photograph of thunder.", []),
        ("The frogs fall silent.", []),
        ("The last train left an hour ago.", []),
        ("“Did you hear the thunder?” she asks.", []),
        ("She screams like a siren.", ["screaming"]),
        ("He is as quiet as a barking mouse.", []),
        ("", []),
        ("...", []),
    ],
)
def test_a_sentence_gives_these_sounds(text, sounds):
    assert sounds_in(text) == sounds


WORDS = [
    "A",
    "the",
    "dog",
    "DOG",
    "barks",
    "ring",
    "to",
    "hears",
    "of",
    "walk",
    "can",
    "'s",
    "as",
    "-",
]


@given(st.lists(st.sampled_from([*WORDS, "with", ",", ".", "“", "”", "rain", "Anna", "is", "not"])))
def test_any_words_give_sounds_in_words_each_once(words):
    sounds = sounds_in(" ".join(words))

    assert all(sound.strip() == sound != "" for sound in sounds)
    assert len(set(sounds)) == len(sounds)


def test_people_who_speak_in_a_script_are_no_sounds():
    assert sounds_in("A hinge creaks behind GRUMP.") == ["hinge creaking behind grump"]
    assert sounds_in("A hinge creaks behind GRUMP.", frozenset({"grump"})) == ["hinge creaking"]


@pytest.mark.parametrize(
    ("verb", "with_ing"),
    [
        ("slam", "slamming"),
        ("creak", "creaking"),
        ("rattle", "rattling"),
        ("die", "dying"),
        ("open", "opening"),
        ("unzip", "unzipping"),
        ("quack", "quacking"),
        ("snow", "snowing"),
    ],
)
def test_verbs_get_their_ing(verb, with_ing):
    assert gerund(verb) == with_ing


def test_every_row_of_the_lexicon_means_something():
    text = (ROOT / "src/earmark/search/lexicon.csv").read_text(encoding="utf-8")
    rows = [row.split(",") for row in text.splitlines()[1:]]
    groups = {row[2] for row in rows if row[1] == "source"}

    assert {row[1] for row in rows} == {"sound", "verb", "walk", "noun", "word", "source"}
    assert len({(word, kind, of) for word, kind, of, _ in rows}) == len(rows)
    assert all(row[2] for row in rows if row[1] == "source")
    known = {
        form for table in (lexicon().verbs, lexicon().nouns, lexicon().groups) for form in table
    }
    assert {row[0] for row in rows} <= known
    assert {"vehicle", "animal", "opening"} <= groups


def test_most_of_what_may_be_heard_is_heard_in_words():
    """Words for a thing alone (`a car`) are not heard in a sentence, so not all of them are."""
    heard = [one.text for one in vocabulary() if sounds_in(f"There is {one.text} outside.")]

    assert len(heard) >= 250


def test_the_figures_of_the_page_are_those_of_the_rules():
    tool = [sys.executable, str(ROOT / "tools" / "spot_table.py")]
    done = subprocess.run(tool, capture_output=True, text=True, check=True)

    unseen = done.stdout.partition("unseen.csv: ")[2].splitlines()
    assert unseen[0] == "127 sentences, 86 cues"
    figures = [float(one) for line in unseen[1:3] for one in re.findall(r"\d\.\d+", line)]
    assert all(
        figure >= least for figure, least in zip(figures, (0.95, 0.8, 0.95, 0.8), strict=True)
    )
    page = (ROOT / "docs" / "spot.md").read_text(encoding="utf-8")
    for line in unseen[1:3]:
        assert line.strip() in page
