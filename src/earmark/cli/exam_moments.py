"""What `earmark evaluate moments DATA` does: captions of moments found in long recordings."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.cli.console import console, note, table
from earmark.cli.evaluate import of_data
from earmark.cli.exam_ears import span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from earmark.data.wanted import Wanted
    from earmark.lab.exam.locating import Asked


def run(args: argparse.Namespace) -> int:
    """Hear and ask, or read answers; score, write, print."""
    from earmark.data.open import open_wanted
    from earmark.errors import UsageError
    from earmark.lab.exam.locating import results

    if not args.data:
        raise UsageError(
            "moments are asked of long recordings, and none are named",
            hint="name them: earmark evaluate moments castella:FOLDER#test",
        )
    if args.write:
        _refuse_old(args.write)
    every = open_wanted(args.data)
    system, asked, missing = (_read if args.predictions else _heard)(args, every)
    out = {
        "protocol": "moments",
        "command": command(args),
        "missing": missing,
        **results(asked, system),
    }
    if args.write:
        _write(args.write, asked)
    note("")
    print(json.dumps(out)) if args.json else _show(out)
    return 0


def command(args: argparse.Namespace) -> str:
    """The command that prints these figures again; where the data lies is left to the reader."""
    words = ["earmark evaluate moments", of_data(args.data)]
    words += ["--model BUNDLE"] if args.model and not args.predictions else []
    return " ".join([*words, *(["--predictions FILE"] if args.predictions else [])])


def _heard(args: argparse.Namespace, every: list[Wanted]) -> tuple[str, Asked, int]:
    from earmark.lab.exam.locating import examine, left_out
    from earmark.library.which import refuse_without_words
    from earmark.model.find import DEFAULT
    from earmark.model.model import Model

    model = Model.load(args.model or DEFAULT)
    refuse_without_words(model)
    return model.name, examine(every, model, jobs=args.jobs, note=note), len(left_out(every))


def _read(args: argparse.Namespace, every: list[Wanted]) -> tuple[str, Asked, int]:
    """Take answers from a file; no recording is needed for that."""
    from earmark.lab.exam.locating import Asked
    from earmark.score.submission import read_answers

    return args.predictions.name, Asked(every, read_answers(args.predictions, every)), 0


def _refuse_old(path: Path) -> None:
    """Raise if there is such a file, before any work is done for it."""
    from earmark.errors import UsageError

    if path.exists():
        raise UsageError(f"{path} is there already", hint="name a new file with --write")


def _write(path: Path, asked: Asked) -> None:
    from earmark.errors import EarmarkError
    from earmark.score.submission import line_of

    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            for one, answer in zip(asked.captions, asked.answers, strict=True):
                file.write(f"{line_of(one, answer)}\n")
    except OSError as error:
        raise EarmarkError(
            f"{path}: {error.strerror}", hint="name a file where you may write, with --write"
        ) from error


def _show(out: Mapping[str, Any]) -> None:
    from earmark.lab.exam.locating import METRICS

    gone = f"; {out['missing']:,} recordings are not there" if out["missing"] else ""
    print(f"{out['captions']:,} captions of {out['recordings']:,} recordings{gone}")
    rows = table("figure", *map("#{}".format, out["systems"]))
    for name in METRICS:
        rows.add_row(name, *(span(one[name]) for one in out["systems"].values()))
    console().print(rows)
