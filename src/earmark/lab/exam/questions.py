"""Ask what listeners heard, through names of classes and a sentence model, and compare them.

Everybody is asked the same: a caption against the names of a listener's own classes, in the two
ways of `lab/experts/composed.py`. The bootstrap draws the same recordings for all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from earmark.data.rows import Row
from earmark.lab.exam.listeners import Listener, Scores
from earmark.lab.experts.composed import by_meaning, by_names
from earmark.score import Task, differences, intervals, metric, rank

Vectors = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
WAYS = {"A": by_names, "B": by_meaning}
METRICS = ("mAP", "mAP@10", "R@1", "R@10")


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks listeners by the meanings of their classes' names."""

    embed: Embed
    names: Vectors  # [classes, width]

    @classmethod
    def of(cls, embed: Embed, listener: Listener) -> Asker:
        """Read the names of a listener's classes."""
        return cls(embed, embed(listener.names))

    def scores(self, texts: Sequence[str], heard: Scores, way: str) -> Scores:
        """Score every text with every clip: [clips, classes] -> [texts, clips]."""
        return WAYS[way](self.embed(list(texts)), self.names, heard)


def figures(
    task: Task[Any], scores: dict[str, Scores], beside: str, metrics: Sequence[str] = METRICS
) -> dict[str, dict[str, dict[str, float]]]:
    """Give each system's figures, and how they differ from those of one it stands beside."""
    asked = {name: task.asked(one) for name, one in scores.items()}
    out = {}
    for name, one in asked.items():
        told = {
            i.name: {"value": i.value, "low": i.low, "high": i.high}
            for i in intervals(one, metrics)
        }
        if name != beside:
            for d in differences(one, asked[beside], metrics):
                told[d.name] |= {
                    "more": d.value,
                    "more_low": d.low,
                    "more_high": d.high,
                    "p": d.p,
                }
        out[name] = told
    return out


def chance(task: Task[Any], scores: Scores, metrics: Sequence[str] = METRICS) -> dict[str, float]:
    """What random order would give."""
    asked = task.asked(scores)
    ranking = rank(asked.scores, asked.match)
    return {name: metric(name).at_chance(ranking) for name in metrics}


def mean_average_precision(task: Task[Row], scores: Scores) -> float:
    """The one figure that noise and length are told by."""
    asked = task.asked(scores)
    return metric("mAP").of(rank(asked.scores, asked.match))


def precisions(task: Task[Row], scores: Scores) -> npt.NDArray[np.float64]:
    """Average precision of every text by itself: -> [texts]."""
    asked = task.asked(scores)
    found: npt.NDArray[np.float64] = metric("mAP").values(rank(asked.scores, asked.match))
    return found.reshape(len(task.texts))


def agreement(student: Scores, teacher: Scores, recordings: Sequence[str]) -> dict[str, Any]:
    """How alike two tables are, clip by clip: [clips, classes] twice."""
    lengths = np.linalg.norm(student, axis=1) * np.linalg.norm(teacher, axis=1)
    cosines = (student * teacher).sum(axis=1) / np.maximum(lengths, np.finfo(np.float32).tiny)
    best = student.argmax(axis=1) == teacher.argmax(axis=1)
    return {
        "clips": len(cosines),
        "cosine": interval(cosines, recordings),
        "best class": interval(best, recordings),
    }


def interval(
    values: npt.NDArray[Any], recordings: Sequence[str], draws: int = 2000
) -> dict[str, float]:
    """The mean of values of clips, and between which means 95 of 100 draws of recordings fall."""
    _, owner = np.unique(np.array(recordings), return_inverse=True)
    sums, counts = np.bincount(owner, values.astype(float)), np.bincount(owner)
    rng = np.random.default_rng(0)
    picks = rng.integers(len(sums), size=(draws, len(sums)))
    means = sums[picks].sum(axis=1) / counts[picks].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return {"value": float(values.mean()), "low": float(low), "high": float(high)}


def by_text(task: Task[Row], scores: Scores, most: int = 3) -> list[dict[str, Any]]:
    """Each text by itself, worst first, and the labels that stand in its place."""
    out = []
    for text, row, right in zip(task.texts, scores, task.match, strict=True):
        ranking = rank(row[None], right[None])
        first = np.argsort(-row, kind="stable")[: int(right.sum())]
        wrong = [task.sounds[place].label or "?" for place in first if not right[place]]
        out.append(
            {
                "text": text,
                "clips": int(right.sum()),
                "precision": metric("mAP").of(ranking),
                "instead": dict(Counter(wrong).most_common(most)),
            }
        )
    return sorted(out, key=lambda one: float(one["precision"]))
