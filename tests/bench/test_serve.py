"""A server is started, called by another process and looked at; the sums are worked out by hand."""

import os
import socket
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from earmark.bench import page, serve, steady, stock
from earmark.bench.callers import Callers, Round, Told, within
from earmark.cli.main import main
from earmark.errors import EarmarkError
from earmark.library.library import Library
from earmark.model.model import Model
from earmark.search.query import parse

HERE = "http://127.0.0.1:"
KINDS = {"dog_bark": "a dog barking", "heavy_rain": "heavy rain"}


@pytest.mark.parametrize(
    ("share", "value"), [(0.5, 3), (0.51, 7), (0.75, 7), (0.76, 20), (0.99, 20), (0.0, 1)]
)
def test_so_great_a_share_lies_within(share, value):
    assert within([7, 1, 20, 3], share) == value


def test_a_line_and_its_bounds_by_hand():
    # About their means x is -1.5 -0.5 0.5 1.5 and y -1.75 0.25 -0.75 2.25: 5.5 / 5. They lie off
    # the line by -0.1 0.8 -1.3 0.6, which change sides: one error is (2.7 / 2 / 5) ** 0.5.
    found = steady.slope([1, 3, 2, 5])

    assert found.rate == pytest.approx(1.1)
    assert (found.least, found.most) == pytest.approx((1.1 - 2 * 0.27**0.5, 1.1 + 2 * 0.27**0.5))


def test_bounds_are_wider_where_neighbours_stand_off_alike():
    # x -2 -1 0 1 2: no slope. Off lie 3 -1 -4 -1 3, of which neighbours have (-3 + 4 + 4 - 3) / 36.
    found = steady.slope([3, -1, -4, -1, 3])

    alike = 2 / 36
    error = (36 / 3 / 10 * (1 + alike) / (1 - alike)) ** 0.5
    assert found.rate == pytest.approx(0)
    assert found.most == pytest.approx(2 * error)


def test_what_never_changes_surely_does_not():
    assert steady.slope([5, 5, 5, 5]) == steady.Slope(0, 0, 0)


