"""EfficientAT mn04_as: AudioSet classes, an embedding, and a token every 0.32 s.

Two ways to run one file: onnxruntime on the CPU, and torch on any device. Both also take a log-mel
that is there already. It was trained on 10 s and likes windows of 5 to 10 s.

onnxruntime also tells earlier levels: what the network knows before the last two times that it
halves its maps, averaged over the bands and over the steps that a token stands for. They are taken
where the next block has spread them, to 96 and 272 maps: of the 16 and 48 that come out of a block
a mean leaves little (a linear reader named 27 and 53 of 100 clips of 40 kinds right by their means,
53 and 68 by those of the spread ones, 74 by the tokens; a scratch measurement).
"""

from __future__ import annotations

from pathlib import Path

import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from earmark.audio.mel import MelRule
from earmark.errors import DataError
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
LEVELS = ("/n/HardSwish_1_output_0", "/n/HardSwish_13_output_0")  # [n, 96 or 272, bands, steps]


class OnnxEfficientAT:
    """The network as it is, on as many threads as torch has."""

    rate = MEL.rate

    def __init__(self, path: Path, levels: int = 0) -> None:
        path = must_exist(Path(path))
        self.names = read_names(path.with_name(NAMES))
        self._levels = LEVELS[len(LEVELS) - levels :]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        # Its threads would wait busily, on the cores that torch needs next.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            _telling(path, self._levels) if levels else str(path),
            options,
            providers=["CPUExecutionProvider"],
        )

    def hear(self, waves: Tensor) -> Heard:
        """Hear waves at 32 kHz: [batch, samples]."""
        return self.from_mel(as_mel(waves))

    def from_mel(self, logmel: Tensor) -> Heard:
        """Hear what is a log-mel by `MEL`: [batch, 1, 128, frames]."""
        asked = ["scores", "embedding", "tokens", *self._levels]
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


def _heard(scores: Tensor, embedding: Tensor, tokens: Tensor, *maps: Tensor) -> Heard:
    real = torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)
    levels = tuple(_level(one, tokens.shape[1]) for one in maps)
    return Heard(scores, embedding, Stream(tokens, real, levels))


def _level(maps: Tensor, steps: int) -> Tensor:
    """Give each token the mean over bands and over its steps: [n, C, F, T] -> [n, steps, C]."""
    return F.adaptive_avg_pool1d(maps.mean(dim=2), steps).transpose(1, 2)


def _telling(path: Path, names: tuple[str, ...]) -> bytes:
    """The network with these values among its outputs."""
    network = onnx.load(path)
    made = {name for node in network.graph.node for name in node.output}
    for name in names:
        if name not in made:
            raise DataError(
                f"{path} does not work out {name!r}, which is a level of mn04_as",
                hint="put the file of the data folder there, or leave levels out of [features]",
            )
        network.graph.output.append(onnx.ValueInfoProto(name=name))
    whole: bytes = network.SerializeToString()
    return whole
