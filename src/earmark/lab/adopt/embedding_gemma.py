"""EmbeddingGemma 2 (`embedding_gemma2`) as the halves of a bundle: its ears and its reader.

One encoder reads both sides: words as they are, a sound as the soft tokens that an audio tower
makes of its log-mel, one each 40 ms, between two marks. What it finds is the mean of all tokens.
Here those of the sound are kept in time, ten as one, each with its share of the four marks: their
mean is the model's own vector, and moments can be found inside the 10 s. The eyes are left out.

Behind the end of a short sound is digital silence, masked as the model's own batches are; the marks
after it stand where they would without it.
"""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import EmbeddingGemma2Config, EmbeddingGemma2Model, Gemma4AudioFeatureExtractor

from earmark.audio.mel import MelRule
from earmark.errors import DataError
from earmark.lab.adopt import Facts, Halves, times_of
from earmark.lab.adopt.places import TOGETHER, as_tokens
from earmark.lab.adopt.repository import AGAIN, FRONT, find, read_json, read_model, read_tokenizer
from earmark.model.page import LogMel

SECONDS = 10
HALVED = 4  # frames in a soft token
LATE = 2  # frames: one counts whose window ends in the sound, and this one's begins in it
MANY = "many"  # languages; its page speaks of over a hundred
PLAIN = {  # what a bundle's front end does not do
    "preemphasis": 0.0, "dither": 0.0, "input_scale_factor": 1.0, "per_bin_mean": None,
    "per_bin_stddev": None,
}  # fmt: skip
USUAL = (  # the network's weights know nothing of these numbers
    "sampling_rate", "frame_length", "hop_length", "fft_length", "min_frequency", "max_frequency",
    "mel_floor",
)  # fmt: skip
Anything = Any  # transformers has no types that we check


