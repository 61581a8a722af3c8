"""CLAP of LAION (fused, unfused, music) as the halves of a bundle.

**Sound.** The network hears 10 s as one log-mel. What it makes of them is the mean of 32 places in
time, sent through two layers with a bend between them. The bend is what keeps a mean of projected
places from being the projection of the mean; here each unit is replaced by the straight line
through zero that meets its bend at the mean. So the mean of the tokens *is* CLAP's embedding, to
the last digits, and the score of a sentence is the mean of its scores with the tokens (a class
activation map): moments can be found inside the 10 s.

**What is not random here.** `ClapFeatureExtractor` crops longer sounds where chance has it; a
bundle cuts them in quiet places and hears all of them. A fused checkpoint sees sounds longer than
10 s as four pictures, three of them random; no window of ours is longer, so the fusion is never
asked, and its extractor's habit of calling one sound of a batch longer, at random, has no
counterpart. Sounds shorter than 10 s are repeated as the extractor does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import ClapFeatureExtractor, ClapModel

from earmark.audio.mel import MelRule
from earmark.errors import DataError
from earmark.lab.adopt import Facts, Fill, Halves, times_of
from earmark.lab.adopt.repository import FRONT, find, read_json, read_model, read_tokenizer
from earmark.model.page import LogMel, Seconds

PUBLISHED = {  # of all that LAION published; the network's weights know nothing of these numbers
    "sampling_rate": 48_000,
    "hop_length": 480,
    "max_length_s": 10,
    "fft_window_size": 1024,
    "frequency_min": 50,
    "frequency_max": 14_000,
    "padding": "repeatpad",
}
FILLS: dict[str, Fill] = {"repeatpad": "repeat", "pad": "silence"}
Anything = Any  # transformers has no types that we check


class ClapSound(nn.Module):
    """Log-mel to tokens whose mean has unit length and is CLAP's embedding."""

    def __init__(self, model: Anything) -> None:
        super().__init__()
        self.audio_model, self.audio_projection = model.audio_model, model.audio_projection
        encoder = self.audio_model.audio_encoder
        encoder.enable_fusion = encoder.patch_embed.enable_fusion = False  # no input is longer

    def forward(self, logmel: Tensor) -> tuple[Tensor, Tensor]:
        """Hear: [n, frames, bands] -> [n, T, width], [n, T]."""
        said = self.audio_model(input_features=logmel[:, None])
        places = said.last_hidden_state.mean(dim=2).transpose(1, 2)  # over frequency: -> [n, T, D]
        layers = self.audio_projection
        whole = layers.linear1(said.pooler_output)[:, None]  # [n, 1, width]
        bent = layers.activation(whole)
        slope = bent / torch.where(whole == 0, torch.ones_like(whole), whole)
        gist = layers.linear2(bent)
        tokens = layers.linear2(slope * layers.linear1(places))
        tokens = tokens / gist.norm(dim=2, keepdim=True)
        return tokens, torch.ones_like(tokens[:, :, 0])


class ClapWords(nn.Module):
    """Word pieces to a gist; each piece's token goes the way that the first one's gist goes."""

    def __init__(self, model: Anything) -> None:
        super().__init__()
        self.text_model, self.text_projection = model.text_model, model.text_projection

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Read: [n, L], [n, L] -> [n, width], [n, L, width]."""
        said = self.text_model(input_ids=ids, attention_mask=mask.long())
        pooler = self.text_model.pooler
        x = pooler.activation(pooler.dense(said.last_hidden_state))
        tokens = F.normalize(self.text_projection(x), dim=2)
        return tokens[:, 0], tokens


@dataclass(frozen=True, slots=True)
class _Front:
    """What of the front end the network's configuration decides."""

    bands: int
    most: int  # frames
    truncation: str


