"""Everyday sounds made by code: every seed is another sound, and can be had again."""

from earmark.synth.kind import RATE, Kind
from earmark.synth.kinds import KINDS, make

__all__ = ["KINDS", "RATE", "Kind", "make"]
