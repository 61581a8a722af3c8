"""A dozen short sounds in many formats, a library of them, and a server over it."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from earmark.audio.write import write
from earmark.library.library import Library
from earmark.synth import make

RATE = 16_000
HERE = "http://127.0.0.1:8765"  # by which a test client calls the app
SOUNDS = {  # name -> kind; 3 s each
    "weather/rain on a roof.wav": "roof_rain",
    "weather/wind.flac": "wind",
    "weather/thunder.ogg": "thunder",
    "street/dogs.mp3": "dog_bark",
    "street/siren.aiff": "police_siren",
    "street/bell.m4a": "church_bell",
    "house/piano.wma": "piano",
    "house/clock.wav": "clock_tick",
    "house/vacuum.opus": "vacuum_cleaner",
    "yard/rooster.wav": "rooster",
    "yard/owl.wav": "owl",
    "yard/bee.wav": "bee",
}
BROKEN = "yard/broken.wav"
SECRET = "secret.wav"  # sound that is in no library


def fill(place: Path) -> Path:
    """Write the sounds, two of them in stereo, a broken file, and a file beside the folder."""
    for seed, (name, kind) in enumerate(SOUNDS.items()):
        path = place / "sounds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        wave = make(kind, seed, seconds=3.0, rate=RATE)
        if kind in ("police_siren", "owl"):
            wave = np.stack([wave, wave[::-1]], axis=1)
        write(path, wave, RATE, tags={"title": kind})
    (place / "sounds" / BROKEN).write_bytes(b"no sound " * 100)
    write(place / SECRET, make("sneeze", 1, seconds=1.0, rate=RATE), RATE)
    return place


def index(place: Path) -> None:
    """Make a library beside the sounds."""
    with Library.create(place / "library") as library:
        library.index([place / "sounds"], jobs=1)


@contextmanager
def desk_of(place: Path, **options):
    """Open the library of a place and serve it."""
    from earmark.web.desk import Desk

    with Library.open(place / "library") as library:
        desk = Desk.of(library, place / "library", **options)
        try:
            yield desk
        finally:
            desk.close()


@contextmanager
def client_of(desk, rules=None, **options):
    """A caller of the app, without a network."""
    from starlette.testclient import TestClient

    from earmark.web.app import new_app
    from earmark.web.guard import Rules

    app = new_app(desk, rules or Rules(limits=desk.limits))
    with TestClient(app, base_url=HERE, **options) as client:
        yield client


@contextmanager
def running(desk, rules=None, head_seconds=30.0):
    """A real server on a port of this machine: -> it and its port."""
    from earmark.web.app import new_app
    from earmark.web.guard import Rules
    from earmark.web.server import Server, listen

    sock = listen("127.0.0.1", 0)
    app = new_app(desk, rules or Rules(limits=desk.limits))
    server = Server(app, desk, head_seconds)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
    thread.start()
    try:
        until(lambda: server.started)
        yield server, sock.getsockname()[1]
    finally:
        desk.closing.set()
        server.should_exit = True
        thread.join(60)
        sock.close()
        assert not thread.is_alive()


def until(true, seconds=60.0):
    """Wait for something."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def ids_of(client) -> dict[str, str]:
    """The id of each recording by the name of its file."""
    rows = client.get("/api/v1/recordings", params={"limit": 100}).json()["recordings"]
    return {Path(row["path"]).name: row["id"] for row in rows}
