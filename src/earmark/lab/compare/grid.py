"""Recipes times seeds: what is done, what is left, how long it takes; done things stay done.

What a run came to lies in `RESULTS/RECIPE/SEED.json` under the key of its recipe's text, so a grid
goes on after a stop, also in a fresh copy of the project, and a recipe that changed is run again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from time import perf_counter

import torch

from earmark.errors import UsageError
from earmark.lab.answers import SHORTLIST
from earmark.lab.compare.ask import ask, milliseconds
from earmark.lab.compare.outcome import Outcome, load, save
from earmark.lab.objectives import Places
from earmark.lab.objectives.retrieve import Featured, Matching, Retrieve
from earmark.lab.pairs import Opener
from earmark.lab.recipe import Recipe, read_recipe
from earmark.lab.start import WEIGHTS, load_part
from earmark.lab.train import Tell, train

TASK = "retrieve"
TRIED = 3  # steps that tell how long a run takes


@dataclass(frozen=True, slots=True)
class Job:
    """One recipe with one seed."""

    recipe: Recipe
    text: str
    results: Path

    @property
    def key(self) -> str:
        """What its recipe is known by."""
        return blake2b(self.text.encode(), digest_size=8).hexdigest()

    @property
    def path(self) -> Path:
        """Where what it came to lies."""
        return self.results / self.recipe.name / f"{self.recipe.seed}.json"

    def outcome(self) -> Outcome | None:
        """What it came to, if it was done by this very recipe."""
        if not self.path.is_file():
            return None
        found = load(self.path)
        return found if found.key == self.key else None


def jobs_of(paths: Sequence[Path], seeds: int, results: Path) -> list[Job]:
    """List every recipe with every seed, seed by seed, so that a half-done grid compares all."""
    recipes = [read_recipe(path) for path in paths]
    for recipe, _ in recipes:
        _refuse(recipe)
    names = [recipe.name for recipe, _ in recipes]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UsageError(f"two recipes are called {twice!r}", hint="give each a name of its own")
    return [
        Job(replace(recipe, seed=recipe.seed + seed), text, results)
        for seed in range(seeds)
        for recipe, text in recipes
    ]


def minutes(job: Job, places: Places) -> float:
    """Estimate how long a run takes, from its first steps and a few questions."""
    objective = Retrieve(job.recipe, places, torch.device("cpu"))
    began = perf_counter()
    for step in range(TRIED):
        sum(objective.losses(objective.draw(step)).values()).backward()
    seconds = job.recipe.train.steps * (perf_counter() - began) / TRIED
    return seconds / 60


def work(job: Job, places: Places, runs: Path, tell: Tell) -> Outcome:
    """Train, ask, keep what it came to."""
    folder = runs / f"{job.recipe.name}-{job.recipe.seed}-{job.key[:6]}"
    began = perf_counter()
    dev = train(job.recipe, job.text, folder, places, tell)
    seconds = perf_counter() - began
    opener = Opener(places, {})
    tests = {
        spec: Featured(opener.open(spec), job.recipe.features, places)
        for spec in job.recipe.data.test
    }
    first = next(iter(tests.values()))
    model = Matching(job.recipe, first.widths)
    load_part(model, folder / WEIGHTS, "")
    matcher = model.matcher.eval()
    outcome = Outcome(
        recipe=job.recipe.name,
        seed=job.recipe.seed,
        key=job.key,
        parameters=sum(one.numel() for one in matcher.parameters()),
        seconds=round(seconds, 1),
        dev=dev,
        milliseconds=milliseconds(matcher, first),
        tests={spec: ask(matcher, one, shortlist=SHORTLIST) for spec, one in tests.items()},
    )
    save(outcome, job.path)
    return outcome


def _refuse(recipe: Recipe) -> None:
    if recipe.task != TASK:
        raise UsageError(
            f"the recipe {recipe.name!r} is for the task {recipe.task!r}",
            hint=f"compare takes recipes of the task {TASK!r}, as in recipes/papers/",
        )
    if not recipe.data.test:
        raise UsageError(
            f"the recipe {recipe.name!r} is tested on nothing",
            hint='say test = ["scenes-v1#test"] in [data]',
        )
