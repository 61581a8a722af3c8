"""`library/channel.py`: order, room, and that closing it lets everybody go."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from earmark.library.channel import Channel, ClosedError


def test_what_is_put_in_first_comes_out_first():
    channel = Channel(content=[3, 1])
    channel.put(2)
    assert [channel.get(), channel.get(), channel.get()] == [3, 1, 2]


def test_what_is_put_ahead_comes_out_first_whatever_the_room():
    channel = Channel(room=1, content=[3])
    channel.put_first(5)
    assert [channel.get(), channel.get()] == [5, 3]


def test_nothing_comes_out_of_an_empty_one_in_time():
    assert Channel().get_within(0.0) is None
    assert Channel(content=[4]).get_within(0.0) == 4


def test_a_full_one_takes_more_once_something_was_taken():
    channel, tried = Channel(room=2, content=[1, 2]), Event()

    def put():
        tried.set()
        channel.put(3)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(put)
        tried.wait(30)
        assert [channel.get(), channel.get(), channel.get()] == [1, 2, 3]
        done.result(30)


def test_closing_lets_everybody_go_who_waits():
    full, empty = Channel(room=1, content=[1]), Channel()
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(full.put, 2), pool.submit(full.put, 3)]
        waiting += [pool.submit(empty.get), pool.submit(empty.get)]
        full.close()
        empty.close()
        for one in waiting:
            with pytest.raises(ClosedError):
                one.result(30)


def test_a_closed_one_gives_and_takes_nothing():
    channel = Channel(content=[1, 2])
    channel.close()
    for use in (channel.get, channel.check, lambda: channel.get_within(0.0)):
        with pytest.raises(ClosedError):
            use()
    for put in (channel.put, channel.put_first):
        with pytest.raises(ClosedError):
            put(3)
