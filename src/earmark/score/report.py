"""Figures as plain data, the same wherever they are printed, each beside its level of chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from earmark.score.metrics import NAMES, Metric, metric
from earmark.score.ranking import Match, Ranking, Scores, rank, turned

Direction = Literal["text to audio", "audio to text"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric, its value, and what random order would give."""

    name: str
    value: float
    chance: float

    def as_text(self) -> tuple[str, str, str]:
        """Write name, value and chance as every table prints them."""
        return self.name, in_words(self.name, self.value), in_words(self.name, self.chance)


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one system in one direction, and how much was asked."""

    queries: int
    items: int
    figures: tuple[Figure, ...]

    def __getitem__(self, name: str) -> float:
        return {one.name: one.value for one in self.figures}[name]

    def rows(self) -> list[tuple[str, float, float]]:
        """Give name, value and chance of each figure."""
        return [(one.name, one.value, one.chance) for one in self.figures]


@dataclass(frozen=True, slots=True)
class Seeds:
    """A metric over runs that differ in their seed alone."""

    name: str
    mean: float
    deviation: float | None  # of the sample, n - 1 below; one run has none
    chance: float


def in_words(name: str, value: float) -> str:
    """Write a value of a metric: shares to four decimals, ranks to one."""
    return f"{value:.4f}" if metric(name).unit == "share" else f"{value:.1f}"


def report(ranking: Ranking, names: Sequence[str] = NAMES) -> Report:
    """Work out the metrics of these names."""
    return Report(
        queries=len(ranking.counts),
        items=ranking.items,
        figures=tuple(_figure(metric(name), ranking) for name in names),
    )


def both_ways(
    scores: Scores, match: Match, names: Sequence[str] = NAMES
) -> dict[Direction, Report]:
    """Score text to audio and audio to text: `scores` and `match` are [texts, sounds]."""
    return {
        "text to audio": report(rank(scores, match), names),
        "audio to text": report(rank(*turned(scores, match)), names),
    }


def over_seeds(reports: Sequence[Report]) -> tuple[Seeds, ...]:
    """Put reports of the same questions together, one of each seed."""
    if len({(one.queries, one.items, *_asked(one)) for one in reports}) != 1:
        raise ValueError("give reports of one or more runs that were asked the same questions")
    values = np.array([[one.value for one in report.figures] for report in reports])
    deviations = values.std(axis=0, ddof=1) if len(reports) > 1 else [None] * values.shape[1]
    return tuple(
        Seeds(one.name, float(mean), None if deviation is None else float(deviation), one.chance)
        for one, mean, deviation in zip(
            reports[0].figures, values.mean(axis=0), deviations, strict=True
        )
    )


def _figure(one: Metric, ranking: Ranking) -> Figure:
    return Figure(one.name, one.of(ranking), one.at_chance(ranking))


def _asked(report: Report) -> list[tuple[str, float]]:
    """What was asked for: chance depends on the questions alone, so it tells them apart."""
    return [(one.name, one.chance) for one in report.figures]
