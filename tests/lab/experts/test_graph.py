import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
pytest.importorskip("onnx", reason="training needs onnx: pip install 'earmark[lab]'")
import numpy as np
import onnxruntime

from earmark.errors import DataError
from earmark.lab.experts.graph import Graph
from lab.experts import tiny_net

torch.set_num_threads(1)


@pytest.fixture
def path(tmp_path):
    return tiny_net.write(tmp_path / "tiny.onnx")


def some_mel(batch=2, frames=11):
    return torch.randn(batch, 1, 128, frames, generator=torch.Generator().manual_seed(5))


def write_with(tmp_path, old, new):
    """Write the network with one of its nodes exchanged."""
    made = tiny_net.nodes()
    made[old] = new
    return tiny_net.write(tmp_path / "odd.onnx", made)


@pytest.mark.parametrize("output", ["scores", "embedding", "tokens"])
def test_torch_says_what_onnxruntime_says(path, output):
    mel = some_mel()
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    found = Graph(path)(mel)[output]

    expected = session.run([output], {"logmel": mel.numpy()})[0]
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-5)


def test_tokens_are_in_the_order_of_time(path):
    # Every fourth of 11 frames gives 3 tokens; the last two frames reach the last one or two only.
    mel, other = some_mel(), some_mel()
    other[..., 9:] += 5
    graph = Graph(path)

    changed = (graph(mel)["tokens"] - graph(other)["tokens"]).abs().amax(dim=(0, 2))

    assert changed.shape == (3,)
    assert changed[2] > changed[0]


def test_weights_move_with_the_module(path):
    found = Graph(path).double()(some_mel().double())

    assert found["scores"].dtype == torch.float64


def test_no_gradient_is_kept(path):
    found = Graph(path)(some_mel().requires_grad_())

    assert not any(value.requires_grad for value in found.values())


def test_a_value_is_dropped_once_it_has_been_read_for_the_last_time(path):
    spent = {name: node.output for node in Graph(path).nodes for name in node.spent}

    assert spent["b"] == "k"  # read by a convolution first, and by the sum at the end
    assert spent["d"] == "j"
    assert not {"scores", "embedding", "tokens", "w0", "two"} & set(spent)


@pytest.mark.parametrize(
    ("place", "odd", "said"),
    [
        (1, tiny_net.node("Tanh", ["a"], "b"), "node 'Tanh'"),
        (0, tiny_net.conv(["logmel", "w0", "b0"], "a", pads=[1, 0, 1, 1]), "[1, 0, 1, 1]"),
        (5, tiny_net.gemm(["e", "w2", "b2"], "f", alpha=0.5), "'alpha': 0.5"),
        (5, tiny_net.gemm(["e", "w2", "b2"], "f", transB=0), "'transB': 0"),
    ],
    ids=["kind", "pads", "alpha", "transB"],
)
def test_a_graph_that_cannot_be_rebuilt_is_refused(tmp_path, place, odd, said):
    path = write_with(tmp_path, place, odd)

    with pytest.raises(DataError) as caught:
        Graph(path)

    assert said in caught.value.problem
    assert caught.value.hint == "run this network with onnxruntime"
