"""Pieces of films: sound and picture in time, nothing encoded, nothing written over."""

import re
from pathlib import Path

import av
import numpy as np
import pytest

from audio.files import cut as shorten
from audio.files import damage, make, noise
from audio.films import KINDS, heard, looked_at, make_film
from audio.test_cut import COPIED
from earmark.audio.film.film import opened
from earmark.audio.film.stretch import HOMES
from earmark.audio.take import take
from earmark.errors import AudioError

START, END = 2.5, 4.4
FILMS = [kind for kind in KINDS if kind != "mpg"]
LOOSE = {"avi": 0.015}  # seconds; of all others sound and picture stay within a millisecond
SURE = 0.13  # seconds; what a codec makes of a brightness
DOCS = Path(__file__).parents[3] / "docs" / "video.md"


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    return {kind: make_film(folder, kind, name=kind) for kind in KINDS}


def packets(path, kind):
    with av.open(str(path)) as file:
        return [bytes(one) for one in file.demux(file.streams.best(kind)) if one.size]


@pytest.mark.parametrize("kind", FILMS)
def test_a_piece_begins_at_the_key_frame_before_and_says_how_much_earlier(films, tmp_path, kind):
    taken = take(films[kind], START, END, tmp_path)

    times, seconds = looked_at(taken.path)
    assert taken.alone == ""
    assert 0 <= taken.early <= 1.01  # a key frame is made each second at least
    assert seconds[0] == pytest.approx(START - taken.early, abs=SURE)
    assert seconds[-1] == pytest.approx(END, abs=SURE + 0.1)
    assert times[0] == pytest.approx(0.0, abs=0.03)
    early = f"begins {taken.early:.1f} s earlier, where its pictures can"
    assert taken.note == (early if taken.early > 0.05 else "")


@pytest.mark.parametrize("kind", FILMS)
def test_sound_and_picture_stay_in_time(films, tmp_path, kind):
    whole, taken = films[kind], take(films[kind], START, END, tmp_path)
    shown, _ = looked_at(whole)
    first = min(shown, key=lambda at: abs(at - (START - taken.early)))
    begun, _ = looked_at(taken.path)

    before = [at - first for at in heard(whole) if START < at < END]
    after = [at - begun[0] for at in heard(taken.path) if at - begun[0] > START - first]
    assert before == pytest.approx(after, abs=LOOSE.get(kind, 0.001) + 1 / 48_000)


@pytest.mark.parametrize("kind", FILMS)
def test_nothing_is_encoded(films, tmp_path, kind):
    piece = take(films[kind], START, END, tmp_path).path

    if kind == "ts":  # headers stand between its packets
        return
    for stream in ("video", "audio"):
        there, were = packets(piece, stream), set(packets(films[kind], stream))
        assert len(there) > 20
        assert sum(one in were for one in there) >= len(there) - 1


@pytest.mark.parametrize("kind", FILMS)
def test_a_piece_has_the_kind_and_the_suffix_of_its_film(films, tmp_path, kind):
    taken = take(films[kind], START, END, tmp_path)

    with opened(films[kind]) as whole, opened(taken.path) as piece:
        assert piece.kind == whole.kind
        assert piece.container.format.name == whole.container.format.name
        names = [one.seen.codec_context.codec_tag for one in (whole, piece)]
        assert whole.kind != "mp4" or names[0] == names[1]
    assert taken.path.suffix == films[kind].suffix
    assert re.fullmatch(rf"{kind} 0m02\.\ds-0m04\.4s\.\w+", taken.path.name)


def test_a_piece_from_the_beginning_has_all_of_it(films, tmp_path):
    for kind in ("mp4", "mkv", "ts", "avi", "flv", "wmv", "mov"):
        taken = take(films[kind], 0.0, 1.5, tmp_path)

        _, seconds = looked_at(taken.path)
        assert seconds[0] == pytest.approx(0.0, abs=SURE)
        assert len(heard(taken.path)) == 2
        assert taken.early == 0.0


def test_nothing_is_written_over_and_nothing_is_left(films, tmp_path):
    names = [take(films["mkv"], START, END, tmp_path, name="a/b:c").path.name for _ in range(3)]

    assert names == ["a b c.mkv", "a b c 2.mkv", "a b c 3.mkv"]
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(names)


