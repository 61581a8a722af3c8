"""Recipes times seeds: what is done, what is left, how long it takes; done things stay done.

What a run came to lies in `RESULTS/RECIPE/SEED.json` under the key of its recipe's text, so a grid
goes on after a stop, also in a fresh copy of the project, and a recipe that changed is run again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from torch import nn

from earmark.errors import UsageError
from earmark.lab.captioners import open_captioner
from earmark.lab.checkpoint import trained_for
from earmark.lab.compare.ask import ask, milliseconds
from earmark.lab.compare.outcome import Outcome, load, save
from earmark.lab.features.featured import Featured
from earmark.lab.matchers import matcher_class
from earmark.lab.matchers.ensemble import refuse_strangers
from earmark.lab.objectives import Places
from earmark.lab.objectives.retrieve import Matching, Retrieve
from earmark.lab.pairs import opener_at
from earmark.lab.recipe import FeatureRule, MatcherRule, Recipe, read_recipe
from earmark.lab.start import WEIGHTS, load_part
from earmark.lab.strict import unknown
from earmark.lab.train import Tell, train

TASKS = ("retrieve", "tune")
RUN = re.compile(r"\{run:([^}+]+)(?:\+(\d+))?\}")  # a recipe, and how much higher a seed
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

    def folder(self, runs: Path) -> Path:
        """Where it is trained."""
        return runs / f"{self.recipe.name}-{self.recipe.seed}-{self.key[:6]}"

    def outcome(self) -> Outcome | None:
        """What it came to, if it was done by this very recipe."""
        if not self.path.is_file():
            return None
        found = load(self.path)
        return found if found.key == self.key else None


class Grid:
    """All jobs; one may begin with, learn from, or hold what others of its seed have learned."""

    def __init__(
        self, paths: Sequence[Path], *, seeds: int, results: Path, runs: Path, places: Places
    ) -> None:
        recipes = [read_recipe(path) for path in paths]
        _refuse([recipe for recipe, _ in recipes])
        self._runs, self._places = runs, places
        self.jobs = [  # seed by seed, so that a half-done grid compares all
            Job(replace(recipe, seed=recipe.seed + seed), text, results)
            for seed in range(seeds)
            for recipe, text in recipes
        ]

    def minutes(self, job: Job) -> float:
        """Estimate how long a run is trained, from its first steps."""
        recipe = replace(job.recipe, start=replace(job.recipe.start, matcher=""))
        if recipe.teachers:  # which may not have been trained yet
            loss = {name: weight for name, weight in recipe.loss.items() if name != "soft"}
            recipe = replace(recipe, teachers={}, loss=loss)
        if _named_in(recipe.matcher.settings):  # members, which have little to do in few steps
            recipe = replace(recipe, matcher=MatcherRule())
        if _named_in(recipe.captions.settings):
            blank = replace(recipe.captions, captioner="blank", settings={})
            recipe = replace(recipe, captions=blank)
        objective = Retrieve(recipe, self._places, torch.device("cpu"))
        began = perf_counter()
        for step in range(TRIED):
            torch.stack([*objective.losses(objective.draw(step)).values()]).sum().backward()
        return recipe.train.steps * (perf_counter() - began) / TRIED / 60

    def work(self, job: Job, tell: Tell) -> Outcome:
        """Train, ask, keep what it came to."""
        recipe = self._with_runs(job, tell)
        dev = self._train(job, recipe, tell)
        tests = self._tests(recipe)
        first = next(iter(tests.values()))
        matcher = self._matcher(recipe, job.folder(self._runs), first)
        outcome = Outcome(
            recipe=job.recipe.name,
            seed=job.recipe.seed,
            key=job.key,
            parameters=sum(one.numel() for one in matcher.parameters()),
            seconds=trained_for(job.folder(self._runs)),
            dev=dev,
            milliseconds=milliseconds(matcher, first),
            tests={spec: ask(matcher, one) for spec, one in tests.items()},
        )
        save(outcome, job.path)
        return outcome

    def _tests(self, recipe: Recipe) -> dict[str, Featured]:
        """Open all that a recipe wants to be tested on; captions are written as for training."""
        opener = opener_at(self._places)
        captioner = open_captioner(recipe, opener.open(recipe.data.train[0]), self._places)
        rule = quiet(recipe)
        return {
            spec: Featured(opener.open(spec), rule, self._places, captioner)
            for spec in recipe.data.test
        }

    def _train(self, job: Job, recipe: Recipe, tell: Tell) -> dict[str, float]:
        """Train, by the recipe that has what it needs; what is trained already is only opened."""
        return train(recipe, job.text, job.folder(self._runs), self._places, tell)

    def _with_runs(self, job: Job, tell: Tell) -> Recipe:
        """Put folders where a recipe names others, once trained: `{run:pooled+10}`."""

        def folder(found: re.Match[str]) -> str:
            other = self._named(found[1], job, int(found[2] or 0))
            self._train(other, self._with_runs(other, tell), tell)
            return str(other.folder(self._runs))

        def placed(value: object) -> Any:  # noqa: ANN401 - as it came, but for the names
            if isinstance(value, list):
                return [placed(one) for one in value]
            return RUN.sub(folder, value) if isinstance(value, str) else value

        def found(told: dict[str, Any]) -> dict[str, Any]:
            return {name: placed(value) for name, value in told.items()}

        recipe = job.recipe
        return replace(
            recipe,
            start=replace(recipe.start, matcher=RUN.sub(folder, recipe.start.matcher)),
            captions=replace(recipe.captions, settings=found(recipe.captions.settings)),
            matcher=replace(recipe.matcher, settings=found(recipe.matcher.settings)),
            teachers=found(recipe.teachers),
        )

    def _named(self, name: str, job: Job, more: int) -> Job:
        """The job of another recipe with the same seed, or one that is so much higher."""
        for other in self.jobs:
            if other.recipe.name == name and other.recipe.seed == job.recipe.seed:
                recipe = replace(other.recipe, seed=other.recipe.seed + more)
                return replace(other, recipe=recipe)
        known = sorted({one.recipe.name for one in self.jobs})
        raise unknown(f"the recipe {job.recipe.name!r} needs {name!r}", name, known)

    def _matcher(self, recipe: Recipe, folder: Path, featured: Featured) -> nn.Module:
        plain = replace(recipe, start=replace(recipe.start, matcher=""))
        model = Matching(plain, featured.widths)
        load_part(model, folder / WEIGHTS, "")
        return model.matcher.eval()


def quiet(recipe: Recipe) -> FeatureRule:
    """The features of tests: noise is for learning, and a noisy test is a part of its own."""
    return replace(recipe.features, noisy=0.0)


def _refuse(recipes: Sequence[Recipe]) -> None:
    names = [recipe.name for recipe in recipes]
    for recipe in recipes:
        if recipe.task not in TASKS:
            raise UsageError(
                f"the recipe {recipe.name!r} is for the task {recipe.task!r}",
                hint=f"compare takes the tasks {' and '.join(TASKS)}, as in recipes/papers/",
            )
        if not recipe.data.test:
            raise UsageError(
                f"the recipe {recipe.name!r} is tested on nothing",
                hint='say test = ["scenes-v1#test"] in [data]',
            )
        if names.count(recipe.name) > 1:
            raise UsageError(
                f"two recipes are called {recipe.name!r}", hint="give each a name of its own"
            )
        rule = recipe.matcher
        matcher_class(rule.name, width=rule.width, **rule.settings)  # before the first is trained
        for other in recipes:
            if other.name in _named_in(rule.settings):
                refuse_strangers(recipe, other)


def _named_in(settings: dict[str, Any]) -> list[str]:
    """Which recipes are named, as `{run:pooled}` is, in what a matcher or a captioner is told."""
    return [name for told in settings.values() for name, _ in RUN.findall(str(told))]
