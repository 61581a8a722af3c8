"""A bank of the clips of a spool: named by captions, alike by what the expert hears."""

import numpy as np
import pytest

from earmark.errors import DataError
from earmark.lab.sounds.clipbank import clip_bank
from earmark.lab.sounds.spool import Take, spool
from earmark.scenes import Plan, draw_scene, render
from lab.sounds.made import RATE, noise, tone

NAMES = ("Dog", "Rain")


def beating(seconds, seed):
    """Noise that is on and off twice a second."""
    wave = noise(seconds, seed)
    wave[(np.arange(len(wave)) * 4 // RATE) % 2 == 1] = 0
    return wave


TAKES = {  # name: sound, captions, what the expert hears
    "rain1": (noise(6, 1), ("Rain falls.",), (0.0, 0.9)),
    "rain2": (noise(5, 2), ("rain falls", "It pours!"), (0.0, 0.7)),
    "dog": (beating(6, 3), ("A dog barks",), (0.8, 0.1)),
    "hound": (tone(300, 1), ("a hound bays",), (0.5, 0.1)),
    "odd": (tone(900, 2), ("something odd",), (0.1, 0.1)),
    "rain1|phone": (noise(6, 1), ("Rain falls.",), (0.0, 0.9)),
    "wordless": (noise(2, 5), (), (0.9, 0.9)),
}


@pytest.fixture
def made(tmp_path):
    takes = [
        Take(name, lambda rate, wave=wave: wave, captions=captions)
        for name, (wave, captions, _) in TAKES.items()
    ]
    heard = np.array([heard for _, _, heard in TAKES.values()], np.float32)
    return spool(takes, RATE, tmp_path), heard


def test_sounds_are_called_what_their_captions_say(made):
    bank = clip_bank(*made, NAMES)

    assert set(bank.by_label) == {"rain falls", "a dog barks", "a hound bays", "something odd"}
    assert [sound.name for sound in bank.by_label["rain falls"]] == ["rain1", "rain2"]
    assert bank.by_name["rain2"].phrases == ("rain falls", "it pours")


def test_what_the_expert_takes_for_one_thing_is_one_group(made):
    bank = clip_bank(*made, NAMES)

    groups = {label: bank.group(label) for label in bank.by_label}
    assert groups["a dog barks"] == groups["a hound bays"] == "Dog"
    assert groups["rain falls"] == "Rain"
    assert groups["something odd"] == "something odd"


def test_only_long_and_steady_sounds_are_backgrounds(made):
    assert clip_bank(*made, NAMES).textures() == ["rain falls"]


def test_scenes_can_be_made_of_it(made):
    bank = clip_bank(*made, NAMES)

    scene = draw_scene(bank, Plan(seconds=(8, 12), events=(1, 2), background=1.0), seed=1)
    wave = render(scene, bank, RATE)

    assert len(wave) == round(scene.seconds * RATE)
    assert np.abs(wave).max() > 0.001
    assert scene.background.label == "rain falls"


def test_sounds_are_there_at_any_rate_and_as_long_as_is_asked(made):
    bank = clip_bank(*made, NAMES)

    assert len(bank.by_name["dog"].load(None, 2 * RATE)) == 6 * 2 * RATE
    assert len(bank.by_name["dog"].load(2.0, RATE)) == 2 * RATE
    assert len(bank.by_name["rain2"].load(11.0, RATE)) == 11 * RATE


def test_without_a_caption_there_is_no_bank(tmp_path):
    sounds = spool([Take("x", lambda rate: noise(1, 1))], RATE, tmp_path)

    with pytest.raises(DataError, match="no sound"):
        clip_bank(sounds, np.zeros((1, 2), np.float32), NAMES)
