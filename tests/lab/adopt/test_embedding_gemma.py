"""EmbeddingGemma 2 as a bundle says what the model and its pooling say, of 10 s and of less."""

import json
import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="export needs torch: pip install 'earmark[lab]'")
for needed in ("onnx", "onnxscript"):
    pytest.importorskip(needed, reason="export needs it: pip install 'earmark[lab]'")
transformers = pytest.importorskip("transformers", reason="pip install 'earmark[experts]'")
if not hasattr(transformers, "EmbeddingGemma2Model"):
    pytest.skip("this transformers has no EmbeddingGemma 2", allow_module_level=True)

from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from earmark.errors import DataError, EarmarkError
from earmark.lab.adopt import read_halves, write
from earmark.lab.adopt.write import Origin, adopt
from earmark.model.model import Model
from earmark.synth import make
from lab.adopt.repositories import (
    MARKS,
    PROMPT,
    change_json,
    embedding_gemma,
    gemma_tokenizer,
    write_embedding_gemma,
)

RATE = 16_000
SENTENCES = ["a dog barks in the rain", "rain"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("embedding_gemma")


@pytest.fixture(scope="module")
def repository(place):
    (place / "repository").mkdir()
    return write_embedding_gemma(place / "repository")


@pytest.fixture(scope="module")
def bundle(place, repository):
    origin = Origin(name="eg", source="tiny/eg", revision="", licence=None, weights="float32")
    adopt(repository, place / "bundle", origin)
    return Model.load(place / "bundle")


@pytest.fixture
def changed(repository, tmp_path):
    return shutil.copytree(repository, tmp_path / "changed")


def pooled(ids, **given):
    """The mean over all places, of unit length, as its `1_Pooling` and `2_Normalize` say."""
    with torch.no_grad():
        said = embedding_gemma()(input_ids=torch.tensor([ids]), **given).last_hidden_state[0]
    mean = said.mean(dim=0)
    return (mean / mean.norm()).numpy()


def hear_as_published(wave):
    """A wave at its own length, its soft tokens between the marks that its processor writes."""
    given = transformers.Gemma4AudioFeatureExtractor()([wave], return_tensors="pt")
    frames = int(given["input_features_mask"].sum())
    begin, sound, end = (MARKS.index(name) for name in MARKS[5:])
    ids = [2, begin, *[sound] * ((frames + 3) // 4), end, 1]  # halved twice, rounded up
    return pooled(ids, **given)


def test_a_bundle_hears_and_reads_what_the_model_does(bundle):
    noise = np.random.default_rng(1).uniform(-0.1, 0.1, 10 * RATE).astype(np.float32)
    waves = [noise, noise[: 3 * RATE], noise[:37_077]]
    waves += [make(kind, 3, seconds=10.0, rate=RATE) for kind in ("heavy_rain", "birds")]

    found = bundle.embed_audio(waves, rate=RATE)
    read = bundle.embed_text(SENTENCES)

    for one, wave in zip(found, waves, strict=True):
        assert one @ hear_as_published(wave) > 0.9999
    for one, text in zip(read, SENTENCES, strict=True):
        assert one @ pooled(gemma_tokenizer()(PROMPT + text).input_ids) > 0.9999
    assert read[0] @ read[1] < 0.999
    assert bundle.page.licence == "apache-2.0"


def test_its_front_end_gives_what_theirs_gives(repository):
    front = read_halves(repository, own_front=False).facts.front
    wave = make("birds", 3, seconds=10.0, rate=RATE)
    given = transformers.Gemma4AudioFeatureExtractor()([wave], return_tensors="np")
    wanted = given["input_features"][0]

    found = front.make(wave)

    assert len(found) == len(wanted) + 2  # two whose windows end after the wave
    np.testing.assert_allclose(found[:-2], wanted, atol=3e-4)  # theirs is worked out in float32


def test_the_mean_of_tokens_is_the_vector_and_tells_moments_apart(repository, bundle):
    wave = make("heavy_rain", 3, seconds=5.0, rate=RATE)
    halves = read_halves(repository, own_front=False)
    filled = np.pad(wave, (0, 5 * RATE))

    with torch.no_grad():
        tokens, weight = halves.audio(torch.from_numpy(halves.facts.front.make(filled))[None])

    mean = (tokens * weight[:, :, None]).sum(dim=1) / weight.sum()
    assert mean[0].norm().item() == pytest.approx(1, abs=1e-5)
    assert mean[0].numpy() @ hear_as_published(wave) > 0.9999
    assert tokens.shape == (1, 25, 24)
    assert weight[0].tolist() == pytest.approx([1] * 12 + [0] * 13, abs=1e-5)  # 5 s are 12.5 tokens
    assert tokens[0, :12].std(dim=0).mean() > 0.01
    assert bundle.page.seconds.token == 0.4


def test_silence_has_a_vector(repository):
    halves = read_halves(repository, own_front=False)
    silence = halves.facts.front.make(np.zeros(10 * RATE, np.float32))

    with torch.no_grad():
        tokens, weight = halves.audio(torch.from_numpy(silence)[None])

    assert torch.isfinite(tokens).all()
    assert weight[0, 0] > 0.05
    assert weight[0, 1:].sum() < 1e-4


def test_a_query_begins_with_the_prompt_for_queries(repository, changed):
    (changed / "config_sentence_transformers.json").unlink()

    prompted, plain = (
        Tokenizer.from_str(read_halves(one, own_front=False).tokenizer).encode("a dog").ids
        for one in (repository, changed)
    )

    assert prompted == gemma_tokenizer()(PROMPT + "a dog").input_ids
    assert plain == gemma_tokenizer()("a dog").input_ids


@pytest.mark.parametrize(
    ("file", "changes", "said"),
    [
        ("preprocessor_config.json", {"hop_length": 80}, "hop_length is 80, and every published"),
        ("preprocessor_config.json", {"dither": 0.1}, "dither is 0.1, which no bundle does"),
        ("preprocessor_config.json", {"feature_size": 64}, "64, and the network hears 128 bands"),
        ("preprocessor_config.json", {"feature_size": "x"}, "no front end: "),
        ("config.json", {"audio_config": None}, "there is no audio_config, so this model only"),
        ("config.json", {"text_config__sliding_window": 128}, "sliding_window is 128, and 10 s of"),
        ("config.json", {"text_config__vocab_size": 20}, "the weight .*embed_tokens.weight is"),
        ("1_Pooling/config.json", {"pooling_mode": "cls"}, "it pools by cls, and this architect"),
        ("1_Pooling/config.json", {"include_prompt": False}, "by mean without the prompt, and"),
    ],
)
def test_what_does_not_fit_is_named(changed, file, changes, said):
    change_json(changed / file, **changes)

    with pytest.raises(DataError, match=said):
        read_halves(changed, own_front=False)


def test_a_missing_scale_of_a_layer_is_named(changed):
    path = changed / "model.safetensors"
    weights = load_file(path)
    del weights["language_model.layers.1.layer_scalar"]
    save_file(weights, path, metadata={"format": "pt"})

    with pytest.raises(DataError, match=r"language_model.layers.1.layer_scalar is missing"):
        read_halves(changed, own_front=False)


def test_a_front_end_inside_the_processors_file_is_read(changed):
    old = changed / "preprocessor_config.json"
    told = {"feature_extractor": json.loads(old.read_text()), "audio_seq_length": 280}
    old.unlink()
    (changed / "processor_config.json").write_text(json.dumps(told))

    assert read_halves(changed, own_front=False).facts.front.rule.hop == 160


def test_the_table_of_words_is_not_in_the_ears(repository):
    halves = read_halves(repository, own_front=False)

    assert not any("embed_tokens" in name for name, _ in halves.audio.named_parameters())
    assert any("embed_tokens" in name for name, _ in halves.text.named_parameters())


def test_a_network_over_two_gigabytes_is_refused(repository, tmp_path, monkeypatch):
    monkeypatch.setattr("earmark.lab.adopt.write.LARGEST", 50_000)
    origin = Origin(name="eg", source="tiny/eg", revision="", licence=None, weights="int8")

    with pytest.raises(DataError, match=r"audio.onnx would be 0\.\d GB in float32, and an ONNX"):
        adopt(repository, tmp_path / "bundle", origin)
    assert not (tmp_path / "bundle").exists()


def test_vectors_are_apart_in_their_own_lengths():
    wanted = np.array([[[3.0, 4.0], [0.0, 0.0]], [[30.0, 40.0], [0.0, 0.01]]])
    found = wanted + np.array([[[0.0, 0.1], [0.0, 0.0]], [[0.3, 0.0], [0.0, 0.0]]])

    assert write.vectors_apart(found, wanted) == pytest.approx(0.1 / 5)
    assert write.vectors_apart(wanted[1], wanted[1]) == 0


def test_a_graph_that_says_something_else_is_refused(
    repository, bundle, place, tmp_path, monkeypatch
):
    kept = iter([(place / "bundle" / f"{half}.onnx").read_bytes() for half in ("audio", "text")])

    def worse(graph, *_):
        with torch.no_grad():
            graph.reader.layers[1].layer_scalar.mul_(1.3)
        return next(kept)

    monkeypatch.setattr(write, "export_graph", worse)
    origin = Origin(name="eg", source="tiny/eg", revision="", licence=None, weights="int8")

    with pytest.raises(EarmarkError, match=r"audio.onnx differs from the trained network by 0\.\d"):
        adopt(repository, tmp_path / "bundle", origin)


def test_weights_that_were_cut_off_are_two_lines(changed):
    path = changed / "model.safetensors"
    path.write_bytes(path.read_bytes()[:5000])

    with pytest.raises(DataError, match="the model cannot be built: "):
        read_halves(changed, own_front=False)
