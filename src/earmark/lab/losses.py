"""Losses over matrices; none of them knows what a model is.

`scores[t, a]` says how well text t fits audio a. `match[t, a]` is True where it should fit. A clip
with five captions has five True entries in its column, and they are never each other's negatives.
Everything is worked out in float32, whatever the precision of the model. `LOSSES` are those that a
recipe can name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

NEVER = -1e4  # score of a pair that counts as neither right nor wrong


class Batch(NamedTuple):
    """What a loss of `retrieve` may look at, and a loss that a matcher brings."""

    scores: Tensor  # [T, A]
    gists: tuple[Tensor, Tensor]  # [T, W], [A, W]
    match: Tensor  # [T, A]
    doubt: Tensor  # [T, A] neither right nor wrong
    temperature: Tensor
    separable: bool  # then the scores are those of the gists
    taught: Tensor | None = None  # [T, A] scores of teachers
    ahead: Tensor | None = None  # [n] how far a right order lies before the swapped one

    def nt_xent(self, scores: Tensor) -> Tensor:
        """Tell the right ones of these scores from the wrong ones: [T, A] -> scalar."""
        decided = scores.masked_fill(self.doubt, NEVER)
        return nt_xent(decided, self.match, temperature=self.temperature)


def order(ahead: Tensor, *, temperature: float | Tensor = 0.07) -> Tensor:
    """Ask a right order to lie before the same with its order turned round: [n] -> scalar."""
    return F.softplus(-ahead.float() / temperature).sum() / max(1, len(ahead))


def nt_xent(scores: Tensor, match: Tensor, *, temperature: float | Tensor = 0.07) -> Tensor:
    """Cross-entropy towards the matches, mean of both directions: [T, A] -> scalar."""
    logits = scores.float() / temperature
    return (_pull_to_matches(logits, match) + _pull_to_matches(logits.T, match.T)) / 2


def max_margin(scores: Tensor, match: Tensor, *, margin: float = 0.2) -> Tensor:
    """Hinge on every match and non-match of a row, and of a column: [T, A] -> scalar."""
    scores = scores.float()
    return (_push_apart(scores, match, margin) + _push_apart(scores.T, match.T, margin)) / 2


def sigmoid(
    scores: Tensor,
    match: Tensor,
    *,
    scale: float | Tensor = 10.0,
    bias: float | Tensor = -10.0,
) -> Tensor:
    """Ask of every pair by itself whether it fits, as SigLIP does: [T, A] -> scalar."""
    return bce(scores.float() * scale + bias, match)


def soft_targets(
    scores: Tensor, target_scores: Tensor, *, temperature: float | Tensor = 0.07
) -> Tensor:
    """Cross-entropy to a teacher's scores, mean of both directions: [T, A], [T, A] -> scalar."""
    own, taught = scores.float() / temperature, target_scores.float() / temperature
    by_row = F.cross_entropy(own, taught.softmax(dim=1))
    by_column = F.cross_entropy(own.T, taught.T.softmax(dim=1))
    return (by_row + by_column) / 2


def cosine_gap(x: Tensor, y: Tensor, mask: Tensor | None = None) -> Tensor:
    """Mean of 1 - cosine, where `mask` is True: [..., W], [..., W], [...] -> scalar."""
    gap = 1 - F.cosine_similarity(x.float(), y.float(), dim=-1)
    if mask is None:
        return gap.mean()
    return gap.where(mask, 0.0).sum() / mask.sum().clamp(min=1)


def cosine_pull(text: Tensor, audio: Tensor, match: Tensor) -> Tensor:
    """Mean of 1 - cosine over the matches: [T, W], [A, W], [T, A] -> scalar."""
    cosines = F.normalize(text.float(), dim=1) @ F.normalize(audio.float(), dim=1).T
    return _over_matches(1 - cosines, match)


def l1_pull(text: Tensor, audio: Tensor, match: Tensor) -> Tensor:
    """Mean over the matches of the sum of absolute differences: [T, W], [A, W], [T, A]."""
    gaps = torch.cdist(text.float()[None], audio.float()[None], p=1)[0]
    return _over_matches(gaps, match)


def l1_mean_pull(text: Tensor, audio: Tensor, match: Tensor) -> Tensor:
    """Likewise, but with the mean over the dimensions in place of the sum."""
    return l1_pull(text, audio, match) / text.shape[1]


def bce(logits: Tensor, probabilities: Tensor) -> Tensor:
    """Mean binary cross-entropy: [...], [...] -> scalar."""
    return F.binary_cross_entropy_with_logits(logits.float(), probabilities.float())


def spread(x: Tensor) -> Tensor:
    """Mean cosine between different rows; near 1 they have become the same: [B, W] -> scalar."""
    if len(x) < 2:
        raise ValueError(f"{len(x)} vectors have no others to be compared with")
    unit = F.normalize(x.float(), dim=1)
    together = unit.sum(dim=0).square().sum()  # of every row with every row, itself among them
    return (together - unit.square().sum()) / (len(x) * (len(x) - 1))


LOSSES: dict[str, Callable[..., Tensor]] = {
    "nt_xent": nt_xent,
    "max_margin": max_margin,
    "sigmoid": sigmoid,
}


def _pull_to_matches(logits: Tensor, match: Tensor) -> Tensor:
    """Mean over rows of the mean -log p of a row's matches, each alone against its non-matches."""
    others = logits.masked_fill(match, -torch.inf).logsumexp(dim=1, keepdim=True)
    # -log(e^own / (e^own + e^others)) = log(1 + e^(others - own)); no others: nothing to learn.
    missed = F.softplus(others - logits).where(match, 0.0)
    count = match.sum(dim=1)
    return (missed.sum(dim=1) / count.clamp(min=1)).sum() / (count > 0).sum().clamp(min=1)


def _over_matches(values: Tensor, match: Tensor) -> Tensor:
    return values.where(match, 0.0).sum() / match.sum().clamp(min=1)


def _push_apart(scores: Tensor, match: Tensor, margin: float) -> Tensor:
    """Mean hinge between each match and each non-match of the same row."""
    row, column = match.nonzero(as_tuple=True)
    gap = margin + scores[row] - scores[row, column][:, None]  # [matches, A]
    compared = ~match[row]
    return gap.clamp(min=0).where(compared, 0.0).sum() / compared.sum().clamp(min=1)
