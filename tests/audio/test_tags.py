"""Tags of every kind of file as plain fields, and UCS names by their form."""

from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen import id3

from audio.files import KINDS, chunk, encode, make, tone
from earmark.audio.tags import Tags, read_tags
from earmark.audio.ucs import Ucs, parse_name
from earmark.audio.write import write

WORDS = {"title": "Regen auf Blech ☂", "artist": "Ann", "album": "Wet", "genre": "Field"}


@pytest.mark.parametrize(
    "suffix", ["wav", "flac", "aiff", "ogg", "opus", "mp3", "m4a", "mov", "wma", "mka"]
)
def test_fields_are_the_same_whatever_the_kind_of_tag(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    write(path, tone(0.5, 44_100), 44_100, tags=WORDS)

    tags = read_tags(path)

    assert {key: getattr(tags, key) for key in WORDS} == WORDS
    assert tags.warnings == ()


def test_id3_in_wav_and_several_values_are_read(tmp_path):
    path = make(tmp_path, "wav-16", tone(0.1, 8000), 8000)
    file = mutagen.File(path)
    file.add_tags()
    file.tags.add(id3.TPE1(encoding=1, text=["Ann", "Bo", "Ann"]))
    file.tags.add(id3.COMM(encoding=3, lang="eng", desc="", text=["near"]))
    file.tags.add(id3.TXXX(encoding=3, desc="Mic", text=["omni"]))
    file.tags.add(id3.APIC(encoding=0, mime="image/png", type=3, desc="", data=b"\x89PNG"))
    file.save()

    tags = read_tags(path)

    assert (tags.artist, tags.comment) == ("Ann; Bo", "near")
    assert tags.extra == {"txxx:mic": "omni"}


def test_text_chunks_of_aiff_are_read(tmp_path):
    path = make(tmp_path, "aiff-16", tone(0.1, 8000), 8000)
    text = {"NAME": b"Roof", "AUTH": b"Ann", "ANNO": b"from the left"}
    body = path.read_bytes()[8:] + b"".join(swapped(name, value) for name, value in text.items())
    path.write_bytes(b"FORM" + len(body).to_bytes(4, "big") + body)

    tags = read_tags(path)

    assert (tags.title, tags.artist, tags.comment) == ("Roof", "Ann", "from the left")


def swapped(name: str, body: bytes) -> bytes:
    """An AIFF chunk is a RIFF chunk with its length the other way round."""
    made = chunk(name, body)
    return made[:4] + made[4:8][::-1] + made[8:]


def test_keywords_are_told_apart(tmp_path):
    path = tmp_path / "a.flac"
    write(path, tone(0.1, 8000), 8000, tags={"keywords": "rain, tin roof;close"})

    assert read_tags(path).keywords == ("rain", "tin roof", "close")


def test_what_has_no_field_is_kept_under_its_own_key(tmp_path):
    path = tmp_path / "a.flac"
    soundfile.write(path, np.zeros(10), 8000)
    file = mutagen.File(path)
    file["microphone"] = ["omni"]
    file["title"], file["name"] = ["first"], ["second"]
    file.save()

    tags = read_tags(path)

    assert tags.title == "first"
    assert tags.extra == {"microphone": "omni", "name": "second"}


@pytest.mark.parametrize("kind", ["wav-16", "flac-16", "mp3", "caf", "aac", "webm", "mkv video"])
def test_a_file_without_tags_says_nothing(tmp_path, kind):
    made = KINDS[kind]
    rate = made.rates[-1]
    path = make(tmp_path, kind, tone(0.3, rate), rate)

    tags = read_tags(path)

    assert (tags.title, tags.artist, tags.keywords, tags.ucs) == ("", "", (), None)
    assert tags.warnings == ()


@pytest.mark.parametrize("suffix", ["flac", "mp3", "m4a", "ogg", "aiff", "wma", "wav", "mka"])
def test_no_broken_tag_ever_raises(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    write(path, tone(0.2, 44_100), 44_100, tags=WORDS)
    data, rng = path.read_bytes(), np.random.default_rng(1)

    for _ in range(60):
        bad = bytearray(data)
        for at in rng.integers(0, min(len(data), 800), 6):
            bad[at] = int(rng.integers(256))
        path.write_bytes(bad[: rng.integers(len(bad))])

        assert isinstance(read_tags(path), Tags)


def test_a_file_that_is_not_there_still_has_a_name(tmp_path):
    tags = read_tags(tmp_path / "RAINConc_Gutter_ABC_Lib.wav")

    assert tags.ucs is not None
    assert tags.ucs.cat_id == "RAINConc"
    assert "could not be read" in tags.warnings[0]


@pytest.mark.parametrize(
    ("name", "ucs"),
    [
        (
            "RAINConc_Drips in a Stairwell_ABC_Lib1.wav",
            Ucs(cat_id="RAINConc", fx_name="Drips in a Stairwell", creator="ABC", source="Lib1"),
        ),
        (
            "DOORWood-Squeak_BARN-Old-Gate_jD_NONE_take 3_mono.flac",
            Ucs(
                cat_id="DOORWood",
                user_category="Squeak",
                vendor_category="BARN",
                fx_name="Old-Gate",
                creator="jD",
                source="NONE",
                user_data="take 3_mono",
            ),
        ),
        (
            "AMBForst_Close-up Birds_X_Y.v2.aif",
            Ucs(cat_id="AMBForst", fx_name="Close-up Birds", creator="X", source="Y.v2"),
        ),
        (
            "RAIN_Gutter_ABC_Lib.wav",
            Ucs(cat_id="RAIN", fx_name="Gutter", creator="ABC", source="Lib"),
        ),
        ("UIClick_Tap_X_Y.wav", Ucs(cat_id="UIClick", fx_name="Tap", creator="X", source="Y")),
    ],
)
def test_a_ucs_name_is_taken_apart(name, ucs):
    assert parse_name(Path("some/folder") / name) == ucs


@pytest.mark.parametrize(
    "name",
    [
        "rain_on_a_roof.wav",
        "Rain_on_a_roof_take.wav",
        "IMG_2024_05_01.wav",
        "RAIN_on_a_roof.wav",
        "RAINConc_Gutter_ABC.wav",
        "RAINConc_Gutter__Lib.wav",
        "RAINConc__ABC_Lib.wav",
        "RainConc_Gutter_ABC_Lib.wav",
        "RAINCONC_Gutter_ABC_Lib.wav",
        "rAINConc_Gutter_ABC_Lib.wav",
        "RAINConc2_Gutter_ABC_Lib.wav",
        "RAINConc Heavy_Gutter_ABC_Lib.wav",
        "_RAINConc_Gutter_ABC_Lib.wav",
        "ZOOM0001_Tr1_Tr2_Tr3.wav",
        "",
    ],
)
def test_a_name_that_is_nearly_ucs_is_not(name):
    assert parse_name(Path(name)) is None


def test_a_film_tells_its_title(tmp_path):
    film = encode(tmp_path / "a.mkv", tone(0.5, 44_100), 44_100, KINDS["mkv video"], title="Roof")

    assert read_tags(film).title == "Roof"
