"""The served store beside the one in a folder; and indexes of its server beside each other.

    earmark bench served

Vectors are drawn as those of `search.py` are; queries lie off all of them, as those of words do.
The server is the one of `EARMARK_LIBRARY`, or a standalone one of the package `milvus`, if that is
installed. What the benchmark makes there is removed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, sleep
from typing import Any

import numpy as np

from earmark.bench.figure import Figure
from earmark.bench.search import Vectors, drawn, fill, new_store
from earmark.errors import UsageError
from earmark.library.home import VARIABLE
from earmark.library.store.contract import Filter, Ids, Store
from earmark.library.store.local import LocalStore
from earmark.library.store.served import shape
from earmark.library.store.served.address import Address, credentials
from earmark.library.store.served.link import Link
from earmark.library.store.served.store import ServedStore

SIZE, WIDTH, MOMENTS = 100_000, 256, 25
QUERIES, SHORTLIST, BEST = 50, 100, 10
RECALL = 0.99
WAIT = 1_800.0  # seconds for an index
PARTS, DONE = 2_000, "Finished"
SEARCH = f"a search for {SHORTLIST}"
ALL = "the store: of all"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Tried:
    """An index, and how a search by it is told how far to go."""

    kind: str
    made: dict[str, Any]
    asked: str = "ef"
    steps: Sequence[int] = (0,)


TRIED = (
    Tried("HNSW", {"M": 16, "efConstruction": 200}, "ef", (128, 512, 1_024, 2_048)),
    Tried("HNSW", {"M": 32, "efConstruction": 400}, "ef", (128, 512, 1_024)),
    Tried("IVF_FLAT", {"nlist": 1_024}, "nprobe", (16, 128, 512)),
    Tried("IVF_SQ8", {"nlist": 1_024}, "nprobe", (128, 512)),
    Tried("FLAT", {}),
)


def figures(tell: Say, size: int = SIZE) -> Iterator[Figure]:
    """Measure indexes by themselves, then the store as a search asks it."""
    vectors, queries = drawn(size, WIDTH), drawn(QUERIES, WIDTH, seed=1)
    with TemporaryDirectory() as folder, server(Path(folder)) as address:
        yield from _indexes(address, vectors, queries, tell)
        yield from stores(address, vectors, queries, Path(folder))


@contextmanager
def server(folder: Path) -> Iterator[Address]:
    """Give the server that the environment names, or start one."""
    named = os.environ.get(VARIABLE, "")
    if "://" in named:
        yield Address.of(named)
        return
    if find_spec("milvus") is None or find_spec("pymilvus") is None:
        raise UsageError(
            f"{VARIABLE} names no server, and there is none in a package here",
            hint="start one (docs/served.md), or: pip install 'earmark[scale]' milvus",
        )
    from milvus import MilvusServer, MilvusServerConfig

    started = MilvusServer(MilvusServerConfig(data_dir=str(folder / "milvus")))
    started.start()
    try:
        yield Address("127.0.0.1", started.listen_port, "bench")
    finally:
        started.stop()


def _indexes(address: Address, vectors: Vectors, queries: Vectors, tell: Say) -> Iterator[Figure]:
    """Moments by the server alone: build, median of a search, how many of the best it finds."""
    from pymilvus import MilvusClient

    client, name = MilvusClient(uri=address.uri, token=credentials()), "earmark_bench"
    scores = vectors.astype(np.float16).astype(np.float32) @ queries.T
    best = np.argsort(-scores, axis=0)[:SHORTLIST].T.tolist()
    try:
        _put(client, name, vectors)
        for tried in TRIED:
            what = " ".join([tried.kind, *(f"{key} {value}" for key, value in tried.made.items())])
            tell(what)
            yield _figure(f"{what}: build", _built(client, name, tried, len(vectors)), "s")
            for step in tried.steps:
                found, took = _by(client, name, queries, {tried.asked: step} if step else {})
                how = f"{what}, {tried.asked} {step}" if step else what
                yield _figure(f"{how}: a search for {SHORTLIST}", 1000 * took, "ms")
                yield _figure(f"{how}: recall@{SHORTLIST}", 100 * _share(found, best), "%")
            client.release_collection(name)
            client.drop_index(name, "vector")
    finally:
        client.drop_collection(name)
        client.close()


def _put(client: Any, name: str, vectors: Vectors) -> None:  # noqa: ANN401
    from pymilvus import DataType

    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=WIDTH)
    client.create_collection(name, schema=schema, num_shards=1)
    halves = vectors.astype(np.float16).astype(np.float32)
    for at in range(0, len(vectors), PARTS):
        part = halves[at : at + PARTS]
        client.insert(name, [{"id": at + n, "vector": one} for n, one in enumerate(part)])
    client.flush(name)


def _built(client: Any, name: str, tried: Tried, size: int) -> float:  # noqa: ANN401
    """Build an index and have it loaded: -> seconds until it was built."""
    wanted, began = client.prepare_index_params(), monotonic()
    wanted.add_index("vector", index_type=tried.kind, metric_type="IP", params=tried.made)
    client.create_index(name, wanted)
    _wait(client, name, size)
    took = monotonic() - began
    client.load_collection(name)
    return took


def _wait(client: Any, name: str, size: int) -> None:  # noqa: ANN401
    until = monotonic() + WAIT
    while monotonic() < until:
        told = client.describe_index(name, "vector")
        if told.get("state") == DONE and int(told.get("indexed_rows", 0)) >= size:
            return
        sleep(0.2)


def _by(
    client: Any,  # noqa: ANN401
    name: str,
    queries: Vectors,
    asked: dict[str, int],
) -> tuple[list[list[int]], float]:
    """Search: -> what each query found, median of seconds."""
    found, took = [], []
    for query in queries:
        began = perf_counter()
        params = {"metric_type": "IP", "params": asked}
        rows = client.search(
            name, data=[query], limit=SHORTLIST, search_params=params,
            consistency_level="Eventually",
        )  # fmt: skip
        took.append(perf_counter() - began)
        found.append([int(row["id"]) for row in rows[0]])
    return found, median(took)


def stores(address: Address, vectors: Vectors, queries: Vectors, folder: Path) -> Iterator[Figure]:
    """Sounds by both stores: what is found, how soon, and what it takes to write and to open."""
    with closing(new_store(folder / "library", WIDTH)) as local:
        fill(local, vectors, MOMENTS)
        with closing(ServedStore.create(address, local.identity)) as served:
            try:
                yield from _compared(local, served, vectors, queries)
            finally:
                _drop(served)


def _compared(
    local: LocalStore, served: ServedStore, vectors: Vectors, queries: Vectors
) -> Iterator[Figure]:
    began = perf_counter()
    fill(served, vectors, MOMENTS)
    each = (perf_counter() - began) / (len(vectors) / MOMENTS)
    what = f"the store: a recording of {MOMENTS} moments written, and in the server's graph"
    yield _figure(what, 1000 * each, "ms")
    began = perf_counter()
    with closing(ServedStore.open(served.address)) as other:
        yield _figure("the store: opened anew", 1000 * (perf_counter() - began), "ms")
        began = perf_counter()
        other.nearest(queries[0], limit=SHORTLIST)
        yield _figure("the store: its first search", 1000 * (perf_counter() - began), "ms")
    every = local.sounds_of(local.where(Filter()))
    for what, among in (("all", None), ("a third", every[::3]), ("a fiftieth", every[::50])):
        exact, ours = _asked(local, queries, among)
        found, took = _asked(served, queries, among)
        name = f"the store: of {what}, {SEARCH}"
        yield _figure(name, 1000 * took, "ms", ratio=took / ours, peer="the store in a folder")
        for k in (BEST, SHORTLIST):
            share = _share([one[:k] for one in found], [one[:k] for one in exact])
            yield Figure(
                part="served", what=f"the store: of {what}, recall@{k}", value=100 * share,
                unit="%", peer="the store in a folder", budget=f"at least {RECALL:.0%}",
                met=share >= RECALL if k == BEST else None,
            )  # fmt: skip


def _asked(store: Store, queries: Vectors, among: Ids | None) -> tuple[list[list[int]], float]:
    """Ask a store: -> what each query found, median of seconds; the first one does not count."""
    store.nearest(queries[0], limit=SHORTLIST, among=among)
    found, took = [], []
    for query in queries:
        began = perf_counter()
        near = store.nearest(query, limit=SHORTLIST, among=among)
        took.append(perf_counter() - began)
        found.append([int(sound) for sound in near.sounds])
    return found, median(took)


def _share(found: Sequence[Sequence[int]], best: Sequence[Sequence[int]]) -> float:
    """How many of the best were found."""
    pairs = zip(found, best, strict=True)
    return float(np.mean([len({*one} & {*right[: len(one)]}) / len(one) for one, right in pairs]))


def _drop(served: ServedStore) -> None:
    names = shape.Names.of(served.address.name, served.identity)
    with closing(Link(served.address.uri, credentials())) as link:
        for name in (names.log, names.moments, names.tokens):
            link.drop(name)


def _figure(what: str, value: float, unit: str, **more: Any) -> Figure:  # noqa: ANN401
    return Figure(part="served", what=what, value=value, unit=unit, **more)
