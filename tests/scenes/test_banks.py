from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from earmark.audio.write import write
from earmark.errors import DataError
from earmark.scenes.bank import Bank, split_bank
from earmark.scenes.cuts import Cut
from earmark.scenes.from_clips import Clip, bank_from_clips, loop
from earmark.scenes.from_kinds import ALIKE, bank_from_kinds, groups_of
from earmark.synth.kinds import KINDS
from scenes.fake_bank import fake_bank

SHARES = {"train": 0.6, "validation": 0.2, "test": 0.2}


def test_a_split_puts_no_recording_on_two_sides():
    parts = split_bank(fake_bank(takes=20), SHARES)

    recordings = [{sound.recording for sound in part.sounds} for part in parts.values()]
    assert sum(map(len, recordings)) == len(set.union(*recordings)) == 35 * 20
    assert [round(len(one) / 700, 1) for one in recordings] == [0.6, 0.2, 0.2]


def test_a_recording_stays_where_it_is_when_others_come():
    few, many = split_bank(fake_bank(takes=5), SHARES), split_bank(fake_bank(takes=9), SHARES)

    for name, part in few.items():
        assert {sound.name for sound in part.sounds} <= set(many[name].by_name)


def test_clips_of_one_recording_stay_together():
    sounds = [replace(sound, recording="tape 7") for sound in fake_bank().by_label["dog"]]
    others = [sound for sound in fake_bank().sounds if sound.label != "dog"]

    parts = split_bank(Bank((*sounds, *others)), SHARES)

    assert [len(part.by_label.get("dog", ())) for part in parts.values()].count(3) == 1


def test_another_seed_splits_otherwise():
    one, other = (split_bank(fake_bank(), SHARES, seed=seed)["train"] for seed in (0, 1))

    assert set(one.by_name) != set(other.by_name)


def test_shares_that_are_no_whole_are_a_mistake():
    with pytest.raises(ValueError, match="sum of 1"):
        split_bank(fake_bank(), {"train": 0.6, "test": 0.6})


def test_a_bank_without_sounds_is_refused():
    with pytest.raises(DataError, match="without sounds"):
        Bank(())


def test_two_sounds_of_one_name_are_a_mistake():
    sound = fake_bank().sounds[0]

    with pytest.raises(ValueError, match="2 sounds share 1 names"):
        Bank((sound, sound))


def test_the_order_of_sounds_does_not_matter():
    bank = fake_bank()

    turned = Bank(bank.sounds[::-1])

    assert list(turned.by_name) == list(bank.by_name)
    assert list(turned.by_label) == list(bank.by_label)


def test_every_third_phrase_is_kept_for_testing():
    bank = fake_bank()

    assert bank.phrases("dog") == ["a dog calling", "some dog calling"]
    assert bank.phrases("dog", test=True) == ["one dog calling"]


def test_two_phrases_serve_both_sides():
    sounds = [replace(sound, phrases=("x humming", "y humming")) for sound in fake_bank().sounds]

    assert Bank(tuple(sounds)).phrases("dog", test=True) == ["x humming", "y humming"]


def test_a_cut_leaves_the_silence_around_a_sound_away():
    bank = fake_bank()

    assert bank.cut(bank.by_name["dog/0"], longest=6) == Cut(0.2, 1.7)


def test_a_silent_sound_is_named():
    sound = replace(fake_bank().sounds[0], load=lambda seconds, rate: np.zeros(rate, np.float32))

    with pytest.raises(DataError, match="dog/0 is silent"):
        Bank((sound,)).cut(sound, longest=6)


def test_a_take_of_a_kind_is_the_same_each_time_and_differs_from_the_next():
    bank = bank_from_kinds(takes=2, kinds={"dog_bark": KINDS["dog_bark"]})
    first, second = (bank.by_name[f"dog_bark/{take}"] for take in (0, 1))

    np.testing.assert_array_equal(first.load(None, 16_000), first.load(None, 16_000))
    assert not np.array_equal(first.load(1.0, 16_000), second.load(1.0, 16_000))


