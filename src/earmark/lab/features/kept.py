"""Tokens of many sounds, or of many sentences, worked out once and kept in mapped files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from earmark.lab.features.fewer import CUTS, fewer
from earmark.lab.features.readers import TextTower
from earmark.lab.features.towers import Floats, Tokens, Tower
from earmark.lab.sides import Stream
from earmark.lab.sounds.kept import Kept, keep
from earmark.lab.sounds.spool import Watch
from earmark.types import Samples

Wave = Callable[[int], Samples]  # a sound at the rate that is asked for
LIGHTEST = 1e-3  # of a token that is there, so that half precision keeps it above 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Few:
    """How many tokens are kept, and of which pieces of a sound."""

    most: int = 32
    cut: str = "even"  # a row of `fewer.CUTS`


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounds:
    """What is heard: so many waves, and what all of them are known by."""

    waves: Sequence[Wave]
    key: str


def heard(sounds: Sounds, tower: Tower, few: Few, cache: Path, watch: Watch) -> Kept:
    """Let a tower hear sounds, or open what it heard before."""

    def one(number: int) -> Tokens:
        wave = sounds.waves[number](tower.rate)
        return fewer(tower.hear(wave), CUTS[few.cut](wave, tower.rate, few.most), tower.rate)

    width = one(0).x.shape[1]
    return keep(
        len(sounds.waves),
        lambda numbers: (_padded([one(n) for n in numbers], few.most), _nothing(len(numbers))),
        shape=(few.most, width, 0),
        key=_key(sounds.key, tower.key, few),
        cache=cache,
        watch=watch,
    )


def told(texts: Sequence[str], reader: TextTower, most: int, cache: Path, watch: Watch) -> Kept:
    """Let a tower read sentences, the first word pieces of each, or open what it read before."""

    def one(number: int) -> Tokens:
        x = reader.read(texts[number])[:most]
        return Tokens(x, np.ones(len(x), np.float32), np.arange(len(x), dtype=np.float32))

    return keep(
        len(texts),
        lambda numbers: (_padded([one(n) for n in numbers], most), _nothing(len(numbers))),
        shape=(most, one(0).x.shape[1], 0),
        key=_key("\n".join(texts), reader.key, most),
        cache=cache,
        watch=watch,
    )


def _padded(rows: Sequence[Tokens], most: int) -> Stream:
    """Put tokens side by side: -> [B, most, W], with weights."""
    x = np.zeros((len(rows), most, rows[0].x.shape[1]), np.float32)
    weight = np.zeros((len(rows), most), np.float32)
    for place, row in enumerate(rows):
        x[place, : len(row.x)] = row.x
        weight[place, : len(row.x)] = _bounded(row.weight)
    real = torch.from_numpy(weight > 0)
    return Stream(torch.from_numpy(x), real, weight=torch.from_numpy(weight))


def _bounded(weight: Floats) -> Floats:
    """Weights as shares of the heaviest, as only their ratios count."""
    return np.maximum(weight / weight.max(), LIGHTEST)


def _nothing(rows: int) -> Tensor:
    return torch.zeros(rows, 0)


def _key(*parts: object) -> str:
    return blake2b(repr(parts).encode(), digest_size=12).hexdigest()
