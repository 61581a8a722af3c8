"""Any pair of ONNX graphs, told by a small TOML, as a bundle.

The graphs stay as they are; a few nodes before and behind them turn what a bundle gives and takes
into what they take and give. `docs/models.md` has an example of the file.
"""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import TensorProto, helper
from tokenizers import Tokenizer

from earmark.audio.mel import MelRule
from earmark.errors import DataError, UsageError
from earmark.lab.adopt import Facts, Fill, times_of
from earmark.lab.adopt.around import Around, Shape
from earmark.lab.adopt.write import Origin, page_of, write_adopted
from earmark.lab.proven import SENTENCE
from earmark.model.bundle import Bundle, refuse_old
from earmark.model.page import AUDIO, TEXT, TOKENIZER, LogMel, Wave
from earmark.model.run import FAULTS
from earmark.model.strict import MisfitError, fill

OLDEST = 13  # the opset since which axes are inputs
TIMES = {"nw": 1, "ntw": 1, "nwt": 2}  # what an audio graph gives: the axis of time
Later = {"later": True}  # a key that may be left out
Inputs = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """The audio graph."""

    graph: str  # file
    input: str
    axes: str  # of its input: n items, t frames, b bands, s samples, 1 an axis of one
    output: str
    gives: Literal["nw", "ntw", "nwt"] = field(default="nw", metadata=Later)  # w: width


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The text graph."""

    graph: str
    tokenizer: str
    longest: int
    ids: str = field(default="input_ids", metadata=Later)
    mask: str = field(default="", metadata=Later)  # "": it takes none
    zeros: tuple[str, ...] = field(default=(), metadata=Later)  # inputs that get zeros, as ids
    output: str
    pool: Literal["given", "mean", "first"] = field(default="given", metadata=Later)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """All of the TOML."""

    name: str
    licence: str
    source: str
    front: LogMel | Wave
    audio: Sound
    text: Words
    languages: tuple[str, ...] = field(default=("en",), metadata=Later)
    fill: Fill = field(default="silence", metadata=Later)

    def __post_init__(self) -> None:
        wanted = "ntb" if isinstance(self.front, LogMel) else "ns"
        if sorted(self.audio.axes.replace("1", "")) != sorted(wanted):
            raise UsageError(
                f"audio.axes is {self.audio.axes!r}, and this front end has the axes {wanted}",
                hint="write each once, with 1 for an axis of one",
            )


def adopt_pair(
    path: Path, bundle: Path, weights: Literal["float32", "int8"]
) -> tuple[Bundle, dict[str, float]]:
    """Write the bundle of a pair; return it with what packing cost."""
    refuse_old(bundle)
    pair, folder = read_pair(path), path.parent
    tokenizer = _content(folder / pair.text.tokenizer)
    audio, tokens, width = audio_graph(_load(folder / pair.audio.graph), pair)
    text, read = text_graph(_load(folder / pair.text.graph), pair, _ids(tokenizer, pair))
    if read != width:
        raise DataError(
            f"{path}: {pair.audio.graph} gives {width} numbers and {pair.text.graph} {read}",
            hint="name the outputs of both graphs that lie in one space",
        )
    facts = Facts(
        front=pair.front,
        seconds=times_of(pair.front, tokens),
        width=width,
        longest=pair.text.longest,
        fill=pair.fill,
        languages=pair.languages,
    )
    origin = Origin(name=pair.name, source=pair.source, revision="", licence=None, weights=weights)
    contents = {AUDIO: audio, TEXT: text, TOKENIZER: tokenizer}
    return write_adopted(bundle, page_of(facts, origin, pair.licence), contents, facts)


def read_pair(path: Path) -> Pair:
    """Read the TOML; a key that is unknown, missing or of the wrong kind is named."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        return fill(Pair, told | {"front": _front(told.get("front"))})
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror or error}", hint="name the TOML file that describes the pair"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, MisfitError) as error:
        raise UsageError(
            f"{path}: {error}", hint="docs/models.md says what such a file holds"
        ) from error


