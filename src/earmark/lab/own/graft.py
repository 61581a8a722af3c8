"""A memory of own sounds as nodes of `text.onnx`: search runs it as it runs any other bundle.

The gist is turned by the rule of `memory.py`. A reranker is asked with the tokens of the words, the
sum of which has the direction of the gist: each is turned as much as it counts, by its length, so
that this stays so. A graph that holds a memory already gets another one behind it.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from earmark.errors import EarmarkError
from earmark.lab.own.memory import SHARP, STRENGTH, Memory
from earmark.model.page import TEXT

PREFIX = "own"
OLDEST = 13  # opset; from there on axes are inputs


def graft(graph: bytes, memory: Memory, *, tokens: bool) -> bytes:
    """Put a memory behind the gist of a text graph, and its tokens too where they are compared."""
    model = onnx.load_from_string(graph)
    _refuse_strangers(model)
    prefix = _unused(model)
    plain = {name: f"{prefix}.plain.{name}" for name in ("gist", "tokens")}
    turned = plain if tokens else {"gist": plain["gist"]}
    for node in model.graph.node:
        node.output[:] = [turned.get(name, name) for name in node.output]
        node.input[:] = [turned.get(name, name) for name in node.input]
    model.graph.initializer.extend(_numbers(prefix, memory))
    model.graph.node.extend(_gist_nodes(prefix, plain["gist"]))
    if tokens:
        model.graph.node.extend(_token_nodes(prefix, plain["tokens"]))
    del model.graph.value_info[:]
    content: bytes = model.SerializeToString()
    return content


def _numbers(prefix: str, memory: Memory) -> list[onnx.TensorProto]:
    told = {
        "keys": memory.keys.T / np.float32(SHARP),  # [width, k]
        "reach": np.array(-memory.reach / SHARP),
        "values": np.float32(STRENGTH) * memory.values,  # [k, width]
        "one": np.array(1.0),
        "least": np.array(1e-9),
    }
    made = [
        numpy_helper.from_array(np.ascontiguousarray(value, np.float32), f"{prefix}.{name}")
        for name, value in told.items()
    ]
    axes = {"last": -1, "middle": 1}
    made += [numpy_helper.from_array(np.array([axis]), f"{prefix}.{n}") for n, axis in axes.items()]
    return made


def _gist_nodes(prefix: str, gist: str) -> list[onnx.NodeProto]:
    """The turn, added to a gist: [n, width] -> [n, width] at unit length."""
    make = _Maker(prefix)
    return [
        make("MatMul", [gist, "keys"], "near"),
        make("Add", ["near", "reach"], "beyond"),
        make("Exp", ["beyond"], "raised"),
        make("ReduceSum", ["raised", "last"], "sum", keepdims=1),
        make("Add", ["sum", "one"], "all"),
        make("Div", ["raised", "all"], "share"),
        make("MatMul", ["share", "values"], "turn"),
        make("Add", [gist, "turn"], "turned"),
        *make.length("turned", "length"),
        helper.make_node("Div", [f"{prefix}.turned", f"{prefix}.length"], ["gist"]),
    ]


def _token_nodes(prefix: str, tokens: str) -> list[onnx.NodeProto]:
    """The same turn, shared among tokens by their lengths: [n, L, width] -> [n, L, width]."""
    make = _Maker(prefix)
    return [
        make("Cast", ["mask"], "real", to=TensorProto.FLOAT),
        make("Unsqueeze", ["real", "last"], "counts"),
        make("Mul", [tokens, "counts"], "read"),
        make("ReduceSum", ["read", "middle"], "whole", keepdims=1),
        *make.length("whole", "long"),
        *make.length("read", "lengths"),
        make("ReduceSum", ["lengths", "middle"], "total", keepdims=1),
        make("Max", ["total", "least"], "divisor"),
        make("Div", ["lengths", "divisor"], "shares"),
        make("Mul", ["shares", "long"], "far"),
        make("Unsqueeze", ["turn", "middle"], "way"),
        make("Mul", ["far", "way"], "moves"),
        helper.make_node("Add", [tokens, f"{prefix}.moves"], ["tokens"]),
    ]


class _Maker:
    """Makes nodes whose names begin alike; what the graph names itself keeps its name."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def __call__(self, kind: str, takes: list[str], gives: str, **settings: int) -> onnx.NodeProto:
        return helper.make_node(kind, [*map(self._name, takes)], [self._name(gives)], **settings)

    def length(self, of: str, gives: str) -> list[onnx.NodeProto]:
        """Euclidean length over the last axis, of plain nodes that all opsets have alike."""
        squares, total = f"{gives}.squares", f"{gives}.total"
        return [
            self("Mul", [of, of], squares),
            self("ReduceSum", [squares, "last"], total, keepdims=1),
            self("Sqrt", [total], gives),
        ]

    def _name(self, name: str) -> str:
        known = name == "mask" or name.startswith(f"{self._prefix}.")
        return name if known else f"{self._prefix}.{name}"


def _unused(model: onnx.ModelProto) -> str:
    """A name that no earlier memory of this graph has."""
    held = {one.name for one in model.graph.initializer}
    number = 1
    while f"{PREFIX}{number}.keys" in held:
        number += 1
    return f"{PREFIX}{number}"


def _refuse_strangers(model: onnx.ModelProto) -> None:
    """Raise for a graph that does not give what is to be turned, or cannot run these nodes."""
    given = {one.name for one in model.graph.output}
    version = next((one.version for one in model.opset_import if one.domain in ("", "ai.onnx")), 0)
    if not {"gist", "tokens"} <= given or version < OLDEST:
        raise EarmarkError(
            f"{TEXT} of this bundle cannot hold own sounds: it gives {', '.join(sorted(given))} "
            f"by opset {version}",
            hint="export the model again with this earmark, or tune a packaged one",
        )
