"""From a run to a bundle: graphs, a parity check, packed weights with their measured loss, a card.

Nothing is written if onnxruntime and torch disagree by more than 1e-4.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
import torch
from torch import nn

from earmark.audio.mel import log_mel
from earmark.data.rows import Row
from earmark.errors import EarmarkError, UsageError
from earmark.lab.calibrate import NothingToFitError, calibrate
from earmark.lab.captioners.constants import Constants, like
from earmark.lab.card import card
from earmark.lab.graphs import (
    AudioGraph,
    PairGraph,
    TextGraph,
    audio_bytes,
    pair_bytes,
    text_bytes,
)
from earmark.lab.matchers.ensemble import refuse_other_towers
from earmark.lab.measured import told
from earmark.lab.objectives.both import Both
from earmark.lab.objectives.hear import Ears
from earmark.lab.objectives.read import Reader, tokenizer_of
from earmark.lab.objectives.teaching import MEL
from earmark.lab.pack import pack
from earmark.lab.proven import SENTENCE, write_proven
from earmark.lab.recipe import Recipe, parse_recipe
from earmark.lab.start import read_weights
from earmark.lab.towers.cnn import FRAMES
from earmark.model.background import background_bytes
from earmark.model.bundle import Bundle, refuse_old
from earmark.model.model import Model
from earmark.model.page import (
    AUDIO,
    BACKGROUND,
    RERANK,
    TEXT,
    TOKENIZER,
    LogMel,
    Page,
    Rerank,
    Seconds,
    Text,
)
from earmark.score.crowds import Note, quietly
from earmark.synth import make

PARITY = 1e-4
Array = npt.NDArray[Any]


class Apart(NamedTuple):
    """A way to tell how far what a graph says is from what its network says."""

    how: Callable[[Array, Array], float]
    most: float


TOKENS = 38  # of one input: 12.16 s, ten of them a stretch and at least 0.96 s on each side
TIMES = Seconds(stretch=10.0, before=0.96, token=0.32, window=5.0, hop=2.5, shortest=0.1)
BUDGET = 0.05  # seconds for a reranker
JUDGED = 20.0  # seconds that it is asked about: the longest scene that matchers learn from
Weights = Literal["float32", "int8"]
Contents = dict[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a bundle should be."""

    name: str
    licence: str = "Apache-2.0"
    weights: Weights = "int8"
    results: Sequence[Mapping[str, Any]] = ()  # what was measured, as earmark evaluate tells it
    classes: bool = False  # say also what the expert's classes are; only names of data need it
    dev: Sequence[Row] = ()  # what confidence is fitted on; none: it stays uncalibrated


def export(
    run: Path, folder: Path, wish: Wish, *, note: Note = quietly
) -> tuple[Bundle, dict[str, float]]:
    """Write the bundle of a trained run; return it with what packing cost."""
    refuse_old(folder)  # at once, not after a minute's work
    text = recipe_text(run)
    recipe = parse_recipe(text, str(run))
    parts = parts_of(recipe, read_weights(run))
    plain = contents_of(parts, classes=wish.classes)
    for name, graph in graphs_of(parts, classes=wish.classes).items():
        refuse_disparity(name, graph, plain[name], _examples(name, parts))
    chosen = {k: pack(v) if k.endswith(".onnx") else v for k, v in plain.items()}
    page = _page(recipe, text, parts, wish, plain)
    loss = packing_loss(page, plain, chosen)
    contents = chosen if wish.weights == "int8" else plain
    page = replace(page, results={**told(wish.results), "packing": loss})
    with suppress(NothingToFitError):  # a bundle without a calibration says so itself
        if wish.dev and page.text:  # ears alone cannot search
            fitted, bank = calibrate(_model(page, contents), wish.dev, note=note)
            page = replace(page, calibration=fitted)
            contents = contents | {BACKGROUND: background_bytes(bank)}
    return write_proven(folder, page, contents, card(page)), loss


