"""Weights of a graph as whole numbers of 8 bits, one scale a row: a quarter of the size.

Activations stay float32, so an answer never depends on its neighbours. A packed weight is a Cast
and a Mul, which onnxruntime works out once when it loads: it runs as quickly as before.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

SMALLEST = 1_024  # numbers in a weight that is worth packing
PACKED, SCALE = ".int8", ".scale"
LEVELS = 127

Array = npt.NDArray[np.float32]


def pack(graph: bytes) -> bytes:
    """Pack every large weight of a graph."""
    model = onnx.load_from_string(graph)
    kept, nodes = [], []
    for one in model.graph.initializer:
        if one.data_type != TensorProto.FLOAT or len(one.dims) < 2 or _size(one) < SMALLEST:
            kept.append(one)
            continue
        whole, scale = quantised(numpy_helper.to_array(one))
        kept.append(numpy_helper.from_array(whole, one.name + PACKED))
        kept.append(numpy_helper.from_array(scale, one.name + SCALE))
        cast = one.name + ".float"
        nodes.append(helper.make_node("Cast", [one.name + PACKED], [cast], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [cast, one.name + SCALE], [one.name]))
    rest = list(model.graph.node)
    del model.graph.initializer[:], model.graph.node[:], model.graph.value_info[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes + rest)
    return model.SerializeToString()


def unpack(graph: bytes) -> dict[str, npt.NDArray[np.generic]]:
    """Read the weights of a graph, packed or not, by the names that they have in training."""
    found = {
        one.name: numpy_helper.to_array(one)
        for one in onnx.load_from_string(graph).graph.initializer
    }
    out = {}
    for name, value in found.items():
        if name.endswith(PACKED):
            plain = name.removesuffix(PACKED)
            out[plain] = value.astype(np.float32) * found[plain + SCALE]
        elif not name.endswith(SCALE):
            out[name] = value
    return out


def quantised(weight: Array) -> tuple[npt.NDArray[np.int8], Array]:
    """Round each row to 255 levels of its own: [rows, ...] -> int8 [rows, ...], [rows, 1 ...]."""
    rows = np.abs(weight).reshape(len(weight), -1).max(axis=1)
    scale = np.where(rows > 0, rows / LEVELS, 1).astype(np.float32)
    scale = scale.reshape(-1, *[1] * (weight.ndim - 1))
    return np.round(weight / scale).astype(np.int8), scale


def _size(one: TensorProto) -> int:
    return int(np.prod(one.dims))
