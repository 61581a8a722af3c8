"""From own clips to a memory, and how it does on clips that were left out.

Values are learned with the loss of training, by gradients alone: that captions, turned, find their
clips among other own clips and general sounds, and clips their captions. At a low temperature kinds
are told apart best; at a higher one their cosines are higher too, and search shows what has high
ones. So the least temperature is taken with which nine of ten clips that were left out are shown:
the bundle's calibration, and all that others ask for, can stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from earmark.errors import EarmarkError
from earmark.lab import losses
from earmark.lab.own.lesson import Lesson
from earmark.lab.own.memory import STRENGTH, Memory, reach_of, unit
from earmark.model.pool import Vectors
from earmark.score import metric, rank
from earmark.search.confidence import Calibration

TEMPERATURES = (0.03, 0.05, 0.1)
STEPS, RATE = 150, 0.01  # by then nothing moves any more
FOLDS = 5
SHOWN = 0.9  # of the left-out clips should be above the line
SEED = 1
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Tried:
    """How left-out clips are found by their captions, among general sounds."""

    temperature: float
    before: float  # mAP
    after: float
    shown: float  # share of the right clips that search would show; 1 where it hides nothing


def learn(lesson: Lesson, calibration: Calibration) -> tuple[Memory, Tried]:
    """Choose a temperature by clips left out, then learn from all; raise where that is vain."""
    reach = reach_of(lesson.texts, lesson.phrases)
    tried = [_try(lesson, warm, reach, calibration) for warm in TEMPERATURES]
    best = choose(tried, calibrated=calibration.calibrated)
    if best.after <= best.before:
        raise EarmarkError(
            f"these clips teach the model nothing: of clips left out it finds {best.after:.3f} "
            f"with them and {best.before:.3f} without (mAP)",
            hint="go on with the model as it is, or give more clips of each kind, "
            "each with one sound that its caption names",
        )
    return memory_of(lesson, best.temperature, reach), best


def choose(tried: list[Tried], *, calibrated: bool) -> Tried:
    """Take the least temperature that shows enough; where nothing is hidden, what finds most."""
    if not calibrated:
        return max(tried, key=lambda one: one.after)
    return next((one for one in tried if one.shown >= SHOWN), tried[-1])


def memory_of(lesson: Lesson, temperature: float, reach: float) -> Memory:
    """Learn from all clips of a lesson; captions without a clip have no key."""
    told = lesson.match.any(axis=1)
    keys, match = lesson.texts[told], lesson.match[told]
    means = np.stack([lesson.gists[clips].mean(axis=0) for clips in match])
    start = unit(means - lesson.general.mean(axis=0))
    sounds = np.concatenate([lesson.gists, lesson.general])
    right = np.pad(match, ((0, 0), (0, len(lesson.general))))
    memory = Memory(keys, start, reach)
    return replace(memory, values=_learned(memory, sounds, right, temperature))


def _learned(memory: Memory, sounds: Vectors, right: Mask, temperature: float) -> Vectors:
    """Learn values by gradients: sounds [s, width], right [k, s] -> [k, width]."""
    keys, heard = torch.from_numpy(memory.keys), torch.from_numpy(sounds)
    share, match = torch.from_numpy(memory.share(memory.keys)), torch.from_numpy(right)
    values = torch.from_numpy(memory.values.copy()).requires_grad_()
    optimiser = torch.optim.Adam([values], RATE)
    for _ in range(STEPS):
        turned = F.normalize(keys + STRENGTH * share @ F.normalize(values, dim=1), dim=1)
        loss = losses.nt_xent(turned @ heard.T, match, temperature=temperature)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return unit(values.detach().numpy())


def folds(lesson: Lesson) -> Iterator[tuple[Mask, Mask]]:
    """Leave out some recordings, and some general sounds, in turn: -> those that are left out.

    Recordings are dealt by their captions, so that a fold holds some of each.
    """
    names, owner = np.unique(np.array(lesson.recordings), return_inverse=True)
    rng = np.random.default_rng(SEED)
    first = np.full(len(names), len(lesson.match))
    np.minimum.at(first, owner, lesson.match.argmax(axis=0))
    order = np.lexsort((rng.permutation(len(names)), first))
    dealt = np.empty(len(names), np.int64)
    dealt[order] = np.arange(len(names)) % FOLDS
    beside = rng.permutation(len(lesson.general)) % FOLDS
    for fold in range(min(FOLDS, len(names))):
        yield dealt[owner] == fold, beside == fold


def part_of(lesson: Lesson, own: Mask, general: Mask) -> Lesson:
    """Some clips and some general sounds of a lesson."""
    return replace(
        lesson,
        gists=lesson.gists[own],
        match=lesson.match[:, own],
        recordings=tuple(np.array(lesson.recordings)[own]),
        general=lesson.general[general],
    )


def _try(lesson: Lesson, warm: float, reach: float, calibration: Calibration) -> Tried:
    """Learn from most, ask for the rest, in turn: figures are means over captions and folds."""
    found = []
    for own, general in folds(lesson):
        memory = memory_of(part_of(lesson, ~own, ~general), warm, reach)
        rest = part_of(lesson, own, general)
        asked: Mask = np.asarray(rest.match.any(axis=1))
        found.append((int(asked.sum()), *_figures(memory, rest, asked, calibration)))
    counts, *figures = np.array(found).T
    return Tried(warm, *(float(np.average(one, weights=counts)) for one in figures))


def _figures(
    memory: Memory, rest: Lesson, asked: Mask, calibration: Calibration
) -> tuple[float, float, float]:
    """Precision (mAP) before and after, and the share of the right clips above the line."""
    sounds = np.concatenate([rest.gists, rest.general])
    match = np.pad(rest.match[asked], ((0, 0), (0, len(rest.general))))
    plain = rest.texts[asked]
    turned = memory.turn(plain)
    before, after = (metric("mAP").of(rank(some @ sounds.T, match)) for some in (plain, turned))
    shown = [
        _sure(query, sounds, calibration)[right].mean()
        for query, right in zip(turned, match, strict=True)
    ]
    return before, after, float(np.mean(shown))


def _sure(query: Vectors, sounds: Vectors, calibration: Calibration) -> Mask:
    """Which sounds search would show for a query: [width], [s, width] -> [s]."""
    scores = sounds @ query
    told = calibration.confidence(
        scores,
        query=query,
        typical=(float(np.median(scores)), float(scores.std())),
        among=len(sounds),
        evidence=np.zeros(len(sounds)),
    )
    sure: Mask = told >= calibration.line
    return sure
