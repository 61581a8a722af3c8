"""What `earmark listen` takes and how late it speaks, over minutes or hours of sound.

The command itself runs as it would beside a microphone of 48 kHz, with three queries and every hit
kept, but is fed as fast as it takes the sound: minutes of steady sounds made by code, with dogs and
sirens in them, and of roosters nothing. Share of a core is CPU time after the first minute for each
second of sound. How late a line comes is told by the line itself: it names how much had been heard.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from earmark.audio.mix import mix
from earmark.bench.figure import Figure
from earmark.bench.steady import PROC, can_tell, held
from earmark.model.find import DEFAULT
from earmark.scenes.compose import faded
from earmark.scenes.cuts import cut, frame_levels
from earmark.search.live.listening import STEP
from earmark.synth import make
from earmark.types import Samples

RATE = 48_000
MINUTE = 60.0  # seconds
BEDS = ("wind", "light_rain", "stream", "mains_hum", "vacuum_cleaner")
KINDS = {"a dog barking": "dog_bark", "a police siren": "police_siren"}
ABSENT = "a rooster crowing"
PLACES = (8.0, 22.0, 36.0, 50.0)  # seconds into a minute
LONGEST, SNR_DB = 6.0, 10.0
MOST_SHARE, MOST_MB, MOST_MS = 100 / 3, 250.0, 2000.0


@dataclass(frozen=True, slots=True)
class Heard:
    """An event of a minute: what it is asked for as, and when it is."""

    query: str
    start: float
    end: float

    def is_in(self, told: dict[str, Any]) -> bool:
        """Whether a line tells of it."""
        overlap = min(self.end, told["end"]) - max(self.start, told["start"])
        return bool(told["query"] == self.query and overlap > 0)


@dataclass(frozen=True, slots=True)
class Soak:
    """What came of it."""

    share: float  # of a core
    begin: float  # MB
    end: float
    told: list[dict[str, Any]]


def figures(
    model: str = DEFAULT, minutes: int = 10, *, tell: Callable[[str], None]
) -> Iterator[Figure]:
    """Listen to so many minutes, two or more."""
    if not can_tell():
        tell("listen: what memory a process holds is told by Linux alone, and is not measured here")
        return
    every = [minute(number) for number in range(len(BEDS))]
    soak = _soak(model, [wave for wave, _ in every], minutes)
    events = [
        Heard(one.query, one.start + MINUTE * n, one.end + MINUTE * n)
        for n, (_, some) in enumerate(islice(cycle(every), minutes))
        for one in some
    ]
    yield from _costs(soak, minutes)
    yield from _lines(soak, events)


def minute(number: int) -> tuple[Samples, list[Heard]]:
    """Make one minute and tell what is in it, the same each time."""
    bed = make(BEDS[number], number, seconds=MINUTE, rate=RATE)
    whole, events = np.zeros_like(bed), []
    for n, at in enumerate(PLACES):
        query = list(KINDS)[(n + number) % len(KINDS)]
        sound = make(KINDS[query], 10 * number + n, rate=RATE)
        found = cut(frame_levels(sound, RATE), LONGEST)
        assert found is not None  # noqa: S101 - neither of the two is ever silent
        event = faded(sound[round(found.start * RATE) : round(found.end * RATE)], RATE)
        first = round(at * RATE)
        whole[first : first + len(event)] = event
        events.append(Heard(query, at, at + len(event) / RATE))
    wave = mix(whole, bed, SNR_DB, rate=RATE)
    return wave * np.float32(0.5 / np.abs(wave).max()), events


def _soak(model: str, waves: list[Samples], minutes: int) -> Soak:
    """Feed the command; what it keeps is thrown away each minute."""
    with TemporaryDirectory() as place:
        lines, hits = Path(place) / "lines.jsonl", Path(place) / "hits"
        with lines.open("wb") as out, _started(model, hits, out) as child:
            assert child.stdin  # noqa: S101 - it was asked for
            first = (0.0, 0.0)
            for number, wave in enumerate(islice(cycle(waves), minutes)):
                child.stdin.write((wave * 32767).astype("<i2").tobytes())
                first = first if number else (_cpu(child.pid), held(child.pid).all)
                for kept in hits.glob("[!.]*"):
                    kept.unlink()
            cpu, end = _cpu(child.pid) - first[0], held(child.pid).all
        told = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    return Soak(cpu / (MINUTE * (minutes - 1)), first[1], end, told)


def _started(model: str, hits: Path, out: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401
    """Start the command; leaving the `with` of it closes its pipe and waits for its end."""
    first, *others = [*KINDS, ABSENT]
    words = [first, *(word for other in others for word in ("--also", other))]
    source = ["--raw", "s16le", "--rate", str(RATE), "--model", model]
    command = [sys.executable, "-m", "earmark", "listen", *words, *source, "--json", "--keep"]
    return subprocess.Popen(  # noqa: S603 - this very program
        [*command, str(hits)], stdin=subprocess.PIPE, stdout=out, stderr=subprocess.DEVNULL
    )


def _cpu(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = (PROC / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _costs(soak: Soak, minutes: int) -> Iterator[Figure]:
    share = 100 * soak.share
    yield Figure(
        part="listen", what=f"one core at real time, {minutes} minutes", value=share, unit="%",
        budget=f"under {MOST_SHARE:.0f}%", met=share < MOST_SHARE,
    )  # fmt: skip
    yield Figure(
        part="listen", what=f"memory after {minutes} minutes", value=soak.end, unit="MB",
        ratio=soak.end / soak.begin, peer="after the first", budget=f"under {MOST_MB:g} MB",
        met=soak.end < MOST_MB,
    )  # fmt: skip


def _lines(soak: Soak, events: list[Heard]) -> Iterator[Figure]:
    right = [told for told in soak.told if any(one.is_in(told) for one in events)]
    if right:
        work = soak.share * STEP  # seconds of hearing before the line comes
        late = [1000 * (told["told"] - told["end"] + work) for told in soak.told]
        median, most = np.quantile(late, [0.5, 0.99])
        yield Figure(part="listen", what="end to line, median", value=float(median), unit="ms")
        yield Figure(
            part="listen", what="end to line, 99 of 100", value=float(most), unit="ms",
            budget=f"at most {MOST_MS:g} ms", met=bool(most <= MOST_MS),
        )  # fmt: skip
    found = sum(any(one.is_in(told) for told in soak.told) for one in events)
    yield Figure(part="listen", what=f"events told, of {len(events)}", value=found, unit="events")
    yield Figure(
        part="listen", what="told where nothing is", value=len(soak.told) - len(right), unit="lines"
    )
