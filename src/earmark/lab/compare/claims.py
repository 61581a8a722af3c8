"""Claims of papers, and what our figures say to them: holds, fails, or cannot tell.

A claim is a sum of figures that should come out above nothing: one system's minus another's, or a
gap that should be wider in one place than in another. Its interval is a bootstrap over recordings,
the same draws for all figures of the sum. An interval that spans nothing cannot tell, and is told
with the smallest effect that this test would have seen four times of five.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from earmark.errors import DataError
from earmark.lab.compare.outcome import Outcome
from earmark.lab.compare.table import added_up, shares
from earmark.lab.strict import build
from earmark.score.draws import MIDDLE

SEEN = 1.96 + 0.84  # spreads: beyond chance in 95 of 100, and found in 80 of 100
HOLDS, FAILS, CANNOT_TELL = "holds", "fails", "cannot tell"
Systems = Mapping[str, Sequence[Outcome]]  # a system's runs, one a seed


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A figure of one system, as it counts in a sum; what it leaves out, the claim says."""

    recipe: str
    weight: float = 1.0
    test: str = ""
    way: str = ""
    figure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a paper says, and the sum that should be above nothing if it is so."""

    number: str  # in the table of claims
    says: str
    published: str = ""  # how large, and how well that is known
    terms: tuple[Term, ...] = ()
    test: str = "scenes-v1#test"
    way: str = "text to audio"
    figure: str = "R@1"
    closed: str = ""  # why it cannot be told here, for one that has no terms


@dataclass(frozen=True, slots=True)
class Verdict:
    """What our figures say."""

    word: str
    value: float
    low: float
    high: float
    smallest: float  # effect that would have been seen in four tests of five


def read_claims(path: Path) -> tuple[Claim, ...]:
    """Read the claims of a file of TOML."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path}: {error}", hint="name a file of claims, in TOML") from error
    return tuple(
        build(Claim, row, f"{path}: claim {number}")
        for number, row in enumerate(table.get("claim", []), 1)
    )


def missing(claim: Claim, systems: Systems) -> list[str]:
    """Which recipes of a claim have not run, or were not asked what it needs."""
    return [
        term.recipe
        for term in claim.terms
        if term.recipe not in systems
        or not all(_asked(run, term, claim) for run in systems[term.recipe])
    ]


def _asked(run: Outcome, term: Term, claim: Claim) -> bool:
    test = run.tests.get(term.test or claim.test)
    return test is not None and (term.way or claim.way) in test.asked


def settle(claim: Claim, systems: Systems) -> Verdict:
    """Work out the sum of a claim, and what it says."""
    parts = [
        (
            term.weight,
            shares(
                systems[term.recipe],
                term.test or claim.test,
                term.way or claim.way,
                term.figure or claim.figure,
            ),
        )
        for term in claim.terms
    ]
    value, drawn = added_up(parts)
    low, high = (float(x) for x in np.quantile(drawn, [(1 - MIDDLE) / 2, (1 + MIDDLE) / 2]))
    word = HOLDS if low > 0 else FAILS if high < 0 else CANNOT_TELL
    return Verdict(word, value, low, high, SEEN * float(drawn.std()))
