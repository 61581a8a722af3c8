"""Which library and which model a command works with: the two options of many commands."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from earmark.library.home import Home
    from earmark.library.library import Library
    from earmark.model.model import Model


def folder_or_address(text: str) -> str | Path:
    """Read a library as it is typed: a path would not keep the slashes of an address."""
    return text if "://" in text else Path(text)


def add_library(parser: argparse.ArgumentParser) -> None:
    """Declare `--library`."""
    parser.add_argument(
        "--library",
        type=folder_or_address,
        metavar="LIBRARY",
        help="a folder, or milvus://HOST:PORT/NAME; default: EARMARK_LIBRARY, or else your own",
    )


def add_model(parser: argparse.ArgumentParser, default: str = "the library's") -> None:
    """Declare `--model`."""
    parser.add_argument(
        "--model",
        metavar="NAME|FOLDER",
        help=f"a packaged model, or the folder of a bundle; default: {default}",
    )


def add_models(parser: argparse.ArgumentParser, default: str) -> None:
    """Declare a `--model` that can be given again: `models` has all of them."""
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        dest="models",
        metavar="NAME|FOLDER",
        help=f"default: {default}",
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    """Declare `--device`."""
    parser.add_argument(
        "--device",
        metavar="NAME",
        help="on what it hears: cpu, cuda, cuda-mixed, or auto; default: EARMARK_DEVICE, or cpu",
    )


def use_device(args: argparse.Namespace) -> None:
    """Let models that are loaded from here on hear on the device that was asked for."""
    from earmark.model.device import VARIABLE, device_called

    device_called(args.device)  # raises for one that nobody knows
    if args.device:
        os.environ[VARIABLE] = args.device


def tell_device(model: Model) -> None:
    """Say so if a model does not hear on the device that was asked for."""
    from earmark.model.device import device_called, why_not

    wanted = device_called()
    if model.device != wanted:
        print(f"earmark: {why_not(wanted)}", file=sys.stderr)


def open_library(args: argparse.Namespace) -> Library:
    """Open the library that was asked for; raise if there is none."""
    from earmark.library.library import Library

    return Library.open(args.library, model=getattr(args, "model", None))


def is_made(home: Home) -> bool:
    """Whether there is a library; one whose making was cut short is none."""
    from earmark.library.store.open import is_made

    return is_made(home)
