"""A trained model as the graphs of a bundle: what goes in, what comes out, by which names.

The initialisers of a graph keep the names that the weights have in training, so a bundle can be
read back (`from_bundle.py`).
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from math import log

import onnx
import torch
from torch import Tensor, nn

from earmark.lab.captioners.constants import Constants
from earmark.lab.matchers.gist import weights
from earmark.lab.objectives.both import told
from earmark.lab.objectives.teaching import MEL
from earmark.lab.sides import Side, Stream, mean
from earmark.lab.towers.cnn import FRAMES

OPSET = 18
HARDLY = 1e-3  # of a log-mel above that of digital silence


class AudioGraph(nn.Module):
    """Log-mel to tokens in the gist's space, their weights, and where wanted the classes.

    With a bank of captions it looks up those nearest to what it hears, and reads them.
    """

    def __init__(  # noqa: PLR0913 - the parts of a trained network, by keyword
        self,
        ears: nn.Module,
        matcher: nn.Module | None,
        *,
        classes: bool,
        taught: float = 0.0,
        words: nn.Module | None = None,
        bank: Constants | None = None,
    ) -> None:
        super().__init__()
        self.ears, self.matcher = ears, matcher
        self.words = words if bank is not None else None
        self.bank = bank
        self.gives_classes = classes
        self.taught = round(taught / ears.tower.token_seconds)  # tokens of a mixture of training
        self.silence = (log(MEL.floor) + MEL.shift) / MEL.divide  # what the log-mel of nothing is

    def forward(self, logmel: Tensor) -> tuple[Tensor, ...]:
        """Hear: [n, frames, bands] -> [n, T, width], [n, T], [n, C]."""
        stream = self.ears.tower(logmel)
        found = stream if self.matcher is None else self.matcher.audio_tokens(self._side(stream))
        out = (found.x, weights(found))
        return (*out, self._classes(logmel, stream)) if self.gives_classes else out

    def _side(self, stream: Stream) -> Side:
        if self.words is None:
            return {"main": stream}
        return told(stream, self.words, self.bank)

    def _classes(self, logmel: Tensor, stream: Stream) -> Tensor:
        """Tell the classes of what sounds; silence that fills up an input says nothing.

        But for the first seconds: in training too a short sound stood in that much silence, so
        that is what the mean of its tokens is right for.
        """
        frames = logmel.unflatten(1, (stream.x.shape[1], FRAMES))
        real = frames.amax(dim=(2, 3)) > self.silence + HARDLY
        real = real | (torch.arange(real.shape[1], device=real.device) < self.taught)
        classes: Tensor = self.ears.classes(mean(stream._replace(real=real))).sigmoid()
        return classes


class TextGraph(nn.Module):
    """Word pieces to a gist and tokens."""

    def __init__(self, words: nn.Module, matcher: nn.Module) -> None:
        super().__init__()
        self.words, self.matcher = words, matcher

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Read: [n, L], [n, L] -> [n, width], [n, L, width]."""
        side = {"main": self.words.tower(ids, mask)}
        return self.matcher.text_gist(side), self.matcher.text_tokens(side).x


class PairGraph(nn.Module):
    """Stored tokens of both sides to a score."""

    def __init__(self, matcher: nn.Module) -> None:
        super().__init__()
        self.matcher = matcher

    def forward(self, text: Tensor, text_mask: Tensor, audio: Tensor, audio_mask: Tensor) -> Tensor:
        """Score pair by pair: -> [n]."""
        score: Tensor = self.matcher.pair(text, text_mask, audio, audio_mask)
        return score


def audio_bytes(graph: AudioGraph, frames: int, bands: int) -> bytes:
    """Export the audio side; only the number of items is free."""
    names = ["tokens", "weight", *(["classes"] if graph.gives_classes else [])]
    example = (torch.randn(2, frames, bands),)
    return export_graph(graph, example, ["logmel"], names, {"logmel": {0: "n"}})


def text_bytes(graph: TextGraph) -> bytes:
    """Export the text side; items and word pieces are free."""
    example = (torch.ones(2, 7, dtype=torch.int64), torch.ones(2, 7, dtype=torch.bool))
    free = {name: {0: "n", 1: "pieces"} for name in ("ids", "mask")}
    return export_graph(graph, example, list(free), ["gist", "tokens"], free)


def pair_bytes(graph: PairGraph, width: int) -> bytes:
    """Export the reranker; items and both lengths are free."""
    example = (
        torch.randn(2, 7, width),
        torch.ones(2, 7, dtype=torch.bool),
        torch.randn(2, 9, width),
        torch.ones(2, 9, dtype=torch.bool),
    )
    free = {
        "text": {0: "n", 1: "pieces"},
        "text_mask": {0: "n", 1: "pieces"},
        "audio": {0: "n", 1: "tokens"},
        "audio_mask": {0: "n", 1: "tokens"},
    }
    return export_graph(graph, example, list(free), ["scores"], free)


def export_graph(
    graph: nn.Module,
    example: Sequence[Tensor],
    takes: list[str],
    gives: list[str],
    free: dict[str, dict[int, str]],
) -> bytes:
    """Export as it is, weights under their own names; onnxruntime makes it quick when it loads."""
    shapes = {
        name: {axis: torch.export.Dim(word) for axis, word in axes.items()}
        for name, axes in free.items()
    }
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # of packages that no graph here needs
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter about itself
        program = torch.onnx.export(
            graph.eval(),
            tuple(example),
            input_names=takes,
            output_names=gives,
            dynamic_shapes=shapes,
            opset_version=OPSET,
            dynamo=True,
            optimize=False,
            verbose=False,
        )
    proto = program.model_proto
    _forget_origins(proto)
    content: bytes = proto.SerializeToString()
    return content


def _forget_origins(proto: onnx.ModelProto) -> None:
    """Drop what the exporter notes of source files and folders here; it may outweigh a model."""
    graph = proto.graph
    for one in (graph, *graph.node, *graph.value_info, *graph.input, *graph.output):
        one.ClearField("metadata_props")
        one.ClearField("doc_string")
