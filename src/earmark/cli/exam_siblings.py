"""What `earmark evaluate siblings` does: captions of one clip find each other, no sound heard."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from earmark.cli.console import console, table
from earmark.cli.exam_ears import span

BESIDE = "minilm"


def run(args: argparse.Namespace) -> int:
    """Read, ask, print."""
    from earmark.errors import UsageError, require
    from earmark.model.find import DEFAULT
    from earmark.model.model import Model

    if not args.data or Path(args.data).is_dir():
        raise UsageError(
            f"captions are looked for in a table, not in {args.data or 'nothing'}",
            hint="earmark evaluate siblings CAPTIONS.csv --model BUNDLE",
        )
    require("torch", extra="lab")
    from earmark.lab.exam.exam import embedder
    from earmark.lab.exam.siblings import METRICS, examine, read_siblings
    from earmark.library.which import refuse_without_words

    model = Model.load(args.model or DEFAULT)
    refuse_without_words(model)
    task = read_siblings(Path(args.data))
    readers = {model.name: lambda texts: model.embed_text(list(texts)), BESIDE: embedder()}
    found = examine(task, readers, BESIDE)
    systems = found["systems"]
    out = {
        "protocol": "siblings",
        "command": _command(args),
        "model": model.name,
        **found,
        "share of R@10": systems[model.name]["R@10"]["value"] / systems[BESIDE]["R@10"]["value"],
    }
    if args.json:
        print(json.dumps(out))
        return 0
    rows = table(
        f"{out['captions']:,} captions of {out['clips']:,} clips", *map("#{}".format, METRICS)
    )
    for who, one in systems.items():
        rows.add_row(who, *(span(one[name]) for name in METRICS))
    rows.add_row("chance", *(f"{out['chance'][name]:.4f}" for name in METRICS))
    console().print(rows)
    print(f"R@10 is {out['share of R@10']:.3f} of that of {BESIDE}")
    return 0


def _command(args: argparse.Namespace) -> str:
    """The command that prints these figures again; where the table lies is left to the reader."""
    table_name = Path(args.data).name
    return f"earmark evaluate siblings {table_name}" + (" --model BUNDLE" if args.model else "")
