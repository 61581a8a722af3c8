"""Files with nothing to hear, or that want too much: one clear `AudioError`, two lines."""

import errno
import io
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from audio.files import KINDS, encode, make, noise, tone, wav_bytes
from earmark.audio.read import open_sound, read
from earmark.audio.source import Nameless
from earmark.errors import AudioError

GARBAGE = np.random.default_rng(0).bytes(100_000)


def refusal(path) -> AudioError:
    with pytest.raises(AudioError) as refused:
        read(path)
    assert len(str(refused.value).splitlines()) == 2
    return refused.value


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (GARBAGE, "not sound"),
        (b"\0" * 100_000, "not sound"),
        (b"RIFF", "not sound"),
        (b"ID3", "not sound"),
        (b"OggS" * 500, "not sound"),
        (b"fLaC" + bytes(99), "not sound"),
        (b"just some words\n" * 300, "not sound"),
        (b"\x89PNG\r\n\x1a\n" + GARBAGE[:300], "sound"),
        (wav_bytes(b""), "decoded"),
    ],
)
@pytest.mark.parametrize("suffix", ["wav", "mp3", "raw", "vox", "m4a"])
def test_what_is_not_sound_is_refused_whatever_its_name(tmp_path, content, reason, suffix):
    path = tmp_path / f"file.{suffix}"
    path.write_bytes(content)

    assert reason in refusal(path).reason


def test_a_missing_file_is_refused(tmp_path):
    assert refusal(tmp_path / "none.wav").reason == "there is no such file"


def test_a_folder_is_refused(tmp_path):
    assert refusal(tmp_path).reason == "it is a folder"


def test_a_name_that_cannot_be_is_refused(tmp_path):
    assert "could not be read" in refusal(f"{tmp_path}/a\0b.wav").reason


def test_a_silent_film_is_refused(tmp_path):
    film = encode(tmp_path / "silent.mp4", None, 0, KINDS["mp4 video"])

    assert "no sound in it" in refusal(film).reason


def test_an_mp4_without_its_index_says_so(tmp_path):
    path = make(tmp_path, "m4a", noise(3, 44_100), 44_100)
    path.write_bytes(path.read_bytes()[:-3000])

    assert "index at the end" in refusal(path).reason


def test_a_codec_nobody_knows_is_refused(tmp_path):
    path = make(tmp_path, "mka", noise(1, 44_100), 44_100)
    path.write_bytes(path.read_bytes().replace(b"A_AAC", b"A_XYZ"))

    assert "decoded" in refusal(path).reason


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")

    assert refusal(tmp_path / "pipe.wav").reason == "it is not a file"


READ_AS_NOBODY = """
import os, sys
from earmark.audio.read import read
from earmark.errors import AudioError
if hasattr(os, "geteuid") and os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    read("secret.wav")
except AudioError as error:
    sys.exit(0 if "may not read" in str(error) else 2)
sys.exit(3)
"""


@pytest.mark.skipif(os.name == "nt", reason="rights of files are set otherwise on Windows")
def test_a_file_without_the_right_to_read_is_refused(tmp_path):
    path = make(tmp_path, "wav-16", tone(1, 8000), 8000, name="secret")
    path.chmod(0)
    folder = os.open(tmp_path, os.O_RDONLY)  # whoever may not pass its parents still stands in it

    done = subprocess.run(
        [sys.executable, "-c", READ_AS_NOBODY], check=False, preexec_fn=lambda: os.fchdir(folder)
    )
    os.close(folder)

    assert done.returncode == 0


class Server(BaseHTTPRequestHandler):
    """A server that notes whether anyone came."""

    visits = 0

    def do_GET(self) -> None:
        Server.visits += 1
        self.send_error(404)

    def log_message(self, *_) -> None:
        return


@pytest.fixture
def address():
    server = HTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    Server.visits = 0
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


