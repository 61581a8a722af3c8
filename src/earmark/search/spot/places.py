"""The heading of a scene as a place that can be heard: `INT. KITCHEN - NIGHT`."""

from __future__ import annotations

import re

_HEADING = re.compile(
    r"(INT\.?\s?/\s?EXT|EXT\.?\s?/\s?INT|I\s?/\s?E|E\s?/\s?I|INT|EXT|EST)(?:\.\s*|\s+)(?=\S)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"#[^#]*#\s*$|\([^)]*\)")
_DASH = re.compile(r"\s+[-–—]+\s+|\s*[–—]\s*|\s*,\s+")
_OWNER = re.compile(r"\b\w+(?:'s|’s|s'|s’)\s+", re.IGNORECASE)
TIMES = {
    "night": "at night",
    "midnight": "at night",
    "late night": "at night",
    "morning": "in the morning",
    "early morning": "in the morning",
    "dawn": "at dawn",
    "sunrise": "at dawn",
    "evening": "in the evening",
    "dusk": "at dusk",
    "sunset": "at dusk",
    "twilight": "at dusk",
    "magic hour": "at dusk",
}
SILENT = (  # times that are not heard, and what a heading says besides
    *("day", "afternoon", "noon", "midday", "day one", "next day", "the next day", "night and day"),
    *("continuous", "later", "moments later", "same", "same time", "the same", "present"),
    *("present day", "flashback", "end of flashback", "dream", "intercut", "montage"),
    *("establishing", "various", "pov", "moving", "driving", "travelling", "traveling", "parked"),
)


def is_heading(text: str) -> bool:
    """Whether a line is the heading of a scene."""
    return _HEADING.match(text) is not None


def place_of(heading: str) -> str | None:
    """What is heard of a place: `kitchen indoors at night`; None if none is named.

    A heading that was forced by a dot names a place only if it names a time as well.
    """
    found = _HEADING.match(heading)
    rest = heading[found.end() :] if found else heading.lstrip(". ")
    parts = [one.strip().lower() for one in _DASH.split(_NUMBER.sub("", rest))]
    times = [TIMES[one] for one in parts if one in TIMES]
    places = [one for one in parts if one and one not in TIMES and one not in SILENT]
    is_timed = len(places) < len([one for one in parts if one])
    if not places or not (found or is_timed):
        return None
    place = _OWNER.sub("", places[-1]).removeprefix("the ").strip()
    side = _side(found[1].upper()) if found else ""
    return " ".join(word for word in (place, side, *times[-1:]) if word) or None


def _side(prefix: str) -> str:
    if "/" in prefix:
        return ""
    return {"INT": "indoors", "EXT": "outdoors"}.get(prefix, "")
