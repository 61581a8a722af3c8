"""Claims of papers, and what our figures say to them: holds, fails, or cannot tell.

A claim is a sum of figures that should come out above nothing: one system's minus another's, or a
gap that should be wider in one place than in another. Its interval is a bootstrap over recordings,
the same draws for all figures of the sum, each moved by what another seed would bring
(`seeds.py`). An interval that spans nothing cannot tell, and is told with the smallest effect that
this test would have seen four times of five.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from earmark.errors import DataError
from earmark.lab.compare.outcome import Outcome
from earmark.lab.compare.seeds import seed_noise
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

    def place(self, term: Term) -> tuple[str, str, str]:
        """Which figure a term is: the test, the way, its name."""
        return term.test or self.test, term.way or self.way, term.figure or self.figure

    def asked_of(self, run: Outcome, term: Term) -> bool:
        """Whether a run was asked what a term is about."""
        spec, way, _ = self.place(term)
        return spec in run.tests and way in run.tests[spec].asked

    def worth(self, run: Outcome, term: Term) -> float:
        """What one run adds to the sum."""
        spec, way, figure = self.place(term)
        return term.weight * run.tests[spec].asked[way].figure(figure)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What our figures say."""

    word: str
    value: float
    low: float
    high: float
    smallest: float  # effect that would have been seen in four tests of five
    seeds: int  # of the system that has the fewest


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
        or not all(claim.asked_of(run, term) for run in systems[term.recipe])
    ]


def settle(claim: Claim, systems: Systems) -> Verdict:
    """Work out the sum of a claim, and what it says."""
    parts = [
        (term.weight, shares(systems[term.recipe], *claim.place(term))) for term in claim.terms
    ]
    value, drawn = added_up(parts)
    moved = np.random.default_rng(0).standard_normal(len(drawn))
    drawn = drawn + seed_noise(claim, systems) * moved
    low, high = (float(x) for x in np.quantile(drawn, [(1 - MIDDLE) / 2, (1 + MIDDLE) / 2]))
    word = HOLDS if low > 0 else FAILS if high < 0 else CANNOT_TELL
    seeds = min(len(systems[term.recipe]) for term in claim.terms)
    return Verdict(word, value, low, high, SEEN * float(drawn.std()), seeds)
