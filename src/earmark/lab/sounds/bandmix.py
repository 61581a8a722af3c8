"""The spectrum of a plan, on any device: what `render.py` and a log-mel give, many times quicker.

Powers are added where waves would be, which leaves out only how waves of two sounds meet by chance.
A filter and steady noise are a gain in every band. As there, `loop` is quick on a CPU and `gather`
on a GPU, and a test holds both to one result.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from earmark.audio.mel import MelRule, hz_of_bands
from earmark.lab.sounds.bands import FLOOR, Bands, white_noise
from earmark.lab.sounds.plan import MixPlan, MixRule, Planner
from earmark.lab.sounds.shape import curve

QUIET_HZ = 30.0  # below it a slope of noise goes no further


class BandMixer:
    """Draws plans over readings and gives the log-mel of the expert for them."""

    def __init__(
        self, bands: Bands, mix: MixRule, weights: np.ndarray, device: torch.device
    ) -> None:
        self.rule = bands.rule
        self.size = bands.rule.frames(round(mix.seconds * bands.rule.rate))
        # A reading has its speed and its room already.
        drawn = replace(mix, altered_speed=0.0, room=0.0)
        self._each = len(bands.entries) // len(weights)
        self._planner = Planner(bands, drawn, np.repeat(weights, self._each))
        self._frames = bands.frames
        self._on_device: Tensor | None = None
        if device.type != "cpu":
            self._on_device = torch.from_numpy(np.array(bands.frames)).to(device)
        self._shape = _Shape(bands.rule).to(device)

    def draw(self, size: int, seed: tuple[int, ...]) -> MixPlan:
        """Draw so many mixtures from a seed; what is in them are sounds, not their readings."""
        plan = self._planner.draw(size, seed)
        sounds = tuple(
            tuple(dict.fromkeys(one // self._each for one in each)) for each in plan.sources
        )
        return replace(plan, sources=sounds)

    def render(self, plan: MixPlan) -> Tensor:
        """Mix, then noise and filter: -> [mixtures, frames, bands], by the rule of the expert."""
        if self._on_device is None:
            power = loop(plan, self._frames, self.size)
        else:
            power = gather(plan, self._on_device, self.size)
        power = self._shape(power, plan)
        return ((power + self.rule.floor).log_() + self.rule.shift) / self.rule.divide


def loop(plan: MixPlan, frames: np.ndarray, size: int) -> Tensor:
    """Add a piece at a time: -> [mixtures, size, bands] of power."""
    out = torch.zeros(plan.size, size, frames.shape[1])
    heard = dict[tuple[int, int], Tensor]()
    columns = (plan.mixture, plan.first, plan.length, plan.at, plan.gain)
    for mixture, first, length, at, gain in zip(*(c.tolist() for c in columns), strict=True):
        count = min(length, size - at)
        if (mixture, first) not in heard:
            heard = {(mixture, first): _power(frames[first : first + min(length, size)])}
        out[mixture, at : at + count].add_(heard[mixture, first][:count], alpha=gain**2)
    return out


def _power(frames: np.ndarray) -> Tensor:
    return torch.from_numpy(frames.astype(np.float32)).exp_().sub_(FLOOR).clamp_(min=0)


def gather(plan: MixPlan, frames: Tensor, size: int) -> Tensor:
    """Add all pieces of a batch at once: -> [mixtures, size, bands] of power."""
    device = frames.device
    names = ("mixture", "first", "length", "at", "gain")
    column = {name: torch.from_numpy(getattr(plan, name)).to(device)[:, None] for name in names}
    place = torch.arange(size, device=device) - column["at"]  # [pieces, frames]
    sounds = (place >= 0) & (place < column["length"])
    rows = column["first"] + place.clamp(min=0).minimum(column["length"] - 1)
    power = frames[rows].float().exp_().sub_(FLOOR).clamp_(min=0)
    power *= (sounds * column["gain"].square())[..., None]
    out = torch.zeros(plan.size, size, frames.shape[1], device=device)
    return out.index_add_(0, column["mixture"][:, 0], power)


class _Shape(torch.nn.Module):
    """Noise and filters as gains in bands."""

    def __init__(self, rule: MelRule) -> None:
        super().__init__()
        hertz = torch.from_numpy(hz_of_bands(rule)).float()
        # Every hertz, as a steep slope has half of its power below the first bin of the FFT.
        every = torch.fft.rfftfreq(rule.rate, 1 / rule.rate).clamp(min=QUIET_HZ)
        self.register_buffer("noise", torch.from_numpy(white_noise(rule)))
        self.register_buffer("hertz", hertz)
        self.register_buffer("octave", torch.log2(hertz.clamp(min=QUIET_HZ) / 1000))
        self.register_buffer("every", torch.log2(every / 1000))

    def forward(self, power: Tensor, plan: MixPlan) -> Tensor:
        """Shape the power of each mixture: [B, frames, bands] -> the same."""
        noisy = np.flatnonzero(plan.noise)
        if len(noisy):
            power[noisy] += self._noise(plan, noisy, power.shape[1])
        filtered = np.flatnonzero(plan.filters.any(axis=1))
        if len(filtered):
            gains = curve(plan.filters[filtered], self.hertz)
            power[filtered] *= gains.square()[:, None]
        return power

    def _noise(self, plan: MixPlan, rows: np.ndarray, size: int) -> Tensor:
        """Steady noise with a slope, at its level: -> [rows, frames, bands]."""
        device = self.noise.device
        slope = torch.from_numpy(plan.colour[rows]).to(device)[:, None] / 10
        level = torch.from_numpy(plan.noise[rows]).to(device)[:, None].square()
        gain = 10 ** (slope * self.octave)
        gain *= level / (10 ** (slope * self.every)).mean(dim=1, keepdim=True)
        starts = np.random.default_rng(plan.seed % 2**63).random(plan.size)[rows]
        first = torch.from_numpy((starts * len(self.noise)).astype(np.int64)).to(device)
        places = (first[:, None] + torch.arange(size, device=device)) % len(self.noise)
        noise: Tensor = self.noise[places] * gain[:, None]
        return noise
