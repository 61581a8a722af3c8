"""How much another seed would move the sum of a claim.

Recordings that are drawn again say nothing of it: a system that begins elsewhere, and meets its
pairs in another order, finds other things. What one seed moves a figure by is told by all systems
that have several; a mean of n seeds is moved by a root of n less.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from earmark.lab.compare.claims import Claim, Term
    from earmark.lab.compare.outcome import Outcome


def seed_noise(claim: Claim, systems: Mapping[str, Sequence[Outcome]]) -> float:
    """Spread of a claim's sum over seeds; 0 where no system has more than one."""
    terms = defaultdict[str, list["Term"]](list)
    for term in claim.terms:
        terms[term.recipe].append(term)  # of one run, so they move together
    found = (_moved(claim, some, systems) / len(systems[name]) for name, some in terms.items())
    return sqrt(sum(found))


def _moved(claim: Claim, terms: Sequence[Term], systems: Mapping[str, Sequence[Outcome]]) -> float:
    """Variance that a seed brings to what these terms add, over all systems with several."""
    squares = freedom = 0.0
    for runs in systems.values():
        if len(runs) > 1 and all(claim.asked_of(run, term) for run in runs for term in terms):
            added = [sum(claim.worth(run, term) for term in terms) for run in runs]
            squares += float(np.var(added)) * len(runs)
            freedom += len(runs) - 1
    return squares / freedom if freedom else 0.0
