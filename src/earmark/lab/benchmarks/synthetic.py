"""Sounds made by code: takes of every kind, split by take."""

from __future__ import annotations

from functools import cache, partial

from earmark.lab.benchmarks import Banks
from earmark.lab.objectives import Places
from earmark.scenes import Bank, bank_from_kinds, split_bank

TAKES = 12  # of every kind
FIRST = 50_000  # takes that no training, demo or test hears
SHARES = {"train": 0.5, "dev": 0.2, "test": 0.3}


def banks(places: Places) -> Banks:  # noqa: ARG001 - it needs no data
    """Give what opens the sounds of every split."""
    return {split: partial(_part, split) for split in SHARES}


def _part(split: str) -> Bank:
    return _split()[split]


@cache
def _split() -> dict[str, Bank]:
    return split_bank(bank_from_kinds(takes=TAKES, first=FIRST), SHARES)
