"""BERT's encoder in plain torch, so that a sentence model needs no more than the lab has.

Shapes: B sentences, L word pieces, D width.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

RENAMED = (  # published name, ours; the longer ones first, as some end like others
    ("embeddings.word_embeddings", "pieces"),
    ("embeddings.position_embeddings", "places"),
    ("embeddings.token_type_embeddings", "kinds"),
    ("embeddings.LayerNorm", "norm"),
    ("encoder.layer", "layers"),
    ("attention.self.", ""),
    ("attention.output.dense", "joined"),
    ("attention.output.LayerNorm", "looked"),
    ("intermediate.dense", "up"),
    ("output.dense", "down"),
    ("output.LayerNorm", "thought"),
)
LEFT_OUT = ("pooler.", "embeddings.position_ids")  # what mean pooling has no use for


class Bert(nn.Module):
    """Word pieces in, one vector a piece out; `config` is the published `config.json`."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        self.width: int = config["hidden_size"]
        self.pieces = nn.Embedding(config["vocab_size"], self.width)
        self.places = nn.Embedding(config["max_position_embeddings"], self.width)
        self.kinds = nn.Embedding(config["type_vocab_size"], self.width)
        self.norm = nn.LayerNorm(self.width, eps=config["layer_norm_eps"])
        blocks = range(config["num_hidden_layers"])
        self.layers = nn.ModuleList(_Block(config) for _ in blocks)

    def forward(self, ids: Tensor, real: Tensor) -> Tensor:
        """Read: [B, L] int64 and [B, L] bool -> [B, L, D]."""
        return self.climb(ids, real)[-1]

    def climb(self, ids: Tensor, real: Tensor) -> list[Tensor]:
        """Read, and tell what goes into the first layer and what comes out of each."""
        places = torch.arange(ids.shape[1], device=ids.device)
        told = [self.norm(self.pieces(ids) + self.kinds.weight[0] + self.places(places))]
        for layer in self.layers:
            told.append(layer(told[-1], real))
        return told

    def load(self, weights: dict[str, Tensor]) -> None:
        """Take published weights; each of ours must be among them, and none may be left over."""
        kept = {name: value for name, value in weights.items() if not name.startswith(LEFT_OUT)}
        self.load_state_dict({_ours(name): value for name, value in kept.items()})


class _Block(nn.Module):
    """Look at the other pieces, then think; each is added and normalised."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        width, inner = config["hidden_size"], config["intermediate_size"]
        self.heads: int = config["num_attention_heads"]
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.joined = nn.Linear(width, width)
        self.looked = nn.LayerNorm(width, eps=config["layer_norm_eps"])
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)
        self.thought = nn.LayerNorm(width, eps=config["layer_norm_eps"])

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        """Padding is seen by no piece: [B, L, D] -> [B, L, D]."""
        parts = (part(x) for part in (self.query, self.key, self.value))
        query, key, value = (p.unflatten(2, (self.heads, -1)).transpose(1, 2) for p in parts)
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=real[:, None, None])
        x = self.looked(x + self.joined(seen.transpose(1, 2).flatten(2)))
        y: Tensor = self.thought(x + self.down(F.gelu(self.up(x))))
        return y


def _ours(name: str) -> str:
    for published, own in RENAMED:
        name = name.replace(published, own)
    return name
