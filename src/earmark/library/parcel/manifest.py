"""The first part of a parcel: which library it is, and all other parts with their digests.

It is JSON in one form only: read and written again it must be the same bytes, so that no bit of it
can change unseen; `seal` is the digest of everything else in it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

from earmark.library.nouns import Identity
from earmark.library.store.volume import COLUMNS, Extent

FORMAT = 1
NAME = "earmark-library.json"
RECORDINGS, SOUNDS = "recordings.jsonl", "sounds.jsonl"
NAMES = (RECORDINGS, SOUNDS, *(f"vectors/{column.name}" for column in COLUMNS))  # in this order
LONGEST = 10**15  # bytes of a part


class NewerError(Exception):
    """The parcel is of a later format, whose number it holds."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file in the parcel."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a parcel says about itself."""

    identity: Identity
    keeps_tokens: bool
    roots: tuple[str, ...]  # as text of a database, see `store/names.py`
    recordings: int
    failed: int
    sounds: int
    seconds: float  # of all recordings that were heard
    moments: int
    tokens: int
    parts: tuple[Part, ...]

    @property
    def filled(self) -> Extent:
        """How many rows of vectors there are."""
        return Extent(self.moments, self.tokens)


def rendered(manifest: Manifest) -> bytes:
    """Write it, as long as it is whatever sizes and digests its parts have."""
    largest = replace(manifest, parts=tuple(Part(name, LONGEST, "0" * 64) for name in NAMES))
    return _sealed(manifest).ljust(len(_sealed(largest))) + b"\n"


def parsed(content: bytes) -> Manifest:
    """Read it; `NewerError` for a later format, `ValueError` for what no parcel says."""
    whole = json.loads(content)
    if not isinstance(whole, dict) or not isinstance(whole.get("format"), int):
        raise ValueError("it names no format")
    if whole["format"] > FORMAT:
        raise NewerError(whole["format"])
    try:
        manifest = _manifest(whole)
        again = rendered(manifest)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it lacks {error}") from error
    if again != content:
        raise ValueError("its seal does not fit")
    _refuse_nonsense(manifest)
    return manifest


def _sealed(manifest: Manifest) -> bytes:
    facts = {"format": FORMAT, **asdict(manifest)}
    return _json({**facts, "seal": sha256(_json(facts)).hexdigest()})


def _json(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False).encode()


def _manifest(whole: dict[str, Any]) -> Manifest:
    facts = {key: value for key, value in whole.items() if key not in ("format", "seal")}
    facts["identity"] = Identity(**facts["identity"])
    facts["roots"] = tuple(facts["roots"])
    facts["parts"] = tuple(Part(**part) for part in facts["parts"])
    return Manifest(**facts)


def _refuse_nonsense(manifest: Manifest) -> None:
    """Raise for names, numbers or sizes that no parcel of ours has."""
    for part, name in zip(manifest.parts, NAMES, strict=False):
        if part.name != name:
            raise ValueError(f"it names a part {part.name!r} where {name} should be")
    counts = (manifest.recordings, manifest.failed, manifest.sounds, *_sizes(manifest.parts))
    extent = (manifest.moments, manifest.tokens, manifest.identity.width)
    if len(manifest.parts) != len(NAMES) or not all(map(_is_count, (*counts, *extent))):
        raise ValueError("its numbers cannot be")
    named = (manifest.identity.model, manifest.identity.source, manifest.identity.digest)
    if not all(isinstance(text, str) for text in (*named, *manifest.roots)):
        raise ValueError("its names are none")
    width, sizes = manifest.identity.width, _sizes(manifest.parts)[2:]
    rows = [manifest.filled.of(column) * column.bytes_a_row(width) for column in COLUMNS]
    if list(sizes) != rows:
        raise ValueError("its parts are not as long as its vectors")


def _sizes(parts: Sequence[Part]) -> list[int]:
    return [part.size for part in parts]


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < LONGEST
