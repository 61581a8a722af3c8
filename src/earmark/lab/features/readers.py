"""Networks that read and do not learn: a sentence to tokens, one a word piece."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from earmark.lab.experts import (
    EXPERTS,
    TextExpert,
    must_exist,
    open_expert,
    refuse_levels,
    usual_place,
)
from earmark.lab.features.towers import Floats, Tokens, key_of, layers
from earmark.model.model import Model
from earmark.model.page import TEXT as TEXT_GRAPH
from earmark.model.page import TOKENIZER

PIECES = "pieces"  # what words that learn are given
TEXT = ("minilm", "bert", "roberta")  # experts that read


class TextTower(Protocol):
    """Reads one sentence."""

    name: str
    key: str

    def read(self, sentence: str) -> Tokens:
        """Read: -> tokens [L, W], at least one."""


class ExpertReader:
    """A sentence model, or another expert that reads."""

    def __init__(self, name: str, key: str, expert: TextExpert) -> None:
        self.name, self.key = name, key
        self._expert = expert

    def read(self, sentence: str) -> Tokens:
        """Read: -> tokens [L, W]."""
        return in_order(*layers(self._expert.read([sentence]).tokens))


class BundleReader:
    """The text half of a bundle."""

    def __init__(self, model: Model) -> None:
        files = model.page.files
        self.name, self.key = model.name, files[TEXT_GRAPH] + files[TOKENIZER]
        self._model = model

    def read(self, sentence: str) -> Tokens:
        """Read: -> tokens [L, W]."""
        return in_order(self._model.read(sentence)[1])


def open_reader(name: str, levels: int = 0) -> TextTower:
    """Open an expert by its name, or a bundle by its name or folder."""
    if name == PIECES:
        from earmark.lab.features.raw import PieceReader  # here: it gives tokens as all here do

        refuse_levels(name, levels, 0)
        return PieceReader()
    if name in TEXT:
        place = must_exist(usual_place(name), EXPERTS[name].home)
        return ExpertReader(name, key_of(place, levels), open_expert(name, place, levels))
    refuse_levels(name, levels, 0)
    return BundleReader(Model.load(name))


def in_order(x: Floats, *levels: Floats) -> Tokens:
    """Word pieces that all count alike, each at its place: [L, W] -> tokens."""
    return Tokens(x, np.ones(len(x), np.float32), np.arange(len(x), dtype=np.float32), levels)
