"""What a library is on a server: the names of its collections, their columns, their indexes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from earmark.library.nouns import Identity
from earmark.library.store.served.blocks import bytes_a_token
from earmark.library.store.served.link import Link
from earmark.library.store.volume import Extent

A_MOMENT = 8 + 8 + 8 + 8  # bytes beside the float32 of its vector: key, sound, times
TEXT = 65_535  # bytes of a text field, the most that servers take
Index = tuple[str, dict[str, Any]]
Column = tuple[str, str, dict[str, Any]]
FLAT: Index = (
    "FLAT",
    {},
)  # a collection that is asked by keys alone must have a vector and an index too
GRAPH: Index = ("HNSW", {"M": 16, "efConstruction": 200})


@dataclass(frozen=True, slots=True)
class Names:
    """The collections of one library."""

    log: str
    moments: str
    tokens: str

    @classmethod
    def of(cls, name: str, identity: Identity) -> Names:
        """Those for the vectors of a model."""
        base = f"earmark_{name}"
        model = f"{base}_{identity.digest[:8]}"
        return cls(log_of(name), f"{model}_moments", f"{model}_tokens")


def log_of(name: str) -> str:
    """The collection that says of which model a library is, and all else."""
    return f"earmark_{name}_log"


def bytes_of(held: Extent, width: int) -> int:
    """How much is sent to a server for so many moments and tokens."""
    return held.moments * (4 * width + A_MOMENT) + held.tokens * bytes_a_token(width)


def load(link: Link, names: Names) -> None:
    """Have the collections of a library in the server's memory, where somebody let go of them."""
    for name in (names.log, names.moments, names.tokens):
        link.load(name)


def make(link: Link, names: Names, width: int) -> None:
    """Make what is not there yet of a library's collections; one takes seconds, so all at once."""
    log: list[Column] = [
        ("base", "INT64", {}),
        ("more", "INT64", {}),
        ("body", "VARCHAR", {"max_length": TEXT}),
    ]
    blocks: list[Column] = [
        ("first", "DOUBLE", {}),
        ("last", "DOUBLE", {}),
        ("body", "VARCHAR", log[2][2]),
    ]
    moments: list[Column] = [("sound", "INT64", {}), ("start", "DOUBLE", {}), ("end", "DOUBLE", {})]
    asked = (
        (names.log, log, 2, FLAT),
        (names.moments, moments, width, GRAPH if link.has_graphs else FLAT),
        (names.tokens, blocks, 2, FLAT),
    )
    with ThreadPoolExecutor(len(asked)) as pool:
        list(pool.map(lambda one: _make(link, *one), asked))


def _make(
    link: Link,
    name: str,
    columns: list[Column],
    width: int,
    index: Index,
) -> None:
    from pymilvus import DataType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    for column, kind, options in columns:
        schema.add_field(column, getattr(DataType, kind), **options)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=width)
    kind, params = index
    wanted = MilvusClient.prepare_index_params()
    wanted.add_index("vector", index_type=kind, metric_type="IP", params=params)
    link.make(name, schema, wanted)
