"""A library of as many moments as wanted, of sounds that a search finds, and files that are played.

Some kinds of sound are heard, ten seconds each. A recording is a row of them, in an order and of
lengths that are drawn; its tokens lie a little off those that were heard, so that no two are the
same. Every file is a link to one sound: what its waveform costs does not depend on what is in it.
"""

from __future__ import annotations

import os
from contextlib import closing
from itertools import permutations
from pathlib import Path

import numpy as np

from earmark.audio.write import write
from earmark.bench.search import new_store
from earmark.library.nouns import Found, Place, Said
from earmark.library.packed import Part, pack_parts, quantise
from earmark.model.model import Model
from earmark.model.pool import TimeLine
from earmark.synth import make

SOUNDS = {  # kind -> what a person types to find it
    "dog_bark": "a dog barking",
    "heavy_rain": "heavy rain",
    "thunder": "distant thunder",
    "wind": "wind howling",
    "waves": "waves on a beach",
    "police_siren": "a police siren",
    "church_bell": "church bells ringing",
    "piano": "someone plays the piano",
    "clock_tick": "a clock ticking",
    "vacuum_cleaner": "a vacuum cleaner running",
    "glass_breaking": "glass breaking",
    "door_knock": "knocking on a wooden door",
    "footsteps": "footsteps on gravel",
    "birds": "birds singing at dawn",
    "frogs": "frogs croaking at a pond",
    "train_passing": "a train passing by",
    "motorcycle": "a motorcycle driving off",
    "chainsaw": "a chainsaw cutting wood",
    "baby_cry": "a baby crying",
    "applause": "an audience clapping",
}
BESIDE = (
    "", " in the rain", " far away", " in a large hall", " under a bridge", " at night",
    " in a quiet street", " next to a busy road", " again and again", " on an old tape",
)  # fmt: skip
SENTENCES = tuple(sound + beside for beside in BESIDE for sound in SOUNDS.values())
ORDERS = tuple(f"{one}, then {other}" for one, other in permutations(SOUNDS.values(), 2))
HEARD = 10.0  # seconds of each kind
PARTS = (5, 45)  # of a recording: fewest, and one more than most
FEWEST = 10  # tokens of a part
OFF = 0.1  # of the length of a token, how far it is moved
RATE = 16_000  # Hz, of the files


def stock(folder: Path, moments: int, model: Model) -> Path:
    """Make a library of so many moments, or a few more, and its files: -> where it lies."""
    heard = [(kind, _heard(model, kind)) for kind in SOUNDS]
    sound, times = _sound(folder.resolve()), model.page.seconds
    rng, number = np.random.default_rng(0), 0
    with closing(new_store(folder / "library")) as store, store.writing("earmark bench"):
        while moments > 0:
            kind, parts = _drawn(heard, rng)
            seconds = float(parts[-1].times[-1, 1])
            packed = pack_parts(parts, seconds, times.window, times.hop)
            file = _linked(sound, f"{kind}/{number:06d}.wav")
            store.add(file, f"{number:032x}", packed, seconds, Said())
            number, moments = number + 1, moments - len(packed.gists)
    return folder / "library"


def _heard(model: Model, kind: str) -> TimeLine:
    return model.hear_wave(make(kind, 1, seconds=HEARD, rate=model.rate), rate=model.rate)


def _sound(folder: Path) -> Path:
    """Write a file that lasts as long as the longest recording can."""
    wave = make("wind", 1, seconds=HEARD, rate=RATE)
    write(folder / "sound.wav", np.tile(wave, PARTS[1]), RATE)
    return folder / "sound.wav"


def _drawn(heard: list[tuple[str, TimeLine]], rng: np.random.Generator) -> tuple[str, list[Part]]:
    """Draw a recording: -> the kind that it begins with, its parts."""
    chosen = [heard[n] for n in rng.integers(len(heard), size=rng.integers(*PARTS))]
    parts, at = list[Part](), 0.0
    for _, line in chosen:
        parts.append(_part(line, at, rng))
        at = float(parts[-1].times[-1, 1])
    return chosen[0][0], parts


def _part(line: TimeLine, at: float, rng: np.random.Generator) -> Part:
    """The first tokens of what was heard, as they might be heard another time, from `at` on."""
    count = int(rng.integers(FEWEST, len(line.tokens) + 1))
    tokens = line.tokens[:count]
    lengths = np.linalg.norm(tokens, axis=1, keepdims=True) / np.sqrt(tokens.shape[1])
    noise = rng.standard_normal(tokens.shape, dtype=np.float32)
    small, scales = quantise(tokens + OFF * lengths * noise)
    return Part(small, scales, line.weights[:count], line.times[:count] + at)


def _linked(sound: Path, name: str) -> Found:
    """Let a file lie where the library says that one does."""
    root = sound.parent / "sounds"
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    os.link(sound, path)
    found = path.stat()
    return Found(Place(root, name), found.st_size, found.st_mtime_ns)
