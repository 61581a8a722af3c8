"""Where the time of a training step of task `hear` goes: milliseconds a mixture, medians of steps.

    python tools/loop_speed.py RECIPE --data FOLDER [--cache FOLDER] [--steps 20]

What it decodes and works out first is kept in the cache, as `earmark train` does.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TypeVar

import torch

from earmark.lab.objectives import Places, weights_of
from earmark.lab.objectives.hear import Hear, distances
from earmark.lab.optimisers import optimisers_of
from earmark.lab.recipe import read_recipe
from earmark.lab.train import pick_device

T = TypeVar("T")


def main() -> int:
    """Time every part of some steps."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path(".cache"))
    parser.add_argument("--steps", type=int, default=20)
    args = parser.parse_args()
    recipe, _ = read_recipe(args.recipe)
    device = pick_device(recipe.train)
    hear = Hear(recipe, Places(args.data, args.cache), device)
    model, loss = hear.model.train(), weights_of(recipe)
    optimisers = optimisers_of(model, recipe.train)
    took: dict[str, list[float]] = {}

    def timed(name: str, work: Callable[[], T]) -> T:
        began = perf_counter()
        done = work()
        if device.type == "cuda":
            torch.cuda.synchronize()
        took.setdefault(name, []).append(1000 * (perf_counter() - began) / recipe.train.batch)
        return done

    def step() -> None:
        for one in optimisers:
            one.step()
            one.zero_grad(set_to_none=True)

    for number in range(args.steps + 2):
        if number == 2:  # the first ones wait for files and memory
            took.clear()
        plan = timed("draw", partial(hear.draw, number))
        with torch.no_grad():
            timed("mix and log-mel", partial(hear.lessons.mixer.render, plan))
        taught, heard = timed("teacher", partial(hear.lessons.hear, plan))
        found = timed("student", partial(distances, model, heard, taught))
        total = torch.stack([loss[name] * value for name, value in found.items()]).sum()
        timed("student, backward", total.backward)
        timed("optimisers", step)
    # A lesson mixes too.
    took["teacher"] = [a - b for a, b in zip(took["teacher"], took["mix and log-mel"], strict=True)]
    threads = torch.get_num_threads()
    print(f"{device}, {threads} threads, batches of {recipe.train.batch}, ms a mixture")
    for name, each in took.items():
        print(f"  {name:20}{median(each):8.2f}")
    print(f"  {'together':20}{sum(map(median, took.values())):8.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
