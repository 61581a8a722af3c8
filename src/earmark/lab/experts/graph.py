"""Run an ONNX graph of a few kinds of nodes in torch, on any device and without gradients.

Each kind is a line in `KINDS`; a graph that holds another one is refused when it is read.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import onnx
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from earmark.errors import DataError

Settings = dict[str, Any]


class Node(NamedTuple):
    """One step: what it reads, what it makes, and which values nobody reads afterwards."""

    kind: str
    inputs: tuple[str, ...]
    output: str
    settings: Settings
    spent: tuple[str, ...]


class Graph(nn.Module):
    """The nodes of an ONNX file in their order, its weights as buffers."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        graph = onnx.load(path).graph
        self.input = graph.input[0].name
        self.outputs = tuple(output.name for output in graph.output)
        self.nodes = _nodes(graph, self.outputs, path)
        self._places = {weight.name: f"w{n}" for n, weight in enumerate(graph.initializer)}
        for weight in graph.initializer:
            array = onnx.numpy_helper.to_array(weight)
            self.register_buffer(self._places[weight.name], torch.tensor(array))

    @torch.no_grad()
    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Give every output of the graph by its name."""
        values = {name: self.get_buffer(place) for name, place in self._places.items()}
        values[self.input] = x
        for node in self.nodes:
            inputs = [values[name] for name in node.inputs]
            values[node.output] = KINDS[node.kind](node.settings, *inputs)
            for name in node.spent:
                del values[name]
        return {name: values[name] for name in self.outputs}


def _nodes(graph: onnx.GraphProto, outputs: tuple[str, ...], path: Path) -> list[Node]:
    """Read the nodes from the last to the first, so that each knows what is read after it."""
    constants = {node.output[0]: _settings(node)["value"] for node in graph.node if _fixed(node)}
    needed = {*outputs, *(weight.name for weight in graph.initializer)}
    nodes = []
    for node in reversed([node for node in graph.node if not _fixed(node)]):
        settings = _settings(node)
        if fault := _fault(node.op_type, settings):
            raise DataError(f"{path}: {fault}", hint="run this network with onnxruntime")
        inputs = tuple(name for name in node.input if name not in constants)
        if node.op_type == "Unsqueeze":
            settings["axes"] = constants[node.input[1]].tolist()
        spent = tuple(dict.fromkeys(name for name in inputs if name not in needed))
        needed.update(inputs)
        nodes.append(Node(node.op_type, inputs, node.output[0], settings, spent))
    return nodes[::-1]


def _fixed(node: onnx.NodeProto) -> bool:
    return bool(node.op_type == "Constant")


def _settings(node: onnx.NodeProto) -> Settings:
    settings = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    if _fixed(node):
        settings["value"] = onnx.numpy_helper.to_array(settings["value"])
    return settings


def _fault(kind: str, settings: Settings) -> str:
    """Say what of a node this file cannot do, or nothing."""
    if kind not in KINDS:
        return f"the graph holds a node {kind!r}, and only {', '.join(KINDS)} can be rebuilt"
    pads = settings.get("pads", [])
    if pads[: len(pads) // 2] != pads[len(pads) // 2 :]:
        return f"a convolution is padded by {pads}, not the same on both sides"
    if kind == "Gemm" and [settings.get(k, 1) for k in ("alpha", "beta", "transB")] != [1, 1, 1]:
        return f"a Gemm has the settings {settings}, and all should be 1"
    return ""


def _conv(settings: Settings, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    pads = settings["pads"]
    return F.conv2d(
        x,
        weight,
        bias,
        stride=settings["strides"],
        padding=pads[: len(pads) // 2],
        dilation=settings["dilations"],
        groups=settings["group"],
    )


def _mean(settings: Settings, x: Tensor) -> Tensor:
    return x.mean(dim=settings["axes"], keepdim=bool(settings["keepdims"]))


def _unsqueeze(settings: Settings, x: Tensor) -> Tensor:
    for axis in settings["axes"]:
        x = x.unsqueeze(axis)
    return x


KINDS: dict[str, Callable[..., Tensor]] = {
    "Add": lambda _, x, y: x + y,
    "Conv": _conv,
    "Gemm": lambda _, x, weight, bias: F.linear(x, weight, bias),
    "HardSwish": lambda _, x: F.hardswish(x),
    "Mul": lambda _, x, y: x * y,
    "ReduceMean": _mean,
    "Relu": lambda _, x: x.relu(),
    "Sigmoid": lambda _, x: x.sigmoid(),
    "Transpose": lambda settings, x: x.permute(settings["perm"]),
    "Unsqueeze": _unsqueeze,
}
