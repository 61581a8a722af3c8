"""Times and stretches of time as people type them.

90  1.5  .5  90s  500ms  2m  2min  1h30m     seconds, or numbers with units
1:30  1:02:03.5                              m:ss, h:mm:ss
3-5.5  1:02-1:10  90-  -5                    from when to when; to the end; from the beginning
"""

from __future__ import annotations

import re

from earmark.errors import UsageError

UNITS = {"ms": 0.001, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)"
_CLOCK = re.compile(rf"(?:(\d+):)?(\d+):({_NUMBER})")
_PART = re.compile(rf"({_NUMBER})\s*({'|'.join(sorted(UNITS, reverse=True))})\s*")
_MOMENT = r"[\d.][\d:.hmsinec]*"
SPAN = rf"(?:{_MOMENT}-(?:{_MOMENT})?|-{_MOMENT})"  # looks like a stretch, right or wrong


def seconds_of(text: str) -> float | None:
    """Read a time or a length of time; None if it is neither."""
    text = text.strip().lower()
    if re.fullmatch(_NUMBER, text):
        return float(text)
    clock = _CLOCK.fullmatch(text)
    if clock:
        hours, minutes, seconds = int(clock[1] or 0), int(clock[2]), float(clock[3])
        too_many = seconds >= 60 or (clock[1] is not None and minutes >= 60)
        return None if too_many else 3600 * hours + 60 * minutes + seconds
    parts = _PART.findall(text)
    if not text or _PART.sub("", text):
        return None
    return sum(float(number) * UNITS[unit] for number, unit in parts)


def span_of(text: str) -> tuple[float | None, float | None]:
    """Read a stretch; None stands for the beginning, and for the end."""
    if not text:
        return None, None
    first, _, last = text.partition("-")
    start, end = seconds_of(first), seconds_of(last)
    misread = (first and start is None) or (last and end is None)
    if misread or (end is not None and end <= (start or 0.0)):
        raise UsageError(
            f"{text!r} is no stretch of time",
            hint="give the start and a later end, as in: @3-5.5 or @1:02-1:10 or @90-",
        )
    return start, end


def span_text(start: float | None, end: float | None) -> str:
    """Write a stretch as it may be typed behind a file's name; empty for a whole file."""
    if start is None and end is None:
        return ""
    return f"@{_short(start)}-{_short(end)}"


def _short(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.3f}".rstrip("0").rstrip(".")
