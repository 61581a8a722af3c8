"""From the halves of a foreign model to a bundle: graphs, their proof, packed weights, a card."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from earmark.errors import DataError, UsageError
from earmark.lab.adopt import Facts, Halves, read_halves
from earmark.lab.export import Apart, Contents, packing_loss, refuse_disparity
from earmark.lab.graphs import export_graph
from earmark.lab.pack import pack
from earmark.lab.proven import write_proven
from earmark.model.bundle import Bundle, refuse_old
from earmark.model.page import AUDIO, TEXT, TOKENIZER, Page, Text
from earmark.synth import make

LICENCE = re.compile(r"^licen[cs]e:[ \t]*['\"]?([^'\"\s]+)", re.MULTILINE)
CARD = "README.md"
LARGEST = 2**31 - 2**24  # bytes of weights; protobuf counts in 31 bits, and a graph has more to say


def vectors_apart(found: npt.NDArray[Any], wanted: npt.NDArray[Any]) -> float:
    """How far a vector is from what it should be, in its own lengths: [..., width] twice.

    Of 24 layers each with its own rounding, single numbers of a vector are no longer the same.
    """
    long = np.linalg.norm(wanted, axis=-1)
    return float((np.linalg.norm(found - wanted, axis=-1) / np.maximum(long, 1e-3)).max(initial=0))


APART = Apart(vectors_apart, 0.01)  # at most: a cosine of at least 0.99995


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What the bundle of a foreign model should be called, and where it is from."""

    name: str
    source: str  # as the person named it
    revision: str  # of the source; "" if it is a folder
    licence: str | None  # None: what the card of the source says
    weights: Literal["float32", "int8"]
    own_front: bool = False  # a front end unlike the published ones is meant


def adopt(folder: Path, bundle: Path, origin: Origin) -> tuple[Bundle, dict[str, float]]:
    """Write the bundle of a repository; return it with what packing cost."""
    refuse_old(bundle)
    licence = origin.licence or licence_of(folder)
    halves = read_halves(folder, own_front=origin.own_front)
    plain = contents_of(halves)
    page = page_of(halves.facts, origin, licence)
    return write_adopted(bundle, page, plain, halves.facts)


def write_adopted(
    bundle: Path, page: Page, plain: Contents, facts: Facts
) -> tuple[Bundle, dict[str, float]]:
    """Write float32 graphs as the page's weights say, with what packing costs."""
    packed = {k: pack(v) if k.endswith(".onnx") else v for k, v in plain.items()}
    loss = packing_loss(page, plain, packed)
    page = replace(page, results={"packing": loss})
    contents = packed if page.weights == "int8" else plain
    return write_proven(bundle, page, contents, card(page, facts.told)), loss


def licence_of(folder: Path) -> str:
    """Read the licence from the card of a repository."""
    path = folder / CARD
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    head = text.split("---")[1] if text.startswith("---") else ""
    found = LICENCE.search(head)
    if not found:
        raise UsageError(
            f"{path} does not say under which licence the weights are",
            hint="find it where the model was published, and say it with --licence",
        )
    return found.group(1)


def contents_of(halves: Halves) -> Contents:
    """Make both graphs, and see that they say what the networks say."""
    for name, half in ((AUDIO, halves.audio), (TEXT, halves.text)):
        _refuse_size(name, half)
    audio = export_graph(
        halves.audio,
        (torch.randn(2, *halves.facts.front.shape),),
        [halves.facts.front.input],
        ["tokens", "weight"],
        {halves.facts.front.input: {0: "n"}},
    )
    example = (torch.full((2, 7), 5), torch.ones(2, 7, dtype=torch.bool))
    free = {name: {0: "n", 1: "pieces"} for name in ("ids", "mask")}
    text = export_graph(halves.text, example, list(free), ["gist", "tokens"], free)
    refuse_disparity(AUDIO, halves.audio, audio, _sounds(halves), apart=APART)
    refuse_disparity(TEXT, halves.text, text, _sentences(halves), apart=APART)
    return {AUDIO: audio, TEXT: text, TOKENIZER: halves.tokenizer.encode()}


def _refuse_size(name: str, half: nn.Module) -> None:
    """Raise if a network is too large for a graph in one file."""
    size = 4 * sum(one.numel() for one in half.parameters())
    if size > LARGEST:
        raise DataError(
            f"{name} would be {size / 1e9:.1f} GB in float32, and an ONNX file holds 2 GB",
            hint="take a smaller checkpoint of the same family",
        )


def _sounds(halves: Halves) -> dict[str, Any]:
    front = halves.facts.front
    seconds = front.samples / front.rate
    kinds = ("heavy_rain", "birds", "tone")
    waves = [make(kind, 3, seconds=seconds, rate=front.rate)[: front.samples] for kind in kinds]
    return {front.input: np.stack([front.make(wave) for wave in waves])}


def _sentences(halves: Halves) -> dict[str, Any]:
    """One whole sentence and one with filling behind it."""
    from tokenizers import Tokenizer

    made = Tokenizer.from_str(halves.tokenizer)
    made.no_padding()
    made.enable_truncation(halves.facts.longest)
    rows = [made.encode(one).ids for one in ("a dog barks in the distance", "rain")]
    ids = np.full((2, max(map(len, rows))), halves.filler, np.int64)
    for row, found in zip(ids, rows, strict=True):
        row[: len(found)] = found
    mask = np.arange(ids.shape[1]) < np.array([[len(found)] for found in rows])
    return {"ids": ids, "mask": mask}


def page_of(facts: Facts, origin: Origin, licence: str) -> Page:
    """Make the page; data that others trained on is theirs to tell."""
    return Page(
        name=origin.name,
        licence=licence,
        languages=facts.languages,
        fronts=(facts.front,),
        seconds=facts.seconds,
        width=facts.width,
        weights=origin.weights,
        text=Text(longest=facts.longest),
        rerank=None,
        classes=(),
        calibration=None,
        recipe="",
        data=origin_of(origin.source, origin.revision),
        results={},
        files={},
        fill=facts.fill,
    )


def origin_of(source: str, revision: str) -> dict[str, str]:
    """Say in `data` of a page where a model is from."""
    return {"source": source} | ({"revision": revision} if revision else {})


def card(page: Page, told: dict[str, str]) -> str:
    """Write the card: whose model it is, how it is heard here, what packing costs."""
    times = page.seconds
    facts = {
        "licence": f"{page.licence}, of the weights; that of their source holds",
        **page.data,
        "vectors": f"{page.width} numbers, a token every {times.token:g} s, a searched window of "
        f"{times.window:g} s every {times.hop:g} s",
        "input": f"mono at {page.rate:,} Hz, {page.samples / page.rate:g} s at once",
        "weights": page.weights,
        "confidence": "not calibrated: a plain rule stands in, and nothing is refused",
        **told,
    }
    packing = {k: f"{v:,.6g}" for k, v in page.results["packing"].items()}
    parts = [
        f"# {page.name}",
        "A model that others trained, as a bundle of earmark. What it learned from and what was "
        "measured, its source tells.",
        _table(facts),
        "What weights of 8 bits cost, as the lowest cosine with those of float32:",
        _table(packing),
    ]
    return "\n\n".join(parts) + "\n"


def _table(rows: dict[str, str]) -> str:
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {one} |" for name, one in rows.items())])
