"""From what a person writes to rows: `[layout:]path[#split[+split][,fact=value]]`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from earmark.data import (
    audiocaps,
    castella,
    clips,
    clotho,
    esc50,
    folder,
    manifest,
    scenes,
    shards,
    urbansound8k,
)
from earmark.data.layout import Coverage, Layout, refuse_missing
from earmark.data.rows import Row
from earmark.data.tables import meant, some
from earmark.data.wanted import Wanted
from earmark.errors import DataError, UsageError

# In the order in which they are tried on a path whose layout is not named; the vaguest comes late,
# and tars come last: where sound lies unpacked beside them, that is read.
LAYOUTS: dict[str, Layout] = {
    room.LAYOUT.name: room.LAYOUT
    for room in (
        manifest,
        clips,
        scenes,
        clotho,
        audiocaps,
        castella,
        esc50,
        urbansound8k,
        folder,
        shards,
    )
}


@dataclass(frozen=True, slots=True)
class Spec:
    """What a person asked for; no layout means to look, no splits means all."""

    layout: str
    path: Path
    splits: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


def open_data(spec: str) -> list[Row]:
    """Read the rows that a spec names."""
    wanted = parse(spec)
    layout = _layout(wanted)
    rows = layout.read(wanted.path)
    splits = _splits(wanted, layout, [row.split for row in rows])
    chosen = [row for row in rows if not splits or row.split in splits]
    for name, value in wanted.facts:
        chosen = [row for row in chosen if _fact(row, name) == value]
    if not chosen:
        asked = ", ".join(f"{name}={value}" for name, value in wanted.facts)
        raise DataError(
            f"{spec}: none of the rows has {asked or 'anything'}",
            hint=f"known there: {_facts_known(rows, [name for name, _ in wanted.facts])}",
        )
    refuse_missing(wanted.path, chosen, layout)
    return chosen


def open_wanted(spec: str) -> list[Wanted]:
    """Read what is asked of the recordings that a spec names, whether they are there or not."""
    asked = parse(spec)
    if asked.facts or _layout(asked) is not castella.LAYOUT:
        raise UsageError(
            f"{spec} names no captions with times in long recordings",
            hint="name a folder of the castella layout: castella:FOLDER#test",
        )
    every = castella.wanted(asked.path)
    splits = _splits(asked, castella.LAYOUT, [one.split for one in every])
    return [one for one in every if not splits or one.split in splits]


def coverage(spec: str) -> dict[str, Coverage]:
    """Count what is there of a data set whose clips may be missing; empty for all other layouts."""
    wanted = parse(spec)
    count = _layout(wanted).coverage
    return count(wanted.path) if count else {}


def parse(spec: str) -> Spec:
    """Take a spec apart; a single letter before the colon is a Windows drive, not a layout."""
    place, choice = _place_and_choice(spec)
    name, colon, path = place.partition(":")
    named = bool(colon) and len(name) > 1 and not set("/\\.") & set(name)
    if named and name not in LAYOUTS:
        raise UsageError(f"{spec}: no layout is called {name!r}", hint=meant(name, LAYOUTS))
    if not (path if named else place):
        raise UsageError(
            f"{spec!r} names no path", hint="write [layout:]path[#split], such as my.csv#train"
        )
    splits, *facts = choice.split(",")
    return Spec(
        layout=name if named else "",
        path=_at_home(path if named else place),
        splits=tuple(split.strip() for split in splits.split("+") if split.strip()),
        facts=tuple(_pair(spec, fact) for fact in facts),
    )


def _place_and_choice(spec: str) -> tuple[str, str]:
    """Part at the first # before which something is there: a folder may be called `Sound #3`."""
    parts = spec.split("#")
    ways = [("#".join(parts[:n]), "#".join(parts[n:])) for n in range(1, len(parts) + 1)]
    there = (way for way in ways if _is_there(way[0]) or _is_there(way[0].partition(":")[2]))
    return next(there, ways[0])


def _is_there(place: str) -> bool:
    try:
        return bool(place) and _at_home(place).exists()
    except OSError:  # longer than a disk allows
        return False


def _at_home(place: str) -> Path:
    """Understand ~/, which a shell leaves alone behind the name of a layout."""
    return Path(place).expanduser() if place[:2] in ("~/", "~\\") else Path(place)


def _pair(spec: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(
            f"{spec}: {text!r} is not a fact", hint="write fact=value, such as use=free"
        )
    return name.strip(), value.strip()


def _layout(spec: Spec) -> Layout:
    if spec.layout:
        return LAYOUTS[spec.layout]
    if not _is_there(str(spec.path)):
        raise DataError(f"{spec.path} is not there", hint="check the path of the data set")
    fitting = [layout for layout in LAYOUTS.values() if layout.fits(spec.path)]
    if not fitting:
        held = sorted(p.name for p in spec.path.iterdir()) if spec.path.is_dir() else ["a file"]
        raise DataError(
            f"{spec.path} is no data set of a known layout (it holds: {some(held) or 'nothing'})",
            hint=f"looked for {'; '.join(layout.seeks for layout in LAYOUTS.values())}",
        )
    return fitting[0]


def _splits(spec: Spec, layout: Layout, there: Sequence[str]) -> list[str]:
    """Give the splits that are asked for by their own names; refuse those that are not there."""
    known = list(dict.fromkeys(split for split in there if split))
    splits = [layout.also.get(split, split) for split in spec.splits]
    for split in splits:
        if split not in known:
            raise UsageError(
                f"{spec.path} has no split {split!r}",
                hint=meant(split, known) if known else "its rows have no splits: leave the # out",
            )
    return splits


def _fact(row: Row, name: str) -> str:
    return row.label if name == "label" else row.facts.get(name, "")


def _facts_known(rows: Sequence[Row], names: Sequence[str]) -> str:
    values = sorted({f"{name}={_fact(row, name)}" for row in rows for name in names})
    return some(values, 8)
