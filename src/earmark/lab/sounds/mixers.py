"""Ways to make the log-mel of mixtures; a recipe names one with `made_of` in [mix].

    waves   samples are mixed, shaped and heard anew each time
    bands   spectra worked out once are mixed: many times quicker, but speed and room come from a
            few readings of each sound

To add one: write the class, add a row to `MIXERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from earmark.audio.mel import MelRule
from earmark.lab.sounds.bandmix import BandMixer
from earmark.lab.sounds.bands import bands_of
from earmark.lab.sounds.plan import MixPlan, MixRule, Planner
from earmark.lab.sounds.render import Renderer
from earmark.lab.sounds.spool import Spool, Watch
from earmark.lab.strict import unknown
from earmark.lab.towers.mel import TorchMel

Weights = npt.NDArray[np.float64]


class Mixer(Protocol):
    """Draws mixtures and hears them."""

    def draw(self, size: int, seed: tuple[int, ...]) -> MixPlan:
        """Draw so many mixtures from a seed; runs in a thread."""

    def render(self, plan: MixPlan) -> Tensor:
        """Give their log-mel: -> [mixtures, frames, bands]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a mixer is made from."""

    spool: Spool
    mel: MelRule
    mix: MixRule
    weights: Weights  # of the sounds of the spool
    cache: Path
    seed: int
    device: torch.device
    watch: Watch


class WaveMixer:
    """Mixes samples, and takes the log-mel of what comes out."""

    def __init__(self, wish: Wish) -> None:
        self._planner = Planner(wish.spool, wish.mix, wish.weights)
        self._renderer = Renderer(wish.spool, wish.mix.seconds, wish.device)
        self._mel = TorchMel([wish.mel]).to(wish.device)

    def draw(self, size: int, seed: tuple[int, ...]) -> MixPlan:
        """Draw so many mixtures from a seed."""
        return self._planner.draw(size, seed)

    def render(self, plan: MixPlan) -> Tensor:
        """Mix and hear: -> [mixtures, frames, bands]."""
        mel: Tensor = self._mel(self._renderer.render(plan))[0]
        return mel


def _bands(wish: Wish) -> BandMixer:
    bands = bands_of(wish.spool, wish.mel, wish.mix, wish.cache, seed=wish.seed, watch=wish.watch)
    return BandMixer(bands, wish.mix, wish.weights, wish.device)


MIXERS: dict[str, Callable[[Wish], Mixer]] = {"waves": WaveMixer, "bands": _bands}


def refuse_unknown(rule: MixRule) -> None:
    """Raise if no mixer is called what a recipe says."""
    if rule.made_of not in MIXERS:
        raise unknown(f"mixtures cannot be made of {rule.made_of!r}", rule.made_of, list(MIXERS))


def mixer_of(wish: Wish) -> Mixer:
    """Make the mixer that a recipe names."""
    refuse_unknown(wish.mix)
    return MIXERS[wish.mix.made_of](wish)
