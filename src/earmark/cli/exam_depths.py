"""What `earmark evaluate depths DATA` does: more or fewer of a shortlist reranked, and its cost."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from earmark.cli.console import console, note, table
from earmark.cli.evaluate import of_data

if TYPE_CHECKING:
    from collections.abc import Mapping


def run(args: argparse.Namespace) -> int:
    """Index, ask, print."""
    from earmark.data import open_data
    from earmark.errors import UsageError, require
    from earmark.model.find import DEFAULT
    from earmark.model.model import Model

    if not args.data:
        raise UsageError(
            "depths are asked of clips and of scenes made of them",
            hint="name them: earmark evaluate depths clips:FOLDER#check",
        )
    require("torch", extra="lab")
    from earmark.lab.exam.depths import ALONE, METRICS, Depths, Wish
    from earmark.library.which import refuse_without_words

    model = Model.load(args.model or DEFAULT)
    refuse_without_words(model)
    found = Depths(open_data(args.data), model, Wish(size=args.size)).run(note)
    out = {"protocol": "depths", "command": _command(args), "model": model.name, **found}
    note("")
    print(json.dumps(out)) if args.json else _show(out, METRICS, ALONE)
    return 0


def _command(args: argparse.Namespace) -> str:
    """The command that prints these figures again; where the data lies is left to the reader."""
    model = " --model BUNDLE" if args.model else ""
    return f"earmark evaluate depths {of_data(args.data)}{model} --size {args.size}"


def _show(out: Mapping[str, Any], metrics: tuple[str, ...], alone: str) -> None:
    """Print a table a set: a line a depth, a column a figure."""
    for name, told in out["sets"].items():
        rows = table("reranked", *(f"#{metric}" for metric in metrics), "#ms", "#times")
        for depth, found in told["systems"].items():
            cells = [f"{found[metric]['value']:.4f}" for metric in metrics]
            cost = f"{told['ms'][depth]:.1f}", f"{told['times of none'][depth]:.2f}"
            rows.add_row(depth, *cells, *cost)
        print(f"{name}: {told['texts']:,} texts, {told['sounds']:,} sounds; a whole search takes")
        print(f"so many ms, so many times as long as with {alone} reranked; intervals: --json")
        console().print(rows)
