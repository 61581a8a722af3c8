"""Times as people write them."""

from __future__ import annotations


def clock(seconds: float, *, tenths: bool = False) -> str:
    """Write a time as m:ss, or h:mm:ss from an hour on."""
    ticks = round(seconds * 10) if tenths else round(seconds) * 10
    whole = ticks // 10
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    text = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return f"{text}.{ticks % 10}" if tenths else text