@dataclass(frozen=True, slots=True)
class Parts:
    """The trained halves; a run of ears alone has no words and no matcher."""

    ears: nn.Module
    words: nn.Module | None
    matcher: nn.Module | None
    width: int
    longest: int
    taught: float  # seconds of a mixture that the ears learned from
    bank: Constants | None = None  # of captions, which the ears look up


def parts_of(recipe: Recipe, weights: Mapping[str, torch.Tensor]) -> Parts:
    """Build the networks of a recipe and load their weights."""
    if recipe.task == "hear":
        ears = Ears(recipe.ears, classes=len(weights["classes.bias"]), taught_width=384)
        ears.load_state_dict(dict(weights))
        return Parts(ears.eval(), None, None, recipe.ears.width, 0, recipe.mix.seconds)
    if recipe.task != "match":
        raise UsageError(
            f"a run of the task {recipe.task!r} is no model that can search",
            hint="export a run of the task 'match', or of 'hear' for ears alone",
        )
    words = {k.removeprefix("words."): v for k, v in weights.items() if k.startswith("words.")}
    ears = Ears(recipe.ears, classes=len(weights["ears.classes.bias"]), taught_width=384)
    reader = Reader(recipe.words, tokenizer_of(words), taught_width=384)
    both = Both(recipe, ears, reader, like(recipe, weights))
    for member in recipe.matcher.settings.get("members", ()):
        refuse_other_towers(recipe.name, member, weights)
    both.load_state_dict(dict(weights))
    both.eval()
    return Parts(
        ears=both.ears,
        words=both.words,
        matcher=both.matcher,
        width=both.matcher.width,  # of an ensemble the sum of its members' widths
        longest=recipe.words.longest,
        taught=recipe.mix.seconds,
        bank=both.bank,
    )


def graphs_of(parts: Parts, *, classes: bool) -> dict[str, nn.Module]:
    """The networks as they will be called, by the names of their files."""
    hears = AudioGraph(
        parts.ears,
        parts.matcher,
        classes=classes,
        taught=parts.taught,
        words=parts.words,
        bank=parts.bank,
    )
    out: dict[str, nn.Module] = {AUDIO: hears.eval()}
    if parts.words is not None and parts.matcher is not None:
        out[TEXT] = TextGraph(parts.words, parts.matcher).eval()
        if not parts.matcher.separable:
            out[RERANK] = PairGraph(parts.matcher).eval()
    return out


def contents_of(parts: Parts, *, classes: bool) -> Contents:
    """Make the files of a bundle that follow from the weights, in float32."""
    graphs = graphs_of(parts, classes=classes)
    out = {AUDIO: audio_bytes(graphs[AUDIO], TOKENS * FRAMES, MEL.bands)}
    if TEXT in graphs and parts.words is not None:
        out[TEXT] = text_bytes(graphs[TEXT])
        out[TOKENIZER] = tokenizer_of(parts.words.state_dict()).to_str().encode()
    if RERANK in graphs:
        out[RERANK] = pair_bytes(graphs[RERANK], parts.width)
    return out


def packing_loss(page: Page, plain: Contents, packed: Contents) -> dict[str, float]:
    """How far packed weights move the vectors of some sounds and sentences: lowest cosines."""
    models = [_model(page, contents) for contents in (plain, packed)]
    waves = [make(kind, 11, seconds=8.0, rate=page.rate) for kind in ("roof_rain", "dog_bark")]
    loud, soft = (one.embed_audio(waves, rate=page.rate) for one in models)
    out = {
        "float32_bytes": float(sum(map(len, plain.values()))),
        "int8_bytes": float(sum(map(len, packed.values()))),
        "audio_cosine": float((loud * soft).sum(axis=1).min()),
    }
    if page.text:
        sentences = [SENTENCE, "dog", "someone typing on a keyboard"]
        said, again = (one.embed_text(sentences) for one in models)
        out["text_cosine"] = float((said * again).sum(axis=1).min())
    return out


