"""Hits judged over the network: kept in one file, found again, refused where that is due."""

import json

import pytest

pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")

from earmark.search.judged.labels import read_labels
from earmark.web.guard import Rules
from earmark.web.token import Token
from web.shelf import BROKEN, client_of, desk_of, ids_of
from web.test_search import refused

LABELS, HITS = "/api/v1/labels", "/api/v1/labels/hits"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "my.jsonl"


@pytest.fixture
def judging(place, file):
    with desk_of(place, labels=file) as desk, client_of(desk) as client:
        yield client


def verdict(ids, name="dogs.mp3", **more):
    return {"query": "a dog", "id": ids[name], "start": 0.5, "end": 2, "right": True} | more


def test_what_is_judged_is_kept_and_shown_again(judging, file, ids):
    assert judging.get(LABELS).json() == {"file": str(file), "queries": []}

    told = judging.post(LABELS, json=verdict(ids))
    judging.post(LABELS, json=verdict(ids, "owl.wav", right=False))

    assert told.json() == {"query": "a dog", "right": 1, "wrong": 0}
    assert judging.get(LABELS).json()["queries"] == [{"query": "a dog", "right": 1, "wrong": 1}]
    found = judging.get(HITS, params={"q": "a dog"}).json()
    by_name = dict(zip((hit["path"].rpartition("/")[2] for hit in found["hits"]), found["right"],
                       strict=True))  # fmt: skip
    assert len(by_name) == 10
    assert {name: right for name, right in by_name.items() if right is not None} == {
        "dogs.mp3": True, "owl.wav": False,
    }  # fmt: skip
    assert set(judging.get(HITS, params={"q": "owl"}).json()["right"]) == {None}


def test_the_line_says_which_recording_was_meant(judging, file, ids):
    judging.post(LABELS, json=verdict(ids, query=" a  dog "))

    [one] = read_labels(file).judgements
    assert (one.query, one.right, one.path, one.moment) == ("a dog", True, "street/dogs.mp3", None)
    assert len(one.content) == 32
    assert one.when


def test_a_hit_that_is_judged_again_has_the_last_word(judging, file, ids):
    judging.post(LABELS, json=verdict(ids))

    told = judging.post(LABELS, json=verdict(ids, right=False, start=1))

    assert told.json() == {"query": "a dog", "right": 0, "wrong": 1}
    assert len(file.read_text(encoding="utf-8").splitlines()) == 2


def test_lines_that_others_write_meanwhile_count(judging, file):
    line = {"query": "a dog", "right": True, "path": "street/dogs.mp3"}
    file.write_text(json.dumps(line) + "\n", encoding="utf-8")

    assert judging.get(LABELS).json()["queries"] == [{"query": "a dog", "right": 1, "wrong": 0}]
    assert judging.get(HITS, params={"q": "a dog", "limit": 1}).json()["right"] == [True]


def test_hits_are_those_of_a_search_that_shows_all(judging):
    values = {"q": "rain on a roof", "limit": 5}

    judged = judging.get(HITS, params=values).json()
    searched = judging.get("/api/v1/search", params=values | {"unsure": True}).json()

    assert judged["hits"] == searched["hits"]
    assert judged["links"] == searched["links"]


def test_a_file_that_is_damaged_is_told_with_its_line(judging, file):
    file.write_text('{"query": "a dog"}\n{"query": 7}\n', encoding="utf-8")

    problem = refused(judging.get(LABELS), 500)
    assert "line 2: query is no text" in problem


@pytest.mark.parametrize(
    "change",
    [{"right": 1}, {"right": None}, {"start": True}, {"start": "0"}, {"start": 2}, {"start": -1},
     {"end": 1e9}, {"end": 10**400}, {"query": ""}, {"query": "rain - "}, {"query": "x" * 1001},
     {"query": "a\0b"}, {"query": "\ud800"}, {"id": 7}, {"more": 1}, {"query": "@/etc/passwd"}],
)  # fmt: skip
def test_a_verdict_that_is_none_is_refused(judging, file, ids, change):
    body = json.dumps(verdict(ids) | change).encode()

    refused(judging.post(LABELS, content=body, headers={"content-type": "application/json"}), 400)
    assert not file.exists()


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"query": "a dog"}', b"\xff", b"[" * 9_999,
     b'{"query":"x","id":"1","start":0,"end":NaN,"right":true}'],
)  # fmt: skip
def test_a_body_that_is_none_is_refused(judging, body):
    refused(judging.post(LABELS, content=body, headers={"content-type": "application/json"}), 400)


def test_a_form_of_another_site_keeps_nothing(judging, file, ids):
    refused(judging.post(LABELS, data=verdict(ids)), 415)
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        refused(judging.post(LABELS, json=verdict(ids), headers=headers), 403)
        refused(judging.get(HITS, params={"q": "a dog"}, headers=headers), 403)
    assert not file.exists()


def test_only_recordings_of_the_library_can_be_judged(judging, file, ids):
    refused(judging.post(LABELS, json=verdict(ids, id="1-00000000")), 404)
    refused(judging.post(LABELS, json=verdict(ids, BROKEN.rpartition("/")[2])), 422)
    assert not file.exists()


def test_a_server_that_was_not_started_for_it_judges_nothing(client, ids):
    refused(client.get(LABELS), 404)
    refused(client.get(HITS, params={"q": "a dog"}), 404)
    refused(client.post(LABELS, json=verdict(ids)), 404)
    assert client.get("/label").status_code == 404


def test_a_server_that_only_reads_keeps_nothing(place, file):
    with desk_of(place, labels=file, read_only=True) as desk, client_of(desk) as client:
        refused(client.post(LABELS, json=verdict(ids_of(client))), 403)
        assert client.get(HITS, params={"q": "a dog"}).status_code == 200
    assert not file.exists()


def test_with_a_token_nobody_judges_without_it(place, file, ids):
    rules = Rules(token=Token("f" * 20))
    with desk_of(place, labels=file) as desk, client_of(desk, rules) as client:
        refused(client.post(LABELS, json=verdict(ids)), 401)
        page = client.get("/label", follow_redirects=False)
        assert (page.status_code, page.headers["location"]) == (303, "/login")
        known = {"authorization": f"Bearer {'f' * 20}"}
        assert client.post(LABELS, json=verdict(ids), headers=known).status_code == 200


def test_the_page_is_there(judging):
    page = judging.get("/label")

    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]


def test_a_place_that_cannot_be_written_is_told(place, tmp_path, ids):
    with desk_of(place, labels=tmp_path / "no" / "my.jsonl") as desk, client_of(desk) as client:
        assert "cannot be written" in refused(client.post(LABELS, json=verdict(ids)), 500)
        assert "there is no folder" in refused(client.get(LABELS), 500)
