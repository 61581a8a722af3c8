"""A front end that is a quarter of the expert's in every measure, and mixers that hear by it."""

import dataclasses

import numpy as np
import torch

from earmark.audio.mel import MelRule
from earmark.lab.sounds.mixers import Wish, mixer_of
from earmark.lab.sounds.plan import MixRule
from lab.sounds.made import RATE

CPU = torch.device("cpu")
EAR = MelRule(
    rate=RATE, fft=256, window=200, hop=80, bands=32, low=0, high=3_800,
    periodic=False, slopes="mel", emphasis=0.97, shift=4.5, divide=5,
)  # fmt: skip
LATE = 96  # samples from the middle of the first frame of a spectrum to the start of its sound
PLAIN = MixRule(seconds=2.0, sources=(1.0,), altered_speed=0, loop=0, noise=0, filtered=0, room=0)


def mixer(sounds, folder, *, made_of="bands", mel=EAR, weights=None, seed=0, **rule):
    """A mixer of these sounds; what is not asked for is not in its mixtures."""
    if weights is None:
        weights = np.ones(len(sounds.entries))
    mix = dataclasses.replace(PLAIN, made_of=made_of, **rule)
    return mixer_of(
        Wish(
            spool=sounds,
            mel=mel,
            mix=mix,
            weights=np.array(weights, np.float64),
            cache=folder,
            seed=seed,
            device=CPU,
            watch=lambda share: None,
        )
    )
