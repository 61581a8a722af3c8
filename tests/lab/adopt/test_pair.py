"""Any pair of ONNX graphs as a bundle: their answers, and what of the TOML does not fit by name."""

import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="export needs torch: pip install 'earmark[lab]'")
for needed in ("onnx", "onnxscript"):
    pytest.importorskip(needed, reason="export needs it: pip install 'earmark[lab]'")

import onnx
from onnx import TensorProto, helper

from earmark.audio.mel import log_mel
from earmark.cli.main import main
from earmark.errors import EarmarkError
from earmark.lab.adopt.pair import adopt_pair, read_pair
from earmark.model.golden import verify
from earmark.model.model import Model
from earmark.model.page import GOLDEN
from earmark.synth import make
from model import tiny
from model.tiny import BANDS, MATRIX, RATE, TABLE, WIDTH, graph, value

HEAD = """
name = "pair"
licence = "MIT"
source = "made by hand"
fill = "repeat"

[front]
kind = "log-mel"
frames = 201
ends = true
rule = { rate = 8000, fft = 256, window = 200, hop = 160, bands = 8, low = 0, high = 4000 }
"""
AUDIO = """
[audio]
graph = "ears.onnx"
input = "pictures"
axes = "n1bt"
output = "vector"
"""
TEXT = """
[text]
graph = "words.onnx"
tokenizer = "tokenizer.json"
longest = 20
mask = "attention_mask"
zeros = ["kinds"]
output = "hidden"
pool = "mean"
"""


