"""What the words of a query cost: the text model opened, a sentence read, a shortlist reranked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from time import perf_counter
from types import SimpleNamespace

import numpy as np

from earmark.bench.figure import Figure, in_turn
from earmark.bench.start import wall
from earmark.model.find import DEFAULT
from earmark.model.model import Model

SENTENCES = (
    "rain",
    "a dog barking",
    "someone walks over gravel, then a door is shut",
    "heavy rainfall with distant thunder while a car passes by on a wet road",
)
READ = "from earmark.model.model import Model; Model.load({model!r}).embed_text('a dog barking')"
OPENED = "import numpy, onnxruntime, tokenizers"  # what has to be there before any text model
QUERY_MS, OPEN_MS, JUDGE_MS = 5.0, 300.0, 50.0


def figures(model: str = DEFAULT, runs: int = 9) -> Iterator[Figure]:
    """Read in a fresh process, read one sentence after another, judge a whole shortlist."""
    opened = Model.load(model)
    yield _cold(model, runs)
    yield _warm(opened, runs)
    if opened.page.rerank:
        yield _judged(opened, opened.page.rerank.candidates, runs)


def _cold(model: str, runs: int) -> Figure:
    """What a process that reads one sentence takes beyond one that only imports."""
    ours = partial(wall, ["-c", READ.format(model=str(model))])
    pair = in_turn(ours, partial(wall, ["-c", OPENED]), runs=runs)
    beyond = (pair.ours - pair.ours / pair.ratio) * 1000
    return Figure(
        part="words", what="open the text model, read one", value=beyond, unit="ms",
        ratio=pair.ratio, peer="numpy, onnxruntime, tokenizers",
        budget=f"under {OPEN_MS:g} ms", met=beyond < OPEN_MS,
    )  # fmt: skip


def _warm(model: Model, runs: int) -> Figure:
    took = median(_seconds(lambda: [model.embed_text(one) for one in SENTENCES], runs))
    each = took * 1000 / len(SENTENCES)
    return Figure(
        part="words", what="read a sentence", value=each, unit="ms",
        budget=f"under {QUERY_MS:g} ms", met=each < QUERY_MS,
    )  # fmt: skip


def _judged(model: Model, candidates: int, runs: int) -> Figure:
    """Judge as many sounds as a search does, each of as many seconds."""
    assert model.page.rerank is not None  # noqa: S101 - who calls has looked
    count = round(model.page.rerank.seconds / model.page.seconds.token)
    rng = np.random.default_rng(0)
    sounds = [
        SimpleNamespace(tokens=rng.standard_normal((count, model.width), dtype=np.float32))
        for _ in range(candidates)
    ]
    took = median(_seconds(lambda: model.judge(SENTENCES[-1], sounds), runs)) * 1000
    return Figure(
        part="words", what=f"rerank {candidates} sounds", value=took, unit="ms",
        budget=f"under {JUDGE_MS:g} ms", met=took < JUDGE_MS,
    )  # fmt: skip


def _seconds(work: Callable[[], object], runs: int) -> list[float]:
    """Time it some times, after once that does not count."""
    took = []
    for _ in range(runs + 1):
        began = perf_counter()
        work()
        took.append(perf_counter() - began)
    return took[1:]
