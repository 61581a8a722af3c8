"""Other people's models as bundles: what has two halves, sounds and words, in one space.

A file an architecture: it reads a repository, refuses by name what does not fit, and gives
`Halves`, two networks from a front end's input and from word pieces to vectors. No sound is drawn
by chance or cut off: windows are those of every bundle (`model/stretches.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from earmark.errors import DataError
from earmark.lab.adopt.modules import inner_of, with_prompt
from earmark.lab.adopt.repository import kind_of
from earmark.model.page import LogMel, Seconds, Wave

if TYPE_CHECKING:
    from torch import nn

ARCHITECTURES = {  # `model_type` of config.json: the file that reads it
    "clap": "earmark.lab.adopt.clap",
    "pe_audio": "earmark.lab.adopt.pe_audio",
    "pe_audio_video": "earmark.lab.adopt.pe_audio",
    "embedding_gemma2": "earmark.lab.adopt.embedding_gemma",
}
POOLED = {
    "embedding_gemma2": "mean"
}  # architectures that give tokens alone, and what is made of them

Fill = Literal["silence", "repeat"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a page must know of a model."""

    front: LogMel | Wave
    seconds: Seconds
    width: int
    longest: int  # ids
    fill: Fill  # what stands after the end of a short sound, as `Page.fill`
    languages: tuple[str, ...] = ("en",)

    @property
    def told(self) -> dict[str, str]:
        """What a person should know of how it is heard here, for the card."""
        long = f"{self.seconds.stretch:g} s"
        short = {"repeat": f"repeated to fill {long}", "silence": f"followed by silence, to {long}"}
        return {
            "longer sounds": f"cut in quiet places into stretches of at most {long}, all heard",
            "shorter sounds": short[self.fill],
            "channels": "averaged",
            "level": "as in the file, full scale is -1 to 1; nothing is made louder or softer",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Halves:
    """Both networks of a model, and what they must be given."""

    audio: nn.Module  # [n, *front.shape] -> tokens [n, T, width], weight [n, T]
    text: nn.Module  # ids [n, L], mask [n, L] -> gist [n, width], tokens [n, L, width]
    tokenizer: str  # JSON
    filler: int  # the id that stands where there is no piece
    facts: Facts


def read_halves(folder: Path, *, own_front: bool) -> Halves:
    """Read a repository in the format of `transformers` or `sentence-transformers`.

    A front end unlike the published ones is refused unless `own_front` says that it is meant.
    """
    inner = inner_of(folder, POOLED)
    kind = kind_of(inner)
    if kind not in ARCHITECTURES:
        raise DataError(
            f"{inner}/config.json: {kind!r} is no audio-text pair that earmark builds",
            hint=f"built are: {', '.join(ARCHITECTURES)}; for others see --from-onnx",
        )
    read: Callable[..., Halves] = import_module(ARCHITECTURES[kind]).read
    halves = read(inner, own_front=own_front)
    return replace(halves, tokenizer=with_prompt(halves.tokenizer, folder))


def times_of(front: LogMel | Wave, tokens: int) -> Seconds:
    """Give the times of a model that hears one input as a whole: that is what is searched."""
    long = front.samples / front.rate
    return Seconds(
        stretch=long, before=0.0, token=long / tokens, window=long, hop=long / 2, shortest=0.1
    )
