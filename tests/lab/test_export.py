"""From a run to a bundle and back: the same answers, nothing written that is wrong."""

import shutil
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
for needed in ("onnx", "onnxscript"):
    pytest.importorskip(needed, reason="export needs it: pip install 'earmark[lab]'")

from earmark.audio.mel import log_mel
from earmark.audio.write import write
from earmark.errors import DataError, EarmarkError, UsageError
from earmark.lab import export as room
from earmark.lab.export import Wish, export
from earmark.lab.graphs import AudioGraph
from earmark.lab.matchers.gist import gist
from earmark.lab.objectives.hear import Ears
from earmark.lab.objectives.read import tokenizer_of
from earmark.lab.objectives.teaching import MEL
from earmark.lab.recipe import EarsRule
from earmark.lab.sides import Stream
from earmark.lab.start import load_part, read_weights
from earmark.lab.towers.cnn import FRAMES
from earmark.lab.towers.tokenizer import encode
from earmark.library.library import Library
from earmark.model.golden import verify
from earmark.model.model import Model
from earmark.model.page import GOLDEN
from earmark.synth import make
from lab.tiny_runs import bank_run, both_run, ears_run, save_run

SENTENCE = "a dog barking in the distance"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("bundles")


@pytest.fixture(scope="module")
def pooled(place):
    """The torch model, and its bundles in float32 and in int8."""
    model = both_run(place / "run")
    for weights in ("float32", "int8"):
        export(place / "run", place / weights, Wish(name="tiny", weights=weights))
    return model


@pytest.fixture(scope="module")
def ears(place):
    model = ears_run(place / "ears-run")
    export(place / "ears-run", place / "ears", Wish(name="tiny-ears", classes=True))
    return model


def tokens_in_torch(model, wave):
    """What search hears of a short sound, by hand: zeros before, one input."""
    before = round(0.96 * MEL.rate)
    whole = np.zeros(608 * MEL.hop, np.float32)
    whole[before : before + len(wave)] = wave
    logmel = torch.from_numpy(log_mel(whole, MEL)[None, :608])
    with torch.no_grad():
        return model.listen(logmel)


def gist_in_torch(model, wave):
    """The tokens of the sound alone, by what they count."""
    with torch.no_grad():
        tokens = model.matcher.audio_tokens(tokens_in_torch(model, wave))
    kept = slice(3, 3 + round(len(wave) / MEL.rate / 0.32))
    total = (tokens.x[0, kept] * tokens.weight[0, kept, None]).sum(0)
    return (total / total.norm()).numpy()


def test_a_bundle_hears_and_reads_what_the_trained_model_does(pooled, place):
    bundle = Model.load(place / "float32")
    wave = make("dog_bark", 3, seconds=6.4, rate=MEL.rate)

    np.testing.assert_allclose(
        bundle.embed_audio(wave, rate=MEL.rate)[0], gist_in_torch(pooled, wave), atol=1e-4
    )
    ids, mask = encode(tokenizer_of(pooled.words.state_dict()), [SENTENCE])
    with torch.no_grad():
        wanted = pooled.matcher.text_gist(pooled.read(ids, mask))[0].numpy()
    np.testing.assert_allclose(bundle.embed_text(SENTENCE)[0], wanted, atol=1e-5)


@pytest.mark.parametrize("weights", ["float32", "int8"])
def test_a_bundle_proves_itself(pooled, place, weights):
    model = Model.load(place / weights)

    assert all(figure.met for figure in verify(model, (place / weights / GOLDEN).read_bytes()))
    assert model.page.results["packing"]["audio_cosine"] > 0.99
    assert "```toml" in (place / weights / "README.md").read_text(encoding="utf-8")


def test_packed_weights_are_smaller_and_near(pooled, place):
    sizes = [sum(f.stat().st_size for f in (place / n).glob("*.onnx")) for n in ("int8", "float32")]
    wave = make("heavy_rain", 3, seconds=6.0, rate=MEL.rate)
    vectors = [
        Model.load(place / n).embed_audio(wave, rate=MEL.rate)[0] for n in ("int8", "float32")
    ]

    assert sizes[0] < sizes[1]
    assert 0.99 < vectors[0] @ vectors[1] < 1


