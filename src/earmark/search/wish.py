"""How hits are wanted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The same in Python and on the command line."""

    limit: int = 10
    moments: bool = False  # every moment of a recording, not its best alone
    keywords: bool = True  # names and tags count
    unsure: bool = False  # hits below the line as well
    duplicates: bool = False  # near-identical hits one by one
