"""Read one file from end to end, once, and tell how it went: facts, cuts, tags."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from earmark.audio.chunk import ARCHIVE, Cutter, Stretch
from earmark.audio.read import Facts, open_sound
from earmark.audio.sketch import Sketch
from earmark.audio.tags import Tags, read_tags
from earmark.types import Moment

RATE = 32_000  # Hz at which a file is read for a look: what a model's front end would ask for


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to say of one file."""

    path: Path
    facts: Facts
    tags: Tags
    heard: float  # seconds that came out, which a header may have promised otherwise
    took: float  # seconds to decode, resample and cut
    moments: tuple[Moment, ...]
    warnings: tuple[str, ...]

    @property
    def speed(self) -> float:
        """How many times faster than real time it was read."""
        return self.heard / max(self.took, 1e-9)

    @property
    def said(self) -> dict[str, Any]:
        """What the tags say, empty ones left out."""
        fields = asdict(self.tags)
        del fields["warnings"]
        return {name: value for name, value in fields.items() if value not in ("", (), {}, None)}

    def as_dict(self) -> dict[str, Any]:
        """Give the same facts as plain JSON values."""
        return {
            "path": str(self.path),
            **asdict(self.facts),
            "heard": round(self.heard, 3),
            "speed": round(self.speed, 1),
            "warnings": list(self.warnings),
            "tags": self.said,
            "moments": [{"start": round(m.start, 3), "end": round(m.end, 3)} for m in self.moments],
        }


def look_at(path: Path, sketch: Sketch | None = None) -> Look:
    """Read and cut a file in bounded memory; a sketch, if given, is drawn on beside it."""
    began, drawing = perf_counter(), 0.0
    cutter, samples = Cutter(RATE, ARCHIVE), 0
    stretches: list[Stretch] = []
    with open_sound(path, rate=RATE) as sound:
        for block in sound:
            stretches += cutter.push(block)
            samples += len(block)
            if sketch is not None:
                pencil = perf_counter()
                sketch.add(block)
                drawing += perf_counter() - pencil
        stretches += cutter.finish()
    took = perf_counter() - began - drawing
    tags = read_tags(path)
    return Look(
        path=path,
        facts=sound.facts,
        tags=tags,
        heard=samples / RATE,
        took=took,
        moments=tuple(stretch.moment(RATE) for stretch in stretches),
        warnings=(*sound.warnings, *tags.warnings),
    )