def test_ears_alone_name_classes_and_read_nothing(ears, place):
    model = Model.load(place / "ears")

    line = model.hear_wave(make("dog_bark", 3, seconds=4.0, rate=MEL.rate), rate=MEL.rate)

    assert line.classes.shape == (1, 527)
    assert ((line.classes > 0) & (line.classes < 1)).all()
    assert model.classes[0] == "Speech"
    with pytest.raises(UsageError, match="only hears"):
        model.embed_text("rain")


@pytest.mark.parametrize(
    ("sounding", "counted"), [((0, 3), [*range(16)]), ((0, 20), [*range(16), 20])]
)
def test_classes_are_of_what_sounds_and_of_the_first_seconds(sounding, counted):
    ears = Ears(
        EarsRule(widths=(4, 8, 8), depths=(1, 1, 1), width=32, looks=1), classes=5, taught_width=16
    ).eval()
    graph = AudioGraph(ears, None, classes=True, taught=5.12).eval()
    logmel = torch.full((1, 32 * FRAMES, MEL.bands), graph.silence)
    for token in sounding:
        logmel[:, token * FRAMES + 5] = 1.0

    with torch.no_grad():
        found = graph(logmel)[2]
        x, weight = (ears.tower(logmel)[n][0, counted] for n in (0, 3))
        wanted = ears.classes((x * weight[:, None]).sum(dim=0) / weight.sum()).sigmoid()

    torch.testing.assert_close(found[0], wanted, atol=1e-5, rtol=1e-4)


def test_a_matcher_that_sees_both_sides_goes_along(place):
    both = both_run(place / "words-run", "words")
    export(place / "words-run", place / "words", Wish(name="tiny-words", weights="float32"))
    model = Model.load(place / "words")
    wave = make("dog_bark", 3, seconds=5.0, rate=MEL.rate)
    line = model.hear_wave(wave, rate=MEL.rate)

    found = model.score(SENTENCE, wave, rate=MEL.rate)

    tokens = torch.from_numpy(model._words.read(SENTENCE)[1][None])
    heard = torch.from_numpy(line.tokens[None])
    whole = [torch.ones(x.shape[:2], dtype=torch.bool) for x in (tokens, heard)]
    with torch.no_grad():
        wanted = both.matcher.pair(tokens, whole[0], heard, whole[1])
    np.testing.assert_allclose(found[0], wanted.numpy(), atol=1e-5)
    assert model.page.rerank.candidates >= 1


ENSEMBLES = {  # by whether its gists say it all
    True: {"plain": ("pooled", ""), "alone": ("coattention", 'kind = "none"\n')},
    False: {"plain": ("pooled", ""), "words": ("words", ""), "phrases": ("phrases", "")},
}


@pytest.fixture(scope="module", params=ENSEMBLES, ids=["separable", "seen"])
def ensemble(request, tmp_path_factory):
    """The torch model of several runs, after measuring, and where the bundle of it is."""
    place = tmp_path_factory.mktemp("ensemble")
    return ensemble_run(place, ENSEMBLES[request.param]), place


def ensemble_run(place, members):
    for name, kind in members.items():
        both_run(place / name, *kind)
    told = f"members = {[str(place / name) for name in members]}\n"
    model = both_run(place / "run", "ensemble", told)
    count = len(members)
    model.matcher.spread.add(torch.arange(1, count + 1) / 10)
    model.matcher.length.add(torch.arange(count, 0, -1) / 4)
    save_run(place / "run", model)
    export(place / "run", place / "bundle", Wish(name="tiny-ensemble", weights="float32"))
    return model


def test_an_ensemble_is_one_bundle_that_hears_and_reads_what_it_does(ensemble):
    both, place = ensemble
    bundle, wave = Model.load(place / "bundle"), make("dog_bark", 3, seconds=6.4, rate=MEL.rate)
    ids, mask = encode(tokenizer_of(both.words.state_dict()), [SENTENCE])

    heard, read = bundle.embed_audio(wave, rate=MEL.rate)[0], bundle.embed_text(SENTENCE)[0]

    assert bundle.page.width == both.matcher.width == sum(both.matcher.widths) > 40
    assert (bundle.page.rerank is None) == both.matcher.separable
    np.testing.assert_allclose(heard, gist_in_torch(both, wave), atol=1e-4)
    with torch.no_grad():
        wanted = both.matcher.text_gist(both.read(ids, mask))[0].numpy()
    np.testing.assert_allclose(read, wanted, atol=1e-5)