def read(folder: Path, *, own_front: bool) -> Halves:
    """Read a repository of CLAP, or name what in it does not fit."""
    _refuse_crops(folder)
    model = read_model(folder, ClapModel)
    audio, text = model.config.audio_config, model.config.text_config
    tokenizer, limit = read_tokenizer(folder, text)
    wanted = _Front(
        bands=audio.num_mel_bins,
        most=audio.spec_size * (audio.spec_size // audio.num_mel_bins),
        truncation="fusion" if audio.enable_fusion else "rand_trunc",
    )
    front, fill = read_front(folder, wanted, own_front=own_front)
    sound = ClapSound(model)
    return Halves(
        audio=sound.eval(),
        text=ClapWords(model).eval(),
        tokenizer=tokenizer,
        filler=text.pad_token_id,
        facts=Facts(
            front=front,
            seconds=_seconds(front, sound),
            width=model.config.projection_dim,
            longest=min(limit, text.max_position_embeddings - text.pad_token_id - 1),
            fill=fill,
        ),
    )


def _refuse_crops(folder: Path) -> None:
    told = read_json(folder, "config.json").get("audio_config") or {}
    if told.get("enable_fusion") and told.get("fusion_type") == "channel_map":
        raise DataError(
            f"{folder}/config.json: fusion_type is 'channel_map', which hears four pictures always",
            hint="three of them are random crops, so one sound has no one vector; take another",
        )


def _seconds(front: LogMel, sound: ClapSound) -> Seconds:
    """Give the times; what it learned from, 10 s, is what is searched."""
    with torch.no_grad():
        count = sound(torch.zeros(1, *front.shape))[0].shape[1]
    return times_of(front, count)


def read_front(folder: Path, wanted: _Front, *, own_front: bool) -> tuple[LogMel, Fill]:
    """Read the front end, and refuse by name what the model was not trained with."""
    name = find(folder, *FRONT)
    try:
        made = ClapFeatureExtractor.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, TypeError, ZeroDivisionError) as error:
        first = str(error).splitlines()[0]
        raise DataError(
            f"{folder}/{name}: no front end: {first}",
            hint="take it from where the weights are from",
        ) from error
    fault, hint = _fault(made, wanted, own_front=own_front)
    if fault:
        raise DataError(f"{folder}/{name}: {fault}", hint=hint)
    frames = made.nb_max_samples // made.hop_length + 1
    return LogMel(input="logmel", frames=frames, rule=_rule(made), ends=True), FILLS[made.padding]


def _rule(made: Anything) -> MelRule:
    slaney = made.truncation != "fusion"
    return MelRule(
        rate=made.sampling_rate,
        fft=made.fft_window_size,
        window=made.fft_window_size,
        hop=made.hop_length,
        bands=made.feature_size,
        low=float(made.frequency_min),
        high=float(made.frequency_max),
        scale="slaney" if slaney else "htk",
        area=slaney,
        log="db",
        floor=1e-10,
        precision="float64",  # as it was trained: far from a pure tone, float32 is 0.5 dB off
    )


def _fault(made: Anything, wanted: _Front, *, own_front: bool) -> tuple[str, str]:
    """Say what of a front end cannot be right, and what to do; or nothing."""
    take = "take it from where the weights are from"
    frames = made.nb_max_samples // made.hop_length + 1
    never = {
        f"feature_size is {made.feature_size}, and the network hears {wanted.bands} bands": (
            made.feature_size != wanted.bands
        ),
        f"truncation is {made.truncation!r}, and by its config.json the model learned with "
        f"{wanted.truncation!r}": made.truncation != wanted.truncation,
        f"max_length_s and hop_length make {frames} frames, and the network takes {wanted.most}": (
            frames > wanted.most
        ),
        f"padding is {made.padding!r}, which no bundle does": made.padding not in FILLS,
        f"top_db is {made.top_db}, which no bundle does": made.top_db is not None,
    }
    for fault, is_so in never.items():
        if is_so:
            return fault, take
    for key, value in PUBLISHED.items():
        found = getattr(made, key)
        if found != value and not own_front:
            return (
                f"{key} is {found!r}, and every published CLAP has {value!r}",
                f"{take}; or if it was trained so, say --own-front",
            )
    return "", ""
