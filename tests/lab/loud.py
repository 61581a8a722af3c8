"""A teacher that a person can check: how loud each quarter of the spectrum is, and clips for it."""

from __future__ import annotations

import numpy as np
import torch

from data.wavs import write_table, write_wav
from earmark.lab.experts import Heard
from earmark.lab.experts.efficientat import as_mel
from earmark.lab.sides import Stream

RATE = 32_000
RECIPE = """
name = "loud"
task = "hear"
seed = 2
[data]
train = ["manifest:{data}/m.csv#train"]
dev = ["manifest:{data}/m.csv#dev"]
[mix]
seconds = 1.28
[ears]
widths = [8, 12, 16]
depths = [1, 1, 1]
width = 24
looks = 1
[train]
device = "cpu"
"""


class Loud:
    """Its classes are quarters of the bands, its answers 1 where one is loud and 0 where not."""

    rate = RATE
    names = ("low", "middle", "high", "highest")

    def hear(self, waves):
        return self.from_mel(as_mel(waves))

    def from_mel(self, logmel):
        """Hear a log-mel: [B, 1, 128, frames]; a token stands for 32 frames."""
        assert logmel.dtype == torch.float32
        assert not torch.is_autocast_enabled("cpu"), "what is taught must be exact"
        quarters = logmel[:, 0].unflatten(1, (4, 32)).mean(dim=2)  # [B, 4, frames]
        steps = quarters.shape[2] // 32
        tokens = quarters[:, :, : steps * 32].unflatten(2, (steps, 32)).mean(dim=3).transpose(1, 2)
        tokens = tokens.repeat(1, 1, 96)  # [B, steps, 384]
        scores = (4 * quarters.mean(dim=2)).sigmoid()
        real = torch.ones(tokens.shape[:2], dtype=torch.bool)
        return Heard(scores, tokens.mean(dim=1), Stream(tokens, real))


def write_clips(folder, count=12):
    """Write noises, each in one place of the spectrum, for train and for dev."""
    write_told(folder, {"train": [["noise"]] * count, "dev": [["noise"]] * count})


def write_told(folder, told):
    """Write noises with their captions: a list of captions for each noise of each split.

    Noise n of both splits lies at the same place of the spectrum, but is another noise.
    """
    lines = []
    for turn, (split, noises) in enumerate(told.items()):
        for number, captions in enumerate(noises):
            path = folder / f"{split}{number}.wav"
            write_wav(path, band_of_noise(number / len(noises), 1_000 * turn + number), rate=RATE)
            lines += [(path.name, caption, split) for caption in captions]
    write_table(folder / "m.csv", "path,caption,split", *lines)


def band_of_noise(place, seed):
    """A second of noise about a frequency from 200 Hz to 10 kHz: -> [samples]."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal(RATE))
    octaves = np.log2(np.fft.rfftfreq(RATE, 1 / RATE).clip(1) / (200 * 50**place))
    wave = np.fft.irfft(spectrum * np.exp(-2 * octaves**2), RATE)
    return (0.5 * wave / np.abs(wave).max()).astype(np.float32)
