"""A file inside a tar is read as if it lay in a folder, whatever stands around it."""

import io
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest

from audio.files import KINDS, make, noise
from audio.tars import (
    DEVICE,
    END,
    FOLDER,
    HARD_LINK,
    LINK,
    entry,
    header,
    write_tar,
)
from earmark.audio.downmix import mean
from earmark.audio.ffmpeg import FFmpegSource
from earmark.audio.member import Extent, index_of, is_file, open_bytes, status
from earmark.audio.read import open_channel, open_sound, read
from earmark.audio.sndfile import SndfileSource
from earmark.audio.source import Journal
from earmark.errors import AudioError

MIDDLE = bytes(range(256)) * 4 + b"the end"  # 1031 bytes: two blocks of a tar and seven bytes
FILES = {"a.bin": b"\xee" * 700, "dir/b.bin": MIDDLE, "dir/c.bin": b"\xdd" * 512}
READERS = {"FFmpeg": FFmpegSource, "libsndfile": SndfileSource}


@pytest.fixture
def tar(tmp_path):
    return write_tar(tmp_path / "x.tar", FILES)


def sound_in_tar(folder, kind, wave, rate):
    """The same sound as a file of its own, and between two others in a tar."""
    alone = make(folder, kind, wave, rate)
    name = f"deep/{alone.name}"
    around = {"before.bin": b"\xee" * 777, name: alone.read_bytes(), "behind.bin": b"\xdd" * 9999}
    return alone, write_tar(folder / "x.tar", around) / name


def refusal(path):
    with pytest.raises(AudioError) as refused:
        read(path)
    assert len(str(refused.value).splitlines()) == 2
    return refused.value


def summed(raw):
    """A header with the sum of its bytes, in which the sum itself counts as blanks."""
    raw[148:156] = b"%06o\0 " % (sum(raw[:148]) + 8 * ord(" ") + sum(raw[156:]))
    return bytes(raw)


def sparse(name):
    """A header as old GNU has it: of 512 bytes that are 10,240 with their holes.

    At 386 stands a map of places and sizes, at 483 the whole size.
    """
    raw = bytearray(header(name, 512, b"S"))
    raw[257:265] = b"ustar  \0"
    raw[386:410] = b"%011o\0" % 0 + b"%011o\0" % 512
    raw[483:495] = b"%011o\0" % 10_240
    return summed(raw)


def test_where_files_lie_is_as_worked_out_by_hand(tar):
    # Each has a header of 512 bytes before it and is filled up to a multiple of 512:
    # 512 + 700 -> 1536, + 512 = 2048; 2048 + 1031 -> 3584, + 512 = 4096.
    assert list(index_of(tar).files.items()) == [
        ("a.bin", Extent(512, 700)),
        ("dir/b.bin", Extent(2048, 1031)),
        ("dir/c.bin", Extent(4096, 512)),
    ]


@pytest.mark.parametrize("size", [1, 7, 512, 1030, 1031, 5000])
def test_chunks_of_any_size_give_the_file_and_none_of_its_neighbours(tar, size):
    with open_bytes(tar / "dir" / "b.bin") as file:
        chunks = list(iter(lambda: file.read(size), b""))

    assert b"".join(chunks) == MIDDLE
    assert {len(chunk) for chunk in chunks[:-1]} <= {size}


def test_places_are_counted_from_the_beginning_of_the_file(tar):
    with open_bytes(tar / "dir" / "b.bin") as file:
        assert (file.seek(1), file.read(3)) == (1, b"\1\2\3")
        assert (file.seek(250, os.SEEK_CUR), file.read(3)) == (254, b"\xfe\xff\0")
        assert (file.seek(-7, os.SEEK_END), file.read(), file.tell()) == (1024, b"the end", 1031)
        assert (file.seek(9999), file.read(5)) == (9999, b"")
        with pytest.raises(ValueError, match="before the beginning"):
            file.seek(-1)


def test_two_readers_of_one_tar_do_not_move_each_other(tar):
    with open_bytes(tar / "a.bin") as one, open_bytes(tar / "dir" / "b.bin") as other:
        one.read(300)
        assert other.read(2) == b"\0\1"
        assert one.read() == b"\xee" * 400


