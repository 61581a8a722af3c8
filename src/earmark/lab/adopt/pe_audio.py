"""Perception Encoder audio as the halves of a bundle: `pe_audio`, and what hears in PE-AV.

Its sound half hears the wave itself, of any length; here 10 s at a time, since a graph of fixed
shape gives the same bits whatever is heard beside it. What stands behind the end of a short sound
is digital silence and masked, as the model's own batches are.

**Frames** (PE-A-Frame). A vector each 40 ms, in the space of the words; ten are kept as one, so
moments can be found inside the 10 s. The vector of a stretch of time is the mean of its frames: the
score of a sentence with it is the mean of its scores with them.

**Whole** (PE-AV, and `pe_audio` that was not trained for frames). One vector stands for all of an
input: where in it a sound is, the model does not say. Of PE-AV the half that sees is left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import PeAudioFeatureExtractor, PeAudioModel, PeAudioVideoConfig

from earmark.errors import DataError
from earmark.lab.adopt import Facts, Halves, times_of
from earmark.lab.adopt.places import TOGETHER, as_tokens
from earmark.lab.adopt.repository import (
    FRONT,
    find,
    kind_of,
    names_of,
    read_json,
    read_model,
    read_tokenizer,
)
from earmark.model.page import Wave

SECONDS = 10
FRAMES = "PeAudioFrameLevelModel"  # the architecture whose frames lie in the space of the words
HEARS = r"^audio_model\."  # where in PE-AV that stands which PE audio is ...
SHARED = r"^audio_video_encoder\.embedder\."  # ... and where its encoder may stand, stored once
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
    """The wave to tokens: one of unit length, or with `frames` a mean of frames each."""

    def __init__(self, model: Anything, *, frames: bool) -> None:
        super().__init__()
        self.frames = frames
        self.audio_encoder, self.audio_head = model.audio_encoder, model.audio_head
        self.hop = model.config.audio_config.dac_config.hop_length
        around = self.audio_encoder.patch_embedder.resnet_block
        for block in (around.block1, around.block2):
            block.groupnorm = PlainNorm(block.groupnorm)

    def forward(self, wave: Tensor) -> tuple[Tensor, Tensor]:
        """Hear: [n, samples] -> [n, T, width], [n, T]."""
        to_come = (wave != 0).long().flip(1).cumsum(1).flip(1)  # how much sounds from here on
        first = torch.arange(wave.shape[1], device=wave.device) == 0  # silence too has a vector
        real = ((to_come > 0) | first).long()
        said = self.audio_encoder(input_values=wave[:, None], padding_mask=real)
        if self.frames:
            found = self.audio_head(said.last_hidden_state)
            return as_tokens(found, real[:, :: self.hop] > 0, torch.zeros_like(found[:, 0]))
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
    """Read a repository of PE audio or PE-AV, or name what in it does not fit."""
    model = _model(folder)
    text = model.config.text_config
    tokenizer, limit = read_tokenizer(folder, text)
    front = read_front(folder, model.config.audio_config.dac_config, own_front=own_front)
    frames = FRAMES in (read_json(folder, "config.json").get("architectures") or [])
    sound = PeSound(model, frames=frames).eval()
    return Halves(
        audio=sound,
        text=PeWords(model).eval(),
        tokenizer=tokenizer,
        filler=text.pad_token_id,
        facts=Facts(
            front=front,
            seconds=times_of(front, front.samples // sound.hop // TOGETHER if frames else 1),
            width=text.hidden_size,
            longest=min(limit, text.max_position_embeddings),
            fill="silence",
        ),
    )


def _model(folder: Path) -> Anything:
    """Build PE audio; out of PE-AV, whose weights stand one name deeper."""
    if kind_of(folder) == "pe_audio":
        return read_model(folder, PeAudioModel)
    whole = PeAudioVideoConfig.from_pretrained(folder, local_files_only=True)
    stored = any(name.startswith("audio_model.audio_encoder.") for name in names_of(folder))
    deeper = {HEARS: ""} if stored else {HEARS: "", SHARED: ""}
    return read_model(folder, PeAudioModel, config=whole.audio_config, key_mapping=deeper)


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
