"""What `earmark evaluate abroad DATA` does: the same wish in other languages, beside English."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
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
            "other languages are asked of clips",
            hint="name them: earmark evaluate abroad clips:FOLDER#check",
        )
    require("torch", extra="lab")
    from earmark.lab.exam.abroad import Wish, examine
    from earmark.lab.experts import HOMES
    from earmark.lab.tongues import LISTED, WRITTEN
    from earmark.library.which import refuse_without_words

    model = Model.load(args.model or DEFAULT)
    refuse_without_words(model)
    home = "EARMARK_DATA"
    lists = Path(os.environ.get(home) or HOMES[home])
    wish = Wish(tongues=WRITTEN + LISTED, lists=lists)
    found = examine(open_data(args.data), model, wish, note)
    out = {"protocol": "abroad", "command": _command(args), "model": model.name, **found}
    note("")
    print(json.dumps(out)) if args.json else _show(out)
    return 0


def _command(args: argparse.Namespace) -> str:
    """The command that prints these figures again; where the data lies is left to the reader."""
    return f"earmark evaluate abroad {of_data(args.data)}{' --model BUNDLE' if args.model else ''}"


def _show(out: Mapping[str, Any]) -> None:
    """Print a table a set and system: a line a language."""
    for name, systems in out["sets"].items():
        for who, tongues in systems.items():
            print(f"{name}, {out['clips']:,} clips of {out['kinds']} kinds, {who}")
            rows = table("language", "#queries", "#told", "#mAP", "#of English")
            for tongue, one in tongues.items():
                share = one["of English"]
                told = f"{share['value']:.2f} ({share['low']:.2f} to {share['high']:.2f})"
                cells = f"{one['queries']}", f"{one['told']:.2f}", f"{one['mAP']:.3f}", told
                rows.add_row(tongue, *cells)
            console().print(rows)