LISTS = {
    "list.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n",
    "list.ffconcat": "ffconcat version 1.0\nfile '{}'\n",
    "list.wav": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n",
    "list.mpd": '<?xml version="1.0"?><MPD><BaseURL>{}</BaseURL></MPD>',
    "list.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\na={}\n",
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_opens_no_other_file(tmp_path, name):
    sound = make(tmp_path, "aac", tone(1, 44_100), 44_100, name="private")
    (tmp_path / name).write_text(LISTS[name].format(sound.as_uri()), encoding="utf-8")
    (tmp_path / f"near-{name}").write_text(LISTS[name].format(sound.name), encoding="utf-8")

    refusal(tmp_path / name)
    refusal(tmp_path / f"near-{name}")


@pytest.mark.parametrize("name", LISTS)
def test_a_list_opens_no_connection(tmp_path, name, address):
    (tmp_path / name).write_text(LISTS[name].format(f"{address}/a.mp3"), encoding="utf-8")

    refusal(tmp_path / name)

    assert Server.visits == 0


@pytest.mark.parametrize(
    "name",
    [
        "100%d.wav",
        "-i.wav",
        "pipe:1.wav",
        "http:a.wav",
        "C:\\a.wav",
        "ärger ☂.wav",
        " a b .wav",
        "a?b*.wav",
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows has no files of such names")
def test_a_file_of_any_name_is_a_local_file(tmp_path, name, monkeypatch):
    make(tmp_path, "mp3", tone(1, 8000), 8000).rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)

    assert len(read(name)) == 8000
    assert len(read(tmp_path / name)) == 8000


class FailingFile(io.FileIO):
    """A file on a drive that goes away."""

    def read(self, size: int = -1) -> bytes:
        if self.tell() > 60_000:
            raise OSError(errno.EIO, "Input/output error")
        return super().read(size)


@pytest.mark.parametrize("kind", ["wav-16", "flac-16", "mp3"])
def test_a_drive_that_goes_away_is_an_error_and_not_the_end(tmp_path, kind, monkeypatch):
    path = make(tmp_path, kind, noise(8, 44_100), 44_100)
    monkeypatch.setattr(Path, "open", lambda self, *_: FailingFile(self))

    assert "Input/output error" in refusal(path).reason


def test_nothing_of_the_libraries_spills_to_stderr(tmp_path):
    path = make(tmp_path, "mp3", noise(3, 44_100), 44_100)
    data = path.read_bytes()
    path.write_bytes(data[:20_000] + GARBAGE[:3000] + data[23_000:])
    (tmp_path / "garbage.caf").write_bytes(b"caff\0\1\0\0" + GARBAGE)
    code = (
        "import sys\nfrom earmark.audio.read import read\nfrom earmark.errors import AudioError\n"
        "for name in sys.argv[1:]:\n try:\n  read(name)\n except AudioError:\n  pass\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, path, tmp_path / "garbage.caf"],
        check=True,
        capture_output=True,
    )

    assert (done.stdout, done.stderr) == (b"", b"")


def test_a_header_that_leads_before_the_beginning_is_no_exception():
    assert Nameless(io.BytesIO(b"sound")).seek(-5) == -1


def test_a_closed_sound_gives_nothing_more(tmp_path):
    path = make(tmp_path, "wav-16", tone(1, 8000), 8000)

    with open_sound(path, block=1000) as sound:
        next(iter(sound))
    path.unlink()

    assert not path.exists()


def test_a_closed_sound_refuses_to_be_read(tmp_path):
    path = make(tmp_path, "wav-16", tone(1, 8000), 8000)

    with open_sound(path, block=1000) as sound:
        blocks = iter(sound)
        next(blocks)

    assert list(blocks) == []
    with pytest.raises(ValueError, match="closed"):
        list(sound)


@pytest.mark.parametrize("kind", ["wav-16", "mka"])
def test_a_stretch_far_beyond_any_end_is_empty(tmp_path, kind):
    path = make(tmp_path, kind, tone(1, 8000), 8000)

    assert len(read(path, start=1e15)) == 0
    assert len(read(path, start=1e308)) == 0
    assert len(read(path, end=1e308)) == len(read(path))