class GemmaSound(nn.Module):
    """Log-mel to tokens whose mean is the model's vector."""

    def __init__(self, model: Anything, rule: MelRule, ends: tuple[list[int], list[int]]) -> None:
        super().__init__()
        self.tower, self.embed = model.audio_tower, model.embed_audio
        self.reader = _without_words(model.language_model)
        self.silence = torch.tensor(rule.floor).log().item()  # a band of digital silence
        c = model.config
        marks = torch.tensor([*ends[0], c.boa_token_id, c.eoa_token_index, *ends[1]])
        self.before = len(ends[0]) + 1
        self.after = len(ends[1]) + 1
        with torch.no_grad():
            self.register_buffer("marks", model.language_model.embed_tokens(marks))

    def forward(self, logmel: Tensor) -> tuple[Tensor, Tensor]:
        """Hear: [n, frames, bands] -> [n, T, width], [n, T]."""
        real = _to_the_end(logmel.amax(dim=2) > self.silence + 1e-4)[:, LATE:]
        frames = logmel[:, :-LATE] * real[:, :, None]
        soft, real = self._listen(frames, real)
        said, kept = self._read(soft, real)
        said = said * kept[:, :, None]
        places = said[:, self.before : -self.after]
        return as_tokens(places, real, said.sum(dim=1) - (places * real[:, :, None]).sum(dim=1))

    def _listen(self, frames: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """Soft tokens of the sound: [n, F, bands], [n, F] -> [n, S, hidden], [n, S].

        As the tower's own forward, whose masks ONNX does not have.
        """
        tower = self.tower
        x, real = tower.subsample_conv_projection(frames, real)
        places = tower.rel_pos_enc(x)
        hidden = _hidden(real, tower.config)
        for layer in tower.layers:
            x = layer(x, attention_mask=hidden, position_embeddings=places)
        return self.embed(inputs_embeds=tower.output_proj(x)), real

    def _read(self, soft: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """The encoder over soft tokens between marks: -> [n, S + marks, width], what counts."""
        marks = self.marks.expand(soft.shape[0], -1, -1)
        x = torch.cat([marks[:, : self.before], soft, marks[:, self.before :]], dim=1)
        always = real[:, :1] | True
        kept = torch.cat(
            [always.expand(-1, self.before), real, always.expand(-1, self.after)], dim=1
        )
        places = kept.long().cumsum(dim=1) - 1
        return _encode(self.reader, x, kept, places), kept


class GemmaWords(nn.Module):
    """Word pieces to a gist, the mean of all that the encoder makes of them."""

    def __init__(self, model: Anything) -> None:
        super().__init__()
        self.reader = model.language_model

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Read: [n, L], [n, L] -> [n, width], [n, L, width]."""
        x = self.reader.embed_tokens(ids)
        said = _encode(self.reader, x, mask, mask.long().cumsum(dim=1) - 1)
        said = said * mask[:, :, None]
        return F.normalize(said.sum(dim=1), dim=1), F.normalize(said, dim=2)


def _without_words(reader: Anything) -> Anything:
    """Give the encoder without its table of word pieces: a third of it, and sounds need none."""
    lighter = copy(reader)
    lighter._modules = {k: v for k, v in reader._modules.items() if k != "embed_tokens"}
    return lighter


def _encode(reader: Anything, x: Tensor, kept: Tensor, places: Tensor) -> Tensor:
    """Run the encoder; no input here is as long as its sliding windows, so one mask is both."""
    away = torch.zeros_like(kept, dtype=x.dtype).masked_fill(~kept, torch.finfo(x.dtype).min)
    masks = dict.fromkeys(("full_attention", "sliding_attention"), away[:, None, None])
    said: Tensor = reader(
        inputs_embeds=x, attention_mask=masks, position_ids=places.clamp(min=0)
    ).last_hidden_state
    return said


def _to_the_end(sounds: Tensor) -> Tensor:
    """What is followed by something that sounds; of silence the start, so that it has a vector."""
    to_come = sounds.long().flip(1).cumsum(dim=1).flip(1) > 0
    start = torch.arange(sounds.shape[1], device=sounds.device) < LATE + HALVED
    return to_come | start


def _hidden(real: Tensor, config: Anything) -> Tensor:
    """What no place of a block may look at: [n, S] -> [n, 1, blocks, chunk, context]."""
    chunk, past = config.attention_chunk_size, config.attention_context_left - 1
    ahead = config.attention_context_right
    blocks = -(-real.shape[1] // chunk)
    behind = blocks * chunk - real.shape[1]
    padded = F.pad(real.float(), (past, behind + ahead))
    at = torch.arange(chunk + past + ahead, device=real.device)
    starts = torch.arange(blocks, device=real.device) * chunk
    there = padded[:, (starts[:, None] + at).flatten()].unflatten(1, (blocks, -1)) > 0
    apart = at - past - torch.arange(chunk, device=real.device)[:, None]
    near = (apart > -past) & ((apart <= 0) | (apart < ahead))
    return ~(there[:, None, :, None, :] & near)


def read(folder: Path, *, own_front: bool) -> Halves:
    """Read a repository of EmbeddingGemma 2, or name what in it does not fit."""
    config = EmbeddingGemma2Config.from_pretrained(folder, local_files_only=True)
    config.vision_config = None  # it need not see
    if config.audio_config is None:
        raise DataError(
            f"{folder}/config.json: there is no audio_config, so this model only reads",
            hint="take the checkpoint that hears too",
        )
    model = read_model(folder, EmbeddingGemma2Model, config=config)
    text = model.config.text_config
    tokenizer, limit = read_tokenizer(folder, text, strict=False)
    ends = ends_of(tokenizer)
    bands = model.config.audio_config.subsampling_conv_channels[0]  # as its tower has it
    front = read_front(folder, bands, own_front=own_front)
    places = SECONDS * front.rate // front.rule.hop // HALVED
    if places + len(ends[0]) + len(ends[1]) + 2 > text.sliding_window:
        raise DataError(
            f"{folder}/config.json: sliding_window is {text.sliding_window}, and {SECONDS} s of "
            f"sound are {places} places",
            hint="take a checkpoint with the published window of 512",
        )
    sound = GemmaSound(model, front.rule, ends)
    return Halves(
        audio=sound.eval(),
        text=GemmaWords(model).eval(),
        tokenizer=tokenizer,
        filler=text.pad_token_id,
        facts=Facts(
            front=front,
            seconds=times_of(front, places // TOGETHER),
            width=text.embedding_dim,
            longest=min(limit, text.sliding_window),
            fill="silence",
            languages=(MANY,),
        ),
    )


def ends_of(tokenizer: str) -> tuple[list[int], list[int]]:
    """What a tokenizer puts before and after every text; a sound stands between them too."""
    made = Tokenizer.from_str(tokenizer)
    bare, whole = (made.encode("a", add_special_tokens=one).ids for one in (False, True))
    at = next(n for n in range(len(whole)) if whole[n : n + len(bare)] == bare)
    return whole[:at], whole[at + len(bare) :]


def read_front(folder: Path, bands: int, *, own_front: bool) -> LogMel:
    """Read the front end; what no bundle does is refused, and numbers unlike the published ones."""
    name = find(folder, *FRONT)
    told = read_json(folder, name)
    told = told.get("feature_extractor", told)
    usual = Gemma4AudioFeatureExtractor()
    try:
        made = Gemma4AudioFeatureExtractor(**told)
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise DataError(f"{folder}/{name}: no front end: {error}", hint=AGAIN) from error
    fault, hint = _fault(told, made, usual, bands, own_front=own_front)
    if fault:
        raise DataError(f"{folder}/{name}: {fault}", hint=hint)
    rule = MelRule(
        rate=made.sampling_rate,
        fft=made.fft_length,
        window=made.frame_length,
        hop=made.hop_length,
        bands=made.feature_size,
        low=float(made.min_frequency),
        high=float(made.max_frequency),
        floor=float(made.mel_floor),
        spectrum="magnitude",
        edges="silence",
        precision="float64",
    )
    frames = SECONDS * rule.rate // rule.hop + 1
    return LogMel(input="logmel", frames=frames, rule=rule, ends=True)


def _fault(
    told: dict[str, Any], made: Anything, usual: Anything, bands: int, *, own_front: bool
) -> tuple[str, str]:
    """Say what of a front end cannot be right, and what to do; or nothing."""
    take = "take it from where the weights are from"
    if made.feature_size != bands:
        return f"feature_size is {made.feature_size}, and the network hears {bands} bands", take
    for key, value in PLAIN.items():
        if getattr(made, key) != value:
            return f"{key} is {getattr(made, key)}, which no bundle does", take
    for key in USUAL:
        found, wanted = told.get(key, getattr(made, key)), getattr(usual, key)
        if found != wanted and not own_front:
            return (
                f"{key} is {found}, and every published one has {wanted}",
                f"{take}; or if it is meant, say --own-front",
            )
    return "", ""
