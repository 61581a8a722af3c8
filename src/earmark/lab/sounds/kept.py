"""What ears that no longer learn hear of many sounds, worked out once and kept in a mapped file.

A training step that takes its sounds from here costs what the words cost, so many more pairs are
seen in an hour. Rows come in blocks, and a block stands whole in the file or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from earmark.lab.carry import carried
from earmark.lab.sides import Stream
from earmark.lab.sounds.spool import Watch, part_of

BLOCK = 64  # sounds that are heard together
Halves = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Tokens of sounds, what each token counts, and how likely the expert says each class is."""

    tokens: Halves  # [sounds, length, width]
    weights: Halves  # [sounds, length]; 0 where there is no token
    scores: Halves  # [sounds, classes]

    def stream(self, numbers: npt.NDArray[np.int64], device: torch.device) -> Stream:
        """Give the tokens of some sounds, as a tower gives them."""
        weight = self._some(self.weights, numbers, device)
        return Stream(self._some(self.tokens, numbers, device), weight > 0, weight=weight)

    def classes(self, numbers: npt.NDArray[np.int64], device: torch.device) -> Tensor:
        """Give what the expert says of some sounds: -> [some, classes]."""
        return self._some(self.scores, numbers, device)

    @staticmethod
    def _some(table: Halves, numbers: npt.NDArray[np.int64], device: torch.device) -> Tensor:
        return carried(torch.from_numpy(table[numbers].astype(np.float32)), device)


Hear = Callable[[range], tuple[Stream, Tensor]]  # sounds -> their tokens, [sounds, classes]


def keep(  # noqa: PLR0913 - what is kept and where, by keyword
    count: int,
    hear: Hear,
    *,
    shape: tuple[int, int, int],
    key: str,
    cache: Path,
    watch: Watch = lambda share: None,  # noqa: ARG005 - told to nobody
) -> Kept:
    """Open what was kept under a key, hearing so many sounds first if it is not there.

    `shape` is how many tokens a sound has at most, their width, and how many classes there are.
    """
    path = cache / f"kept-{key}.f16"
    table = path.with_suffix(".json")
    length, width, classes = shape
    row = length * width + length + classes
    if not _is_whole(path, table, count, row):
        with part_of(path) as part, part.open("wb") as file:
            for block in _blocks(count, hear, shape, watch):
                file.write(block.tobytes())
        with part_of(table) as part:
            part.write_text(json.dumps({"count": count, "row": row}), encoding="utf-8")
    rows = np.memmap(path, np.float16, "r", shape=(count, row))
    tokens, weights, scores = np.split(rows, [length * width, length * (width + 1)], axis=1)
    return Kept(tokens.reshape(count, length, width), weights, scores)


def _is_whole(path: Path, table: Path, count: int, row: int) -> bool:
    try:
        known = json.loads(table.read_text(encoding="utf-8"))
        size = path.stat().st_size
    except (OSError, json.JSONDecodeError):
        return False
    return bool(known == {"count": count, "row": row} and size == 2 * count * row)


def _blocks(count: int, hear: Hear, shape: tuple[int, int, int], watch: Watch) -> Iterator[Halves]:
    length, _, classes = shape
    for first in range(0, count, BLOCK):
        numbers = range(first, min(first + BLOCK, count))
        with torch.no_grad():
            stream, scores = hear(numbers)
        weight = stream.real.float() if stream.weight is None else stream.weight * stream.real
        short = length - stream.x.shape[1]
        # A weight that is too small for half precision would take its token out.
        kept = torch.where(weight > 0, weight.clamp(min=1e-4), 0.0)
        parts = (
            torch.nn.functional.pad(stream.x, (0, 0, 0, short)).flatten(1),
            torch.nn.functional.pad(kept, (0, short)),
            scores if scores.shape[1] == classes else scores.new_zeros(len(numbers), classes),
        )
        block: Halves = torch.cat([part.cpu() for part in parts], dim=1).numpy().astype(np.float16)
        watch(numbers.stop / count)
        yield block
