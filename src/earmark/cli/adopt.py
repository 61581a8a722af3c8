"""`earmark export` of models that others trained: of `transformers`, or any pair of ONNX graphs."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from earmark.cli import transfers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from earmark.model.bundle import Bundle


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare where a model of others is from."""
    which = parser.add_argument_group(
        "models of others", "RUN is then a folder, a name on the hub, or a TOML file"
    ).add_mutually_exclusive_group()
    which.add_argument(
        "--from-transformers",
        action="store_true",
        help="take a repository of an audio-text pair, such as CLAP: its folder or owner/name",
    )
    which.add_argument(
        "--from-onnx",
        action="store_true",
        help="take a pair of ONNX graphs that a TOML file describes (docs/models.md)",
    )
    parser.add_argument(
        "--own-front",
        action="store_true",
        help="the repository's front end is meant to be unlike the published ones",
    )
    parser.add_argument("--yes", action="store_true", help="download without asking")
    transfers.add_source_arguments(parser)


def from_transformers(args: argparse.Namespace) -> int:
    """Turn a repository into a bundle; one on the hub is downloaded first."""
    from earmark.lab.adopt.write import Origin, adopt
    from earmark.model.bundle import refuse_old

    transfers.need_lab()
    refuse_old(args.bundle)
    folder, revision, licence = _repository(args)
    origin = Origin(
        name=args.name or transfers.as_name(args.bundle.name),
        source=args.run.as_posix() if revision else args.run.name,
        revision=revision,
        licence=args.licence or licence or None,
        weights=args.weights,
        own_front=args.own_front,
    )
    bundle, loss = adopt(folder, args.bundle, origin)
    report(args, bundle, loss)
    return 0


def from_onnx(args: argparse.Namespace) -> int:
    """Turn a pair of graphs into a bundle."""
    from earmark.lab.adopt.pair import adopt_pair

    bundle, loss = adopt_pair(args.run, args.bundle, args.weights)
    report(args, bundle, loss)
    return 0


def report(args: argparse.Namespace, bundle: Bundle, loss: Mapping[str, float]) -> None:
    """Say how large a bundle is and what packing the weights cost."""
    print(f"{args.bundle}: {bundle.bytes / 1e6:.1f} MB, {args.weights} weights")
    for name, value in loss.items():
        print(f"  {name:16}{value:,.5g}" if value < 100 else f"  {name:16}{value:,.0f}")
    transfers.warn_of_packing(args.weights, loss)


def _repository(args: argparse.Namespace) -> tuple[Path, str, str]:
    """Give the folder, and of a download its revision and licence."""
    from earmark.errors import UsageError

    if args.run.is_dir():
        return args.run, "", ""
    name = args.run.as_posix()
    offer, room = transfers.bring(argparse.Namespace(**{**vars(args), "name": name}))
    if offer.is_bundle:
        raise UsageError(
            f"{name} is a bundle already", hint=f"bring it with: earmark model pull {name}"
        )
    return room, offer.revision, offer.licence
