"""To reach a Ray cluster, so that `Library.index` hears on it.

    with cluster("ray://head:10001") as crew:
        library.index(["s3://bucket/prefix"], crew=crew)

Where a cluster is:

- `ray://HOST:PORT`: elsewhere, by the port that `ray start --head` opens for clients (10001);
- `auto`: this machine belongs to it (RAY_ADDRESS names it, if there are several);
- `local`: nowhere yet; this machine alone becomes one, for as long as the run takes.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from earmark.errors import EarmarkError, UsageError, require
from earmark.model.cores import cores

if TYPE_CHECKING:
    from earmark.library.index import Crew

AWAY = re.compile(r"ray://(?P<host>[^/:]+|\[[^]]+\]):(?P<port>\d{1,5})")
TRIES = 2  # the first client of a fresh head often meets a server of Ray's that did not start
SOON = 5.0  # seconds in which a machine must take a call
MEMORY = 256 << 20  # bytes of this machine's memory for what travels, where it alone is the cluster


@contextmanager
def cluster(on: str) -> Iterator[Crew]:
    """Reach a cluster, give what hears files on it, and let go of it."""
    require("ray", extra="scale")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody
    import ray

    from earmark.scale.driver import run

    options = _options(on)
    try:
        _reach(options)
    except (OSError, RuntimeError, ValueError) as error:
        raise _unreached(on, error) from error
    try:
        yield run
    except Exception as error:
        if _is_loss(error):
            raise _lost(on, error) from error
        raise
    finally:
        ray.shutdown()


def _reach(options: dict[str, object]) -> None:
    import ray

    for left in reversed(range(TRIES)):
        with warnings.catch_warnings(action="ignore"):  # what is warned of comes as an error too
            try:
                ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
                return
            except ConnectionAbortedError:
                if not left:
                    raise


def _options(on: str) -> dict[str, object]:
    """Turn what a person wrote into what Ray takes, or say what is wrong with it."""
    if on == "local":
        return {
            "address": "local",
            "num_cpus": cores(),
            "include_dashboard": False,
            "object_store_memory": MEMORY,
            "_node_ip_address": "127.0.0.1",
        }
    if on == "auto":
        _call(on, *_own())
        return {"address": "auto"}
    found = AWAY.fullmatch(on)
    if not found:
        raise UsageError(
            f"{on!r} is no cluster",
            hint="give ray://HOST:10001, auto (this machine belongs to one), or local (it alone)",
        )
    _call(on, found["host"].strip("[]"), int(found["port"]))
    return {"address": on}


def _own() -> tuple[str, int]:
    """Where the head is of the cluster that this machine belongs to."""
    from ray._private.services import canonicalize_bootstrap_address  # nothing public tells it

    try:
        host, _, port = str(canonicalize_bootstrap_address("auto")).rpartition(":")
    except (OSError, ValueError) as error:
        raise _unreached("auto", error) from error
    return host.strip("[]"), int(port)


def _call(on: str, host: str, port: int) -> None:
    """Raise if nobody answers there; Ray itself would try for minutes."""
    try:
        socket.create_connection((host, port), SOON).close()
    except (OSError, OverflowError) as error:
        raise _unreached(on, error) from error


def _is_loss(error: Exception) -> bool:
    """Whether the cluster as a whole went; what a worker did wrong is something else."""
    import grpc
    import ray

    if isinstance(error, ray.exceptions.RayTaskError):
        return False
    return isinstance(error, ConnectionError | grpc.RpcError | ray.exceptions.RayError)


def _lost(on: str, error: Exception) -> EarmarkError:
    return EarmarkError(
        f"the cluster {on} was lost: {type(error).__name__}",
        hint="what was finished is kept: start the cluster again, and give the same command",
    )


def _unreached(on: str, error: Exception) -> EarmarkError:
    first = (str(error).strip().splitlines() or [type(error).__name__])[0].split(". ")[0]
    return EarmarkError(
        f"the cluster {on} cannot be reached: {first}",
        hint="see that it runs (ray status), by the same version of Ray; if it asks for a token, "
        "set RAY_AUTH_MODE=token; see docs/cluster.md",
    )
