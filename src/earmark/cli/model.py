"""`earmark model`: which models there are, what is in one, whether it hears as it should.

`transfers.py` has what goes to a hub and comes from one.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from earmark.cli import transfers
from earmark.cli.console import console, table
from earmark.cli.look import in_words, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earmark.model.bundle import Bundle
    from earmark.model.golden import Figure

FEW = 3  # languages that are named in a row
MEGABYTE = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    kinds = {
        "list": "name the models that come with the package or were pulled",
        "show": "print what a bundle says about itself, after checking all its files",
        "verify": "check a bundle's files, then that it hears here what it heard where it was made",
    }
    for name, does in transfers.ACTIONS.items():
        action = actions.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}.")
        transfers.add_arguments(name, action)
    for name, does in kinds.items():
        action = actions.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}.")
        if name != "list":
            action.add_argument(
                "model",
                nargs="?",
                metavar="NAME|FOLDER",
                help="a packaged or pulled model, or the folder of a bundle; default: the packaged",
            )
        action.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Do what is asked; a model that does not hear as it should exits with 3."""
    actions = {
        "list": list_models,
        "show": show,
        "verify": verify,
        "pull": transfers.pull,
        "push": transfers.push,
    }
    return actions[args.action](args)


def list_models(args: argparse.Namespace) -> int:
    """Print a row a model that is here."""
    from earmark.model.bundle import read_bundle
    from earmark.model.find import packaged, pulled
    from earmark.model.tongues import languages_of

    there = {**packaged(), **pulled()}
    bundles = {name: read_bundle(folder) for name, folder in there.items()}
    if args.json:
        for bundle in bundles.values():
            print(json.dumps(as_dict(bundle), ensure_ascii=False))
    elif bundles:
        rows = table("!model", "#width", "!weights", "#MB", "languages", "licence")
        for name, bundle in bundles.items():
            page = bundle.page
            size, languages = f"{bundle.bytes / MEGABYTE:.1f}", brief(languages_of(page))
            rows.add_row(name, str(page.width), page.weights, size, languages, page.licence)
        console().print(rows)
    else:
        print("no model comes with this installation; show one with: earmark model show FOLDER")
    return 0 if bundles else 1


def show(args: argparse.Namespace) -> int:
    """Print what a bundle says about itself."""
    bundle = _open(args.model)
    if args.json:
        print(json.dumps(as_dict(bundle), ensure_ascii=False, indent=1))
    else:
        print("\n".join(lines(bundle)))
    return 0


def verify(args: argparse.Namespace) -> int:
    """Print how near everything in golden.npz came, and raise if something is too far off."""
    from earmark.errors import EarmarkError
    from earmark.model import golden
    from earmark.model.model import Model
    from earmark.model.page import GOLDEN

    bundle = _open(args.model)
    model = Model(bundle.page, bundle.content)
    figures = golden.verify(model, bundle.content(GOLDEN))
    if args.json:
        print(json.dumps({"model": model.name, "figures": [_figure(one) for one in figures]}))
    else:
        _print_figures(bundle, figures)
    missed = [one.what for one in figures if not one.met]
    if missed:
        raise EarmarkError(
            f"{model.name} does not hear here what it heard where it was made: {missed[0]}",
            hint="report it with this machine's kind; vectors made elsewhere do not fit here",
        )
    return 0


def brief(languages: tuple[str, ...]) -> str:
    """Name the first language and count the others, if there are many."""
    few = len(languages) <= FEW
    return ", ".join(languages) if few else f"{languages[0]} and {len(languages) - 1} more"


def as_dict(bundle: Bundle) -> dict[str, Any]:
    """All of a bundle's page, with where it is and its size."""
    page = json.loads(bundle.page.dumps())
    return {"folder": str(bundle.folder), "bytes": bundle.bytes, **page}


def lines(bundle: Bundle) -> Iterator[str]:
    """Say it for a person to read."""
    from earmark.model.tongues import languages_of

    page, times = bundle.page, bundle.page.seconds
    yield page.name
    yield f"  folder     {bundle.folder}"
    yield f"  size       {bundle.bytes / MEGABYTE:.1f} MB, weights in {page.weights}"
    yield f"  licence    {page.licence}"
    yield f"  languages  {', '.join(languages_of(page)) or 'none'}"
    fronts = ", ".join(f"{one.kind} {' x '.join(map(str, one.shape))}" for one in page.fronts)
    yield f"  hears      {page.rate} Hz, {page.samples / page.rate:g} s at once as {fronts}"
    yield f"  times      stretches of {times.stretch:g} s after {times.before:g} s of context"
    yield (
        f"             a token of {times.token:g} s, "
        f"a vector of {times.window:g} s every {times.hop:g} s"
    )
    yield f"  vectors    {page.width} numbers each"
    reads = f"up to {page.text.longest} pieces of a text" if page.text else "nothing: it only hears"
    yield f"  reads      {reads}"
    if page.rerank:
        yield f"  reranks    {page.rerank.candidates} candidates in 50 ms"
    if page.classes:
        yield f"  classes    {len(page.classes)}: {one_line(', '.join(page.classes), 80)}"
    for title, facts in (("trained on", page.data), ("measured", page.results)):
        for key, value in facts.items():
            yield f"  {title:10} {one_line(f'{key}: {in_words(value)}')}"


def _open(model: str | None) -> Bundle:
    from earmark.model.bundle import read_bundle
    from earmark.model.find import DEFAULT, find_bundle

    return read_bundle(find_bundle(model or DEFAULT))


def _print_figures(bundle: Bundle, figures: list[Figure]) -> None:
    print(f"{bundle.page.name}: {len(bundle.page.files)} files, each with the right SHA-256")
    rows = table("!what", "!measure", "#value", "!limit", "!verdict")
    for one in figures:
        sign = "at least" if one.measure == "cosine" else "at most"
        value = f"{one.value:.6f}" if one.measure == "cosine" else f"{one.value:.1e}"
        rows.add_row(
            one.what, one.measure, value, f"{sign} {one.limit:g}", "met" if one.met else "MISSED"
        )
    console().print(rows)


def _figure(one: Figure) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(one), "met": one.met}
