"""PE audio as a bundle says what `transformers` says, of 10 s and of less."""

import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="export needs torch: pip install 'earmark[lab]'")
for needed in ("onnx", "onnxscript"):
    pytest.importorskip(needed, reason="export needs it: pip install 'earmark[lab]'")
transformers = pytest.importorskip("transformers", reason="pip install 'earmark[experts]'")
if not hasattr(transformers, "PeAudioModel"):
    pytest.skip("this transformers has no PE audio", allow_module_level=True)

from earmark.errors import DataError
from earmark.lab.adopt import read_halves
from earmark.lab.adopt.write import Origin, adopt
from earmark.model.model import Model
from earmark.synth import make
from lab.adopt.repositories import change_json, pe_audio_model, roberta_tokenizer, write_pe_audio

RATE = 48_000
SENTENCES = ["a dog barks in the rain", "rain"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("pe_audio")


@pytest.fixture(scope="module")
def repository(place):
    return write_pe_audio(place / "repository")


@pytest.fixture(scope="module")
def bundle(place, repository):
    origin = Origin(name="pe", source="tiny/pe", revision="", licence="MIT", weights="float32")
    adopt(repository, place / "bundle", origin)
    return Model.load(place / "bundle")


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def embed_as_transformers(waves):
    """Sound by sound, each at its own length."""
    model, extractor = pe_audio_model(), transformers.PeAudioFeatureExtractor()
    found = []
    for wave in waves:
        given = extractor(wave, sampling_rate=RATE, return_tensors="pt")
        with torch.no_grad():
            found.append(model.get_audio_embeds(**given)[0].numpy())
    return unit(np.stack(found))


def test_a_bundle_hears_and_reads_what_the_model_does(bundle):
    waves = [make(kind, 3, seconds=10.0, rate=RATE) for kind in ("heavy_rain", "birds")]
    waves.append(make("dog_bark", 3, seconds=2.0, rate=RATE))  # its end is digital silence

    found = bundle.embed_audio(waves, rate=RATE)

    wanted = embed_as_transformers(waves)
    assert (found * wanted)[:2].sum(axis=1).min() > 0.9999
    assert (found * wanted)[2].sum() > 0.999
    given = roberta_tokenizer()(SENTENCES, padding=True, return_tensors="pt")
    with torch.no_grad():
        said = pe_audio_model()(**given, input_values=torch.zeros(1, 1, 48_000))
    read = bundle.embed_text(SENTENCES)
    assert (read * unit(said.text_audio_embeds.numpy())).sum(axis=1).min() > 0.9999
    assert bundle.page.seconds.token == bundle.page.seconds.stretch == 10.0


def test_what_stands_behind_a_short_sound_is_masked_as_in_a_batch(repository):
    noise = np.random.default_rng(1).uniform(-0.1, 0.1, 13 * RATE).astype(np.float32)
    waves = [noise[: 10 * RATE], noise[10 * RATE :]]
    given = transformers.PeAudioFeatureExtractor()(waves, sampling_rate=RATE, return_tensors="pt")
    filled = torch.from_numpy(np.pad(waves[1], (0, 7 * RATE)))[None]

    with torch.no_grad():
        tokens, weight = read_halves(repository, own_front=False).audio(filled)
        wanted = pe_audio_model().get_audio_embeds(**given).numpy()

    assert tokens[0, 0].numpy() @ unit(wanted)[1] > 0.99999
    assert tokens[0, 0].numpy() @ embed_as_transformers(waves)[1] > 0.99
    assert weight.tolist() == [[1.0]]


def test_silence_has_a_vector(repository):
    with torch.no_grad():
        tokens, _ = read_halves(repository, own_front=False).audio(torch.zeros(1, 10 * RATE))

    assert torch.isfinite(tokens).all()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sampling_rate": 44_100}, "sampling_rate is 44100, and by config.json the codec has"),
        ({"hop_length": 960}, "hop_length is 960, and by config.json the codec has 1920"),
        ({"feature_size": 2}, "feature_size is 2, and a bundle hears mono"),
    ],
)
def test_a_changed_front_end_is_named(repository, tmp_path, changes, said):
    changed = shutil.copytree(repository, tmp_path / "changed")
    change_json(changed / "preprocessor_config.json", **changes)

    with pytest.raises(DataError, match=said):
        read_halves(changed, own_front=False)
