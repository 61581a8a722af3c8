"""What `earmark evaluate orders DATA` does: sentences that hold an order, read and left whole."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from earmark.cli.console import note
from earmark.cli.evaluate import of_data
from earmark.cli.exam_ears import span
from earmark.cli.exam_search import show_systems

if TYPE_CHECKING:
    from collections.abc import Mapping


def run(args: argparse.Namespace) -> int:
    """Compose, ask, print."""
    from earmark.data import open_data
    from earmark.data.kinds import bank_of_kinds
    from earmark.errors import UsageError, require
    from earmark.model.find import DEFAULT
    from earmark.model.model import Model

    if not args.data:
        raise UsageError(
            "orders are asked of scenes of real clips",
            hint="name them: earmark evaluate orders clips:FOLDER#check",
        )
    require("torch", extra="lab")
    from earmark.lab.exam.ordered import METRICS, Ordered, Wish
    from earmark.library.which import refuse_without_words

    bank = bank_of_kinds(open_data(args.data))
    model = Model.load(args.model or DEFAULT)
    refuse_without_words(model)
    found = Ordered(bank, model, Wish(size=args.size, seed=args.seed)).run(note)
    out = {
        "protocol": "orders",
        "command": _command(args),
        "model": model.name,
        "kinds": len(bank.by_label),
        "clips": len(bank.sounds),
        **found,
    }
    note("")
    print(json.dumps(out)) if args.json else _show(out, METRICS)
    return 0


def _command(args: argparse.Namespace) -> str:
    """The command that prints these figures again; where the data lies is left to the reader."""
    model = " --model BUNDLE" if args.model else ""
    return (
        f"earmark evaluate orders {of_data(args.data)}{model} --size {args.size} --seed {args.seed}"
    )


def _show(out: Mapping[str, Any], metrics: tuple[str, ...]) -> None:
    """Print a table for the pool, then orders and moments."""
    show_systems(f"{out['scenes']} scenes, {out['texts']:,} captions", out, metrics)
    for what in ("order", "order, both sounds found"):
        for who, told in out[what].items():
            right = f"{span(told)} right of {told['pairs']} pairs" if told["pairs"] else "no pairs"
            print(f"{what} (chance 0.5), {who}: {right}")
    for part, told in out["moments"].items():
        for name, systems in told.items():
            if name != "scenes":
                for who, one in systems.items():
                    print(f"{name} in {told['scenes']} {part} scenes, {who}: {span(one)}")
