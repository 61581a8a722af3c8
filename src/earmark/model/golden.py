"""Proof that a bundle hears here what it heard where it was made.

`golden.npz` holds a synthetic wave and a sentence with what the bundle's own code and networks made
of them. `verify` makes all of it again and compares: inputs within 1e-4, vectors by their cosine.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from earmark.errors import EarmarkError
from earmark.model.model import Model
from earmark.model.page import GOLDEN
from earmark.model.stretches import Plan, windows_of
from earmark.types import Samples

Arrays = dict[str, npt.NDArray[Any]]
GIVEN = ("wave", "sentence")
FRONT = "input."  # before the name of an input of the audio network
LARGEST = 1e-4  # difference of an input
SMALLEST = 0.9999  # cosine of a vector
LOOSE = 1e-3  # difference of a probability or of a reranker's score


@dataclass(frozen=True, slots=True)
class Figure:
    """How near something came to what it was."""

    what: str
    value: float
    limit: float
    measure: str  # "cosine", which must not be less, or "difference", which must not be more

    @property
    def met(self) -> bool:
        """Whether it is near enough."""
        return self.value >= self.limit if self.measure == "cosine" else self.value <= self.limit


def record(model: Model, wave: Samples, sentence: str) -> bytes:
    """Make `golden.npz` of a wave at the model's rate, and a sentence ("" if it only hears)."""
    file = io.BytesIO()
    np.savez_compressed(file, **_make(model, wave, sentence))  # type: ignore[arg-type]
    return file.getvalue()


def verify(model: Model, golden: bytes) -> list[Figure]:
    """Make everything of a `golden.npz` again and say how near it came."""
    told = _read(golden)
    made = _make(model, told["wave"], str(told["sentence"]))
    for name in made | told:
        if name not in made or name not in told or made[name].shape != told[name].shape:
            raise _misfit(f"{name} is not what this bundle makes")
    return [_compare(name, told[name], made[name]) for name in made if name not in GIVEN]


def _make(model: Model, wave: Samples, sentence: str) -> Arrays:
    line = model.hear_wave(wave, rate=model.rate)
    window = next(windows_of([wave], Plan.of(model.page)))
    made: Arrays = {"wave": wave, "sentence": np.array(sentence)}
    made |= {FRONT + front.input: front.make(window.wave) for front in model.page.fronts}
    made |= {"tokens": line.tokens, "weight": line.weights, "gist.audio": line.gist()}
    if model.classes:
        made["classes"] = line.classes
    if model.page.text:
        made["gist.text"] = model.embed_text(sentence)[0]
    if model.page.rerank:
        made["score"] = model.score(sentence, wave, rate=model.rate)
    return made


def _read(golden: bytes) -> Arrays:
    if not golden.startswith(b"PK"):  # numpy would take other files for an array
        raise _misfit("it cannot be read")
    try:
        with np.load(io.BytesIO(golden), allow_pickle=False) as file:
            told = {name: file[name] for name in file.files}
    except (ValueError, OSError, EOFError, BadZipFile) as error:
        raise _misfit("it cannot be read") from error
    for name in GIVEN:
        if name not in told:
            raise _misfit(f"there is no {name} in it")
    return told


def _compare(name: str, told: npt.NDArray[Any], made: npt.NDArray[Any]) -> Figure:
    if name.startswith(FRONT) or name in ("classes", "score"):
        limit = LARGEST if name.startswith(FRONT) else LOOSE
        return Figure(name, float(np.abs(made - told).max()), limit, "difference")
    return Figure(name, _lowest_cosine(told, made), SMALLEST, "cosine")


def _lowest_cosine(left: npt.NDArray[Any], right: npt.NDArray[Any]) -> float:
    """Cosine of vectors, or of the rows that are least alike: [..., width] twice."""
    left, right = left.astype(np.float64), right.astype(np.float64)
    lengths = np.linalg.norm(left, axis=-1) * np.linalg.norm(right, axis=-1)
    cosines = (left * right).sum(axis=-1) / np.maximum(lengths, np.finfo(np.float64).tiny)
    return float(cosines.min())


def _misfit(problem: str) -> EarmarkError:
    return EarmarkError(
        f"{GOLDEN} does not fit its bundle: {problem}",
        hint="export the bundle again, or copy it again from where it was made",
    )
