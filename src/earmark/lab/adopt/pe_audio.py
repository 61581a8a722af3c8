"""Perception Encoder audio (`pe_audio`) as the halves of a bundle.

Its sound half hears the wave itself, of any length; here 10 s at a time, since a graph of fixed
shape gives the same bits whatever is heard beside it. One vector stands for all of an input: where
in it a sound is, the model does not say. What stands behind the end of a short sound is digital
silence and masked, as the model's own batches are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import PeAudioFeatureExtractor, PeAudioModel

from earmark.errors import DataError
from earmark.lab.adopt import Facts, Halves, times_of
from earmark.lab.adopt.repository import FRONT, find, read_model, read_tokenizer
from earmark.model.page import Wave

SECONDS = 10
Anything = Any  # transformers has no types that we check


class PlainNorm(nn.Module):
    """The encoder's masked norm over all channels and times, in steps that ONNX has."""

    def __init__(self, norm: Anything) -> None:
        super().__init__()
        self.weight, self.bias, self.eps = norm.weight, norm.bias, norm.eps

    def forward(self, x: Tensor, padding_mask: Tensor) -> Tensor:
        """Norm what is real: [n, width, T] twice -> [n, width, T]."""
        real = padding_mask.to(x.dtype)
        count = real.sum(dim=(1, 2), keepdim=True)
        apart = x - (x * real).sum(dim=(1, 2), keepdim=True) / count
        spread = (apart.square() * real).sum(dim=(1, 2), keepdim=True) / count
        y = apart / (spread + self.eps).sqrt()
        return (y * self.weight[:, None] + self.bias[:, None]) * real


class PeSound(nn.Module):
    """The wave to one token of unit length."""

    def __init__(self, model: Anything) -> None:
        super().__init__()
        self.audio_encoder, self.audio_head = model.audio_encoder, model.audio_head
        around = self.audio_encoder.patch_embedder.resnet_block
        for block in (around.block1, around.block2):
            block.groupnorm = PlainNorm(block.groupnorm)

    def forward(self, wave: Tensor) -> tuple[Tensor, Tensor]:
        """Hear: [n, samples] -> [n, 1, width], [n, 1]."""
        to_come = (wave != 0).long().flip(1).cumsum(1).flip(1)  # how much sounds from here on
        first = torch.arange(wave.shape[1], device=wave.device) == 0  # silence too has a vector
        real = ((to_come > 0) | first).long()
        said = self.audio_encoder(input_values=wave[:, None], padding_mask=real)
        tokens = F.normalize(self.audio_head(said.pooler_output), dim=1)[:, None]
        return tokens, torch.ones_like(tokens[:, :, 0])


class PeWords(nn.Module):
    """Word pieces to a gist and tokens."""

    def __init__(self, model: Anything) -> None:
        super().__init__()
        self.text_model, self.text_audio_head = model.text_model, model.text_audio_head

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Read: [n, L], [n, L] -> [n, width], [n, L, width]."""
        said = self.text_model(input_ids=ids, attention_mask=mask.long(), output_hidden_states=True)
        tokens = F.normalize(self.text_audio_head(said.hidden_states[-1]), dim=2)
        return tokens[:, 0], tokens


def read(folder: Path, *, own_front: bool) -> Halves:
    """Read a repository of PE audio, or name what in it does not fit."""
    model = read_model(folder, PeAudioModel)
    text = model.config.text_config
    tokenizer, limit = read_tokenizer(folder, text)
    front = read_front(folder, model.config.audio_config.dac_config, own_front=own_front)
    return Halves(
        audio=PeSound(model).eval(),
        text=PeWords(model).eval(),
        tokenizer=tokenizer,
        filler=text.pad_token_id,
        facts=Facts(
            front=front,
            seconds=times_of(front, 1),
            width=text.hidden_size,
            longest=min(limit, text.max_position_embeddings),
            fill="silence",
        ),
    )


def read_front(folder: Path, dac: Anything, *, own_front: bool) -> Wave:
    """Read rate and hop, which the network's own codec must have too."""
    name = find(folder, *FRONT)
    made = PeAudioFeatureExtractor.from_pretrained(folder, local_files_only=True)
    told = {
        "sampling_rate": (made.sampling_rate, dac.sampling_rate),
        "hop_length": (made.hop_length, dac.hop_length),
    }
    for key, (found, wanted) in told.items():
        if found != wanted and not own_front:
            raise DataError(
                f"{folder}/{name}: {key} is {found}, and by config.json the codec has {wanted}",
                hint="take it from where the weights are from; or if it is meant, say --own-front",
            )
    if made.feature_size != 1:
        raise DataError(
            f"{folder}/{name}: feature_size is {made.feature_size}, and a bundle hears mono",
            hint="take a checkpoint that hears mono",
        )
    return Wave(input="wave", samples=SECONDS * made.sampling_rate, rate=made.sampling_rate)
