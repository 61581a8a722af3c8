"""A graph of others, with nodes of ours ahead of it and behind it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, compose, helper, numpy_helper

ITS = "its."  # before every name in a graph of others
Shape = list[Any]  # numbers, and names of what is free


class Around:
    """Collects nodes, then puts all of it together."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._model = compose.add_prefix(model, ITS)
        self._kinds = {one.name: one.type.tensor_type.elem_type for one in model.graph.input}
        self._ahead: list[onnx.NodeProto] = []
        self._behind: list[onnx.NodeProto] = []

    def constant(self, name: str, value: npt.ArrayLike) -> None:
        """Add a constant."""
        self._model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))

    def ahead(self, kind: str, takes: list[str], gives: str, **settings: Any) -> None:  # noqa: ANN401
        """Add a node that works on what the bundle gives."""
        self._ahead.append(helper.make_node(kind, takes, [gives], **settings))

    def behind(self, kind: str, takes: list[str], gives: str, **settings: Any) -> None:  # noqa: ANN401
        """Add a node that works on what the graph gives."""
        self._behind.append(helper.make_node(kind, takes, [gives], **settings))

    def feed(self, name: str, value: str) -> None:
        """Give a value to an input of the graph, as the kind of number that it takes."""
        self.ahead("Cast", [value], ITS + name, to=self._kinds[name])

    def take(self, name: str, value: str) -> None:
        """Take an output of the graph, in float32."""
        self.behind("Cast", [ITS + name], value, to=TensorProto.FLOAT)

    def whole(self, takes: dict[str, tuple[int, Shape]], gives: dict[str, Shape]) -> bytes:
        """Put all of it together, with these inputs and outputs."""
        graph = self._model.graph
        nodes = [*self._ahead, *graph.node, *self._behind]
        del graph.node[:], graph.input[:], graph.output[:]
        graph.node.extend(nodes)
        for name, (kind, shape) in takes.items():
            graph.input.append(helper.make_tensor_value_info(name, kind, shape))
        for name, shape in gives.items():
            graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        content: bytes = self._model.SerializeToString()
        return content
