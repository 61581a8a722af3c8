"""`earmark search`: find recordings, and the moments in them, with words."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from typing import TYPE_CHECKING

from earmark.cli.answers import add_output, add_wish, answer_with, check_output, wish_of
from earmark.cli.which import add_library, add_model, open_library

if TYPE_CHECKING:
    import argparse

    from earmark.cli.parser import Parser

EXAMPLES = """\
words may be put together (docs/guide.md has all of it):
  earmark search heavy rain on a roof          one description
  earmark search rain + thunder                both
  earmark search rain - "light music"          without
  earmark search 2:rain + wind                 rain counts twice
  earmark search @door.wav + "in a church"     like a file, and like words
  earmark search "a dog" then "a door"         in this order; while, without, 3 times, within 10s
  earmark search rain in:field longer:5s       in: tag: ucs: longer: shorter: newer:
"""


def add_arguments(parser: Parser) -> None:
    """Declare what the command takes."""
    parser.free_words = True
    parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
    parser.add_argument("words", nargs="+", metavar="WORDS", help="what should be heard")
    add_wish(parser)
    parser.add_argument(
        "--no-keywords", action="store_true", help="by sound alone: names and tags count nothing"
    )
    add_library(parser)
    add_model(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Search; 1 if nothing is found."""
    check_output(args)
    from earmark.search.query import parse

    plan = parse(args.words)
    with open_library(args) as library:
        return answer_with(library, plan, wish_of(args, keywords=not args.no_keywords), args)
