"""The prompt, and what is taken of an answer."""

import json
from pathlib import Path

import pytest

from earmark.lab.writers.prompt import PROMPT, prompt_for, taken

PAGE = Path(__file__).parents[3] / "docs" / "methods" / "writers.md"

TWO = ["a canine barks", "one dog is barking"]


def test_the_prompt_says_how_many_and_how_long_and_holds_the_caption_as_json():
    caption = 'a "loud" dog\nCaption: "rain"'
    prompt = prompt_for(caption, 3)

    assert "exactly 3 other captions" in prompt
    assert "at most 20 words" in prompt
    assert prompt.endswith(f"Caption: {json.dumps(caption)}\n")


def test_a_long_caption_may_be_told_at_its_own_length():
    assert "at most 24 words" in prompt_for("dog " * 24, 3)


@pytest.mark.parametrize(
    "said",
    [
        json.dumps(TWO),
        f"Sure!\n```json\n{json.dumps(TWO, indent=1)}\n```",
        f"<think>[maybe] [1, 2]</think>{json.dumps(TWO)} I hope [this] helps",
        json.dumps([f"  {TWO[0]}\n", TWO[1]]),
    ],
)
def test_a_list_is_found_in_what_is_said(said):
    found = taken(said, "a dog barks", 2)

    assert found.rewrites == tuple(TWO)
    assert found.fault == ""


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("", "no JSON list"),
        ("I cannot do that.", "no JSON list"),
        ("[1, 2]", "no JSON list"),
        ('["a dog", ""]', "no JSON list"),
        ("[]", "no JSON list"),
        ("[" * 100_000, "no JSON list"),
        ('["a dog"]', "not 2 sentences"),
        ('["a dog", "a dog", "a dog"]', "not 2 sentences"),
        (json.dumps(["a dog", "dog " * 21]), "too long"),
    ],
)
def test_what_was_not_asked_for_is_refused_whole(said, fault):
    found = taken(said, "a dog barks", 2)

    assert found.rewrites == ()
    assert fault in found.fault


def test_the_page_shows_the_prompt_as_it_is():
    assert PROMPT in PAGE.read_text(encoding="utf-8")
