"""What `earmark evaluate search` does: ask a library, and beside it an expert wired to a reader."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from earmark.cli.console import console, note, table
from earmark.cli.evaluate import of_data
from earmark.cli.exam_ears import show_texts, span

if TYPE_CHECKING:
    from collections.abc import Mapping

BESIDE = "efficientat_mn04"
USUAL_SNR = [5.0]  # dB
METRICS = ("mAP", "mAP@10", "R@1", "R@10")


def run(args: argparse.Namespace) -> int:
    """Index, ask, print."""
    from earmark.data import open_data
    from earmark.errors import UsageError, require
    from earmark.model.find import DEFAULT
    from earmark.model.model import Model

    if not args.data:
        raise UsageError(
            "a search is examined on clips", hint="earmark evaluate search clips:FOLDER#check"
        )
    beside = one_beside(args)
    require("torch", extra="lab")
    from earmark.lab.exam.exam import embedder
    from earmark.lab.exam.finding import Finding, Wish
    from earmark.lab.exam.listeners import open_listener
    from earmark.library.which import refuse_without_words

    model = Model.load(args.model or DEFAULT)
    refuse_without_words(model)
    listener = open_listener(beside)
    wish = Wish(snrs=args.snr, by_text=args.by_text, seed=args.seed, jobs=args.jobs)
    found = Finding(open_data(args.data), model, listener, embedder(), wish).run(note)
    out = {
        "protocol": "search",
        "command": command(args),
        "model": model.name,
        "composed": f"{listener.name} and a sentence model",
        **found,
    }
    note("")
    print(json.dumps(out)) if args.json else _show(out)
    return 0


def one_beside(args: argparse.Namespace) -> str:
    """Name the expert that is wired to a reader; raise if there are several."""
    from earmark.errors import UsageError

    if len(args.beside or ()) > 1:
        raise UsageError(
            f"{len(args.beside)} experts beside, and one is wired to the sentence model",
            hint=f"name one: --beside {BESIDE}",
        )
    return str((args.beside or [BESIDE])[0])


def command(args: argparse.Namespace) -> str:
    """The command that prints these figures again; where the data lies is left to the reader."""
    words = ["earmark evaluate search", of_data(args.data)]
    words += ["--model BUNDLE"] if args.model else []
    words += ["--beside", *args.beside] if args.beside else []
    words += ["--snr", *(f"{snr:g}" for snr in args.snr)] if args.snr != USUAL_SNR else []
    words += [f"--by-text {args.by_text}"] if args.by_text else []
    return " ".join([*words, f"--seed {args.seed}"])


def _show(out: Mapping[str, Any]) -> None:
    """Print a table for each set, then what else was found."""
    for name, told in out["sets"].items():
        show_systems(f"{name}: {told['texts']} captions, {told['clips']} clips", told)
        if told["free"]:
            free = told["free"]
            show_systems(f"{name}: {free['queries']} free queries", free)
            for who, worst in free["worst"].items():
                print(f"worst by {who}: {worst['caption']} ({worst['precision']:.4f})")
            print()
    for way, systems in out["variants"]["ways"].items():
        told = [
            f"{who} {span(one)}, {one['of plain']:.3f} of plain" for who, one in systems.items()
        ]
        print(f"{out['variants']['queries']} queries, {way}: mAP {'; '.join(told)}")
    _noise(out)
    for who, texts in out.get("texts", {}).items():
        show_texts(who, texts)


def show_systems(title: str, told: Mapping[str, Any], metrics: tuple[str, ...] = METRICS) -> None:
    """Print a line a figure, a column a system."""
    print(title)
    systems = told["systems"]
    compared = any("more" in one for found in systems.values() for one in found.values())
    more = ["#difference"] if compared else []
    rows = table("figure", *(f"#{who}" for who in systems), *more, "#chance")
    for name in metrics:
        found = [one[name] for one in systems.values()]
        over = [f"{one['more']:+.4f} (p {one['p']:.3f})" for one in found if "more" in one]
        chance = [f"{told['chance'][name]:.4f}"] if "chance" in told else []
        rows.add_row(name, *map(span, found), *over, *chance)
    page = console()
    page.print(rows)
    page.print()


def _noise(out: Mapping[str, Any]) -> None:
    noise = out.get("noise")
    if not noise:
        return
    clean = out["sets"][noise["set"]]["systems"]
    for kind, levels in noise.items():
        if kind == "set":
            continue
        for snr, found in levels.items():
            told = [
                f"{who} {value:.4f} ({value / clean[who]['mAP']['value']:.2f} of clean)"
                for who, value in found.items()
            ]
            print(f"{noise['set']} in noise ({kind}, {snr} dB): mAP {', '.join(told)}")
