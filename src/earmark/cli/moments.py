"""`earmark moments`: find moments in one file, which need not be in any library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from earmark.cli.answers import NOTHING, add_limit, add_output, check_output, complain, show
from earmark.cli.hits import moments_of_one
from earmark.cli.which import add_device, add_model, tell_device, use_device

if TYPE_CHECKING:
    import argparse

    from earmark.cli.parser import Parser


def add_arguments(parser: Parser) -> None:
    """Declare what the command takes."""
    parser.free_words = True
    parser.add_argument("file", type=Path, metavar="FILE", help="a sound or video file")
    parser.add_argument(
        "words", nargs="+", metavar="WORDS", help="what should be heard, as for earmark search"
    )
    add_limit(parser)
    parser.add_argument(
        "--all", action="store_true", help="the nearest there are, even if nothing seems to match"
    )
    add_model(parser, default="the packaged one")
    add_device(parser)
    add_output(parser)
    parser.set_defaults(explain=False)


def run(args: argparse.Namespace) -> int:
    """Hear the file and search in it; 1 if nothing is found."""
    check_output(args)
    from time import perf_counter

    from earmark.errors import UsageError
    from earmark.library.which import load_model
    from earmark.search.answer import Answer
    from earmark.search.confidence import Calibration
    from earmark.search.one import moments_in
    from earmark.search.query import parse

    plan, began = parse(args.words), perf_counter()
    if plan.filter:
        raise UsageError(
            f"filters choose among recordings, and {args.file} is one file",
            hint="leave them out, or search in the library: earmark search WORDS",
        )
    use_device(args)
    model = load_model(args.model)
    tell_device(model)
    hits = moments_in(args.file, args.words, model, limit=args.limit, unsure=args.all)
    answer = Answer(
        query=plan.text,
        model=model.name,
        hits=hits,
        took_ms=round(1000 * (perf_counter() - began), 1),
        calibrated=Calibration.of(model).calibrated,
    )
    code = show(answer, args, moments_of_one(hits))
    if not hits:
        more = "" if args.all else "; --all shows the nearest anyway"
        complain(f"nothing in {args.file} matches {plan.text!r}{more}")
        return NOTHING
    return code
