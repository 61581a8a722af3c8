"""`earmark train --from BUNDLE CLIPS`: a bundle that knows a person's own sounds."""

from __future__ import annotations

import argparse
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.cli.answers import complain
from earmark.cli.console import note
from earmark.cli.which import folder_or_address

if TYPE_CHECKING:
    from earmark.data.rows import Row
    from earmark.lab.own.fit import Tried
    from earmark.model.bundle import Bundle


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what own sounds take."""
    own = parser.add_argument_group(
        "your own sounds",
        "With --from, RECIPE is a CSV with path and caption (or label) of your clips, or any other "
        "data set (docs/own.md); no recipe, no data folder and no run are needed.",
    )
    own.add_argument(
        "--from",
        dest="start",
        metavar="BUNDLE",
        help="a packaged model, or the folder of a bundle, that is to find your clips better",
    )
    own.add_argument(
        "--out", type=Path, metavar="FOLDER", help="the new bundle; default: BUNDLE-CLIPS, here"
    )
    own.add_argument(
        "--library",
        type=folder_or_address,
        metavar="LIBRARY",
        help="RECIPE is a file of earmark label, and this the library whose hits were judged",
    )
    own.add_argument("--name", help="of the new model; default: the name of its folder")
    own.add_argument(
        "--jobs", type=int, metavar="N", help="clips heard at once; default: all cores"
    )


def run(args: argparse.Namespace) -> int:
    """Hear the clips, learn, write the bundle, say what clips that were left out gain."""
    from earmark.errors import require

    for package in ("torch", "onnx"):
        require(package, extra="lab")
    from earmark.lab.own.tune import Wish, tune
    from earmark.model.cores import cores
    from earmark.model.find import find_bundle

    began = time.monotonic()
    old, clips = find_bundle(args.start), str(args.recipe)
    out = args.out or Path(f"{old.name}-{slug_of(clips)}")
    jobs = cores() if args.jobs is None else args.jobs
    wish = Wish(name=args.name or slug_of(str(out)), jobs=jobs)
    bundle, tried = tune(old, rows_of(clips, args.library), out, wish, note=note)
    note("")
    show(bundle, tried, time.monotonic() - began)
    return 0


def rows_of(clips: str, library: str | Path | None) -> list[Row]:
    """Read clips from a data set, or what was judged right in a library."""
    if library is None:
        from earmark.data import open_data

        return open_data(clips)
    from earmark.lab.own import judged
    from earmark.library.library import Library
    from earmark.search.judged.labels import read_labels

    with Library.open(library) as opened:
        rows, lost = judged.rows_of(read_labels(Path(clips)), opened.store.recordings())
    if lost:
        told = ", ".join(f"{count} {reason}" for reason, count in sorted(lost.items()))
        complain(f"judgements left out: {told}")
    return rows


def show(bundle: Bundle, tried: Tried, seconds: float) -> None:
    """Say it for a person to read."""
    own = bundle.page.data["own sounds"]
    print(f"{bundle.folder}: {bundle.bytes / 1e6:.1f} MB, in {seconds:.0f} s")
    print(f"learned   {own['captions']:,} captions of {own['clips']:,} clips")
    print(
        f"left out  mAP {tried.before:.3f} before, {tried.after:.3f} now; shown {tried.shown:.0%}"
    )
    print(f"search    earmark library migrate LIBRARY --model {bundle.folder}")


def slug_of(text: str) -> str:
    """Make what may be the name of a model of what a person has called something."""
    stem = Path(text.partition("#")[0].rstrip("/\\")).name
    stem = stem.rpartition(".")[0] or stem
    return re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-._")[:40] or "own"
