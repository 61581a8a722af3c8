"""A moment as a file of its own: of a film pictures and sound, of anything else the sound."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from earmark.audio.cut import cut
from earmark.audio.film.film import Film, opened
from earmark.audio.film.stretch import cut_film
from earmark.audio.source import RefusedError
from earmark.errors import AudioError

CLOSE = 0.05  # seconds that are not worth a word


@dataclass(frozen=True, slots=True)
class Taken:
    """A new file, and how it differs from what was asked for."""

    path: Path
    early: float = 0.0  # seconds by which it begins before the moment
    alone: str = ""  # why a film gave its sound alone

    @property
    def note(self) -> str:
        """What is to be said of it, if anything."""
        if self.alone:
            return f"sound alone: {self.alone}"
        if self.early > CLOSE:
            return f"begins {self.early:.1f} s earlier, where its pictures can"
        return ""


def take(
    path: str | os.PathLike[str], start: float, end: float, folder: Path, *, name: str = ""
) -> Taken:
    """Write the stretch from `start` to `end`, in seconds, into a folder; nothing is encoded."""
    if not 0 <= start < end < float("inf"):
        raise ValueError(f"a stretch cannot go from {start} to {end} s")
    alone = ""
    with ExitStack() as held:
        film = _film(Path(path), held)
        if film is not None:
            try:
                made, first = cut_film(film, start, end, folder, name=name)
                return Taken(made, early=max(0.0, start - first))
            except RefusedError as error:
                alone = str(error)
    return Taken(cut(path, start, end, folder, name=name), alone=alone)


def _film(path: Path, held: ExitStack) -> Film | None:
    """Open a film; None for what is none, or cannot be read: whoever reads its sound says why."""
    try:
        return held.enter_context(opened(path))
    except AudioError:
        return None
