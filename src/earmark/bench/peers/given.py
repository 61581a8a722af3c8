"""What several questions need: room for files, a CLAP, and a way to load a file whole."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Self

from earmark.bench.peers.published import Published
from earmark.errors import UsageError
from earmark.model.find import DEFAULT

RATE = 48_000  # Hz at which CLAP hears
VERSION = """
import librosa, sys
from importlib.util import find_spec
if lacking := [name for name in sys.argv[1:] if not find_spec(name)]:
    sys.exit("no " + ", no ".join(lacking) + " beside it")
print(librosa.__version__)
"""
OTHERS = ("faiss", "torch", "transformers")
NAMED = "name the Python of an environment that has librosa, faiss, torch and transformers"
PLAIN = "soundfile + soxr (no librosa: pip install 'earmark[peers]')"


@dataclass(frozen=True, slots=True)
class Loader:
    """Who loads a sound in the scripts that earmark is compared with, and in which Python."""

    python: str
    package: Literal["librosa", "soundfile"]
    called: str  # as it stands in the table

    @classmethod
    def find(cls, python: str | None) -> Self:
        """Take librosa from another Python or from this one; else what it stands on."""
        if python:
            return cls(python, "librosa", f"librosa {_version(python, OTHERS)}")
        if find_spec("librosa"):
            return cls(sys.executable, "librosa", f"librosa {_version(sys.executable)}")
        return cls(sys.executable, "soundfile", PLAIN)


def _version(python: str, others: tuple[str, ...] = ()) -> str:
    """Ask a Python for the version of its librosa, and whether it has these packages as well."""
    command = [python, "-c", VERSION, *others]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    except OSError as error:
        raise UsageError(f"{python} is no Python: {error.strerror}", hint=NAMED) from error
    except subprocess.CalledProcessError as error:
        last = (error.stderr.splitlines() or ["it failed"])[-1]
        raise UsageError(f"{python} has no librosa that works: {last}", hint=NAMED) from error
    return done.stdout.strip()


@dataclass(frozen=True, slots=True)
class Given:
    """What every question gets."""

    folder: Path
    clap: Published
    loader: Loader

    @classmethod
    def of(cls, folder: Path, librosa: str | None) -> Self:
        """Prepare an empty folder; nothing is made before it is needed."""
        return cls(folder, Published(folder / "clap"), Loader.find(librosa))

    @property
    def models(self) -> dict[str, str]:
        """What earmark is asked to load, by what stands in the table."""
        return {
            "CLAP, float32": str(self.clap.bundle("float32")),
            "CLAP, int8": str(self.clap.bundle("int8")),
            "the packaged model": DEFAULT,
        }

    def room(self, name: str) -> Path:
        """Make a folder for the files of one question."""
        room = self.folder / name
        room.mkdir()
        return room
