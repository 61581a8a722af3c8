"""The networks of a bundle, each as plain arrays in and out.

On the processor one item at a time goes through a network, on one thread, so that nothing beside it
can change a bit of the answer; many cores are used by many such calls. A graphics card gets several
windows at once, always as many (`device.py`). Sessions may be shared between threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as faults
from tokenizers import Tokenizer

from earmark.errors import EarmarkError, UsageError
from earmark.model.cores import spread
from earmark.model.device import CPU, Device
from earmark.model.page import AUDIO, RERANK, TEXT, TOKENIZER, Page
from earmark.model.pool import Heard, Vectors, Weights

if TYPE_CHECKING:
    from earmark.audio.chunk import Stretch
    from earmark.model.stretches import Plan, Window

Array = npt.NDArray[Any]
FAULTS = (
    faults.Fail,
    faults.InvalidArgument,
    faults.InvalidGraph,
    faults.InvalidProtobuf,
    faults.NotImplemented,
    faults.RuntimeException,
)


class Network:
    """One graph; what it takes and gives is checked before it runs."""

    def __init__(
        self, name: str, graph: bytes, takes: set[str], gives: set[str], device: Device = CPU
    ) -> None:
        self._session, self.device = _opened(name, graph, device)
        self._name = name
        self.gives = {node.name: node.shape for node in self._session.get_outputs()}
        self._takes = {node.name: node.shape for node in self._session.get_inputs()}
        if set(self._takes) != takes:
            raise wrong_graph(name, f"it takes {_names(self._takes)}, not {_names(takes)}")
        if missing := gives - set(self.gives):
            raise wrong_graph(name, f"it gives {_names(self.gives)}, but not {_names(missing)}")

    def expect(self, shapes: dict[str, tuple[int | None, ...]]) -> None:
        """Refuse a graph whose inputs or outputs have other shapes; None is any length."""
        for node, wanted in shapes.items():
            found = (self._takes | self.gives)[node]
            fits = len(found) == len(wanted) and all(
                size in (None, told) or not isinstance(told, int)
                for size, told in zip(wanted, found, strict=True)
            )
            if not fits:
                raise wrong_graph(self._name, f"{node} is {_shape(found)}, not {_shape(wanted)}")

    def run(self, outputs: list[str], inputs: dict[str, Array]) -> list[Array]:
        """Run one item: arrays without a batch axis in, and out."""
        return [array[0] for array in self.run_batch(outputs, _side_by_side([inputs]))]

    def run_each(self, outputs: list[str], items: Sequence[dict[str, Array]]) -> list[list[Array]]:
        """Run items as many at a time as the device wants; the last batch is filled with copies."""
        size, found = self.device.batch, list[list[Array]]()
        for at in range(0, len(items), size):
            some = list(items[at : at + size])
            filled = some + [some[-1]] * (size - len(some))
            arrays = self.run_batch(outputs, _side_by_side(filled))
            found += [[array[row] for array in arrays] for row in range(len(some))]
        return found

    def run_batch(self, outputs: list[str], batch: dict[str, Array]) -> list[Array]:
        """Run items that lie side by side: arrays [n, ...] in, and out."""
        try:
            found: list[Array] = self._session.run(outputs, batch)
        except FAULTS as error:
            raise wrong_graph(self._name, _first_line(error)) from error
        return found


class Ears:
    """The audio network: a window of sound to the tokens of its stretch."""

    def __init__(self, page: Page, graph: bytes, device: Device = CPU) -> None:
        from earmark.model.stretches import Plan  # here: who only reads words cuts no sound

        self._fronts, self._plan, self._width = page.fronts, Plan.of(page), page.width
        self._outputs = ["tokens", "weight", *(["classes"] if page.classes else [])]
        takes = {front.input for front in page.fronts}
        self._network = Network(AUDIO, graph, takes, set(self._outputs), device)
        self.device = self._network.device  # the processor, if the other one did not start
        shapes: dict[str, tuple[int | None, ...]] = {
            front.input: (1, *front.shape) for front in page.fronts
        }
        shapes |= {"tokens": (1, None, page.width), "weight": (1, None)}
        if page.classes:
            shapes["classes"] = (1, len(page.classes))
        self._network.expect(shapes)
        self._check_length(page)

    def _check_length(self, page: Page) -> None:
        """Refuse tokens that do not cover the stretch."""
        count = self._network.gives["tokens"][1]
        plan = self._plan
        least = plan.before + round(page.seconds.stretch * plan.rate)
        if not isinstance(count, int) or not least <= count * plan.token <= plan.samples:
            raise wrong_graph(
                AUDIO, f"{count} tokens of {page.seconds.token} s do not fit its times"
            )

    def hear(self, windows: Sequence[Window]) -> list[Heard]:
        """Hear some stretches."""
        inputs = [{front.input: front.make(one.wave) for front in self._fronts} for one in windows]
        found = self._network.run_each(self._outputs, inputs)
        return [self._heard(window, *arrays) for window, arrays in zip(windows, found, strict=True)]

    def _heard(self, window: Window, tokens: Vectors, weights: Weights, *classes: Array) -> Heard:
        kept, spans = tokens_of(window.stretch, len(tokens), self._plan)
        if window.repeated:
            tokens = moved(tokens, weights, kept)
        return Heard(
            window.stretch.moment(self._plan.rate),
            tokens[kept],
            weights[kept],
            spans / self._plan.rate,
            classes[0] if classes else np.zeros(0, np.float32),
        )


def moved(tokens: Vectors, weights: Weights, kept: slice) -> Vectors:
    """Move all tokens alike, so that the mean of the kept ones is what was that of all.

    A model that learned from repeated sounds means their copies too: [T, width], [T] -> [T, width].
    """
    whole, part = (
        np.einsum("t,tw->w", weights[of], tokens[of], dtype=np.float64)
        / weights[of].sum(dtype=np.float64)
        for of in (slice(None), kept)
    )
    made: Vectors = (tokens + (whole - part)).astype(np.float32)
    return made


def tokens_of(stretch: Stretch, count: int, plan: Plan) -> tuple[slice, npt.NDArray[np.int64]]:
    """Tell which of a window's tokens are the stretch's, and what they stand for, in samples.

    Those whose centre lies in it, or for a short sound the one nearest to its middle. What a token
    stands for ends with the stretch: -> slice, [kept, 2].
    """
    starts = stretch.start - plan.before + plan.token * np.arange(count)
    twice = 2 * starts + plan.token  # twice the centre, which may lie between two samples
    first, last = np.searchsorted(twice, (2 * stretch.start, 2 * stretch.stop))
    if first == last:
        first = np.abs(twice - (stretch.start + stretch.stop)).argmin()
        last = first + 1
    kept = slice(int(first), int(last))
    spans = np.stack([starts[kept], starts[kept] + plan.token], axis=1)
    return kept, np.clip(spans, stretch.start, stretch.stop)


class Words:
    """Tokenizer and text network: a sentence to its gist and tokens."""

    def __init__(self, page: Page, tokenizer: bytes, graph: bytes, longest: int) -> None:
        self._tokenizer = open_tokenizer(tokenizer, longest)
        self._network = Network(TEXT, graph, {"ids", "mask"}, {"gist", "tokens"})
        self._network.expect({"gist": (1, page.width), "tokens": (1, None, page.width)})

    def read(self, text: str) -> tuple[Vectors, Vectors]:
        """Read one sentence: -> gist [width], tokens [L, width]."""
        ids = encoded(self._tokenizer, text)
        gist, tokens = self._network.run(
            ["gist", "tokens"], {"ids": ids, "mask": np.ones(len(ids), np.bool_)}
        )
        return gist, tokens


class Judge:
    """The network that sees both sides: how well one sentence fits one stretch of sound."""

    def __init__(self, graph: bytes) -> None:
        takes = {"text", "text_mask", "audio", "audio_mask"}
        self._network = Network(RERANK, graph, takes, {"scores"})

    def score(self, text: Vectors, audio: Vectors) -> float:
        """Score tokens against tokens: [L, width], [T, width] -> higher is better."""
        inputs = {
            "text": text,
            "text_mask": np.ones(len(text), np.bool_),
            "audio": audio,
            "audio_mask": np.ones(len(audio), np.bool_),
        }
        return float(self._network.run(["scores"], inputs)[0])

    def scores(self, text: Vectors, audios: Sequence[Vectors]) -> list[float]:
        """Score tokens against those of many sounds, on all cores: each is scored by itself."""
        return spread(partial(self.score, text), audios)


def wrong_graph(name: str, problem: str) -> EarmarkError:
    """Make the error for a file whose hash is right, but which is not what the page says."""
    return EarmarkError(f"{name} cannot be run: {problem}", hint="export the bundle again")


def open_tokenizer(content: bytes, longest: int) -> Tokenizer:
    """Open a `tokenizer.json`; a text ends after so many ids."""
    try:
        found = Tokenizer.from_buffer(content)
    except Exception as error:  # tokenizers raises nothing more special
        raise wrong_graph(TOKENIZER, str(error)) from error
    found.no_padding()
    found.enable_truncation(longest)
    return found


def encoded(tokenizer: Tokenizer, text: str) -> npt.NDArray[np.int64]:
    """Turn a text into ids: -> [L]; raise if there is nothing in it."""
    ids = np.array(tokenizer.encode(text).ids, np.int64)
    if not len(ids):
        raise UsageError(
            f"there is nothing in {text!r} that the model can read",
            hint="describe a sound in plain words",
        )
    return ids


def _opened(name: str, graph: bytes, device: Device) -> tuple[ort.InferenceSession, Device]:
    """Open a graph on a device, or on the processor where that one does not start."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3  # errors; they come as exceptions
    try:
        if device.is_there:
            session = ort.InferenceSession(graph, options, device.providers())
            if session.get_providers()[0] == device.provider:
                return session, device
        return ort.InferenceSession(graph, options, CPU.providers()), CPU
    except FAULTS as error:
        raise wrong_graph(name, _first_line(error)) from error


def _side_by_side(items: Sequence[dict[str, Array]]) -> dict[str, Array]:
    """Put the arrays of some items into one of each name: -> [n, ...]."""
    return {name: np.stack([one[name] for one in items]) for name in items[0]}


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _shape(sizes: Iterable[object]) -> str:
    return f"[{', '.join(str(size) if isinstance(size, int) else 'any' for size in sizes)}]"
