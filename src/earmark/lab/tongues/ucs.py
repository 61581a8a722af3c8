"""The Universal Category System in many languages, and the fifth of it that only the exam sees.

A sub-category has a name and synonyms in each language; they are no translations of one another one
by one, so all of them stand for what all the English ones mean together. A fifth of the
sub-categories, chosen by a hash of their names in the standard, is kept out of training in every
language but English.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from earmark.errors import DataError
from earmark.lab.tongues import ENGLISH

FOLDER = Path("text/ucs")
FILES = {"ko": "kr", "uk": "ua"}  # where a list is not called by the code of its language
KEPT = 5  # one in so many
REST = "Misc"  # ends the name of what is in no other sub-category


@dataclass(frozen=True, slots=True)
class Entry:
    """A sub-category in one language."""

    key: str  # its name in the standard
    name: str  # of category and sub-category
    texts: tuple[str, ...]  # the sub-category, and all synonyms


def is_kept(key: str) -> bool:
    """Whether a sub-category is kept for the exam."""
    digest = blake2b(key.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % KEPT == 0


def entries(data: Path, tongue: str) -> Mapping[str, Entry]:
    """Read the list of a language: -> its sub-categories by their names in the standard."""
    path = data / FOLDER / f"{FILES.get(tongue, tongue)}.json"
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path} cannot be read: {error}", hint="it comes with the data (docs/data.md)"
        ) from error
    found = (_entry(row) for row in table if not str(row["CatID"]).endswith(REST))
    return {one.key: one for one in found}


def kept_texts(data: Path, tongue: str) -> frozenset[str]:
    """All texts of a language that only the exam may hold, in small letters."""
    if tongue == ENGLISH:
        return frozenset()
    return frozenset(
        text.casefold()
        for one in entries(data, tongue).values()
        if is_kept(one.key)
        for text in (one.name, *one.texts)
    )


def _entry(row: Mapping[str, Any]) -> Entry:
    category, name = (str(row[key]).strip().lower() for key in ("Category", "SubCategory"))
    texts = dict.fromkeys(_texts(name, row["Synonyms"]))
    return Entry(str(row["CatID"]), f"{category} {name}", tuple(texts))


def _texts(name: str, synonyms: list[str]) -> Iterator[str]:
    for text in (name, *synonyms):
        if plain := " ".join(str(text).lower().split()):
            yield plain
