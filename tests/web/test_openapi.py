"""The description: it is valid, whole, and what the server does keeps to it."""

import json
import re

import pytest

pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")

from earmark.errors import UsageError
from earmark.web.api.table import ENDPOINTS
from earmark.web.endpoint import Param
from earmark.web.openapi import description
from earmark.web.schemas import SCHEMAS


def test_every_address_is_described_once(client):
    told = client.get("/api/v1/openapi.json").json()

    described = {(m.upper(), path) for path, some in told["paths"].items() for m in some}
    assert described == {(one.method, one.path) for one in ENDPOINTS}
    assert told["openapi"] == "3.1.0"


def test_names_of_operations_are_told_apart():
    names = [one.name for one in ENDPOINTS]

    assert len(set(names)) == len(names)


def test_every_schema_that_is_pointed_to_is_there():
    text = json.dumps(description(token=True))

    pointed = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert pointed == set(SCHEMAS)


def test_with_a_token_every_address_but_health_wants_it():
    paths = description(token=True)["paths"]

    open_ = [path for path, some in paths.items() for one in some.values() if "security" not in one]
    assert open_ == ["/health"]


def test_the_page_of_the_api_names_every_address_and_value(client):
    page = client.get("/docs").text

    for one in ENDPOINTS:
        assert f"<code>{one.method} {one.path}</code>" in page
        for param in one.params:
            assert f"<code>{param.name}</code>" in page
    assert "<script" not in page
    assert "style=" not in page


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "7", 7),
        ("integer", "+7", 7),
        ("number", "1.5e1", 15.0),
        ("number", ".5", 0.5),
        ("boolean", "1", True),
        ("boolean", "false", False),
        ("string", " a ", " a "),
        ("array", "1,20,3", (1, 20, 3)),
    ],
)
def test_values_are_read(kind, text, value):
    assert Param(name="x", does="", kind=kind).read(text) == value


def test_bounds_are_inside():
    param = Param(name="x", does="", kind="number", least=1, most=2)

    assert [param.read("1"), param.read("2")] == [1, 2]


def test_what_has_no_upper_bound_is_still_refused_below_its_lower_one():
    param = Param(name="after", does="", kind="integer", least=0)

    with pytest.raises(UsageError, match=r"after is -7\nuse 0 or more"):
        param.read("-7")
