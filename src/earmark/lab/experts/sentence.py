"""The sentence model all-MiniLM-L6-v2: mean over word pieces, unit length, 384 wide.

It teaches the text half what words mean. `tools/get_teacher.py` fetches it. What is longer than
256 word pieces is cut, as its makers do. Its earlier levels are what comes out after one and after
two thirds of its layers.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from earmark.lab.experts import TEACHERS, Read, must_exist
from earmark.lab.experts.bert import Bert
from earmark.lab.sides import Stream, mean

FILES = ("config.json", "model.safetensors", "tokenizer.json")
LONGEST = 256  # word pieces
LEVELS = 2  # the last layer is the third
BATCH = 64


class SentenceModel(nn.Module):
    """Reads sentences; embeddings are compared by dot product."""

    def __init__(self, model: Bert, tokenizer: Tokenizer, levels: int = 0) -> None:
        super().__init__()
        self.model = model.eval()
        thirds = range(LEVELS + 1 - levels, LEVELS + 1)
        self._levels = [len(model.layers) * third // (LEVELS + 1) for third in thirds]
        tokenizer.enable_truncation(LONGEST)
        tokenizer.enable_padding()  # to the longest of a batch, by piece 0 and of no effect
        self._tokenizer = tokenizer

    @torch.no_grad()
    def read(self, sentences: list[str]) -> Read:
        """Read each sentence by itself: -> [batch, 384], unit length."""
        pieces = self._tokenizer.encode_batch(sentences)
        device = self.model.norm.weight.device
        ids = torch.tensor([one.ids for one in pieces], device=device)
        real = torch.tensor([one.attention_mask for one in pieces], device=device).bool()
        told = self.model.climb(ids, real)
        tokens = Stream(told[-1], real, tuple(told[layer] for layer in self._levels))
        return Read(F.normalize(mean(tokens), dim=1), tokens)

    def embed(self, sentences: list[str]) -> Tensor:
        """Embed any number, those of like length together: -> [sentences, 384] on the CPU."""
        order = sorted(range(len(sentences)), key=lambda number: len(sentences[number]))
        out = torch.empty(len(sentences), self.model.width)
        for first in range(0, len(order), BATCH):
            some = order[first : first + BATCH]
            out[some] = self.read([sentences[number] for number in some]).embedding.cpu()
        return out


def open_sentence(folder: Path, levels: int = 0) -> SentenceModel:
    """Open it from a folder."""
    settings, weights, tokenizer = (must_exist(Path(folder) / file, TEACHERS) for file in FILES)
    model = Bert(json.loads(settings.read_text(encoding="utf-8")))
    model.load(load_file(weights))
    return SentenceModel(model, Tokenizer.from_file(str(tokenizer)), levels)
