"""`earmark serve` and `earmark mcp`: who may ask where, and what is missing."""

import importlib.util
from argparse import Namespace

import pytest

from earmark.cli import serve
from earmark.cli.main import main
from earmark.errors import DataError, UsageError


def args(**given):
    usual = {"host": "127.0.0.1", "no_token": 0, "token_file": None, "open": False, "label": None}
    return Namespace(**usual | given)


@pytest.fixture
def token(tmp_path):
    file = tmp_path / "token"
    file.write_text("f" * 20 + "\n", encoding="utf-8")
    return file


@pytest.fixture(autouse=True)
def no_variable(monkeypatch):
    monkeypatch.delenv("EARMARK_TOKEN", raising=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST"])
def test_at_home_no_token_is_needed(host):
    pytest.importorskip("starlette", reason="an extra: pip install 'earmark[serve]'")

    assert serve.token_of(args(host=host)) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "studio.lan", "localhost.evil"])
def test_other_machines_need_a_token_unless_that_is_refused_twice(host, token):
    pytest.importorskip("starlette", reason="an extra: pip install 'earmark[serve]'")

    for times in (0, 1):
        with pytest.raises(UsageError, match="there is no token"):
            serve.token_of(args(host=host, no_token=times))
    assert serve.token_of(args(host=host, no_token=2)) is None
    assert serve.token_of(args(host=host, token_file=token)).is_right("f" * 20)


def test_the_variable_counts_unless_it_is_refused(monkeypatch):
    pytest.importorskip("starlette", reason="an extra: pip install 'earmark[serve]'")
    monkeypatch.setenv("EARMARK_TOKEN", "e" * 20)

    assert serve.token_of(args(host="0.0.0.0")).is_right("e" * 20)
    assert serve.token_of(args(no_token=1)) is None


def test_two_wishes_that_contradict_are_refused(token):
    pytest.importorskip("starlette", reason="an extra: pip install 'earmark[serve]'")

    with pytest.raises(UsageError, match="at once"):
        serve.token_of(args(token_file=token, no_token=1))


def test_the_address_is_told_and_opened(monkeypatch, capsys):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    serve.tell("http://127.0.0.1:8765/", args(open=True), with_token=True)

    said = capsys.readouterr().out
    assert said.startswith("earmark is at http://127.0.0.1:8765/ until Ctrl-C")
    assert "token" in said
    assert opened == ["http://127.0.0.1:8765/"]


def test_where_hits_are_judged_is_told_and_opened(monkeypatch, capsys, tmp_path):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    given = args(open=True, label=tmp_path / "my.jsonl", read_only=False)
    serve.tell("http://127.0.0.1:8765/", given, with_token=False)

    assert "hits are judged at http://127.0.0.1:8765/label\n" in capsys.readouterr().out
    assert opened == ["http://127.0.0.1:8765/label"]
    assert serve.labels_of(given) == tmp_path / "my.jsonl"


def test_who_only_reads_judges_nothing(tmp_path):
    with pytest.raises(UsageError, match="what is judged is written"):
        serve.labels_of(args(label=tmp_path / "my.jsonl", read_only=True))


def test_a_damaged_file_is_told_before_it_is_served(tmp_path):
    file = tmp_path / "my.jsonl"
    file.write_text("{\n", encoding="utf-8")

    with pytest.raises(DataError, match="line 1: it is not JSON"):
        serve.labels_of(args(label=file, read_only=False))


@pytest.mark.parametrize(
    ("command", "missing", "extra"),
    [
        ("serve", "uvicorn", "serve"),
        ("serve", "python_multipart", "serve"),
        ("mcp", "mcp", "mcp"),
        ("mcp", "starlette", "mcp"),
    ],
)
def test_what_is_not_installed_is_told_in_two_lines(command, missing, extra, monkeypatch, capsys):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec",
        lambda name: None if name == missing else find(name) or object(),  # all others are there
    )

    assert main([command]) == 3
    said = capsys.readouterr().err.splitlines()
    assert said == [
        f"earmark: this needs the package '{missing}', which is not installed",
        f"install it with: pip install 'earmark[{extra}]'",
    ]


def test_without_a_library_there_is_nothing_to_serve(tmp_path, capsys):
    pytest.importorskip("starlette", reason="an extra: pip install 'earmark[serve]'")

    assert main(["serve", "--port", "0", "--library", str(tmp_path)]) == 3
    assert "earmark index FOLDER" in capsys.readouterr().err
