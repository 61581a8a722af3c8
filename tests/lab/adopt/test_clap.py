"""CLAP as a bundle says what `transformers` says, and what does not fit is named."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="export needs torch: pip install 'earmark[lab]'")
for needed in ("onnx", "onnxscript"):
    pytest.importorskip(needed, reason="export needs it: pip install 'earmark[lab]'")
transformers = pytest.importorskip("transformers", reason="pip install 'earmark[experts]'")

from safetensors.torch import load_file, save_file

from earmark.errors import DataError, UsageError
from earmark.lab.adopt import Facts, clap, read_halves, write
from earmark.lab.adopt.repository import read_tokenizer
from earmark.lab.adopt.write import Origin, adopt, write_adopted
from earmark.model.golden import verify
from earmark.model.model import Model
from earmark.model.page import GOLDEN
from earmark.synth import make
from lab.adopt.repositories import (
    change_json,
    clap_config,
    clap_extractor,
    clap_model,
    roberta_tokenizer,
    write_clap,
)

RATE = 48_000
SENTENCES = ["a dog barks in the rain", "rain", "Ein Hund, naïve — 犬!"]
ORIGIN = Origin(name="clap", source="tiny/clap", revision="a1b2", licence=None, weights="float32")


def sound(kind, seconds, seed=3):
    return make(kind, seed, seconds=seconds, rate=RATE)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("clap")


@pytest.fixture(scope="module")
def repository(place):
    return write_clap(place / "repository")


@pytest.fixture(scope="module")
def bundle(place, repository):
    adopt(repository, place / "float32", ORIGIN)
    return Model.load(place / "float32")


@pytest.fixture
def changed(repository, tmp_path):
    """A copy that a test may spoil."""
    return shutil.copytree(repository, tmp_path / "changed")


def embed_as_transformers(waves):
    """The usual pipeline, sound by sound."""
    model, extractor = clap_model(), clap_extractor()
    found = []
    for wave in waves:
        given = extractor(wave, sampling_rate=RATE, return_tensors="pt")
        with torch.no_grad():
            found.append(model.get_audio_features(**given).pooler_output[0].numpy())
    return np.stack(found)


def test_a_bundle_hears_what_the_pipeline_hears(bundle):
    waves = [sound(kind, 10.0) for kind in ("heavy_rain", "birds", "tone")]

    found = bundle.embed_audio(waves, rate=RATE)

    wanted = embed_as_transformers(waves)
    assert (found * wanted).sum(axis=1).min() > 0.99999
    assert (wanted @ wanted.T).min() < 0.99  # or it would prove nothing


@pytest.mark.parametrize("seconds", [0.4, 3.0, 4.9, 7.3])
def test_a_short_sound_is_repeated_as_the_pipeline_does(bundle, seconds):
    wave = sound("dog_bark", seconds)

    [found] = bundle.embed_audio(wave, rate=RATE)

    assert found @ embed_as_transformers([wave])[0] > 0.9999


def test_a_bundle_reads_what_the_pipeline_reads(bundle):
    model, tokenizer = clap_model(), roberta_tokenizer()
    given = tokenizer(SENTENCES, padding=True, return_tensors="pt")
    with torch.no_grad():
        wanted = model.get_text_features(**given).pooler_output.numpy()

    found = bundle.embed_text(SENTENCES)

    assert (found * wanted).sum(axis=1).min() > 0.99999
    assert (wanted @ wanted.T).min() < 0.99


def test_a_text_that_is_too_long_is_cut_where_the_pipeline_cuts(bundle):
    long = "rain and then " * 40
    given = roberta_tokenizer()(long, truncation=True, return_tensors="pt")
    with torch.no_grad():
        wanted = clap_model().get_text_features(**given).pooler_output[0].numpy()

    assert bundle.page.text.longest == 60
    assert bundle.embed_text(long)[0] @ wanted > 0.99999


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("kind", ["heavy_rain", "tone", "sweep"])
def test_its_front_end_is_the_extractors(tmp_path, fused, kind):
    clap_extractor(fused=fused).save_pretrained(tmp_path)
    wanted = clap._Front(bands=64, most=1024, truncation="fusion" if fused else "rand_trunc")
    front, fill = clap.read_front(tmp_path, wanted, own_front=False)
    wave = sound(kind, 10.0)

    found = front.make(wave)

    told = clap_extractor(fused=fused)(wave, sampling_rate=RATE, return_tensors="np")
    assert np.abs(found - told["input_features"][0, 0]).max() < 1e-4
    assert (front.samples, front.shape, fill) == (480_000, (1001, 64), "repeat")


def test_the_mean_of_tokens_is_the_embedding_whatever_bends():
    model = clap_model()
    mel = torch.from_numpy(
        clap_extractor()(sound("birds", 10.0), sampling_rate=RATE)["input_features"][0]
    )
    for bend in (torch.nn.ReLU(), torch.nn.GELU()):
        model.audio_projection.activation = bend
        with torch.no_grad():
            wanted = model.get_audio_features(input_features=mel[None]).pooler_output
            tokens, weight = clap.ClapSound(model)(mel)

        torch.testing.assert_close(tokens.mean(dim=1), wanted, atol=1e-5, rtol=1e-4)
        assert (weight == 1).all()
        assert tokens.std(dim=1).mean() > 0.01


def test_a_fused_checkpoint_hears_as_one_that_is_never_asked_to_fuse(tmp_path):
    model = clap_model(fused=True)
    halves = read_halves(write_clap(tmp_path, fused=True), own_front=False)
    wave = sound("birds", 10.0)
    given = clap_extractor(fused=True)(wave, sampling_rate=RATE, return_tensors="pt")
    with torch.no_grad():
        wanted = model.get_audio_features(
            input_features=given["input_features"], is_longer=torch.zeros(1, 1, dtype=torch.bool)
        ).pooler_output
        tokens, _ = halves.audio(torch.from_numpy(halves.facts.front.make(wave))[None])

    torch.testing.assert_close(tokens.mean(dim=1), wanted, atol=1e-4, rtol=1e-3)


def test_a_long_recording_gives_the_same_vectors_and_all_of_it_is_heard(bundle):
    wave = np.concatenate([sound("heavy_rain", 14.0), sound("birds", 11.0)])

    vectors, times = bundle.embed_windows(wave, rate=RATE)

    again, _ = bundle.embed_windows(wave, rate=RATE)
    line = bundle.hear_wave(wave, rate=RATE)
    assert np.array_equal(vectors, again)
    assert times[0].tolist() == [0.0, 10.0]
    assert times[1].tolist() == [5.0, 15.0]
    assert (line.stretches[0][0], line.stretches[-1][1]) == (0, 25)
    np.testing.assert_array_equal(line.stretches[1:, 0], line.stretches[:-1, 1])


def test_weights_of_8_bits_are_near(bundle, place):
    page = bundle.page
    contents = {name: (place / "float32" / name).read_bytes() for name in page.files}
    plain = {name: contents[name] for name in ("audio.onnx", "text.onnx", "tokenizer.json")}
    facts = Facts(front=page.fronts[0], seconds=page.seconds, width=24, longest=60, fill="repeat")
    write_adopted(place / "int8", replace(page, weights="int8"), plain, facts)
    small = Model.load(place / "int8")

    wave = sound("birds", 10.0)
    assert small.embed_audio(wave, rate=RATE)[0] @ bundle.embed_audio(wave, rate=RATE)[0] > 0.99
    assert small.page.results["packing"]["text_cosine"] > 0.99
    assert all(one.met for one in verify(small, (place / "int8" / GOLDEN).read_bytes()))


def test_a_bundle_says_where_it_is_from(bundle, place):
    page = bundle.page

    assert page.licence == "cc-by-4.0"
    assert page.data == {"source": "tiny/clap", "revision": "a1b2"}
    assert (page.width, page.seconds.stretch, page.fill) == (24, 10.0, "repeat")
    card = (place / "float32" / "README.md").read_text(encoding="utf-8")
    assert "| revision | a1b2 |" in card
    assert "repeated to fill 10 s" in card
    assert b"site-packages" not in (place / "float32" / "audio.onnx").read_bytes()


def refusal(folder, **settings):
    with pytest.raises(DataError) as caught:
        read_halves(folder, own_front=settings.get("own_front", False))
    assert len(str(caught.value).splitlines()) == 2
    return str(caught.value)


def rewrite_weights(folder, change):
    path = folder / "model.safetensors"
    weights = load_file(path)
    change(weights)
    save_file(weights, path, metadata={"format": "pt"})


def test_a_missing_weight_is_named(changed):
    rewrite_weights(changed, lambda weights: weights.pop("audio_projection.linear2.bias"))

    assert "the weight audio_projection.linear2.bias is missing\n" in refusal(changed)


def test_a_renamed_weight_is_named_with_its_old_name(changed):
    def rename(weights):
        weights["audio_projection.0.weight"] = weights.pop("audio_projection.linear1.weight")

    rewrite_weights(changed, rename)

    said = refusal(changed)
    assert "the weight audio_projection.linear1.weight is missing" in said
    assert "audio_projection.0.weight is there, and nothing reads it" in said


def test_a_weight_of_another_size_is_named(changed):
    change_json(changed / "config.json", text_config__intermediate_size=48)

    assert "intermediate.dense.bias is [64], and by config.json [48]" in refusal(changed)


def test_running_means_are_learned_too(changed):
    name = "audio_model.audio_encoder.batch_norm.running_mean"
    rewrite_weights(changed, lambda weights: weights.pop(name))

    assert f"the weight {name} is missing" in refusal(changed)


def test_an_old_checkpoint_without_tables_that_follow_from_its_configuration_is_read(changed):
    def older(weights):
        for name in list(weights):
            if name.endswith(("position_ids", "token_type_ids", "relative_position_index")):
                del weights[name]

    rewrite_weights(changed, older)

    halves = read_halves(changed, own_front=False)
    ids = torch.tensor([[0, 70, 2]])
    with torch.no_grad():
        wanted = clap_model().get_text_features(input_ids=ids).pooler_output
        torch.testing.assert_close(halves.text(ids, ids >= 0)[0], wanted, atol=1e-5, rtol=1e-4)


def test_a_tokenizer_of_another_size_is_refused(changed):
    from tokenizers import Tokenizer

    path = changed / "tokenizer.json"
    larger = Tokenizer.from_file(str(path))
    larger.add_tokens(["bark"])
    larger.save(str(path))

    said = refusal(changed)
    assert "tokenizer.json is not the tokenizer of this model" in said
    assert "it has 268 pieces, and the network 267" in said


def test_a_tokenizer_with_other_ends_is_refused(tmp_path):
    config = clap_config().text_config
    config.bos_token_id = 5
    roberta_tokenizer().save_pretrained(tmp_path)

    with pytest.raises(
        DataError, match=r"stands between \(0, 2\), and for the network .* \(5, 2\)"
    ):
        read_tokenizer(tmp_path, config)


def test_a_tokenizer_that_pads_otherwise_is_refused(tmp_path):
    config = clap_config().text_config
    config.pad_token_id = 3
    roberta_tokenizer().save_pretrained(tmp_path)

    with pytest.raises(DataError, match="it pads with 1, and the network with 3"):
        read_tokenizer(tmp_path, config)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sampling_rate": 44_100}, "sampling_rate is 44100, and every published CLAP has 48000"),
        ({"frequency_max": 8000}, "frequency_max is 8000, and every published CLAP has 14000"),
        ({"fft_window_size": 2048}, "fft_window_size is 2048"),
        ({"feature_size": 32}, "feature_size is 32, and the network hears 64 bands"),
        ({"hop_length": 320}, "max_length_s and hop_length make 1501 frames"),
        ({"truncation": "fusion"}, "truncation is 'fusion', and by its config.json"),
        ({"padding": "repeat"}, "padding is 'repeat', which no bundle does"),
        ({"padding": "pad"}, "padding is 'pad', and every published CLAP has 'repeatpad'"),
        ({"top_db": 80}, "top_db is 80, which no bundle does"),
    ],
)
def test_a_changed_front_end_is_named(changed, changes, said):
    change_json(changed / "preprocessor_config.json", **changes)

    assert f"preprocessor_config.json: {said}" in refusal(changed)


def test_a_front_end_that_is_meant_is_taken(changed):
    change_json(changed / "preprocessor_config.json", padding="pad", frequency_max=12_000)

    halves = read_halves(changed, own_front=True)

    assert halves.facts.front.rule.high == 12_000
    assert halves.facts.fill == "silence"
    assert halves.facts.told["shorter sounds"] == "followed by silence, to 10 s"


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("config.json", "there is no config.json in it"),
        ("model.safetensors", "there is no model.safetensors or"),
        ("tokenizer.json", "there is no tokenizer.json or vocab.json in it"),
        ("preprocessor_config.json", "there is no preprocessor_config.json or"),
    ],
)
def test_a_missing_file_is_named(changed, lost, said):
    (changed / lost).unlink()

    assert said in refusal(changed)


def test_a_fusion_that_needs_random_crops_is_refused(changed):
    change_json(changed / "config.json", audio_config__fusion_type="channel_map")
    change_json(changed / "config.json", audio_config__enable_fusion=True)

    assert "fusion_type is 'channel_map', which hears four pictures" in refusal(changed)


def test_another_architecture_is_refused(changed):
    change_json(changed / "config.json", model_type="whisper")

    assert "'whisper' is no audio-text pair that earmark builds" in refusal(changed)


def test_a_licence_must_be_told(changed):
    (changed / "README.md").write_text("# no licence here\n", encoding="utf-8")

    with pytest.raises(UsageError, match="does not say under which licence"):
        write.licence_of(changed)
