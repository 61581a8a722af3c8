"""RIFF chunks and the tags in them, bytes worked by hand."""

import io
import struct
import tracemalloc

import pytest

from audio.files import chunk, wav_bytes
from earmark.audio import riff
from earmark.audio.tags import read_tags

SAMPLES = bytes(range(10))
BEXT = (
    b"Heavy rain on tin".ljust(256, b"\0")
    + b"Recorder 7".ljust(32, b"\0")
    + b"REF42".ljust(32, b"\0")
    + b"2024-05-01"
    + b"06:07:08"
    + struct.pack("<II", 0x1000, 0x2)  # the low half first: 2 * 2**32 + 4096 samples
    + bytes(602 - 346)
    + b"A=PCM,F=48000\r\n"
)
IXML = b"""<?xml version="1.0" encoding="UTF-8"?>
<BWFXML><NOTE>wind from the left</NOTE><SCENE>12</SCENE>
<ASWG><catId>RAINConc</catId><fxName>Tin Roof</fxName><creatorID>ABC</creatorID></ASWG></BWFXML>"""


def info(**fields: bytes) -> bytes:
    return b"INFO" + b"".join(chunk(name, text + b"\0") for name, text in fields.items())


def names(data: bytes) -> list[tuple[str, int]]:
    return [(found.name, found.size) for found in riff.chunks(io.BytesIO(data))]


def test_chunks_after_the_sound_are_found_whatever_their_length():
    data = wav_bytes(SAMPLES, odd_=b"abc", last=b"1234")

    assert names(data) == [("fmt ", 16), ("data", 10), ("odd_", 3), ("last", 4)]


def test_an_odd_chunk_that_was_not_padded_loses_nothing():
    data = wav_bytes(SAMPLES) + struct.pack("<4sI", b"odd_", 3) + b"abc" + chunk("last", b"12")

    assert names(data)[2:] == [("odd_", 3), ("last", 2)]


def test_a_size_that_lies_ends_with_the_file():
    data = wav_bytes(SAMPLES) + struct.pack("<4sI", b"bext", 0xFFFF_FF00) + b"short"

    assert names(data)[-1] == ("bext", 5)


def test_sound_of_unknown_length_goes_on_to_the_end():
    data = wav_bytes(SAMPLES, claimed=0)

    assert names(data) == [("fmt ", 16), ("data", 10)]


def test_rf64_takes_its_sizes_from_ds64():
    ds64 = struct.pack("<QQQI4sQ", 0, 10, 5, 1, b"long", 6)
    fmt = struct.pack("<HHIIHH", 1, 1, 8000, 16_000, 2, 16)
    data = b"RF64\xff\xff\xff\xffWAVE" + chunk("ds64", ds64) + chunk("fmt ", fmt)
    data += struct.pack("<4sI", b"data", 0xFFFF_FFFF) + SAMPLES
    data += struct.pack("<4sI", b"long", 0xFFFF_FFFF) + b"abcdef" + chunk("last", b"1")

    assert names(data)[2:] == [("data", 10), ("long", 6), ("last", 1)]
    assert riff.claimed_seconds(io.BytesIO(data)) == pytest.approx(10 / 16_000)


def test_a_big_endian_file_is_read_as_one():
    fmt = struct.pack(">HHIIHH", 1, 1, 8000, 16_000, 2, 16)
    data = b"RIFX\0\0\0\0WAVE" + struct.pack(">4sI", b"fmt ", 16) + fmt
    data += struct.pack(">4sI", b"data", 32_000)

    assert riff.claimed_seconds(io.BytesIO(data)) == 2.0


@pytest.mark.parametrize(
    "data", [b"", b"RIFF", b"RIFF\0\0\0\0AVI LIST", b"\xff" * 50, b"RIFFxxxxWAVEfmt "]
)
def test_what_is_no_wav_has_no_chunks(data):
    assert names(data) == []


def test_a_chunk_is_never_read_beyond_a_limit(tmp_path):
    path = tmp_path / "a.wav"
    with path.open("wb") as file:
        file.write(wav_bytes(SAMPLES) + struct.pack("<4sI", b"LIST", 1 << 26) + info(INAM=b"huge"))
        file.truncate(1 << 26)

    tracemalloc.start()
    tags = read_tags(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert tags.title == "huge"
    assert peak < 1 << 24


def test_info_bext_and_ixml_are_read_together(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(
        wav_bytes(SAMPLES, LIST=info(INAM=b"Roof", IART=b"Ann", IXXX=b"?"), bext=BEXT, iXML=IXML)
    )

    tags = read_tags(path)

    assert (tags.title, tags.artist, tags.comment) == ("Roof", "Ann", "wind from the left")
    assert (tags.description, tags.originator, tags.date) == (
        "Heavy rain on tin",
        "Recorder 7",
        "2024-05-01",
    )
    assert tags.time_reference == 2 * 2**32 + 4096
    assert tags.ucs is not None
    assert (tags.ucs.cat_id, tags.ucs.creator) == ("RAINConc", "ABC")
    assert tags.extra["bext.coding_history"] == "A=PCM,F=48000"
    assert tags.extra["ixml.scene"] == "12"
    assert tags.extra["info.ixxx"] == "?"
    assert tags.warnings == ()


@pytest.mark.parametrize(
    ("raw", "text"), [("Tür".encode(), "Tür"), (b"T\xfcr \x80", "Tür €"), (b"a\0b", "a")]
)
def test_text_is_utf_8_or_else_windows_1252(tmp_path, raw, text):
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(SAMPLES, LIST=info(INAM=raw)))

    assert read_tags(path).title == text


BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]><a><NOTE>&c;</NOTE></a>'


@pytest.mark.parametrize(
    "broken",
    [
        {"bext": b"too short"},
        {"iXML": b"<BWFXML><NOTE>never closed"},
        {"iXML": BOMB},
        {"iXML": b"\xff\xfe<\0a\0"},
    ],
)
def test_a_broken_tag_is_told_and_the_others_are_read(tmp_path, broken):
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(SAMPLES, LIST=info(INAM=b"Roof"), **broken))

    tags = read_tags(path)

    assert tags.title == "Roof"
    assert len(tags.warnings) == 1
    assert next(iter(broken)) in tags.warnings[0]


def test_a_bext_that_was_cut_short_gives_what_is_there(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(SAMPLES) + struct.pack("<4sI", b"bext", 617) + BEXT[:400])

    tags = read_tags(path)

    assert tags.originator == "Recorder 7"
    assert tags.warnings == ("its bext tag is cut short",)
