"""What `earmark evaluate mine FILE` does: score the search of one's own sounds by judgements."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.cli.console import note
from earmark.cli.exam_search import show_systems
from earmark.cli.plain import counted
from earmark.cli.systems import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TELLING = "mAP@10"  # the figure that decides
ENOUGH = 0.8  # share of the first hits that should be judged
LOST = {
    "gone": "of files that are gone",
    "changed": "of files whose bytes have changed since",
    "unclear": "whose path means several files",
    "unheard": "of files that not every model has heard",
}


def run(args: argparse.Namespace) -> int:
    """Ask every query that was judged, score, print."""
    from earmark.errors import UsageError
    from earmark.search.judged.contents import settle
    from earmark.search.judged.exam import Exam
    from earmark.search.judged.labels import read_labels

    if not args.data:
        raise UsageError(
            "no file of judgements is named", hint="earmark evaluate mine my.jsonl (earmark label)"
        )
    if len(args.models) > 2:
        raise UsageError(f"{len(args.models)} models at once", hint="compare two of them")
    labels = read_labels(Path(args.data))
    with opened(args, keywords=not args.no_keywords) as systems:
        others = [one.contents for one in systems]
        found = Exam(systems, settle(labels, systems[0].home, others)).run(note)
    out = {
        "protocol": "mine",
        "right": "every recording of the library that was judged right",
        "command": command(args),
        **found,
    }
    note("")
    print(json.dumps(out)) if args.json else show(out, args)
    return 0


def command(args: argparse.Namespace) -> str:
    """The command that prints these figures again, for whoever has the library and the file."""
    named = [f"--model {one if not Path(one).is_dir() else 'BUNDLE'}" for one in args.models]
    words = ["earmark evaluate mine", Path(args.data).name, *named]
    return " ".join([*words, *(["--no-keywords"] if args.no_keywords else [])])


def show(out: Mapping[str, Any], args: argparse.Namespace) -> None:
    """Print the figures, what they rest on, and what would decide."""
    queries = counted(out["queries"], "query", "queries")
    show_systems(
        f"{queries}, {counted(out['judged'], 'recording')} judged for them, "
        f"{out['right answers']} right",
        out,
        tuple(out["chance"]),
    )
    print("\n".join([*seen(out, args), *left_out(out), *decision(out)]))


def seen(out: Mapping[str, Any], args: argparse.Namespace) -> Iterator[str]:
    """How much of what people see first was judged."""
    shares = out["judged of the first"]
    told = ", ".join(f"{share:.0%} of {who}" for who, share in shares.items())
    yield f"of the first ten hits are judged: {told}"
    if min(shares.values()) < ENOUGH:
        models = "".join(f" --model {one}" for one in args.models)
        yield f"judge the others first: earmark label {args.data}{models}"
    if out["nothing wrong"]:
        some = counted(out["nothing wrong"], "query has", "queries have")
        yield f"{some} nothing that was judged wrong: any order gives all there is"


def left_out(out: Mapping[str, Any]) -> Iterator[str]:
    """What was judged and counts nothing."""
    queries = len(out["left out"]["queries"])
    told = [
        f"{counted(count, 'judgement')} {LOST[reason]}"
        for reason in LOST
        if (count := out["left out"][reason])
    ]
    told += [f"{counted(queries, 'query', 'queries')} with nothing right"] if queries else []
    if told:
        yield f"left out: {'; '.join(told)}"


def decision(out: Mapping[str, Any]) -> Iterator[str]:
    """Which of two finds more, or what it would take to know."""
    if "decide" not in out:
        return
    told, (old, new) = out["decide"][TELLING], out["systems"]
    over = out["systems"][new][TELLING]
    apart = f"{TELLING} {over['more']:+.4f} ({over['more_low']:+.4f} to {over['more_high']:+.4f})"
    if told["verdict"] == "decided":
        more, less = (new, old) if over["more"] > 0 else (old, new)
        yield f"{more} finds more than {less}: {apart}; these queries are enough to tell"
    elif told["verdict"] == "open":
        queries = counted(told["queries"], "more query", "more queries")
        labels = counted(told["labels"], "label")
        yield f"{new} against {old}: {apart} may be chance"
        yield f"about {queries} like these, some {labels}, would decide four times out of five"
    else:
        yield f"{new} against {old}: {apart}"
        yield "how many more labels would decide cannot be told: " + why_untold(out)


def why_untold(out: Mapping[str, Any]) -> str:
    """What is missing for a number."""
    from earmark.score.decide import FEWEST

    if out["queries"] < FEWEST:
        return f"it takes {FEWEST} queries to know how much queries differ"
    return "the difference is about nothing beside how much the queries differ"