def ears(*, time=False):
    """Pictures [n, 1, bands, frames] to the mean log-mel, or each frame's, times a matrix."""
    nodes = [
        helper.make_node("Squeeze", ["pictures", "one"], ["picture"]),
        helper.make_node("Transpose", ["picture"], ["frames"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["frames", "matrix"], ["places"]),
        helper.make_node("ReduceMean", ["places"], ["vector"], axes=[1], keepdims=0),
    ]
    out = [value("places", ["n", 201, WIDTH]) if time else value("vector", ["n", WIDTH])]
    constants = {"one": np.array([1]), "matrix": MATRIX}
    return graph(
        nodes[: 3 if time else 4], [value("pictures", ["n", 1, BANDS, 201])], out, constants
    )


def words(*, pooled=False, width=WIDTH):
    """Ids (as int32) to rows of a table; a kind, which is always 0, adds 1 to each."""
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
        helper.make_node("Cast", ["kinds"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["numbers", "two"], ["column"]),
        helper.make_node("Add", ["rows", "column"], ["added"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "two"], ["real"]),
        helper.make_node("Mul", ["added", "real"], ["hidden"]),
        helper.make_node("ReduceSum", ["hidden", "one"], ["vector"], keepdims=0),
    ]
    inputs = [
        value("input_ids", ["n", "L"], TensorProto.INT32),
        value("attention_mask", ["n", "L"], TensorProto.INT64),
        value("kinds", ["n", "L"], TensorProto.INT64),
    ]
    out = [value("vector", ["n", width])] if pooled else [value("hidden", ["n", "L", width])]
    constants = {"table": TABLE[:, :width], "two": np.array([2]), "one": np.array([1])}
    return graph(nodes[: 8 if pooled else 7], inputs, out, constants)


def write_pair(folder, toml=HEAD + AUDIO + TEXT, *, sounds=None, texts=None):
    (folder / "ears.onnx").write_bytes(sounds or ears())
    (folder / "words.onnx").write_bytes(texts or words())
    (folder / "tokenizer.json").write_bytes(tiny.tokenizer())
    (folder / "pair.toml").write_text(toml, encoding="utf-8")
    return folder / "pair.toml"


def unit(vector):
    return vector / np.linalg.norm(vector)


def test_a_pair_is_a_model_like_any_other(tmp_path):
    adopt_pair(write_pair(tmp_path), tmp_path / "bundle", "float32")
    model = Model.load(tmp_path / "bundle")
    wave = make("dog_bark", 3, seconds=4.0, rate=RATE)

    [heard] = model.embed_audio(wave, rate=RATE)
    [read] = model.embed_text("a dog")

    rule = model.page.fronts[0].rule
    np.testing.assert_allclose(heard, unit(log_mel(wave, rule).mean(axis=0) @ MATRIX), atol=1e-5)
    ids = [256, *(tokens_of_bytes("a dog")), 257]
    np.testing.assert_allclose(read, unit(TABLE[ids].mean(axis=0)), atol=1e-5)
    assert (model.page.seconds.stretch, model.page.seconds.token) == (4.0, 4.0)
    assert model.page.data == {"source": "made by hand"}
    golden = (tmp_path / "bundle" / GOLDEN).read_bytes()
    assert all(one.met for one in verify(model, golden))


def tokens_of_bytes(text):
    from tokenizers import Tokenizer

    return Tokenizer.from_buffer(tiny.tokenizer()).encode(text).ids[1:-1]


def test_tokens_in_time_are_kept(tmp_path):
    toml = HEAD.replace("frames = 201", "frames = 200").replace("ends = true", "ends = false")
    toml += AUDIO.replace('"vector"', '"places"\ngives = "ntw"') + TEXT
    sounds = onnx.load_from_string(ears(time=True))
    sounds.graph.input[0].type.tensor_type.shape.dim[3].dim_value = 200
    sounds.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 200
    adopt_pair(
        write_pair(tmp_path, toml, sounds=sounds.SerializeToString()), tmp_path / "bundle", "int8"
    )
    model = Model.load(tmp_path / "bundle")
    wave = make("dog_bark", 3, seconds=4.0, rate=RATE)

    line = model.hear_wave(wave, rate=RATE)

    assert line.tokens.shape == (200, WIDTH)
    assert model.page.seconds.token == 0.02
    wanted = log_mel(wave, model.page.fronts[0].rule)[:200] @ MATRIX
    np.testing.assert_allclose(line.tokens, wanted, atol=1e-4)


@pytest.mark.parametrize(
    ("pool", "output", "pooled"), [("first", "hidden", False), ("given", "vector", True)]
)
def test_words_are_pooled_as_told(tmp_path, pool, output, pooled):
    toml = HEAD + AUDIO + TEXT.replace('"mean"', f'"{pool}"').replace('"hidden"', f'"{output}"')
    adopt_pair(write_pair(tmp_path, toml, texts=words(pooled=pooled)), tmp_path / "b", "float32")

    [read] = Model.load(tmp_path / "b").embed_text("a dog")

    ids = [256, *tokens_of_bytes("a dog"), 257]
    wanted = TABLE[256] if pool == "first" else TABLE[ids].sum(axis=0)
    np.testing.assert_allclose(read, unit(wanted), atol=1e-5)


def refusal(path, bundle):
    with pytest.raises(EarmarkError) as caught:
        adopt_pair(path, bundle, "float32")
    assert len(str(caught.value).splitlines()) == 2
    assert not bundle.exists()
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('licence = "MIT"', "", "licence: it is missing"),
        ('licence = "MIT"', 'licens = "MIT"', r"licens: no such key (did you mean 'licence'?)"),
        ("longest = 20", 'longest = "20"', "text.longest: a whole number was expected"),
        ("hop = 160", "hops = 160", "front.rule.hops: no such key"),
        ("frames = 201", "frames = 1", "1 frames are shorter than one FFT"),
        ('kind = "log-mel"', 'kind = "mfcc"', "front.kind: 'log-mel' or 'wave' was expected"),
        ('axes = "n1bt"', 'axes = "n1t"', "audio.axes is 'n1t'"),
        ('axes = "n1bt"', 'axes = "nbt"', "ears.onnx cannot be run so"),
        ('input = "pictures"', 'input = "picture"', "ears.onnx takes pictures: 'picture'"),
        ('output = "vector"', 'output = "embeds"', "ears.onnx gives vector: 'embeds'"),
        ('zeros = ["kinds"]', "", "words.onnx takes input_ids, attention_mask, kinds: 'kinds'"),
        ('pool = "mean"', "", "words.onnx: hidden is [1, "),
        ('graph = "words.onnx"', 'graph = "gone.onnx"', "gone.onnx: No such file"),
        ('graph = "words.onnx"', 'graph = "pair.toml"', "pair.toml is no ONNX graph"),
        ('tokenizer = "tokenizer.json"', 'tokenizer = "pair.toml"', "pair.toml is no tokenizer"),
        ("[text]", "[text", "not valid"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, old, new, said):
    toml = HEAD + AUDIO + TEXT
    assert toml.count(old) == 1
    path = write_pair(tmp_path, toml.replace(old, new))

    found = refusal(path, tmp_path / "bundle")

    assert said.replace("not valid", "pair.toml") in found


def test_halves_of_two_spaces_are_refused(tmp_path):
    path = write_pair(tmp_path, texts=words(width=4))

    assert "ears.onnx gives 6 numbers and words.onnx 4" in refusal(path, tmp_path / "bundle")


def test_an_old_opset_is_refused(tmp_path):
    old = onnx.load_from_string(ears())
    old.opset_import[0].version = 11

    said = refusal(write_pair(tmp_path, sounds=old.SerializeToString()), tmp_path / "bundle")

    assert "ears.onnx has opset 11, and 13 is needed" in said


def test_a_front_end_may_be_the_wave_itself(tmp_path):
    toml = HEAD[: HEAD.index("[front]")] + "[front]\nkind = 'wave'\nsamples = 8000\nrate = 8000\n"
    path = write_pair(tmp_path, toml + AUDIO.replace("n1bt", "n1s") + TEXT)

    pair = read_pair(path)

    assert (pair.front.input, pair.front.samples) == ("wave", 8000)


def test_the_example_of_the_page_is_one(tmp_path):
    page = Path(__file__).parents[3] / "docs" / "models.md"
    [told] = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "pair.toml").write_text(told, encoding="utf-8")

    pair = read_pair(tmp_path / "pair.toml")

    assert (pair.front.shape, pair.front.samples) == ((1001, 64), 480_000)
    assert (pair.text.zeros, pair.text.pool) == (("token_type_ids",), "given")


def test_a_pair_is_exported_by_the_command(tmp_path, capsys):
    words = ["export", "--from-onnx", str(write_pair(tmp_path)), str(tmp_path / "bundle")]

    assert main(words) == 0

    assert "int8 weights" in capsys.readouterr().out
    assert main(["model", "verify", str(tmp_path / "bundle")]) == 0
