"""The tools, asked by the official client: in one process, over HTTP, over stdin and stdout."""

import asyncio
import json
import os
import sys

import pytest

pytest.importorskip(
    "mcp", reason="the tools for assistants are an extra: pip install 'earmark[serve,mcp]'"
)
pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")

import httpx2
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from earmark.web.guard import Rules
from earmark.web.mcp import new_server
from earmark.web.token import Token
from web.shelf import SECRET, desk_of, running

TOOLS = {
    "search_sounds",
    "find_moments",
    "similar_sounds",
    "describe_sound",
    "library_status",
    "export",
}


def ask(server, name, **arguments):
    """Call one tool: -> whether it failed, what it said."""

    async def call():
        async with Client(server) as client:
            return await client.call_tool(name, arguments)

    told = asyncio.run(call())
    return told.is_error, told.structured_content or told.content[0].text


@pytest.fixture(scope="module")
def server(desk):
    return new_server(desk)


def test_there_are_six_tools_and_none_changes_anything(server):
    async def tools():
        async with Client(server) as client:
            return (await client.list_tools()).tools

    told = asyncio.run(tools())
    assert {tool.name for tool in told} == TOOLS
    for tool in told:
        assert tool.annotations.read_only_hint
        assert tool.description
        assert (
            "query" not in tool.input_schema["properties"]
            or (tool.input_schema["properties"]["query"]["description"])
        )


def test_a_search_gives_the_hits_of_the_library(server, desk):
    failed, told = ask(server, "search_sounds", query="a dog barking", limit=3, unsure=True)

    hits = desk.library.search("a dog barking", limit=3, unsure=True)
    assert not failed
    assert told["hits"] == [hit.as_dict() for hit in hits]
    assert told["links"][0]["id"]


def test_a_recording_is_named_by_its_id_or_its_path(server, ids, place):
    path = str(place / "sounds/street/dogs.mp3")
    for name, more in (("describe_sound", {}), ("find_moments", {"words": "a dog"}),
                       ("similar_sounds", {"unsure": True, "limit": 3})):  # fmt: skip
        by_id = ask(server, name, recording=ids["dogs.mp3"], **more)[1]
        by_path = ask(server, name, recording=path, **more)[1]
        by_id.pop("took_ms", 0)
        by_path.pop("took_ms", 0)
        assert by_id == by_path
        assert by_id.get("sayings") or by_id["hits"]


def test_the_library_is_told_of(server):
    _, told = ask(server, "library_status")

    assert told["recordings"] == 13
    assert told["server"]["read_only"] is False


def test_hits_are_exported_as_text(server):
    _, told = ask(server, "export", query="dog", format="csv", unsure=True, limit=2)
    text = told["result"] if isinstance(told, dict) else told

    assert text.splitlines()[0] == "rank,path,start,end,score,confidence,duration"
    assert len(text.splitlines()) == 3


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("search_sounds", {"query": "- rain"}),
        ("search_sounds", {"query": "rain", "limit": 101}),
        ("search_sounds", {"query": "a" * 1001}),
        ("find_moments", {"recording": "1-00000000", "words": "rain"}),
        ("describe_sound", {"recording": "/etc/passwd"}),
        ("export", {"query": "rain", "format": "exe"}),
    ],
    ids=str,
)
def test_what_is_wrong_is_told_in_words(server, name, arguments):
    failed, told = ask(server, name, **arguments)

    assert failed
    assert "Traceback" not in told
    assert len(told) > 20


def test_no_file_beside_the_library_is_an_example(server, place):
    secret = place / SECRET

    assert ask(server, "similar_sounds", recording=str(secret))[0]
    assert ask(server, "search_sounds", query=f'@"{secret}"')[0]


def test_the_tools_are_there_over_http(place):
    with desk_of(place) as desk, running(desk) as (_, port):
        failed, told = ask(f"http://127.0.0.1:{port}/mcp", "search_sounds", query="dog", limit=1)

    assert not failed
    assert told["hits"][0]["path"].endswith("dogs.mp3")


def test_the_tools_over_http_want_the_token(place):
    rules = Rules(token=Token("t" * 20))
    with desk_of(place) as desk, running(desk, rules) as (_, port):
        address = f"http://127.0.0.1:{port}/mcp"
        with pytest.raises(ExceptionGroup) as told:
            ask(address, "library_status")
        assert told.group_contains(MCPError, match="error response")

        async def with_token():
            headers = {"authorization": f"Bearer {'t' * 20}"}
            async with (
                httpx2.AsyncClient(headers=headers) as http,
                Client(streamable_http_client(address, http_client=http)) as client,
            ):
                return await client.call_tool("library_status", {})

        assert asyncio.run(with_token()).structured_content["recordings"] == 13


def test_the_command_speaks_over_stdin_and_stdout(place):
    words = ["mcp", "--library", str(place / "library")]
    code = "from earmark.cli.main import main; raise SystemExit(main())"
    given = StdioServerParameters(
        command=sys.executable, args=["-c", code, *words], env={**os.environ}
    )
    failed, told = ask(stdio_client(given), "search_sounds", query="dog", limit=1)

    assert not failed
    assert json.dumps(told["hits"]).count("dogs.mp3") == 1
