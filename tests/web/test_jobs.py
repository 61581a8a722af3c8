"""Index runs over the network: only known folders, one at a time, followed, cancelled."""

import json
import shutil
import threading

import pytest

pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")

from earmark.audio.write import write
from earmark.library.library import Library
from earmark.synth import make
from earmark.web import jobs
from web.shelf import RATE, client_of, desk_of, until
from web.test_search import refused

JOBS = "/api/v1/jobs"


@pytest.fixture
def own(tmp_path):
    """A small library that a test may index."""
    add(tmp_path, "first")
    with Library.create(tmp_path / "library") as library:
        library.index([tmp_path / "sounds"], jobs=1)
    return tmp_path


@pytest.fixture
def served(own):
    with desk_of(own) as desk, client_of(desk) as client:
        yield own, desk, client


@pytest.fixture
def gate(monkeypatch):
    """Holds every run where it tells how far it is."""
    inside, let_go, follow = threading.Event(), threading.Event(), jobs._follow

    def wait(job, now):
        inside.set()
        let_go.wait(60)
        follow(job, now)

    monkeypatch.setattr(jobs, "_follow", wait)
    yield inside, let_go
    let_go.set()


def add(place, name):
    path = place / "sounds" / f"{name}.wav"
    path.parent.mkdir(exist_ok=True)
    write(path, make("dog_bark", len(name), seconds=2.0, rate=RATE), RATE)
    return path


def ended(client, number):
    def is_over():
        return client.get(f"{JOBS}/{number}").json()["state"] != "running"

    until(is_over)
    return client.get(f"{JOBS}/{number}").json()


def events(client, number):
    with client.stream("GET", f"{JOBS}/{number}/events") as told:
        assert told.headers["content-type"].startswith("text/event-stream")
        text = "".join(told.iter_text())
    blocks = [
        dict(line.split(": ", 1) for line in b.splitlines()) for b in text.strip().split("\n\n")
    ]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


def test_a_run_brings_the_library_up_to_date(served):
    place, _, client = served
    add(place, "second")
    told = client.post(JOBS, json={})
    assert told.status_code == 202
    number = told.json()["id"]
    assert told.headers["location"] == f"{JOBS}/{number}"

    done = ended(client, number)
    assert (done["state"], done["report"]["indexed"], done["report"]["skipped"]) == ("done", 1, 1)
    assert done["ended"] >= done["began"]
    found = client.get("/api/v1/search", params={"q": "a dog", "unsure": True}).json()
    assert len(found["hits"]) == 2
    assert client.get(JOBS).json()["jobs"][0]["id"] == number


def test_a_run_is_followed_to_its_end(served):
    place, _, client = served
    add(place, "second")
    number = client.post(JOBS, json={"paths": [str(place / "sounds")]}).json()["id"]
    told = events(client, number)

    assert told[-1][0] == "end"
    assert {name for name, _ in told[:-1]} <= {"progress"}
    assert told[-1][1]["progress"]["files_done"] == told[-1][1]["progress"]["files_total"] == 1


def test_searches_go_on_while_a_run_is_under_way(served, gate):
    place, _, client = served
    inside, let_go = gate
    add(place, "second")
    number = client.post(JOBS, json={}).json()["id"]
    assert inside.wait(60)

    assert client.get("/api/v1/status").json()["writer"]
    found = client.get("/api/v1/search", params={"q": "a dog", "unsure": True}).json()
    assert len(found["hits"]) == 1
    let_go.set()
    assert ended(client, number)["state"] == "done"


def test_one_run_at_a_time(served, gate):
    place, _, client = served
    inside, let_go = gate
    add(place, "second")
    number = client.post(JOBS, json={}).json()["id"]
    assert inside.wait(60)

    refused(client.post(JOBS, json={}), 409)
    let_go.set()
    ended(client, number)
    assert client.post(JOBS, json={}).status_code == 202


