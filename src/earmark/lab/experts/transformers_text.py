"""Text networks in the format of `transformers`: RoBERTa, BERT, MiniLM.

A reader takes a model and its own tokenizer, or a local folder that holds both; nothing is
downloaded. What is longer than the tokenizer's limit is cut, as the networks' makers do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer

from earmark.lab.experts import Read
from earmark.lab.experts.local import open_local
from earmark.lab.sides import Stream, mean

LONGEST = 512  # word pieces, where the tokenizer names no limit of its own


class Reader(nn.Module):
    """Reads sentences; the embedding is the mean over word pieces, both ends included."""

    def __init__(self, model: nn.Module, tokenizer: Any) -> None:  # noqa: ANN401
        super().__init__()
        self.model: Any = model.eval()
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
        x: Tensor = self.model(**given).last_hidden_state
        tokens = Stream(x, given["attention_mask"].bool())
        return Read(mean(tokens), tokens)


def open_reader(folder: Path) -> Reader:
    """Open a model and its tokenizer from a folder."""
    return Reader(*open_local(folder, AutoModel, AutoTokenizer, files=()))
