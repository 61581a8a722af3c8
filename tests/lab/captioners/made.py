"""Sounds that a person can check, what is written of them, and what a captioner may learn from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from earmark.lab.captioners import Lesson
from earmark.lab.features.kept import Sounds
from earmark.lab.features.towers import Tokens
from earmark.lab.objectives import Places
from earmark.lab.pairs import Opener
from earmark.lab.recipe import parse_recipe
from lab.loud import write_told

RATE = 32_000
SAID = ("a low hum", "a dog barking", "rain on a roof", "a high whistle", "a door", "thunder")
SECRET = "zebra"  # in every caption of dev, and in none of train
RECIPE = """
name = "tiny"
task = "retrieve"
seed = 3
[data]
train = ["manifest:{data}/m.csv#train"]
dev = ["manifest:{data}/m.csv#dev"]
test = ["manifest:{data}/m.csv#dev"]
[features]
tokens = 8
[captions]
captioner = "WRITER"
count = 2
[matcher]
name = "pooled"
width = 16
[train]
device = "cpu"
batch = 4
average = 0.9
warmup = 5
rate = 1e-2
"""


class Bands:
    """Hears how loud eight parts of the spectrum are, half a second a token."""

    rate = RATE

    def __init__(self, name, *_):
        self.name, self.key = name, f"bands of {name}"

    def hear(self, wave):
        parts = np.array_split(wave, max(1, len(wave) // 16_000))
        x = [[band.mean() for band in np.array_split(np.abs(np.fft.rfft(p)), 8)] for p in parts]
        middle = 0.5 * np.arange(len(parts)) + 0.25
        return Tokens(np.array(x, np.float32), np.ones(len(x), np.float32), middle)


def write_sounds(folder):
    """Six noises each for train and dev, a place in the spectrum a caption, all told twice."""
    train = [[caption, f"{caption} again"] for caption in SAID]
    dev = [[f"{caption} {SECRET} one", f"{caption} {SECRET}"] for caption in SAID]
    write_told(folder, {"train": train, "dev": dev})
    return Places(folder, folder / "cache")


def recipe_of(writer, more="", head=RECIPE):
    return parse_recipe(head.replace("WRITER", writer) + more, "tiny.toml")


def opened(places, split):
    return Opener(places).open(f"manifest:{{data}}/m.csv#{split}")


def lesson_of(places, writer="bank"):
    return Lesson(recipe_of(writer), opened(places, "train"), places)


def replaced(pairs, *, sounds, texts):
    """The same pairs with these sounds and texts alone, both the first ones."""
    task = replace(
        pairs.task,
        sounds=sounds,
        texts=texts,
        match=pairs.task.match[: len(texts), : len(sounds)],
        homes=pairs.task.homes[: len(texts)],
        recordings=pairs.task.recordings[: len(sounds)],
    )
    few = Sounds(waves=pairs.sounds.waves[: len(sounds)], key=f"first {len(sounds)}")
    return replace(pairs, task=task, sounds=few)
