"""`earmark export`: turn a training run into a bundle that runs without torch."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("run", type=Path, help="the folder of a run, as earmark train made it")
    parser.add_argument("bundle", type=Path, help="the new folder to write")
    parser.add_argument("--name", help="of the model; default: the name of the new folder")
    parser.add_argument("--licence", default="Apache-2.0", help="of the weights")
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


def run(args: argparse.Namespace) -> int:
    """Export, and say how large it is and what packing the weights cost."""
    from earmark.errors import require

    for module in ("torch", "onnx", "onnxscript"):
        require(module, extra="lab")
    from earmark.lab.export import Wish, export

    wish = Wish(
        name=args.name or args.bundle.name,
        licence=args.licence,
        weights=args.weights,
        classes=args.classes,
        results=[read_results(path) for path in args.results],
    )
    bundle, loss = export(args.run, args.bundle, wish)
    print(f"{args.bundle}: {bundle.bytes / 1e6:.1f} MB, {args.weights} weights")
    for name, value in loss.items():
        print(f"  {name:16}{value:,.5g}" if value < 100 else f"  {name:16}{value:,.0f}")
    return 0


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
