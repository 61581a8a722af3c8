"""Every sound of a set as its expert sees it, worked out once: power in bands, frame by frame.

Mixing samples and taking the spectrum of every mixture cost more than training on it. Powers of
sounds that know nothing of each other add up, so a mixture can be made of spectra instead. What
cannot be done to a spectrum (speed, a room) is done to the samples here: each sound is kept in
several readings, the first as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earmark.audio.mel import MelRule, log_mel
from earmark.errors import DataError
from earmark.lab.sounds.plan import MixRule
from earmark.lab.sounds.shape import in_room
from earmark.lab.sounds.spool import FULL, Entry, Spool, Watch, part_of
from earmark.types import Samples

FLOOR = 1e-10  # of a power, far below that of the expert
READINGS = 4  # of a sound
ROOM_SECONDS = (0.1, 1.2)
NOISE_SECONDS = 60.0
Frames16 = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Bands:
    """All readings of all sounds in one mapped array; a frame takes the place of a sample."""

    frames: Frames16  # [all frames, bands] logarithm of the power
    entries: tuple[Entry, ...]  # every reading of the first sound, of the second ...
    rate: float  # frames a second
    rule: MelRule  # of the expert
    key: str


def bands_of(  # noqa: PLR0913 - the last ones by keyword
    spool: Spool,
    mel: MelRule,
    mix: MixRule,
    cache: Path,
    *,
    seed: int = 0,
    watch: Watch = lambda share: None,  # noqa: ARG005 - told to nobody
) -> Bands:
    """Open the bands of a spool, making them first if they are not there."""
    key = _key(spool, mel, mix, seed)
    data, table = cache / f"{key}.bands", cache / f"{key}.json"
    try:
        lengths = _known(data, table, mel.bands)
        if lengths is None:
            lengths = _write(_readings(spool, mel, mix, seed), spool, data, table, watch)
    except OSError as error:
        raise DataError(
            f"spectra cannot be kept in {cache}: {error.strerror or error}",
            hint="name another folder with --cache",
        ) from error
    frames = np.memmap(data, dtype=np.float16, mode="r").reshape(-1, mel.bands)
    return Bands(frames, _entries(spool, lengths), mel.rate / mel.hop, mel, key)


def spectrum(wave: Samples, mel: MelRule) -> Frames16:
    """Power of a sound in silence, as a logarithm: [samples] -> [frames, bands]."""
    quiet = np.zeros(mel.fft, np.float32)  # so that no edge is mirrored
    plain = replace(mel, floor=FLOOR, shift=0.0, divide=1.0)
    found = log_mel(np.concatenate([quiet, wave, quiet]), plain)
    beside = mel.fft // mel.hop - 1  # a frame that hears nothing of it is left out
    return found[beside : len(found) - beside].astype(np.float16)


def white_noise(mel: MelRule) -> npt.NDArray[np.float32]:
    """Power of a minute of steady noise of level 1, the same every time: -> [frames, bands]."""
    rng = np.random.default_rng(0)
    wave = rng.standard_normal(round(NOISE_SECONDS * mel.rate), dtype=np.float32)
    heard = np.exp(spectrum(wave, mel).astype(np.float32))
    edge = mel.fft // mel.hop + 1
    return heard[edge:-edge]


def _readings(spool: Spool, mel: MelRule, mix: MixRule, seed: int) -> Iterator[list[Frames16]]:
    """Work out the readings of each sound, in parallel but in order."""

    def read(number: int) -> list[Frames16]:
        entry = spool.entries[number]
        samples = spool.samples[entry.first : entry.first + entry.length]
        wave: Samples = samples.astype(np.float32) / np.float32(FULL)
        rng = np.random.default_rng((seed, number))
        waves = [wave, *(_altered(wave, mel.rate, mix, rng) for _ in range(READINGS - 1))]
        return [spectrum(each, mel) for each in waves]

    with ThreadPoolExecutor(2) as pool:
        step = 64  # few at a time, so that memory stays small
        for at in range(0, len(spool.entries), step):
            yield from pool.map(read, range(at, min(at + step, len(spool.entries))))


def _altered(wave: Samples, rate: int, mix: MixRule, rng: np.random.Generator) -> Samples:
    """Change the speed of a sound, and put it into a room, each by its chance."""
    if rng.random() < mix.altered_speed:
        speed = float(np.exp(rng.uniform(*np.log(mix.speed))))
        place = np.arange(int((len(wave) - 1) / speed) + 1) * speed
        wave = np.interp(place, np.arange(len(wave)), wave).astype(np.float32)
    if rng.random() < mix.room:
        wave = in_room(wave, rng.uniform(*ROOM_SECONDS), rate, int(rng.integers(2**62)))
    return wave


def _key(spool: Spool, mel: MelRule, mix: MixRule, seed: int) -> str:
    altered = (mix.speed, mix.altered_speed, mix.room, READINGS, seed)
    text = repr((spool.key, astuple(mel), altered))
    return blake2b(text.encode(), digest_size=12).hexdigest()


def _known(data: Path, table: Path, bands: int) -> list[int] | None:
    """Read how long each reading is, if the file is whole."""
    try:
        lengths: list[int] = json.loads(table.read_text(encoding="utf-8"))
        size = data.stat().st_size
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return lengths if size == 2 * bands * sum(lengths) else None


def _write(
    readings: Iterator[list[Frames16]], spool: Spool, data: Path, table: Path, watch: Watch
) -> list[int]:
    """Write one sound after the other; the table comes last, as it stands for a whole file."""
    lengths = list[int]()
    with part_of(data) as part, part.open("wb") as file:
        for number, sounds in enumerate(readings):
            for frames in sounds:
                file.write(frames.tobytes())
                lengths.append(len(frames))
            watch((number + 1) / len(spool.entries))
    with part_of(table) as part:
        part.write_text(json.dumps(lengths), encoding="utf-8")
    return lengths


def _entries(spool: Spool, lengths: list[int]) -> tuple[Entry, ...]:
    firsts = np.cumsum([0, *lengths[:-1]]).tolist()
    sounds = [entry for entry in spool.entries for _ in range(READINGS)]
    rows = zip(sounds, firsts, lengths, strict=True)
    return tuple(replace(sound, first=first, length=length) for sound, first, length in rows)
