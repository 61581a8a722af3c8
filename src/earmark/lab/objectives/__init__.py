"""What can be trained, behind one small contract; the loop knows nothing of any of them.

An objective holds the networks and draws its batches by step, so that a run that goes on after a
stop sees just what it would have seen. To add one: write the file, add a row to `OBJECTIVES`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from earmark.errors import UsageError
from earmark.lab.strict import unknown

if TYPE_CHECKING:
    from pathlib import Path

    import torch
    from torch import Tensor, nn

    from earmark.lab.recipe import Recipe


def _silent(*_: object) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a run finds things, and whom it tells what it does before its first step."""

    data: Path  # the data folder that `{data}` stands for
    cache: Path  # decoded sound, targets of teachers
    watch: Callable[[str, float], None] = _silent  # what is being done, and which share is done
    note: Callable[[str], None] = _silent  # what a person should read


class Objective(Protocol):
    """What the loop asks of a task."""

    model: nn.Module  # all that learns

    def draw(self, step: int) -> Any:  # noqa: ANN401 - `losses` takes it, nobody else
        """Draw what is in a batch, by the seed and this number alone; runs in a thread."""

    def losses(self, drawn: Any) -> dict[str, Tensor]:  # noqa: ANN401 - what `draw` gave
        """Work on a batch: losses by name, each a scalar."""

    def examine(self, model: nn.Module) -> dict[str, float]:
        """Measure a model on dev; the first figure decides which weights are kept, high is good."""


@dataclass(frozen=True, slots=True)
class Task:
    """One row of the table."""

    module: str
    cls: str
    sections: tuple[str, ...]  # of a recipe that it uses, beside name, task, seed, train
    losses: dict[str, float]  # and what each weighs unless the recipe says otherwise
    teachers: tuple[str, ...] = ()
    not_used: tuple[str, ...] = ()  # keys of [data] that say nothing to it


OBJECTIVES = {
    "hear": Task(
        "hear",
        "Hear",
        ("data", "mix", "ears", "teachers", "loss", "start"),
        {"classes": 50.0, "embedding": 4.0, "tokens": 2.0},
        ("ears",),
        (
            "test",
            "wrong",
            "rewrites",
            "rewritten",
            "scenes",
            "clip_scenes",
            "kept",
            "sentences",
            "tongues",
        ),
    ),
    "read": Task(
        "read",
        "ReadWords",
        ("data", "words", "teachers", "loss", "start"),
        {"gist": 1.0, "relations": 0.02},
        ("words",),
        ("test", "wrong", "rewrites", "rewritten", "scenes", "clip_scenes", "kept", "tongues"),
    ),
    "translate": Task(
        "translate",
        "Translate",
        ("data", "words", "teachers", "loss"),
        {"gist": 1.0, "relations": 0.1, "tongue": 0.1},
        ("words",),
        (
            "train",
            "dev",
            "test",
            "wrong",
            "rewrites",
            "rewritten",
            "codecs",
            "synthetic",
            "scenes",
            "clip_scenes",
            "kept",
            "sentences",
        ),
    ),
    "match": Task(
        "match",
        "Match",
        ("data", "mix", "ears", "words", "captions", "matcher", "teachers", "loss", "start"),
        {
            "pairs": 1.0,
            "named": 1.0,
            "scenes": 0.5,
            "soft": 1.0,
            "aim": 0.0,
            "meaning": 1.0,
            "kin": 0.0,
            "classes": 50.0,
            "tokens": 2.0,
        },
        ("ears", "words"),
        ("test", "wrong", "rewrites", "rewritten", "tongues"),
    ),
    "retrieve": Task(
        "retrieve",
        "Retrieve",
        ("data", "features", "captions", "matcher", "teachers", "loss", "start"),
        {
            "nt_xent": 1.0,
            "max_margin": 0.0,
            "soft": 0.0,
            "gist": 1.0,
            "cosine": 0.0,
            "l1": 0.0,
            "l1_mean": 0.0,
            "order": 0.0,
            "levels": 0.0,  # these are losses of some matchers alone
            "align": 0.0,
            "branch": 0.0,
            "disentangle": 0.0,
        },
        ("matcher",),
        ("codecs", "synthetic", "scenes", "clip_scenes", "kept", "sentences", "tongues"),
    ),
    "tune": Task(
        "retrieve",
        "Retrieve",
        ("data", "features", "ears", "words", "matcher", "loss", "start"),
        {"nt_xent": 1.0, "max_margin": 0.0, "order": 0.0},
        (),
        ("codecs", "synthetic", "scenes", "clip_scenes", "kept", "sentences", "tongues"),
    ),
}
BLOCKS = ("at_once", "spread")  # of [train], for batches of matchers alone
ALWAYS = ("name", "task", "seed", "train")


def new_objective(recipe: Recipe, places: Places, device: torch.device) -> Objective:
    """Make the objective that a recipe names."""
    task = _task(recipe.task, "this recipe")
    module = import_module(f"earmark.lab.objectives.{task.module}")
    objective: Objective = getattr(module, task.cls)(recipe, places, device)
    return objective


def weights_of(recipe: Recipe) -> dict[str, float]:
    """What each loss of a recipe weighs; those that weigh nothing are left out."""
    weights = OBJECTIVES[recipe.task].losses | recipe.loss
    return {name: weight for name, weight in weights.items() if weight}


def refuse_unused(
    name: str, table: Mapping[str, Any], loss: Mapping[str, float], where: str
) -> None:
    """Raise for a section, a key of data, a loss or a teacher that this task would not use."""
    task = _task(name, where)
    unused = [f"[{section}]" for section in table if section not in ALWAYS + task.sections]
    unused += [f"{key} in [data]" for key in table.get("data", {}) if key in task.not_used]
    if name != "retrieve":
        unused += [f"{key} in [train]" for key in table.get("train", {}) if key in BLOCKS]
    if unused:
        raise UsageError(
            f"{where}: the task {name!r} does not use {unused[0]}",
            hint=f"take it out; its sections are: {', '.join(task.sections)}",
        )
    for word, known in ((loss, task.losses), (table.get("teachers", {}), task.teachers)):
        for key in word:
            if key not in known:
                raise unknown(f"{where}: the task {name!r} has no {key!r}", key, list(known))
    _refuse_weights({**task.losses, **loss}, where)


def _refuse_weights(weights: Mapping[str, float], where: str) -> None:
    odd = [f"{name} weighs {weight}" for name, weight in weights.items() if not _can_weigh(weight)]
    if odd or not any(weights.values()):
        raise UsageError(
            f"{where}: loss: {odd[0] if odd else 'nothing weighs anything'}",
            hint="a loss weighs 0 or more, and one of them more than 0",
        )


def _can_weigh(weight: float) -> bool:
    return 0 <= weight < math.inf


def _task(name: str, where: str) -> Task:
    if name not in OBJECTIVES:
        raise unknown(f"{where}: there is no task {name!r}", name, list(OBJECTIVES))
    return OBJECTIVES[name]
