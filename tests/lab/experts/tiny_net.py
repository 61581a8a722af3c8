"""An ONNX network of a few hundred weights with every kind of node that the expert's has."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CLASSES = 3


def node(kind, inputs, output, **settings):
    return helper.make_node(kind, inputs, [output], **settings)


def conv(inputs, output, *, stride=(1, 1), pad=1, group=1, pads=None):
    return node(
        "Conv",
        inputs,
        output,
        strides=list(stride),
        pads=pads or [pad] * 4,
        dilations=[1, 1],
        group=group,
    )


def gemm(inputs, output, **settings):
    return node("Gemm", inputs, output, **({"alpha": 1.0, "beta": 1.0, "transB": 1} | settings))


def axis(number, name):
    value = numpy_helper.from_array(np.array([number]), name)
    return helper.make_node("Constant", [], [name], value=value)


def nodes():
    return [
        conv(["logmel", "w0", "b0"], "a", stride=(2, 4)),
        node("HardSwish", ["a"], "b"),
        conv(["b", "w1", "b1"], "c", group=4),
        node("Relu", ["c"], "d"),
        node("ReduceMean", ["d"], "e", axes=[2, 3], keepdims=0),
        gemm(["e", "w2", "b2"], "f"),
        node("Sigmoid", ["f"], "g"),
        axis(2, "two"),
        node("Unsqueeze", ["g", "two"], "h"),
        axis(3, "three"),
        node("Unsqueeze", ["h", "three"], "i"),
        node("Mul", ["d", "i"], "j"),
        node("Add", ["j", "b"], "k"),
        node("ReduceMean", ["k"], "l", axes=[2], keepdims=0),
        node("Transpose", ["l"], "tokens", perm=[0, 2, 1]),
        node("ReduceMean", ["k"], "embedding", axes=[2, 3], keepdims=0),
        gemm(["embedding", "w3", "b3"], "m"),
        node("Sigmoid", ["m"], "scores"),
    ]


def write(path, made=None):
    """Write the network, and the names of its classes beside it."""
    return save(path, made or nodes(), some_weights())


def write_wide(path):
    """The same of a network whose answers are as wide as the expert's: a token is 32 frames."""
    across = {"kernel_shape": [128, 32], "strides": [128, 32]}
    made = [
        node("Conv", ["logmel", "w0"], "a", **across),
        node("ReduceMean", ["a"], "b", axes=[2], keepdims=0),
        node("Transpose", ["b"], "tokens", perm=[0, 2, 1]),
        node("ReduceMean", ["tokens"], "embedding", axes=[1], keepdims=0),
        gemm(["embedding", "w1", "b1"], "c"),
        node("Sigmoid", ["c"], "scores"),
    ]
    rng = np.random.default_rng(5)
    shapes = {"w0": (384, 1, 128, 32), "w1": (CLASSES, 384), "b1": (CLASSES,)}
    weights = {name: 0.02 * rng.standard_normal(shape) for name, shape in shapes.items()}
    return save(path, made, weights)


def some_weights():
    rng = np.random.default_rng(4)
    shapes = {"w0": (4, 1, 3, 3), "w1": (4, 1, 3, 3), "w2": (4, 4), "w3": (CLASSES, 4)}
    weights = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    weights |= {f"b{name[1]}": rng.standard_normal(shape[0]) for name, shape in shapes.items()}
    return weights


def save(path, made, weights):
    graph = helper.make_graph(
        made,
        "tiny",
        [helper.make_tensor_value_info("logmel", TensorProto.FLOAT, ["n", 1, 128, "frames"])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
            for name in ("scores", "embedding", "tokens")
        ],
        [
            numpy_helper.from_array(value.astype(np.float32), name)
            for name, value in weights.items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    lines = ["index,mid,display_name", "0,/m/a,Dog", '1,/m/b,"Rain, heavy"', "2,/m/c,Car"]
    path.with_name("audioset_527.csv").write_text("\n".join(lines), encoding="utf-8")
    return path
