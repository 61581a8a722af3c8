"""What `earmark evaluate describe DATA` does: scenes of clips told in words, second by second."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from earmark.cli.console import console, note, table
from earmark.cli.evaluate import of_data

if TYPE_CHECKING:
    from collections.abc import Mapping

WANTED = {"F1": "0.5 or more"}
FEW = 12  # kinds and words that are shown


def run(args: argparse.Namespace) -> int:
    """Compose, describe, print."""
    from earmark.data import open_data
    from earmark.errors import UsageError
    from earmark.lab.exam.describing import Wish, bank_of, examine
    from earmark.library.which import refuse_without_words
    from earmark.model.find import DEFAULT
    from earmark.model.model import Model

    if not args.data:
        raise UsageError(
            "scenes are described that are made of clips, and none are named",
            hint="name them: earmark evaluate describe clips:FOLDER#dev",
        )
    bank = bank_of(open_data(args.data))
    model = Model.load(args.model or DEFAULT)
    refuse_without_words(model)
    wish = Wish(size=args.size, seed=args.seed, jobs=args.jobs)
    out = {
        "protocol": "describe",
        "command": command(args),
        "model": model.name,
        "kinds": len(bank.by_label),
        "clips": len(bank.sounds),
        **examine(bank, model, wish, note),
    }
    note("")
    print(json.dumps(out)) if args.json else _show(out)
    return 0


def command(args: argparse.Namespace) -> str:
    """The command that prints these figures again; where the data lies is left to the reader."""
    words = ["earmark evaluate describe", of_data(args.data)]
    words += ["--model BUNDLE"] if args.model else []
    return " ".join([*words, f"--size {args.size} --seed {args.seed}"])


def _show(out: Mapping[str, Any]) -> None:
    """Print a table of segments and sayings, then the kinds that are named most and least."""
    print(
        f"{out['model']}: {out['scenes']} scenes of {out['clips']:,} clips of {out['kinds']} kinds;"
        f" right is {out['right']}"
    )
    page = console()
    page.print(_figures(out))
    every = max(1, sum(out["words"].values()))
    print("of what is said:", ", ".join(f"{n / every:.3f} {w}" for w, n in out["words"].items()))
    shares = (f"{named / heard:.3f} {what}" for what, (named, heard) in out["sounds"].items())
    print("named, of what is heard:", ", ".join(shares))
    kinds = sorted(out["by kind"].items(), key=lambda one: -one[1][0] / one[1][1])
    for what, some in (("best", kinds[:FEW]), ("worst", kinds[-FEW:])):
        told = ", ".join(f"{name} {named}/{heard}" for name, (named, heard) in some)
        print(f"named {what}, in seconds: {told}")


def _figures(out: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a table of rich, not imported yet
    rows = table("figure", "#value", "#95 % of draws", "wanted")
    for name, one in out["segments"].items():
        rows.add_row(f"{name}, segments of 1 s", *_told(one), WANTED.get(name, ""))
    rows.add_row("F1, what is in doubt as wrong", *_told(out["doubt as wrong"]["F1"]), "")
    for name in ("plain", "probably"):
        one = out["sayings"][name]
        known = one["said"] - one["in doubt"]
        rows.add_row(f"right of {known:,} said {name}", *_told(one), "")
    return rows


def _told(one: Mapping[str, float]) -> tuple[str, str]:
    return f"{one['value']:.3f}", f"{one['low']:.3f} to {one['high']:.3f}"
