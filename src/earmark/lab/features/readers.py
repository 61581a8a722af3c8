"""Networks that read and do not learn: a sentence to tokens, one a word piece."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from earmark.lab.experts import EXPERTS, TextExpert, must_exist, open_expert, usual_place
from earmark.lab.features.towers import key_of
from earmark.model.model import Model
from earmark.model.page import TEXT as TEXT_GRAPH
from earmark.model.page import TOKENIZER

Floats = npt.NDArray[np.float32]
TEXT = ("minilm", "bert", "roberta")  # experts that read


class TextTower(Protocol):
    """Reads one sentence."""

    name: str
    key: str

    def read(self, sentence: str) -> Floats:
        """Read: -> tokens [L, W], at least one."""


class ExpertReader:
    """A sentence model, or another expert that reads."""

    def __init__(self, name: str, key: str, expert: TextExpert) -> None:
        self.name, self.key = name, key
        self._expert = expert

    def read(self, sentence: str) -> Floats:
        """Read: -> [L, W]."""
        tokens = self._expert.read([sentence]).tokens
        found: Floats = tokens.x[0, tokens.real[0]].cpu().numpy().astype(np.float32)
        return found


class BundleReader:
    """The text half of a bundle."""

    def __init__(self, model: Model) -> None:
        files = model.page.files
        self.name, self.key = model.name, files[TEXT_GRAPH] + files[TOKENIZER]
        self._model = model

    def read(self, sentence: str) -> Floats:
        """Read: -> [L, W]."""
        return self._model.read(sentence)[1]


def open_reader(name: str) -> TextTower:
    """Open an expert by its name, or a bundle by its name or folder."""
    if name in TEXT:
        place = must_exist(usual_place(name), EXPERTS[name].home)
        return ExpertReader(name, key_of(place), open_expert(name, place))
    return BundleReader(Model.load(name))