@pytest.mark.skipif(not steady.can_tell(), reason="only Linux tells what a process holds")
def test_memory_is_that_of_a_process_and_of_those_it_started():
    import subprocess

    before = steady.held(os.getpid())
    words = [sys.executable, "-c", "held = b'x' * 50_000_000; print(1, flush=True); input()"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        alone, both = steady.held(child.pid), steady.held(os.getpid())
        child.communicate(b"\n")

    assert 47 < alone.own < 100
    assert alone.all == alone.own + alone.files > alone.own
    assert both.own > before.own + 40


class Answers(BaseHTTPRequestHandler):
    """Tells what was asked; refuses some of it, and breaks the line at some."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/break":
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(503 if self.path == "/busy" else 200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"yes")

    def log_message(self, *_):
        pass


@contextmanager
def answering():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_callers_go_on_where_they_ended_and_count_what_was_wrong():
    turn = Round(["/a", "/busy", "/b", "/break"])
    with answering() as server, Callers(server.server_port) as callers:
        first = callers.call(turn, clients=1, seconds=60, most=3)
        assert server.asked == ["/a", "/busy", "/b"]
        assert (len(first.milliseconds), first.failed, turn.at) == (2, {"503": 1}, 3)
        second = callers.call(turn, clients=2, seconds=60, most=6)

    assert sorted(server.asked[3:]) == sorted(["/break", "/a", "/busy", "/b", "/break", "/a"])
    assert second.failed == {"0": 2, "503": 1}
    assert (second.errors, second.answers, turn.at) == (3, 6, 1)


def test_callers_stop_in_time():
    with answering() as server, Callers(server.server_port) as callers:
        told = callers.call(Round(["/a"]), clients=3, seconds=0.2, most=10**9)

    assert 0.2 <= told.seconds < 10
    assert told.rate == len(told.milliseconds) / told.seconds > 0


@pytest.fixture
def few_kinds(monkeypatch):
    monkeypatch.setattr(stock, "SOUNDS", KINDS)


@pytest.mark.usefixtures("few_kinds")
def test_a_library_is_made_in_which_words_find_what_they_say(tmp_path):
    place = stock.stock(tmp_path, 120, Model.load())

    with Library.open(place) as library:
        status = library.status()
        (hit, *_) = library.search("a dog barking")
        for recording in library.store.recordings():
            assert recording.place.full.stat().st_mtime_ns == recording.mtime
    assert 120 <= status.moments < 120 + 45 * 10 / 2.5
    assert status.tokens > status.moments
    assert hit.confidence > 0.1


def test_sentences_are_of_one_step_and_orders_of_two():
    orders = [parse(one).course for one in stock.ORDERS]

    assert [parse(one).course for one in stock.SENTENCES] == [None] * 200
    assert [len(one.steps) for one in orders] == [2] * 380


@pytest.fixture
def small(few_kinds, monkeypatch):
    pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")
    monkeypatch.setattr(serve, "ALONE", {"search": 2.0, "status": 1.0})
    for name, value in {"CLIENTS": (1, 2), "MOST": 3, "WARM_UP": 0.1, "AGAIN": 2, "SEGMENTS": 6,
                        "WARM": 2, "SOUNDS": KINDS}.items():  # fmt: skip
        monkeypatch.setattr(serve, name, value)


@pytest.mark.usefixtures("small")
def test_a_server_is_started_called_and_looked_at(monkeypatch):
    monkeypatch.setattr(page, "missing", lambda: True)
    said = []
    figures = list(serve.figures(30, moments=60, runs=1, tell=said.append))

    speeds = [f.what for f in figures if f.unit == "requests/s"]
    assert speeds == [
        "search, 1 client", "search, 2 clients", "status, 1 client", "status, 2 clients"
    ]  # fmt: skip
    assert [f.unit for f in figures[:3]] == ["requests/s", "ms, p50", "ms, p99"]
    assert figures[1].value <= figures[2].value
    assert all(f.met and f.value == 0 for f in figures if f.unit == "errors")
    assert figures[-1].what == "all kinds at once, 30 requests"
    if steady.can_tell():
        assert sum(one.what.startswith("memory after") for one in figures) == 2
    assert said[-1] == page.HOW


@pytest.mark.usefixtures("small")
def test_everything_that_is_asked_for_is_there(tmp_path):
    place = stock.stock(tmp_path, 60, Model.load())
    with serve.served(place) as (_, port), Callers(port) as callers:
        asked = serve.addresses_of(port)
        for name, turn in asked.items():
            told = callers.call(turn, clients=1, seconds=60, most=1)
            assert told.failed == {}, name
    assert set(asked) == {*serve.MIXED, "mixed"}
    assert len(set(asked["search"].addresses)) == len(stock.SENTENCES)


@pytest.mark.usefixtures("small")
def test_the_page_is_visited_where_there_is_a_browser(tmp_path):
    if page.missing():
        pytest.skip(page.HOW)
    place = stock.stock(tmp_path, 60, Model.load())
    with serve.served(place) as (_, port):
        painted, found = serve.browsed(port, 1, pytest.fail)

    assert (painted.what, found.what) == ("page, first paint", "page, Enter to the first hit")
    assert painted.value > 0
    assert found.value > 0


def test_a_server_that_does_not_start_says_why(tmp_path):
    pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")
    with pytest.raises(EarmarkError, match="there is no library"), serve.served(tmp_path / "none"):
        pass


def test_rounds_without_an_answer_have_no_figure():
    assert list(serve._cell("search", 8, [Told(1.0, [], {"503": 5})])) == []


def test_memory_over_too_few_requests_is_refused(capsys):
    pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")
    assert main(["bench", "serve", "--requests", "3"]) == 2
    assert "50 of them or more" in capsys.readouterr().err
