"""Tokens of many sounds, or of many sentences, worked out once and kept in mapped files.

Earlier levels of a tower lie beside its tokens, along the width, and are parted when they are read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from earmark.lab.features.fewer import CUTS, fewer
from earmark.lab.features.readers import TextTower
from earmark.lab.features.towers import Floats, Tokens, Tower
from earmark.lab.sides import Stream
from earmark.lab.sounds.kept import Kept, keep
from earmark.lab.sounds.spool import Watch, part_of
from earmark.types import Samples

Wave = Callable[[int], Samples]  # a sound at the rate that is asked for
LIGHTEST = 1e-3  # of a token that is there, so that half precision keeps it above 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Few:
    """How many tokens are kept, and of which pieces of a sound."""

    most: int = 32
    cut: str = "even"  # a row of `fewer.CUTS`


@dataclass(frozen=True, slots=True, eq=False)
class Layered:
    """What was kept, and how its width is shared."""

    kept: Kept
    widths: tuple[int, ...]  # of the tokens, then of each earlier level

    def stream(self, numbers: npt.NDArray[np.int64], device: torch.device) -> Stream:
        """Give the tokens of some sounds with their levels, as a tower gives them."""
        found = self.kept.stream(numbers, device)
        x, *levels = found.x.split(self.widths, dim=2)
        return found._replace(x=x, levels=tuple(levels))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounds:
    """What is heard: so many waves, and what all of them are known by."""

    waves: Sequence[Wave]
    key: str


def heard(sounds: Sounds, tower: Tower, few: Few, cache: Path, watch: Watch) -> Layered:
    """Let a tower hear sounds, or open what it heard before."""

    def one(number: int) -> Tokens:
        wave = sounds.waves[number](tower.rate)
        return fewer(tower.hear(wave), CUTS[few.cut](wave, tower.rate, few.most), tower.rate)

    place = _Place(_key(sounds.key, tower.key, few), cache, watch)
    return _layered(one, len(sounds.waves), few.most, place)


def told(texts: Sequence[str], reader: TextTower, most: int, cache: Path, watch: Watch) -> Layered:
    """Let a tower read sentences, the first word pieces of each, or open what it read before."""

    def one(number: int) -> Tokens:
        x, weight, middle, levels = reader.read(texts[number])
        return Tokens(x[:most], weight[:most], middle[:most], tuple(x[:most] for x in levels))

    place = _Place(_key("\n".join(texts), reader.key, most), cache, watch)
    return _layered(one, len(texts), most, place)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something is kept, and who is told how far it is."""

    key: str
    cache: Path
    watch: Watch


def _layered(one: Callable[[int], Tokens], count: int, most: int, place: _Place) -> Layered:
    """Keep so many rows of at most so many tokens at a place."""
    widths = _widths(one, place.cache / f"widths-{place.key}.json")
    kept = keep(
        count,
        lambda numbers: (_padded([one(n) for n in numbers], most), _nothing(len(numbers))),
        shape=(most, sum(widths), 0),
        key=place.key,
        cache=place.cache,
        watch=place.watch,
    )
    return Layered(kept, widths)


def _widths(one: Callable[[int], Tokens], told: Path) -> tuple[int, ...]:
    """How wide tokens and each earlier level are, by the first row, which is asked but once."""
    try:
        return tuple(json.loads(told.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        first = one(0)
    widths = tuple(part.shape[1] for part in (first.x, *first.levels))
    with part_of(told) as part:
        part.write_text(json.dumps(widths), encoding="utf-8")
    return widths


def _padded(rows: Sequence[Tokens], most: int) -> Stream:
    """Put tokens side by side: -> [B, most, W], with weights."""
    beside = [np.concatenate([row.x, *row.levels], axis=1) for row in rows]
    x = np.zeros((len(rows), most, beside[0].shape[1]), np.float32)
    weight = np.zeros((len(rows), most), np.float32)
    for place, (row, told) in enumerate(zip(rows, beside, strict=True)):
        x[place, : len(told)] = told
        weight[place, : len(told)] = _bounded(row.weight)
    real = torch.from_numpy(weight > 0)
    return Stream(torch.from_numpy(x), real, weight=torch.from_numpy(weight))


def _bounded(weight: Floats) -> Floats:
    """Weights as shares of the heaviest, as only their ratios count."""
    return np.maximum(weight / weight.max(), LIGHTEST)


def _nothing(rows: int) -> Tensor:
    return torch.zeros(rows, 0)


def _key(*parts: object) -> str:
    return blake2b(repr(parts).encode(), digest_size=12).hexdigest()
