"""What hearing on a cluster costs beside hearing in one process, on the cores of this machine.

    python tools/cluster_speed.py [--files 24] [--seconds 60] [--rounds 3]

The same sounds are indexed by threads of this process and by a cluster of this machine alone, in
turns. That it starts (once a run) is told by itself. Both libraries must be the same, bit for bit.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from earmark.audio.write import write
from earmark.library.index import Crew
from earmark.library.library import Library
from earmark.library.pipeline import run as threads
from earmark.scale.cluster import cluster
from earmark.synth import KINDS, make

RATE = 48_000


def main() -> None:
    """Measure, and print a line for each way."""
    args = arguments()
    with TemporaryDirectory() as home:
        sounds = Path(home) / "sounds"
        sounds.mkdir()
        for number, kind in zip(range(args.files), [*KINDS] * args.files, strict=False):
            wave = make(kind, number, seconds=args.seconds, rate=RATE)
            write(sounds / f"{number}.flac", wave, RATE)
        began = perf_counter()
        with cluster("local") as crew:
            print(f"the cluster starts in {perf_counter() - began:.1f} s", flush=True)
            measure(Path(home), sounds, {"threads": threads, "cluster": crew}, args)


def measure(home: Path, sounds: Path, ways: dict[str, Crew], args: argparse.Namespace) -> None:
    """Index by all ways in turns."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    wholes = set()
    for number in range(args.rounds):
        for name, crew in ways.items():
            with Library.create(home / f"{name}-{number}") as library:
                took[name].append(library.index([sounds], crew=crew).took)
                library.pack(home / f"{name}-{number}.earmark")
            wholes.add((home / f"{name}-{number}.earmark").read_bytes())
    plain = median(took["threads"])
    for name, times in took.items():
        fast = args.files * args.seconds / median(times)
        each = ", ".join(f"{one:.1f}" for one in times)
        print(f"{name}: {fast:.0f} x real time, {median(times) / plain:.2f} x the time ({each} s)")
    print("the same library, bit for bit" if len(wholes) == 1 else "DIFFERENT libraries")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