def test_a_score_of_the_bundle_is_the_mean_of_what_its_members_say(ensemble):
    both, place = ensemble
    if both.matcher.separable:
        pytest.skip("its score is the product of the gists")
    bundle, wave = Model.load(place / "bundle"), make("dog_bark", 3, seconds=5.0, rate=MEL.rate)

    found = bundle.score(SENTENCE, wave, rate=MEL.rate)[0, 0]

    shares = both.matcher.shares().tolist()
    each = [score_in_torch(both, one, wave) for one in both.matcher.members]
    assert min(shares) > 0.1
    assert found == pytest.approx(np.dot(shares, each), abs=2e-4)


def score_in_torch(both, member, wave):
    """What one matcher says of the sentence and the tokens of a wave."""
    ids, mask = encode(tokenizer_of(both.words.state_dict()), [SENTENCE])
    heard, read = tokens_in_torch(both, wave), both.read(ids, mask)
    with torch.no_grad():
        audio = member.audio_tokens(heard)
        kept = slice(3, 3 + round(len(wave) / MEL.rate / 0.32))
        inside = Stream(audio.x[:, kept], audio.real[:, kept], weight=audio.weight[:, kept])
        if member.separable:
            return (member.text_gist(read) @ gist(inside).T).item()
        words = member.text_tokens(read)
        return member.pair(words.x, words.real, inside.x, inside.real).item()


def test_a_library_is_searched_by_an_ensemble(ensemble):
    _, place = ensemble
    sounds = place / "sounds"
    sounds.mkdir(exist_ok=True)
    waves = {
        f"{kind}.wav": make(kind, 3, seconds=5.0, rate=MEL.rate)
        for kind in ("dog_bark", "heavy_rain", "birds")
    }
    for name, wave in waves.items():
        write(sounds / name, wave, MEL.rate)

    with Library.create(place / "library", model=place / "bundle") as library:
        library.index([sounds], jobs=1)
        hits = library.search(SENTENCE, keywords=False, unsure=True, duplicates=True)

    found = [Path(hit.path).name for hit in hits]
    model = Model.load(place / "bundle")
    scores = {k: model.score(SENTENCE, w, rate=MEL.rate)[0, 0] for k, w in waves.items()}
    assert found == sorted(scores, key=scores.get, reverse=True)


def test_an_ensemble_can_be_read_back_with_what_it_measured(ensemble):
    """But for what a reranker alone needs, as of any bundle."""
    both, place = ensemble
    found, own = read_weights(place / "bundle"), both.matcher.state_dict()

    same = {k.removeprefix("matcher."): v for k, v in found.items() if k.startswith("matcher.")}

    assert all(torch.equal(own[name], value) for name, value in same.items())
    assert {"spread.total", "spread.count"} <= same.keys()
    if both.matcher.separable:
        assert same.keys() == own.keys()


def test_an_ensemble_on_ears_that_its_members_do_not_have_is_no_bundle(place):
    members = {"one": ("pooled", ""), "other": ("coattention", "")}
    (place / "apart").mkdir()
    for name, kind in members.items():
        both_run(place / "apart" / name, *kind)
    both = both_run(place / "apart/run", "ensemble", f"members = {apart(place, *members)}\n")
    both.ears.tower.fold.weight.data[0] += 0.1
    save_run(place / "apart/run", both)

    with pytest.raises(UsageError, match="its ears or words learned apart") as caught:
        export(place / "apart/run", place / "never", Wish(name="never"))

    assert len(str(caught.value).splitlines()) == 2
    assert not (place / "never").exists()


BANKS = ("captions-branch", "captions-both")


@pytest.fixture(scope="module", params=BANKS)
def banked(request, tmp_path_factory):
    """The torch model of a run that looks up captions, and where the bundle of it is."""
    place = tmp_path_factory.mktemp("banked")
    model = bank_run(place, request.param)
    export(place / "run", place / "bundle", Wish(name="tiny-bank", weights="float32"))
    return model, place


