"""How much memory a long recording takes, beside a short one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import soundfile

from earmark.bench.figure import Figure
from earmark.synth import make

RATE = 32_000
MOST_MB = 400.0
LOOK = """
import sys
from earmark.cli.main import main
sys.stdout = open(sys.argv[-1], "w")
main(["look", sys.argv[1]])
"""
PEAK = """
import os, re, resource, sys
# Linux counts into ru_maxrss what the process that started this one took; VmHWM does not.
if os.path.exists("/proc/self/status"):
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 2**10
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak /= 2**20 if sys.platform == "darwin" else 2**10
print(peak, file=sys.stderr)
"""


def figures(minutes: tuple[int, int] = (3, 180)) -> Iterator[Figure]:
    """Look at a short and a long FLAC, each in a process of its own, and take their peaks."""
    yield from beside(LOOK, part="memory", what="earmark look", minutes=minutes)


def beside(script: str, *, part: str, what: str, minutes: tuple[int, int]) -> Iterator[Figure]:
    """Run a script on a short and a long FLAC; it gets the file and a free path."""
    if sys.platform == "win32":
        return  # Python's `resource` module, which tells the peak, is not there
    with TemporaryDirectory() as folder:
        short, long = (_of_minutes(script, Path(folder), length) for length in minutes)
    yield Figure(
        part=part, what=f"{what}, {minutes[1]} minutes", value=long, unit="MB",
        ratio=long / short, peer=f"{minutes[0]} minutes", budget=f"under {MOST_MB:g} MB",
        met=long < MOST_MB,
    )  # fmt: skip


def _of_minutes(script: str, folder: Path, minutes: int) -> float:
    path = folder / f"{minutes}.flac"
    minute = make("wind", 1, seconds=60.0, rate=RATE)
    with soundfile.SoundFile(path, "w", samplerate=RATE, channels=1) as file:
        for _ in range(minutes):
            file.write(minute)
    return peak_mb(script, str(path), str(folder / f"free-{minutes}"))


def peak_mb(script: str, *words: str, python: str = sys.executable) -> float:
    """Run a script in a process of its own, and tell the most memory that it held."""
    command = [python, "-c", script + PEAK, *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return float(done.stderr.split()[-1])
