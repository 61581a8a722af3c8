"""`earmark train`: train by a recipe; the same command goes on with a run that was stopped."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.cli.console import note

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from earmark.lab.recipe import Recipe
    from earmark.lab.train import Progress

RUNS = Path("runs")
HOME = "EARMARK_DATA"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="a TOML file, as in recipes/")
    parser.add_argument(
        "--run", type=Path, metavar="FOLDER", help=f"of the run; default: {RUNS}/NAME OF THE RECIPE"
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help=f"what {{data}} stands for in a recipe; default: {HOME}, or ../shared/data",
    )
    parser.add_argument(
        "--cache",
        type=Path,
        metavar="FOLDER",
        help="keeps decoded sound; default: earmark in the cache folder of the user",
    )
    parser.add_argument(
        "--processes",
        type=int,
        default=1,
        metavar="N",
        help="that share the batches of each step (accumulate in the recipe); default: 1",
    )


def run(args: argparse.Namespace) -> int:
    """Train to the end, or until it is stopped; then its state is kept."""
    from earmark.errors import require

    for package in ("torch", "safetensors"):
        require(package, extra="lab")
    from earmark.lab.checkpoint import STATE
    from earmark.lab.objectives import Places
    from earmark.lab.recipe import read_recipe
    from earmark.lab.train import train

    recipe, text = read_recipe(args.recipe)
    if args.processes != 1:
        return _in_processes(args, recipe)
    folder, shown = args.run or RUNS / recipe.name, _Shown()
    places = Places(_data(args, recipe), _cache(args), watch=shown.watch, note=shown.line)
    try:
        best = train(recipe, text, folder, places, shown.progress)
    except KeyboardInterrupt:
        note("")
        if (folder / STATE).is_file():
            print(f"{folder} keeps its state: the same command goes on", file=sys.stderr)
        raise
    shown.line(f"{folder} holds the weights that dev liked best: {_figures(best)}")
    return 0


def _in_processes(args: argparse.Namespace, recipe: Recipe) -> int:
    """Train in several processes of this machine."""
    from earmark.lab.crew import refuse_size
    from earmark.lab.spawn import spawn

    refuse_size(args.processes, recipe.train.accumulate)
    told = ["train", str(args.recipe)]
    for name in ("run", "data", "cache"):
        if getattr(args, name):
            told += [f"--{name}", str(getattr(args, name))]
    return spawn(told, args.processes)


def _data(args: argparse.Namespace, recipe: Recipe) -> Path:
    """Where the data folder is; refuse a recipe whose data are not there."""
    from earmark.errors import DataError
    from earmark.lab.experts import HOMES

    folder = Path(args.data or os.environ.get(HOME) or HOMES[HOME])
    needs = list(_needs(recipe))
    if needs and not folder.is_dir():
        raise DataError(
            f"the recipe {recipe.name!r} needs {', '.join(needs)}, "
            f"and there is no data folder {folder}",
            hint=f"put it there, or name the folder that has it with --data or {HOME}",
        )
    return folder


def _needs(recipe: Recipe) -> Iterator[str]:
    """What a recipe takes from the data folder."""
    from earmark.lab.experts import EXPERTS

    yield from (spec for spec in (*recipe.data.train, *recipe.data.dev) if "{data}" in spec)
    for name in recipe.teachers.values():
        if name in EXPERTS and EXPERTS[name].home == HOME:
            yield EXPERTS[name].file


def _cache(args: argparse.Namespace) -> Path:
    if args.cache:
        return Path(args.cache)
    from platformdirs import user_cache_path

    return user_cache_path("earmark", appauthor=False)


class _Shown:
    """What a person sees of a run: lines that stay, and below them how far it is."""

    def __init__(self) -> None:
        self._what, self._since, self._last = "", 0.0, 0.0

    def line(self, text: str) -> None:
        """Print a line that stays."""
        note("")
        print(text, flush=True)

    def watch(self, what: str, share: float) -> None:
        """Show how far the work before the first step is, at most five times a second."""
        now = time.monotonic()
        if what != self._what:
            self._what, self._since = what, now
        if share > 0 and now - self._last > 0.2:
            self._last = now
            note(f"{what} {share:.0%}, {_clock((now - self._since) * (1 - share) / share)} left")

    def progress(self, at: Progress) -> None:
        """Show a step; what dev says stays."""
        if at.note:
            self.line(f"step {at.step:,} of {at.steps:,}: {at.note}")
        note(
            f"step {at.step:,} of {at.steps:,}, {_clock(at.seconds_left)} left, "
            f"losses: {_figures(at.losses)}"
        )


def _figures(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in figures.items())


def _clock(seconds: float) -> str:
    """Hours and minutes, or minutes and seconds of what is short."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return f"{whole // 60} min {whole % 60:02} s"
