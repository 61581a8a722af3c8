"""An endpoint that fails, is busy, is silent, talks nonsense; and a key that stays secret."""

import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from earmark.errors import DataError, EarmarkError, UsageError
from earmark.lab.writers import KEY_FROM, Wish, chat, new_writer
from lab.writers.loopback import completion, endpoint, refusal

KEY = "sk-very-secret-0123456789"
TWO = ("a canine barks", "one dog is barking")
GOOD = completion(json.dumps(TWO))


@pytest.fixture(autouse=True)
def around(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv(KEY_FROM, KEY)
    monkeypatch.setattr(chat, "FIRST_WAIT", 0.01)


def writer_at(url, **wish):
    plain = {"url": url, "model": "m", "count": 2, "per_minute": 60_000.0, "timeout": 5.0}
    return new_writer("endpoint", Wish(**plain | wish))


def by_turns(*answers):
    """One answer after the other; the last one again and again."""
    return lambda number, _: answers[min(number, len(answers) - 1)]


def test_what_is_asked_and_what_is_taken():
    with endpoint(by_turns(GOOD)) as (there, url):
        found = writer_at(url + "/").write("a dog barks")

    assert found.rewrites == TWO
    (asked,) = there.asked
    assert asked["path"] == "/v1/chat/completions"
    assert asked["body"]["model"] == "m"
    assert '"a dog barks"' in asked["body"]["messages"][0]["content"]
    assert asked["headers"]["Authorization"] == f"Bearer {KEY}"


def test_no_key_is_sent_where_there_is_none(monkeypatch):
    monkeypatch.delenv(KEY_FROM)
    with endpoint(by_turns(GOOD)) as (there, url):
        writer_at(url).write("a dog barks")

    assert "Authorization" not in there.asked[0]["headers"]


def test_it_fails_twice_and_then_answers():
    with endpoint(by_turns(refusal(500, "oh"), (503, {}, "<html>busy</html>"), GOOD)) as (
        there,
        url,
    ):
        assert writer_at(url).write("a dog barks").rewrites == TWO

    assert len(there.asked) == 3


@pytest.mark.parametrize("as_date", [False, True])
def test_a_busy_endpoint_is_asked_as_late_as_it_says(as_date):
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    busy = refusal(429, "slow down", Retry_After=soon if as_date else "0.3")
    with endpoint(by_turns(busy, GOOD)) as (there, url):
        began = time.monotonic()
        assert writer_at(url).write("a dog barks").rewrites == TWO
        took = time.monotonic() - began

    assert len(there.asked) == 2
    assert took > 0.3


def test_an_endpoint_that_wants_a_long_pause_is_left_alone():
    with (
        endpoint(by_turns(refusal(429, "tomorrow", Retry_After="86400"))) as (there, url),
        pytest.raises(
            DataError, match=r"asks to wait 86400 s \(tomorrow \(429\)\)\n.*run the same"
        ),
    ):
        writer_at(url).write("a dog barks")

    assert len(there.asked) == 1


def test_silence_ends_after_the_timeout_and_is_tried_again():
    with endpoint(by_turns(None, GOOD)) as (there, url):
        assert writer_at(url, timeout=0.2).write("a dog barks").rewrites == TWO

    assert len(there.asked) == 2


def test_an_endpoint_that_never_recovers_is_given_up():
    with (
        endpoint(by_turns(refusal(500, "broken"))) as (there, url),
        pytest.raises(DataError, match=r"does not answer: broken \(500\), 5 times\n.*is kept"),
    ):
        writer_at(url).write("a dog barks")

    assert len(there.asked) == chat.TRIES


def test_nobody_at_the_address():
    with pytest.raises(DataError, match=r"does not answer: .*refused"):
        writer_at("http://127.0.0.1:9/v1").write("a dog barks")


def test_an_answer_cut_short_is_tried_again():
    torn = (200, {"Content-Length": "9999"}, '{"choices": [')
    with endpoint(by_turns(torn, GOOD)) as (_, url):
        assert writer_at(url, timeout=0.5).write("a dog barks").rewrites == TWO


@pytest.mark.parametrize("said", ["Sure, here you are!", '["only one"]', None])
def test_nonsense_is_a_fault_and_no_error(said):
    with endpoint(by_turns(completion(said))) as (_, url):
        found = writer_at(url).write("a dog barks")

    assert found.rewrites == ()
    assert found.fault


@pytest.mark.parametrize(
    ("answer", "kind", "problem", "hint"),
    [
        (refusal(401, f"bad key {KEY}"), UsageError, "does not take the key in", "export EARMARK_"),
        (refusal(403, "no"), UsageError, "does not take the key in", "export EARMARK_"),
        (refusal(404, "The model `m` does not exist"), UsageError, "has no model 'm'", "/models"),
        (refusal(400, "unknown model"), UsageError, "has no model 'm'", "/models"),
        ((404, {}, "<html>nothing</html>"), UsageError, "is no chat endpoint (404)", "/v1"),
        (
            (400, {}, json.dumps({"error": "bad"})),
            UsageError,
            "is no chat endpoint (400): bad",
            "/v1",
        ),
        (
            (302, {"Location": "http://127.0.0.1:9/"}, ""),
            UsageError,
            "no chat endpoint (302)",
            "/v1",
        ),
        ((200, {}, "<html>hello</html>"), DataError, "answers with something else", "/v1"),
        ((200, {}, '{"data": []}'), DataError, "answers with something else", "/v1"),
        ((200, {}, '{"choices": []}'), DataError, "answers with something else", "/v1"),
        ((200, {}, '["x"]'), DataError, "answers with something else", "/v1"),
    ],
)
def test_what_does_not_pass_is_told_in_two_lines_and_not_tried_again(answer, kind, problem, hint):
    with endpoint(by_turns(answer)) as (there, url), pytest.raises(EarmarkError) as error:
        writer_at(url).write("a dog barks")

    assert type(error.value) is kind
    assert problem in error.value.problem
    assert hint in error.value.hint
    assert len(str(error.value).splitlines()) == 2
    assert KEY not in str(error.value)
    assert len(there.asked) == 1


def test_no_key_where_one_is_wanted(monkeypatch):
    monkeypatch.setenv(KEY_FROM, "")
    with (
        endpoint(by_turns(refusal(401, "who are you"))) as (_, url),
        pytest.raises(UsageError, match=f"wants a key .401.: who are you\n.*export {KEY_FROM}="),
    ):
        writer_at(url).write("a dog barks")


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ({"url": ""}, "'' is no address"),
        ({"url": "api.example.org/v1"}, "is no address"),
        ({"url": "file:///etc/passwd"}, "is no address"),
        ({"url": "http://me:word@127.0.0.1/v1"}, "is no address"),
        ({"model": ""}, "no model is named"),
    ],
)
def test_a_wish_that_cannot_be_asked_is_refused_before_anything_is(wish, problem):
    with pytest.raises(UsageError, match=problem):
        writer_at(**{"url": "http://127.0.0.1:9/v1"} | wish)


def test_a_key_that_is_none_is_refused_without_being_told(monkeypatch):
    monkeypatch.setenv(KEY_FROM, "sk-secret\nX-Other: 1")

    with pytest.raises(UsageError, match=KEY_FROM) as error:
        writer_at("http://127.0.0.1:9/v1")
    assert "secret" not in str(error.value)


def test_the_key_is_in_nothing_that_can_be_printed():
    writer = writer_at("http://127.0.0.1:9/v1")

    assert KEY not in repr(writer)
    assert KEY not in writer.name


def test_a_rewrite_depends_on_model_and_count_and_not_on_where_the_model_is():
    names = [
        writer_at("http://a/v1").name,
        writer_at("http://b/v1").name,
        writer_at("http://a/v1", model="n").name,
        writer_at("http://a/v1", count=3).name,
    ]

    assert names[0] == names[1]
    assert len(set(names)) == 3
