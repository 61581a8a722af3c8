"""What `earmark evaluate ears` does: a bundle's classes beside an expert's, asked the same way."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.cli.console import console, note, table
from earmark.cli.evaluate import of_data

if TYPE_CHECKING:
    from collections.abc import Mapping

BESIDE = ("efficientat_mn04",)
USUAL_SNR = [5.0]  # dB


def run(args: argparse.Namespace) -> int:
    """Hear, ask, print."""
    from earmark.data import open_data
    from earmark.errors import UsageError, require

    if not args.data or not args.model:
        raise UsageError(
            "ears are examined on clips, and by a bundle that tells classes",
            hint="earmark evaluate ears clips:FOLDER#check --model BUNDLE",
        )
    require("torch", extra="lab")
    from earmark.lab.exam.exam import Exam, Wish, embedder
    from earmark.lab.exam.listeners import open_listener

    listeners = [open_listener(name) for name in (args.model, *(args.beside or BESIDE))]
    wish = Wish(
        snrs=args.snr,
        lengths=args.lengths,
        by_text=args.by_text,
        seed=args.seed,
        jobs=args.jobs,
    )
    found = Exam(open_data(args.data), listeners, embedder(), wish).run(note)
    out = {
        "protocol": "ears",
        "command": command(args),
        "listeners": [who.name for who in listeners],
        **found,
    }
    note("")
    print(json.dumps(out)) if args.json else _show(out)
    return 0


def command(args: argparse.Namespace) -> str:
    """The command that prints these figures again; where the data lies is left to the reader."""
    who = "BUNDLE" if Path(args.model).is_dir() else args.model
    words = ["earmark evaluate ears", of_data(args.data), f"--model {who}"]
    if args.beside:
        words += ["--beside", *args.beside]
    if args.snr != USUAL_SNR:
        words += ["--snr", *(f"{snr:g}" for snr in args.snr)]
    if args.lengths:
        words += ["--lengths", *(f"{seconds:g}" for seconds in args.lengths)]
    if args.by_text:
        words += ["--by-text", args.by_text]
    return " ".join([*words, f"--seed {args.seed}"])


def _show(out: Mapping[str, Any]) -> None:
    """Print a table for the sets, then what else was found."""
    page = console()
    for name, told in out["sets"].items():
        rows = table(f"{name}: {told['texts']} texts, {told['clips']} clips", "way", "#mAP")
        _columns(rows, "#95 % of draws", "#mAP@10", "#R@1", "#R@10", f"#more than {told['beside']}")
        for way, systems in told["ways"].items():
            for who, figures in systems.items():
                rows.add_row(who, f"{way}{' *' if way == told['way'] else ''}", *_cells(figures))
        page.print(rows)
        page.print()
    for other, told in out["agreement"].items():
        cosine, best = told["cosine"], told["best class"]
        print(
            f"agrees with {other} on {told['clips']:,} clips: cosine {span(cosine)}, "
            f"same best class {span(best)}"
        )
    for kind, levels in out.get("noise", {}).items():
        if isinstance(levels, dict) and kind != "clean":
            for snr, found in levels.items():
                _again(f"{out['noise']['set']} in noise ({kind}, {snr} dB)", found, out)
    for seconds, found in out.get("lengths", {}).items():
        _again(f"{out['noise']['set']}, {seconds} s of each clip", found, out)
    for who, texts in out.get("texts", {}).items():
        show_texts(who, texts)


def _columns(rows: Any, *names: str) -> None:  # noqa: ANN401 - a table of rich
    for name in names:
        rows.add_column(name.removeprefix("#"), justify="right")


def _cells(figures: Mapping[str, Mapping[str, float]]) -> list[str]:
    first = figures["mAP"]
    cells = [f"{first['value']:.4f}", f"{first['low']:.4f} to {first['high']:.4f}"]
    cells += [f"{figures[name]['value']:.4f}" for name in ("mAP@10", "R@1", "R@10")]
    more = "more" in first
    span = f"{first['more_low']:+.4f} to {first['more_high']:+.4f}" if more else ""
    return [*cells, f"{first['more']:+.4f} ({span})" if more else ""]


def _again(what: str, found: Mapping[str, float], out: Mapping[str, Any]) -> None:
    clean = out["noise"]["clean"]
    told = [
        f"{who} {value:.4f} ({value / clean[who]:.2f} of clean)" for who, value in found.items()
    ]
    print(f"{what}: mAP {', '.join(told)}")


def show_texts(who: str, texts: list[dict[str, Any]]) -> None:
    """Print the texts of a set, each with what was found instead."""
    print(f"\n{who}, worst first:")
    for one in texts:
        instead = ", ".join(f"{label} {count}" for label, count in one["instead"].items())
        print(
            f"  {one['precision']:.3f}  {one['text']} ({one['clips']})  instead: {instead or '-'}"
        )


def span(figure: Mapping[str, float]) -> str:
    """Write a figure with its interval."""
    return f"{figure['value']:.4f} ({figure['low']:.4f} to {figure['high']:.4f})"