def test_all_sound_tracks_are_taken_along(tmp_path):
    film = make_film(tmp_path, "mkv", tracks=3)

    with av.open(str(take(film, START, END, tmp_path).path)) as piece:
        assert len(piece.streams.audio) == 3
        assert piece.metadata["title"] == "film"


def test_of_what_cannot_be_copied_the_sound_is_taken_and_that_is_said(films, tmp_path):
    taken = take(films["mpg"], START, END, tmp_path)

    assert taken.path.suffix == ".wav"
    assert taken.note == "sound alone: films of the kind mpeg are not written"
    assert len(heard(taken.path)) == 2


def test_where_pictures_have_ended_the_sound_is_taken(tmp_path):
    taken = take(make_film(tmp_path, "mkv", seconds=12.0, shown=3.0), 9.0, 11.0, tmp_path)

    assert taken.path.suffix == ".wav"
    assert taken.alone == "its pictures end at 3.0 s"


def test_pictures_that_begin_late_are_seen_late(tmp_path):
    film = make_film(tmp_path, "mp4", late=2.0, shown=4.0)

    taken = take(film, 1.0, 3.9, tmp_path)

    times, seconds = looked_at(taken.path)
    assert (taken.early, times[0]) == (0.0, pytest.approx(1.0, abs=0.03))
    assert seconds[0] == pytest.approx(0.0, abs=SURE)
    assert heard(taken.path) == pytest.approx([0.0, 1.0, 2.0], abs=0.01)


def test_a_writer_that_refuses_leaves_the_sound(films, tmp_path, monkeypatch):
    monkeypatch.setitem(HOMES, "mp4", {".mp4": "webm"})

    taken = take(films["mp4"], START, END, tmp_path)

    assert taken.path.suffix == ".wav"
    assert taken.alone.startswith("its pictures or its sound cannot be copied into a new file (")
    assert [one.suffix for one in tmp_path.iterdir()] == [".wav"]


@pytest.mark.parametrize("kind", ["mkv", "ts", "mp4"])
def test_a_damaged_film_gives_a_piece(tmp_path, kind):
    path = damage(make_film(tmp_path, kind), start=0.2, length=1000)

    taken = take(path, START, END, tmp_path)

    assert taken.path.stat().st_size > 1000


def test_a_film_that_was_cut_short_gives_what_there_is(tmp_path):
    path = shorten(make_film(tmp_path, "mkv"), 0.6)

    taken = take(path, 1.5, 5.5, tmp_path)

    _, seconds = looked_at(taken.path)
    assert seconds[-1] < 5.0


@pytest.mark.parametrize("kind", [COPIED[1], "flac-16", "mp3"])
def test_of_a_sound_a_sound_is_taken(tmp_path, kind):
    taken = take(make(tmp_path, kind, noise(2.0, 44_100), 44_100), 0.5, 1.0, tmp_path)

    assert taken.path.suffix in (".wav", ".flac")
    assert taken.note == ""


def test_what_is_no_file_is_told_as_ever(tmp_path):
    with pytest.raises(AudioError, match="there is no such file"):
        take(tmp_path / "gone.mp4", 0.0, 1.0, tmp_path)
    with pytest.raises(ValueError, match="cannot go from"):
        take(tmp_path / "gone.mp4", 1.0, 1.0, tmp_path)


def test_a_folder_that_cannot_be_written_to_is_told(films, tmp_path):
    with pytest.raises(AudioError, match="could not be written"):
        take(films["mp4"], START, END, tmp_path / "none")


def test_the_page_on_films_tells_what_becomes_of_each_kind():
    told = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", DOCS.read_text(encoding="utf-8"), re.M))

    written = {suffix[1:] for homes in HOMES.values() for suffix in homes}
    made = {kind.suffix for kind in KINDS.values()}
    assert told == {one: "a film" if one in written else "its sound alone" for one in made}


def test_packets_without_a_time_of_their_own_are_not_lost(films):
    """In an mkv the first pictures do not tell in which order they are decoded."""
    assert np.diff(np.sort(looked_at(films["mkv"])[0])).max() < 0.05
