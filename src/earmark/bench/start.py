"""How much longer than a bare Python the lightest commands take."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from time import perf_counter

from earmark.bench.figure import Figure, in_turn

BARE = ["-c", "pass"]
HELP = "from earmark.cli.main import main; main(['--help'])"  # what the installed script does
OURS = {"import earmark": ["-c", "import earmark"], "earmark --help": ["-c", HELP]}
MOST = 2.0


def figures(runs: int = 15) -> Iterator[Figure]:
    """Time whole processes, each in turn with a bare one."""
    for name, words in OURS.items():
        pair = in_turn(partial(wall, words), partial(wall, BARE), runs=runs)
        yield Figure(
            part="start", what=name, value=pair.ours * 1000, unit="ms", ratio=pair.ratio,
            peer="python -c pass", budget=f"at most {MOST:g} times", met=pair.ratio <= MOST,
        )  # fmt: skip


def wall(words: list[str]) -> float:
    """Seconds that a Python process takes with these arguments."""
    began = perf_counter()
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return perf_counter() - began
