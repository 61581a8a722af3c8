"""Paths as text of a database, and the words of a path as they are searched."""

from __future__ import annotations

from pathlib import Path

from earmark.library.nouns import Place

# Bytes of a file name that are no text reach Python as lone surrogates, which no database takes;
# each gets a private character of its own instead.
_OUT = {0xDC80 + n: 0x10FE80 + n for n in range(128)}
_IN = {there: here for here, there in _OUT.items()}


def to_text(path: str) -> str:
    """Write a path so that a database takes it."""
    return path.translate(_OUT)


def from_text(text: str) -> str:
    """Undo `to_text`."""
    return text.translate(_IN)


def moved(path: Path, old: Path, new: Path) -> Path | None:
    """Where a path is once `old` has become `new`; None if it is not under `old`."""
    if path == old:
        return new
    return new / path.relative_to(old) if old in path.parents else None


def place_under(roots: list[Path], path: Path) -> Place | None:
    """Where a file lies: the longest of the roots that hold it."""
    holding = [root for root in roots if root in path.parents]
    if not holding:
        return None
    root = max(holding, key=lambda one: len(one.parts))
    return Place(root, path.relative_to(root).as_posix())
