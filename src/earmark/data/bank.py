"""From rows to a bank, so that scenes can be composed of any data set with labels or captions."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from earmark.data.rows import Row, words_of
from earmark.scenes.bank import Bank
from earmark.scenes.from_clips import Clip, bank_from_clips


def bank_from_rows(
    rows: Sequence[Row],
    *,
    textures: Collection[str] = (),
    phrases: Mapping[str, Sequence[str]] | None = None,
) -> Bank:
    """Make a bank of rows; a row without a label is one of a kind, named by its first caption.

    `textures` are the labels that are steady enough for a background. `phrases` are words for a
    label ("a dog barking"); a label without any is called by its own name.
    """
    places = [row.audio.parent for row in rows]
    root = Path(os.path.commonpath(places)) if places else Path()
    known = phrases or {}
    return bank_from_clips(
        Clip(
            path=row.audio,
            label=label,
            phrases=tuple(known.get(label, _own_words(row))),
            recording=row.recording,
            texture=label in textures,
            name=_name(row, root),
            start=row.start or 0.0,
            end=row.end,
        )
        for row in rows
        if (label := label_of(row))
    )


def label_of(row: Row) -> str:
    """What a row is called in a scene; nothing, if it has neither label nor caption."""
    return row.label or (_plain(row.captions[0]) if row.captions else "")


def _own_words(row: Row) -> tuple[str, ...]:
    if row.label:
        return (words_of(row.label),)
    return tuple(_plain(caption) for caption in row.captions)


def _plain(caption: str) -> str:
    """A sentence as it stands inside another one."""
    text = caption.strip().rstrip(".!").strip()
    return text[:1].lower() + text[1:]


def _name(row: Row, root: Path) -> str:
    """Name a row by its file below the data set, and its stretch if it is one."""
    stretch = (
        "" if row.start is None and row.end is None else f"@{row.start or 0:g}-{row.end or ''}"
    )
    return row.audio.relative_to(root).as_posix() + stretch
