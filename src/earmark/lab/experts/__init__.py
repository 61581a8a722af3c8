"""Foreign networks behind one small contract; none of their weights is shipped.

An audio expert has a `rate`, `names` of its classes (none: an empty tuple) and `hear`; a text
expert has `read`. Each brings its own front end, runs without gradients, and says the same of a
clip or a sentence whatever stands beside it in the batch. To add one: write the class, add a line
to `EXPERTS`.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from earmark.errors import DataError, UsageError, require

if TYPE_CHECKING:
    from torch import Tensor

    from earmark.lab.sides import Stream

DATA, TEACHERS = "EARMARK_DATA", "EARMARK_TEACHERS"  # variables that name a folder
HOMES = {DATA: "../shared/data", TEACHERS: ".teachers"}  # where they are not set; from a checkout
EXTRA = "experts"  # the part of earmark that brings foreign networks' own packages
MN04, MINILM = "experts/efficientat_mn04.onnx", "all-MiniLM-L6-v2"


class Heard(NamedTuple):
    """What an audio expert says about a batch of waves."""

    scores: Tensor | None  # [batch, classes] probabilities; None: it knows no classes
    embedding: Tensor  # [batch, width]
    tokens: Stream  # in the order of time


class Read(NamedTuple):
    """What a text expert says about a batch of sentences."""

    embedding: Tensor  # [batch, width]
    tokens: Stream


class AudioExpert(Protocol):
    """Hears waves at a rate of its own."""

    rate: int  # Hz
    names: tuple[str, ...]

    def hear(self, waves: Tensor) -> Heard:
        """Hear waves at `rate`: [batch, samples] float32."""


class TextExpert(Protocol):
    """Reads sentences."""

    def read(self, sentences: list[str]) -> Read:
        """Read each sentence by itself."""


class Entry(NamedTuple):
    """Where an expert's class is, and what it takes to open it."""

    module: str
    opens: str  # a class or a function that takes a path
    package: str  # what must be installed beside torch
    extra: str  # the part of earmark that brings it
    home: str  # the variable that names the folder it lies in
    file: str  # its place there; a folder for what has several files
    levels: int = 0  # of its earlier layers it can tell so many, as `levels` of its tokens


EXPERTS = {
    "efficientat_mn04": Entry("efficientat", "TorchEfficientAT", "onnx", "lab", DATA, MN04),
    "efficientat_mn04_onnx": Entry("efficientat", "OnnxEfficientAT", "onnx", "lab", DATA, MN04, 2),
    "yamnet": Entry("yamnet", "YamNet", "ai_edge_litert", EXTRA, DATA, "experts/yamnet.tflite", 2),
    "clap": Entry("transformers_audio", "open_clap", "transformers", EXTRA, TEACHERS, "clap", 2),
    "ast": Entry("transformers_audio", "open_ast", "transformers", EXTRA, TEACHERS, "ast"),
    "whisper": Entry(
        "transformers_audio", "open_whisper", "transformers", EXTRA, TEACHERS, "whisper"
    ),
    "panns": Entry("panns", "open_panns", "torch", "lab", TEACHERS, "panns/checkpoint.pth"),
    "bert": Entry("transformers_text", "open_reader", "transformers", EXTRA, TEACHERS, "bert", 2),
    "roberta": Entry(
        "transformers_text", "open_reader", "transformers", EXTRA, TEACHERS, "roberta", 2
    ),
    "minilm": Entry("sentence", "open_sentence", "safetensors", "lab", TEACHERS, MINILM, 2),
}


def open_expert(name: str, path: Path | None = None, levels: int = 0) -> Any:  # noqa: ANN401 - either kind
    """Open an audio or a text expert by name, from `path` or from its usual place.

    With `levels` its tokens come with what so many earlier layers said at the same places.
    """
    if name not in EXPERTS:
        raise UsageError(f"no expert called {name!r}", hint=f"choose from: {', '.join(EXPERTS)}")
    entry = EXPERTS[name]
    refuse_levels(name, levels, entry.levels)
    path = must_exist(path or usual_place(name), entry.home)
    require("torch", extra="lab")
    require(entry.package, extra=entry.extra)
    module = import_module(f"earmark.lab.experts.{entry.module}")
    opens = getattr(module, entry.opens)
    return opens(path, levels) if levels else opens(path)


def refuse_levels(name: str, wanted: int, known: int) -> None:
    """Raise if a network is asked for more earlier levels than it can tell."""
    if wanted > known:
        told = sorted(name.removesuffix("_onnx") for name, one in EXPERTS.items() if one.levels)
        raise UsageError(
            f"levels is {wanted}, and the tower {name!r} has {known or 'none'}",
            hint=f"lower levels in [features], or name a tower that has them: {', '.join(told)}",
        )


def usual_place(name: str) -> Path:
    """Where an expert's file or folder belongs."""
    entry = EXPERTS[name]
    return Path(os.environ.get(entry.home) or HOMES[entry.home]) / entry.file


def must_exist(path: Path, home: str = DATA) -> Path:
    """Give the path back, or say which file is missing and where it goes."""
    if not path.exists():
        raise DataError(
            f"an expert's file is missing: {path}",
            hint=f"put {path.name} there, or set {home} to the folder that has it "
            f"(unset, it is {HOMES[home]})",
        )
    return path
