"""The pages on the server tell the truth."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")

from earmark.web import app
from earmark.web.api.table import ENDPOINTS
from earmark.web.limits import Limits

STATIC = Path(app.__file__).parent / "static"
DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_the_api_has_every_address_and_no_other():
    text = (DOCS / "api.md").read_text(encoding="utf-8")

    told = re.findall(r"^\| `(GET|POST|DELETE) (\S+)` \|", text, re.MULTILINE)
    assert sorted(told) == sorted((one.method, one.path) for one in ENDPOINTS)


def test_values_that_the_page_of_the_api_names_are_there():
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    params = [param for one in ENDPOINTS for param in one.params]
    known = {"file", "progress", "end"} | {param.name for param in params}
    known |= {choice for param in params for choice in param.choices}

    rows = re.findall(r"^\| `[A-Z]+ \S+` \|(.*)\|$", text, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z]+)`", row)}
    assert named <= known
    assert {param.name for param in params} - {"points"} <= named | {"format", "parts", "ranks"}


def test_the_page_on_safety_has_every_limit():
    text = (DOCS / "security.md").read_text(encoding="utf-8")
    cells = re.findall(r"\| ([\d,]+)(?: by ([\d,]+))? \|$", text, re.MULTILINE)
    told = sorted(float(cell.replace(",", "")) for row in cells for cell in row if cell)

    assert told == sorted(map(float, asdict(Limits()).values()))


def test_the_page_of_tools_has_every_tool():
    pytest.importorskip("mcp", reason="an extra: pip install 'earmark[mcp]'")
    from web.test_mcp import TOOLS

    text = (DOCS / "mcp.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == TOOLS


def test_the_page_is_never_half_an_old_one(client):
    script = client.get("/static/page/app.js")

    assert script.headers["cache-control"] == "no-cache"
    assert script.headers["content-type"].startswith("text/javascript")
    assert client.get("/api/v1/status").headers["cache-control"] == "no-store"


def test_the_page_holds_nothing_inline_and_nothing_from_elsewhere():
    for file in [*STATIC.rglob("*.html"), *STATIC.rglob("*.js"), *STATIC.rglob("*.css")]:
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in text, file
        assert "https:" not in text, file
        assert "innerHTML" not in text, file
        assert not re.search(r"\s(style|on[a-z]+)=\"", text), file
        assert not re.search(r"<script>|<style", text), file


def test_the_page_on_the_page_has_its_keys_and_no_others():
    text = (DOCS / "page.md").read_text(encoding="utf-8")
    script = (STATIC / "page" / "help.js").read_text(encoding="utf-8")

    keys = script.partition("const KEYS = [")[2].partition("];")[0]
    told = re.findall(r"^\| `([^`]+)` \| (.+) \|$", text, re.MULTILINE)
    assert told == re.findall(r'\["([^"]+)", "([^"]+)"\]', keys)


def test_the_page_on_labels_has_every_key_of_its_page():
    script = (STATIC / "page" / "label.js").read_text(encoding="utf-8")
    text = (DOCS / "labels.md").read_text(encoding="utf-8")

    named = re.findall(r'\["([^"]+)", "[^"]+"\]', script.partition("const KEYS = [")[2])
    assert [key for key in named if f"`{key}`" not in text] == []
    assert len(named) == 8


def test_the_picture_of_the_page_is_small():
    assert 20_000 < (DOCS / "page.webp").stat().st_size < 150_000
