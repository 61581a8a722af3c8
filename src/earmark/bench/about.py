"""On what figures were measured, and when: without it they say nothing."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import gmtime, strftime
from typing import Any

from earmark import __version__

PACKAGES = (
    "numpy", "onnxruntime", "tokenizers", "av", "soundfile", "soxr", "numkong", "torch",
    "transformers", "faiss-cpu", "lancedb", "usearch",
)  # fmt: skip
HERE = Path(__file__)
IS_OURS = ("ls-files", "--error-unmatch", HERE.name)  # and not another checkout around it
COMMIT = ("describe", "--always", "--exclude=*")
CHANGED = ("status", "--porcelain", "--", str(HERE.parents[1]))  # of the package: figures come anew


def about() -> dict[str, Any]:
    """Tell machine, versions, commit (of a checkout) and date, as plain JSON values."""
    return {
        "earmark": __version__,
        "commit": _commit(),
        "date": strftime("%Y-%m-%d", gmtime()),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": _load(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


def _load() -> float | None:
    """How many programs wanted a core in the last quarter of an hour, this one among them."""
    return round(os.getloadavg()[2], 1) if hasattr(os, "getloadavg") else None


def _commit() -> str:
    """Say at which commit the code stands; nothing where it is no checkout."""
    try:
        _git(*IS_OURS)
        return _git(*COMMIT) + ("-dirty" if _git(*CHANGED) else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(*words: str) -> str:
    command = ["git", "-C", str(HERE.parent), *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return done.stdout.strip()


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    if told.is_file():
        for line in told.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
