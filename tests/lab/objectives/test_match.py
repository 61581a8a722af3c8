"""Both sides together: which pairs are right, what is held, that it learns, that a step repeats."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
pytest.importorskip("onnx", reason="starting from weights needs onnx: pip install 'earmark[lab]'")

from earmark.audio.write import write
from earmark.errors import UsageError
from earmark.lab.experts import Heard
from earmark.lab.experts.composed import by_names
from earmark.lab.objectives import Places, match, read
from earmark.lab.objectives.match import Composed, Match, Mixtures
from earmark.lab.recipe import parse_recipe
from earmark.lab.sides import Stream
from earmark.lab.start import read_weights
from earmark.synth import make
from lab.tiny_runs import EARS, both_run, ears_run

torch.set_num_threads(1)
CLIPS = (("dog_bark", "dog", "a dog barking"), ("heavy_rain", "rain", "rain pouring down"),
         ("piano", "piano", "someone playing the piano"), ("tone", "", ""))  # fmt: skip
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
    monkeypatch.setattr(match, "open_expert", lambda *_: FakeReader())
    monkeypatch.setattr(read, "_embedder", lambda *_: meanings)

    def build(held=""):
        text = RECIPE.replace("HELD", held)
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
        np.testing.assert_array_equal(one.match, other.match)


def test_every_third_batch_is_of_scenes(new):
    kinds = [type(new().draw(step)) for step in range(6)]

    assert kinds == [Mixtures, Mixtures, Composed] * 2


def test_a_caption_is_right_for_each_mixture_that_holds_all_it_names(new):
    objective = new()
    drawn = next(d for d in map(objective.draw, range(0, 60, 3)) if len(d.captions) > 2)

    labels = [
        {objective.spool.entries[n].label or n for n in sources} for sources in drawn.plan.sources
    ]
    for row, owner in zip(drawn.match, drawn.owners, strict=True):
        assert row[owner]
        assert row.tolist() == [labels[owner] <= other for other in labels]


def test_a_mixture_with_a_clip_without_words_has_no_caption(new):
    objective = new()
    wordless = next(n for n, entry in enumerate(objective.spool.entries) if not entry.captions)

    for drawn in map(objective.draw, range(0, 30, 3)):
        silent = [n for n, sources in enumerate(drawn.plan.sources) if wordless in sources]
        assert not set(silent) & set(drawn.owners.tolist())


def test_scenes_are_right_for_captions_by_their_constraints(new):
    drawn = new().draw(2)

    assert drawn.match.shape == (len(drawn.captions), len(drawn.places))
    assert drawn.match.diagonal().all()


def test_sentences_are_scored_as_the_composed_baseline_scores_them():
    rng = np.random.default_rng(0)
    texts, names = (rng.standard_normal((n, 8)).astype(np.float32) for n in (3, 4))
    texts, names = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (texts, names))
    scores = rng.uniform(0.01, 1, (5, 4)).astype(np.float32)

    found = match._by_names(*map(torch.from_numpy, (texts, names, scores)))

    np.testing.assert_allclose(found.numpy(), by_names(texts, names, scores), rtol=1e-4)


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
