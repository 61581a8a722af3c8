"""A filter as a condition of SQL."""

from __future__ import annotations

from typing import Any

from earmark.library.store.contract import Filter
from earmark.library.store.names import to_text

# The folders of a recording, as /home/me/sounds/rain/ in small letters.
FOLDERS = "lower('/' || replace(roots.path, '\\', '/') || '/' || recordings.path)"


def condition(wanted: Filter) -> tuple[str, list[Any]]:
    """Give the text that stands after WHERE, and its values."""
    parts: list[tuple[str, list[Any]]] = [("1", [])]
    if wanted.folders:
        parts.append(_any([_in_folder(folder) for folder in wanted.folders]))
    parts += [_tagged(word) for word in wanted.tags]
    if wanted.ucs:
        parts.append(_any([("ucs LIKE ? ESCAPE '\\'", [_like(u) + "%"]) for u in wanted.ucs]))
    for limit, text in (
        (wanted.longer, "seconds >= ?"),
        (wanted.shorter, "seconds <= ?"),
        (None if wanted.newer is None else int(wanted.newer * 1e9), "mtime >= ?"),
    ):
        if limit is not None:
            parts.append((text, [limit]))
    return " AND ".join(f"({text})" for text, _ in parts), [v for _, some in parts for v in some]


def quoted(words: str) -> str:
    """Write words as one phrase of a full-text query, whatever signs are in them."""
    return '"' + words.replace('"', '""').replace("\0", " ") + '"'


def _any(parts: list[tuple[str, list[Any]]]) -> tuple[str, list[Any]]:
    return " OR ".join(f"({text})" for text, _ in parts), [v for _, some in parts for v in some]


def _in_folder(folder: str) -> tuple[str, list[Any]]:
    """A part of the path made of whole folders, wherever it stands."""
    inner = to_text(folder).replace("\\", "/").strip("/").lower()
    return f"{FOLDERS} LIKE ? ESCAPE '\\'", [f"%/{_like(inner)}/%"]


def _tagged(word: str) -> tuple[str, list[Any]]:
    match = f"tags : {quoted(word)}"
    return "recordings.id IN (SELECT rowid FROM words WHERE words MATCH ?)", [match]


def _like(text: str) -> str:
    for sign in "\\%_":
        text = text.replace(sign, "\\" + sign)
    return text