def test_a_file_in_a_tar_has_its_own_size_and_is_a_file(tar):
    assert status(tar / "dir" / "b.bin").size == 1031
    assert is_file(tar / "dir" / "b.bin")
    assert not is_file(tar / "dir")
    assert not is_file(tar / "none.bin")
    assert not is_file(tar.parent / "none.tar" / "a.bin")
    assert status(tar).size == len(tar.read_bytes())


def test_a_damaged_tar_holds_no_files(tmp_path):
    (tmp_path / "x.tar").write_bytes(b"no tar" * 500)

    assert not is_file(tmp_path / "x.tar" / "a.bin")


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", ["wav-24", "flac-16", "ogg", "mp3"])
def test_each_reader_hears_the_same_as_in_a_file_of_its_own(tmp_path, reader, kind):
    alone, inside = sound_in_tar(tmp_path, kind, noise(3, 44_100, channels=2), 44_100)

    sources = [READERS[reader](path, Journal(), mean) for path in (alone, inside)]

    heard = [np.concatenate([piece.wave for piece in source.pieces(0)]) for source in sources]
    assert sources[0].facts == sources[1].facts
    assert np.array_equal(*heard)
    assert len(heard[0]) > 2.9 * 44_100
    for source in sources:
        source.close()


@pytest.mark.parametrize("kind", ["wav-16", "flac-24", "aiff-16", "mp3", "opus", "m4a", "webm"])
@pytest.mark.parametrize(("start", "end"), [(0.0, None), (1.37, 2.05), (2.9, 60.0)])
def test_a_stretch_is_the_same_as_of_a_file_of_its_own(tmp_path, kind, start, end):
    rate = KINDS[kind].rates[0] if kind in {"opus", "webm"} else 44_100
    alone, inside = sound_in_tar(tmp_path, kind, noise(3.5, rate), rate)

    heard, expected = (read(path, rate=16_000, start=start, end=end) for path in (inside, alone))

    assert np.array_equal(heard, expected)
    assert len(heard) >= (min(end or 3.5, 3.5) - start - 0.01) * 16_000


def test_blocks_channels_and_facts_are_those_of_a_file_of_its_own(tmp_path):
    wave = noise(1.3, 8000, channels=2)
    alone, inside = sound_in_tar(tmp_path, "wav-16", wave, 8000)

    with open_sound(inside, block=999) as sound, open_channel(inside, 1) as right:
        assert [len(block) for block in sound] == [999] * 10 + [410]
        np.testing.assert_allclose(np.concatenate(list(right)), wave[:, 1], atol=1e-4)
    with open_sound(alone) as other:
        assert sound.facts == other.facts


def test_a_name_with_a_false_suffix_in_a_tar_is_told(tmp_path):
    content = make(tmp_path, "flac-16", noise(1, 8000), 8000).read_bytes()
    path = write_tar(tmp_path / "x.tar", {"a.wav": content}) / "a.wav"

    with open_sound(path) as sound:
        assert sound.warnings == ["file extension says wav but it is flac"]


@pytest.fixture
def scans(monkeypatch):
    """Every time that the headers of a tar are read."""
    seen, really = [], tarfile.open

    def noted(name, *rest):
        seen.append(name)
        return really(name, *rest)

    monkeypatch.setattr(tarfile, "open", noted)
    return seen


def test_a_tar_is_looked_through_once_for_many_files(tmp_path, scans):
    files = {f"{n}.bin": bytes([n]) * n for n in range(50)}
    tar = write_tar(tmp_path / "x.tar", files)

    for name, content in files.items():
        with open_bytes(tar / name) as file:
            assert file.read() == content

    assert scans == [tar]


@pytest.mark.parametrize("later", ["another size", "another time"])
def test_a_tar_that_was_replaced_is_looked_through_anew(tmp_path, later):
    tar = write_tar(tmp_path / "x.tar", {"a.bin": b"old", "b.bin": b"-" * 30})
    written = tar.stat().st_mtime_ns
    with open_bytes(tar / "b.bin") as file:
        assert file.read() == b"-" * 30

    more = {"c.bin": b""} if later == "another size" else {}
    write_tar(tar, {"b.bin": b"new", "a.bin": b"-" * 30, **more})
    os.utime(tar, ns=(written, written + (later == "another time")))

    with open_bytes(tar / "b.bin") as file:
        assert file.read() == b"new"


