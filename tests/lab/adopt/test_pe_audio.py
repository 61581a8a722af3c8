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
from lab.adopt.repositories import (
    change_json,
    pe_audio_model,
    roberta_tokenizer,
    write_pe_audio,
    write_pe_av,
)

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


@pytest.fixture(scope="module")
def frames(place):
    return write_pe_audio(place / "frames", frames=True)


def frames_as_transformers(wave):
    """The mean of a sound's frames, at its own length, as `PeAudioFrameLevelModel` gives them."""
    model = transformers.PeAudioFrameLevelModel(pe_audio_model().config).eval()
    model.load_state_dict(pe_audio_model().state_dict())
    given = transformers.PeAudioFeatureExtractor()(wave, sampling_rate=RATE, return_tensors="pt")
    with torch.no_grad():
        return model.get_audio_embeds(**given)[0].numpy()


def test_frames_are_kept_in_time_and_their_mean_is_the_vector(frames, place):
    adopt(
        frames, place / "of_frames",
        Origin(name="pe", source="tiny/pe", revision="", licence="MIT", weights="float32"),
    )  # fmt: skip
    bundle = Model.load(place / "of_frames")
    rain = make("heavy_rain", 3, seconds=10.0, rate=RATE)
    bark = make("dog_bark", 3, seconds=3.0, rate=RATE)[: 2 * RATE]  # 5 tokens: none is cut

    whole, short = bundle.embed_audio([rain, bark], rate=RATE)
    told = frames_as_transformers(rain)
    line = bundle.hear_wave(rain, rate=RATE)

    assert whole @ unit(told.mean(axis=0)[None])[0] > 0.9999
    assert short @ unit(frames_as_transformers(bark).mean(axis=0)[None])[0] > 0.99
    assert bundle.page.seconds.token == 0.4
    assert line.tokens.shape == (25, 32)
    tens = told.reshape(25, 10, 32).mean(axis=1)
    assert (unit(line.tokens) * unit(tens)).sum(axis=1).min() > 0.9999


@pytest.mark.parametrize(
    "stored", ["audio_model.audio_encoder.", "audio_video_encoder.embedder.audio_encoder."]
)
def test_of_pe_av_the_ears_are_read_wherever_they_are_stored(tmp_path, repository, stored):
    wave = torch.from_numpy(make("birds", 3, seconds=10.0, rate=RATE))[None]

    halves = read_halves(write_pe_av(tmp_path / "av", stored=stored), own_front=False)

    plain = read_halves(repository, own_front=False)
    with torch.no_grad():
        found, wanted = halves.audio(wave)[0], plain.audio(wave)[0]
        ids, mask = torch.tensor([[0, 9, 2]]), torch.ones(1, 3, dtype=torch.bool)
        read, told = halves.text(ids, mask)[0], plain.text(ids, mask)[0]
    torch.testing.assert_close(found, wanted)
    torch.testing.assert_close(read, told)


def test_a_pe_av_without_ears_is_named(tmp_path):
    folder = write_pe_av(tmp_path / "av", stored="elsewhere.")

    with pytest.raises(DataError, match=r"the weight audio_encoder\..* is missing"):
        read_halves(folder, own_front=False)


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
