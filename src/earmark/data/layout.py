"""What a layout of a data set is, and its errors: what was looked for and where to get it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from earmark.audio.member import is_file
from earmark.data.rows import Row
from earmark.data.tables import some
from earmark.errors import DataError


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a split is there: published links die."""

    found: int
    wanted: int
    missing: tuple[str, ...]

    def __str__(self) -> str:
        share = self.found / self.wanted if self.wanted else 1.0
        return f"{self.found:,} of {self.wanted:,} clips are there ({share:.1%})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How one kind of data set is recognised and read."""

    name: str
    seeks: str  # what it looks for, in words
    home: str  # where to get it
    fits: Callable[[Path], bool]
    read: Callable[[Path], list[Row]]
    coverage: Callable[[Path], dict[str, Coverage]] | None = None
    also: Mapping[str, str] = field(default_factory=dict)  # other names of its splits
    cure: str = ""  # what to do about missing audio; none: complete it from its home


def not_here(folder: Path, layout: str, seeks: str, home: str) -> DataError:
    """Make the error for a folder that is not there, or does not hold what it should."""
    if not folder.exists():
        problem = f"{folder} is not there; the {layout} layout looks for {seeks}"
    else:
        held = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        what = f"only {some(held)}" if held else "nothing" if folder.is_dir() else "it is a file"
        problem = f"{folder} does not hold {seeks} (the {layout} layout); found: {what}"
    return DataError(problem, hint=f"get it from {home}, or name the folder that holds it")


def refuse_missing(place: Path, rows: Sequence[Row], layout: Layout) -> None:
    """Say how many audio files of these rows are not there, and which, if any."""
    wanted = list(dict.fromkeys(row.audio for row in rows))
    missing = [str(path) for path in wanted if not is_file(path)]
    if missing:
        raise DataError(
            f"{place}: {len(missing):,} of {len(wanted):,} audio files are not there: "
            f"{some(missing)}",
            hint=layout.cure or f"complete the folder from {layout.home}",
        )
