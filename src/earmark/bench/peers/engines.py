"""Engines for the nearest of many vectors: how each keeps them, opens what it kept, and searches.

As their pages say, with nothing tuned but where the name says so. Each works in a folder of its
own. Heavy imports stand where they are used: a cold start is measured by what it really needs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]
    Search = Callable[[Vectors, int], Sequence[int]]  # [width], how many -> ids, best first

OURS = "earmark"
PROBES, REFINE = 40, 10  # of LanceDB's index; what it takes by itself finds half as many
FEW = 100_000  # moments; more take minutes to build, or seconds to scan


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine, in one of its ways."""

    module: str
    build: Callable[[Vectors, Path], None]  # unit vectors [n, width], an empty folder
    open: Callable[[Path], Search]
    most: int = sys.maxsize  # vectors, with which it is measured

    @property
    def missing(self) -> str:
        """What to do so that it is there; nothing if it is."""
        return "" if find_spec(self.module) else f"no {self.module}: pip install 'earmark[peers]'"


def _build_ours(vectors: Vectors, folder: Path) -> None:
    from contextlib import closing

    from earmark.bench.search import fill, new_store

    with closing(new_store(folder, vectors.shape[1])) as store:
        fill(store, vectors)


def _open_ours(folder: Path) -> Search:
    """Give the recordings with the best moments, which is what a library is asked for."""
    from earmark.library.store.local import LocalStore

    store = LocalStore.open(folder)
    return lambda query, count: [int(one) - 1 for one in store.nearest(query, limit=count).sounds]


def _build_faiss(kind: str, vectors: Vectors, folder: Path) -> None:
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.index_factory(vectors.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[:100_000])
    index.add(vectors)
    faiss.write_index(index, str(folder / "index.faiss"))


def _open_faiss(folder: Path) -> Search:
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.read_index(str(folder / "index.faiss"))
    return lambda query, count: index.search(query[None], count)[1][0].tolist()


def _build_lance(vectors: Vectors, folder: Path) -> Any:  # noqa: ANN401 - a table of lancedb
    import lancedb
    import pyarrow as pa

    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
    rows = pa.table({"id": pa.array(range(len(vectors)), pa.int64()), "vector": column})
    return lancedb.connect(folder).create_table("moments", rows)


def _build_lance_index(vectors: Vectors, folder: Path) -> None:
    from lancedb.index import IvfRq

    _build_lance(vectors, folder).create_index("vector", config=IvfRq(distance_type="dot"))


def _open_lance(folder: Path) -> Search:
    import lancedb

    table = lancedb.connect(folder).open_table("moments")

    def search(query: Vectors, count: int) -> Sequence[int]:
        asked = table.search(query).distance_type("dot").select(["id"]).limit(count)
        found: list[int] = asked.to_arrow()["id"].to_pylist()
        return found

    return search


def _open_lance_index(folder: Path) -> Search:
    import lancedb

    table = lancedb.connect(folder).open_table("moments")

    def search(query: Vectors, count: int) -> Sequence[int]:
        asked = table.search(query).nprobes(PROBES).refine_factor(REFINE).select(["id"])
        found: list[int] = asked.limit(count).to_arrow()["id"].to_pylist()
        return found

    return search


def _build_usearch(kind: str, vectors: Vectors, folder: Path) -> None:
    import numpy as np
    from usearch.index import Index

    index = Index(ndim=vectors.shape[1], metric="cos", dtype=kind)
    index.add(np.arange(len(vectors)), vectors)
    index.save(str(folder / "index.usearch"))


def _open_usearch(folder: Path) -> Search:
    from usearch.index import Index

    index = Index.restore(str(folder / "index.usearch"), view=True)
    assert index is not None  # noqa: S101 - it was built here
    return lambda query, count: index.search(query, count).keys.tolist()


ENGINES = {
    OURS: Engine("earmark.bench.search", _build_ours, _open_ours),
    "faiss Flat": Engine("faiss", partial(_build_faiss, "Flat"), _open_faiss),
    "faiss SQ8": Engine("faiss", partial(_build_faiss, "SQ8"), _open_faiss),
    "LanceDB flat": Engine("lancedb", _build_lance, _open_lance, FEW),
    f"LanceDB IVF_RQ, {PROBES} probes, refined": Engine(
        "lancedb", _build_lance_index, _open_lance_index
    ),
    "usearch f16": Engine("usearch", partial(_build_usearch, "f16"), _open_usearch, FEW),
    "usearch i8": Engine("usearch", partial(_build_usearch, "i8"), _open_usearch, FEW),
}
