"""A bank of clips by the kinds of sound that their captions name."""

from collections import Counter

import pytest

from data.wavs import noise, write_wav
from earmark.data import Row
from earmark.data.kinds import bank_of_kinds, kinds
from earmark.errors import DataError


def row(folder, name, *captions, **more):
    return Row(write_wav(folder / name, noise(1.0, 1)), captions, recording=name, **more)


def test_clips_of_a_kind_share_its_words_whatever_their_caption(tmp_path):
    rows = [
        row(tmp_path, "a.wav", "a siren wailing"),
        row(tmp_path, "b.wav", "an ambulance siren"),
        row(tmp_path, "c.wav", "rain falling"),
        row(tmp_path, "d.wav", "something else"),
        row(tmp_path, "e.wav"),
    ]

    bank = bank_of_kinds(rows)

    assert {label: len(sounds) for label, sounds in bank.by_label.items()} == {
        "siren": 2,
        "rain": 1,
    }
    assert bank.textures() == ["rain", "siren"]
    assert bank.phrases("siren", test=True) == ["a siren howling up and down"]
    assert bank.group("rain") == "water"


def test_stretches_of_one_file_are_sounds_of_their_own(tmp_path):
    one = row(tmp_path, "a.wav", "rain falling")
    parts = [
        Row(one.audio, one.captions, start=0.0, end=0.5),
        Row(one.audio, one.captions, start=0.5, end=1.0),
    ]

    bank = bank_of_kinds(parts)

    assert len(bank.by_name) == 2
    assert all(len(sound.load(0.25, 8_000)) == 2_000 for sound in bank.sounds)


def test_rows_of_no_known_kind_are_refused(tmp_path):
    with pytest.raises(DataError, match="none of 1 rows"):
        bank_of_kinds([row(tmp_path, "a.wav", "something else")])


def test_the_table_holds_each_caption_and_each_phrase_once():
    found = kinds()

    for many in ([one.name for one in found], [c for one in found for c in one.captions]):
        assert max(Counter(many).values()) == 1
    phrases = [phrase for one in found for phrase in one.phrases]
    assert max(Counter(phrases).values()) == 1
    assert all(len(one.phrases) >= 3 for one in found)
