"""Search over large libraries, beside a bare pass over the same bytes and beside other engines.

The vectors are drawn: 4,000 directions with noise about them, a hundred moments a recording;
queries lie off all of them, as those of words do. Whether int8 loses answers is measured on real
vectors of the packaged model (`recall`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numkong
import numpy as np
import numpy.typing as npt

from earmark.bench.figure import Figure, in_turn
from earmark.bench.peers.engines import ENGINES
from earmark.bench.start import wall
from earmark.library.nouns import Found, Identity, Place, Said
from earmark.library.packed import Packed, quantise
from earmark.library.store.contract import Store
from earmark.library.store.local import LocalStore
from earmark.library.store.view import volume_folder
from earmark.model.find import DEFAULT, find_bundle
from earmark.model.model import Model
from earmark.model.page import TEXT, TOKENIZER
from earmark.synth import make
from earmark.synth.kinds import KINDS

SIZES = (10_000, 100_000, 1_000_000)
MOMENTS = 100  # of a recording, which lasts four minutes then
CENTRES = 4_000
WIDE = 512  # numbers in a vector, where models are larger than the packaged one
QUERIES = 20
SHORTLIST = 100
EXACT = ("faiss SQ8", "LanceDB flat")
PASS, RECALL = 1.5, 0.99
MOST_COLD = 2.0
NEEDS = """
import numpy, onnxruntime, tokenizers
onnxruntime.InferenceSession({text!r}, providers=["CPUExecutionProvider"])
tokenizers.Tokenizer.from_file({tokenizer!r})
"""
Vectors = npt.NDArray[np.float32]


def figures(sizes: tuple[int, ...] = SIZES, runs: int = 5) -> Iterator[Figure]:
    """Measure warm and cold searches by size, wider vectors, then recall."""
    for size in sizes:
        yield from _of_size(size, None, runs)
    yield from _of_size(sizes[-1], WIDE, runs)
    yield recall()


def _of_size(size: int, width: int | None, runs: int) -> Iterator[Figure]:
    """Measure libraries of the packaged model, or of wider vectors."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "library"
        with closing(new_store(place, width)) as store:
            vectors = drawn(size, store.identity.width)
            fill(store, vectors)
            yield from _warm(store, vectors, Path(folder), runs)
        if width is None:
            yield cold(place, size, runs=2 * runs)


def _warm(store: LocalStore, vectors: Vectors, folder: Path, runs: int) -> Iterator[Figure]:
    size, width = vectors.shape
    what, queries = f"{size:,} moments x {width}", drawn(QUERIES, width, seed=1)
    ours = partial(each, partial(_nearest, store), queries)
    small, rows = quantise(queries), _rows(store, width)
    bare = partial(each, lambda one: numkong.cdist(one[None], rows, "dot"), small[0])
    pair = in_turn(ours, bare, runs=runs)
    yield Figure(
        part="search", what=what, value=1000 * pair.ours, unit="ms", ratio=pair.ratio,
        peer="one pass of the kernel", budget=f"at most {PASS:g} times at 1,000,000",
        met=pair.ratio <= PASS if size >= max(SIZES) else None,
    )  # fmt: skip
    for name, theirs in _peers(vectors, folder):
        pair = in_turn(ours, partial(each, theirs, queries), runs=runs)
        yield Figure(
            part="search", what=what, value=1000 * pair.ours, unit="ms", ratio=pair.ratio,
            peer=name,
        )  # fmt: skip


def drawn(size: int, width: int, seed: int = 0, block: int = 0) -> Vectors:
    """Draw vectors of unit length about some centres, other ones in each block: -> [size, width].

    Those of another seed lie further off the centres.
    """
    centres = np.random.default_rng(99).normal(size=(CENTRES, width)).astype(np.float32)
    rng = np.random.default_rng((seed, block))
    out = np.empty((size, width), np.float32)
    for at in range(0, size, 50_000):
        part = out[at : at + 50_000]
        noise = rng.normal(size=part.shape).astype(np.float32)
        part[:] = centres[rng.integers(CENTRES, size=len(part))] + (0.7 + seed) * noise
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return out


