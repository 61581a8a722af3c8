"""Print how many copies of a sound are folded with it, how many other takes, how many other sounds.

A copy is the same sound in another format at another level. A take is another seed of the same
kind, of exactly the same length, which is harder than life. A change is that of
`earmark.search.fold`; a sound of one moment has none.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from earmark import Model
from earmark.audio.write import write
from earmark.search.fold import Sketch, is_near_copy, likeness
from earmark.synth import KINDS, RATE, make
from earmark.types import Samples

KINDS_HEARD = sorted(KINDS)[1::4]
LENGTHS = (2.0, 7.0, 30.0)  # seconds
TAKES = (31, 32, 33)  # seeds; the first is also copied
COPIES = {"flac": 0.5, "mp3": 1.0, "ogg": 0.3, "opus": 0.7, "m4a": 0.5}  # format and gain

Pair = tuple[Sketch, Sketch]


def sketch(model: Model, path: Path, wave: Samples) -> Sketch:
    """Write a sound, hear the file."""
    write(path, wave, RATE)
    line, times = model.hear(path), model.page.seconds
    vectors, spans = line.windows(times.window, times.hop)
    return Sketch(line.seconds, vectors, spans)


def pairs(model: Model, seconds: float, folder: Path) -> tuple[dict[str, list[Pair]], list[Pair]]:
    """Make pairs of copies by format, and of takes and of other sounds."""
    copies: dict[str, list[Pair]] = {kind: [] for kind in COPIES}
    takes: list[Pair] = []
    firsts: list[Sketch] = []
    for kind in KINDS_HEARD:
        waves = [make(kind, seed, seconds=seconds) for seed in TAKES]
        heard = [
            sketch(model, folder / f"{kind}-{seed}.wav", wave)
            for seed, wave in zip(TAKES, waves, strict=True)
        ]
        for suffix, gain in COPIES.items():
            path = folder / f"{kind}.{suffix}"
            copies[suffix].append((heard[0], sketch(model, path, waves[0] * np.float32(gain))))
        takes += combinations(heard, 2)
        firsts.append(heard[0])
    groups = {f"copy in {suffix}, gain {COPIES[suffix]:g}": copies[suffix] for suffix in copies}
    return groups | {"another take": takes}, list(combinations(firsts, 2))


def line(seconds: float, name: str, some: Sequence[Pair]) -> str:
    """Give a line of the table."""
    found = [likeness(*_common(one.vectors, other.vectors)) for one, other in some]
    agreement = _spread([a for a, _ in found])
    change = _spread([c for _, c in found if c is not None])
    folded = np.mean([is_near_copy(one, other) for one, other in some])
    return f"| {seconds:g} s | {name} | {len(some)} | {agreement} | {change} | {folded:.3f} |"


def _spread(values: list[float]) -> str:
    if not values:
        return "none"
    return " ".join(f"{value:.3f}" for value in np.percentile(values, (5, 50, 95)))


def _common(one: Samples, other: Samples) -> tuple[Samples, Samples]:
    count = min(len(one), len(other))
    return one[:count], other[:count]


def main() -> None:
    """Make sounds, hear them, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="earmark-small", help="name or folder")
    model = Model.load(parser.parse_args().model)
    print("| length | pair | pairs | agreement: 5 %, half, 95 % | change | folded |")
    print("|---|---|---|---|---|---|")
    with TemporaryDirectory() as folder:
        for seconds in LENGTHS:
            place = Path(folder) / f"{seconds:g}"
            place.mkdir()
            groups, others = pairs(model, seconds, place)
            for name, some in (groups | {"another kind": others}).items():
                print(line(seconds, name, some), flush=True)


if __name__ == "__main__":
    main()
