"""Both sides together: which pairs are right, what is held, that it learns, that a step repeats."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
pytest.importorskip("onnx", reason="starting from weights needs onnx: pip install 'earmark[lab]'")

from earmark.audio.write import write
from earmark.errors import UsageError
from earmark.lab.aim import aim_of
from earmark.lab.experts import Heard
from earmark.lab.objectives import Places, match, naming, read
from earmark.lab.objectives.composing import Composed
from earmark.lab.objectives.listening import Held, Live, Picked
from earmark.lab.objectives.match import Match, Mixtures
from earmark.lab.recipe import parse_recipe
from earmark.lab.sides import Stream
from earmark.lab.start import read_weights
from earmark.synth import make
from lab.tiny_runs import EARS, both_run, ears_run, save_run

torch.set_num_threads(1)
CLIPS = (("dog_bark", "dog", "a dog barking"), ("heavy_rain", "rain", "rain pouring down"),
         ("piano", "piano", "someone playing the piano"), ("tone", "", ""),
         ("church_bell", "bell", "a bell tolling"), ("cough", "cough", "coughing"),
         ("police_siren", "siren", "police in a hurry"))  # fmt: skip
NAMES = ("Bark", "Rain", "Piano", "Sine wave")
RECIPE = f"""
name = "tiny"
task = "match"
seed = 3
[start]
ears = "EARS"
words = "BOTH"
HELD
[data]
train = ["clips:{{data}}#train"]
dev = ["clips:{{data}}#train"]
scenes = 12
sentences = ["kinds", "clips"]
{EARS}
[words]
vocabulary = 300
longest = 16
width = 24
depth = 1
heads = 2
[matcher]
width = 40
[teachers]
ears = "efficientat_mn04"
words = "fake"
[train]
batch = 6
"""


class FakeExpert:
    """Hears four classes in four quarters of the bands; a person can check it by ear."""

    names = NAMES
    rate = 32_000

    def hear(self, waves):
        loud = waves.square().mean(dim=1, keepdim=True).clamp(min=1e-9).log()
        return Heard((loud / 4 + torch.arange(4)).sigmoid(), waves[:, :384], None)

    def from_mel(self, logmel):
        quarters = logmel[:, 0].unflatten(1, (4, -1)).mean(dim=(2, 3))
        tokens = torch.ones(len(logmel), logmel.shape[3] // 32, 384)
        stream = Stream(tokens, torch.ones(tokens.shape[:2], dtype=torch.bool))
        return Heard((quarters * 3).sigmoid(), torch.ones(len(logmel), 384), stream)


def meanings(sentences):
    """A direction of its own for every first letter."""
    out = np.zeros((len(sentences), 384), np.float32)
    for row, text in zip(out, sentences, strict=True):
        row[ord(text[0].lower()) % 384] = 1
    return out


class FakeReader:
    def embed(self, sentences):
        return torch.from_numpy(meanings(sentences))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A data folder of four clips, and runs to start from."""
    folder = tmp_path_factory.mktemp("match")
    (folder / "audio").mkdir()
    head = "path,role,use,label,caption,text_quality,fold,freesound_id"
    lines = [head]
    for kind, label, caption in CLIPS:
        write(folder / "audio" / f"{kind}.wav", make(kind, 1, seconds=2.0, rate=32_000), 32_000)
        lines.append(f"{kind}.wav,train,free,{label},{caption},ok,,{len(lines)}")
    (folder / "clips.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    ears_run(folder / "ears", classes=len(NAMES))
    both_run(folder / "both")
    return folder


@pytest.fixture
def new(place, monkeypatch):
    """Make the objective of a recipe, with teachers that a person can check."""
    monkeypatch.setattr(match, "open_ears", lambda *_: FakeExpert())
    monkeypatch.setattr(naming, "open_expert", lambda *_: FakeReader())
    monkeypatch.setattr(read, "_embedder", lambda *_: meanings)

    def build(held="", data="", aim="", matcher="pooled"):
        text = RECIPE.replace("HELD", held).replace("scenes = 12", f"scenes = 12\n{data}")
        text = text.replace("width = 40", "width = 3") if "aimed" in held else text
        text += f"[loss]\n{aim}\n"
        text = text.replace("[matcher]", f'[matcher]\nname = "{matcher}"')
        text = text.replace("EARS", str(place / "ears")).replace("BOTH", str(place / "both"))
        recipe = parse_recipe(text, "here")
        torch.manual_seed(0)
        return Match(recipe, Places(place, place / "cache"), torch.device("cpu"))

    return build


def test_a_step_is_decided_by_its_number(new):
    first, second = new(), new()

    second.draw(0)

    for step in (0, 1, 2, 5):
        one, other = first.draw(step), second.draw(step)
        assert type(one) is type(other)
        assert one.captions == other.captions
        names = ("match", "doubt") if isinstance(one, Composed) else ("owners", "sentences")
        for name in names:
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_every_third_batch_is_of_scenes(new):
    kinds = [type(new().draw(step)) for step in range(6)]

    assert kinds == [Mixtures, Mixtures, Composed] * 2


def test_a_caption_is_as_right_for_a_mixture_as_that_holds_what_is_alike(new):
    objective = new()
    # Sounds 0 and 1 are nearly the same, 2 is half like them, 3 has no words.
    objective._meant = np.array([[1, 0], [0.96, 0.28], [0.6, 0.8], [0, 0]], np.float32)
    picked = Picked(sources=((0,), (1, 3), (0, 2), (2,)))
    drawn = Mixtures(picked, ("", "", ""), np.array([0, 2, 3]), np.array([]), 0)

    found = objective._alike(drawn)

    # What holds 0 and 2 is like the first; of it only one half is in the others.
    wanted = [[1, 0.96, 1, 0.6], [0.6, 0.6 * 0.96 + 0.8 * 0.28, 1, 0.6], [0.6, 0.8, 1, 1]]
    np.testing.assert_allclose(found, wanted, atol=1e-3)


def test_a_mixture_with_a_clip_without_words_has_no_caption(new):
    objective = new()
    wordless = next(n for n, entry in enumerate(objective.spool.entries) if not entry.captions)

    for drawn in map(objective.draw, range(0, 30, 3)):
        silent = [n for n, sources in enumerate(drawn.picked.sources) if wordless in sources]
        assert not set(silent) & set(drawn.owners.tolist())


def test_scenes_are_right_for_captions_by_their_constraints(new):
    drawn = new().draw(2)

    assert drawn.match.shape == (len(drawn.captions), len(drawn.places))
    assert drawn.match.diagonal().all()


def test_an_aimed_matcher_begins_where_the_classes_lie(new):
    objective = new("aimed = true", aim="aim = 1.0")

    classes = objective.model.ears.classes.weight
    wanted = aim_of(classes, 3)
    assert torch.equal(objective.model.matcher.audio.weight, wanted.audio)
    loss = objective.losses(objective.draw(0))["aim"]
    assert 0 < float(loss.detach()) < 2
    loss.backward()
    assert objective.model.matcher.text.weight.grad.abs().sum() > 0


def test_sentences_learn_to_lie_between_the_places_of_what_they_mean(new):
    objective = new('aimed = true\nheld = ["ears"]', aim="aim = 1.0\npairs = 0.0\nsoft = 0.0")
    drawn = objective.draw(0)
    optimiser = torch.optim.Adam(objective.model.parameters(), lr=5e-3)
    found = []
    for _ in range(25):
        optimiser.zero_grad()
        loss = objective.losses(drawn)["aim"]
        loss.backward()
        optimiser.step()
        found.append(float(loss.detach()))

    assert found[-1] < found[0] / 3


def test_there_must_be_something_to_aim_at(new):
    with pytest.raises(UsageError, match="nothing to aim at"):
        new(aim="aim = 1.0")


@pytest.mark.parametrize("step", [0, 2])
def test_losses_are_numbers_that_reach_both_sides(new, step):
    objective = new()

    losses = objective.losses(objective.draw(step))

    sum(losses.values()).backward()
    assert all(np.isfinite(float(loss.detach())) for loss in losses.values())
    for name in ("ears.tower.fold.weight", "words.tower.pieces.weight", "matcher.audio.weight"):
        gradient = dict(objective.model.named_parameters())[name].grad
        assert gradient is not None
        assert gradient.abs().sum() > 0


def test_what_is_held_does_not_change(new):
    objective = new('held = ["ears"]')
    before = {k: v.clone() for k, v in objective.model.state_dict().items()}
    optimiser = torch.optim.SGD(
        [p for p in objective.model.parameters() if p.requires_grad], lr=0.1
    )

    objective.model.train()
    for step in range(3):
        sum(objective.losses(objective.draw(step)).values()).backward()
    optimiser.step()

    changed = {k for k, v in objective.model.state_dict().items() if not torch.equal(v, before[k])}
    assert not [name for name in changed if name.startswith("ears.")]
    assert "matcher.audio.weight" in changed


def test_it_starts_from_the_runs_that_it_names(new, place):
    model = new().model

    for name, weights in (("ears", read_weights(place / "ears")),):
        own = getattr(model, name).state_dict()
        assert all(torch.equal(own[key], value) for key, value in weights.items())
    words = read_weights(place / "both")
    assert torch.equal(model.words.tower.pieces.weight, words["words.tower.pieces.weight"])


def test_dev_figures_come_with_alarms(new):
    objective = new()
    with torch.no_grad():
        figures = objective.examine(objective.model.eval())

    assert next(iter(figures)) == "clips_mAP"
    assert 0 < figures["clips_mAP"] <= 1
    assert figures["temperature"] == pytest.approx(0.07)


@pytest.mark.parametrize("step", [0, 2])
def test_it_learns_one_batch_by_heart(new, step):
    objective = new()
    drawn = objective.draw(step)
    name = "scenes" if isinstance(drawn, Composed) else "pairs"
    optimiser = torch.optim.Adam(objective.model.parameters(), lr=5e-3)
    losses = []
    for _ in range(32):
        objective.model.train()
        loss = objective.losses(drawn)[name]
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        losses.append(float(loss.detach()))

    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize(
    ("held", "problem"), [('held = ["ear"]', "no part 'ear'"), ('held = ["matcher"]', "no part")]
)
def test_what_cannot_be_held_is_refused(new, held, problem):
    with pytest.raises(UsageError, match=problem):
        new(held)


KEPT = ('held = ["ears"]', "kept = 70\nclip_scenes = 9")


@pytest.fixture(autouse=True)
def no_groups(monkeypatch):
    """To this expert all clips are alike."""
    monkeypatch.setattr("earmark.lab.sounds.clipbank.CLEAR", 2.0)


def test_ears_that_learn_hear_each_batch_and_held_ones_once(new):
    assert isinstance(new()._listening, Live)
    assert isinstance(new(*KEPT)._listening, Held)


@pytest.mark.parametrize(
    ("held", "data"),
    [("", "kept = 70"), ('held = ["ears"]', "kept = 5"), ('held = ["words"]', "kept = 70")],
)
def test_what_would_be_out_of_date_is_not_kept(new, held, data):
    with pytest.raises(UsageError, match="mixtures are kept"):
        new(held, data)


def test_scenes_of_a_batch_are_of_one_bank(new):
    objective = new(*KEPT)
    places = {name: set(some.tolist()) for name, some in objective.scenery.places.items()}
    seen = set()

    for step in range(2, 60, 3):
        drawn = objective.draw(step)
        of = {name for name, some in places.items() if some & set(drawn.places.tolist())}
        assert len(of) == 1
        seen |= of
        assert drawn.match.diagonal().all()
        assert not (drawn.match & drawn.doubt).any()
    assert seen == {"code", "clips"}
    assert {name: len(some) for name, some in places.items()} == {"code": 12, "clips": 9}


@pytest.mark.parametrize("step", [0, 2])
def test_held_ears_give_losses_too_and_only_words_learn(new, step):
    objective = new(*KEPT)

    losses = objective.losses(objective.draw(step))
    sum(losses.values()).backward()

    moved = {
        n for n, p in objective.model.named_parameters() if p.grad is not None and p.grad.any()
    }
    assert "words.tower.pieces.weight" in moved
    assert "matcher.audio.weight" in moved
    assert not [name for name in moved if name.startswith("ears.")]


def test_in_what_order_texts_are_read_changes_nothing(new, monkeypatch):
    objective = new()
    texts = (
        "rain",
        "a very long sentence about a dog",
        "two words",
        "x",
        "someone playing the piano",
    )
    monkeypatch.setattr(match, "READ_AT_ONCE", 2)
    objective.model.eval()

    together = objective._read(objective.model, texts)["main"]

    for place, text in enumerate(texts):
        alone = objective._read(objective.model, (text,))["main"]
        length = alone.x.shape[1]
        torch.testing.assert_close(together.x[place, :length], alone.x[0], atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(
            together.weight[place, :length], alone.weight[0], atol=1e-5, rtol=1e-4
        )
        assert not together.real[place, length:].any()


def test_some_texts_are_read_with_a_slip_and_judged_as_if_they_had_none(new, monkeypatch):
    objective = new()
    read, judged = [], []
    plain_read, plain_classes = objective._read, naming.Naming.classes_of
    monkeypatch.setattr(match, "roughen", lambda text, words, rng: text + " zzz")
    monkeypatch.setattr(objective, "_read", lambda model, x: read.extend(x) or plain_read(model, x))
    monkeypatch.setattr(
        naming.Naming, "classes_of", lambda *x: judged.extend(x[1]) or plain_classes(*x)
    )

    for step in range(6):
        if step % match.SCENE_TURN != match.SCENE_TURN - 1:
            objective.losses(objective.draw(step))

    rough = [text.endswith(" zzz") for text in read]
    assert 0.15 < sum(rough) / len(rough) < 0.45
    assert judged
    assert not any(text.endswith(" zzz") for text in judged)


@pytest.mark.parametrize("step", [0, 2])
def test_a_matcher_that_sees_both_sides_learns_by_its_gists_too(new, step):
    alone, both = new(), new(matcher="phrases")
    name = "scenes" if step == 2 else "pairs"
    with torch.no_grad():
        of_gists = alone.losses(alone.draw(step))[name]
        both.model.matcher.load_state_dict(alone.model.matcher.state_dict(), strict=False)
        of_both = both.losses(both.draw(step))[name]

    # Of the same gists: their loss once, and that of the scores beside it.
    assert of_both > of_gists > 0


def test_dev_tells_first_what_both_sides_seen_together_find(new):
    objective = new(matcher="phrases")
    with torch.no_grad():
        figures = objective.examine(objective.model.eval())

    assert list(figures)[:2] == ["reranked_mAP", "clips_mAP"]


def test_near_sentences_are_drawn_together_where_kin_is_learned(new):
    objective = new(aim="kin = 1.0")
    drawn = objective.draw(0)
    losses = objective.losses(drawn)

    half = len(drawn.sentences) // 2
    train = {number: row for row, number in enumerate(objective.corpus.train)}
    for one, beside in zip(drawn.sentences[:half], drawn.sentences[half:], strict=True):
        assert train[beside] in objective._kin.near[train[one]]
    assert losses["kin"] > 0
    assert "kin" not in new().losses(drawn)
    losses["kin"].backward()
    assert objective.model.matcher.text.weight.grad.abs().sum() > 0


def test_scores_are_never_divided_by_next_to_nothing(new):
    model = new().model
    with torch.no_grad():
        model.log_temperature.fill_(-20.0)

    assert model.temperature.item() == pytest.approx(0.03)


BANK = 'held = ["ears"]', "kept = 70\nclip_scenes = 9"


def with_bank(new, place, held=BANK[0], data=BANK[1], matcher="captions-both"):
    return new(
        held, data, matcher=matcher,
        aim=f'[captions]\ncaptioner = "bank"\nrun = "{place / "looks"}"\ncount = 2\n',
    )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def looks(place):
    """A run on the ears that recipes start from."""
    folder = place / "looks"
    both = both_run(folder)
    ears = read_weights(place / "ears")
    both.ears.tower.load_state_dict({
        name.removeprefix("tower."): value for name, value in ears.items() if "tower." in name
    })  # fmt: skip
    save_run(folder, both)


def test_a_bank_holds_the_captions_of_train(new, place):
    objective = with_bank(new, place)

    assert len(objective.model.bank.gists) == sum(1 for *_, caption in CLIPS if caption) == 6
    assert objective.model.matcher.width == 80


@pytest.mark.parametrize("step", [0, 2])
def test_no_sound_is_given_what_was_written_for_a_clip_in_it(new, place, step, monkeypatch):
    objective = with_bank(new, place)
    bank, seen = objective.model.bank, []
    plain = bank.forward
    monkeypatch.setattr(bank, "forward", lambda heard, words, away: (
        seen.append(away) or plain(heard, words, away)
    ))  # fmt: skip
    steps = [step + 3 * n for n in range(8)]

    for drawn in map(objective.draw, steps):
        objective.losses(drawn)
        if isinstance(drawn, Composed):
            scenes = [objective.scenery.scenes[place] for place in drawn.places]
            names = [[e.sound for e in scene.events] for scene in scenes]
        else:
            entries = objective.spool.entries
            names = [[entries[n].name for n in some] for some in drawn.picked.sources]
        texts = [caption for *_, caption in CLIPS if caption]
        of = {kind: caption for kind, _, caption in CLIPS}
        for row, sounds in zip(seen[-1], names, strict=True):
            own = {of[Path(name).stem] for name in sounds if Path(name).stem in of}
            away = {text for text, one in zip(texts, row.tolist(), strict=True) if one}
            assert own - {""} <= away
    assert any(away.any() for away in seen)
    assert not all(away.all() for away in seen)


@pytest.mark.parametrize("step", [0, 2])
def test_what_reads_captions_learns_and_what_looks_does_not(new, place, step):
    objective = with_bank(new, place)
    objective.model.train()

    sum(objective.losses(objective.draw(step)).values()).backward()

    moved = {
        n for n, p in objective.model.named_parameters() if p.grad is not None and p.grad.any()
    }
    assert {"matcher.read.weight", "matcher.inner.captions.weight", "matcher.logit"} <= moved
    assert "words.tower.pieces.weight" in moved
    assert not [name for name in moved if name.startswith(("bank.", "ears."))]


def test_with_a_bank_it_learns_and_dev_is_told_captions_too(new, place):
    objective = with_bank(new, place, data="")
    drawn = objective.draw(0)
    optimiser = torch.optim.Adam(objective.model.parameters(), lr=5e-3)
    found = []
    for _ in range(32):
        objective.model.train()
        loss = objective.losses(drawn)["pairs"]
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        found.append(float(loss.detach()))

    assert found[-1] < 0.85 * found[0]  # ears that know nothing tell these sounds hardly apart
    with torch.no_grad():
        assert 0 < objective.examine(objective.model.eval())["clips_mAP"] <= 1
