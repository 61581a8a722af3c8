"""`earmark describe`: say in plain words what is heard in a file, and when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from earmark.cli.answers import NOTHING, chosen, complain, write
from earmark.cli.which import add_device, add_model, tell_device, use_device

if TYPE_CHECKING:
    import argparse

FORMATS = ("text", "vtt", "audacity", "json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a sound or video file")
    add_model(parser, default="the packaged one")
    add_device(parser)
    parser.add_argument(
        "--format", choices=FORMATS, metavar="FORMAT", help=f"one of: {', '.join(FORMATS)}"
    )
    parser.add_argument("--json", action="store_true", help="the same as --format json")
    parser.add_argument(
        "--out", type=Path, metavar="NEWFILE", help="write it to a new file instead"
    )


def run(args: argparse.Namespace) -> int:
    """Hear the file and name what is in it; 1 if nothing can be named."""
    how = chosen(
        {f"--format {args.format}": args.format, "--json": args.json and "json"}, plain="text"
    )
    if args.out:
        _refuse_old(args.out)
    from earmark.library.which import load_model
    from earmark.search.confidence import Calibration
    from earmark.search.describe.formats import FORMATS as WRITERS
    from earmark.search.describe.formats import Description
    from earmark.search.one import describe_file

    use_device(args)
    model = load_model(args.model)
    tell_device(model)
    sayings = describe_file(args.file, model)
    text = WRITERS[how](Description(str(args.file.resolve()), model.name, sayings))
    if args.out:
        _write(args.out, text)
    else:
        write(text)
    if not sayings:
        complain(f"nothing in {args.file} can be named; ask for it: earmark moments FILE WORDS")
        return NOTHING
    if not Calibration.of(model).calibrated:
        complain(f"the model {model.name!r} is not calibrated: what is probable is a rough guess")
    return 0


def _refuse_old(path: Path) -> None:
    """Raise if there is such a file, before any work is done for it."""
    from earmark.errors import UsageError

    if path.exists():
        raise UsageError(f"{path} is there already", hint="name a new file with --out")


def _write(path: Path, text: str) -> None:
    from earmark.errors import EarmarkError

    try:
        with path.open("x", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise EarmarkError(
            f"{path}: {error.strerror}", hint="name a file where you may write, with --out"
        ) from error
