"""EfficientAT mn04_as: AudioSet classes, an embedding, and a token every 0.32 s.

Two ways to run one file: onnxruntime on the CPU, and torch on any device. Both also take a log-mel
that is there already. It was trained on 10 s and likes windows of 5 to 10 s.
"""

from __future__ import annotations

from pathlib import Path

import onnxruntime
import torch
from torch import Tensor, nn

from earmark.audio.mel import MelRule
from earmark.lab.experts import Heard, must_exist
from earmark.lab.experts.graph import Graph
from earmark.lab.experts.names import read_names
from earmark.lab.sides import Stream
from earmark.lab.towers.mel import TorchMel

MEL = MelRule(
    rate=32_000,
    fft=1024,
    window=800,
    hop=320,
    bands=128,
    low=0,
    high=15_000,
    periodic=False,
    slopes="mel",
    emphasis=0.97,
    floor=1e-5,
    shift=4.5,
    divide=5.0,
)
TOKEN_SECONDS = 0.32
NAMES = "audioset_527.csv"  # lies beside the network


class OnnxEfficientAT:
    """The network as it is, on as many threads as torch has."""

    rate = MEL.rate

    def __init__(self, path: Path) -> None:
        path = must_exist(Path(path))
        self.names = read_names(path.with_name(NAMES))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        # Its threads would wait busily, on the cores that torch needs next.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )

    def hear(self, waves: Tensor) -> Heard:
        """Hear waves at 32 kHz: [batch, samples]."""
        return self.from_mel(as_mel(waves))

    def from_mel(self, logmel: Tensor) -> Heard:
        """Hear what is a log-mel by `MEL`: [batch, 1, 128, frames]."""
        asked = ["scores", "embedding", "tokens"]
        given = {"logmel": logmel.detach().float().cpu().numpy()}
        answers = self._session.run(asked, given)
        return _heard(*(torch.from_numpy(answer).to(logmel.device) for answer in answers))


class TorchEfficientAT(nn.Module):
    """The same weights read into torch, so that it can run where the training runs."""

    rate = MEL.rate

    def __init__(self, path: Path) -> None:
        super().__init__()
        path = must_exist(Path(path))
        self.names = read_names(path.with_name(NAMES))
        self.graph = Graph(path)

    def hear(self, waves: Tensor) -> Heard:
        """Hear waves at 32 kHz: [batch, samples]."""
        return self.from_mel(as_mel(waves))

    def from_mel(self, logmel: Tensor) -> Heard:
        """Hear what is a log-mel by `MEL`: [batch, 1, 128, frames]."""
        answers = self.graph(logmel)
        return _heard(answers["scores"], answers["embedding"], answers["tokens"])


@torch.no_grad()
def as_mel(waves: Tensor) -> Tensor:
    """Log-mel as the network wants it: [batch, samples] -> [batch, 1, 128, frames]."""
    mel: Tensor = TorchMel([MEL]).to(waves.device)(waves)[0]
    return mel.transpose(1, 2).unsqueeze(1)


def _heard(scores: Tensor, embedding: Tensor, tokens: Tensor) -> Heard:
    real = torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)
    return Heard(scores, embedding, Stream(tokens, real))
