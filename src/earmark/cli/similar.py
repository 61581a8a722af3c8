"""`earmark similar`: find recordings that sound like a file, or like a part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from earmark.cli.answers import add_output, add_wish, answer_with, check_output, wish_of
from earmark.cli.which import add_library, add_model, open_library

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "file",
        metavar="FILE[@START-END]",
        help="a sound or video file, or a part of it: dogs.wav@3-5.5, talk.mp3@1:02:10-1:02:20",
    )
    add_wish(parser)
    add_library(parser)
    add_model(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Search; 1 if nothing is found."""
    check_output(args)
    from earmark.library.library import plan_of_example
    from earmark.search.query import example

    plan = plan_of_example(*example(args.file))
    with open_library(args) as library:
        return answer_with(library, plan, wish_of(args), args)
