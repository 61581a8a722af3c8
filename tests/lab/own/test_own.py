"""Own sounds: what is learned from few clips, that all else stays, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="values are learned: pip install 'earmark[lab]'")
onnx = pytest.importorskip("onnx", reason="a memory is nodes of ONNX: pip install 'earmark[lab]'")

from earmark.audio.write import write
from earmark.data import open_data
from earmark.errors import DataError, EarmarkError, UsageError
from earmark.lab.own import fit, lesson
from earmark.lab.own.fit import Tried, choose, folds, learn, memory_of
from earmark.lab.own.graft import graft
from earmark.lab.own.lesson import Lesson, own_task
from earmark.lab.own.memory import MOVED, SAY, SHARP, Memory, raised_of, reach_of, unit
from earmark.lab.own.tune import Wish, tune
from earmark.model.bundle import read_bundle
from earmark.model.golden import verify
from earmark.model.model import Model
from earmark.model.page import GOLDEN
from earmark.model.tongues import words_in
from earmark.search.confidence import Calibration
from earmark.synth import make
from model.tiny import EARS, PAGE, RERANKS, contents_of, new_model, write_tiny

RATE = 8_000
PLAIN = Calibration(False, 0.0, 0.5, {}, None)
KINDS = {"roof_rain": "my gizmo", "tone": "the whatsit"}


# the rule


def test_a_turn_by_hand():
    keys = np.eye(3, dtype=np.float32)[:2]
    values = np.array([[0, 0, 1], [1, 0, 0]], np.float32)
    memory = Memory(keys, values, reach=1 - SHARP)  # so z of a query on a key is 1
    e, none = np.e, np.exp(-(1 - SHARP) / SHARP)

    (turned,) = memory.turn(np.array([[1, 0, 0]], np.float32))

    share = e / (1 + e + none)
    wanted = np.array([1, 0, 2 * share])
    np.testing.assert_allclose(turned, wanted / np.linalg.norm(wanted), rtol=1e-5)


def test_what_is_far_from_all_keys_stays():
    rng = np.random.default_rng(0)
    keys = unit(rng.standard_normal((5, 64)).astype(np.float32))
    memory = Memory(keys, keys[::-1], reach=0.8)
    far = unit(rng.standard_normal((50, 64)).astype(np.float32))

    assert (far @ keys.T).max() < 0.5
    np.testing.assert_allclose(memory.turn(far), far, atol=1e-5)


def test_keys_reach_as_far_as_few_general_phrases_let_them():
    rng = np.random.default_rng(1)
    keys = unit(rng.standard_normal((3, 16)).astype(np.float32))
    around = unit(keys[rng.integers(3, size=4_000)] + 0.3 * rng.standard_normal((4_000, 16)))
    phrases = unit(np.concatenate([around, rng.standard_normal((4_000, 16))])).astype(np.float32)

    reach = reach_of(keys, phrases)

    def share(at):
        raised = raised_of(phrases @ keys.T, at).sum(axis=1)
        return (raised / (1 + raised) > SAY).mean()

    assert share(reach) <= MOVED < share(reach - 0.02)


# what is learned


def drawn(kinds=4, each=6, seed=0, width=24):
    """Kinds that differ in a faint direction, under a strong one that all sounds share."""
    rng = np.random.default_rng(seed)
    faint, loud = unit(rng.standard_normal((kinds, width))), rng.standard_normal((3, width))

    def sounds(direction, count):
        strong = rng.standard_normal((count, 3)) @ loud
        return strong + 1.5 * direction + 0.2 * rng.standard_normal((count, width))

    owner = np.repeat(np.arange(kinds), each)
    return Lesson(
        gists=unit(np.concatenate([sounds(faint[k], each) for k in range(kinds)])),
        match=np.arange(kinds)[:, None] == owner,
        recordings=tuple(f"r{n}" for n in range(len(owner))),
        texts=unit(rng.standard_normal((kinds, width))),
        general=unit(sounds(np.zeros(width), 200)),
        phrases=unit(rng.standard_normal((500, width))),
    )


def test_kinds_are_found_that_were_not_found_before():
    memory, tried = learn(drawn(), PLAIN)

    assert tried.before < 0.2
    assert tried.after > 0.5
    assert len(memory.keys) == 4


def test_the_mean_of_a_kind_alone_would_find_less():
    some = drawn()
    means = np.stack([some.gists[clips].mean(axis=0) for clips in some.match])

    learned = memory_of(some, 0.05, 0.9).values
    of_kind = np.eye(4, dtype=bool)

    def found(vectors):
        other = drawn(seed=0, each=12)
        scores = vectors @ other.gists[::2].T
        return (scores.argmax(axis=0) == other.match[:, ::2].argmax(axis=0)).mean()

    assert of_kind.shape == (len(learned),) * 2
    assert found(learned) > found(unit(means)) + 0.2


def test_clips_that_say_nothing_are_refused():
    rng = np.random.default_rng(3)
    known = drawn(each=8)
    noise = unit(rng.standard_normal(known.gists.shape))
    # Words that find noise by themselves, since they lie on it; nothing can be learned on top.
    texts = unit(np.stack([noise[clips].sum(axis=0) for clips in known.match]))

    with pytest.raises(EarmarkError, match="teach the model nothing"):
        learn(replace(known, gists=noise, texts=texts), PLAIN)


def test_the_least_temperature_that_shows_nine_of_ten_is_taken():
    tried = [Tried(r, 0.1, 0.9 - r / 10, shown) for r, shown in ((0.1, 0.5), (0.3, 0.92), (1, 1))]

    assert choose(tried, calibrated=True).temperature == 0.3
    assert choose(tried[:1], calibrated=True).temperature == 0.1
    assert choose(tried, calibrated=False).temperature == 0.1


def test_clips_of_one_recording_are_left_out_together():
    known = replace(drawn(kinds=2, each=6), recordings=tuple(f"r{n // 2}" for n in range(12)))

    left = [own for own, _ in folds(known)]

    assert np.sum(left, axis=0).tolist() == [1] * 12
    assert all((own.reshape(6, 2).sum(axis=1) != 1).all() for own in left)
    assert len(left) == fit.FOLDS


# the bundle


@pytest.fixture
def clips(tmp_path):
    """A CSV of a person: ten clips of each kind, and what they are called."""
    lines = ["path,caption"]
    for kind, caption in KINDS.items():
        for seed in range(10):
            path = tmp_path / "sounds" / f"{kind}-{seed}.wav"
            path.parent.mkdir(exist_ok=True)
            write(path, make(kind, seed, seconds=2.0, rate=RATE), RATE)
            lines.append(f"sounds/{path.name},{caption}")
    path = tmp_path / "my.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def few(monkeypatch):
    """General sounds and words that are heard and read quickly."""
    kinds = ("tone", "rooster", "piano", "wind", "dog_bark", "sweep")

    def sounds(model, _):
        waves = [make(kind, seed, seconds=1.0, rate=RATE) for kind in kinds for seed in range(5)]
        return model.embed_audio(waves, rate=RATE)

    monkeypatch.setattr(lesson, "general_sounds", sounds)
    monkeypatch.setattr(lesson, "phrases", lambda: {"all": ["rain", "a dog barks", "wind howls"]})


@pytest.mark.parametrize("page", [PAGE, RERANKS], ids=lambda page: page.name)
def test_a_bundle_is_made_that_finds_own_sounds(page, clips, few, tmp_path):
    write_tiny(tmp_path / "old", page)

    bundle, tried = tune(
        tmp_path / "old", open_data(str(clips)), tmp_path / "new", Wish(name="mine", jobs=2)
    )

    old, new = Model.load(tmp_path / "old"), Model.load(tmp_path / "new")
    rain, tone = (make(kind, 50, seconds=2.0, rate=RATE) for kind in KINDS)
    scores = new.embed_text(list(KINDS.values())) @ new.embed_audio([rain, tone], rate=RATE).T
    assert tried.after > tried.before
    assert (scores.argmax(axis=1) == [0, 1]).all()
    assert (new.embed_audio([rain], rate=RATE) == old.embed_audio([rain], rate=RATE)).all()
    assert all(figure.met for figure in verify(new, bundle.content(GOLDEN)))
    assert (new.name, new.page.licence) == ("mine", "Apache-2.0")
    told = bundle.page.data["own sounds"]
    assert told["made from"] == page.name
    assert told["its text.onnx"] == old.page.files["text.onnx"]
    assert set(told["words"]) >= words_in(told["named"])
    card = (tmp_path / "new" / "README.md").read_text(encoding="utf-8")
    assert "my gizmo, the whatsit" in card
    assert "## A tiny model" in card
    assert len(new.judge("my gizmo", [new.hear_wave(rain, rate=RATE)])) == 1 if page.rerank else 1


def test_a_bundle_learns_twice(clips, few, tmp_path):
    write_tiny(tmp_path / "old")
    rows = open_data(str(clips))
    tune(tmp_path / "old", rows, tmp_path / "new", Wish(name="mine"))
    later = [replace(row, captions=("one more " + row.captions[0],)) for row in rows]

    bundle, _ = tune(tmp_path / "new", later, tmp_path / "newer", Wish(name="mine2"))

    names = {one.name for one in onnx.load_from_string(bundle.content("text.onnx")).graph.node}
    inputs = onnx.load_from_string(bundle.content("text.onnx")).graph.initializer
    assert {"own1.keys", "own2.keys"} <= {one.name for one in inputs} | names


def test_tokens_of_words_keep_the_direction_of_the_gist():
    """Of a model whose tokens add up to its gist, as those of `phrases` do."""
    page = replace(RERANKS)
    contents = contents_of(page)
    model = Model(page, contents.__getitem__)
    (key,) = model.embed_text(["my gizmo"])
    value = np.roll(key, 1)
    memory = Memory(key[None], value[None], reach=0.8)
    grafted = graft(contents["text.onnx"], memory, tokens=True)
    turned = Model(page, (contents | {"text.onnx": grafted}).__getitem__)

    gist, tokens = turned.read("my gizmo")
    total = tokens.sum(axis=0)

    np.testing.assert_allclose(gist, memory.turn(key[None])[0], atol=1e-5)
    np.testing.assert_allclose(total / np.linalg.norm(total), gist, atol=1e-4)


# what is refused


def test_too_few_clips(clips):
    with pytest.raises(DataError, match="9 clips are too few"):
        own_task(open_data(str(clips))[:9])


def test_one_recording(clips):
    rows = [replace(row, recording="one") for row in open_data(str(clips))]

    with pytest.raises(DataError, match="one recording"):
        own_task(rows)


def test_too_many_captions(clips, monkeypatch):
    monkeypatch.setattr(lesson, "MOST", 1)

    with pytest.raises(DataError, match="2 different captions"):
        own_task(open_data(str(clips)))


def test_a_model_that_only_hears(clips, tmp_path):
    write_tiny(tmp_path / "ears", EARS)

    with pytest.raises(UsageError, match="only hears"):
        tune(tmp_path / "ears", open_data(str(clips)), tmp_path / "new", Wish(name="x"))
    assert not (tmp_path / "new").exists()


def test_a_folder_that_is_there(clips, tmp_path):
    write_tiny(tmp_path / "old")

    with pytest.raises(UsageError, match="is there already"):
        tune(tmp_path / "old", open_data(str(clips)), tmp_path / "old", Wish(name="x"))


def test_a_graph_that_cannot_hold_own_sounds():
    model = onnx.load_from_string(contents_of(PAGE)["text.onnx"])
    model.graph.output[0].name = "vector"
    memory = Memory(np.eye(6, dtype=np.float32)[:1], np.eye(6, dtype=np.float32)[:1], 0.8)

    with pytest.raises(EarmarkError, match="cannot hold own sounds: it gives tokens, vector"):
        graft(model.SerializeToString(), memory, tokens=False)


def test_general_sounds_are_the_bank_or_made_by_code(monkeypatch):
    monkeypatch.setattr(lesson, "crowd_of_takes", lambda *_, **__: "takes")
    monkeypatch.setattr(lesson, "hear", lambda *_, **__: type("Heard", (), {"first": "heard"}))

    assert lesson.general_sounds(new_model(), print) == "heard"


def test_the_old_bundle_is_not_changed(clips, few, tmp_path):
    write_tiny(tmp_path / "old")
    before = {path.name: path.read_bytes() for path in (tmp_path / "old").iterdir()}

    tune(tmp_path / "old", open_data(str(clips)), tmp_path / "new", Wish(name="mine"))

    assert {path.name: path.read_bytes() for path in (tmp_path / "old").iterdir()} == before
    assert read_bundle(tmp_path / "old").page.name == "tiny"
