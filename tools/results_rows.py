"""Rows and cells that the pages of results are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from earmark.lab.compare.claims import CANNOT_TELL, FAILS, HOLDS, Claim, missing, settle
from earmark.lab.compare.outcome import MEDIAN, Outcome
from earmark.lab.compare.table import cell, difference

BASE = "pooled"
MAIN = "scenes-v1#test"
WAYS = ("text to audio", "audio to text")


def row(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def main_of(runs: Sequence[Outcome]) -> str:
    """Name the test that counts: the main one, or the first where that is not there."""
    tests = runs[0].tests
    return MAIN if MAIN in tests else next(iter(tests))


def figure(runs: Sequence[Outcome], spec: str, way: str, name: str) -> str:
    """A figure and its deviation over seeds."""
    found = cell(runs, spec, way, name)
    told = plain(found.mean, name)
    return told if found.deviation is None else f"{told} ±{plain(found.deviation, name)}"


def gap(runs: Sequence[Outcome], base: Sequence[Outcome], spec: str, way: str) -> str:
    """How much more R@1 than another, with its interval."""
    more = difference(runs, base, spec, way, "R@1")
    return f"{more.value:+.3f} ({more.low:+.3f} to {more.high:+.3f})"


def claim_rows(claims: Sequence[Claim], systems: Mapping[str, Sequence[Outcome]]) -> list[str]:
    """A row for each claim."""
    rows = ["| claim | says | published | ours | verdict | smallest effect | seeds |"]
    rows.append("|---|---|---|---|---|---|---|")
    for claim in claims:
        start = (claim.number, claim.says, claim.published)
        lacking = missing(claim, systems)
        if claim.closed:
            rows.append(row(*start, "", f"cannot tell: {claim.closed}", "", ""))
        elif lacking:
            rows.append(row(*start, "", "not run yet", "", ""))
        else:
            found = settle(claim, systems)
            value, low, high = (100 * x for x in (found.value, found.low, found.high))
            word = {HOLDS: "**holds**", FAILS: "**fails**", CANNOT_TELL: CANNOT_TELL}[found.word]
            ours = f"{claim.figure} {value:+.1f} ({low:+.1f} to {high:+.1f})"
            rows.append(row(*start, ours, word, f"{100 * found.smallest:.1f}", str(found.seeds)))
    return rows


def plain(value: float, name: str) -> str:
    """Write a figure: ranks with one digit, shares with three."""
    return f"{value:.1f}" if name == MEDIAN else f"{value:.3f}"
