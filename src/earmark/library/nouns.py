"""What travels between the parts of a library."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from earmark.model.page import AUDIO, TEXT, TOKENIZER, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """By which networks, with which times, the vectors of a library were made."""

    model: str  # name, for people
    source: str = ""  # where it was loaded from: a packaged name, or a folder
    digest: str  # two models with one digest give the same vectors
    width: int
    window: float  # seconds that a searched vector stands for ...
    hop: float  # ... and how far the next one is
    token: float  # seconds

    @classmethod
    def of(cls, page: Page, source: str = "") -> Identity:
        """Tell it from a bundle's page; calibration, card and results change no vector."""
        makers = {name: page.files.get(name) for name in (AUDIO, TEXT, TOKENIZER)}
        numbers = {"fronts": [asdict(front) for front in page.fronts], **asdict(page.seconds)}
        whole = json.dumps({"files": makers, "numbers": numbers}, sort_keys=True)
        times = page.seconds
        return cls(
            model=page.name,
            source=source,
            digest=sha256(whole.encode()).hexdigest(),
            width=page.width,
            window=times.window,
            hop=times.hop,
            token=times.token,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file lies: a root that was indexed, and the way from there (with slashes)."""

    root: Path
    path: str

    @property
    def full(self) -> Path:
        """The file."""
        return self.root / self.path


@dataclass(frozen=True, slots=True)
class Found:
    """A file as a scan met it."""

    place: Place
    size: int  # bytes
    mtime: int  # nanoseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A file as the store knows it."""

    id: int
    place: Place
    size: int
    mtime: int
    digest: str  # of its bytes; empty if they could not be read
    sound: int | None  # what was heard in these bytes; None: nothing, see `reason`
    seconds: float  # 0 if nothing was heard
    reason: str = ""  # why nothing could be heard
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def found(self) -> Found:
        """As the scan met it when it was indexed."""
        return Found(self.place, self.size, self.mtime)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a file says about itself: stored with each recording, searched by keywords."""

    tags: dict[str, str] = field(default_factory=dict)  # shown with hits
    ucs: str = ""  # category id
    warnings: tuple[str, ...] = ()  # what was odd while it was read


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """All that a library keeps of a file, as another library can take it over."""

    found: Found
    digest: str  # of its bytes; empty if they could not be read
    heard: bool  # whether there is a sound of these bytes
    reason: str = ""  # why nothing could be heard
    said: Said = Said()


@dataclass(slots=True, kw_only=True)
class Report:
    """What an index run did; counts of files."""

    indexed: int = 0  # heard anew
    skipped: int = 0  # known already, as they are
    moved: int = 0  # known bytes at another place
    copied: int = 0  # known bytes a second time
    failed: int = 0  # nothing could be heard; see `Library.failed`
    removed: int = 0  # gone from a folder that is there
    away: int = 0  # of a root that is not there, or suddenly empty: kept
    ignored: int = 0  # not sound by their names
    seconds: float = 0.0  # of sound that was heard anew
    took: float = 0.0  # seconds of time
    warnings: list[str] = field(default_factory=list)
