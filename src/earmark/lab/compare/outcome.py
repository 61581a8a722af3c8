"""What a run came to: for every question where its best answer stood, and what it is worth.

With these numbers any metric here, its interval and its paired difference from another run can be
worked out again without training anything, so they are committed and the weights are not.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earmark.errors import DataError
from earmark.score import metric
from earmark.score.ranking import Ranking

Numbers = npt.NDArray[np.float64]
STEPS = 10_000  # an average precision is kept in steps of a ten-thousandth
PRECISIONS = ("mAP@10", "mAP@16")


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One direction of one test."""

    best: npt.NDArray[np.uint16]  # [questions] rank of the best right answer
    precision: dict[str, npt.NDArray[np.uint16]]  # [questions] each, in steps of 1 / STEPS
    owner: npt.NDArray[np.uint16]  # [questions] which recording each was written for
    chance: dict[str, float]  # of every figure
    recordings: int = 0  # how many there are, where some may have no question of their own

    @classmethod
    def of(cls, ranking: Ranking, recordings: Sequence[str], among: Sequence[str]) -> Asked:
        """Keep what is needed of a ranking: whose each question is, among all recordings."""
        known = np.unique(np.array(among))
        owner = np.searchsorted(known, np.array(recordings))
        return cls(
            best=ranking.best.astype(np.uint16),
            precision={
                name: np.rint(metric(name).values(ranking) * STEPS).astype(np.uint16)
                for name in PRECISIONS
            },
            owner=owner.astype(np.uint16),
            chance={name: metric(name).at_chance(ranking) for name in FIGURES},
            recordings=len(known),
        )

    def values(self, name: str) -> Numbers:
        """What each question adds to a figure: -> [questions]."""
        if name in self.precision:
            return self.precision[name] / STEPS
        return (self.best <= int(name.removeprefix("R@"))).astype(float)

    def figure(self, name: str) -> float:
        """A figure over all questions."""
        if name == MEDIAN:
            return float(np.median(self.best))
        return float(self.values(name).mean())


MEDIAN = "median rank"
FIGURES = ("R@1", "R@5", "R@10", *PRECISIONS, MEDIAN)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Test:
    """What was asked of one set, both ways."""

    texts: int
    sounds: int
    asked: dict[str, Asked]  # by direction
    order: dict[str, float]  # accuracy on scenes that stand there in both orders, if any


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """One run of one recipe with one seed."""

    recipe: str
    seed: int
    key: str  # of the recipe's text
    parameters: int
    seconds: float  # of training
    dev: dict[str, float]
    milliseconds: dict[str, float]  # a query with its shortlist, a sound's gist
    tests: dict[str, Test]  # by spec


def save(outcome: Outcome, path: Path) -> None:
    """Write it, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = asdict(outcome) | {"tests": {k: _test(test) for k, test in outcome.tests.items()}}
    part = path.with_suffix(".part")
    part.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(path)


def load(path: Path) -> Outcome:
    """Read what `save` wrote."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        tests = {spec: _read_test(test) for spec, test in told["tests"].items()}
        return Outcome(**(told | {"tests": tests}))
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise DataError(
            f"{path} is not what a run came to: {error!r}", hint="delete it to run that again"
        ) from error


def _test(test: Test) -> dict[str, object]:
    asked = {way: _packed_asked(one) for way, one in test.asked.items()}
    return {"texts": test.texts, "sounds": test.sounds, "asked": asked, "order": test.order}


def _packed_asked(asked: Asked) -> dict[str, object]:
    return {
        "best": _packed(asked.best),
        "precision": {name: _packed(one) for name, one in asked.precision.items()},
        "owner": _packed(asked.owner),
        "chance": asked.chance,
        "recordings": asked.recordings,
        "figures": {name: round(asked.figure(name), 4) for name in FIGURES},  # for people
    }


def _read_test(told: Mapping[str, object]) -> Test:
    rows: dict[str, dict[str, object]] = told["asked"]  # type: ignore[assignment]
    asked = {
        way: Asked(
            best=_unpacked(str(row["best"])),
            precision={name: _unpacked(one) for name, one in row["precision"].items()},  # type: ignore[attr-defined]
            owner=_unpacked(str(row["owner"])),
            chance=row["chance"],  # type: ignore[arg-type]
            recordings=row.get("recordings", 0),  # type: ignore[arg-type]
        )
        for way, row in rows.items()
    }
    return Test(texts=told["texts"], sounds=told["sounds"], asked=asked, order=told["order"])  # type: ignore[arg-type]


def _packed(numbers: npt.NDArray[np.uint16]) -> str:
    return base64.b85encode(zlib.compress(numbers.astype("<u2").tobytes(), 9)).decode("ascii")


def _unpacked(text: str) -> npt.NDArray[np.uint16]:
    return np.frombuffer(zlib.decompress(base64.b85decode(text)), "<u2").astype(np.uint16)
