"""`earmark index`: bring folders of sounds into a library, and the library up to date with them."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from time import strftime
from typing import TYPE_CHECKING

from earmark.audio.clock import clock
from earmark.cli.answers import complain
from earmark.cli.console import note
from earmark.cli.plain import counted, printable
from earmark.cli.which import add_device, add_library, add_model, is_made, tell_device, use_device
from earmark.library.remote.address import as_place, is_remote

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from earmark.library.index import Choose, Crew
    from earmark.library.library import Library
    from earmark.library.nouns import Report
    from earmark.library.pipeline import Progress

MOST_WARNINGS = 10
GRAPH = "and the server takes it into its graph"  # it may take minutes, and writing ends with it


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "paths",
        type=as_place,
        nargs="+",
        metavar="PATH",
        help="a folder, with all in it, a file, or an address as s3://bucket/prefix",
    )
    add_library(parser)
    add_model(parser, default="the library's; the packaged one for a new library")
    add_device(parser)
    parser.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="GLOB",
        help="leave out files and folders by name or path, as '*.tmp.wav' or 'old/*'; repeatable",
    )
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="sounds heard at once; default: all cores"
    )
    parser.add_argument(
        "--on",
        metavar="CLUSTER",
        help="hear on a Ray cluster: ray://HOST:10001, auto or local; see docs/cluster.md",
    )
    parser.add_argument(
        "--watch", action="store_true", help="go on until Ctrl-C, and follow changes"
    )
    parser.add_argument(
        "--prune", action="store_true", help="also forget what a missing or emptied folder held"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument(
        "--no-tokens",
        action="store_true",
        help="a smaller library: the moments of hits are heard again when they are found",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Index once, or go on with it; Ctrl-C loses nothing that was finished."""
    from earmark.errors import UsageError

    if args.watch and args.dry_run:
        raise UsageError("--watch and --dry-run at once", hint="leave out one of the two")
    if args.jobs is not None and args.jobs < 1:  # before a library is made for nothing
        raise UsageError(f"{args.jobs} jobs", hint="give one job or more")
    use_device(args)
    try:
        with crew_of(args) as crew, library_to_fill(args) as library:
            if crew is None:
                tell_device(library.model)
            if args.watch:
                return watch_on(library, args, crew)
            return index_once(library, args, crew)
    except KeyboardInterrupt:
        from earmark.cli.main import INTERRUPTED

        note("")
        complain("stopped; what was finished is kept, and the next run goes on from there")
        return INTERRUPTED


@contextmanager
def crew_of(args: argparse.Namespace) -> Iterator[Crew | None]:
    """Reach the cluster that was asked for, before anything else is done."""
    if not args.on or args.dry_run:
        yield None
        return
    from earmark.scale.cluster import cluster

    with cluster(args.on) as crew:
        yield crew


@contextmanager
def library_to_fill(args: argparse.Namespace) -> Iterator[Library]:
    """Open the library, or make it; a dry run makes one that is thrown away."""
    from tempfile import TemporaryDirectory

    from earmark.library.home import library_home
    from earmark.library.library import Library

    folder = library_home(args.library)
    if is_made(folder):
        with Library.open(folder, model=args.model) as library:
            refuse_tokens(library, args)
            yield library
        return
    refuse_missing(args.paths)
    with TemporaryDirectory(prefix="earmark-") as spare:
        where = Path(spare) / "library" if args.dry_run else folder
        with Library.create(where, model=args.model, keeps_tokens=not args.no_tokens) as library:
            if not args.json:
                would = "would make" if args.dry_run else "made"
                print(f"{would} a library in {folder}, with the model {library.model.name}")
            yield library


def refuse_missing(paths: Iterable[Path]) -> None:
    """Raise for a path that is not there, before a library is made for it."""
    from earmark.errors import UsageError

    for path in paths:
        if not is_there(path):
            raise UsageError(
                f"{path} is not there", hint="check the name, or whether its drive is plugged in"
            )


def is_there(path: Path) -> bool:
    """Whether there is anything at a path or an address."""
    if not is_remote(path):
        return path.exists()
    from earmark.library.remote.listing import lists

    return lists(path)


def refuse_tokens(library: Library, args: argparse.Namespace) -> None:
    """Raise for what can no longer be chosen."""
    from earmark.errors import UsageError

    if args.no_tokens and library.store.keeps_tokens:
        raise UsageError(
            "this library was made with tokens, and keeps those of all recordings",
            hint="leave out --no-tokens, or make another library with --library",
        )


