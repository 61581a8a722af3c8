"""How likely a hit is right: a probability that means the same in every library, for every query.

A score alone says little: one query gets 0.3 from any sound, another from the right ones only. So
it is put against what this query gets from sounds that nobody asked for, once from those of the
library and once from a bank of many kinds of sound that comes with the model. With m and d for mean
and spread over the bank, and M and D for median and spread over the library,

    bank    = (s - m) / d
    library = (s - M') / D'        M' and D' are M and D, drawn to m and d in a small library
    size    = ln n                 of more recordings, more come near by chance
    odds    = exp(base + a bank + b library + c s + e size),   a, b, c not negative
    odds'   = odds 20^k + k^2      k is the share of the query's words in names and tags, 0 to 1
    p       = odds' / (1 + odds')

base, a, b, c and e are fitted where the bundle was made; the two numbers of the last step are not:
a name that has all the words makes a sound that fits 20 times as likely, and one that does not fit
an even bet. A bundle that was never fitted has a plain rule in their place, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from earmark.errors import EarmarkError
from earmark.model.model import Model
from earmark.model.pool import Vectors
from earmark.model.strict import MisfitError, fill

Vector = npt.NDArray[np.float32]  # [width]
Scores = npt.NDArray[np.floating[Any]]
Floats = npt.NDArray[np.float64]
Kind = Literal["words", "sounds"]
FEATURES = ("bank", "library", "score", "size")
NAMED = 20.0  # times the odds, where names and tags have every word of the query
SMALL = 100  # recordings; what is typical of a library of so many counts half
LEAST = 0.05  # spread of scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Slopes:
    """What was fitted for one kind of query."""

    base: float
    bank: float
    library: float
    score: float
    size: float

    @property
    def rises(self) -> bool:
        """Whether a better score always gives more."""
        told = (self.bank, self.library, self.score)
        return min(told) >= 0 and max(told) > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A calibration as `bundle.json` holds it."""

    words: Slopes | None  # None in a model that only hears
    sounds: Slopes | None
    line: float  # a confidence
    share: float
    fitted: dict[str, Any] = field(default_factory=dict)  # on what, for people


@dataclass(frozen=True, slots=True)
class Calibration:
    """From scores to confidence, for one model."""

    calibrated: bool
    line: float  # hits below it are "nothing here matches"
    share: float  # how far up from what is typical to its peak a moment begins
    slopes: dict[Kind, Slopes]
    bank: Scores | None  # [b, width], in double precision: it is asked by every query

    @classmethod
    def of(cls, model: Model) -> Self:
        """Read what a model's bundle says; without anything, take the plain rule."""
        if model.page.calibration is None or model.background is None:
            return cls(False, 0.0, 0.5, {}, None)
        told = read_fitted(model.page.calibration)
        kinds: dict[Kind, Slopes | None] = {"words": told.words, "sounds": told.sounds}
        slopes = {kind: one for kind, one in kinds.items() if one}
        return cls(True, told.line, told.share, slopes, model.background.astype(np.float64))

    def confidence(  # noqa: PLR0913 - each is another thing that is known of a hit
        self,
        scores: Scores,
        *,
        query: Vector,
        typical: tuple[float, float],
        among: int,
        evidence: Scores,
        kind: Kind = "words",
    ) -> Floats:
        """Tell how likely each of the best recordings is right, by the score of its best moment.

        `typical` is median and spread of the scores of all `among` recordings that were searched,
        `evidence` the share of the words that names and tags have: [k] -> [k].
        """
        return with_names(self.log_odds(query, typical, among, kind)(scores), evidence)

    def log_odds(
        self, query: Vector, typical: tuple[float, float], among: int, kind: Kind = "words"
    ) -> Callable[[Scores], Floats]:
        """Give what tells by scores how likely they are right, for who has many of one query."""
        slopes = self.slopes.get(kind)
        if self.bank is None or slopes is None:
            return lambda scores: plain(scores, typical, among)
        told, elsewhere = slopes, usual(self.bank, query)
        return lambda scores: logit(features(scores, elsewhere, typical, among), told)

    def elsewhere(self, query: Vector) -> float | None:
        """What a query gets from other sounds; None where there is no bank to tell it."""
        return None if self.bank is None else usual(self.bank, query)[0]

    def standardise(self, scores: Scores, queries: Vectors) -> Floats:
        """Put scores against what each query gets from the bank: [n, q], [q, width] -> [n, q]."""
        if self.bank is None:
            return np.asarray(scores, np.float64)
        means, spreads = np.array([usual(self.bank, query) for query in queries]).T
        return np.asarray((scores - means) / spreads, np.float64)


