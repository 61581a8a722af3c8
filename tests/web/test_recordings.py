"""Recordings: pages, one by one, the moments in one, and how well it matches over time."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")

from earmark.audio.write import write
from earmark.library.library import Library
from earmark.search.one import moments_in
from earmark.synth import make
from earmark.web.shelf import id_of, known_at
from web.shelf import BROKEN, RATE, SOUNDS, client_of, desk_of, fill
from web.test_search import refused

LIST = "/api/v1/recordings"


def rows_of(client, **values):
    return client.get(LIST, params=values).json()["recordings"]


def test_pages_put_together_hold_every_recording_once(client):
    pages, after = [], 0
    while after is not None:
        told = client.get(LIST, params={"limit": 5, "after": after}).json()
        pages += told["recordings"]
        after = told["next_after"]

    assert told["total"] == len(pages) == len(SOUNDS) + 1
    assert len({row["id"] for row in pages}) == len(pages)


def test_a_list_takes_filters_and_no_words(client):
    names = {Path(row["path"]).name for row in rows_of(client, filter="in:yard tag:owl")}

    assert names == {"owl.wav"}
    refused(client.get(LIST, params={"filter": "rain"}), 400)
    refused(client.get(LIST, params={"filter": "longer:x"}), 400)


def test_one_recording_tells_what_is_known_of_it(client, ids, place):
    told = client.get(f"{LIST}/{ids['dogs.mp3']}").json()

    assert told["path"] == str(place / "sounds/street/dogs.mp3")
    assert told["seconds"] == pytest.approx(3.0, abs=0.01)
    assert told["tags"] == {"title": "dog_bark"}
    assert told["copies"] == []
    assert told["reason"] is None
    assert client.get(f"{LIST}/{ids[Path(BROKEN).name]}").json()["reason"]


@pytest.mark.parametrize("wrong", ["1", "999-00000000", "0-00000000", "x", "1-0000000g"])
def test_an_id_that_is_none_is_not_found(client, wrong):
    refused(client.get(f"{LIST}/{wrong}"), 404)


def test_an_id_that_was_given_to_another_place_leads_nowhere(client, ids):
    number = ids["owl.wav"].partition("-")[0]
    other = ids["bee.wav"].partition("-")[2]

    refused(client.get(f"{LIST}/{number}-{other}"), 404)


def test_moments_in_a_recording_are_those_of_its_file(client, ids, desk, place):
    path = place / "sounds/yard/rooster.wav"
    told = client.get(
        f"{LIST}/{ids['rooster.wav']}/moments", params={"q": "a rooster", "unsure": True}
    ).json()

    hits = moments_in(path, "a rooster", desk.library.model, unsure=True)
    plain = [{**hit.as_dict(), "tags": {"title": "rooster"}} for hit in hits]
    assert told["hits"] == plain
    assert hits


def test_a_curve_stands_high_where_the_moment_is(tmp_path):
    kinds = ("roof_rain", "dog_bark", "roof_rain")
    wave = np.concatenate([make(kind, 3, seconds=6.0, rate=RATE) for kind in kinds])
    (tmp_path / "sounds").mkdir()
    write(tmp_path / "sounds" / "long.wav", wave, RATE)
    with Library.create(tmp_path / "library") as library:
        library.index([tmp_path / "sounds"], jobs=1)
    with desk_of(tmp_path) as desk, client_of(desk) as client:
        number = rows_of(client)[0]["id"]
        values = {"q": "a dog barking + rain - piano", "parts": "words", "points": 18}
        told = client.get(f"{LIST}/{number}/moments", params=values).json()

    curves = {(one["kind"], one["name"]): one for one in told["curves"]}
    assert set(curves) == {
        ("query", "a dog barking + rain - piano"),
        ("wanted", "a dog barking"),
        ("wanted", "rain"),
        ("unwanted", "piano"),
        ("word", "dog"),
        ("word", "barking"),
        ("word", "rain"),
    }
    dog, rain = curves["wanted", "a dog barking"], curves["wanted", "rain"]
    assert [dog["step"], len(dog["values"])] == [1.0, 18]
    assert 6 <= int(np.argmax(dog["values"])) < 12
    assert not 7 <= int(np.argmax(rain["values"])) < 11
    assert np.mean(dog["values"][7:11]) > np.mean(dog["values"][:5])
    assert len(dog["usual"]) == 2


def test_filters_choose_no_moments(client, ids):
    values = {"q": "a dog in:street"}

    refused(client.get(f"{LIST}/{ids['dogs.mp3']}/moments", params=values), 400)


def test_what_could_not_be_heard_has_no_moments(client, ids):
    number = ids[Path(BROKEN).name]

    refused(client.get(f"{LIST}/{number}/moments", params={"q": "a dog"}), 422)
    refused(client.get(f"{LIST}/{number}/description"), 422)


def test_a_recording_is_described(client, ids):
    told = client.get(f"{LIST}/{ids['dogs.mp3']}/description").json()

    said = " ".join(one["words"] for one in told["sayings"])
    assert any(word in said for word in ("dog", "puppy", "bark"))


def test_a_library_without_tokens_answers_as_well_as_it_can(tmp_path):
    fill(tmp_path)
    with Library.create(tmp_path / "library", keeps_tokens=False) as library:
        library.index([tmp_path / "sounds/street"], jobs=1)
    with desk_of(tmp_path) as desk, client_of(desk) as client:
        number = next(r["id"] for r in rows_of(client) if r["path"].endswith("dogs.mp3"))
        values = {"q": "a dog", "unsure": True}
        told = client.get(f"{LIST}/{number}/moments", params=values).json()
        assert told["hits"]
        assert max(told["curves"][0]["values"]) > 0
        refused(client.get(f"{LIST}/{number}/description"), 409)


def test_a_recording_is_known_by_its_place_alone(desk, place):
    store = desk.library.store

    found = known_at(store, str(place / "sounds/yard/owl.wav"))
    assert id_of(found).startswith(f"{found.id}-")
    assert known_at(store, "yard/owl.wav") is None
    assert known_at(store, str(place / "sounds/yard")) is None
    assert known_at(store, "/\0") is None
