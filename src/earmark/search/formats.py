"""Answers as text for other programs; `FORMATS` lists them, docs/files.md describes them.

Text is UTF-8 once it is written with `surrogateescape`: bytes of a file's name that are no text
come out as they are, but for JSON, which must be text, and playlists, which have addresses.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path, PurePath

from earmark.audio.clock import clock
from earmark.search.answer import Answer
from earmark.types import Hit

FIELDS = ("rank", "path", "start", "end", "score", "confidence", "duration")
RAVEN = (
    "Selection",
    "View",
    "Channel",
    "Begin Time (s)",
    "End Time (s)",
    "Low Freq (Hz)",
    "High Freq (Hz)",
    "Begin Path",
    "File Offset (s)",
    "Begin File",
    "Query",
    "Confidence",
)
HIGHEST = "22050"  # Hz; a hit is a stretch of time, and Raven needs a box
REAPER = ("#", "Name", "Start", "End", "Length")
_BREAKS = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]+")
_LONE = re.compile("[\ud800-\udfff]")  # bytes that are no text, as Python holds them


def as_json(answer: Answer) -> str:
    """The whole answer as one JSON object."""
    return json_text(answer.as_dict(), indent=2) + "\n"


def as_jsonl(answer: Answer) -> str:
    """A line of JSON for each hit."""
    return lines_text(json_text(hit.as_dict()) for hit in answer.hits)


def as_csv(answer: Answer) -> str:
    """A table for spreadsheets: a row for each hit below the names of the columns."""
    values = [hit.as_dict() for hit in answer.hits]
    return csv_text([FIELDS, *([one[name] for name in FIELDS] for one in values)])


def as_m3u(answer: Answer) -> str:
    """A playlist; VLC plays the moments, other players the whole files."""
    return lines_text(["#EXTM3U", *(line for hit in answer.hits for line in playlist_entry(hit))])


def as_audacity(answer: Answer) -> str:
    """A label track: from, to and words; hits of several files name their file."""
    named = zip(answer.hits, _names(answer), strict=True)
    return label_track((hit.start, hit.end, name) for hit, name in named)


def as_raven(answer: Answer) -> str:
    """A selection table, which opens the files in the order of their first hits.

    Raven counts times from the beginning of the first file, as if each went on where the one
    before has ended; the time within a file is its offset.
    """
    begins = _begins(answer.hits)
    rows = (_selection(answer, hit, begins[hit.path]) for hit in answer.hits)
    return _tabbed([RAVEN, *rows])


def as_reaper(answer: Answer) -> str:
    """Regions for Reaper's region manager; hits of several files name their file."""
    names = _names(answer)
    rows = [
        (f"R{n}", name, time_text(hit.start), time_text(hit.end), time_text(hit.end - hit.start))
        for n, (hit, name) in enumerate(zip(answer.hits, names, strict=True), start=1)
    ]
    return csv_text([REAPER, *rows])


def as_paths(answer: Answer, end: str = "\n") -> str:
    """Each path once, in the order of the hits; a zero byte ends any name."""
    return "".join(f"{path}{end}" for path in dict.fromkeys(hit.path for hit in answer.hits))


FORMATS: dict[str, Callable[[Answer], str]] = {
    "json": as_json,
    "jsonl": as_jsonl,
    "csv": as_csv,
    "m3u": as_m3u,
    "audacity": as_audacity,
    "raven": as_raven,
    "reaper": as_reaper,
    "paths": as_paths,
}


def playlist_entry(hit: Hit, before: str = "") -> Iterator[str]:
    """Lines of a playlist for a hit, with words `before` its name."""
    span = f"{clock(hit.start, tenths=True)} - {clock(hit.end, tenths=True)}"
    title = f"{before}{name_of(hit)} {span}"
    yield f"#EXTINF:{round(hit.duration)},{title}"
    yield f"#EXTVLCOPT:start-time={hit.start:.3f}"
    yield f"#EXTVLCOPT:stop-time={hit.end:.3f}"
    is_plain = not (_BREAKS.search(hit.path) or _LONE.search(hit.path))
    yield hit.path if is_plain else Path(hit.path).as_uri()


def _selection(answer: Answer, hit: Hit, begin: float) -> Sequence[str]:
    """A row of Raven's table, for a hit in a file that begins at a time."""
    return (
        str(hit.rank),
        "Spectrogram 1",
        "1",
        f"{begin + hit.start:.3f}",
        f"{begin + hit.end:.3f}",
        "0",
        HIGHEST,
        flat(hit.path),
        f"{hit.start:.3f}",
        name_of(hit),
        flat(answer.query),
        f"{hit.confidence:.4f}",
    )


def _begins(hits: Iterable[Hit]) -> dict[str, float]:
    """When each file begins if they are played one after the other."""
    begins, end = dict[str, float](), 0.0
    for hit in hits:
        if hit.path not in begins:
            begins[hit.path] = end
            end += hit.duration
    return begins


def _names(answer: Answer) -> list[str]:
    """What to call each hit on a time line."""
    several = len({hit.path for hit in answer.hits}) > 1
    files = [f"{name_of(hit)}: " if several else "" for hit in answer.hits]
    return [
        f"{file}{flat(answer.query)} ({hit.confidence:.2f})"
        for file, hit in zip(files, answer.hits, strict=True)
    ]


def name_of(hit: Hit) -> str:
    """The name of a hit's file, in a line."""
    return flat(PurePath(hit.path).name)


def flat(text: str) -> str:
    """Put a space for what would end a line or a column."""
    return _BREAKS.sub(" ", text)


def label_track(marks: Iterable[tuple[float, float, str]]) -> str:
    """Write labels as Audacity reads them: start and end in seconds, and words."""
    return _tabbed([f"{start:.6f}", f"{end:.6f}", flat(name)] for start, end, name in marks)


def time_text(seconds: float) -> str:
    """Write a time as h:mm:ss.mmm, which Reaper reads whatever its ruler shows."""
    ms = round(1000 * seconds)
    return f"{ms // 3_600_000}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def json_text(value: object, indent: int | None = None) -> str:
    """Write JSON that is text, whatever the bytes of a name."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _LONE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Write rows for spreadsheets."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _tabbed(rows: Iterable[Sequence[str]]) -> str:
    return lines_text("\t".join(row) for row in rows)


def lines_text(lines: Iterable[str]) -> str:
    """End each line."""
    return "".join(f"{line}\n" for line in lines)
