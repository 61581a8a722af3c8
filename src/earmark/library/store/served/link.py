"""The line to a server: calls that are tried again while it cannot be reached, and errors in words.

Every call may be made twice without harm: rows are written under keys that are never given to
others, so that a row whose answer was lost is there twice, alike, and counts once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from earmark.errors import EarmarkError, require

STRONG = "Strong"  # the consistency of collections, and of reads that must see all
CONNECT = 5.0  # seconds until a server is said not to be there
PATIENCE = 30.0  # seconds in which a lost one may come back
LONG = 600.0  # seconds for what reads or writes a whole collection
BYTES = 16_000_000  # of one message; servers take 64 MB
PAGE = 1_000  # rows of one answer
KEYS = 2_000  # rows asked for by their keys at once; of one that is there twice, both count ...
MOST = 16_384  # ... in the most that a server gives
PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0)  # seconds between tries; the last one again and again
BUILDING = 3_600.0  # seconds for a graph: one of millions takes a small machine long
EXACT = 4_096  # moments; so few are passed over exactly where they are in no graph
DELETES = "L0"  # the level of what holds no rows, but says which are gone
LOOK = 0.5  # seconds between looks at what a server does
EF, MOST_EF = 2_048, 32_768  # how far a graph is walked, measured in docs/served.md
# What servers say while they start, or while their parts find each other again.
PASSING = (
    "not ready", "unavailable", "not available", "not loaded", "no available", "not found node",
    "connect", "delegator", "offline", "timeout", "not serving", "retry", "node not match",
    "deadline", "channel", "not healthy", "standby", "initializing", "abnormal",
)  # fmt: skip
DENIED = ("auth", "permission", "credential")

WIRE = {"grpc.initial_reconnect_backoff_ms": 100, "grpc.max_reconnect_backoff_ms": 1_000}
Row = dict[str, Any]


class LostError(EarmarkError):
    """A server cannot be reached, or cannot do what it should."""


class Link:
    """One connection; many threads may use it."""

    def __init__(self, uri: str, token: str = "", *, patience: float = PATIENCE) -> None:
        require("pymilvus", extra="scale")
        from pymilvus import MilvusClient

        logging.getLogger("pymilvus").setLevel(logging.CRITICAL + 1)  # errors are told by us
        self.uri, self._patience = uri, patience
        try:
            self._client = MilvusClient(
                uri=uri, token=token, timeout=CONNECT, dedicated=True, grpc_options=WIRE
            )
            self.version = str(self._client.get_server_version(timeout=CONNECT))
        except Exception as error:  # the client raises what gRPC does, and its own
            raise self._told(error) from error

    @property
    def has_graphs(self) -> bool:
        """Whether its graphs are worth it; those of Milvus Lite are made anew at each start."""
        return "lite" not in self.version or self.version.startswith("v")

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    # collections

    def collections(self) -> list[str]:
        """Name all collections."""
        return list(self._try("list_collections"))

    def make(self, name: str, schema: object, index: object) -> None:
        """Make a collection that can be searched at once, unless it is there."""
        if not self._try("has_collection", name):
            self._try(
                "create_collection", name, schema=schema, num_shards=1, consistency_level=STRONG
            )
        if not self._try("list_indexes", name):
            self._try("create_index", name, index, seconds=LONG)
        self.load(name)

    def load(self, name: str) -> None:
        """Have a collection in the server's memory."""
        if "Loaded" not in str(self._try("get_load_state", name)):
            self._try("load_collection", name, seconds=LONG)

    def drop(self, name: str) -> None:
        """Remove a collection."""
        self._try("drop_collection", name)

    # rows

    def insert(self, name: str, rows: Sequence[Row], width: int) -> None:
        """Write rows of about so many bytes each, a few messages if they are many."""
        step = max(1, BYTES // max(1, width))
        for at in range(0, len(rows), step):
            self._try("insert", name, list(rows[at : at + step]))

    def settle(self, name: str) -> None:
        """Let rows that were written go into the graph now, and wait until it is asked.

        They were safe before, but until then a server looks among them by a rough index of its
        own, and misses every fifth of the ten best.
        """
        self._try("flush", name, seconds=LONG)
        if self.has_graphs:
            with suppress(LostError):  # who may not look at segments does not wait for them
                self._wait_for_graph(name, time.monotonic() + BUILDING)

    def upsert(self, name: str, row: Row) -> None:
        """Write a row in place of the one with its key."""
        self._try("upsert", name, [row])

    def delete(self, name: str, condition: str) -> None:
        """Delete the rows that meet a condition."""
        self._try("delete", name, filter=condition, seconds=LONG)

    def query(
        self, name: str, condition: str, fields: Sequence[str], level: str, page: int = PAGE
    ) -> list[Row]:
        """Give the rows that meet a condition, a page at most, by their keys."""
        found = self._query(name, condition, fields, level, limit=page)
        return sorted(found, key=lambda row: int(row["id"]))

    def rows(
        self, name: str, keys: Sequence[int], fields: Sequence[str], level: str
    ) -> dict[int, Row]:
        """Give the rows with these keys, as far as they are there."""
        out: dict[int, Row] = {}
        for at in range(0, len(keys), KEYS):
            some = ", ".join(map(str, keys[at : at + KEYS]))
            found = self._query(name, f"id in [{some}]", fields, level, limit=MOST)
            out.update((int(row["id"]), row) for row in found)
        return out

    def after(  # noqa: PLR0913 - a query has these parts
        self,
        name: str,
        start: int,
        fields: Sequence[str],
        level: str,
        condition: str = "",
        page: int = PAGE,
    ) -> Iterator[Row]:
        """Give all rows whose keys are greater than one, by their keys, a page at a time."""
        more = f" and {condition}" if condition else ""
        while True:
            rows = self.query(name, f"id > {start}{more}", fields, level, page)
            yield from rows
            if len(rows) <= page // 2:  # of rows that are there twice, both count
                return
            start = int(rows[-1]["id"])

    def nearest(
        self, name: str, query: Sequence[float], limit: int, condition: str, level: str
    ) -> list[Row]:
        """Give keys and scores of the nearest rows, best first."""
        found = self._try(
            "search",
            name,
            data=[query],
            limit=limit,
            filter=condition,
            search_params={"metric_type": "IP", "params": {"ef": min(MOST_EF, max(EF, 2 * limit))}},
            consistency_level=level,
        )
        return list(found[0])

    # inside

    def _wait_for_graph(self, name: str, until: float) -> None:
        while time.monotonic() < until:
            kept = self._try("list_persistent_segments", name)
            rows = [one for one in kept if one.level_name != DELETES]
            large = {one.segment_id for one in rows if one.num_rows > EXACT}
            parts = self._try("list_loaded_segments", name)
            if large <= {one.segment_id for one in parts if one.index_name}:
                return
            time.sleep(LOOK)

    def _query(
        self, name: str, condition: str, fields: Sequence[str], level: str, *, limit: int
    ) -> list[Row]:
        found = self._try(
            "query",
            name,
            filter=condition,
            output_fields=["id", *fields],
            limit=limit,
            consistency_level=level,
        )
        return list(found)

    def _try(self, what: str, *values: Any, seconds: float = 0.0, **named: Any) -> Any:  # noqa: ANN401
        """Call the client until it is done, or until patience is at an end."""
        call = getattr(self._client, what)
        until, tries = time.monotonic() + self._patience, 0
        while True:
            try:
                left = max(1.0, until - time.monotonic())
                return call(*values, timeout=max(seconds, left), **named)
            except Exception as error:
                if not _passes(error) or time.monotonic() >= until:
                    raise self._told(error) from error
            time.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1

    def _told(self, error: Exception) -> LostError:
        text = " ".join(str(getattr(error, "message", "") or error).split())
        if any(word in _words(error) for word in DENIED):
            return LostError(
                f"the server {self.uri} does not let us in",
                hint="set EARMARK_MILVUS_TOKEN, or EARMARK_MILVUS_USER and EARMARK_MILVUS_PASSWORD",
            )
        if _passes(error):
            return LostError(
                f"the server {self.uri} cannot be reached",
                hint="see whether it runs, and whether the address is right; what was finished is "
                "kept, and the same command goes on from there",
            )
        return LostError(
            f"the server {self.uri} could not do what was asked: {text[:300]}",
            hint="see docs/served.md for the versions that are known to work, and its log",
        )


def _passes(error: Exception) -> bool:
    """Whether an error may be gone a moment later."""
    words = _words(error)
    return any(word in words for word in PASSING) and not any(word in words for word in DENIED)


def _words(error: BaseException | None) -> str:
    """What an error says, and those that it came from, of which some come from themselves."""
    said: list[str] = []
    while error is not None and str(error) not in said:
        said.append(str(error))
        error = error.__cause__ or error.__context__
    return " ".join(said).lower()
