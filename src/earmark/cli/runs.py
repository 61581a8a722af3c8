"""What `train` and `compare` share: where data and cache are, and what a person sees of a run."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.cli.console import note

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from earmark.lab.recipe import Recipe
    from earmark.lab.train import Progress

HOME = "EARMARK_DATA"


def add_places(parser: argparse.ArgumentParser) -> None:
    """Declare where things are."""
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


def data_of(args: argparse.Namespace, recipe: Recipe) -> Path:
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

    yield from (
        spec
        for spec in (*recipe.data.train, *recipe.data.dev, *recipe.data.test)
        if "{data}" in spec
    )
    for name in recipe.teachers.values():
        if name in EXPERTS and EXPERTS[name].home == HOME:
            yield EXPERTS[name].file


def cache_of(args: argparse.Namespace) -> Path:
    """Where decoded sound and features are kept."""
    if args.cache:
        return Path(args.cache)
    from platformdirs import user_cache_path

    return user_cache_path("earmark", appauthor=False)


class Shown:
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
            f"losses: {figures(at.losses)}"
        )


def figures(found: Mapping[str, float]) -> str:
    """Write figures in one line."""
    return ", ".join(f"{name} {value:.4f}" for name, value in found.items())


def _clock(seconds: float) -> str:
    """Hours and minutes, or minutes and seconds of what is short."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return f"{whole // 60} min {whole % 60:02} s"
