"""Retrieve with captions that nobody asked for: what is drawn, what is right, and what is shown."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

import json

import numpy as np

from earmark.errors import UsageError
from earmark.lab.captioners import asked_of
from earmark.lab.captioners.written import NONE
from earmark.lab.objectives.retrieve import Retrieve
from earmark.lab.recipe import parse_recipe
from earmark.lab.train import train
from lab.captioners import made

torch.set_num_threads(1)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    return made.write_sounds(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def table(places):
    """Sounds 0 and 1 share a caption, 2 has the text of its own sentence, 5 has none."""
    names = asked_of(made.opened(places, "train")).names
    rows = {0: ["shared", "only of 0"], 1: ["shared"], 2: ["Rain on a roof.", "a gutter"]}
    rows |= {3: ["of 3"], 4: ["of 4"]}
    lines = [{"sound": names[n], "captions": said} for n, said in rows.items()]
    path = places.data / "captions.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture
def new(places, table):
    def make(more="", head=made.RECIPE, **general):
        told = "".join(f"{key} = {value}\n" for key, value in general.items())
        text = head.replace("count = 2", f'count = 2\npath = "{table}"\n{told}')
        return Retrieve(parse_recipe(text.replace("WRITER", "file") + more, "x.toml"), places, CPU)

    return make


def plain(places):
    """The same without captions."""
    head = made.RECIPE.replace('[captions]\ncaptioner = "WRITER"\ncount = 2\n', "")
    return Retrieve(parse_recipe(head, "x.toml"), places, CPU)


def test_captions_change_nothing_else_of_a_batch(new, places):
    with_captions, without = new(share=0), plain(places)

    for step in range(4):
        one, other = with_captions.draw(step), without.draw(step)
        for name in ("sounds", "texts", "noisy", "match", "doubt", "written"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert other.shown is None


def test_captions_are_told_in_the_share_that_is_wanted(new):
    objective = new(share=0.5)
    drawn = [objective.draw(step) for step in range(40)]

    told = np.concatenate([one.written for one in drawn])
    sounds = np.concatenate([one.sounds for one in drawn])
    of = objective._sources[0].featured.captions.of

    assert 0.2 < (told != NONE).mean() < 0.5  # as not every sound has two, or one
    assert all(text in of[sound] for text, sound in zip(told, sounds, strict=True) if text != NONE)
    assert not (told[sounds == 5] != NONE).any()


def test_a_caption_is_right_for_every_sound_that_has_it_and_for_no_other(new):
    objective = new(share=1)
    of = objective._sources[0].featured.captions.of
    seen = 0

    for step in range(20):
        drawn = objective.draw(step)
        for row in np.flatnonzero(drawn.written != NONE):
            right = [drawn.written[row] in of[sound] for sound in drawn.sounds]
            assert drawn.match[row].tolist() == right
            assert not drawn.doubt[row].any()
            seen += sum(right) > 1
    assert seen > 0


def test_a_caption_that_is_told_is_what_is_read(new):
    objective = new(share=1)
    drawn = objective.draw(1)
    some = np.flatnonzero(drawn.written != NONE)

    text = objective._sources[0].featured.text(drawn.texts, CPU, drawn.written)["main"]
    own = objective._sources[0].featured.text(drawn.texts, CPU)["main"]

    read = objective._sources[0].featured.captions.read(drawn.written[some], CPU)
    torch.testing.assert_close(text.x[some], read.x)
    changed = (text.x != own.x).flatten(1).any(dim=1)
    assert set(np.flatnonzero(changed)) == set(some)


def test_no_sound_is_shown_what_it_is_asked_with(new):
    """Sound 2 has the text of its own sentence among its captions."""
    objective = new(share=0.3)
    texts, captions = (
        objective._sources[0].featured.pairs.task.texts,
        objective._sources[0].featured.captions,
    )
    same = 0

    for step in range(30):
        drawn = objective.draw(step)
        for row, sound in enumerate(drawn.sounds):
            own, shown = captions.of[sound], drawn.shown[row]
            asked_as_written = sound == 2 and texts[drawn.texts[row]] == "rain on a roof"
            same += asked_as_written
            if drawn.written[row] != NONE:
                assert (shown == NONE).all()
            elif asked_as_written:
                assert shown.tolist() == [NONE, own[1]]
            else:
                assert shown.tolist() == own.tolist()
    assert same > 0


def test_what_a_step_learns_from_is_what_was_drawn(new, monkeypatch):
    objective, asked = new(share=1), []
    plain = objective._sources[0].featured.captions.beside
    monkeypatch.setattr(
        objective._sources[0].featured.captions,
        "beside",
        lambda shown, device: asked.append(shown) or plain(shown, device),
    )
    drawn = next(one for one in map(objective.draw, range(9)) if (one.written != NONE).any())

    objective.losses(drawn)

    (shown,) = asked
    np.testing.assert_array_equal(shown, drawn.shown)
    assert (shown != objective._sources[0].featured.captions.of[drawn.sounds]).any()


def test_a_sound_comes_with_its_captions_and_dev_with_those_of_dev(new):
    objective = new()

    train_side = objective._sources[0].featured.audio(np.arange(6), CPU)["captions"]
    dev_side = objective._dev.audio(np.arange(6), CPU)["captions"]

    assert train_side.real.any(dim=1).tolist() == [True] * 5 + [False]
    assert not dev_side.real.any()  # the table knows nothing of dev
    assert objective._sources[0].featured.widths.audio["captions"] == train_side.x.shape[2]


@pytest.mark.parametrize(
    ("name", "inner"),
    [
        ("captions-interaction", "pooled"),
        ("captions-branch", "pooled"),
        ("captions-both", "interaction"),
    ],
)
def test_a_matcher_learns_with_captions_beside(new, places, tmp_path, name, inner):
    head = made.RECIPE.replace('name = "pooled"', f'name = "{name}"\ninner = "{inner}"')
    head = head.replace("count = 2", f'count = 2\npath = "{places.data / "captions.jsonl"}"')
    text = head.replace("WRITER", "file") + "steps = 40\ndev_every = 40\n"
    if name != "captions-interaction":
        text += "[loss]\nbranch = 0.3\n"
    recipe = parse_recipe(text, "x.toml")
    before = Retrieve(recipe, places, CPU)
    before = before.examine(before.model.eval())

    after = train(recipe, text, tmp_path, places, lambda progress: None)

    assert after["mAP@10"] > before["mAP@10"] + 0.1


def test_a_matcher_that_reads_captions_needs_somebody_who_writes_them(places):
    head = made.RECIPE.replace('[captions]\ncaptioner = "WRITER"\ncount = 2\n', "")
    recipe = parse_recipe(head.replace('"pooled"', '"captions-both"'), "x.toml")

    with pytest.raises(UsageError, match="has none to read"):
        Retrieve(recipe, places, CPU)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("[captions]\nshare = 0.5", "captions that nobody writes"),
        ("[captions]\npath = 'x'", "captions that nobody writes"),
        ("[captions]\ncaptioner = 'file'\ncount = 0", "0 captions of a sound"),
        ("[captions]\ncaptioner = 'file'\nshare = 1.5", "a share of 1.5"),
    ],
)
def test_captions_that_cannot_be_are_refused(said, problem):
    head = made.RECIPE.replace('[captions]\ncaptioner = "WRITER"\ncount = 2', said)

    with pytest.raises(UsageError, match=problem):
        parse_recipe(head, "x.toml")
