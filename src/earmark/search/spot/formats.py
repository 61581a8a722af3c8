"""Cue sheets as text for other programs; docs/spot.md describes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from earmark.search.formats import (
    REAPER,
    csv_text,
    flat,
    json_text,
    lines_text,
    name_of,
    playlist_entry,
    time_text,
)
from earmark.search.spot.cues import Cue, as_query
from earmark.search.spot.spotting import CueSheet, Spotted
from earmark.types import Hit

CUE = ("cue", "time", "kind", "query", "line", "text")
HIT = ("rank", "path", "start", "end", "score", "confidence", "duration")
GAP = 1.0  # seconds between cues that have no times
NOTHING = "nothing here matches"


def as_json(sheet: CueSheet) -> str:
    """The whole sheet as one JSON object."""
    return json_text(sheet.as_dict(), indent=2) + "\n"


def as_csv(sheet: CueSheet) -> str:
    """A row for each hit; a cue without any has a row whose last columns are empty."""
    return csv_text([(*CUE, *HIT), *(row for one in sheet.spotted for row in _rows(one))])


def as_m3u(sheet: CueSheet) -> str:
    """A playlist of all hits, cue by cue; a cue without any is a comment."""
    return lines_text(["#EXTM3U", *(line for one in sheet.spotted for line in _played(one))])


def as_reaper(sheet: CueSheet) -> str:
    """For Reaper's region manager: a region for the best hit of a cue, a marker if there is none.

    They begin at the time of their cue; one without a time follows the one before.
    """
    rows, clock = list[Sequence[str]](), 0.0
    for number, one in enumerate(sheet.spotted, start=1):
        start = clock if one.cue.line.time is None else one.cue.line.time
        best = one.hits[0] if one.hits else None
        rows.append(_region(number, one.cue, best, start))
        clock = start + GAP + (best.end - best.start if best else 0.0)
    return csv_text([REAPER, *rows])


def cues_as_csv(cues: Iterable[Cue]) -> str:
    """Cues alone, as a table that can be changed and read again."""
    return csv_text([CUE, *(_columns(cue) for cue in cues)])


FORMATS: dict[str, Callable[[CueSheet], str]] = {
    "json": as_json,
    "csv": as_csv,
    "m3u": as_m3u,
    "reaper": as_reaper,
}


def title(cue: Cue) -> str:
    """What to call a cue on a time line."""
    return flat(f"{cue.name} {cue.words}")


def _rows(one: Spotted) -> Iterator[Sequence[object]]:
    told = _columns(one.cue)
    if not one.hits:
        yield (*told, *("" for _ in HIT))
    for hit in one.hits:
        values = hit.as_dict()
        yield (*told, *(values[name] for name in HIT))


def _columns(cue: Cue) -> Sequence[object]:
    time = "" if cue.line.time is None else cue.line.time
    return (cue.name, time, cue.kind, as_query(cue), cue.line.number, cue.line.text)


def _played(one: Spotted) -> Iterator[str]:
    if not one.hits:
        yield f"# {title(one.cue)}: {NOTHING}"
    for hit in one.hits:
        yield from playlist_entry(hit, f"{title(one.cue)}: ")


def _region(number: int, cue: Cue, best: Hit | None, start: float) -> Sequence[str]:
    if best is None:
        return (f"M{number}", f"{title(cue)}: {NOTHING}", time_text(start), "", "")
    length = best.end - best.start
    name = f"{title(cue)}: {name_of(best)} at {time_text(best.start)} ({best.confidence:.2f})"
    return (f"R{number}", name, time_text(start), time_text(start + length), time_text(length))
