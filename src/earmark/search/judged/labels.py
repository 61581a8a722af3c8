"""The file of judgements: JSON lines, read as a whole, and only ever added to.

A line a judgement, so that people can read, sort, search and merge it, and that adding one touches
no other. Of the same hit the last line counts; the older ones stay where they are. Blank lines mean
nothing; a line that is not understood is told with its number, and nothing is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from earmark.errors import DataError, EarmarkError, UsageError
from earmark.search.judged.append import append_line
from earmark.search.judged.judgement import (
    DamagedError,
    Judgement,
    Line,
    meet,
    read_line,
    write_line,
)
from earmark.search.query import parse

AS_IN = '{"query": "rain on a roof", "right": true, "path": "street/rain.wav"}'


@dataclass(frozen=True, slots=True)
class Labels:
    """What a file says."""

    queries: tuple[str, ...] = ()  # in the order in which they first stand there
    judgements: tuple[Judgement, ...] = ()  # those that stand


def read_labels(path: Path) -> Labels:
    """Read a file; raise for one that is not there, or for a line that is damaged."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror or error}",
            hint=f"begin a file of judgements with: earmark label {path.name} rain on a roof",
        ) from error
    lines = list(_lines(path, data))
    said = [line.judgement for line in lines if line.judgement]
    return Labels(
        queries=tuple(dict.fromkeys(line.query for line in lines)),
        judgements=standing(said, lambda one: one.recording),
    )


def labels_so_far(path: Path) -> Labels:
    """Read a file, or nothing where none was begun and one can be."""
    if path.exists():
        return read_labels(path)
    if not path.parent.is_dir():
        raise EarmarkError(
            f"there is no folder {path.parent} for {path.name}", hint="make it, or name another"
        )
    return Labels()


def add_judgement(path: Path, one: Judgement) -> None:
    """Put a judgement behind all others, at once or not at all."""
    append_line(path, write_line(one))


def standing(
    said: Iterable[Judgement], recording: Callable[[Judgement], str]
) -> tuple[Judgement, ...]:
    """Leave out what was judged again later; `recording` tells which judgements are of one."""
    kept: dict[tuple[str, str], list[tuple[int, Judgement]]] = {}
    for place, one in enumerate(said):
        known = kept.setdefault((one.query, recording(one)), [])
        known[:] = [old for old in known if not _replaces(one, old[1])] + [(place, one)]
    every = sorted((pair for some in kept.values() for pair in some), key=itemgetter(0))
    return tuple(one for _, one in every)


def _replaces(new: Judgement, old: Judgement) -> bool:
    """Whether a judgement of the same recording leaves nothing of an older one.

    One of the whole recording does; one of a moment leaves what was said of the rest.
    """
    if new.moment is None:
        return True
    return old.moment is not None and meet(new.moment, old.moment)


def _lines(path: Path, data: bytes) -> Iterator[Line]:
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            said = read_line(line.decode("utf-8"))
            parse(said.query)
        except (DamagedError, UnicodeDecodeError, UsageError) as error:
            raise _damaged(path, number, error) from error
        yield said


def _damaged(path: Path, number: int, error: Exception) -> DataError:
    is_text = not isinstance(error, UnicodeDecodeError)
    why = str(error).partition("\n")[0] if is_text else "it is not UTF-8"
    return DataError(
        f"{path}, line {number}: {why}",
        hint=f"put it right or take the line out; one reads: {AS_IN}",
    )
