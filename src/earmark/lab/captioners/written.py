"""What captioners wrote, kept as lines of JSON: one a sound, as `file` reads them.

{"sound": "rain/0123.wav", "captions": ["rain on a roof", "water running"]}
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from earmark.lab.captioners import Asked, Captioner
from earmark.lab.sounds.spool import part_of

Numbers = npt.NDArray[np.int64]
NONE = -1  # where a sound has no caption


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """Captions of the sounds of a set."""

    texts: tuple[str, ...]  # each once
    of: Numbers  # [sounds, count] which of them each sound has, the best first; then NONE

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[str]]) -> Written:
        """Number what was written."""
        texts = tuple(dict.fromkeys(text for row in rows for text in row))
        number = {text: place for place, text in enumerate(texts)}
        of = np.full((len(rows), max(1, *map(len, rows))), NONE)
        for line, row in zip(of, rows, strict=True):
            line[: len(row)] = [number[text] for text in row]
        return cls(texts, of)


def written(captioner: Captioner, asked: Asked, cache: Path) -> Written:
    """Let a captioner write for a set, or read what it wrote before."""
    path = cache / f"captions-{_key(captioner, asked)}.jsonl"
    if not path.is_file():
        with torch.random.fork_rng(devices=[]):  # what learns next is the same, written or read
            rows = captioner.write(asked)
        with part_of(path) as part:
            part.write_text("".join(map(_line, asked.names, rows)), encoding="utf-8")
    lines = path.read_text(encoding="utf-8").splitlines()
    return Written.from_rows([json.loads(line)["captions"] for line in lines])


def _line(name: str, captions: Sequence[str]) -> str:
    row = {"sound": name, "captions": list(captions)}
    return json.dumps(row, ensure_ascii=False) + "\n"


def _key(captioner: Captioner, asked: Asked) -> str:
    known = (captioner.key, asked.sounds.key, asked.names)
    return blake2b(repr(known).encode(), digest_size=12).hexdigest()
