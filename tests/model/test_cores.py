"""Work spread over threads comes back in order, whatever their number."""

import os
from threading import current_thread

import pytest

from earmark.model.cores import LEAST, cores, spread


def test_there_is_a_core_and_no_more_than_the_machine_has():
    assert 1 <= cores() <= os.cpu_count()


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
@pytest.mark.parametrize("count", [0, 1, 2 * LEAST - 1, 2 * LEAST, 5 * LEAST + 3])
def test_all_is_done_once_and_in_order(threads, count):
    done = []

    def work(item):
        done.append(item)
        return item * item

    assert spread(work, range(count), threads) == [n * n for n in range(count)]
    assert sorted(done) == list(range(count))


def test_threads_are_used_where_there_is_enough_to_do_and_only_there():
    def names(count):
        return set(spread(lambda _: current_thread().name, range(count), 3))

    assert names(2 * LEAST - 1) == {current_thread().name}
    assert current_thread().name not in names(3 * LEAST)


def test_an_error_in_a_thread_is_raised():
    def work(item):
        return 1 / (item - 20)

    with pytest.raises(ZeroDivisionError):
        spread(work, range(3 * LEAST), 3)
