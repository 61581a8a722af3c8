"""The door: names, sites, tokens, sizes, and what every answer says of safety."""

import pytest

pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")

from earmark.errors import UsageError
from earmark.web.guard import HEADERS, Rules, check_host
from earmark.web.limits import Limits
from earmark.web.problems import RefusedError
from earmark.web.token import COOKIE, Token
from web.shelf import HERE, client_of
from web.test_search import refused

HEALTH, STATUS = "/api/v1/health", "/api/v1/status"
TOKEN = "correct horse battery staple"


@pytest.fixture(scope="module")
def guarded(desk):
    with client_of(desk, Rules(token=Token(TOKEN))) as client:
        yield client


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8765", "localhost.:1", "127.0.0.1", "127.0.0.1:80", "[::1]:8765",
     "192.168.1.7:8765", "[fe80::1]", "studio.lan:8765"],
)  # fmt: skip
def test_a_server_is_called_by_its_address_or_a_known_name(host):
    check_host(host, frozenset({"studio.lan"}))


@pytest.mark.parametrize(
    "host",
    [None, "", "evil.example", "evil.example:8765", "127.0.0.1.evil.example", "localhost.evil",
     "evil@localhost.x", "[::1", "a b", "127.0.0.1:x@evil"],
)  # fmt: skip
def test_any_other_name_may_be_rebound_to_this_machine(host):
    with pytest.raises(RefusedError) as error:
        check_host(host, frozenset({"studio.lan"}))
    assert error.value.status == 421


@pytest.mark.parametrize("path", ["/", "/docs", "/static/plain.css", STATUS, HEALTH, "/mcp"])
def test_a_foreign_name_opens_nothing(client, path):
    refused(client.get(path, headers={"host": "evil.example"}), 421)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "http://localhost:8765"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "sec-fetch-dest": "document"},
        {"origin": HERE, "sec-fetch-site": "cross-site"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", [STATUS, HEALTH, "/mcp"])
def test_another_site_reaches_nothing_of_the_api(client, path, headers):
    refused(client.get(path, headers=headers), 403)
    refused(client.post(path, headers=headers), 403)


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": HERE}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}],
    ids=str,
)
def test_our_own_page_and_programs_come_in(client, headers):
    assert client.get(STATUS, headers=headers).status_code == 200


def test_a_link_on_another_site_may_lead_to_the_page(client):
    linked = {"sec-fetch-site": "cross-site", "sec-fetch-dest": "document"}

    assert client.get("/", headers=linked).status_code == 200
    refused(client.get("/", headers={**linked, "sec-fetch-dest": "iframe"}), 403)


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/static/plain.css", STATUS, "/nothing", "/api/v1/recordings/1-0"]
)
def test_every_answer_has_the_headers_of_safety(client, path):
    told = client.get(path).headers

    for name, value in HEADERS.items():
        assert told[name] == value
    policy = told["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy


def test_an_answer_of_the_api_is_kept_nowhere(client):
    assert client.get(STATUS).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN,
     "Bearer \u00ff" + TOKEN],
)  # fmt: skip
@pytest.mark.parametrize("path", [STATUS, "/mcp", "/api/v1/openapi.json", "/api/v1/metrics"])
def test_a_wrong_token_opens_nothing(guarded, path, given):
    told = guarded.get(path, headers={"authorization": given.encode("latin-1")})

    refused(told, 401)
    assert told.headers["www-authenticate"] == "Bearer"


def test_the_right_token_opens(guarded):
    headers = {"authorization": f"Bearer {TOKEN}"}

    assert guarded.get(STATUS, headers=headers).status_code == 200
    assert guarded.get(HEALTH).json() == {"status": "ok"}


def test_a_token_in_the_address_is_no_token(guarded):
    refused(guarded.get(STATUS, params={"token": TOKEN}), 401)


def test_a_page_sends_to_the_login_and_the_login_lets_in(guarded):
    told = guarded.get("/", follow_redirects=False)
    assert (told.status_code, told.headers["location"]) == (303, "/login")
    assert guarded.post("/login", data={"token": "wrong" * 5}).status_code == 401
    assert guarded.post("/login", data={}).status_code == 401

    told = guarded.post("/login", data={"token": TOKEN}, follow_redirects=False)
    cookie = told.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert TOKEN not in cookie
    assert guarded.get(STATUS).status_code == 200
    guarded.cookies.clear()
    guarded.cookies.set(COOKIE, "0" * 64)
    refused(guarded.get(STATUS), 401)
    guarded.cookies.clear()


def test_a_token_shows_itself_nowhere():
    token = Token(TOKEN)

    assert TOKEN not in repr(token)
    assert TOKEN not in str(vars(token))
    assert token.is_right(TOKEN)
    assert not token.is_right("")


def test_a_short_token_is_refused():
    with pytest.raises(UsageError, match="5 letters"):
        Token("12345")


def test_a_token_comes_from_a_file_or_else_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("EARMARK_TOKEN", "e" * 20)
    file = tmp_path / "token"
    file.write_text("f" * 20 + "\n")

    assert Token.given(file).is_right("f" * 20)
    assert Token.given(None).is_right("e" * 20)
    monkeypatch.delenv("EARMARK_TOKEN")
    assert Token.given(None) is None
    with pytest.raises(UsageError, match="cannot be read"):
        Token.given(tmp_path / "missing")


@pytest.mark.parametrize("length", ["64001", "9" * 30, "-1", "x"])
def test_a_body_that_says_that_it_is_too_large_is_refused_unread(client, length):
    headers = {"content-length": length, "content-type": "application/json"}

    refused(client.post("/api/v1/jobs", content=b"{}", headers=headers), 413)


def test_a_body_that_is_too_large_and_does_not_say_so_is_refused(desk):
    def pieces():
        for _ in range(20):
            yield b" " * 1000

    with client_of(desk, Rules(limits=Limits(body=10_000))) as client:
        headers = {"content-type": "application/json"}
        refused(client.post("/api/v1/jobs", content=pieces(), headers=headers), 413)


def test_tools_that_are_not_installed_say_how_to_get_them(desk, monkeypatch):
    monkeypatch.setattr("earmark.web.app.find_spec", lambda _: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with client_of(desk) as client:
        told = client.post("/mcp", json={})

    refused(told, 501)
    assert told.json()["hint"] == "install it with: pip install 'earmark[mcp]'"


def test_what_is_not_there_and_what_is_not_done_are_problems(client):
    refused(client.get("/nothing"), 404)
    refused(client.get("/static/../guard.py"), 404)
    refused(client.get("/static/%2e%2e/guard.py"), 404)
    told = client.post(STATUS)
    refused(told, 405)
    assert "GET" in told.headers["allow"]


def test_a_crash_is_a_problem_that_tells_nothing(desk, monkeypatch):
    def fail(*_):
        raise RuntimeError("the inside of it")

    monkeypatch.setattr(type(desk.library), "status", fail)
    with client_of(desk, raise_server_exceptions=False) as client:
        told = client.get(STATUS)

    assert "inside" not in refused(told, 500)
    assert told.headers["x-content-type-options"] == "nosniff"