def _page(recipe: Recipe, text: str, parts: Parts, wish: Wish, contents: Contents) -> Page:
    rerank = contents.get(RERANK)
    return Page(
        name=wish.name,
        licence=wish.licence,
        languages=("en",) if parts.words is not None else (),
        fronts=(LogMel(input="logmel", frames=TOKENS * FRAMES, rule=MEL),),
        seconds=TIMES,
        width=parts.width,
        weights=wish.weights,
        text=Text(longest=parts.longest) if parts.words is not None else None,
        rerank=Rerank(candidates=_candidates(rerank, parts), seconds=JUDGED) if rerank else None,
        classes=class_names() if wish.classes else (),
        calibration=None,
        recipe=text,
        data=asdict(recipe.data),
        results={},
        files={},
    )


def class_names() -> tuple[str, ...]:
    """The names of AudioSet's classes, in the order of the expert."""
    text = files("earmark.lab.words").joinpath("phrases.csv").read_text(encoding="utf-8")
    return tuple(dict.fromkeys(row["class"] for row in csv.DictReader(text.splitlines())))


def _candidates(rerank: bytes, parts: Parts) -> int:
    """How many candidates of 10 s the reranker scores in 50 ms here, on one thread."""
    network = _session(rerank)
    inputs = _examples(RERANK, parts, items=1)
    took = []
    for _ in range(20):
        began = time.perf_counter()
        network.run(None, inputs)
        took.append(time.perf_counter() - began)
    return max(1, int(BUDGET / float(np.median(took))))


def _examples(name: str, parts: Parts, items: int = 3) -> dict[str, npt.NDArray[Any]]:
    """Inputs on which torch and onnxruntime are compared."""
    rng = np.random.default_rng(0)
    if name == AUDIO:
        waves = [
            make(kind, 3, seconds=12.5, rate=MEL.rate) for kind in ("heavy_rain", "birds", "tone")
        ]
        mels = [log_mel(wave, MEL)[: TOKENS * FRAMES] for wave in waves[:items]]
        return {"logmel": np.stack(mels)}
    if name == TEXT:
        ids = rng.integers(3, 250, (items, 12))
        mask = np.arange(12) < np.array([12, 5, 9])[:items, None]
        return {"ids": np.where(mask, ids, 0), "mask": mask}
    sizes = {"text": 8, "audio": round(JUDGED / TIMES.token)}
    out: dict[str, npt.NDArray[Any]] = {}
    for side, length in sizes.items():
        out[side] = rng.standard_normal((items, length, parts.width), dtype=np.float32)
        out[f"{side}_mask"] = np.ones((items, length), bool)
    return out


def refuse_disparity(
    name: str,
    graph: nn.Module,
    content: bytes,
    inputs: dict[str, npt.NDArray[Any]],
    *,
    apart: Apart | None = None,
) -> None:
    """Raise if a graph does not say what the network says.

    `apart` measures how far two arrays are from each other; None: the largest difference of two
    numbers, which may be `PARITY`.
    """
    network = _session(content)
    found = network.run(None, inputs)
    order = [node.name for node in network.get_inputs()]
    with torch.no_grad():
        wanted = graph(*(torch.from_numpy(inputs[one]) for one in order))
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    how, most = apart or Apart(_largest_gap, PARITY)
    gap = max(how(a, b.numpy()) for a, b in zip(found, wanted, strict=True))
    if not gap <= most:
        raise EarmarkError(
            f"{name} differs from the trained network by {gap:.2g}, more than {most}",
            hint="this is a fault of the export, not yours: please report it with the recipe",
        )


def _largest_gap(found: Array, wanted: Array) -> float:
    return float(np.abs(found - wanted).max(initial=0))


def _session(content: bytes) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(content, options, ["CPUExecutionProvider"])


def _model(page: Page, contents: Contents) -> Model:
    return Model(page, contents.__getitem__)


def recipe_text(run: Path) -> str:
    """Read the recipe of a run."""
    path = run / "recipe.toml"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{run} is no run: there is no recipe.toml in it",
            hint="name the folder of a run, as earmark train made it",
        ) from error
