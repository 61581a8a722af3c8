"""What belongs together: all that is true of a scene, all that is written for a clip."""

import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from data.wavs import write_table, write_wav
from earmark.data import Row
from earmark.errors import UsageError
from earmark.lab.objectives import Places
from earmark.lab.pairs import Opener, alone, homes, joined, of_rows
from earmark.scenes import Caption, matches
from earmark.scenes.constraints import holds
from earmark.scenes.grammar import tag
from earmark.scenes.matching import doubts
from earmark.scenes.truth import Constraint

SYNTH = "scenes-synth-v1"


@pytest.fixture(scope="module")
def opener(tmp_path_factory):
    return Opener(Places(Path("nowhere"), tmp_path_factory.mktemp("pools")))


@pytest.fixture(scope="module")
def scenes(opener):
    return opener.open(f"{SYNTH}#train,size=12")


def test_right_and_in_doubt_follow_from_the_truth_of_scenes(scenes):
    said = {c.text: c for scene in scenes.task.sounds for c in scene.captions}
    captions = [said[text] for text in scenes.task.texts]

    np.testing.assert_array_equal(scenes.task.match, matches(captions, scenes.task.sounds))
    doubt = doubts(captions, scenes.task.sounds)
    np.testing.assert_array_equal(scenes.doubt, doubt & ~scenes.task.match)
    assert scenes.task.match.any(axis=1).all()
    assert not (scenes.doubt & scenes.task.match).any()


def test_what_is_told_of_a_sound_is_right_for_it(scenes):
    for sound, scene in enumerate(scenes.task.sounds):
        told = [scenes.task.texts[text] for text in scenes.told(sound)]
        assert {caption.text for caption in scene.captions} <= set(told)


def test_a_wave_is_that_of_its_scene(scenes):
    wave = scenes.sounds.waves[3](8_000)

    assert len(wave) == round(scenes.task.sounds[3].seconds * 8_000)


def test_a_scene_is_drowned_in_a_steady_sound_of_its_own_split(opener, scenes):
    one, other = scenes.noise(0, 8_000, 8_000), scenes.noise(1, 8_000, 8_000)

    assert len(one) == len(other) == 8_000
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(one, scenes.noise(0, 8_000, 8_000))
    label = {
        label
        for label in opener.pools[SYNTH].bank("train").textures()
        for sound in opener.pools[SYNTH].bank("train").by_label[label]
        if np.array_equal(sound.load(1.0, 8_000), one)
    }
    assert len(label) == 1


def test_a_scene_is_told_anew_in_the_words_of_training_and_never_as_it_was(scenes):
    for sound in range(len(scenes.task.sounds)):
        told = scenes.retell(sound, 3)
        assert told == scenes.retell(sound, 3)
        assert scenes.retell(sound, 2) == told[:2]
        assert 1 <= len(told) <= 3


def test_what_is_told_anew_is_none_of_what_was_written(scenes):
    told = scenes.retell(3, 2)
    same = replace(scenes.task.sounds[3], captions=(Caption(told[0], "one", ()),))
    retold, known, bank = scenes.retell.func, *scenes.retell.args

    again = retold([*known[:3], same], bank, 3, 2)

    assert again[0] == told[1]
    assert told[0] not in again


def test_of_a_clip_nothing_is_told_anew(tmp_path):
    write_wav(tmp_path / "a.wav", np.full(800, 0.25, np.float32), rate=8_000)

    assert of_rows([Row(tmp_path / "a.wav", ("one",))], "x").retell(0, 3) == []


def test_whoever_hears_a_sound_can_read_nothing_of_it(scenes, tmp_path):
    write_wav(tmp_path / "a.wav", np.full(800, 0.25, np.float32), rate=8_000)
    clips = of_rows([Row(tmp_path / "a.wav", ("a secret",))], "x")
    first = scenes.task.sounds[0].captions[0].text

    assert "a secret" not in repr(clips.sounds)
    assert first in repr(scenes.task.sounds[0])
    assert first not in repr(scenes.sounds.waves[0].args[0])


def test_only_the_sound_that_a_sentence_was_written_for_is_left_alone(scenes):
    right = alone(scenes.task)

    assert (right.sum(axis=1) == 1).all()
    assert not (right & ~scenes.task.match).any()
    for text, sound in zip(scenes.task.texts, homes(scenes.task), strict=True):
        assert text in {caption.text for caption in scenes.task.sounds[sound].captions}


