"""Text networks in the format of `transformers`: RoBERTa, BERT, MiniLM.

A reader takes a model and its own tokenizer, or a local folder that holds both; nothing is
downloaded. What is longer than the tokenizer's limit is cut, as the networks' makers do. Earlier
levels are what comes out after one and after two thirds of the layers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoModel, AutoTokenizer

from earmark.lab.experts import Read
from earmark.lab.experts.local import open_local
from earmark.lab.sides import Stream, mean

LEVELS = 2  # the last layer is the third
LONGEST = 512  # word pieces, where the tokenizer names no limit of its own


class Reader(nn.Module):
    """Reads sentences; the embedding is the mean over word pieces, both ends included."""

    def __init__(self, model: nn.Module, tokenizer: Any, levels: int = 0) -> None:  # noqa: ANN401
        super().__init__()
        self.model: Any = model.eval()
        thirds = range(LEVELS + 1 - levels, LEVELS + 1)
        depth: int = model.config.num_hidden_layers
        self._levels = [depth * third // (LEVELS + 1) for third in thirds]
        self.tokenizer = tokenizer
        self.longest = min(tokenizer.model_max_length, LONGEST)

    @torch.no_grad()
    def read(self, sentences: list[str]) -> Read:
        """Read each sentence by itself: -> [batch, width]."""
        given = self.tokenizer(
            sentences,
            padding=True,
            truncation=True,
            max_length=self.longest,
            return_tensors="pt",
        ).to(next(self.model.parameters()).device)
        told = self.model(**given, output_hidden_states=True).hidden_states
        real = given["attention_mask"].bool()
        tokens = Stream(told[-1], real, tuple(told[layer] for layer in self._levels))
        return Read(mean(tokens), tokens)


def open_reader(folder: Path, levels: int = 0) -> Reader:
    """Open a model and its tokenizer from a folder."""
    return Reader(*open_local(folder, AutoModel, AutoTokenizer, files=()), levels)