def test_a_run_that_is_cancelled_keeps_what_was_finished(served, gate):
    place, _, client = served
    inside, let_go = gate
    add(place, "second")
    number = client.post(JOBS, json={}).json()["id"]
    assert inside.wait(60)
    assert client.delete(f"{JOBS}/{number}").status_code == 202
    let_go.set()

    assert ended(client, number)["state"] == "cancelled"
    assert client.get("/api/v1/status").json()["recordings"] >= 1
    again = client.post(JOBS, json={}).json()["id"]
    assert ended(client, again)["state"] == "done"
    assert client.get("/api/v1/status").json()["recordings"] == 2


def test_a_server_that_ends_cancels_its_run(own, gate):
    inside, let_go = gate
    add(own, "second")
    with desk_of(own) as desk, client_of(desk) as client:
        number = client.post(JOBS, json={}).json()["id"]
        assert inside.wait(60)
        threading.Timer(0.05, let_go.set).start()
        desk.close()
        assert desk.jobs.get(number).state == "cancelled"


def test_somebody_else_who_writes_is_named(served):
    place, _, client = served
    with Library.open(place / "library") as other, other.store.writing("earmark index"):
        number = client.post(JOBS, json={}).json()["id"]
        told = ended(client, number)

    assert told["state"] == "failed"
    assert "earmark index" in told["problem"]["detail"]


def test_no_folder_is_brought_into_the_library_from_outside(served, tmp_path):
    _, _, client = served
    (tmp_path / "other").mkdir()
    add(tmp_path, "x")
    (tmp_path / "sounds2").mkdir()
    for path in ("/", "/etc", str(tmp_path), str(tmp_path / "other"), str(tmp_path / "sounds2"),
                 str(tmp_path / "sounds" / ".."), "sounds"):  # fmt: skip
        refused(client.post(JOBS, json={"paths": [path]}), 403)
    link = tmp_path / "sounds" / "link"
    try:
        link.symlink_to(tmp_path / "other")
    except OSError:
        pytest.skip("this system makes no links")
    refused(client.post(JOBS, json={"paths": [str(link)]}), 403)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"null", b'{"paths": "x"}', b'{"paths": [1]}', b'{"paths": [""]}',
     b'{"prune": 1}', b'{"more": 1}', b'{"exclude": ["\\u0000"]}', b'{"paths": ["\\ud800"]}',
     b"\xff", json.dumps({"paths": ["x"] * 21}).encode()],
)  # fmt: skip
def test_a_body_that_is_none_is_refused(client, body):
    headers = {"content-type": "application/json"}

    refused(client.post(JOBS, content=body, headers=headers), 400)


def test_a_form_of_another_site_is_no_json(client):
    refused(client.post(JOBS, data={"paths": "x"}), 415)
    refused(client.post(JOBS, content=b"{}", headers={"content-type": "text/plain"}), 415)


def test_a_run_that_there_is_not_is_not_found(client):
    refused(client.get(f"{JOBS}/x"), 404)
    refused(client.delete(f"{JOBS}/x"), 404)
    refused(client.get(f"{JOBS}/x/events"), 404)


def test_a_server_that_only_reads_starts_nothing(place):
    with desk_of(place, read_only=True) as desk, client_of(desk) as client:
        for told in (client.post(JOBS, json={}), client.get(JOBS), client.delete(f"{JOBS}/x")):
            refused(told, 403)
        assert client.get("/api/v1/status").json()["server"]["read_only"] is True


def test_a_library_without_folders_has_nothing_to_index(tmp_path):
    Library.create(tmp_path / "library").close()
    with desk_of(tmp_path) as desk, client_of(desk) as client:
        refused(client.post(JOBS, json={}), 400)
        assert client.get("/api/v1/search", params={"q": "a dog"}).json()["hits"] == []
        assert client.get("/api/v1/recordings").json()["total"] == 0


def test_the_oldest_runs_are_forgotten(own):
    with Library.open(own / "library") as library:
        held = jobs.Jobs(own / "library", library, 2)
        numbers = []
        for _ in range(3):
            numbers.append(held.start([], [], prune=False).id)
            until(lambda: held.get(numbers[-1]).ended is not None)
        held.close()

    assert [job.id for job in held.all()] == numbers[:0:-1]
    shutil.rmtree(own / "sounds")
