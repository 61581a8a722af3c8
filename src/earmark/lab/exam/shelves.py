"""Answers of a whole library: sounds are indexed as a person would, and asked through its search.

Every set of sounds gets a library of its own, in a folder that vanishes. Nothing but the vectors
may help: no words of file names, no line below which a hit is kept back, no folding of copies. It
is asked as well with every sentence left whole, whatever order in time it holds, and a model that
reranks without that, too: whether either pays is seen in the same run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from earmark.audio.read import read
from earmark.audio.write import write
from earmark.data.rows import Row
from earmark.lab.exam.hearing import Alter, Note, Wave, waves_of
from earmark.lab.exam.listeners import Scores
from earmark.library.library import Library
from earmark.library.progress import Progress
from earmark.model.model import Model
from earmark.search.query import Plan, parse
from earmark.search.wish import Wish

WHOLE, SHORTLIST = "left whole", "not reranked"  # the second is left whole, too
Answer = Callable[[Sequence[str]], Scores]  # texts -> [texts, sounds]
NOT_FOUND = -1.0  # below every hit, and the same for all: ties get the worst rank


class Shelf:
    """An open library of some sounds, asked for all of them in order."""

    def __init__(self, library: Library, files: Sequence[Path], model: Model) -> None:
        self._library, self._model = library, model
        self._place = {str(file.resolve()): number for number, file in enumerate(files)}

    @property
    def systems(self) -> dict[str, Answer]:
        """What can be asked, by name: texts -> their scores with every sound."""
        whole = partial(self._answers, self._library, left_whole)
        found: dict[str, Answer] = {self._model.name: self.answers, WHOLE: whole}
        if self._model.page.rerank:
            found[SHORTLIST] = self.answers_of(self._model.reranking(0))
        return found

    def answers_of(self, model: Model, limit: int = 0) -> Answer:
        """What can be asked with another model of the same vectors; texts are left whole.

        With a limit no hit beyond it is told.
        """
        library = Library(self._library.store, model=model)
        return partial(self._answers, library, left_whole, limit=limit)

    def answers(self, texts: Sequence[str]) -> Scores:
        """Ask the model as it is."""
        return self._answers(self._library, parse, texts)

    def _answers(
        self,
        library: Library,
        understand: Callable[[str], Plan],
        texts: Sequence[str],
        limit: int = 0,
    ) -> Scores:
        """Score every text with every sound, by the order of the hits: -> [texts, sounds]."""
        return np.stack([self._answer(library, understand(text), limit) for text in texts])

    def _answer(self, library: Library, plan: Plan, limit: int) -> Scores:
        count = len(self._place)
        out = np.full(count, NOT_FOUND, np.float32)
        wish = Wish(limit=limit or count, keywords=False, unsure=True, duplicates=True)
        for hit in library.answer(plan, wish).hits:
            out[self._place[str(Path(hit.path).resolve())]] = 1 - hit.rank / (count + 1)
        return out


@contextmanager
def shelf(
    sounds: Sequence[Path | Wave], model: Model, *, alter: Alter | None = None, note: Note
) -> Iterator[Shelf]:
    """Index sounds, each as it is or altered; those that are no files are written for it."""
    with TemporaryDirectory(prefix="earmark-exam-") as folder:
        place = Path(folder)
        files = [_file(n, one, model.rate, alter, place) for n, one in enumerate(sounds)]
        with Library.create(place / "library", model=model) as library:
            library.index(files, on_progress=lambda one: note(_told(one)))
            yield Shelf(library, files, model)


def left_whole(text: str) -> Plan:
    """Understand a query without the order in time that it may hold."""
    return replace(parse(text), course=None)


def _told(progress: Progress) -> str:
    return f"indexed {progress.files_done:,} of {progress.files_total:,} sounds"


def files_of(rows: Sequence[Row]) -> list[Path | Wave]:
    """Give the file of each row where that is all of it, else what reads it: a stretch, a tar."""
    return [
        row.audio if _is_whole(row) else wave
        for row, wave in zip(rows, waves_of(rows), strict=True)
    ]


def _is_whole(row: Row) -> bool:
    return row.start is None and row.end is None and row.audio.is_file()


def _file(number: int, sound: Path | Wave, rate: int, alter: Alter | None, place: Path) -> Path:
    if isinstance(sound, Path) and alter is None:
        return sound
    wave = read(sound, rate=rate) if isinstance(sound, Path) else sound(rate)
    path = place / f"{number:06d}.wav"
    # Sums of two sounds may pass full scale; as floats nothing of them is lost.
    write(path, alter(number, wave, rate) if alter else wave, rate, subtype="float")
    return path