def test_every_kind_has_words_for_training_and_for_testing():
    bank = bank_from_kinds(takes=1)

    assert set(bank.by_label) == set(KINDS)
    for label in bank.by_label:
        train, test = bank.phrases(label), bank.phrases(label, test=True)
        assert train
        assert test
        assert not set(train) & set(test)


def test_no_phrase_of_a_kind_claims_what_a_scene_decides():
    phrases = [p for sound in bank_from_kinds(takes=1).sounds for p in sound.phrases]

    assert not [p for p in phrases if "distan" in p or "close by" in p or "loudly" in p]


def test_every_kind_called_alike_is_a_kind():
    assert {name for alike in ALIKE for name in alike} <= set(KINDS)


def test_kinds_with_a_common_word_are_one_group():
    groups = groups_of(KINDS)

    assert groups["light_rain"] == groups["heavy_rain"] == groups["roof_rain"]
    assert groups["dog_bark"] == groups["wolf_howl"]
    assert groups["dog_bark"] != groups["cat_meow"]


@pytest.mark.parametrize(
    ("phrase_of", "also"),
    [
        ("beep", "busy_tone"),  # something beeping
        ("beep", "tone"),  # an electronic beep sounding
        ("beep", "dialling"),  # a device beeping
        ("bicycle_bell", "telephone"),  # a small bell dinging
        ("waterfall", "white_noise"),
        ("propeller_plane", "helicopter"),  # a light aircraft humming overhead
        ("door_knock", "hammer"),
        ("whistling", "flute"),
        ("keyboard", "mouse_click"),
    ],
)
def test_what_one_ear_could_take_for_the_other_is_one_group(phrase_of, also):
    groups = groups_of(KINDS)

    assert groups[phrase_of] == groups[also]


def test_no_phrase_speaks_of_what_a_scene_decides():
    phrases = {phrase for sound in bank_from_kinds(takes=1).sounds for phrase in sound.phrases}
    words = {word for phrase in phrases for word in phrase.split()}

    assert not words & {"soft", "softly", "loud", "loudly", "close", "overhead", "distance"}


def test_no_phrase_says_more_than_is_true_of_every_take():
    phrases = {phrase for kind in KINDS.values() for phrase in kind.phrases}
    words = {word for phrase in phrases for word in phrase.split()}

    assert not words & {"man", "woman", "kitten", "lamb", "wolves", "crows", "approaching"}


def test_no_phrase_stands_in_two_groups():
    groups, owner = groups_of(KINDS), {}

    for name, kind in KINDS.items():
        for phrase in kind.phrases:
            assert owner.setdefault(phrase, groups[name]) == groups[name]


def test_a_bank_of_files_reads_them_and_trims_textures(tmp_path):
    rng = np.random.default_rng(3)
    hiss = np.pad(rng.uniform(-0.4, 0.4, 16_000), 4_000).astype(np.float32)
    write(tmp_path / "hiss.wav", hiss, 16_000)
    clip = Clip(tmp_path / "hiss.wav", "hiss", ("something hissing",), "tape 1")

    event = bank_from_clips([clip]).sounds[0]
    texture = bank_from_clips([replace(clip, texture=True)]).sounds[0]

    assert len(event.load(None, 16_000)) == 24_000
    assert len(texture.load(None, 16_000)) == 16_000
    assert len(texture.load(7.3, 16_000)) == round(7.3 * 16_000)
    assert len(event.load(0.5, 16_000)) == 8_000


def test_a_clip_is_called_by_its_name_and_else_by_its_path():
    clip = Clip(Path("a") / "b.wav", "hiss", ("something hissing",), "tape 1")

    bank = bank_from_clips([clip, replace(clip, name="hiss 2")])

    assert list(bank.by_name) == ["a/b.wav", "hiss 2"]


def test_a_texture_joined_to_itself_keeps_its_power():
    wave = np.random.default_rng(0).standard_normal(8_000).astype(np.float32)

    joined = loop(wave, 60_000, overlap=1_000)

    assert len(joined) == 60_000
    power = [float(np.mean(part**2)) for part in np.split(joined, 60)]
    assert 0.8 < min(power) < max(power) < 1.25
    np.testing.assert_array_equal(joined[:7_000], wave[:7_000])
