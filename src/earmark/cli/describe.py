"""`earmark describe`: say in plain words what is heard in a file, and when."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.cli.answers import NOTHING, chosen, complain, write
from earmark.cli.hits import span, sure
from earmark.cli.plain import aligned
from earmark.cli.which import add_model

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from earmark.search.describe import Saying

FORMATS = ("table", "json", "audacity")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a sound or video file")
    add_model(parser, default="the packaged one")
    parser.add_argument(
        "--format", choices=FORMATS, metavar="FORMAT", help=f"one of: {', '.join(FORMATS)}"
    )
    parser.add_argument("--json", action="store_true", help="the same as --format json")


def run(args: argparse.Namespace) -> int:
    """Hear the file and name what is in it; 1 if nothing can be named."""
    how = chosen({f"--format {args.format}": args.format, "--json": args.json and "json"})
    from earmark.library.library import load_model
    from earmark.search.one import describe_file

    model = load_model(args.model)
    sayings = describe_file(args.file, model)
    if how == "json":
        whole = {"path": str(args.file.resolve()), "model": model.name}
        print(json.dumps({**whole, "sayings": list(map(as_dict, sayings))}, indent=2))
    elif how == "audacity":
        write("".join(f"{one.start:.6f}\t{one.end:.6f}\t{one.words}\n" for one in sayings))
    elif sayings:
        print("\n".join(lines(sayings)))
    if not sayings:
        complain(f"nothing in {args.file} can be named; ask for it: earmark moments FILE WORDS")
    return 0 if sayings else NOTHING


def lines(sayings: Sequence[Saying]) -> Iterator[str]:
    """Say it for a person to read."""
    rows = [(span(one.start, one.end), sure(one.confidence), one.words) for one in sayings]
    return aligned([("moment", "confidence", "heard"), *rows])


def as_dict(saying: Saying) -> dict[str, Any]:
    """Give it as plain JSON values."""
    digits = {"start": 2, "end": 2, "confidence": 4}
    values = asdict(saying)
    return values | {name: round(values[name], places) for name, places in digits.items()}
