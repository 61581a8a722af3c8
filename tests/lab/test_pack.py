"""Packed weights: a quarter of the size, read back by their names, within half a level."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
onnx = pytest.importorskip("onnx", reason="export needs onnx: pip install 'earmark[lab]'")

import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from earmark.lab.pack import pack, quantised, unpack


def product(weight):
    """A graph that multiplies by a weight, beside a small one that stays as it is."""
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "big"], ["y"]),
            helper.make_node("Add", ["y", "small"], ["out"]),
        ],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, len(weight)])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, weight.shape[1]])],
        [
            numpy_helper.from_array(weight, "big"),
            numpy_helper.from_array(np.arange(weight.shape[1], dtype=np.float32), "small"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return model.SerializeToString()


@pytest.fixture
def weight():
    return np.random.default_rng(0).standard_normal((64, 48)).astype(np.float32)


def test_rows_have_scales_of_their_own_by_hand():
    whole, scale = quantised(np.array([[1.27, -0.5], [0.0, 0.0], [-254.0, 3.0]], np.float32))

    assert whole.tolist() == [[127, -50], [0, 0], [-127, 2]]  # 3 / 2 = 1.5 rounds to even
    np.testing.assert_allclose(scale[:, 0], [0.01, 1, 2], rtol=1e-6)


def test_a_packed_graph_is_smaller_and_says_nearly_the_same(weight):
    plain = product(weight)

    packed = pack(plain)

    assert len(packed) < len(plain) / 3
    x = np.random.default_rng(1).standard_normal((1, 64)).astype(np.float32)
    old, new = (ort.InferenceSession(one).run(None, {"x": x})[0] for one in (plain, packed))
    assert 0 < np.abs(old - new).max() < 0.1
    assert np.corrcoef(old.ravel(), new.ravel())[0, 1] > 0.9999


def test_weights_come_back_by_name_within_half_a_level(weight):
    back = unpack(pack(product(weight)))

    assert set(back) == {"big", "small"}
    half = np.abs(weight).max(axis=1, keepdims=True) / 127 / 2
    assert (np.abs(back["big"] - weight) <= half * 1.001).all()
    assert back["small"].tolist() == list(range(48))


def test_what_was_never_packed_comes_back_exactly(weight):
    np.testing.assert_array_equal(unpack(product(weight))["big"], weight)


def test_packing_what_came_back_changes_nothing(weight):
    once = unpack(pack(product(weight)))["big"]

    np.testing.assert_allclose(unpack(pack(product(once)))["big"], once, atol=1e-6)
