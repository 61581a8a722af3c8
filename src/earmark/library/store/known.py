"""What a store knows of recordings and sounds, told from its tables: what engines share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path

from earmark.library.nouns import Place, Recording
from earmark.library.store.contract import Filter, Ids
from earmark.library.store.names import place_under
from earmark.library.store.rows import Rows


class Known(ABC):
    """Answers from tables; where these lie, and whether they are up to date, an engine says."""

    @property
    @abstractmethod
    def _rows(self) -> Rows:
        """The tables as they are now."""

    def roots(self) -> list[Path]:
        """Folders that were indexed."""
        return self._rows.roots()

    def recordings(self, ids: Iterable[int] | None = None) -> Iterator[Recording]:
        """All recordings, or those of these ids, by root and path."""
        rows = self._rows
        return rows.recordings() if ids is None else rows.recordings("recordings.id", ids)

    def of_sounds(self, sounds: Iterable[int]) -> Iterator[Recording]:
        """The recordings in which these sounds were heard, by root and path."""
        return self._rows.recordings("sound", sounds)

    def at(self, place: Place) -> Iterator[Recording]:
        """The recording at a place, if it is known."""
        return self._rows.at(place)

    def sounds_of(self, recordings: Ids) -> Ids:
        """The sounds of these recordings, each once, in order of their ids."""
        return self._rows.sounds_of(recordings)

    def sound_of(self, digest: str) -> int | None:
        """The sound that was heard in these bytes, if they were heard."""
        number = self._rows.one("SELECT id FROM sounds WHERE digest = ?", (digest,))
        return None if number is None else int(number)

    def place_of(self, path: Path) -> Place | None:
        """Where a file of the library lies, or None if it is in none of its roots."""
        return place_under(self.roots(), path)

    def count(self) -> int:
        """How many recordings there are."""
        return int(self._rows.one("SELECT count(*) FROM recordings"))

    def having(self, word: str) -> Ids:
        """Recordings with a word in path, tags or UCS; case, accents, endings do not matter."""
        return self._rows.having(word)

    def where(self, wanted: Filter) -> Ids:
        """Recordings that a filter lets through, in order of their ids."""
        return self._rows.where(wanted)
