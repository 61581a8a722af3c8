"""Tiny bundles whose networks a person can work out by hand, made with `onnx.helper`.

A token is the mean log-mel of its 16 frames times `MATRIX`; its weight is the sigmoid of the mean
of its bands. A text token is a row of `TABLE`, its gist their mean. The reranker takes, for each
text token, the best sound token's dot product, and means these.
"""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from earmark.audio.mel import MelRule
from earmark.model.bundle import write_bundle
from earmark.model.golden import record
from earmark.model.model import Model
from earmark.model.page import LogMel, Page, Rerank, Seconds, Text, Wave
from earmark.synth import make

RATE, BANDS, WIDTH = 8000, 8, 6
FRAMES, TOKENS = 240, 15
SENTENCE = "a dog barks"
RULE = MelRule(
    rate=RATE, fft=256, window=200, hop=160, bands=BANDS,
    low=0.0, high=4000.0, shift=4.5, divide=5.0,
)  # fmt: skip
PAGE = Page(
    name="tiny",
    licence="Apache-2.0",
    languages=("en",),
    fronts=(LogMel(input="logmel", frames=FRAMES, rule=RULE),),
    seconds=Seconds(stretch=4.0, before=0.32, token=0.32, window=2.0, hop=1.0, shortest=0.5),
    width=WIDTH,
    weights="float32",
    text=Text(longest=12),
    rerank=None,
    classes=("low", "high"),
    calibration=None,
    recipe='name = "tiny"\n',
    data={"clips": "none"},
    results={"scenes": {"R@1": 0.05, "R@10": 0.2}},
    files={},
)
RERANKS = replace(PAGE, name="tiny-rerank", rerank=Rerank(candidates=30))
EARS = replace(PAGE, name="tiny-ears", text=None, classes=(), languages=())
WAVES = replace(PAGE, name="tiny-waves", fronts=(Wave(input="wave", samples=38_400, rate=RATE),))

_rng = np.random.default_rng(5)
MATRIX = _rng.standard_normal((BANDS, WIDTH)).astype(np.float32)
CLASSES = _rng.standard_normal((WIDTH, 2)).astype(np.float32)
TABLE = _rng.standard_normal((258, WIDTH)).astype(np.float32)  # 256 bytes, begin, end


def contents_of(page: Page, *, seed: int = 1) -> dict[str, bytes]:
    """Everything that is written beside the page."""
    contents = {"audio.onnx": audio_graph(page), "README.md": b"# A tiny model\n"}
    if page.text:
        contents |= {"text.onnx": text_graph(), "tokenizer.json": tokenizer()}
    if page.rerank:
        contents["rerank.onnx"] = rerank_graph()
    model = Model(page, contents.__getitem__)
    wave = make("dog_bark", seed, seconds=3.0, rate=RATE)
    return contents | {"golden.npz": record(model, wave, SENTENCE if page.text else "")}


def write_tiny(folder, page: Page = PAGE):
    """Write a whole bundle."""
    return write_bundle(folder, page, contents_of(page))


def new_model(page: Page = PAGE) -> Model:
    """A model that was never written."""
    return Model(page, contents_of(page).__getitem__)


def rewrite(folder, **changes) -> None:
    """Change keys of a written `bundle.json`."""
    path = folder / "bundle.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(values | changes), encoding="utf-8")


def audio_graph(page: Page = PAGE, *, width: int = WIDTH, weight: str = "weight") -> bytes:
    """A log-mel (or the wave's own 8 samples a frame) to tokens, weights and perhaps classes."""
    front = page.fronts[0]
    each = int(np.prod(front.shape)) // TOKENS // BANDS
    matrix = MATRIX[:, :width]
    nodes = [
        helper.make_node("Reshape", [front.input, "pieces"], ["apart"]),
        helper.make_node("ReduceMean", ["apart"], ["bands"], axes=[2], keepdims=0),
        helper.make_node("MatMul", ["bands", "matrix"], ["tokens"]),
        helper.make_node("ReduceMean", ["bands"], ["loud"], axes=[2], keepdims=0),
        helper.make_node("Sigmoid", ["loud"], [weight]),
    ]
    outputs = [value("tokens", ["n", TOKENS, width]), value(weight, ["n", TOKENS])]
    if page.classes:
        nodes += [
            helper.make_node("ReduceMean", ["tokens"], ["whole"], axes=[1], keepdims=0),
            helper.make_node("MatMul", ["whole", "by_class"], ["logits"]),
            helper.make_node("Sigmoid", ["logits"], ["classes"]),
        ]
        outputs.append(value("classes", ["n", 2]))
    constants = {
        "pieces": np.array([0, TOKENS, each, BANDS]),
        "matrix": matrix,
        "by_class": CLASSES[:width],
    }
    return graph(nodes, [value(front.input, ["n", *front.shape])], outputs, constants)


def text_graph() -> bytes:
    """Ids to rows of a table and their mean at unit length."""
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["tokens"]),
        helper.make_node("Cast", ["mask"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["real", "two"], ["column"]),
        helper.make_node("Mul", ["tokens", "column"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "one"], ["total"], keepdims=0),
        helper.make_node("LpNormalization", ["total"], ["gist"], axis=1, p=2),
    ]
    inputs = [
        value("ids", ["n", "L"], TensorProto.INT64),
        value("mask", ["n", "L"], TensorProto.BOOL),
    ]
    outputs = [value("gist", ["n", WIDTH]), value("tokens", ["n", "L", WIDTH])]
    constants = {"table": TABLE, "one": np.array([1]), "two": np.array([2])}
    return graph(nodes, inputs, outputs, constants)


def rerank_graph() -> bytes:
    """Mean over text tokens of the best sound token's dot product; all of them count."""
    nodes = [
        helper.make_node("Transpose", ["audio"], ["turned"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["text", "turned"], ["pairs"]),
        helper.make_node("Unsqueeze", ["audio_mask", "one"], ["heard"]),
        helper.make_node("Where", ["heard", "pairs", "least"], ["seen"]),
        helper.make_node("ReduceMax", ["seen"], ["best"], axes=[2], keepdims=0),
        helper.make_node("Cast", ["text_mask"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["best", "real"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "one"], ["total"], keepdims=0),
        helper.make_node("ReduceSum", ["real", "one"], ["count"], keepdims=0),
        helper.make_node("Div", ["total", "count"], ["scores"]),
    ]
    inputs = [
        value("text", ["n", "L", WIDTH]),
        value("text_mask", ["n", "L"], TensorProto.BOOL),
        value("audio", ["n", "T", WIDTH]),
        value("audio_mask", ["n", "T"], TensorProto.BOOL),
    ]
    constants = {"one": np.array([1]), "least": np.array(-1e9, np.float32)}
    return graph(nodes, inputs, [value("scores", ["n"])], constants)


def graph(nodes, inputs, outputs, constants) -> bytes:
    """A model of these nodes."""
    held = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    made = helper.make_graph(nodes, "tiny", inputs, outputs, held)
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(made, opset_imports=opset, ir_version=10).SerializeToString()


def value(name, shape, kind=TensorProto.FLOAT):
    """An input or output."""
    return helper.make_tensor_value_info(name, kind, shape)


def tokenizer() -> bytes:
    """A byte is an id, between one that begins and one that ends."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: number for number, letter in enumerate(letters)}
    made = Tokenizer(models.BPE(vocab=vocabulary | {"[B]": 256, "[E]": 257}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.post_processor = processors.TemplateProcessing(
        single="[B] $A [E]", special_tokens=[("[B]", 256), ("[E]", 257)]
    )
    return made.to_str().encode()