def test_nothing_is_written(tmp_path):
    _, inside = sound_in_tar(tmp_path, "flac-16", noise(1, 8000), 8000)
    tar = tmp_path / "x.tar"
    before, files = (tar.read_bytes(), tar.stat().st_mtime_ns), sorted(tmp_path.iterdir())

    read(inside)

    assert (tar.read_bytes(), tar.stat().st_mtime_ns) == before
    assert sorted(tmp_path.iterdir()) == files


def test_a_closed_file_lets_go_of_the_tar(tar):
    file = open_bytes(tar / "a.bin")
    raw = file.raw

    file.close()

    assert raw._file.closed


@pytest.mark.parametrize("path", ["none.wav", "deep", "deep/sound.wav/more.wav", "../x.tar"])
def test_what_is_not_in_the_tar_is_no_such_file(tmp_path, path):
    sound_in_tar(tmp_path, "wav-16", noise(1, 8000), 8000)

    assert refusal(tmp_path / "x.tar" / path).reason == "there is no such file"


def test_no_path_leads_out_of_a_tar(tmp_path):
    make(tmp_path, "wav-16", noise(1, 8000), 8000)
    write_tar(tmp_path / "x.tar", {"a.wav": b"a"})

    assert refusal(tmp_path / "x.tar" / ".." / "sound.wav").reason == "there is no such file"


def test_an_empty_file_in_a_tar_is_refused(tmp_path):
    tar = write_tar(tmp_path / "x.tar", {"a.wav": b"", "b.wav": b"something"})

    assert "empty" in refusal(tar / "a.wav").reason


def test_what_is_no_sound_in_a_tar_is_refused(tmp_path):
    tar = write_tar(tmp_path / "x.tar", {"a.wav": b"just words\n" * 100})

    error = refusal(tar / "a.wav")

    assert "it is not sound" in error.reason
    assert error.path == str(tar / "a.wav")


def test_a_folder_called_like_a_tar_is_a_folder(tmp_path):
    path = make(tmp_path, "wav-16", noise(1, 8000), 8000)
    (tmp_path / "x.tar").mkdir()
    path.rename(tmp_path / "x.tar" / "a.wav")

    assert len(read(tmp_path / "x.tar" / "a.wav")) == 8000
    assert refusal(tmp_path / "x.tar" / "b.wav").reason == "there is no such file"


def test_a_file_of_another_name_is_never_taken_for_a_tar(tmp_path):
    write_tar(tmp_path / "x.bin", {"a.bin": b"a"})

    with pytest.raises(OSError, match=r"x\.bin"):
        open_bytes(tmp_path / "x.bin" / "a.bin")


@pytest.mark.parametrize("name", ["X.TAR", "a.b.tar"])
def test_a_tar_is_told_by_its_suffix_from_any_place(tmp_path, name, monkeypatch):
    write_tar(tmp_path / name, FILES)
    monkeypatch.chdir(tmp_path)

    with open_bytes(Path(name) / "a.bin") as file:
        assert file.read() == FILES["a.bin"]


@pytest.mark.parametrize("format_", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("name", ["rain/ä☂.bin", "long/" + "x" * 140 + ".bin", "./dot/a.bin"])
def test_names_are_those_that_any_writer_gave(tmp_path, format_, name):
    with tarfile.open(tmp_path / "x.tar", "w", format=format_) as tar:
        for called, content in (("first.bin", b"1"), (name, b"two"), ("third.bin", b"3")):
            info = tarfile.TarInfo(called)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))

    with open_bytes(tmp_path / "x.tar" / name) as file:
        assert file.read() == b"two"
    assert name.removeprefix("./") in index_of(tmp_path / "x.tar").files


def test_links_devices_and_names_that_lead_out_are_told_apart_and_never_opened(tmp_path):
    odd = (
        header("soft", 0, LINK, "/etc/hostname"),
        header("hard", 0, HARD_LINK, "a.bin"),
        header("device", 0, DEVICE),
        header("folder/", 0, FOLDER),
        entry("/etc/passwd", b"root"),
        entry("in/../../out", b"out"),
        entry("last.bin", b"last"),
    )
    index = index_of(write_tar(tmp_path / "x.tar", {"a.bin": b"a"}, *odd))

    assert set(index.files) == {"a.bin", "last.bin"}
    assert index.odd == {
        "soft": "it is a link",
        "hard": "it is a link",
        "device": "it is no file",
        "/etc/passwd": "its name leads out of the tar",
        "in/../../out": "its name leads out of the tar",
    }
    for name in ("soft", "hard", "device", "in/../../out"):
        assert not is_file(tmp_path / "x.tar" / name)


