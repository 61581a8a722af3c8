"""What stands between a sound and a microphone: noise, a filter, a room; a few mixtures at a time.

Filter and room of a mixture are one product in the frequency domain.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from earmark.lab.sounds.plan import MixPlan
from earmark.types import Samples

OCTAVES = tuple(62.5 * 2**n for n in range(8))  # Hz, where a filter's gains stand
WET = 0.5  # power of a room against that of the sound
DIRECT = 0.005  # seconds before the room answers


def shaped(waves: Tensor, plan: MixPlan, rate: int) -> Tensor:
    """Add noise where the plan has some, then filter and room: [B, S] -> [B, S]."""
    noisy = np.flatnonzero(plan.noise)
    if len(noisy):
        waves[noisy] += _noise(plan, noisy, waves.shape[1], rate, waves.device)
    altered = np.flatnonzero(plan.filters.any(axis=1) | (plan.room > 0))
    for row in altered:
        waves[row] = _altered(waves[row], plan, int(row), rate)
    return waves


def _noise(plan: MixPlan, rows: np.ndarray, size: int, rate: int, device: torch.device) -> Tensor:
    """Noise with a slope over frequency, exactly at its level: -> [rows, S]."""
    half = 1 << ((size - 1).bit_length() - 1)  # a second turn of the same noise is not noticed
    dice = torch.Generator(device).manual_seed(plan.seed % 2**63)
    spectrum = torch.fft.rfft(torch.randn(len(rows), half, device=device, generator=dice))
    hertz = torch.fft.rfftfreq(half, 1 / rate, device=device).clamp(min=30)
    slope = torch.from_numpy(plan.colour[rows]).to(device)[:, None]
    turn = torch.fft.irfft(spectrum * 10 ** (slope * torch.log2(hertz / 1000) / 20), half)
    noise = turn.repeat(1, -(-size // half))[:, :size]
    level = torch.from_numpy(plan.noise[rows]).to(device)[:, None]
    return noise * (level / noise.square().mean(dim=1, keepdim=True).sqrt())


def in_room(wave: Samples, decay: float, rate: int, seed: int) -> Samples:
    """Put a wave into a room, and let it ring to the end: [S] -> [S + ring]."""
    room = _room(decay, rate, torch.Generator().manual_seed(seed % 2**63), torch.device("cpu"))
    size = _quick_size(len(wave) + len(room))
    heard = torch.fft.rfft(torch.from_numpy(wave), size) * torch.fft.rfft(room, size)
    found: Samples = torch.fft.irfft(heard, size)[: len(wave) + len(room)].numpy()
    return found


def _altered(wave: Tensor, plan: MixPlan, row: int, rate: int) -> Tensor:
    """Filter a wave and put it into a room; what rings past the end is cut: [S] -> [S]."""
    size = _quick_size(len(wave) + round(0.5 * rate))
    spectrum = torch.fft.rfft(wave, size)
    hertz = torch.fft.rfftfreq(size, 1 / rate, device=wave.device)
    if plan.filters[row].any():
        spectrum = spectrum * curve(plan.filters[row], hertz)
    if plan.room[row]:
        dice = torch.Generator(wave.device).manual_seed((plan.seed + row + 1) % 2**63)
        room = _room(float(plan.room[row]), rate, dice, wave.device)
        spectrum = spectrum * torch.fft.rfft(room, size)
    return torch.fft.irfft(spectrum, size)[: len(wave)]


def curve(gains_db: np.ndarray, hertz: Tensor) -> Tensor:
    """Gain at each frequency, on straight lines between octaves: [..., 8] -> [..., bins]."""
    octave = torch.log2(hertz.clamp(min=OCTAVES[0]) / OCTAVES[0]).clamp(max=len(OCTAVES) - 1)
    left = octave.long().clamp(max=len(OCTAVES) - 2)
    gains = torch.from_numpy(gains_db).to(hertz.device)
    return torch.pow(10, torch.lerp(gains[..., left], gains[..., left + 1], octave - left) / 20)


def _room(decay: float, rate: int, dice: torch.Generator, device: torch.device) -> Tensor:
    """The sound itself, then noise that dies away by 60 dB in `decay` seconds: -> [samples]."""
    length = round(min(decay, 0.5) * rate)
    time = torch.arange(length, device=device) / rate
    tail = torch.randn(length, device=device, generator=dice) * 10 ** (-3 * time / decay)
    tail[: round(DIRECT * rate)] = 0
    tail *= (WET / tail.square().sum()).sqrt()
    tail[0] = 1
    return tail


def _quick_size(least: int) -> int:
    """The next length of small factors, at which an FFT is quick."""
    step = 1 << max(0, least.bit_length() - 4)
    return -(-least // step) * step