def index_once(library: Library, args: argparse.Namespace, crew: Crew | None) -> int:
    """Index and say what was done."""
    show(index(library, args, crew=crew), args)
    return 0


def watch_on(library: Library, args: argparse.Namespace, crew: Crew | None) -> int:
    """Index again and again; a line for each time that something has changed."""
    from earmark.library.watch import Settled, watch

    away, settled = 0, Settled()
    for number, report in enumerate(watch(lambda: index(library, args, settled, crew))):
        if number == 0:
            show(report, args)
            complain("following changes, until Ctrl-C")
        elif told := changes_of(report, away):
            now = strftime("%H:%M:%S")
            print(json.dumps(asdict(report)) if args.json else f"{now}  {told}", flush=True)
            warn(report.warnings)
        away = report.away
    return 0


def changes_of(report: Report, away: int) -> str:
    """Say in a line what has changed; `away` is how many were away before."""
    heard = f"heard {counted(report.indexed, 'recording')}, {clock(report.seconds)} of sound"
    counts = {
        "moved": report.moved,
        "copied": report.copied,
        "failed": report.failed,
        "gone": report.removed,
    }
    told = [heard] if report.indexed else []
    told += [f"{count:,} {what}" for what, count in counts.items() if count]
    return ", ".join([*told, f"{report.away:,} away"] if report.away != away else told)


def show(report: Report, args: argparse.Namespace) -> None:
    """Print what was done."""
    if args.json:
        print(json.dumps(asdict(report)), flush=True)
    else:
        print("\n".join(lines(report, dry=args.dry_run)), flush=True)
        if args.on and report.indexed and report.took:
            print(f"on        {args.on}, {report.indexed / report.took:.2g} files/s")
        warn(report.warnings)


def index(
    library: Library,
    args: argparse.Namespace,
    choose: Choose | None = None,
    crew: Crew | None = None,
) -> Report:
    """Bring the library up to date, with progress on a terminal."""
    from earmark.library.home import library_home

    last = "" if isinstance(library_home(args.library), Path) else GRAPH
    try:
        return library.index(
            args.paths,
            exclude=args.exclude,
            jobs=args.jobs,
            prune=args.prune,
            dry_run=args.dry_run,
            on_progress=(lambda now: note(line_of(now, last))) if sys.stderr.isatty() else None,
            choose=choose,
            crew=crew,
        )
    finally:
        note("")


def line_of(now: Progress, last: str = "") -> str:
    """How far it is: files, hours of sound, speed, time left; what comes when all is heard."""
    told = f"{now.files_done:,} of {now.files_total:,} files"
    if now.seconds_done:
        told += f", {clock(now.seconds_done)} of sound, {now.speed:.0f} x real time"
    if last and now.files_done == now.files_total:
        return f"{told}, {last}"
    return told if now.left is None else f"{told}, {clock(now.left)} left"


def lines(report: Report, *, dry: bool) -> Iterator[str]:
    """Say it for a person to read."""
    if dry:
        yield f"to read   {counted(report.indexed, 'file')} that are new or changed"
    else:
        yield f"heard     {counted(report.indexed, 'recording')}{speed_of(report)}"
    yield f"known     {report.skipped:,}"
    others = {
        "moved": (report.moved, ""),
        "copies": (report.copied, " of what was heard already"),
        "failed": (report.failed, ", see: earmark status --failed"),
        "gone": (report.removed, ""),
        "away": (report.away, " in folders that are missing or empty: kept"),
        "ignored": (report.ignored, " that are no sound by their names"),
    }
    yield from (f"{name:9} {count:,}{more}" for name, (count, more) in others.items() if count)


def speed_of(report: Report) -> str:
    """How much sound was heard, and how fast."""
    if not report.indexed:
        return ""
    fast = f", {report.seconds / report.took:.0f} x real time" if report.took else ""
    return f", {clock(report.seconds)} of sound in {clock(report.took)}{fast}"


def warn(warnings: list[str]) -> None:
    """Say what was odd, the first of it if there is much."""
    for one in warnings[:MOST_WARNINGS]:
        complain(printable(one))
    if len(warnings) > MOST_WARNINGS:
        complain(f"and {len(warnings) - MOST_WARNINGS:,} more warnings of this kind")
