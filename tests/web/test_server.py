"""A real server on this machine: ranges, events, slow callers, callers who leave, its end."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")

from earmark.errors import EarmarkError
from earmark.web import jobs, media
from earmark.web.limits import Limits
from earmark.web.server import GRACE, address_of, listen
from web.shelf import desk_of, fill, index, running, until


@pytest.fixture
def served(place):
    with desk_of(place) as desk, running(desk) as (_, port):
        yield desk, port


def get(port, path, **headers):
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("GET", path, headers=headers)
    told = line.getresponse()
    content = told.read()
    line.close()
    return told, content


def raw(port, text):
    line = socket.create_connection(("127.0.0.1", port), timeout=60)
    line.sendall(text)
    return line


def id_of(port, name):
    _, content = get(port, "/api/v1/recordings?limit=100")
    rows = json.loads(content)["recordings"]
    return next(row["id"] for row in rows if row["path"].endswith(name))


def test_ranges_come_over_the_network(served, place):
    _, port = served
    address = f"/api/v1/recordings/{id_of(port, 'clock.wav')}/audio"
    whole = (place / "sounds/house/clock.wav").read_bytes()

    told, content = get(port, address, Range="bytes=1000-1999")
    assert (told.status, content) == (206, whole[1000:2000])
    told, content = get(port, f"{address}?format=wav", Range="bytes=44-143")
    assert (told.status, len(content)) == (206, 100)
    assert "server" not in {name.lower() for name, _ in told.getheaders()}


def test_no_answer_waits_until_its_head_was_received(place):
    with desk_of(place) as desk, running(desk) as (server, port):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        line.request("GET", "/api/v1/health")
        line.getresponse().read()
        (held,) = server.server_state.connections
        sock = held.transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        line.close()


def test_many_callers_at_once_get_the_same(served):
    _, port = served
    told = []

    def ask():
        told.append(json.loads(get(port, "/api/v1/search?q=dog&unsure=true")[1])["hits"])

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(told) == 12
    assert all(one == told[0] for one in told)


def test_events_of_a_run_come_as_they_happen(tmp_path, monkeypatch):
    fill(tmp_path)
    index(tmp_path)
    let_go, follow = threading.Event(), jobs._follow
    monkeypatch.setattr(jobs, "_follow", lambda job, now: let_go.wait(60) and follow(job, now))
    with desk_of(tmp_path) as desk, running(desk) as (_, port):
        (tmp_path / "sounds/yard/bee.wav").touch()
        job = desk.jobs.start([], [], prune=False)
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        line.request("GET", f"/api/v1/jobs/{job.id}/events")
        told = line.getresponse()
        assert told.readline() == b"event: progress\n"
        assert job.ended is None
        let_go.set()
        assert b"event: end\n" in told.read()
        line.close()


def test_who_begins_a_request_and_waits_is_hung_up_on(place):
    with desk_of(place) as desk, running(desk, head_seconds=1.0) as (_, port):
        silent = raw(port, b"")
        slow = raw(port, b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nX: ")
        began = time.monotonic()
        assert silent.recv(10) == b""
        slow.recv(1000)
        assert time.monotonic() - began < 20
        assert get(port, "/api/v1/health")[0].status == 200
        silent.close()
        slow.close()


def test_who_sends_a_body_too_slowly_is_refused(place):
    limits = Limits(stall=0.3)
    head = (
        b"POST /api/v1/similar HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
    )
    with desk_of(place, limits=limits) as desk, running(desk) as (_, port):
        line = raw(port, head)
        assert line.recv(1000).startswith(b"HTTP/1.1 408 ")
        line.close()


def test_who_does_not_take_what_it_asked_for_is_given_up(place, monkeypatch):
    closed = threading.Event()

    def endless(*_):
        try:
            while True:
                yield b"\0" * 1_000_000
        finally:
            closed.set()

    monkeypatch.setattr(media, "wav", endless)
    with desk_of(place, limits=Limits(stall=0.3)) as desk, running(desk) as (_, port):
        number = id_of(port, "clock.wav")
        line = raw(port, f"GET /api/v1/recordings/{number}/audio?format=wav HTTP/1.1\r\n"
                         "Host: localhost\r\n\r\n".encode())  # fmt: skip
        assert closed.wait(60)
        until(lambda: desk.streams == 0)
        line.close()


def test_who_leaves_stops_what_was_made_for_it(served, monkeypatch):
    desk, port = served
    begun, closed = threading.Event(), threading.Event()

    def endless(*_):
        try:
            while True:
                begun.set()
                time.sleep(0.01)
                yield b"\0" * 1000
        finally:
            closed.set()

    monkeypatch.setattr(media, "wav", endless)
    number = id_of(port, "clock.wav")
    line = raw(port, f"GET /api/v1/recordings/{number}/audio?format=wav HTTP/1.1\r\n"
                     "Host: localhost\r\n\r\n".encode())  # fmt: skip
    assert begun.wait(60)
    line.close()
    assert closed.wait(60)
    until(lambda: desk.streams == 0)


def test_who_leaves_stops_what_was_decoded_for_it(served, monkeypatch):
    _, port = served
    begun, stopped = threading.Event(), threading.Event()

    def endless(*_, check, **__):
        begun.set()
        try:
            while True:
                time.sleep(0.01)
                check()
        finally:
            stopped.set()

    monkeypatch.setattr("earmark.web.api.audio.peaks_of", endless)
    number = id_of(port, "clock.wav")
    line = raw(port, f"GET /api/v1/recordings/{number}/peaks?points=3 HTTP/1.1\r\n"
                     "Host: localhost\r\n\r\n".encode())  # fmt: skip
    assert begun.wait(60)
    assert not stopped.wait(0.2)
    line.close()
    assert stopped.wait(20)


def test_there_are_places_for_so_many_streams(place, monkeypatch):
    begun, let_go = threading.Event(), threading.Event()

    def held(*_):
        begun.set()
        let_go.wait(60)
        yield b"\0"

    monkeypatch.setattr(media, "wav", held)
    with desk_of(place, limits=Limits(streams=1)) as desk, running(desk) as (_, port):
        address = f"/api/v1/recordings/{id_of(port, 'clock.wav')}/audio?format=wav"
        line = raw(port, f"GET {address} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert begun.wait(60)
        told, _ = get(port, address)
        assert told.status == 503
        assert told.getheader("retry-after")
        let_go.set()
        line.close()


def test_the_end_does_not_wait_for_those_who_only_listen(tmp_path, monkeypatch):
    fill(tmp_path)
    index(tmp_path)
    let_go, follow = threading.Event(), jobs._follow
    monkeypatch.setattr(jobs, "_follow", lambda job, now: let_go.wait(1) or follow(job, now))
    with desk_of(tmp_path) as desk, running(desk) as (server, port):
        job = desk.jobs.start([], [], prune=False)
        line = raw(port, f"GET /api/v1/jobs/{job.id}/events HTTP/1.1\r\nHost: x\r\n\r\n".replace(
            "Host: x", "Host: localhost").encode())  # fmt: skip
        assert line.recv(1000)
        began = time.monotonic()
        server.handle_exit(signal.SIGTERM, None)
        until(lambda: not server.server_state.connections)
        assert time.monotonic() - began < GRACE
        let_go.set()
        line.close()


def test_an_address_that_is_taken_is_told():
    with listen("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
        assert address_of(sock, "127.0.0.1") == f"http://127.0.0.1:{port}/"
        assert address_of(sock, "::1") == f"http://[::1]:{port}/"
        with pytest.raises(EarmarkError, match="cannot listen"):
            listen("127.0.0.1", port)
    with pytest.raises(EarmarkError, match="cannot listen"):
        listen("127.0.0.1", 99_999)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_told_to_end(place, how):
    words = ["serve", "--port", "0", "--library", str(place / "library"), "--read-only"]
    code = "from earmark.cli.main import main; raise SystemExit(main())"
    done = subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        said = done.stdout.readline()
        port = int(said.split("127.0.0.1:")[1].split("/")[0])

        def answers():
            try:
                return get(port, "/api/v1/status")[0].status == 200
            except OSError:
                return False

        until(answers, 60)
        done.send_signal(how)
        out, err = done.communicate(timeout=60)
    finally:
        done.kill()
    assert (done.returncode, out, err) == (0, "", "")
