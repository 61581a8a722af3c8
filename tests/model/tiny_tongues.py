"""A reader of other languages that a person can work out by hand, beside the tiny bundle.

Its gist is that of the tiny bundle with all signs turned; a text of a few letters is in
English, one of about five in French, a longer one in German.
"""

import json
from hashlib import sha256

import numpy as np
from onnx import TensorProto, helper

from earmark.model.model import Model
from earmark.model.tongues import TonguesPage
from model.tiny import PAGE, TABLE, WIDTH, contents_of, graph, tokenizer, value

TONGUES = ("en", "fr", "de")
ENGLISH = ("a", "dog", "barks", "rain")


def tongues_graph() -> bytes:
    """Ids to turned rows of the table, their mean at unit length, and scores by the length."""
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["tokens"]),
        helper.make_node("ReduceSum", ["tokens", "one"], ["total"], keepdims=0),
        helper.make_node("LpNormalization", ["total"], ["gist"], axis=1, p=2),
        helper.make_node("Cast", ["mask"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["real", "one"], ["count"], keepdims=1),
        helper.make_node("Sub", ["count", "middles"], ["apart"]),
        helper.make_node("Abs", ["apart"], ["far"]),
        helper.make_node("Neg", ["far"], ["tongues"]),
    ]
    inputs = [
        value("ids", ["n", "L"], TensorProto.INT64),
        value("mask", ["n", "L"], TensorProto.BOOL),
    ]
    outputs = [
        value("gist", ["n", WIDTH]),
        value("tokens", ["n", "L", WIDTH]),
        value("tongues", ["n", len(TONGUES)]),
    ]
    # A begin and an end are counted too: 3 are one letter; from 10 on the third is nearest.
    constants = {
        "table": -TABLE,
        "one": np.array([1]),
        "middles": np.array([[3.0, 7.0, 11.0]], np.float32),
    }
    return graph(nodes, inputs, outputs, constants)


def write_tongues(folder, text=None, **changes):
    """Write a reader, by default one for the tiny bundle."""
    folder.mkdir(parents=True)
    contents = {
        "tongues.onnx": tongues_graph(),
        "tokenizer.json": tokenizer(),
        "english.txt": "\n".join(ENGLISH).encode(),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    page = TonguesPage(
        name="tiny-tongues",
        licence="Apache-2.0",
        text=text or sha256(contents_of(PAGE)["text.onnx"]).hexdigest(),
        tongues=TONGUES,
        longest=12,
        width=WIDTH,
        recipe='name = "tiny-tongues"\n',
        results={},
        files={name: sha256(content).hexdigest() for name, content in contents.items()},
    )
    (folder / "tongues.json").write_text(
        json.dumps(json.loads(page.dumps()) | changes), encoding="utf-8"
    )
    return folder


def with_tongues(model: Model, tongues) -> Model:
    """The model with a reader beside it, as if it had been found."""
    model.tongues = tongues
    return model
