"""A trained run is asked all that its recipe wants to be tested on, both ways."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch import nn

from earmark.errors import UsageError
from earmark.lab.answers import SHORTLIST, Prepared, answers, prepared
from earmark.lab.compare.outcome import Asked, Test
from earmark.lab.exam.scenery import order, turned_round
from earmark.lab.features.featured import Featured
from earmark.lab.pairs import alone
from earmark.scenes import Scene
from earmark.score import Task, rank
from earmark.score.report import Direction

DIRECTIONS: tuple[Direction, ...] = ("text to audio", "audio to text")
ONE_RIGHT = "text to audio, one right"  # only the sound that a sentence was written for
IN_ORDER = "right order or swapped"  # which of two scenes with the same sounds
BY_GISTS = "by gists alone"  # before both sides are seen
EVERY = 200  # sounds of a set of which every pair is seen, not only a shortlist
CPU = torch.device("cpu")
TIMED = 20  # queries


def ask(matcher: nn.Module, featured: Featured) -> Test:
    """Ask every sentence and every sound of a set, in every way that says something."""
    task = featured.pairs.task
    text, audio = sides(matcher, featured)
    many = max(len(task.texts), len(task.sounds))
    shortlist = many if len(task.sounds) <= EVERY else SHORTLIST
    found = {
        way: answers(matcher, text, audio, direction=way, shortlist=shortlist).cpu().numpy()
        for way in DIRECTIONS
    }
    asked = {str(way): _asked(task, scores, way) for way, scores in found.items()}
    first = found["text to audio"]
    asked[ONE_RIGHT] = _asked(replace(task, match=alone(task)), first, "text to audio")
    if not matcher.separable:
        gists = (text.gist @ audio.gist.T).cpu().numpy()
        asked |= {f"{way}, {BY_GISTS}": _asked(task, gists, way) for way in DIRECTIONS}
    return Test(
        texts=len(task.texts),
        sounds=len(task.sounds),
        asked=asked | _in_order(task, first),
        order=_order(task, first),
    )


def sides(matcher: nn.Module, featured: Featured) -> tuple[Prepared, Prepared]:
    """Let a matcher make what it can of each side by itself."""
    task = featured.pairs.task
    texts, sounds = np.arange(len(task.texts)), np.arange(len(task.sounds))
    return (
        prepared(matcher, featured.text(texts, CPU), is_text=True),
        prepared(matcher, featured.audio(sounds, CPU), is_text=False),
    )


def milliseconds(matcher: nn.Module, featured: Featured) -> dict[str, float]:
    """What a query costs on top of its towers, and a sound."""
    text, audio = sides(matcher, featured)
    queries = text.first(TIMED)
    began = perf_counter()
    answers(matcher, queries, audio)
    query = 1000 * (perf_counter() - began) / len(queries.gist)
    began = perf_counter()
    sounds = np.arange(min(TIMED, len(featured.pairs.task.sounds)))
    prepared(matcher, featured.audio(sounds, CPU), is_text=False)
    return {"query": query, "sound": 1000 * (perf_counter() - began) / len(sounds)}


def _asked(task: Task[Any], scores: np.ndarray, way: Direction) -> Asked:
    asked = task.asked(scores, way)
    if asked.drawn != "queries":
        raise UsageError(
            "a set whose captions name kinds of sound cannot be a test here",
            hint="name scenes, or clips whose captions were each written for one of them",
        )
    return Asked.of(rank(asked.scores, asked.match), asked.recordings, task.recordings)


def _order(task: Task[Any], scores: np.ndarray) -> dict[str, Any]:
    """How often the right order is found before the swapped one, where scenes stand in both."""
    if not all(isinstance(one, Scene) for one in task.sounds):
        return {}
    found = order(task, scores)
    return found if found["pairs"] else {}


def _in_order(task: Task[Any], scores: np.ndarray) -> dict[str, Asked]:
    """The same, question by question, as a choice of two."""
    if not all(isinstance(one, Scene) for one in task.sounds):
        return {}
    both, names = turned_round(task, scores)
    match = np.broadcast_to(np.array([True, False]), both.shape)
    return {IN_ORDER: Asked.of(rank(both, match), names, names)} if names else {}
