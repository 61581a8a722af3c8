"""Weights to start from: a run, a file, or a bundle; what does not fit is refused.

A bundle holds all that search needs. What only training needs, the heads that a teacher's answers
are read from, is not in it and begins anew.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from earmark.errors import DataError
from earmark.lab.grow import grown
from earmark.lab.pack import unpack
from earmark.model.bundle import PAGE, read_bundle
from earmark.model.page import AUDIO, TEXT, TOKENIZER

WEIGHTS = "model.safetensors"  # of a run: the averaged weights that dev liked best
HEADS = ("classes", "embedding", "tokens", "meaning")  # of both halves, not in a bundle
COUNTED = "num_batches_tracked"


def read_weights(place: str | Path) -> dict[str, Tensor]:
    """Read the weights of a run folder, of one file, or of a bundle."""
    path = Path(place)
    if is_bundle(path):
        return _of_bundle(path)
    path = path / WEIGHTS if path.is_dir() else path
    if not path.is_file():
        raise DataError(
            f"there are no weights to start from: {path} is not there",
            hint="train what comes before first (the recipe names it), or correct [start]",
        )
    try:
        weights: dict[str, Tensor] = load_file(path)
    except (SafetensorError, OSError) as error:
        raise DataError(f"{path} holds no weights: {error}", hint="train that run again") from error
    return weights


def is_bundle(place: str | Path) -> bool:
    """Whether this is the folder of a bundle."""
    return (Path(place) / PAGE).is_file()


def part_of(weights: dict[str, Tensor], part: str) -> dict[str, Tensor]:
    """Take one part ("ears", "words") of a whole model's weights, or all of a run of it alone."""
    prefix = f"{part}."
    own = {name: value for name, value in weights.items() if name.startswith(prefix)}
    return {name.removeprefix(prefix): value for name, value in own.items()} if own else weights


def load_part(module: nn.Module, place: str | Path, part: str, *, grow: bool = False) -> None:
    """Load one part of what stands there: all of it and nothing else.

    With `grow` what stands there may be narrower, see `grow.py`.
    """
    found = part_of(read_weights(place), part)
    wanted = module.state_dict()
    if is_bundle(place):
        found |= {k: v for k, v in wanted.items() if k not in found and _begins_anew(k)}
    if grow:
        found = grown(found, wanted)
    odd = [k for k in wanted if k not in found or found[k].shape != wanted[k].shape]
    odd += [k for k in found if k not in wanted]
    if odd:
        raise DataError(
            f"the weights of {place} do not fit this recipe: {', '.join(odd[:4])}",
            hint="give it the same sizes as the run it starts from",
        )
    module.load_state_dict(found)


def load_shared(module: nn.Module, place: str | Path, part: str) -> None:
    """Load all that stands there into a module that may have more, which begins anew."""
    found = part_of(read_weights(place), part)
    wanted = module.state_dict()
    odd = [k for k in found if k not in wanted or found[k].shape != wanted[k].shape]
    if odd or not found:
        raise DataError(
            f"the weights of {place} do not fit this recipe: {', '.join(odd[:4]) or part}",
            hint=f"name a {part} of the same sizes, of which this one holds every part",
        )
    module.load_state_dict(wanted | found)


def _begins_anew(name: str) -> bool:
    return name.partition(".")[0] in HEADS or name.endswith(COUNTED)


def _of_bundle(folder: Path) -> dict[str, Tensor]:
    """The weights of a bundle by the names of training, float32 again, and its tokenizer."""
    bundle = read_bundle(folder)
    graphs = [name for name in (AUDIO, TEXT) if name in bundle.page.files]
    found = {
        name: torch.from_numpy(np.array(value))
        for graph in graphs
        for name, value in unpack(bundle.content(graph)).items()
        if name.partition(".")[0] in ("ears", "words", "matcher")
    }
    if TOKENIZER in bundle.page.files:
        raw = np.frombuffer(bundle.content(TOKENIZER), np.uint8)
        found["words.tokenizer"] = torch.from_numpy(raw.copy())
    return found
