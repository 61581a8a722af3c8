"""How much longer than a bare Python the lightest commands take."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from time import perf_counter
from typing import Any

from earmark.bench.figure import Figure, in_turn

BARE = ["-c", "pass"]
HELP = "from earmark.cli.main import main; main(['--help'])"  # what the installed script does
OURS = {"import earmark": ["-c", "import earmark"], "earmark --help": ["-c", HELP]}
MOST = 2.0
QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def figures(runs: int = 15) -> Iterator[Figure]:
    """Time whole processes, each in turn with a bare one."""
    for name, words in OURS.items():
        pair = in_turn(partial(wall, words), partial(wall, BARE), runs=runs)
        yield Figure(
            part="start", what=name, value=pair.ours * 1000, unit="ms", ratio=pair.ratio,
            peer="python -c pass", budget=f"at most {MOST:g} times", met=pair.ratio <= MOST,
        )  # fmt: skip


def wall(words: list[str]) -> float:
    """Seconds that a Python process takes with these arguments, compiled code kept as usual."""
    began = perf_counter()
    subprocess.run([sys.executable, *words], check=True, env=usual(), **QUIET)  # noqa: S603
    return perf_counter() - began


def usual() -> dict[str, str]:
    """The environment but for what keeps Python from keeping compiled code, as some machines do."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