def read_fitted(values: dict[str, Any]) -> Fitted:
    """Read the calibration of a page, or say what is wrong with it."""
    try:
        told = fill(Fitted, values, "calibration")
    except MisfitError as error:
        raise _misfit(str(error)) from error
    if not all(one.rises for one in (told.words, told.sounds) if one):
        raise _misfit("calibration: a better score would not give more confidence")
    if not (0 <= told.line < 1 and 0 < told.share < 1):
        raise _misfit(f"calibration: a line of {told.line}, a share of {told.share}")
    return told


def usual(bank: Scores, query: Vector) -> tuple[float, float]:
    """Mean and spread of what a query gets from the bank: [b, width], [width]."""
    scores = np.asarray(bank, np.float64) @ np.asarray(query, np.float64)
    return float(scores.mean()), max(float(scores.std()), LEAST)


def features(
    scores: Scores, bank: tuple[float, float], typical: tuple[float, float], among: int
) -> Floats:
    """Give what confidence is made of, in the order of `FEATURES`: [k] -> [k, 4]."""
    known = among / (among + SMALL)
    middle = known * typical[0] + (1 - known) * bank[0]
    spread = known * max(typical[1], LEAST) + (1 - known) * bank[1]
    s = np.asarray(scores, np.float64)
    size = np.full(s.shape, np.log(max(among, 1)))
    return np.stack([(s - bank[0]) / bank[1], (s - middle) / spread, s, size], axis=-1)


def logit(found: Floats, slopes: Slopes) -> Floats:
    """Put features together: [k, 4] -> [k]."""
    told: Sequence[float] = [getattr(slopes, name) for name in FEATURES]
    return np.asarray(slopes.base + (found * told).sum(axis=-1))


def plain(scores: Scores, typical: tuple[float, float], among: int) -> Floats:
    """Give the log odds by the plain rule: as far above the median, in spreads, as so many get.

    The best of n sounds that have nothing to do with a query stands about sqrt(2 ln n) spreads
    above their median; there the odds are even. Where nothing lies beyond 3 spreads, all are low.
    """
    far = max(3.0, float(np.sqrt(2 * np.log(max(among, 1)))))
    s = np.asarray(scores, np.float64)
    return np.asarray((s - typical[0]) / max(typical[1], LEAST) - far)


def with_evidence(alone: Floats, evidence: Scores) -> Floats:
    """Add what names and tags say to probabilities by sound alone: [k] twice -> [k]."""
    with np.errstate(divide="ignore"):  # of what is sure
        whole = with_names(np.log(alone) - np.log1p(-alone), evidence)
    return np.where(np.asarray(evidence) > 0, whole, alone)


def with_names(log_odds: Floats, evidence: Scores) -> Floats:
    """Add what names and tags say, and give probabilities: [k] twice -> [k]."""
    told = np.clip(np.asarray(evidence, np.float64), 0.0, 1.0)
    odds = np.exp(np.clip(log_odds, -500, 500) + told * np.log(NAMED)) + told**2
    return np.asarray(1 / (1 + 1 / odds))


def _misfit(problem: str) -> EarmarkError:
    return EarmarkError(
        f"the calibration of this model cannot be used: {problem}",
        hint="export the model again, or copy its whole folder again from where it was made",
    )
