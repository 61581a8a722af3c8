"""A small network that says what it hears: a transformer that goes on from what it said so far.

Sentences are told by beam search: of all that could be said next, the likeliest few are followed,
and what came to its end is compared by its mean log likelihood a word piece. Nothing is drawn by
chance, so a sound always has the same captions.

Shapes: B sounds, M tokens of sound, L word pieces, K beams, V vocabulary.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor, nn

from earmark.lab.objectives.read import tokenizer_of
from earmark.lab.sides import Stream
from earmark.lab.towers.tokenizer import END, NAMES, PAD, START

LONGEST = 32  # word pieces, both ends included
WIDTH, DEPTH, HEADS, DROPOUT = 128, 2, 4, 0.1


class Teller(nn.Module):
    """Tokens of sound and the pieces so far to what comes next: -> [B, L, V].

    The tokenizer is a buffer, so that weights never part from the word pieces that they know.
    """

    def __init__(self, heard: int, tokenizer: Tokenizer) -> None:
        super().__init__()
        self.into = nn.Sequential(nn.LayerNorm(heard), nn.Linear(heard, WIDTH))
        self.pieces = nn.Embedding(tokenizer.get_vocab_size(), WIDTH)
        self.places = nn.Embedding(LONGEST, WIDTH)
        for table in (self.pieces, self.places):
            nn.init.normal_(table.weight, std=0.02)
        block = nn.TransformerDecoderLayer(
            WIDTH, HEADS, 4 * WIDTH, DROPOUT, F.gelu, batch_first=True, norm_first=True
        )
        self.blocks = nn.TransformerDecoder(block, DEPTH, nn.LayerNorm(WIDTH))
        raw = np.frombuffer(tokenizer.to_str().encode(), np.uint8)
        self.register_buffer("tokenizer", torch.tensor(raw))

    def forward(self, ids: Tensor, sound: Stream) -> Tensor:
        """Say what comes after each piece, which sees none behind it: [B, L], B -> [B, L, V]."""
        length = ids.shape[1]
        later = torch.ones(length, length, dtype=torch.bool, device=ids.device).triu(1)
        x = self.pieces(ids) + self.places.weight[:length]
        heard = self.into(sound.x)
        x = self.blocks(x, heard, tgt_mask=later, memory_key_padding_mask=~sound.real)
        logits: Tensor = x @ self.pieces.weight.T
        return logits

    @torch.no_grad()
    def tell(self, sound: Stream, count: int) -> list[list[str]]:
        """Say each of these sounds in so many ways, the likeliest first."""
        tokenizer = tokenizer_of(self.state_dict())
        return [
            [tokenizer.decode([one for one in said if one >= len(NAMES)]).strip() for said in beams]
            for beams in search(self, sound, count)
        ]


def search(teller: nn.Module, sound: Stream, count: int) -> list[list[list[int]]]:
    """Follow the likeliest beginnings of each sound to their ends: pieces, the best first."""
    beams = Stream(*(part.repeat_interleave(count, dim=0) for part in (sound.x, sound.real)))
    said = torch.full((len(beams.x), 1), START)
    # All beams of a sound begin alike: only the first one counts, or all would be the same.
    total = torch.zeros(len(sound.x), count).index_fill(1, torch.arange(1, count), -torch.inf)
    ended = torch.zeros(len(sound.x), count, dtype=torch.bool)
    for _ in range(LONGEST - 1):
        added = _next(teller(said, beams)[:, -1], ended.flatten()).unflatten(0, total.shape)
        total, place = (total[..., None] + added).flatten(1).topk(count, dim=1)
        before = place // added.shape[2]
        rows = (before + count * torch.arange(len(before))[:, None]).flatten()
        said = torch.cat([said[rows], (place % added.shape[2]).flatten()[:, None]], dim=1)
        ended = ended.gather(1, before) | (place % added.shape[2] == END)
        if ended.all():
            break
    return _ranked(said.unflatten(0, total.shape), total)


def _next(logits: Tensor, ended: Tensor) -> Tensor:
    """Log likelihoods of what comes next; what has ended goes on with PAD, at no cost: [n, V]."""
    logits[:, [PAD, START]] = -torch.inf
    added = logits.log_softmax(dim=1)
    added[ended] = -torch.inf
    added[ended, PAD] = 0.0
    return added


def _ranked(said: Tensor, total: Tensor) -> list[list[list[int]]]:
    """Put the beams of each sound in order by their likelihood a piece."""
    pieces = (said > START).sum(dim=2)
    order = (total / pieces.clamp(min=1)).argsort(dim=1, descending=True, stable=True)
    return [[said[b, k].tolist() for k in row.tolist()] for b, row in enumerate(order)]
