"""`library/hear.py`: digest, tags, and the parts of one file."""

from dataclasses import replace

import numpy as np
import pytest

from earmark.audio.tags import Tags
from earmark.audio.ucs import Ucs
from earmark.library import hear
from earmark.library.hear import (
    ChangedError,
    Hearing,
    Looked,
    digest_of,
    failure,
    look,
    refuse_changed,
    said_of,
    writable,
)
from earmark.library.nouns import Said
from earmark.library.packed import pack
from earmark.model.pool import TimeLine
from library.founds import found, sound, stretch
from model.tiny import PAGE


def nothing():
    pass


def test_the_digest_is_that_of_the_bytes_in_whatever_pieces_they_are_read(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"abc")
    # BLAKE2b of 16 bytes, as `b2sum -l 128` prints it.
    told = "cf4ab791c62b8d2b2109c90275287816"
    assert digest_of(tmp_path / "a", nothing) == told
    monkeypatch.setattr(hear, "PIECE", 2)
    assert digest_of(tmp_path / "a", nothing) == told


def test_reading_the_bytes_of_a_large_file_can_be_ended(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"abcdefg")
    monkeypatch.setattr(hear, "PIECE", 2)
    pieces = []

    def beat():
        pieces.append(1)
        if len(pieces) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        digest_of(tmp_path / "a", beat)


def test_what_a_file_says_is_kept_where_it_says_something():
    tags = Tags(
        title="Rain",
        artist="",
        originator="MixPre",
        keywords=("wet", "roof"),
        ucs=Ucs(cat_id="RAINRoof", fx_name="Rain", creator="", source=""),
        extra={"encoder": "x"},
        warnings=("a tag is broken: x",),
    )
    assert said_of(tags) == Said(
        tags={"title": "Rain", "originator": "MixPre", "keywords": "wet, roof"},
        ucs="RAINRoof",
        warnings=("a tag is broken: x",),
    )
    assert said_of(Tags()) == Said()


def test_halves_of_characters_are_made_writable():
    assert writable("a\udce9b\ud83d") == r"a\udce9b\ud83d"
    assert writable("Grün 雨") == "Grün 雨"
    assert said_of(Tags(comment="\udcff")).tags == {"comment": r"\udcff"}


def test_a_file_that_is_as_it_was_met_is_looked_at(tmp_path):
    met = sound(tmp_path / "AMBRain_Roof_ME_Mine.wav")
    looked = look(met, nothing)
    assert (looked.found, looked.said.ucs) == (met, "AMBRain")
    assert looked.digest == digest_of(met.place.full, nothing)


@pytest.mark.parametrize("change", [{"size": 5}, {"mtime": 5}])
def test_a_file_that_is_not_as_it_was_met_is_refused(tmp_path, change):
    met = replace(sound(tmp_path / "a.wav"), **change)
    with pytest.raises(ChangedError):
        refuse_changed(met)
    with pytest.raises(ChangedError):
        look(met, nothing)


def test_what_is_no_file_any_more_is_refused(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(ChangedError):
        refuse_changed(found(tmp_path / "a"))


def test_a_failure_says_why_in_a_few_words(tmp_path):
    met = sound(tmp_path / "a.wav")
    assert failure(met, "d", PermissionError(13, "denied")).reason == "you may not read it"
    assert failure(met, "d", OSError(5, "I/O")).reason == "it could not be read (I/O)"
    told = failure(met, "d", ZeroDivisionError("by \udcff\nand more"))
    assert told.reason == r"it could not be decoded (ZeroDivisionError: by \udcff)"
    assert (told.found, told.digest, told.changed) == (met, "d", False)
    assert failure(met, "", ValueError()).reason == "it could not be decoded (ValueError: )"


def test_what_goes_wrong_while_a_file_changes_says_nothing_of_it(tmp_path):
    met = sound(tmp_path / "a.wav")
    met.place.full.unlink()
    told = failure(met, "d", ValueError("x"))
    assert (told.changed, told.reason) == (True, "")


def test_a_file_that_is_back_when_it_is_asked_for_again_has_changed_all_the_same(tmp_path):
    assert failure(sound(tmp_path / "a.wav"), "d", ChangedError()).changed


def test_parts_that_come_in_any_order_are_packed_like_the_whole(tmp_path):
    met = sound(tmp_path / "a.wav")
    parts = [stretch(0, 4, 1), stretch(4, 7, 2), stretch(7, 9, 3)]
    hearing = Hearing(Looked(met, "d", Said(tags={"title": "x"}, warnings=("odd", "old"))))
    assert list(hearing.counted([np.zeros(70_000), np.zeros(2000)]))[1].shape == (2000,)

    assert not hearing.add(2, parts[2])
    assert hearing.reached == 9
    assert not hearing.add(0, parts[0])
    assert not hearing.end(3, ["odd", "ends \udcff"])
    assert hearing.add(1, parts[1])

    outcome = hearing.outcome(PAGE)
    line = TimeLine(
        np.concatenate([part.tokens for part in parts]),
        np.concatenate([part.weights for part in parts]),
        np.concatenate([part.times for part in parts]),
        np.zeros((3, 2)),
        np.zeros((3, 2), np.float32),
        9.0,
    )
    whole = pack(line, 2.0, 1.0)
    for name in whole.__slots__:
        assert np.array_equal(getattr(outcome.packed, name), getattr(whole, name)), name
    assert outcome.seconds == 9.0  # 72,000 samples at 8 kHz
    assert outcome.said == Said(tags={"title": "x"}, warnings=("odd", "old", r"ends \udcff"))


def test_the_last_to_come_may_be_the_end(tmp_path):
    hearing = Hearing(Looked(sound(tmp_path / "a.wav"), "d", Said()))
    assert not hearing.add(0, stretch(0, 3, 1))
    assert hearing.end(1, [])
