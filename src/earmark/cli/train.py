"""`earmark train`: train by a recipe; the same command goes on with a run that was stopped.

With `--from` a bundle learns a person's own sounds instead (`own.py`).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.cli import own
from earmark.cli.console import note
from earmark.cli.runs import Shown, add_places, cache_of, data_of, figures

if TYPE_CHECKING:
    from earmark.lab.recipe import Recipe

RUNS = Path("runs")
OF_RECIPES = {"run": None, "data": None, "cache": None, "processes": 1}  # and what none is
OF_OWN = {"out": None, "library": None, "name": None, "jobs": None}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("recipe", metavar="RECIPE", help="a TOML file, as in recipes/")
    parser.add_argument(
        "--run", type=Path, metavar="FOLDER", help=f"of the run; default: {RUNS}/NAME OF THE RECIPE"
    )
    add_places(parser)
    parser.add_argument(
        "--processes",
        type=int,
        default=1,
        metavar="N",
        help="that share the batches of each step (accumulate in the recipe); default: 1",
    )
    own.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Train to the end, or until it is stopped; then its state is kept."""
    from earmark.errors import require

    _refuse_others(args)
    if args.start:
        return own.run(args)

    for package in ("torch", "safetensors"):
        require(package, extra="lab")
    from earmark.lab.checkpoint import STATE
    from earmark.lab.objectives import Places
    from earmark.lab.recipe import read_recipe
    from earmark.lab.train import train

    recipe, text = read_recipe(Path(args.recipe))
    if args.processes != 1:
        return _in_processes(args, recipe)
    folder, shown = args.run or RUNS / recipe.name, Shown()
    places = Places(data_of(args, recipe), cache_of(args), watch=shown.watch, note=shown.line)
    try:
        best = train(recipe, text, folder, places, shown.progress)
    except KeyboardInterrupt:
        note("")
        if (folder / STATE).is_file():
            print(f"{folder} keeps its state: the same command goes on", file=sys.stderr)
        raise
    shown.line(f"{folder} holds the weights that dev liked best: {figures(best)}")
    return 0


def _refuse_others(args: argparse.Namespace) -> None:
    """Raise at what is said in vain: for a recipe beside --from, or for own sounds without it."""
    from earmark.errors import UsageError

    others = OF_RECIPES if args.start else OF_OWN
    said = [name for name, none in others.items() if getattr(args, name) != none]
    if not said:
        return
    if args.start:
        raise UsageError(
            f"--{said[0]} is for a recipe, and --from learns without one",
            hint=f"leave out --{said[0]}, or --from",
        )
    raise UsageError(
        f"--{said[0]} is for your own sounds, and a recipe is trained",
        hint=f"name with --from the bundle that is to learn them, or leave out --{said[0]}",
    )


def _in_processes(args: argparse.Namespace, recipe: Recipe) -> int:
    """Train in several processes of this machine."""
    from earmark.lab.crew import refuse_size
    from earmark.lab.spawn import spawn

    refuse_size(args.processes, recipe.train)
    told = ["train", args.recipe]
    for name in ("run", "data", "cache"):
        if getattr(args, name):
            told += [f"--{name}", str(getattr(args, name))]
    return spawn(told, args.processes)
