"""`earmark compare`: train and test every recipe of a grid with several seeds, and show the table.

What a run came to is kept, so a grid goes on after a stop, and what is done is not done again.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.cli.console import console, note, table
from earmark.cli.runs import Shown, add_places, cache_of, data_of

if TYPE_CHECKING:
    from earmark.lab.compare.grid import Grid, Job
    from earmark.lab.compare.outcome import Outcome

RESULTS, RUNS = Path("docs/results/papers"), Path("runs/papers")
SEEDS = 3
DIRECTIONS = ("text to audio", "audio to text")
FIGURES = ("R@1", "R@5", "R@10", "mAP@10", "mAP@16")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "recipes",
        type=Path,
        nargs="+",
        metavar="RECIPE",
        help="TOML files",
    )
    parser.add_argument(
        "--against",
        metavar="NAME",
        help="the recipe that the others are told against; default: the first one",
    )
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N", help=f"default: {SEEDS}")
    parser.add_argument(
        "--plan", action="store_true", help="only say what is left to do, and how long it takes"
    )
    parser.add_argument(
        "--results",
        type=Path,
        default=RESULTS,
        metavar="FOLDER",
        help=f"keeps what runs came to; default: {RESULTS}",
    )
    parser.add_argument(
        "--runs", type=Path, default=RUNS, metavar="FOLDER", help=f"of runs; default: {RUNS}"
    )
    add_places(parser)


def run(args: argparse.Namespace) -> int:
    """Do what is left, then show what came of it."""
    from earmark.errors import UsageError, require

    for package in ("torch", "safetensors"):
        require(package, extra="lab")
    from earmark.lab.compare.grid import Grid
    from earmark.lab.objectives import Places
    from earmark.lab.recipe import read_recipe

    if args.seeds < 1:
        raise UsageError(f"{args.seeds} seeds", hint="compare with 1 or more")
    shown = Shown()
    data = [data_of(args, read_recipe(path)[0]) for path in args.recipes]  # each may miss some
    places = Places(data[0], cache_of(args), watch=shown.watch, note=shown.line)
    grid = Grid(args.recipes, seeds=args.seeds, results=args.results, runs=args.runs, places=places)
    base = _base(grid, args.against)
    if args.plan:
        return _plan(grid)
    _show([job.outcome() or _work(grid, job, shown) for job in grid.jobs], base)
    return 0


def _base(grid: Grid, asked: str | None) -> str:
    """Which recipe the others are told against."""
    from earmark.lab.strict import unknown

    names = list(dict.fromkeys(job.recipe.name for job in grid.jobs))
    if asked and asked not in names:
        raise unknown(f"the grid has no recipe {asked!r}", asked, names)
    return asked or names[0]


def _plan(grid: Grid) -> int:
    """Say what is left, and how long each takes by its first steps."""
    left = [job for job in grid.jobs if not job.outcome()]
    each: dict[str, float] = {}
    for job in left:
        if job.recipe.name not in each:
            note(f"{job.recipe.name}: first steps, to see how long they take")
            each[job.recipe.name] = grid.minutes(job)
            note("")
    print(f"{len(grid.jobs) - len(left)} of {len(grid.jobs)} runs are done")
    if left:
        rows = table("left to train", "#runs", "#minutes each")
        for name, took in each.items():
            rows.add_row(name, str(sum(job.recipe.name == name for job in left)), f"{took:.1f}")
        console().print(rows)
        print(f"about {sum(each[job.recipe.name] for job in left):.0f} minutes of training more")
    return 0


def _work(grid: Grid, job: Job, shown: Shown) -> Outcome:
    shown.line(f"{job.recipe.name}, seed {job.recipe.seed}")
    return grid.work(job, shown.progress)


def _show(done: Sequence[Outcome], base: str) -> None:
    """Print a table for each test and direction."""
    systems: dict[str, list[Outcome]] = {}
    for one in done:
        systems.setdefault(one.recipe, []).append(one)
    systems = {base: systems[base]} | systems
    page = console()
    for spec, test in systems[base][0].tests.items():
        for way in DIRECTIONS:
            print(f"{spec}, {way}: {test.texts:,} sentences, {test.sounds:,} sounds")
            page.print(_table(systems, spec, way))
            page.print()


def _table(systems: dict[str, list[Outcome]], spec: str, way: str) -> Any:  # noqa: ANN401
    from earmark.lab.compare.table import cell, difference

    base_name = next(iter(systems))
    rows = table("system", *(f"#{name}" for name in FIGURES), f"#R@1 more than {base_name}")
    for name, outcomes in systems.items():
        if spec not in outcomes[0].tests:
            continue
        cells = [cell(outcomes, spec, way, figure) for figure in FIGURES]
        told = [
            f"{one.mean:.3f}" + ("" if one.deviation is None else f" ±{one.deviation:.3f}")
            for one in cells
        ]
        gap = ""
        if name != base_name:
            more = difference(outcomes, systems[base_name], spec, way, "R@1")
            gap = f"{more.value:+.3f} ({more.low:+.3f} to {more.high:+.3f})"
        rows.add_row(name, *told, gap)
    chances = [cell(systems[base_name], spec, way, figure).chance for figure in FIGURES]
    rows.add_row("chance", *(f"{one:.3f}" for one in chances), "")
    return rows
