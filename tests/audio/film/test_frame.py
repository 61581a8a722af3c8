"""Pictures of films: the one of the moment, upright, in its shape; and what is no film at all."""

import io
from fractions import Fraction

import av
import mutagen
import numpy as np
import pytest
from mutagen import flac, id3, mp4

from audio.files import damage, make, noise
from audio.films import KINDS, SECONDS, make_film, second_of
from earmark.audio.film.film import NoPicturesError, is_film, opened
from earmark.audio.film.frame import frame_at
from earmark.audio.film.pictures import pictures_of
from earmark.errors import AudioError

SURE = 0.16  # seconds; what a codec makes of a brightness
COVERED = ("mp3", "m4a", "flac-16", "mka", "ogg", "wav-16")


def picture(path, at=0.0, width=320):
    """A picture as grey levels: [rows, columns]."""
    content = frame_at(path, at, width=width, check=lambda: None)
    with av.open(io.BytesIO(content)) as file:
        return next(file.decode(video=0)).to_ndarray(format="gray").astype(float)


def second(path, at):
    """When the picture of a moment is shown, by its brightness."""
    return second_of(16 + picture(path, at).mean() * 219 / 255)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="module", params=KINDS)
def film(request, folder):
    return make_film(folder, request.param, name=request.param)


def test_the_picture_is_that_of_the_moment(film):
    for at in (0.0, 0.5, 1.0, 2.99, 3.62, 5.5):
        assert second(film, at) == pytest.approx(at, abs=SURE), at


def test_behind_the_end_stands_the_last_picture(film):
    assert second(film, 99.0) == pytest.approx(SECONDS, abs=SURE)


def test_what_is_known_of_pictures(film):
    told = pictures_of(film)

    assert (told.width, told.height) == (64, 48)
    assert told.rate == pytest.approx(25, abs=0.1)
    assert told.codec in ("h264", "vp8", "vp9", "mpeg4", "wmv2", "mpeg2video")
    assert told.sound


def test_times_are_those_of_the_clock_that_search_has(tmp_path):
    late = make_film(tmp_path, "mkv", late=2.0, shown=4.0)

    assert second(late, 0.5) == pytest.approx(0.0, abs=SURE)  # the first, before there is one
    assert second(late, 3.0) == pytest.approx(1.0, abs=SURE)


def test_a_picture_is_as_wide_as_asked_for_and_never_enlarged(folder):
    big = make_film(folder, "mp4", name="big", seconds=0.5, size=(640, 360))

    assert picture(big, width=160).shape == (90, 160)
    assert picture(big, width=2000).shape == (360, 640)


@pytest.mark.parametrize(("turned", "shape"), [(90, (64, 48)), (180, (48, 64)), (-90, (64, 48))])
def test_a_film_that_was_held_upright_is_shown_so(tmp_path, turned, shape):
    path = make_film(tmp_path, "mp4", seconds=0.5, turned=turned)

    assert picture(path).shape == shape
    told = pictures_of(path)
    assert (told.height, told.width) == shape


def test_the_left_of_a_turned_film_is_where_a_player_shows_it(tmp_path):
    path = tmp_path / "half.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.set_display_rotation(90)  # against the clock: what is right comes to the top
        pixels = np.zeros((48, 64, 3), np.uint8)
        pixels[:, 32:] = 255
        out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        out.mux(stream.encode(None))

    seen = picture(path)

    assert seen[:20].mean() > 200
    assert seen[-20:].mean() < 50


def test_pixels_that_are_not_square_are_stretched(tmp_path):
    path = make_film(tmp_path, "mp4", seconds=0.5, size=(60, 48), aspect=Fraction(16, 15))

    assert picture(path).shape == (48, 64)


def test_damage_costs_pictures_and_no_more(tmp_path):
    path = damage(make_film(tmp_path, "ts"), start=0.4, length=4000)

    assert second(path, 0.5) == pytest.approx(0.5, abs=SURE)
    assert 0 <= second(path, 3.0) <= 3.2  # the last one before, if there is none of its own
    assert second(path, 5.8) == pytest.approx(5.8, abs=SURE)


def test_pictures_of_which_none_can_be_decoded_are_told(tmp_path):
    path = make_film(tmp_path, "mkv", seconds=1.0)
    with opened(path) as film:
        spoilt = {one.pos: one.size for one in film.packets(0.0, film.seen) if one.size}
    content = bytearray(path.read_bytes())
    for at, size in spoilt.items():
        content[at + 12 : at + size] = bytes(len(content[at + 12 : at + size]))
    path.write_bytes(content)

    with pytest.raises(AudioError, match="none of its pictures there can be decoded\nthey are"):
        frame_at(path, 0.5, width=64, check=lambda: None)


def test_work_that_nobody_waits_for_ends(folder, film):
    def stop():
        raise TimeoutError

    with pytest.raises(TimeoutError):
        frame_at(film, 3.0, width=64, check=stop)


def covered(folder, kind):
    """A sound with a picture of its cover."""
    film = make_film(folder, "mp4", seconds=0.2)
    cover = frame_at(film, 0.0, width=64, check=lambda: None)
    film.unlink()
    path = make(folder, kind, noise(1.0, 48_000), 48_000)
    if kind == "mka":
        return _attached(path, cover)
    file = mutagen.File(path)
    if kind == "mp3":
        file.tags.add(id3.Frames["APIC"](encoding=3, mime="image/jpeg", type=3, data=cover))
    elif kind == "m4a":
        file["covr"] = [mp4.MP4Cover(cover)]
    elif kind == "flac-16":
        front = flac.Picture()
        front.type, front.mime, front.data = 3, "image/jpeg", cover
        file.add_picture(front)
    file.save()
    return path


def _attached(path, cover):
    made = path.with_name("covered.mka")
    with av.open(str(path)) as old, av.open(str(made), "w", "matroska") as new:
        home = new.add_stream_from_template(old.streams.audio[0])
        new.add_attachment("cover.jpg", "image/jpeg", cover)
        for packet in old.demux():
            if packet.size:
                packet.stream = home
                new.mux(packet)
    return made


@pytest.mark.parametrize("kind", COVERED)
def test_a_cover_is_no_film(tmp_path, kind):
    path = covered(tmp_path, kind)

    with pytest.raises(NoPicturesError, match="it has no pictures"):
        pictures_of(path)


@pytest.mark.parametrize("content", [b"", b"no film " * 99, None])
def test_what_cannot_be_read_is_two_lines(tmp_path, content):
    path = tmp_path / "a.mp4"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(AudioError) as told:
        frame_at(path, 0.0, width=64, check=lambda: None)

    assert len(str(told.value).splitlines()) == 2
    assert "a.mp4: its pictures cannot be read" in str(told.value)


def test_names_of_films():
    assert is_film("a/b.MKV")
    assert is_film("x.mp4")
    assert not is_film("a.mkv/b.wav")
    assert not is_film("song.m4a")
    assert not is_film("mp4")