def test_a_bank_of_captions_goes_along_as_constants(banked):
    both, place = banked
    shutil.rmtree(place / "plain")  # whoever searches has no run
    bundle = Model.load(place / "bundle")
    wave = make("dog_bark", 3, seconds=6.4, rate=MEL.rate)

    heard = bundle.embed_audio(wave, rate=MEL.rate)[0]

    np.testing.assert_allclose(heard, gist_in_torch(both, wave), atol=1e-4)
    assert bundle.page.width == both.matcher.width > 40
    assert (bundle.page.rerank is None) == both.matcher.separable
    assert all(f.met for f in verify(bundle, (place / "bundle" / GOLDEN).read_bytes()))
    assert bundle.page.results["packing"]["audio_cosine"] > 0.99


def test_a_bundle_with_a_bank_says_another_thing_with_other_captions(banked):
    both, place = banked
    wave = make("dog_bark", 3, seconds=6.4, rate=MEL.rate)
    before = Model.load(place / "bundle").embed_audio(wave, rate=MEL.rate)[0]

    both.bank.pieces.copy_(both.bank.pieces.roll(1, dims=0))
    other = gist_in_torch(both, wave)
    both.bank.pieces.copy_(both.bank.pieces.roll(-1, dims=0))

    assert before @ other < 0.9999


def test_a_library_is_searched_by_a_bundle_with_a_bank(banked, tmp_path):
    _, place = banked
    (tmp_path / "sounds").mkdir()
    for kind in ("dog_bark", "heavy_rain", "birds"):
        write(
            tmp_path / "sounds" / f"{kind}.wav", make(kind, 3, seconds=5.0, rate=MEL.rate), MEL.rate
        )

    with Library.create(tmp_path / "library", model=place / "bundle") as library:
        library.index([tmp_path / "sounds"], jobs=1)
        hits = library.search(SENTENCE, keywords=False, unsure=True, duplicates=True)

    assert len(hits) == 3


def test_a_bundle_with_a_bank_is_a_start_without_it(banked):
    both, folder = banked
    found = read_weights(folder / "bundle")

    assert torch.equal(found["ears.tower.fold.weight"], both.ears.tower.fold.weight)
    assert not any(name.startswith("bank.") for name in found)


def apart(place, *names):
    return [str(place / "apart" / name) for name in names]


@pytest.mark.parametrize("part", ["ears", "words", "matcher"])
def test_a_bundle_can_be_read_back_to_train_on(pooled, place, part):
    found = read_weights(place / "float32")
    own = {k: v for k, v in pooled.state_dict().items() if k.startswith(f"{part}.")}

    same = [k for k in own if k in found]

    assert {k.split(".")[1] for k in own} - {k.split(".")[1] for k in same} <= {
        "classes", "embedding", "tokens", "meaning",
    }  # fmt: skip
    for name in same:
        assert torch.equal(found[name], own[name]), name


def test_packed_weights_are_read_back_dequantised(pooled, place):
    found, own = read_weights(place / "int8"), pooled.state_dict()

    name = "words.tower.pieces.weight"
    assert not torch.equal(found[name], own[name])
    torch.testing.assert_close(found[name], own[name], atol=own[name].abs().max() / 200, rtol=0)


def test_ears_of_a_bundle_are_a_start_with_fresh_heads(pooled, place):
    rule = EarsRule(widths=(4, 8, 8), depths=(1, 1, 1), width=32, looks=1)
    fresh = Ears(rule, classes=527, taught_width=384)
    before = fresh.classes.weight.clone()

    load_part(fresh, place / "float32", "ears")

    torch.testing.assert_close(fresh.tower.fold.weight, pooled.ears.tower.fold.weight)
    assert torch.equal(fresh.classes.weight, before)


def test_a_bundle_of_another_size_is_no_start(pooled, place):
    other = Ears(EarsRule(widths=(4, 8, 16), width=32), classes=527, taught_width=384)

    with pytest.raises(DataError, match="do not fit") as caught:
        load_part(other, place / "float32", "ears")

    assert len(str(caught.value).splitlines()) == 2


def test_nothing_is_written_if_the_graph_says_something_else(pooled, place, monkeypatch):
    monkeypatch.setattr(room, "PARITY", 0.0)

    with pytest.raises(EarmarkError, match="differs from the trained network"):
        export(place / "run", place / "never", Wish(name="never"))

    assert not (place / "never").exists()


def test_a_folder_that_is_there_is_left_alone(pooled, place):
    with pytest.raises(UsageError, match="there already"):
        export(place / "run", place / "int8", Wish(name="tiny"))


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(UsageError, match="is no run"):
        export(tmp_path, tmp_path / "bundle", Wish(name="x"))