def _front(told: object) -> object:
    """Give a front end its name in a bundle and the numbers that it leaves out."""
    if not isinstance(told, dict):
        return told
    if not isinstance(told.get("rule"), dict):
        return {"input": "wave"} | told
    usual = {one.name: one.default for one in fields(MelRule) if one.default is not MISSING}
    return {"input": "logmel"} | told | {"rule": usual | told["rule"]}


def audio_graph(model: onnx.ModelProto, pair: Pair) -> tuple[bytes, int, int]:
    """Give tokens and weights to an audio graph: -> the graph, its tokens, its width."""
    sound, front = pair.audio, pair.front
    kept = sound.axes.replace("1", "")
    order = ["ntb".index(axis) if "b" in kept else "ns".index(axis) for axis in kept]
    ones = [at for at, axis in enumerate(sound.axes) if axis == "1"]
    empty = np.zeros((1, *front.shape), np.float32).transpose(order)
    found = _run(model, sound.output, {sound.input: np.expand_dims(empty, ones)}, sound.graph)
    if found.ndim != len(sound.gives):
        raise _wrong_output(sound.graph, sound.output, found.shape, sound.gives)
    tokens = 1 if sound.gives == "nw" else found.shape[TIMES[sound.gives]]
    width = found.shape[1 if sound.gives != "ntw" else 2]
    if front.samples % tokens:
        raise DataError(
            f"{sound.graph}: {front.samples} samples are not {tokens} equal tokens",
            hint="give it an input of another length, or one output for all of it",
        )
    made = Around(model)
    made.ahead("Transpose", [front.input], "turned", perm=order)
    if ones:
        made.constant("ones", np.array(ones, np.int64))
        made.ahead("Unsqueeze", ["turned", "ones"], "placed")
    made.feed(sound.input, "placed" if ones else "turned")
    made.take(sound.output, "said")
    _tokens(made, sound.gives)
    made.constant("equal", np.ones((1, tokens), np.float32))
    made.constant("all", np.array([1, 2], np.int64))
    made.constant("none", np.zeros(1, np.float32))
    made.behind("Mul", ["tokens", "none"], "zeros")  # for the number of items
    made.behind("ReduceSum", ["zeros", "all"], "zero", keepdims=0)
    made.constant("along", np.array([1], np.int64))
    made.behind("Unsqueeze", ["zero", "along"], "column")
    made.behind("Add", ["column", "equal"], "weight")
    takes = {front.input: (TensorProto.FLOAT, ["n", *front.shape])}
    gives = {"tokens": ["n", tokens, width], "weight": ["n", tokens]}
    return made.whole(takes, gives), tokens, width


def _tokens(made: Around, gives: str) -> None:
    """One vector is brought to unit length; tokens in time stay as they are, for their mean."""
    if gives == "nw":
        made.constant("middle", np.array([1], np.int64))
        made.behind("LpNormalization", ["said"], "unit", axis=1, p=2)
        made.behind("Unsqueeze", ["unit", "middle"], "tokens")
    else:
        perm = [0, 1, 2] if gives == "ntw" else [0, 2, 1]
        made.behind("Transpose", ["said"], "tokens", perm=perm)


def text_graph(model: onnx.ModelProto, pair: Pair, ids: list[int]) -> tuple[bytes, int]:
    """Give a gist and tokens to a text graph: -> the graph, its width."""
    words = pair.text
    row = np.array([ids], np.int64)
    inputs = {words.ids: row} | dict.fromkeys(words.zeros, row * 0)
    inputs |= {words.mask: row * 0 + 1} if words.mask else {}
    found = _run(model, words.output, inputs, words.graph)
    wanted = "nw" if words.pool == "given" else "nlw"
    if found.ndim != len(wanted):
        raise _wrong_output(words.graph, words.output, found.shape, wanted)
    made = Around(model)
    made.feed(words.ids, "ids")
    for name in words.zeros:
        made.ahead("Sub", ["ids", "ids"], f"zeros.{name}")
        made.feed(name, f"zeros.{name}")
    if words.mask:
        made.feed(words.mask, "mask")
    made.take(words.output, "said")
    _pool(made, words.pool)
    takes: dict[str, tuple[int, Shape]] = {
        "ids": (TensorProto.INT64, ["n", "pieces"]),
        "mask": (TensorProto.BOOL, ["n", "pieces"]),
    }
    width = found.shape[-1]
    long = 1 if words.pool == "given" else "pieces"
    return made.whole(takes, {"gist": ["n", width], "tokens": ["n", long, width]}), width


