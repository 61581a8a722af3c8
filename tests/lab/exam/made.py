"""A listener that can be checked by hand, clips for it, and a language of three words."""

import numpy as np
import torch

from data.wavs import write_table, write_wav
from earmark.data import Row
from earmark.lab.experts import Heard
from earmark.synth import make
from model import tiny

RATE = 8_000
WORDS = {
    "loud": [1.0, 0.0, 0.0],
    "quiet": [0.0, 1.0, 0.0],
    "a loud sound": [0.8, 0.6, 0.0],
    "a quiet sound": [0.6, 0.8, 0.0],
}

CLIPS = {  # caption: the kind of synthetic sound that stands for its clip
    "a dog barking": "dog_bark",
    "a cow mooing": "dog_bark",
    "a cat meowing": "whistle",
    "a car horn honking": "car_horn",
    "a person sneezing": "sneeze",
    "a gun shot": "gunshot",
    "church bells ringing": "church_bell",
    "a clock ticking": "clock_tick",
    "rain falling": "heavy_rain",
    "an engine idling": "engine_idling",
    "a lion roaring": "thunder",
    "a sheep bleating": "tone",
}


class Level:
    """Its first class is the mean of the wave, its second the rest to one."""

    def __init__(self, names=("loud", "quiet"), rate=RATE):
        self.rate, self.names, self.lengths = rate, names, []

    def hear(self, waves):
        self.lengths.append(waves.shape[1])
        level = waves.abs().mean(dim=1)
        return Heard(torch.stack([level, 1 - level], dim=1), waves, None)


def embed(texts):
    return np.array([WORDS[text] for text in texts], np.float32)


def clip(folder, name, level, caption, seconds=1.0, **facts):
    """A clip of one level all through, of the split check."""
    wave = np.full(round(seconds * RATE), level, np.float32)
    path = write_wav(folder / f"{name}.wav", wave, rate=RATE)
    return Row(
        path, (caption,), split="check", recording=name, label=caption.split()[1], facts=facts
    )


def write_data(folder, rows):
    """Name clips that lie in its folder `audio` in a table of the layout `clips`."""
    header = "path,role,use,label,caption,caption_kind,text_quality,source,fold,freesound_id"
    lines = [
        (row.audio.name, "check", "free", row.label, row.captions[0], "", "", "", fold, "")
        for row in rows
        for fold in [row.facts.get("fold", "")]
    ]
    write_table(folder / "clips.csv", header, *lines)


def write_pairs(folder):
    """Two clips a caption of `CLIPS`, as a data set of the layout `clips`, and a tiny bundle."""
    rows = []
    for caption, kind in CLIPS.items():
        for seed in range(2):
            path = folder / "audio" / f"{caption.replace(' ', '_')}{seed}.wav"
            write_wav(path, make(kind, seed, seconds=3.0, rate=tiny.RATE))
            rows.append(Row(path, (caption,), label=caption))
    write_data(folder, rows)
    tiny.write_tiny(folder / "tiny")
