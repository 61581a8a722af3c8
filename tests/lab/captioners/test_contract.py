"""What every captioner owes, and that nothing of dev or test comes into what it writes."""

import json

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from dataclasses import replace

from earmark.errors import UsageError
from earmark.lab.captioners import (
    CAPTIONERS,
    Asked,
    asked_of,
    distinct,
    name_of,
    open_captioner,
    plain,
)
from earmark.lab.captioners import decoder as decoders
from earmark.lab.features.kept import Sounds
from earmark.lab.pairs import Opener
from earmark.scenes.truth import Caption
from lab.captioners import made


@pytest.fixture
def settings(places, run, tmp_path, monkeypatch):
    """What each writer must be told, beside its name."""
    monkeypatch.setattr(decoders, "open_tower", made.Bands)
    table = places.data / "captions.jsonl"
    names = asked_of(made.opened(places, "train")).names
    rows = [{"sound": name, "captions": [f"{name} sounds", "a b", "A  b!"]} for name in names]
    table.write_text("".join(json.dumps(row) + "\n" for row in rows))
    told = {
        "file": f'path = "{table}"',
        "bank": f'run = "{run}"',
        "decoder": 'tower = "bands"\nsteps = 40',
    }

    def of(writer):
        if writer == "transformers":
            pytest.importorskip("transformers")
            from lab.captioners.tiny_speech import whisper

            whisper(tmp_path)
            return f'folder = "{tmp_path}"'
        return told.get(writer, "")

    return of


@pytest.fixture(params=sorted(CAPTIONERS))
def captioner(request, settings, places):
    """Each of them, as a recipe makes it."""
    return new(request.param, settings, places)


def new(writer, settings, places, train=None):
    head = made.RECIPE.replace("count = 2", f"count = 2\n{settings(writer)}")
    train = train or made.opened(places, "train")
    return open_captioner(made.recipe_of(writer, head=head), train, places)


def retold(number, count):
    return [f"one thing is true of {number}", f"so is {number + 1}", "and more"][:count]


def asked(places, split="dev"):
    return asked_of(made.opened(places, split))._replace(retell=retold)


def test_each_sound_has_a_few_captions_and_no_two_alike(captioner, places):
    rows = captioner.write(asked(places))

    assert len(rows) == 6
    for row in rows:
        assert len(row) <= 2
        assert len({plain(text) for text in row}) == len(row)
        assert all(text == " ".join(text.split()) and plain(text) for text in row)


def test_it_writes_the_same_every_time_and_has_one_key(captioner, request, settings, places):
    writer = request.node.callspec.params["captioner"]
    again = new(writer, settings, places)

    torch.manual_seed(77)

    assert [*map(list, again.write(asked(places)))] == [*map(list, captioner.write(asked(places)))]
    assert again.key == captioner.key


def test_a_sound_alone_has_the_captions_it_has_beside_others(captioner, places):
    every = asked(places)
    if captioner.key.startswith("shuffled"):
        pytest.skip("it deals them out among all sounds of a set")
    one = Asked(Sounds(waves=every.sounds.waves[:1], key="first"), every.names[:1], retold)

    assert list(captioner.write(one)[0]) == list(captioner.write(every)[0])


@pytest.mark.parametrize("writer", sorted(CAPTIONERS))
def test_what_was_written_of_dev_is_in_no_caption(writer, settings, places):
    """Every caption of dev has a word that train has not; nobody who was fair can know it."""
    assert all(made.SECRET in text for text in made.opened(places, "dev").task.texts)

    rows = new(writer, settings, places).write(asked_of(made.opened(places, "dev")))

    assert not any(made.SECRET in text for row in rows for text in row)


@pytest.mark.parametrize("writer", ["bank", "decoder"])
def test_the_test_for_leaks_sees_one(writer, settings, places):
    """One that may learn from dev says the word."""
    pairs = made.opened(places, "dev")
    leaky = new(writer, settings, places, train=pairs)
    apart = Asked(replace(pairs.sounds, key="apart"), asked(places).names, retold)

    rows = leaky.write(apart)

    assert any(made.SECRET[:3] in text for row in rows for text in row)


def test_whoever_asks_leaves_behind_what_was_written(places):
    told = asked_of(made.opened(places, "dev"))

    assert made.SECRET not in repr(told)
    assert told.retell(0, 3) == []


def test_a_scene_is_named_by_its_truth_and_a_clip_by_its_place(places):
    scenes = Opener(places).open("scenes-synth-v1#train,size=4").task.sounds
    renamed = [replace(one, captions=(Caption("x", "one", ()),)) for one in scenes]
    clip = made.opened(places, "dev").task.sounds[0]

    assert [name_of(one) for one in renamed] == [name_of(one) for one in scenes]
    assert len({name_of(one) for one in scenes}) == 4
    assert name_of(replace(scenes[0], seconds=9.0)) != name_of(scenes[0])
    assert name_of(clip) == f"{places.data.name}/dev0.wav"
    assert name_of(replace(clip, start=2.0, end=3.5)) == f"{places.data.name}/dev0.wav#2-3.5"


def test_each_sentence_is_kept_once_however_it_is_written():
    said = ["A dog  barks.", "a dog barks", "...", "", "rain", "a dog's bark", "more"]

    assert distinct(said, 3) == ["A dog barks.", "rain", "a dog's bark"]


def test_without_a_writer_there_is_no_captioner(places):
    recipe = made.recipe_of("", head=made.RECIPE.replace("count = 2", ""))

    assert open_captioner(recipe, made.opened(places, "train"), places) is None


@pytest.mark.parametrize(
    ("writer", "more", "problem", "hint"),
    [
        ("bnak", "", "there is no captioner 'bnak'", "did you mean 'bank'?"),
        ("bank", "", "the captioner 'bank' needs 'run'", "say run = ..."),
        ("bank", "rnu = 'x'", "the captioner 'bank' has no setting 'rnu'", "did you mean 'run'?"),
        ("decoder", "steps = 'x'", "the captioner 'decoder': steps is 'x'", "a whole number"),
        ("decoder", "steps = 0", "cannot learn in 0 steps", "1 or more"),
        ("decoder", "tower = 'earmark-small'", "and so does the matcher", "another tower"),
        ("true", "tower = 'x'", "the captioner 'true' has no setting 'tower'", "known: none"),
    ],
)
def test_what_cannot_be_is_told_in_two_lines(
    writer, more, problem, hint, places, settings, monkeypatch
):
    head = made.RECIPE.replace("count = 2", f"count = 2\n{more}")

    with pytest.raises(UsageError) as error:
        open_captioner(made.recipe_of(writer, head=head), made.opened(places, "train"), places)

    assert problem in error.value.problem
    assert hint in error.value.hint
