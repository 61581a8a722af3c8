"""`earmark audit`: recordings and captions that stand in two data sets."""

from __future__ import annotations

import argparse
import csv
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.cli.console import note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from earmark.data.audit import Findings, Shared
    from earmark.data.rows import Row

COLUMNS = ("why", "plain", "whitened", "a", "at_a", "b", "at_b", "seconds")
MOST_CAPTIONS = 10  # listed in the table
SPEC = "[layout:]path[#split+split,fact=value]"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("a", metavar="A", help=f"a data set: {SPEC}")
    parser.add_argument("b", metavar="B", nargs="?", help="the data set, or split, to compare with")
    parser.add_argument("--json", action="store_true", help="all that was found as one JSON object")
    parser.add_argument("--out", type=Path, metavar="CSV", help="write the pairs to a new file")
    parser.add_argument(
        "--trial",
        type=int,
        metavar="N",
        help="in place of B: hide N altered copies of each kind in A, and count those found",
    )


def run(args: argparse.Namespace) -> int:
    """Audit two data sets, or try the audit on one; found or not, that is done with 0."""
    from earmark.errors import UsageError

    if (args.b is None) == (args.trial is None):
        raise UsageError("give either a second data set or --trial N", hint="earmark audit A B")
    if args.trial is not None and args.trial < 1:
        raise UsageError(
            f"a trial of {args.trial} copies", hint="hide 100 of each kind: --trial 100"
        )
    if args.out:
        _refuse_out(args.out, args.trial)
    return _compare(args) if args.b else _try(args)


def _compare(args: argparse.Namespace) -> int:
    from earmark.data.audit import audit
    from earmark.data.open import open_data

    sides = open_data(args.a), open_data(args.b)
    findings = audit(*sides, watch=_Progress().show)
    note("")
    if args.json:
        print(json.dumps(as_dict(findings), indent=2))
    else:
        _print(args, sides, findings)
    if args.out:
        _write(args.out, findings.recordings)
    return 0


def _print(args: argparse.Namespace, sides: Sequence[Sequence[Row]], findings: Findings) -> None:
    from earmark.data.open import coverage

    for spec, rows, seconds in zip((args.a, args.b), sides, findings.seconds, strict=True):
        print(f"{spec}: {len(rows):,} rows, {seconds / 3600:.2f} h")
        for split, count in coverage(spec).items():
            print(f"  {split}: {count}")
    print("\n".join(lines(findings)))


def _refuse_out(path: Path, trial: int | None) -> None:
    """Refuse at once what could not be written when the audit is done."""
    from earmark.errors import UsageError

    if trial is not None:
        raise UsageError("a trial has no pairs to write", hint="keep its table with --json > FILE")
    if path.exists():
        raise UsageError(f"{path} is there already", hint="name a new file with --out")
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is not a folder", hint="make it first, or name another")


def _try(args: argparse.Namespace) -> int:
    from dataclasses import asdict

    from earmark.data.open import open_data
    from earmark.data.trial import trial

    outcomes = trial(open_data(args.a), args.trial, watch=_Progress().show)
    note("")
    if args.json:
        print(json.dumps([asdict(one) for one in outcomes], indent=2))
        return 0
    print("copy                             found    other rows that sound like one")
    for one in outcomes:
        print(f"{one.change:30} {one.found:>4} of {one.tried:<4} {one.others:>4}")
    return 0


def lines(findings: Findings) -> Iterator[str]:
    """The findings as text: counts, then pairs, captions, and what could not be heard."""
    for why in ("id", "bytes", "sound"):
        yield f"same {why}: {findings.count(why):,} pairs"
    yield f"same caption: {len(findings.captions):,} captions"
    if findings.recordings:
        yield from ("", "why             plain  whitened  seconds   A @ at   B @ at")
        yield from map(_line, findings.recordings)
    if findings.captions:
        yield from ("", "captions of both (by themselves no reason to leave a row out)")
        for one in findings.captions[:MOST_CAPTIONS]:
            yield f"  {one.in_a:,} and {one.in_b:,} rows: {one.text}"
    if findings.unheard:
        yield from ("", f"compared by id and bytes alone, not by sound: {len(findings.unheard):,}")
        for path, reason in findings.unheard[:MOST_CAPTIONS]:
            yield f"  {path}: {reason}"


def as_dict(findings: Findings) -> dict[str, Any]:
    """The findings as plain values for JSON."""
    return {
        "recordings": [dict(zip(COLUMNS, _cells(one), strict=True)) for one in findings.recordings],
        "captions": [
            {"text": one.text, "in_a": one.in_a, "in_b": one.in_b} for one in findings.captions
        ],
        "unheard": [{"path": str(path), "why": why} for path, why in findings.unheard],
        "seconds": [round(seconds, 3) for seconds in findings.seconds],
    }


def _cells(shared: Shared) -> tuple[Any, ...]:
    return (
        "+".join(shared.why),
        *(_rounded(value) for value in (shared.plain, shared.whitened)),
        str(shared.a.audio),
        _rounded(_time(shared.a, shared.at_a)),
        str(shared.b.audio),
        _rounded(_time(shared.b, shared.at_b)),
        _rounded(shared.seconds),
    )


def _time(row: Row, at: float | None) -> float | None:
    """Seconds from the start of the file."""
    return None if at is None else (row.start or 0.0) + at


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _line(shared: Shared) -> str:
    why, plain, whitened, a, at_a, b, at_b, seconds = (
        "-" if cell is None else str(cell) for cell in _cells(shared)
    )
    return f"{why:15} {plain:>5}  {whitened:>8}  {seconds:>7}   {a} @ {at_a}   {b} @ {at_b}"


def _write(path: Path, recordings: Sequence[Shared]) -> None:
    from earmark.errors import EarmarkError

    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(_cells(one) for one in recordings)
    except OSError as error:
        raise EarmarkError(
            f"{path}: {error.strerror}", hint="name a file where you may write, with --out"
        ) from error


class _Progress:
    """The last line of the terminal: what is going on, and the time left of it."""

    def __init__(self) -> None:
        self._what, self._since, self._last = "", 0.0, 0.0

    def show(self, what: str, share: float) -> None:
        """Show how far it is, at most five times a second."""
        now = time.monotonic()
        if what != self._what:
            self._what, self._since = what, now
        if share > 0 and now - self._last > 0.2:
            self._last = now
            minutes, seconds = divmod(round((now - self._since) * (1 - share) / share), 60)
            note(f"{what} {share:.0%}, {minutes} min {seconds:02} s left")
