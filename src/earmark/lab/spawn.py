"""Start the processes of a crew on this machine, watch them, and end them together.

They run in a session of their own, so that Ctrl-C reaches only who watches; the leader is then
asked once to stop, and the others follow it. On Linux they ask the C library for large pages and to
keep what is freed: a network's tensors come and go by the megabyte, and fresh pages cost a fifth of
the time.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence

from earmark.errors import EarmarkError
from earmark.lab.stop import Stop

MEMORY = (
    "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=33554432:"
    "glibc.malloc.trim_threshold=4294967296:glibc.malloc.top_pad=268435456"
)
STOPPED = 130  # what a shell calls a program that Ctrl-C ended
LOOK_EVERY = 0.1  # seconds
GRACE = 30.0  # seconds for the others, once one has failed


def spawn(arguments: Sequence[str], size: int) -> int:
    """Run `earmark` with these arguments in so many processes: the exit status of the leader."""
    port, crew = _free_port(), list[subprocess.Popen[bytes]]()
    try:
        with Stop() as stop:
            for place in range(size):
                crew.append(_start(arguments, place, size, port))
            _watch(crew, stop)
    finally:
        for one in crew:
            one.kill()
            one.wait()
    status = crew[0].returncode
    if stop.asked and status:  # whatever a leader says that was stopped before it could say it well
        return STOPPED
    return status if status >= 0 else 128 - status  # of a signal, as a shell tells it


def _start(arguments: Sequence[str], place: int, size: int, port: int) -> subprocess.Popen[bytes]:
    threads = os.environ.get("OMP_NUM_THREADS") or str(max(1, (os.cpu_count() or 1) // size))
    told = {
        "RANK": str(place),
        "LOCAL_RANK": str(place),
        "WORLD_SIZE": str(size),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "OMP_NUM_THREADS": threads,
    }
    if sys.platform == "linux":
        told |= {"GLOO_SOCKET_IFNAME": "lo"}
        told |= {"GLIBC_TUNABLES": os.environ.get("GLIBC_TUNABLES", MEMORY)}
    quiet = None if place == 0 else subprocess.DEVNULL
    return subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-m", "earmark", *arguments],
        env=os.environ | told,
        stdout=quiet,
        stderr=quiet,
        start_new_session=True,
    )


def _watch(crew: Sequence[subprocess.Popen[bytes]], stop: Stop) -> None:
    """Wait for the leader; pass a wish to stop on to it, and do not wait where one has failed."""
    passed, until = False, float("inf")
    while crew[0].poll() is None:
        if stop.asked and not passed:
            crew[0].send_signal(signal.SIGINT)
            passed = True
        failed = [place for place, one in enumerate(crew[1:], 2) if one.poll()]
        if failed and not passed and until == float("inf"):
            until = time.monotonic() + GRACE
        if time.monotonic() > until:
            raise EarmarkError(
                f"process {failed[0]} of {len(crew)} has failed, and the others wait for it",
                hint="the same command goes on from its last state; fewer need less memory",
            )
        time.sleep(LOOK_EVERY)


def _free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port: int = made.getsockname()[1]
        return port
