"""`earmark label`: say of hits whether they are right, one after the other, and keep it."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.audio.clock import clock
from earmark.cli.answers import NOTHING
from earmark.cli.hits import span, sure
from earmark.cli.keys import END, read_key
from earmark.cli.plain import aligned, counted, printable
from earmark.cli.systems import opened
from earmark.cli.which import add_library, add_models

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from earmark.cli.parser import Parser
    from earmark.cli.player import Player
    from earmark.search.judged.contents import Contents, Judged
    from earmark.search.judged.labels import Labels
    from earmark.search.judged.pool import Shown, System

EXAMPLES = """\
y right, n wrong, s skip, p play again, q quit; without a terminal a line stands for a key:
  earmark label my.jsonl rain on a roof        judge the first ten hits that are not judged yet
  earmark label my.jsonl                       go on with every query of the file
  earmark label my.jsonl --model A --model B   the hits of two models, so that both have a chance
  earmark label my.jsonl --list                what was judged
docs/labels.md says what the file holds; earmark evaluate mine my.jsonl scores the search by it
"""
WORDS = {"y": "right", "n": "wrong", "s": "skipped", "q": "quit", END: "quit"}
QUESTION = "right? y, n, s (skip), q (quit): "
WITH_PLAY = "right? y, n, p (play again), s (skip), q (quit): "


def add_arguments(parser: Parser) -> None:
    """Declare what the command takes."""
    parser.free_words = True
    parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="where judgements are kept: JSON lines"
    )
    parser.add_argument(
        "words", nargs="*", metavar="WORDS", help="a query; without: all that the file has"
    )
    parser.add_argument(
        "-k", "--limit", type=int, default=10, metavar="N",
        help="hits of a query, of each model; default: 10",
    )  # fmt: skip
    parser.add_argument(
        "--list", action="store_true", help="only print what was judged; no library is needed"
    )
    parser.add_argument(
        "--play", metavar="COMMAND", help="a player that gets each moment; no shell reads this"
    )
    add_library(parser)
    add_models(parser, default="the library's; repeatable")
    parser.add_argument(
        "--cache",
        type=Path,
        metavar="FOLDER",
        help="keeps what other models hear; default: earmark in the cache folder of the user",
    )


def run(args: argparse.Namespace) -> int:
    """Ask until all is judged, or until the person quits; 1 if nothing is found."""
    from earmark.search.judged.labels import labels_so_far, read_labels

    if args.list:
        print("\n".join(listed(read_labels(args.file))))
        return 0
    queries = queries_of(args, labels_so_far(args.file))
    player = player_of(args)
    with opened(args) as systems:
        try:
            return label(systems, queries, player, args)
        finally:
            if player:
                player.stop()


def queries_of(args: argparse.Namespace, known: Labels) -> tuple[str, ...]:
    """The query that was typed, as one line of text, or all that are kept."""
    from earmark.errors import UsageError

    if args.limit < 1:
        raise UsageError(f"a limit of {args.limit} hits", hint="judge one hit or more: -k 10")
    if args.words:
        return (one_line(args.words),)
    if not known.queries:
        raise UsageError(
            f"{args.file} has no queries yet",
            hint=f"say what should be heard: earmark label {args.file} rain on a roof",
        )
    return known.queries


def one_line(words: Sequence[str]) -> str:
    """Write the words of a shell so that they mean the same as one line, where quotes count."""
    from earmark.errors import UsageError
    from earmark.search.query import parse

    meant = parse(words, now=0.0)
    quoted = [f'"{word}"' if " " in word else word for word in words]
    for line in (" ".join(words), " ".join(quoted)):
        plan = parse(line, now=0.0)
        if _said(plan) == _said(meant):
            return plan.text
    raise UsageError(
        f"these words mean something else in one line: {meant.text}",
        hint="write the whole query in one pair of quotes of the shell",
    )


def _said(plan: object) -> tuple[object, ...]:
    return tuple(getattr(plan, name) for name in ("wanted", "unwanted", "filter", "course"))


def player_of(args: argparse.Namespace) -> Player | None:
    """Nothing is played unless a player is named."""
    if args.play is None:
        return None
    from earmark.cli.player import Player

    return Player(args.play)


def label(
    systems: Sequence[System],
    queries: Sequence[str],
    player: Player | None,
    args: argparse.Namespace,
) -> int:
    """Go through queries; 1 if none of them finds anything."""
    from earmark.search.judged.pool import pool

    found = 0
    for query in queries:
        shown = pool(systems, query, args.limit)
        found += len(shown)
        if not label_one(query, shown, systems[0].home, player, args.file):
            break
    return 0 if found else NOTHING


def label_one(
    query: str, shown: Sequence[Shown], home: Contents, player: Player | None, file: Path
) -> bool:
    """Ask for the hits of a query that are not judged yet; False if the person has quit."""
    from earmark.search.judged.labels import add_judgement
    from earmark.search.judged.pool import unjudged

    left = unjudged(shown, judged_of(query, home, file))
    print(f"{query}: {counted(len(left), 'hit')} to judge, {len(shown) - len(left)} judged")
    goes_on = True
    for number, one in enumerate(left, start=1):
        print(f"\n{number} of {len(left)}  {line_of(one)}", flush=True)
        answer = ask(one, player)
        if answer in "yn":
            add_judgement(file, one.judged(query, right=answer == "y"))
        goes_on = WORDS[answer] != "quit"
        if not goes_on:
            break
    print(f"\n{query}: {tally(judged_of(query, home, file))}" if left else "", flush=True)
    return goes_on


def judged_of(query: str, home: Contents, file: Path) -> Judged:
    """What stands in the file for a query now; somebody else may be writing to it."""
    from earmark.search.judged.contents import NOTHING as NONE
    from earmark.search.judged.contents import settle
    from earmark.search.judged.labels import labels_so_far

    return settle(labels_so_far(file), home).queries.get(query, NONE)


def ask(one: Shown, player: Player | None) -> str:
    """Ask until a key is one that means something: -> y, n, s, q or the end."""
    if player:
        player.play(one.hit)
    while True:
        print(WITH_PLAY if player else QUESTION, end="", flush=True)
        key = read_key()
        if key == "p" and player:
            print("again")
            player.play(one.hit)
        elif key in WORDS:
            print(WORDS[key])
            return key
        else:
            print("?")


def line_of(one: Shown) -> str:
    """How sure, from when to when, in which file."""
    hit = one.hit
    away = " (away)" if hit.away else ""
    length = clock(hit.duration)
    told = f"{sure(hit.confidence)}  {span(hit.start, hit.end)} of {length}"
    return f"{told}  {printable(hit.path)}{away}"


def tally(judged: Judged) -> str:
    """How much of a query was judged."""
    right = len(judged.wanted)
    return f"{right} right, {len(judged.said) - right} wrong"


def listed(labels: Labels) -> Iterator[str]:
    """What was judged, query by query."""
    for query in labels.queries:
        said = [one for one in labels.judgements if one.query == query]
        right = sum(one.right for one in said)
        yield f"{query}: {right} right, {len(said) - right} wrong"
        rows = [
            (
                "  right" if one.right else "  wrong",
                "whole" if one.moment is None else span(one.moment.start, one.moment.end),
                one.when[:10],
                printable(one.path),
            )
            for one in said
        ]
        if rows:
            yield from aligned(rows)
