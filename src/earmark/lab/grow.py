"""Wider networks from narrower ones, so that hours of training are not lost when one is too small.

The wider one begins by saying what the narrower one says: what is known stays, what a new channel
hears is drawn anew, and what the known ones make of a new channel is nothing at first.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from earmark.errors import DataError

Weights = dict[str, Tensor]


def grown(known: Mapping[str, Tensor], fresh: Mapping[str, Tensor]) -> Weights:
    """Put known weights into fresh ones of the same names that are as large or larger."""
    odd = [name for name in fresh if name not in known] + [n for n in known if n not in fresh]
    if odd:
        raise DataError(
            f"the weights to grow from are of another network: {', '.join(odd[:4])}",
            hint="only the widths of the stages may differ; depths, looks and tokens stay",
        )
    return {name: _grown(name, known[name], fresh[name]) for name in fresh}


def _grown(name: str, known: Tensor, fresh: Tensor) -> Tensor:
    """Give the larger one; a matrix from channels by bands has all bands of a channel together."""
    if not _fits(known, fresh):
        raise DataError(
            f"{name} is {tuple(known.shape)}, which does not grow into {tuple(fresh.shape)}",
            hint="give every stage the width that it had, or more",
        )
    if not known.dim():
        return known.clone()
    out = fresh.clone()
    if known.dim() == 1:
        out[: len(known)] = known
        return out
    rows, columns = known.shape[:2]
    out[:rows, columns:] = 0
    out[:rows, :columns] = known
    return out


def _fits(known: Tensor, fresh: Tensor) -> bool:
    if known.dim() != fresh.dim() or known.shape[2:] != fresh.shape[2:]:
        return False
    return all(k <= f for k, f in zip(known.shape, fresh.shape, strict=True))
