"""`earmark export`: turn a training run into a bundle that runs without torch."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.cli import adopt
from earmark.cli.console import note

if TYPE_CHECKING:
    from earmark.data.rows import Row

HOME = "EARMARK_DATA"
TRANSLATE = "translate"  # the task whose runs are no models of their own


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "run",
        type=Path,
        help="the folder of a run, as earmark train made it; or see --calibrate, --from-...",
    )
    parser.add_argument("bundle", type=Path, help="the new folder to write")
    parser.add_argument("--name", help="of the model; default: the name of the new folder")
    parser.add_argument(
        "--licence",
        help="of the weights; default: Apache-2.0 for a run, for others what their source says",
    )
    parser.add_argument(
        "--weights", choices=("int8", "float32"), default="int8", help="default: int8"
    )
    parser.add_argument(
        "--results",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="what earmark evaluate --json printed about these weights, for the card",
    )
    parser.add_argument(
        "--classes", action="store_true", help="let it also name the classes of its teacher"
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="what {data} stands for in the recipe, whose dev part confidence is fitted on; "
        "default: EARMARK_DATA, or ../shared/data",
    )
    parser.add_argument(
        "--calibrate",
        action="store_true",
        help="take a bundle, not a run: keep its networks and fit only its confidence anew",
    )
    adopt.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Export, and say how large it is and what packing the weights cost."""
    from earmark.errors import require

    for module in ("torch", "onnx", "onnxscript"):
        require(module, extra="lab")
    if args.from_transformers:
        return adopt.from_transformers(args)
    if args.from_onnx:
        return adopt.from_onnx(args)
    return _calibrate(args) if args.calibrate else _export(args)


def _export(args: argparse.Namespace) -> int:
    from earmark.lab.export import Wish, export, recipe_text
    from earmark.lab.recipe import parse_recipe
    from earmark.model.bundle import refuse_old

    refuse_old(args.bundle)
    if parse_recipe(recipe_text(args.run), str(args.run)).task == TRANSLATE:
        return _tongues(args)
    wish = Wish(
        name=args.name or args.bundle.name,
        licence=args.licence or "Apache-2.0",
        weights=args.weights,
        classes=args.classes,
        results=[read_results(path) for path in args.results],
        dev=_dev(args, recipe_text(args.run)),
    )
    bundle, loss = export(args.run, args.bundle, wish, note=note)
    note("")
    if wish.dev and bundle.page.text and bundle.page.calibration is None:
        print("confidence stays uncalibrated: its dev part shows no use of it", file=sys.stderr)
    adopt.report(args, bundle, loss)
    return 0


def _tongues(args: argparse.Namespace) -> int:
    """Export a reader of other languages, which is a folder beside bundles."""
    from tempfile import TemporaryDirectory

    from earmark.lab.objectives import Places
    from earmark.lab.tongues.export import export_tongues

    results = {one["protocol"]: one for one in map(read_results, args.results)}
    with TemporaryDirectory() as cache:
        places = Places(_data(args), Path(cache))
        folder = export_tongues(args.run, args.bundle, places, results)
    size = sum(one.stat().st_size for one in folder.iterdir())
    print(f"{folder}: {size / 1e6:.1f} MB, reads other languages")
    return 0


def _calibrate(args: argparse.Namespace) -> int:
    from earmark.errors import UsageError
    from earmark.lab.calibrate import dev_rows, recalibrate
    from earmark.model.bundle import read_bundle
    from earmark.model.find import find_bundle

    old = find_bundle(str(args.run))
    recipe = read_bundle(old).page.recipe
    if not recipe:
        raise UsageError(
            f"{old} has no recipe, as others trained it; so nothing says what to fit on",
            hint="search with it as it is: a plain rule stands in (docs/confidence.md)",
        )
    rows = dev_rows(recipe, _data(args))
    results = [read_results(path) for path in args.results]
    bundle = recalibrate(old, args.bundle, rows, results=results, note=note)
    note("")
    print(f"{args.bundle}: {bundle.bytes / 1e6:.1f} MB, confidence fitted anew")
    return 0


def _dev(args: argparse.Namespace, recipe: str) -> list[Row]:
    """Read what confidence is fitted on; say so if it is not there."""
    from earmark.errors import EarmarkError
    from earmark.lab.calibrate import dev_rows

    try:
        return dev_rows(recipe, _data(args))
    except EarmarkError as error:
        print(f"confidence stays uncalibrated: {error.problem}", file=sys.stderr)
        print(f"it can be fitted later with --calibrate: {error.hint}", file=sys.stderr)
        return []


def _data(args: argparse.Namespace) -> Path:
    from earmark.lab.experts import HOMES

    return Path(args.data or os.environ.get(HOME) or HOMES[HOME])


def read_results(path: Path) -> dict[str, Any]:
    """Read what `earmark evaluate --json` printed."""
    from earmark.errors import DataError

    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {"protocol": found["protocol"], **found}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path} holds no results: {error}",
            hint="write it with: earmark evaluate ... --json > FILE",
        ) from error
