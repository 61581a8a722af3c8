"""What can be wired up from an ear expert and a sentence model alone: the bar for a trained one.

Both ways go through the names of the expert's classes. All vectors have unit length; scores are
probabilities. Shapes: T texts, A audios, C classes, W windows, D width.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

TEMPERATURE = 0.05  # of the softmax over names
FLOOR = 1e-4  # below it a probability says nothing, and its logarithm would say much


def over_windows(scores: Array) -> Array:
    """Sum up a recording, half by the mean and half by the maximum: [W, C] -> [C]."""
    summed: Array = (scores.mean(axis=0) + scores.max(axis=0)) / 2
    return summed


def by_names(texts: Array, names: Array, scores: Array) -> Array:
    """Expected log score of the names a text is near to (A): [T, D], [C, D], [A, C] -> [T, A]."""
    nearness = texts @ names.T / TEMPERATURE
    weight = np.exp(nearness - nearness.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    found: Array = weight @ np.log(np.maximum(scores, FLOOR)).T
    return found


def by_meaning(texts: Array, names: Array, scores: Array) -> Array:
    """Cosine of a text with the scores' mixture of names (B): [T, D], [C, D], [A, C] -> [T, A]."""
    heard = scores @ names
    heard /= np.maximum(np.linalg.norm(heard, axis=1, keepdims=True), np.finfo(heard.dtype).tiny)
    found: Array = texts @ heard.T
    return found
