"""The sound of a plan, on any device, in two ways that a test holds together.

`loop` takes a piece at a time and touches only samples that sound: quick on a CPU. `gather` does
all pieces of a batch in a few large operations: quick on a GPU. Speed is linear interpolation.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from earmark.lab.sounds.plan import MixPlan
from earmark.lab.sounds.shape import shaped
from earmark.lab.sounds.spool import FULL, Spool

PEAK = 0.99


class Renderer:
    """Makes plans heard; the samples stay where they are mapped, or go to the device."""

    def __init__(self, spool: Spool, seconds: float, device: torch.device) -> None:
        self.device = device
        self.rate = spool.rate
        self.size = round(seconds * spool.rate)
        self._spool = spool.samples
        self._on_device: Tensor | None = None
        if device.type != "cpu":
            self._on_device = torch.from_numpy(np.array(spool.samples)).to(device)

    def render(self, plan: MixPlan) -> Tensor:
        """Mix, then noise, filter and room; never louder than full scale: -> [mixtures, S]."""
        if self._on_device is None:
            waves = loop(plan, self._spool, self.size)
        else:
            waves = gather(plan, self._on_device, self.size)
        waves = shaped(waves, plan, self.rate)
        peak = waves.abs().amax(dim=1, keepdim=True)
        return waves * (PEAK / peak.clamp(min=PEAK))


def loop(plan: MixPlan, samples: np.ndarray, size: int) -> Tensor:
    """Mix a piece at a time: -> [mixtures, size]."""
    out = torch.zeros(plan.size, size)
    columns = (plan.mixture, plan.first, plan.length, plan.at, plan.speed, plan.gain)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for mixture, first, length, at, speed, gain in rows:
        count = _count(length, speed, size - at)
        reach = int((count - 1) * speed) + 2
        part = torch.from_numpy(samples[first : first + min(reach, length)].astype(np.float32))
        piece = part[:count] if speed == 1 else _stretched(part, count, speed)
        out[mixture, at : at + count].add_(piece, alpha=gain / FULL)
    return out


def _count(length: int, speed: float, room: int) -> int:
    """How many samples of the mixture a piece fills."""
    return max(0, min(room, int((length - 1) / speed) + 1))


def _stretched(part: Tensor, count: int, speed: float) -> Tensor:
    """Read at another speed, between samples on a straight line: [S] -> [count]."""
    place = torch.arange(count, dtype=torch.float64) * speed
    left = place.long().clamp(max=len(part) - 1)
    share = (place - left).float()
    return torch.lerp(part[left], part[(left + 1).clamp(max=len(part) - 1)], share)


def gather(plan: MixPlan, samples: Tensor, size: int) -> Tensor:
    """Mix all pieces at once: -> [mixtures, size]."""
    device = samples.device
    column = {
        name: torch.from_numpy(getattr(plan, name)).to(device)[:, None]
        for name in ("mixture", "first", "length", "at", "speed", "gain")
    }
    time = torch.arange(size, device=device) - column["at"]  # [pieces, S]
    place = time.double() * column["speed"].double()
    left = place.floor().long()
    sounds = (time >= 0) & (place <= column["length"] - 1)
    last = column["length"] - 1
    here = column["first"] + left.clamp(min=0).minimum(last)
    there = column["first"] + (left + 1).clamp(min=0).minimum(last)
    share = (place - left).float()
    piece = torch.lerp(samples[here].float(), samples[there].float(), share)
    piece = torch.where(sounds, piece * (column["gain"] / FULL), 0.0)
    out = torch.zeros(plan.size, size, device=device)
    return out.index_add_(0, column["mixture"][:, 0], piece)
