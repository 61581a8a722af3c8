"""Benchmarks of scenes: fixed pools that every system of the papers learns from and is asked on.

    scenes-v1         of real clips: train, dev and check of a data folder
    scenes-synth-v1   of sounds made by code, so that anybody can run it without data

A part is drawn from its seed alone, and kept in the cache, since a fair pool takes minutes. Of
scenes made by code the truth is the same on any machine, byte for byte (`digest`); of clips it is
where the data folder and the expert that groups alike sounds are the same. To add one: write where
its sounds come from, add a row to `BENCHMARKS`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.errors import UsageError
from earmark.lab.sounds import scenes
from earmark.lab.sounds.scenes import draw_scenes
from earmark.lab.strict import unknown
from earmark.scenes import Bank, Plan, Scene, draw_pool
from earmark.scenes.draw import at_snr
from earmark.scenes.templates import RULES
from earmark.scenes.truth import from_line, to_line

if TYPE_CHECKING:
    from earmark.lab.objectives import Places

BENCHMARKS = {"scenes-v1": "clips", "scenes-synth-v1": "synthetic"}  # name -> module with `banks`
Banks = Mapping[str, Callable[[], Bank]]  # the sounds of "train", "dev" and "test"

LEVELS = (20, 15, 10, 5, 0)  # dB of events over the background, in noise
ABOUT_LEVELS = ("louder", "far", "order_far")  # rules whose captions a change of level makes false


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One pool: which sounds, how many scenes, by which plan and in whose words."""

    split: str
    size: int
    seed: int
    plan: Plan | None = None  # None: scenes to learn from, whose captions may fit many
    test: bool = False  # captions in the words that are kept for testing
    snr_db: float | None = None  # of every event, whatever the plan drew


ORDER = Plan(events=(2, 3), overlap=0.0, twins=1.0, rules=("order",), captions=1)
LONG = Plan(seconds=(60.0, 120.0), events=(1, 1), background=1.0, twins=0.0, captions=1)
NOISY = Plan(
    background=1.0,
    distant=0.0,
    twins=0.0,
    captions=1,
    rules=tuple(name for name in RULES if name not in ABOUT_LEVELS),
)
PARTS: dict[str, Part] = {
    "train": Part(split="train", size=3000, seed=1),
    "dev": Part(split="dev", size=500, seed=2, plan=Plan()),
    "test": Part(split="test", size=1000, seed=3, plan=Plan(), test=True),
    "order": Part(split="test", size=400, seed=4, plan=ORDER, test=True),
    "long": Part(split="test", size=200, seed=5, plan=LONG, test=True),
    **{
        f"noise-{level}": Part(
            split="test", size=400, seed=6, plan=NOISY, test=True, snr_db=float(level)
        )
        for level in LEVELS
    },
}


class Pools:
    """The parts of a benchmark; the sounds of a split are opened when they are first needed."""

    def __init__(self, name: str, places: Places) -> None:
        if name not in BENCHMARKS:
            raise unknown(f"there is no benchmark {name!r}", name, list(BENCHMARKS))
        self.name, self._cache = name, places.cache
        module = import_module(f"earmark.lab.benchmarks.{BENCHMARKS[name]}")
        self._banks: Banks = module.banks(places)
        self._opened: dict[str, Bank] = {}

    def bank(self, split: str) -> Bank:
        """Give the sounds of a split."""
        if split not in self._opened:
            self._opened[split] = self._banks[split]()
        return self._opened[split]

    def draw(self, part: Part) -> list[Scene]:
        """Draw the scenes of a part, captions and all, or read those drawn before."""
        bank = self.bank(part.split)
        path = self._cache / f"pool-{_key(bank, part)}.jsonl"
        if not path.is_file():
            _keep(path, draw_part(bank, part))
        return [from_line(line) for line in path.read_text(encoding="utf-8").splitlines()]


def part_of(name: str, words: str) -> Part:
    """Read which part of a benchmark is meant: `train`, or `train,size=60` for a smaller one."""
    part, _, size = words.partition(",size=")
    if part not in PARTS:
        raise unknown(f"{name} has no part {part!r}", part, list(PARTS))
    if not size:
        return PARTS[part]
    if not size.isdecimal() or not int(size):
        raise UsageError(
            f"{name}#{words}: the size {size!r} is no number of scenes",
            hint=f"say {name}#{part},size=60, or leave it out",
        )
    return replace(PARTS[part], size=int(size))


def draw_part(bank: Bank, part: Part) -> list[Scene]:
    """Draw a part from the sounds of its split."""
    if part.plan is None:
        return draw_scenes(bank, part.size, part.seed)
    pool = draw_pool(bank, part.plan, size=part.size, seed=part.seed, test=part.test)
    return pool if part.snr_db is None else [at_snr(scene, part.snr_db) for scene in pool]


def _keep(path: Path, pool: Sequence[Scene]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".part{os.getpid()}")
    part.write_text("".join(f"{to_line(scene)}\n" for scene in pool), encoding="utf-8")
    part.replace(path)


def _key(bank: Bank, part: Part) -> str:
    """What a drawn pool depends on: what is known of the sounds, the part, and how it is drawn."""
    sounds = [
        (one.name, one.label, one.phrases, one.recording, one.texture, one.group)
        for one in bank.sounds
    ]
    told = blake2b(repr((sounds, part)).encode(), digest_size=12)
    told.update(_code())
    return told.hexdigest()


@cache
def _code() -> bytes:
    """All that draws, so that what an older version drew is not taken for its own."""
    room = Path(str(files("earmark.scenes")))
    return b"".join(
        path.read_bytes() for path in (*sorted(room.glob("*.py")), Path(scenes.__file__))
    )


def digest(pool: Sequence[Scene]) -> str:
    """What a pool is known by: all that is true of its scenes."""
    text = "\n".join(to_line(scene) for scene in pool)
    return blake2b(text.encode(), digest_size=16).hexdigest()
