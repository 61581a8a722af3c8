"""Work in threads: bounded, in time, and stopped when nobody waits."""

import asyncio
import threading
import time

import pytest

pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")

from earmark.web.problems import RefusedError
from earmark.web.work import Stop, StoppedError, Workers
from web.shelf import until


@pytest.fixture
def workers():
    made = Workers(1, 2)
    yield made
    made.close()


class Busy:
    """Work that goes on until it is stopped, or let go."""

    def __init__(self):
        self.begun, self.end, self.stopped = threading.Event(), threading.Event(), False

    def __call__(self, stop):
        self.begun.set()
        while not self.end.wait(0.005):
            try:
                stop.check()
            except StoppedError:
                self.stopped = True
                raise
        return "done"


def test_a_result_and_an_error_come_back(workers):
    def fail(_):
        raise KeyError("x")

    assert asyncio.run(workers.do(lambda _: 7, 5.0)) == 7
    with pytest.raises(KeyError):
        asyncio.run(workers.do(fail, 5.0))
    until(lambda: workers.busy == 0)


def test_what_takes_too_long_is_stopped(workers):
    work = Busy()

    with pytest.raises(RefusedError) as error:
        asyncio.run(workers.do(work, 0.05))
    assert error.value.status == 503
    until(lambda: work.stopped)


def test_work_stops_when_the_caller_has_gone(workers):
    work = Busy()

    async def gone():
        while not work.begun.is_set():
            await asyncio.sleep(0.005)

    with pytest.raises(RefusedError) as error:
        asyncio.run(workers.do(work, 30.0, gone))
    assert error.value.status == 408
    until(lambda: work.stopped)


def test_what_was_cancelled_while_it_waited_is_never_begun(workers):
    first, begun = Busy(), []

    async def both():
        one = asyncio.create_task(workers.do(first, 30.0))
        while not first.begun.is_set():
            await asyncio.sleep(0.005)
        other = asyncio.create_task(workers.do(begun.append, 30.0))
        await asyncio.sleep(0.02)
        other.cancel()
        with pytest.raises(asyncio.CancelledError):
            await other
        first.end.set()
        return await one

    assert asyncio.run(both()) == "done"
    until(lambda: workers.busy == 0)
    assert begun == []


def test_a_queue_has_an_end(workers):
    work = [Busy() for _ in range(3)]

    async def many():
        tasks = [asyncio.create_task(workers.do(one, 30.0)) for one in work]
        await asyncio.sleep(0.02)
        with pytest.raises(RefusedError) as error:
            await workers.do(lambda _: 0, 1.0)
        for one in work:
            one.end.set()
        await asyncio.gather(*tasks)
        return error.value.status

    assert asyncio.run(many()) == 503
    until(lambda: workers.busy == 0)


def test_nothing_is_begun_once_it_is_closed(workers):
    workers.close()

    with pytest.raises(RefusedError, match="closing"):
        asyncio.run(workers.do(lambda _: 0, 1.0))
    assert workers.busy == 0


def test_time_that_is_over_stops_as_well():
    stop = Stop(0.01)
    stop.check()
    time.sleep(0.02)

    with pytest.raises(StoppedError):
        stop.check()