def _pool(made: Around, pool: str) -> None:
    """From what the graph says to a gist of unit length, and tokens."""
    made.constant("middle", np.array([1], np.int64))
    if pool == "given":
        made.behind("LpNormalization", ["said"], "gist", axis=1, p=2)
        made.behind("Unsqueeze", ["gist", "middle"], "tokens")
        return
    made.behind("Identity", ["said"], "tokens")
    if pool == "first":
        made.constant("first", np.array(0, np.int64))
        made.behind("Gather", ["said", "first"], "one", axis=1)
    else:  # a sum points where the mean does
        made.constant("last", np.array([2], np.int64))
        made.behind("Cast", ["mask"], "real", to=TensorProto.FLOAT)
        made.behind("Unsqueeze", ["real", "last"], "column")
        made.behind("Mul", ["said", "column"], "kept")
        made.behind("ReduceSum", ["kept", "middle"], "one", keepdims=0)
    made.behind("LpNormalization", ["one"], "gist", axis=1, p=2)


def _ids(tokenizer: bytes, pair: Pair) -> list[int]:
    """Read a sentence, to see what the text graph makes of it."""
    try:
        made = Tokenizer.from_buffer(tokenizer)
    except Exception as error:
        raise DataError(
            f"{pair.text.tokenizer} is no tokenizer: {error}",
            hint="name the tokenizer.json of the tokenizers library",
        ) from error
    made.no_padding()
    made.enable_truncation(pair.text.longest)
    ids: list[int] = made.encode(SENTENCE).ids
    return ids


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror or error}", hint="names of files are seen from the TOML file"
        ) from error


def _load(path: Path) -> onnx.ModelProto:
    """Read a graph whose nodes are new enough for ours to stand beside them."""
    _content(path)
    try:
        model = onnx.load(path)
    except (DecodeError, OSError, ValueError) as error:
        raise DataError(f"{path} is no ONNX graph: {error}", hint="export it again") from error
    opset = next((one.version for one in model.opset_import if one.domain in ("", "ai.onnx")), 0)
    if opset < OLDEST:
        raise DataError(
            f"{path} has opset {opset}, and {OLDEST} is needed",
            hint="export it again with a newer opset",
        )
    weights = {one.name for one in model.graph.initializer}  # old graphs name them as inputs too
    inputs = [one for one in model.graph.input if one.name not in weights]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    return model


def _run(model: onnx.ModelProto, output: str, inputs: Inputs, name: str) -> npt.NDArray[Any]:
    """Run a graph as it is, to learn what it gives; say what in the TOML does not fit it."""
    takes = [one.name for one in model.graph.input]
    gives = [one.name for one in model.graph.output]
    for what, told, there in (("takes", set(inputs), takes), ("gives", {output}, gives)):
        missing = told - set(there) or (set(there) - told if what == "takes" else set())
        if missing:
            raise DataError(
                f"{name} {what} {', '.join(there)}: {min(missing)!r} does not fit",
                hint="name what the graph takes and gives as it does",
            )
    options = ort.SessionOptions()
    options.log_severity_level = 4  # faults come as exceptions
    kinds = {one.name: one.type.tensor_type.elem_type for one in model.graph.input}
    given = {
        key: value.astype(helper.tensor_dtype_to_np_dtype(kinds[key]))
        for key, value in inputs.items()
    }
    try:
        session = ort.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
        found: npt.NDArray[Any] = session.run([output], given)[0]
    except FAULTS as error:
        raise DataError(
            f"{name} cannot be run so: {str(error).splitlines()[0]}",
            hint="see that the TOML gives its inputs the axes and lengths that it takes",
        ) from error
    return found


def _wrong_output(graph: str, output: str, shape: tuple[int, ...], wanted: str) -> DataError:
    return DataError(
        f"{graph}: {output} is {list(shape)}, and {len(wanted)} axes were told",
        hint="say in the TOML what it gives: gives for sounds, pool for words",
    )
