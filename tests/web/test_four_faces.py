"""Command line, Python, REST and MCP are asked the same twenty queries, and answer the same."""

import asyncio
import json

import pytest

pytest.importorskip(
    "mcp", reason="the tools for assistants are an extra: pip install 'earmark[serve,mcp]'"
)
pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")

from mcp import Client

from earmark.cli.main import main
from earmark.library.library import Library
from earmark.search.describe.formats import Description
from earmark.web.mcp import new_server

QUERIES = (
    "a dog barking",
    "heavy rain on a metal roof",
    "rain + thunder",
    "rain - thunder",
    "2:wind + owl",
    "someone playing the piano",
    "church bells",
    '"police siren" -"vacuum cleaner"',
    "a clock ticking in:house",
    "rooster longer:2s",
    "bee shorter:5s tag:bee",
    "hum in:nowhere",
    "sound",
    "the",
    "wind howling newer:10y",
    "0.5*dog + 1.5*rain",
    "ROOSTER",
    "Glocken läuten",
    "a very long sentence about an old vacuum cleaner that is left on in another room",
    "dog bark rooster crow siren bell",
)
LIMIT = 7


@pytest.fixture(scope="module")
def by_mcp(desk):
    async def ask():
        async with Client(new_server(desk)) as client:
            return [
                await client.call_tool(
                    "search_sounds", {"query": query, "limit": LIMIT, "unsure": True}
                )
                for query in QUERIES
            ]

    return [told.structured_content["hits"] for told in asyncio.run(ask())]


def test_there_are_twenty_queries():
    assert len(set(QUERIES)) == 20


@pytest.mark.parametrize("number", range(len(QUERIES)), ids=QUERIES)
def test_four_faces_give_one_answer(client, place, by_mcp, capsysbinary, number):
    query, library = QUERIES[number], place / "library"
    with Library.open(library) as opened:
        by_python = [hit.as_dict() for hit in opened.search(query, limit=LIMIT, unsure=True)]
    main(["search", query, "-k", str(LIMIT), "--all", "--json", "--library", str(library)])
    by_command = json.loads(capsysbinary.readouterr().out)["hits"]
    values = {"q": query, "limit": LIMIT, "unsure": True}
    by_rest = client.get("/api/v1/search", params=values).json()["hits"]

    assert by_command == by_python
    assert by_rest == by_python
    assert by_mcp[number] == by_python
    assert len(by_python) == (0 if "nowhere" in query else min(LIMIT, len(by_python)))
    assert by_python or "in:" in query


def test_moments_and_examples_are_the_same_as_well(client, place, ids, capsysbinary):
    library, path = str(place / "library"), str(place / "sounds/street/dogs.mp3")
    main(["similar", f"{path}@0.5-2", "-k", "5", "--all", "--json", "--library", library])
    by_command = json.loads(capsysbinary.readouterr().out)["hits"]
    values = {"id": ids["dogs.mp3"], "start": 0.5, "end": 2, "limit": 5, "unsure": True}
    assert client.get("/api/v1/similar", params=values).json()["hits"] == by_command

    main(["search", "rain", "--moments", "--all", "--json", "--library", library])
    by_command = json.loads(capsysbinary.readouterr().out)["hits"]
    values = {"q": "rain", "moments": True, "unsure": True}
    assert client.get("/api/v1/search", params=values).json()["hits"] == by_command

    main(["moments", path, "a dog", "--all", "--json"])
    by_command = json.loads(capsysbinary.readouterr().out)["hits"]
    told = client.get(f"/api/v1/recordings/{ids['dogs.mp3']}/moments",
                      params={"q": "a dog", "unsure": True}).json()["hits"]  # fmt: skip
    assert [hit | {"tags": {}} for hit in told] == by_command


@pytest.mark.parametrize(
    "name", ["street/dogs.mp3", "street/siren.aiff", "weather/rain on a roof.wav"]
)
def test_four_faces_describe_a_recording_alike(client, desk, place, ids, capsysbinary, name):
    library, path = place / "library", str(place / "sounds" / name)
    code = main(["describe", path, "--json"])
    by_command = json.loads(capsysbinary.readouterr().out)
    with Library.open(library) as opened:
        by_python = opened.describe(path)
    number = ids[name.rpartition("/")[2]]
    by_rest = client.get(f"/api/v1/recordings/{number}/description").json()

    async def ask():
        async with Client(new_server(desk)) as client:
            return await client.call_tool("describe_sound", {"recording": number})

    assert code == (0 if by_python else 1)
    assert Description(path, "earmark-small", by_python).as_dict() == by_command
    assert by_rest == by_command
    assert asyncio.run(ask()).structured_content == by_command
