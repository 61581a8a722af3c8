"""The log of a served library by itself: which rows count, and what becomes of the others."""

import pytest

from earmark.errors import UsageError
from earmark.library.store.served.address import Address, credentials
from earmark.library.store.served.log import (
    ANEW,
    MOST,
    NONE,
    WITHIN,
    Follower,
    chain,
    first_of,
    rows_of,
)
from earmark.library.store.served.sweep import gaps


def row(epoch, place, base=WITHIN, more=0, body='"x"'):
    return {"id": first_of(epoch) + place, "base": base, "more": more, "body": body}


def key(epoch, place):
    return first_of(epoch) + place


def test_an_entry_of_any_length_and_any_signs_comes_back():
    entry = {"op": "keep", "path": "caf\udce9 \u0439" * 20_000}
    rows = rows_of(entry, key(3, 5), base=key(2, 1))
    assert len(rows) > 2
    assert max(len(one["body"].encode()) for one in rows) <= MOST
    follower = Follower(key(2, 1))
    follower._at = key(3, 4)
    first, *rest = rows
    assert list(follower.entries([first])) == []
    assert follower.position == key(2, 1)  # not before all of it is there
    assert list(follower.entries(rest)) == [entry]
    assert follower.position == key(3, 4 + len(rows))


def test_rows_are_followed_as_far_as_they_are_whole():
    follower = Follower(NONE)
    rows = [row(1, 0, base=ANEW), row(1, 1), row(1, 3)]  # the second one is on its way
    assert len(list(follower.entries(rows))) == 2
    assert follower.position == key(1, 1)
    assert not follower.strayed


def test_what_a_stopped_writer_left_of_an_entry_is_passed_over():
    rows = [row(1, 0, base=ANEW), row(1, 1, more=1, body='"half')]
    rows += [row(2, 0, base=key(1, 0)), row(2, 1)]
    follower = Follower(NONE)
    assert list(follower.entries(rows)) == ["x", "x", "x"]
    assert follower.position == key(2, 1)


def test_a_row_that_follows_another_one_is_noticed():
    follower = Follower(key(1, 5))
    assert list(follower.entries([row(1, 6), row(2, 0, base=key(1, 5))])) == ["x"]
    assert follower.strayed


def test_rows_of_an_epoch_that_never_began_are_passed_over():
    follower = Follower(key(1, 5))
    rows = [row(2, 1), row(2, 2), row(3, 0, base=key(1, 5))]
    assert len(list(follower.entries(rows))) == 1
    assert follower.position == key(3, 0)


def test_the_chain_is_told_from_its_end():
    bases = {key(1, 0): ANEW, key(2, 0): key(1, 4), key(5, 0): key(1, 9), key(6, 0): key(5, 2)}
    assert chain(bases) == [
        (key(1, 0), key(1, 9)),
        (key(5, 0), key(5, 2)),
        (key(6, 0), None),
    ]
    assert chain({key(1, 0): ANEW, key(7, 0): ANEW}) == [(key(7, 0), None)]
    assert chain({}) == []
    assert chain({key(6, 0): key(5, 2)}) == []  # what it follows is not there


def test_gaps_are_all_that_is_not_held():
    assert list(gaps([(3, 2), (5, 1), (10, 5)], 20)) == [(0, 3), (6, 10), (15, 20)]
    assert list(gaps([], 4)) == [(0, 4)]
    assert list(gaps([(0, 4)], 4)) == []


@pytest.mark.parametrize(
    ("text", "shown", "uri"),
    [
        ("milvus://host/name", "milvus://host:19530/name", "http://host:19530"),
        ("milvus://10.0.0.1:99/a_1/", "milvus://10.0.0.1:99/a_1", "http://10.0.0.1:99"),
        ("milvus+tls://host/n", "milvus+tls://host:19530/n", "https://host:19530"),
        ("milvus://[::1]:7/n", "milvus://[::1]:7/n", "http://[::1]:7"),
    ],
)
def test_an_address_is_read(text, shown, uri):
    address = Address.of(text)
    assert (str(address), address.uri) == (shown, uri)


@pytest.mark.parametrize(
    "text",
    [
        "milvus://host", "milvus:///name", "milvus://host/a/b", "milvus://host/a-b", "s3://host/n",
        "milvus://host:port/n", "milvus://host:99999/n", "milvus://host/n?x=1",
        "milvus://me:secret@host/n", "milvus://host/" + "n" * 65,
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_and_shows_no_secret(text):
    with pytest.raises(UsageError) as caught:
        Address.of(text)
    assert "secret" not in str(caught.value)
    assert caught.value.hint


def test_a_token_goes_before_a_user(monkeypatch):
    for name in ("TOKEN", "USER", "PASSWORD"):
        monkeypatch.delenv(f"EARMARK_MILVUS_{name}", raising=False)
    assert credentials() == ""
    monkeypatch.setenv("EARMARK_MILVUS_USER", "me")
    monkeypatch.setenv("EARMARK_MILVUS_PASSWORD", "a:b")
    assert credentials() == "me:a:b"
    monkeypatch.setenv("EARMARK_MILVUS_TOKEN", "key")
    assert credentials() == "key"