def new_store(folder: Path, width: int | None = None) -> LocalStore:
    """Make a library for the packaged model's vectors, or for vectors of another width."""
    identity = Identity.of(Model.load().page, source=DEFAULT)
    if width is not None:
        identity = replace(identity, model="drawn", digest="0" * 64, width=width)
    return LocalStore.create(folder, identity)


def fill(store: Store, vectors: Vectors, moments: int = MOMENTS, first: int = 0) -> None:
    """Put drawn moments into a library, so many a recording; the first one has a number."""
    with store.writing("earmark bench"):
        for number, at in enumerate(range(0, len(vectors), moments), start=first):
            file = Found(Place(Path("/drawn"), f"{number:07d}.wav"), number, number)
            packed = packed_of(vectors[at : at + moments])
            store.add(file, f"{number:032x}", packed, 2.5 * moments, Said())


def cold(library: Path, size: int, runs: int) -> Figure:
    """A whole `earmark search`, beside importing what it needs and opening the text model."""
    text = find_bundle(DEFAULT) / TEXT
    needs = NEEDS.format(text=str(text), tokenizer=str(text.with_name(TOKENIZER)))
    words = ["-m", "earmark", "search", "rain", "--all", "--library", str(library)]
    pair = in_turn(partial(wall, words), partial(wall, ["-c", needs]), runs=runs)
    return Figure(
        part="search", what=f"earmark search, cold, {size:,} moments", value=1000 * pair.ours,
        unit="ms", ratio=pair.ratio, peer="numpy, onnxruntime, text model",
        budget=f"under {MOST_COLD:g} times at 10,000",
        met=pair.ratio < MOST_COLD if size == min(SIZES) else None,
    )  # fmt: skip


def packed_of(vectors: Vectors) -> Packed:
    """Put drawn moments into the form in which a recording is kept."""
    small, scales = quantise(vectors)
    none = np.zeros(0, np.float32)
    starts = 2.5 * np.arange(len(vectors))
    times = np.stack([starts, starts + 5.0], axis=1)
    return Packed(
        small, scales, vectors.astype(np.float16), times, small[:0], none, none, times[:0]
    )


def _nearest(store: LocalStore, query: Vectors) -> object:
    return store.nearest(query, limit=SHORTLIST)


def _rows(store: LocalStore, width: int) -> npt.NDArray[np.int8]:
    """The bytes that a search passes over."""
    path = volume_folder(store.rows) / "gists.i8"
    return np.asarray(np.memmap(path, np.int8, "r").reshape(-1, width))


def each(search: Callable[[Any], object], queries: npt.NDArray[Any]) -> float:
    """Median seconds of one query."""
    took = []
    for query in queries:
        began = perf_counter()
        search(query)
        took.append(perf_counter() - began)
    return median(took)


def _peers(vectors: Vectors, folder: Path) -> Iterator[tuple[str, Callable[[Any], object]]]:
    """Other engines on the same vectors, those that are installed: exact, nothing to tune."""
    for name in EXACT:
        engine, place = ENGINES[name], folder / name
        if not engine.missing and len(vectors) <= engine.most:
            place.mkdir()
            engine.build(vectors, place)
            yield name, partial(_first_hundred, engine.open(place))


def _first_hundred(search: Callable[[Any, int], object], query: Vectors) -> object:
    return search(query, SHORTLIST)


def recall(per_kind: int = 4) -> Figure:
    """How many of the ten best by float32 int8 keeps, on the packaged model's own vectors."""
    model = Model.load()
    waves = [
        make(kind, seed, seconds=5.0, rate=model.rate) for kind in KINDS for seed in range(per_kind)
    ]
    vectors = model.embed_audio(waves, rate=model.rate)
    queries = model.embed_text([kind.replace("_", " ") for kind in KINDS])
    with TemporaryDirectory() as folder, closing(new_store(Path(folder) / "library")) as store:
        fill(store, vectors, 1)
        found = [store.nearest(query, limit=10).sounds - 1 for query in queries]
    exact = np.argsort(-(queries @ vectors.T), axis=1)[:, :10]
    share = float(np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found, exact, strict=True)]))
    return Figure(
        part="search", what=f"recall@10, {len(waves)} sounds, {len(queries)} queries",
        value=100 * share, unit="%", peer="float32", budget=f"at least {RECALL:.0%}",
        met=share >= RECALL,
    )  # fmt: skip
