"""What `earmark evaluate scenes DATA` does: scenes of real clips found, in order, and inside."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from earmark.cli.console import note
from earmark.cli.evaluate import of_data
from earmark.cli.exam_ears import span
from earmark.cli.exam_search import BESIDE, one_beside, show_systems

if TYPE_CHECKING:
    from collections.abc import Mapping


def run(args: argparse.Namespace) -> int:
    """Compose, ask, print."""
    from earmark.data import open_data
    from earmark.data.kinds import bank_of_kinds
    from earmark.errors import require
    from earmark.model.find import DEFAULT
    from earmark.model.model import Model

    beside = one_beside(args)
    require("torch", extra="lab")
    from earmark.lab.exam.exam import embedder
    from earmark.lab.exam.listeners import open_listener
    from earmark.lab.exam.scenery import METRICS, Scenery, Wish
    from earmark.library.which import refuse_without_words

    bank = bank_of_kinds(open_data(args.data))
    model = Model.load(args.model or DEFAULT)
    refuse_without_words(model)
    listener = open_listener(beside)
    wish = Wish(size=args.size, seed=args.seed, jobs=args.jobs)
    found = Scenery(bank, model, listener, embedder(), wish).run(note)
    out = {
        "protocol": "scenes",
        "command": command(args),
        "model": model.name,
        "composed": f"{listener.name} and a sentence model",
        "kinds": len(bank.by_label),
        "clips": len(bank.sounds),
        **found,
    }
    note("")
    print(json.dumps(out)) if args.json else _show(out, METRICS)
    return 0


def command(args: argparse.Namespace) -> str:
    """The command that prints these figures again; where the data lies is left to the reader."""
    words = ["earmark evaluate scenes", of_data(args.data)]
    words += ["--model BUNDLE"] if args.model else []
    words += ["--beside", *args.beside] if args.beside and args.beside != [BESIDE] else []
    return " ".join([*words, f"--size {args.size} --seed {args.seed}"])


def _show(out: Mapping[str, Any], metrics: tuple[str, ...]) -> None:
    """Print a table for the pool, then order and moments."""
    show_systems(
        f"{out['scenes']} scenes of {out['clips']:,} clips of {out['kinds']} kinds, "
        f"{out['texts']:,} captions of the test grammar",
        out,
        metrics,
    )
    for who, told in out["order"].items():
        right = f"{span(told)} right of {told['pairs']} pairs" if told["pairs"] else "no pairs"
        print(f"order, right against turned round (chance 0.5), {who}: {right}")
    for name, systems in out["moments"].items():
        if name != "scenes":
            for who, told in systems.items():
                print(f"{name} in {out['moments']['scenes']} scenes of 120 s, {who}: {span(told)}")
