"""PANNs: convolutions that tell AudioSet's classes; CNN6, CNN10 and CNN14, at 8, 16 and 32 kHz.

A checkpoint is a dict of weights, or has one under "model". How many blocks there are, how wide,
with which kernels, is read off their shapes; the window of the transform and the mel matrix lie
among the weights. Names of classes are those of `class_labels_indices.csv` beside it; without that
file it tells none.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from earmark.errors import DataError
from earmark.lab.experts import Heard, must_exist
from earmark.lab.experts.names import read_names
from earmark.lab.sides import Stream

NAMES = "class_labels_indices.csv"
HOPS_A_SECOND = 100
HOP = 5 / 16  # of the transform's length: 320 samples of 1024, 160 of 512, 80 of 256
FAINTEST = 1e-10  # power below which a band counts as silent
WHOLE = 6  # the block that does not halve what it sees; the five before it do
WINDOW = "spectrogram_extractor.stft.conv_real.weight"  # its first row is a cosine of frequency 0
MEL = "logmel_extractor.melW"
NEEDED = (WINDOW, MEL, "bn0.weight", "conv_block1.conv1.weight", "fc1.weight", "fc_audioset.weight")


class Panns(nn.Module):
    """A token is what the last block sees in 2 to the power of its halvings hops."""

    def __init__(self, weights: Mapping[str, Tensor], names: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._weights = {key: one.float() for key, one in weights.items() if one.dim()}
        self._window = self._weights[WINDOW][0, 0]
        self._hop = round(HOP * len(self._window))
        self._blocks = _blocks(weights)
        self.rate = HOPS_A_SECOND * self._hop
        self.names = names

    @torch.no_grad()
    def hear(self, waves: Tensor) -> Heard:
        """Hear waves at `rate`: [batch, samples]."""
        x = self._mel(waves)[:, None]
        for number in range(1, self._blocks + 1):
            x = self._block(x, f"conv_block{number}", halves=number < WHOLE)
        tokens = x.mean(dim=3).transpose(1, 2)  # over bands: [B, C, T, F] -> [B, T, C]
        both = tokens.amax(dim=1) + tokens.mean(dim=1)
        embedding = self._linear(both, "fc1").relu()
        scores = self._linear(embedding, "fc_audioset").sigmoid()
        real = torch.ones(tokens.shape[:2], dtype=torch.bool, device=waves.device)
        return Heard(scores if self.names else None, embedding, Stream(tokens, real))

    def _mel(self, waves: Tensor) -> Tensor:
        """Decibels in mel bands, normed band by band: [B, S] -> [B, T, F]."""
        shortest = self._hop * 2 ** min(self._blocks, WHOLE - 1)
        waves = F.pad(waves.float(), (0, max(0, shortest - waves.shape[1])))
        window = self._window.to(waves.device)
        found = torch.stft(
            waves, len(window), self._hop, window=window, pad_mode="reflect", return_complex=True
        )
        mel = found.abs().square().transpose(1, 2) @ self._at(MEL, waves)
        decibels = 10 * mel.clamp(min=FAINTEST).log10()
        return self._norm(decibels.transpose(1, 2), "bn0").transpose(1, 2)

    def _block(self, x: Tensor, name: str, *, halves: bool) -> Tensor:
        """One convolution or two, each normed; then the mean of 2 x 2."""
        for number in (1, 2):
            key = f"{name}.conv{number}.weight"
            if key in self._weights:
                kernel = self._at(key, x)
                x = F.conv2d(x, kernel, padding=kernel.shape[-1] // 2)
                x = self._norm(x, f"{name}.bn{number}").relu()
        return F.avg_pool2d(x, 2) if halves else x

    def _norm(self, x: Tensor, name: str) -> Tensor:
        parts = ("running_mean", "running_var", "weight", "bias")
        return F.batch_norm(x, *(self._at(f"{name}.{part}", x) for part in parts))

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return F.linear(x, self._at(f"{name}.weight", x), self._at(f"{name}.bias", x))

    def _at(self, name: str, x: Tensor) -> Tensor:
        """Weights by their name, where x is."""
        self._weights[name] = self._weights[name].to(x.device)
        return self._weights[name]


def open_panns(path: Path) -> Panns:
    """Open a checkpoint; only numbers are read from it, never code."""
    path = must_exist(Path(path))
    weights = _read(path)
    lacking = [name for name in NEEDED if name not in weights]
    if lacking:
        raise DataError(
            f"{path} is no checkpoint of PANNs' CNN6, CNN10 or CNN14: it has no {lacking[0]}",
            hint="put the file there as its makers published it",
        )
    names = path.with_name(NAMES)
    return Panns(weights, read_names(names) if names.is_file() else ())


def _blocks(weights: Mapping[str, Tensor]) -> int:
    number = 1
    while f"conv_block{number + 1}.conv1.weight" in weights:
        number += 1
    return number


def _read(path: Path) -> Mapping[str, Tensor]:
    """Read the weights of a checkpoint, which may have arrays of numpy beside them."""
    try:
        with torch.serialization.safe_globals(_arrays()):
            found: Any = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise DataError(
            f"{path} cannot be read as weights alone",
            hint="where you trust it, open it and save only its dict of weights there",
        ) from error
    found = found.get("model", found) if isinstance(found, Mapping) else {}
    return {key: one for key, one in found.items() if isinstance(one, Tensor)}


def _arrays() -> list[Any]:
    """What an array of numpy is written as, by its older versions too."""
    rebuild = np._core.multiarray._reconstruct  # type: ignore[attr-defined]
    numbers = [type(np.dtype(kind)) for kind in ("bool", "int32", "int64", "float32", "float64")]
    older = (rebuild, "numpy.core.multiarray._reconstruct")
    return [rebuild, older, np.ndarray, np.dtype, *numbers]