def test_a_file_stored_without_its_holes_is_not_opened(tmp_path):
    tar = write_tar(tmp_path / "x.tar", {}, sparse("sparse.bin") + b"s" * 512, entry("b.bin", b"b"))

    assert index_of(tar).odd == {"sparse.bin": "it is stored without its holes"}
    assert set(index_of(tar).files) == {"b.bin"}


@pytest.mark.parametrize("twice", [entry("a.bin", b"2"), entry("./a.bin", b"2")])
def test_a_name_that_is_there_twice_is_refused(tmp_path, twice):
    tar = write_tar(tmp_path / "x.tar", {"a.bin": b"1"}, twice)

    assert refusal(tar / "a.bin").reason == "'a.bin' is in it twice"


WHOLE = entry("a.wav", b"1" * 700) + entry("b.wav", b"2" * 700)
DAMAGED = {
    "nothing": b"",
    "words": b"these are only words\n" * 500,
    "cut in a header": WHOLE[: 1536 + 100],
    "cut in a sound": WHOLE[: 1536 + 512 + 600],
    "cut between two": WHOLE[:1536],
    "cut before its end": WHOLE,
    "cut in its end": WHOLE + bytes(511),
    "first header": b"\xff" * 20 + WHOLE[20:] + END,
    "second header": WHOLE[:1536] + b"\xff" * 20 + WHOLE[1556:] + END,
    "a size beyond the end": header("a.wav", 5000) + b"1" * 1024 + END,
    "a second tar behind it": WHOLE + bytes(10_240) + WHOLE + END,
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_tar_is_refused_by_its_name(tmp_path, kind):
    tar = tmp_path / "x.tar"
    tar.write_bytes(DAMAGED[kind])

    error = refusal(tar / "a.wav")

    assert error.path == str(tar)
    assert "it is no tar, or it is damaged, cut short, or two in one" in error.reason


@pytest.mark.parametrize("size", [-512, -1024, -5, 2**62])
def test_a_size_that_leads_nowhere_is_refused_and_not_followed_for_ever(tmp_path, size):
    # A size with its highest bit set is a number of 11 bytes; negative ones lead back.
    raw = bytearray(header("b.wav", 0))
    raw[124:136] = bytes([255 if size < 0 else 128]) + size.to_bytes(11, "big", signed=True)
    tar = write_tar(tmp_path / "x.tar", {"a.wav": b"a"}, summed(raw))

    assert "it is no tar, or it is damaged" in refusal(tar / "a.wav").reason


def test_a_sparse_file_that_leads_back_is_refused_too(tmp_path):
    raw = bytearray(sparse("b.bin"))
    raw[124:136] = b"\xff" + (-512).to_bytes(11, "big", signed=True)
    tar = write_tar(tmp_path / "x.tar", {"a.wav": b"a"}, summed(raw))

    assert "it is no tar, or it is damaged" in refusal(tar / "a.wav").reason


@pytest.mark.parametrize(
    ("mode", "name"), [("w:gz", "gzip"), ("w:bz2", "bzip2"), ("w:xz", "xz"), ("", "zstd")]
)
def test_a_compressed_tar_is_refused_with_what_to_do(tmp_path, mode, name):
    tar = tmp_path / "x.tar"
    tar.write_bytes(b"\x28\xb5\x2f\xfd" + bytes(600))
    if mode:
        with tarfile.open(tar, mode) as opened:
            opened.addfile(tarfile.TarInfo("a.wav"))

    error = refusal(tar / "a.wav")

    assert f"compressed ({name})" in error.reason
    assert f"{name} -d" in error.hint


@pytest.mark.parametrize("size", [0, 1024, 10_240])
def test_a_tar_of_nothing_is_whole(tmp_path, size):
    (tmp_path / "x.tar").write_bytes(END + bytes(size))

    assert refusal(tmp_path / "x.tar" / "a.wav").reason == "there is no such file"
