"""The same CLAP weights through `earmark.Model`, and through `ClapProcessor` and `ClapModel`.

From a wave at 48 kHz, or a sentence, to vectors as arrays of numpy. One clip at a time, eight at
once on one thread, eight at once on all cores: torch shares a batch among its threads, earmark
gives each thread a clip, as `earmark index` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from earmark.bench.figure import Figure
from earmark.bench.peers.given import RATE, Given
from earmark.bench.peers.published import Weights
from earmark.bench.peers.turns import beside, in_turns, seconds
from earmark.bench.stock import SENTENCES, SOUNDS
from earmark.model.cores import cores
from earmark.model.model import Model
from earmark.model.pool import Vectors
from earmark.synth import make
from earmark.types import Samples

SECONDS = 10.0
BATCH = 8
WEIGHTS: tuple[Weights, ...] = ("float32", "int8")
PEER = "ClapProcessor + ClapModel"
MOST, ALIKE = 0.5, 0.999


class Pipeline:
    """What the pages of `transformers` tell people to write."""

    def __init__(self, repository: Path) -> None:
        from transformers import ClapModel, ClapProcessor

        self._model = ClapModel.from_pretrained(repository).eval()
        self._processor = ClapProcessor.from_pretrained(repository)

    def hear(self, waves: Sequence[Samples]) -> Vectors:
        """Give a vector a wave: list of [S] -> [n, width]."""
        given = self._processor(audio=list(waves), sampling_rate=RATE, return_tensors="pt")
        return self._told(self._model.get_audio_features, given)

    def read(self, texts: Sequence[str]) -> Vectors:
        """Give a vector a text: -> [n, width]."""
        given = self._processor(text=list(texts), padding=True, return_tensors="pt")
        return self._told(self._model.get_text_features, given)

    @staticmethod
    def _told(network: Callable[..., Any], given: dict[str, Any]) -> Vectors:
        import torch

        with torch.inference_mode():
            found = network(**given)
        # Since the fifth transformers the vectors are a part of what is given back.
        vectors: Vectors = getattr(found, "pooler_output", found).numpy()
        return vectors


@dataclass(frozen=True, slots=True)
class Task:
    """The same work, done by both."""

    what: str
    items: int
    threads: int
    ours: Callable[[Model], object]
    theirs: Callable[[], object]


def figures(given: Given, runs: int = 9) -> Iterator[Figure]:
    """See that both say the same, then time them."""
    models = {weights: Model.load(given.clap.bundle(weights)) for weights in WEIGHTS}
    pipeline = Pipeline(given.clap.repository)
    waves = [make(kind, 1, seconds=SECONDS, rate=RATE) for kind in list(SOUNDS)[:BATCH]]
    yield from _alike(models, pipeline.hear(waves), waves)
    for task in (*_heard(pipeline, waves), *_read(pipeline, SENTENCES[:BATCH])):
        yield from _timed(task, models, runs)


def _heard(pipeline: Pipeline, waves: list[Samples]) -> Iterator[Task]:
    one, all_of_them = waves[:1], f"clip of 10 s, of {BATCH}"
    yield Task(
        "clip of 10 s, alone, 1 thread", 1, 1,
        lambda model: model.embed_audio(one, rate=RATE), lambda: pipeline.hear(one),
    )  # fmt: skip
    yield Task(
        f"{all_of_them}, 1 thread", BATCH, 1,
        lambda model: model.embed_audio(waves, rate=RATE), lambda: pipeline.hear(waves),
    )  # fmt: skip
    if cores() > 1:
        yield Task(
            f"{all_of_them}, {cores()} threads", BATCH, cores(),
            lambda model: _each_in_a_thread(model, waves), lambda: pipeline.hear(waves),
        )  # fmt: skip


def _read(pipeline: Pipeline, texts: Sequence[str]) -> Iterator[Task]:
    yield Task(
        "sentence, alone, 1 thread", 1, 1,
        lambda model: model.embed_text(texts[:1]), lambda: pipeline.read(texts[:1]),
    )  # fmt: skip
    yield Task(
        f"sentence, of {BATCH}, 1 thread", BATCH, 1,
        lambda model: model.embed_text(texts), lambda: pipeline.read(texts),
    )  # fmt: skip


def _timed(task: Task, models: dict[Weights, Model], runs: int) -> Iterator[Figure]:
    things: dict[str, Callable[[], float]] = {
        one: partial(seconds, partial(task.ours, model)) for one, model in models.items()
    }
    with torch_threads(task.threads):
        took = in_turns(things | {PEER: partial(seconds, task.theirs)}, runs=runs)
    for weights in models:
        figure = beside(
            took[weights], took[PEER], scale=1000 / task.items,
            part="clap", what=f"{task.what}, {weights}", unit="ms", peer=PEER,
        )  # fmt: skip
        yield judged(figure) if "clip of 10 s, alone" in task.what else figure


def judged(figure: Figure) -> Figure:
    """Hold a figure against the budget."""
    assert figure.ratio is not None  # noqa: S101 - both were measured
    return replace(figure, budget=f"at most {MOST:g} times", met=figure.ratio <= MOST)


def _alike(models: dict[Weights, Model], wanted: Vectors, waves: list[Samples]) -> Iterator[Figure]:
    """A comparison of speed says nothing unless both give the same vectors."""
    for weights, model in models.items():
        found = model.embed_audio(waves, rate=RATE)
        cosine = float((found * wanted).sum(axis=1).min())
        yield Figure(
            part="clap", what=f"cosine of both, lowest of {len(waves)} sounds, {weights}",
            value=cosine, unit="", peer=PEER, budget=f"at least {ALIKE:g}", met=cosine >= ALIKE,
        )  # fmt: skip


def _each_in_a_thread(model: Model, waves: list[Samples]) -> object:
    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(lambda wave: model.embed_audio(wave, rate=RATE), waves))


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Let torch use so many threads for a while."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
