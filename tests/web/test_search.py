"""Searching over the API: the same hits, what stands beside them, and what is refused."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")

from earmark.audio.write import write
from earmark.synth import make
from earmark.web.limits import Limits
from web.shelf import BROKEN, RATE, SECRET, client_of, desk_of, index

SEARCH, SIMILAR = "/api/v1/search", "/api/v1/similar"


def wave(seconds=2.0):
    return make("dog_bark", 77, seconds=seconds, rate=RATE)


@pytest.fixture
def dog(tmp_path):
    path = tmp_path / "dog.wav"
    write(path, wave(), RATE)
    return path


def ask(client, words, **values):
    return client.get(SEARCH, params={"q": words, "unsure": True} | values).json()


def refused(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert told["detail"]
    assert told["hint"]
    return told["detail"]


def send(client, content, name="dog.wav", **values):
    return client.post(SIMILAR, params=values, files={"file": (name, content)})


def test_hits_are_those_of_the_library(client, desk):
    told = ask(client, "a dog barking", limit=4)

    hits = desk.library.search("a dog barking", limit=4, unsure=True)
    assert told["hits"] == [hit.as_dict() for hit in hits]
    assert Path(told["hits"][0]["path"]).name == "dogs.mp3"


def test_every_hit_has_links_that_lead_somewhere(client):
    told = ask(client, "bell", limit=3)

    assert len(told["links"]) == len(told["hits"]) == 3
    for hit, link in zip(told["hits"], told["links"], strict=True):
        assert client.get(link["self"]).json()["path"] == hit["path"]
        assert client.get(link["audio"]).status_code == 200
        assert ask(client, link["like"])["hits"]


def test_pages_put_together_are_the_whole(client):
    whole, offset, pages = ask(client, "rain", limit=12)["hits"], 0, []
    while offset is not None:
        page = ask(client, "rain", limit=5, offset=offset)
        pages += page["hits"]
        offset = page["next_offset"]

    assert pages == whole
    assert len(whole) == 12


def test_a_search_says_how_its_hits_came_about(client):
    told = ask(client, "dogs", limit=2, explain=True)

    assert told["why"][0]["evidence"] == 1.0
    assert any("100%" in line for line in told["why"][0]["says"])


def test_one_recording_is_explained_also_if_it_is_far_behind(client, ids):
    told = client.get(
        "/api/v1/explain", params={"q": "a dog barking", "id": ids["vacuum.opus"]}
    ).json()

    assert told["hit"]["rank"] > 1
    assert told["why"]["place"] == told["hit"]["rank"]


def test_a_recording_without_sound_cannot_be_explained(client, ids):
    values = {"q": "a dog", "id": ids[Path(BROKEN).name]}

    refused(client.get("/api/v1/explain", params=values), 404)


def test_an_example_by_id_is_the_same_as_by_path_and_as_in_python(client, desk, ids, place):
    path = str(place / "sounds/street/dogs.mp3")
    values = {"unsure": True, "start": 0.5, "end": 2.5}
    by_id = client.get(SIMILAR, params=values | {"id": ids["dogs.mp3"]}).json()
    by_path = client.get(SIMILAR, params=values | {"path": path}).json()

    hits = desk.library.similar(path, 0.5, 2.5, unsure=True)
    assert by_id["hits"] == by_path["hits"] == [hit.as_dict() for hit in hits]
    assert path not in [hit["path"] for hit in by_id["hits"]]


def test_an_uploaded_sound_is_the_same_as_in_python(client, desk, dog):
    told = send(client, dog.read_bytes(), unsure=True).json()

    hits = desk.library.similar(dog, unsure=True)
    assert told["hits"] == [hit.as_dict() for hit in hits]
    assert told["query"] == "@dog.wav"


def test_a_stretch_of_an_uploaded_sound_is_meant(client, desk, dog):
    told = send(client, dog.read_bytes(), unsure=True, start=0.5, end=1.5).json()

    hits = desk.library.similar(dog, 0.5, 1.5, unsure=True)
    assert told["hits"] == [hit.as_dict() for hit in hits]
    assert told["query"] == "@dog.wav@0.5-1.5"


def test_a_name_of_an_upload_is_only_shown(client, dog):
    told = send(client, dog.read_bytes(), name='../../etc/"x\\y.wav').json()

    assert told["query"].startswith("@")
    assert "/" not in told["query"]


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 422), (b"no sound at all", 422), (b"RIFF\xff\xff\xff\xffWAVEfmt ", 422)],
    ids=["empty", "text", "head"],
)
def test_what_is_no_sound_is_refused_by_the_name_it_was_sent_with(client, content, status):
    told = refused(send(client, content), status)

    assert told.startswith("dog.wav: ")


def test_an_upload_is_a_form_with_one_file(client, dog):
    refused(client.post(SIMILAR, content=dog.read_bytes()), 415)
    refused(client.post(SIMILAR, files={"other": dog.read_bytes()}), 400)
    refused(client.post(SIMILAR, data={"file": "text"}, files={"x": b"1"}), 400)
    broken = {"content-type": "multipart/form-data; boundary=x"}
    refused(client.post(SIMILAR, content=b"--y nonsense", headers=broken), 400)


def test_too_long_a_sound_is_refused_however_small_its_file(place, tmp_path):
    path = tmp_path / "silence.flac"
    write(path, np.zeros(60 * RATE, np.float32), RATE)
    with desk_of(place, limits=Limits(sound=20.0)) as desk, client_of(desk) as client:
        assert path.stat().st_size < 20_000
        refused(send(client, path.read_bytes()), 413)
        assert send(client, path.read_bytes(), start=1, end=20).status_code == 200


def test_too_many_channels_and_too_high_a_rate_are_refused(place, tmp_path):
    many, fast = tmp_path / "many.wav", tmp_path / "fast.wav"
    write(many, np.stack([wave()] * 6, axis=1), RATE)
    write(fast, wave(), 96_000)
    with desk_of(place, limits=Limits(channels=5, rate=48_000)) as desk, client_of(desk) as client:
        assert "6 channels" in refused(send(client, many.read_bytes()), 413)
        assert "96000 Hz" in refused(send(client, fast.read_bytes()), 413)


@pytest.mark.parametrize("says_so", [True, False])
def test_too_many_bytes_are_refused_whether_they_are_announced_or_not(place, says_so):
    def pieces():
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(30):
            yield b"0" * 1000
        yield b"\r\n--x--\r\n"

    content = b"".join(pieces()) if says_so else pieces()
    headers = {"content-type": "multipart/form-data; boundary=x"}
    with desk_of(place, limits=Limits(upload=20_000)) as desk, client_of(desk) as client:
        refused(client.post(SIMILAR, content=content, headers=headers), 413)


def test_only_recordings_of_the_library_are_examples(client, place):
    there, missing = place / SECRET, place / "missing.wav"
    told = [
        refused(client.get(SEARCH, params={"q": query}), 400)
        for path in (there, missing, Path("/etc/passwd"), Path("relative.wav"))
        for query in (f'@"{path}"', f"rain + @{path}@0-1", f'bell - @"{path}"')
    ]

    assert len(set(told)) == 1  # whether there is such a file is not told
    refused(client.get(SIMILAR, params={"path": str(there)}), 404)


@pytest.mark.parametrize("way", ["{}/../{}", "{}/weather/../../{}", "{}/./../{}"])
def test_no_path_leads_out_of_the_library(client, place, way):
    path = way.format(place / "sounds", SECRET)

    refused(client.get(SIMILAR, params={"path": path}), 404)
    refused(client.get("/api/v1/recordings", params={"path": path}), 404)


def test_a_name_that_is_too_long_for_a_file_is_no_fault_of_ours(client):
    refused(client.get(SEARCH, params={"q": f"@{'a' * 400}@1-2"}), 400)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"q": ""},
        {"q": "- rain"},
        {"q": "in:field"},
        {"q": '"rain'},
        {"q": "rain\0"},
        {"q": "a" * 1001},
        {"q": "rain", "limit": 0},
        {"q": "rain", "limit": 101},
        {"q": "rain", "limit": "ten"},
        {"q": "rain", "limit": "1_0"},
        {"q": "rain", "offset": -1},
        {"q": "rain", "offset": 901},
        {"q": "rain", "moments": "perhaps"},
        {"q": "rain", "colour": "red"},
        {"q": ["rain", "wind"]},
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused_with_a_reason(client, values):
    refused(client.get(SEARCH, params=values), 400)


@pytest.mark.parametrize(("start", "end"), [(2, 1), (1, 1), ("nan", 2), ("inf", 2), (-1, 2)])
def test_a_stretch_ends_after_its_start(client, ids, start, end):
    values = {"id": ids["dogs.mp3"], "start": start, "end": end}

    refused(client.get(SIMILAR, params=values), 400)


def test_an_example_is_named_in_one_way(client, ids):
    refused(client.get(SIMILAR), 400)
    values = {"id": ids["dogs.mp3"], "path": "/x"}
    refused(client.get(SIMILAR, params=values), 400)


def test_hits_are_given_to_other_programs(client, place):
    def export(**values):
        values = {"q": "dog", "unsure": True, "limit": 3} | values
        return client.get("/api/v1/export", params=values)

    rows = [*csv.DictReader(io.StringIO(export().text))]
    assert [row["rank"] for row in rows] == ["1", "2", "3"]
    chosen = [json.loads(line) for line in export(format="jsonl", ranks="1,3").text.splitlines()]
    assert [one["rank"] for one in chosen] == [1, 3]
    assert export(format="m3u").text.startswith("#EXTM3U\n")
    assert export(format="m3u").headers["content-disposition"] == (
        'attachment; filename="earmark.m3u8"'
    )
    assert export(format="reaper").text.startswith("#,Name,Start,End,Length\n")
    refused(export(format="exe"), 400)
    refused(export(ranks="1,x"), 400)


def test_ranks_reach_as_deep_as_they_say(client):
    values = {"q": "rain", "unsure": True, "format": "csv", "limit": 1, "ranks": "2,7"}

    rows = [*csv.DictReader(io.StringIO(client.get("/api/v1/export", params=values).text))]

    assert [row["rank"] for row in rows] == ["2", "7"]


def test_what_sounds_like_a_file_that_is_sent_is_given_to_other_programs(client, dog):
    content = dog.read_bytes()
    hits = send(client, content, unsure=True, limit=5).json()["hits"]

    answer = client.post(
        "/api/v1/export",
        params={"format": "jsonl", "unsure": True, "ranks": "2,5"},
        files={"file": ("dog.wav", content)},
    )

    assert [json.loads(line) for line in answer.text.splitlines()] == [hits[1], hits[4]]
    assert answer.headers["content-disposition"] == 'attachment; filename="earmark.jsonl"'


def test_links_tell_the_category_in_a_name(tmp_path):
    (tmp_path / "sounds").mkdir()
    write(tmp_path / "sounds" / "ANMLDog_Bark_ME_KIT.wav", wave(), RATE)
    write(tmp_path / "sounds" / "bark.wav", wave(1.5), RATE)
    index(tmp_path)

    with desk_of(tmp_path) as desk, client_of(desk) as client:
        told = ask(client, "a dog barking", duplicates=True)

    named = {
        Path(hit["path"]).name: link["ucs"]
        for hit, link in zip(told["hits"], told["links"], strict=True)
    }
    assert named == {"ANMLDog_Bark_ME_KIT.wav": "ANMLDog", "bark.wav": None}