def test_joined_sentences_say_all_of_one_scene_and_are_right_for_it_alone(scenes):
    one = joined(scenes)

    assert len(one.task.texts) == 12
    assert (one.task.match.sum(axis=1) == 1).all()
    for text, row in zip(one.task.texts, one.task.match, strict=True):
        scene = one.task.sounds[int(row.argmax())]
        for caption in scene.captions:
            if homes(scenes.task)[scenes.task.texts.index(caption.text)] == row.argmax():
                assert caption.text.rstrip(".") in text


def test_joined_is_said_behind_a_part(opener):
    found = opener.open(f"{SYNTH}#train,size=12,joined")

    assert len(found.task.texts) == 12


def test_clips_are_right_for_their_captions_and_hiss_drowns_them(tmp_path):
    for name in "ab":
        write_wav(tmp_path / f"{name}.wav", np.full(800, 0.25, np.float32), rate=8_000)
    lines = [("a.wav", "one"), ("a.wav", "both"), ("b.wav", "both")]
    write_table(tmp_path / "m.csv", "path,caption", *lines)
    opener = Opener(Places(tmp_path, tmp_path))

    pairs = opener.open("manifest:{data}/m.csv")

    assert pairs.task.texts == ("one", "both")
    assert pairs.task.match.tolist() == [[True, False], [True, True]]
    assert not pairs.doubt.any()
    assert pairs.noise(0, 100, 8_000).std() > 0
    assert alone(pairs.task).tolist() == [[True, False], [True, False]]


def test_sounds_in_a_tar_are_pairs_too(tmp_path):
    write_wav(tmp_path / "a.wav", np.full(800, 0.25, np.float32), rate=8_000)
    (tmp_path / "a.txt").write_text("one")
    with tarfile.open(tmp_path / "train-0.tar", "w") as tar:
        for name in ("a.wav", "a.txt"):
            tar.add(tmp_path / name, name)
    opener = Opener(Places(tmp_path, tmp_path))

    pairs = opener.open("shards:{data}/train-0.tar")

    assert pairs.task.texts == ("one",)
    assert pairs.sounds.waves[0](8_000).mean() == pytest.approx(0.25, abs=1e-3)


def test_other_sound_under_the_same_name_is_another_key(tmp_path):
    write_table(tmp_path / "m.csv", "path,caption", ("a.wav", "one"))
    keys = set()
    for level in (0.25, 0.5):
        write_wav(tmp_path / "a.wav", np.full(800, level, np.float32), rate=8_000)
        opener = Opener(Places(tmp_path, tmp_path))
        keys.add(opener.open("manifest:{data}/m.csv").sounds.key)

    assert len(keys) == 2


def test_what_was_opened_is_opened_once(opener):
    assert opener.open(f"{SYNTH}#train,size=12") is opener.open(f"{SYNTH}#train,size=12")
    assert opener.open(f"{SYNTH}#train,size=12") is not opener.open(f"{SYNTH}#train,size=13")


def test_a_data_set_without_captions_is_refused():
    with pytest.raises(UsageError, match="holds no captions"):
        of_rows([Row(Path("a.wav"), ())], "clips:x")


def test_an_order_is_turned_round_and_is_then_false_of_all_that_it_was_true_of(opener, scenes):
    bank = opener.pools[SYNTH].bank("train")
    said = {c.text: c for scene in scenes.task.sounds for c in scene.captions}
    ordered = [any(x.relation == "before" for x in said[t].constraints) for t in scenes.task.texts]

    assert [bool(text) for text in scenes.turned] == ordered
    assert 0 < sum(ordered) < len(ordered)
    for place in np.flatnonzero(ordered):
        caption = said[scenes.task.texts[place]]
        before = next(x.labels for x in caption.constraints if x.relation == "before")
        for label in before:
            assert any(tag(one) in scenes.turned[place].lower() for one in bank.phrases(label))
        swapped = Caption("", "", (Constraint("before", before[::-1]),))
        right = [scenes.task.sounds[sound] for sound in np.flatnonzero(scenes.task.match[place])]
        assert not any(holds(swapped, scene) for scene in right)
        assert scenes.turned[place] != caption.text


def test_what_is_asked_for_a_test_is_not_turned(opener):
    assert not opener.open(f"{SYNTH}#test,size=4").turned
