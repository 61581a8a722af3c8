"""Repositories as `sentence-transformers` writes them: what runs after a model, and prompts."""

import json
import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="export needs torch: pip install 'earmark[lab]'")
for needed in ("onnx", "onnxscript"):
    pytest.importorskip(needed, reason="export needs it: pip install 'earmark[lab]'")
transformers = pytest.importorskip("transformers", reason="pip install 'earmark[experts]'")
if not hasattr(transformers, "EmbeddingGemma2Model"):  # all repositories are made in one file
    pytest.skip("this transformers is older than they are", allow_module_level=True)
library = pytest.importorskip("sentence_transformers", reason="pip install 'earmark[sentence]'")

from sentence_transformers.base.modules.normalize import Normalize

from earmark.errors import DataError
from earmark.lab.adopt import read_halves
from earmark.lab.adopt.write import Origin, adopt
from earmark.model.model import Model
from earmark.synth import make
from lab.adopt.repositories import write_clap, write_modules

RATE = 48_000
PROMPT = "dog: "
ROOT = ("modules.json", "config_sentence_transformers.json", "README.md")
MODEL = {"": "base.modules.transformer.Transformer"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("modules")


@pytest.fixture(scope="module")
def published(place):
    """What the library makes of a CLAP, with a prompt, and the folder that it writes."""
    (place / "clap").mkdir()
    made = library.SentenceTransformer(
        str(write_clap(place / "clap")), local_files_only=True, device="cpu",
        prompts={"query": PROMPT},
    )  # fmt: skip
    made.append(Normalize())
    made.save(str(place / "published"), create_model_card=False)
    return made


@pytest.fixture
def changed(place, published, tmp_path):
    return shutil.copytree(place / "published", tmp_path / "changed")


def test_a_bundle_says_what_the_library_says(place, published):
    origin = Origin(name="st", source="tiny/st", revision="", licence="MIT", weights="float32")
    adopt(place / "published", place / "bundle", origin)
    bundle = Model.load(place / "bundle")
    waves = [make(kind, 3, seconds=10.0, rate=RATE) for kind in ("heavy_rain", "birds")]
    texts = ["a dog in the rain", "rain"]

    heard = published.encode([{"array": wave, "sampling_rate": RATE} for wave in waves])
    read = published.encode_query(texts)

    assert (bundle.embed_audio(waves, rate=RATE) * heard).sum(axis=1).min() > 0.9999
    assert (bundle.embed_text(texts) * read).sum(axis=1).min() > 0.9999
    plain = published.encode(texts)
    assert (bundle.embed_text(texts) * plain).sum(axis=1).max() < 0.9999  # the prompt counts
    np.testing.assert_allclose(np.linalg.norm(heard, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ({"": "base.modules.router.Router"}, "a Router stands in it, and a model that hears and"),
        (MODEL | {"1_Dense": "base.modules.dense.Dense"}, "a Dense stands in it, and a bundle has"),
        (
            MODEL | {"1_Pooling": "sentence_transformer.modules.pooling.Pooling"},
            "a Pooling stands in it, and a bundle has nothing like it",
        ),
    ],
)
def test_what_a_bundle_cannot_do_is_named(changed, steps, said):
    write_modules(changed, steps)

    with pytest.raises(DataError, match=said):
        read_halves(changed, own_front=False)


@pytest.mark.parametrize("content", ["{", "[]", "[3]", '{"a": 1}'])
def test_a_damaged_list_is_two_lines(changed, content):
    (changed / "modules.json").write_text(content)

    with pytest.raises(DataError, match=r"modules\.json: "):
        read_halves(changed, own_front=False)


def test_a_model_in_a_folder_of_its_own_is_found(changed):
    inner = changed / "0_Transformer"
    inner.mkdir()
    for path in list(changed.iterdir()):
        if path.is_file() and path.name not in ROOT:
            path.rename(inner / path.name)
    rows = json.loads((changed / "modules.json").read_text())
    rows[0]["path"] = "0_Transformer"
    (changed / "modules.json").write_text(json.dumps(rows))

    assert PROMPT[:3] in read_halves(changed, own_front=False).tokenizer
