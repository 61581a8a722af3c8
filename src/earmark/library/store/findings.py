"""What an examination of a library has found."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

ANEW = (
    "cannot be repaired: rename the folder and index anew; the recordings themselves are untouched"
)
NAMES = 20  # of files that a finding names


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it should be."""

    kind: str  # a short name that does not change
    what: str  # for people
    count: int
    remedy: str  # what a repair does; where it can do nothing, what the person can do
    mendable: bool = True  # whether a repair does it
    harm: bool = True  # whether answers may be wrong or recordings missing because of it
    names: tuple[str, ...] = ()  # of files that it is about, `NAMES` at most
    mended: bool = False

    def after_repair(self, *, mended: bool) -> Finding:
        """Say what became of it."""
        failed = self.mendable and self.harm and not mended
        return replace(self, mended=mended, remedy=ANEW if failed else self.remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All of it."""

    folder: Path
    found: tuple[Finding, ...]
    recordings: int = 0  # that were looked at
    sounds: int = 0
    room: int = 0  # bytes that compaction would free
    writer: str = ""  # who was writing meanwhile, or empty

    @property
    def is_well(self) -> bool:
        """Whether nothing harmful is left."""
        return not any(one.harm and not one.mended for one in self.found)

    def after(self, repair: Findings) -> Findings:
        """Give what was found before a repair, with what is mended now."""
        left = {one.kind for one in repair.found if not one.mended}
        before = {one.kind for one in self.found}
        mended = [one.after_repair(mended=one.kind not in left) for one in self.found]
        new = [one for one in repair.found if one.kind not in before]
        return replace(repair, found=(*mended, *new))

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        whole = asdict(self)
        return whole | {"folder": str(self.folder), "is_well": self.is_well}
