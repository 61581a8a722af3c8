"""The log-mel of `audio/mel.py` on any device: the same rule, the same numbers.

Training mixes sounds on the device and hears them there; the numpy version is the oracle. Several
rules that differ only in hop (multiples of the smallest), bands and logarithm share one spectrum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from earmark.audio.mel import PADS, MelRule, _bank, _window
from earmark.errors import UsageError

SHARED = ("rate", "fft", "window", "periodic", "emphasis", "spectrum", "edges")


class TorchMel(nn.Module):
    """One or more log-mels of the same waves: [B, S] -> a [B, frames, bands] for each rule."""

    def __init__(self, rules: Sequence[MelRule]) -> None:
        super().__init__()
        self.rules = tuple(rules)
        self.hop = min(rule.hop for rule in rules)
        for rule in rules:
            _refuse_strangers(rule, rules[0], self.hop)
        first = rules[0]
        self.register_buffer("window", torch.from_numpy(_window(first)), persistent=False)
        for number, rule in enumerate(self.rules):
            bank = torch.from_numpy(np.ascontiguousarray(_bank(rule)))
            self.register_buffer(f"bank{number}", bank, persistent=False)

    def forward(self, waves: Tensor) -> list[Tensor]:
        """Hear the waves by every rule, always in float32: [B, S] -> [B, frames, bands] each."""
        with torch.autocast(waves.device.type, enabled=False):
            return self._hear(waves.float())

    def _hear(self, waves: Tensor) -> list[Tensor]:
        first = self.rules[0]
        if first.emphasis:
            waves = waves[:, 1:] - first.emphasis * waves[:, :-1]
        half = first.fft // 2
        padded = F.pad(waves[:, None], (half, half), mode=PADS[first.edges])[:, 0]
        # On a CPU a row at a time stays in the cache, which is three times as quick.
        rows = padded.split(1 if padded.device.type == "cpu" else len(padded))
        parts = [self._row(row) for row in rows]
        return [torch.cat(part) for part in zip(*parts, strict=True)]

    def _row(self, padded: Tensor) -> list[Tensor]:
        first = self.rules[0]
        frames = padded.unfold(1, first.fft, self.hop) * self.window
        spectrum = torch.fft.rfft(frames)
        power = spectrum.real.square().addcmul_(spectrum.imag, spectrum.imag)
        power = power.sqrt() if first.spectrum == "magnitude" else power
        return [self._mel(power, number) for number in range(len(self.rules))]

    def _mel(self, power: Tensor, number: int) -> Tensor:
        rule = self.rules[number]
        mel = power[:, :: rule.hop // self.hop] @ getattr(self, f"bank{number}")
        if rule.log == "ln":
            mel = (mel + rule.floor).log()
        else:
            mel = mel.clamp(min=rule.floor).log10() * 10
        return (mel + rule.shift) / rule.divide


def _refuse_strangers(rule: MelRule, first: MelRule, hop: int) -> None:
    """Raise if two rules cannot share one spectrum."""
    same = replace(rule, **{name: getattr(first, name) for name in SHARED})
    if same != rule or rule.hop % hop:
        raise UsageError(
            "these log-mels cannot share one spectrum",
            hint=f"they must agree in {', '.join(SHARED)}, and hops be multiples of the smallest",
        )
