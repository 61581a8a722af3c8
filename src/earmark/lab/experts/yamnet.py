"""YAMNet: 521 AudioSet classes from windows of 0.975 s, one every 0.48 s; a token a window.

A second and weaker expert, kept because it errs elsewhere than the first. Its earlier levels are
the maps before the last two times that it halves them, each averaged over a window.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from threading import Lock

import torch
import torch.nn.functional as F
from ai_edge_litert.interpreter import Interpreter
from torch import Tensor

from earmark.lab.experts import Heard, must_exist
from earmark.lab.experts.names import read_names
from earmark.lab.sides import Stream

WINDOW, HOP = 15_600, 7_680  # samples at 16 kHz
EMBEDDING = 112  # the tensor before the classes: the mean over the last maps
LEVELS = (95, 107)  # tensors too, of 256 and 512 maps: after the 6th and the 12th of 14 layers
NAMES = "yamnet_class_map.csv"  # lies beside the network


class YamNet:
    """Runs on one core, a window at a time: its input has a fixed shape."""

    rate = 16_000

    def __init__(self, path: Path, levels: int = 0) -> None:
        path = must_exist(Path(path))
        self.names = read_names(path.with_name(NAMES))
        with warnings.catch_warnings():
            # Keeping all tensors costs memory, it says; there is no other way to the embedding.
            warnings.filterwarnings("ignore", message=".*experimental_preserve_all_tensors.*")
            self._net = Interpreter(str(path), experimental_preserve_all_tensors=True)
        self._net.allocate_tensors()
        self._alone = Lock()  # it has one set of tensors
        self._input = self._net.get_input_details()[0]["index"]
        self._scores = self._net.get_output_details()[0]["index"]
        self._levels = LEVELS[len(LEVELS) - levels :]

    def hear(self, waves: Tensor) -> Heard:
        """Hear waves at 16 kHz; scores and embedding are means over windows: [batch, samples]."""
        scores, tokens, *levels = self.windows(waves)
        real = torch.ones(tokens.shape[:2], dtype=torch.bool, device=waves.device)
        stream = Stream(tokens, real, tuple(levels))
        return Heard(scores.mean(dim=1), tokens.mean(dim=1), stream)

    def windows(self, waves: Tensor) -> tuple[Tensor, ...]:
        """Hear each window: [batch, samples] -> [batch, windows, 521], [..., 1024], levels."""
        pieces = cut(waves.detach().cpu().float())
        answers = [self._hear(piece) for piece in pieces.flatten(end_dim=1)]
        parts = (torch.cat(part).to(waves.device) for part in zip(*answers, strict=True))
        return tuple(part.view(*pieces.shape[:2], -1) for part in parts)

    def _hear(self, window: Tensor) -> tuple[Tensor, ...]:
        with self._alone:
            self._net.set_tensor(self._input, window.numpy())
            self._net.invoke()
            scores, embedding = (self._net.get_tensor(at) for at in (self._scores, EMBEDDING))
            maps = [self._net.get_tensor(at).mean(axis=(1, 2)) for at in self._levels]
        return tuple(map(torch.from_numpy, (scores, embedding, *maps)))


def cut(waves: Tensor) -> Tensor:
    """Cut into windows, the last one filled with zeros: [batch, samples] -> [batch, n, 15600]."""
    over = max(waves.shape[1] - WINDOW, 0)
    steps = -(-over // HOP)
    padded = F.pad(waves, (0, WINDOW + steps * HOP - waves.shape[1]))
    return padded.unfold(1, WINDOW, HOP).contiguous()
