"""A description as text for people and other programs; docs/describe.md shows each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from earmark.search.describe.events import Saying
from earmark.search.describe.lines import Line, as_text, in_words, lines_of
from earmark.search.formats import flat, json_text, label_track, lines_text


@dataclass(frozen=True, slots=True)
class Description:
    """What is heard in a recording."""

    path: str
    model: str  # its name
    sayings: list[Saying]

    @property
    def lines(self) -> list[Line]:
        """The sayings, line by line."""
        return lines_of(self.sayings)

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values, the same from every face of earmark."""
        return {
            "path": self.path,
            "model": self.model,
            "lines": [
                {"start": round(one.start, 2), "end": round(one.end, 2), "text": one.text}
                for one in self.lines
            ],
            "sayings": [_saying(one) for one in self.sayings],
        }


def as_json(told: Description) -> str:
    """The whole description as one JSON object."""
    return json_text(told.as_dict(), indent=2) + "\n"


def as_plain(told: Description) -> str:
    """A line each, with its time in whole seconds."""
    return lines_text(as_text(told.lines))


def as_vtt(told: Description) -> str:
    """Captions in WebVTT: a cue a line, which players show while it is heard."""
    cues = [f"{_stamp(one.start)} --> {_stamp(one.end)}\n{_cue(one)}\n" for one in told.lines]
    return lines_text(["WEBVTT\n", *cues])


def as_audacity(told: Description) -> str:
    """A label track: a label for each time that a sound is heard."""
    marks = [(*part, in_words([_once(one)])) for one in told.sayings for part in one.parts]
    return label_track(sorted(marks))


FORMATS: dict[str, Callable[[Description], str]] = {
    "text": as_plain,
    "vtt": as_vtt,
    "audacity": as_audacity,
    "json": as_json,
}


def _saying(one: Saying) -> dict[str, Any]:
    return {
        "words": one.words,
        "start": round(one.start, 2),
        "end": round(one.end, 2),
        "confidence": round(one.confidence, 4),
        "parts": [[round(start, 2), round(end, 2)] for start, end in one.parts],
    }


def _once(one: Saying) -> Saying:
    return replace(one, parts=one.parts[:1])


def _cue(line: Line) -> str:
    return escape(flat(line.text), quote=False)


def _stamp(seconds: float) -> str:
    """Write a time as WebVTT wants it: 00:00:12.000, and 123:00:00.000 if need be."""
    ms = round(1000 * seconds)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"
