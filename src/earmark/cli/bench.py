"""`earmark bench`: what earmark costs on this machine, beside its peers in the same run."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.bench.peers import QUESTIONS
from earmark.cli.console import note
from earmark.cli.look import refuse_to_overwrite, save
from earmark.cli.plain import aligned
from earmark.cli.taken import Option, add_options, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from earmark.bench.figure import Figure

PARTS = ("start", "words", "reading", "memory", "hearing", "indexing", "search")
NAMED = ("device", "scale", "served", "serve", "listen", "peers")  # long, or of extras
OPTIONS = (
    Option(
        "--model",
        ("hearing", "words", "device", "listen"),
        "whose; default: packaged",
        None,
        {"metavar": "NAME|FOLDER"},
    ),
    Option(
        "--requests",
        ("serve",),
        "over how many of them memory is looked at; default: 50,000",
        50_000,
        {"type": int, "metavar": "N"},
    ),
    Option(
        "--minutes",
        ("listen",),
        "of how much sound, heard as fast as it can be; default: 10",
        10,
        {"type": int, "metavar": "N"},
    ),
    Option(
        "--only",
        ("peers",),
        f"any of: {', '.join(QUESTIONS)}; default: all of them",
        list(QUESTIONS),
        {"nargs": "+", "choices": QUESTIONS, "metavar": "WHICH"},
    ),
    Option(
        "--librosa",
        ("peers",),
        "a Python that has librosa, faiss, torch and transformers; default: this one",
        None,
        {"metavar": "PYTHON"},
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "parts", nargs="*", metavar="PART",
        help=f"any of: {', '.join(PARTS)}; default: all of them; or {', '.join(NAMED)}",
    )  # fmt: skip
    add_options(parser, OPTIONS)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")


def run(args: argparse.Namespace) -> int:
    """Measure and print; nothing is judged but a budget that is stated."""
    from earmark.bench.about import about
    from earmark.cli.main import INTERRUPTED
    from earmark.errors import UsageError

    known = (*PARTS, *NAMED)
    for part in args.parts:
        if part not in known:
            raise UsageError(f"no part called {part!r}", hint=f"choose from: {', '.join(known)}")
    settle(args, OPTIONS, args.parts or PARTS)
    if args.minutes < 2:
        raise UsageError(
            f"{args.minutes} minutes", hint="listen to 2 or more: the first is a start"
        )
    if args.json:
        refuse_to_overwrite(args.json, allowed=False)
    found: list[Figure] = []
    try:
        for part in args.parts or PARTS:
            note(f"measuring {part} ...")
            for figure in _measure(part, args)():
                found.append(figure)  # one by one: a Ctrl-C loses none of them
        done = 0
    except KeyboardInterrupt:
        done = INTERRUPTED
    note("")
    show(found)
    if args.json:
        told = {"about": about(), "figures": [figure.as_dict() for figure in found]}
        save(args.json, json.dumps(told, indent=1) + "\n")
    return done


def _measure(part: str, args: argparse.Namespace) -> Callable[[], Iterable[Figure]]:
    from earmark.bench import (
        device,
        hearing,
        indexing,
        listen,
        memory,
        peers,
        reading,
        search,
        serve,
        served,
        start,
        words,
    )
    from earmark.bench.scale import units
    from earmark.model.find import DEFAULT

    model = args.model or DEFAULT
    parts: dict[str, Callable[[], Iterable[Figure]]] = {
        "start": start.figures,
        "words": partial(words.figures, model),
        "reading": reading.figures,
        "memory": memory.figures,
        "hearing": partial(hearing.figures, model),
        "indexing": indexing.figures,
        "search": search.figures,
        "device": partial(device.figures, model, tell=say),
        "scale": units.figures,
        "serve": partial(serve.figures, args.requests, tell=say),
        "served": partial(served.figures, tell=say),
        "listen": partial(listen.figures, model, args.minutes, tell=say),
        "peers": partial(peers.figures, args.only, args.librosa, tell=say),
    }
    return parts[part]


def say(text: str) -> None:
    """Tell what cannot be measured here, and how it could be."""
    note("")
    print(f"earmark: {text}", file=sys.stderr)


def show(found: list[Figure]) -> None:
    """Print a row a figure, and what machine it was; columns that nobody fills are left out."""
    rows = [tuple(COLUMNS), *(tuple(cell(one) for cell in COLUMNS.values()) for one in found)]
    kept = [n for n, name in enumerate(COLUMNS) if name in ALWAYS or any(r[n] for r in rows[1:])]
    right = [kept.index(n) for n, name in enumerate(COLUMNS) if name in RIGHT and n in kept]
    print("\n".join(aligned([[row[n] for n in kept] for row in rows], right=right)))
    print(f"\n{machine()}; ratios above 1: slower or larger than the peer")


def _bounds(one: Figure) -> str:
    return "" if one.low is None else f"{one.low:.2f} to {one.high:.2f}"


def _judged(one: Figure) -> str:
    met = {None: "", True: f"{one.budget}: met", False: f"{one.budget}: MISSED"}[one.met]
    return "; ".join(filter(None, (met, one.missing)))


def told(value: float | None) -> str:
    """Write a value to three digits, or all there are before the point."""
    if value is None:
        return ""
    size = abs(value)
    if size >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.{1 if size >= 10 else 2 if size >= 1 else 3}f}"


COLUMNS: dict[str, Callable[[Figure], str]] = {
    "part": lambda one: one.part,
    "what": lambda one: one.what,
    "value": lambda one: told(one.value),
    "unit": lambda one: one.unit,
    "ratio": lambda one: f"{one.ratio:.2f}" if one.ratio is not None else "",
    "between": _bounds,
    "to": lambda one: one.peer,
    "theirs": lambda one: told(one.theirs),
    "budget": _judged,
}
RIGHT = ("value", "ratio", "theirs")
ALWAYS = ("part", "what", "value", "unit", "ratio", "to", "budget")


def machine() -> str:
    """Say on what this was measured."""
    import os
    import platform

    from earmark import __version__

    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"earmark {__version__}, Python {platform.python_version()}, {system}"
