"""Audio networks in the format of `transformers`: CLAP's sound half, AST and Whisper's encoder.

Each takes a model and its own feature extractor, or a local folder that holds both; nothing is
downloaded. Their inputs have one length (10, 10.24 and 30 s by default), which their extractors
fill up. A longer wave is heard in equal pieces: tokens follow each other, and scores and embedding
are means. Tokens that stand for filling alone are left out. CLAP's earlier levels are what comes
out of its stages before the last, as the next stage is given it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import (
    ASTFeatureExtractor,
    ASTForAudioClassification,
    ClapAudioModelWithProjection,
    ClapFeatureExtractor,
    WhisperFeatureExtractor,
    WhisperModel,
)

from earmark.lab.experts import Heard
from earmark.lab.experts.local import open_local
from earmark.lab.sides import Stream

AST_HOP = 160  # samples from one frame of AST's front end to the next


class _Ears(nn.Module, ABC):
    """What the three have in common: pieces in, answers joined."""

    def __init__(self, model: nn.Module, extractor: Any, longest: int) -> None:  # noqa: ANN401
        super().__init__()
        self.model: Any = model.eval()
        self.extractor = extractor
        self.rate: int = extractor.sampling_rate
        self.longest = longest  # samples that go in at once
        self.names: tuple[str, ...] = ()

    @torch.no_grad()
    def hear(self, waves: Tensor) -> Heard:
        """Hear waves at `rate`: [batch, samples]."""
        count = math.ceil(waves.shape[1] / self.longest)
        parts = [self._hear(piece) for piece in waves.tensor_split(count, dim=1)]
        x, *levels = (
            torch.cat(some, dim=1)
            for some in zip(*((p.tokens.x, *p.tokens.levels) for p in parts), strict=True)
        )
        real = torch.ones(x.shape[:2], dtype=torch.bool, device=x.device)
        scores = [part.scores for part in parts if part.scores is not None]
        return Heard(
            torch.stack(scores).mean(dim=0) if scores else None,
            torch.stack([part.embedding for part in parts]).mean(dim=0),
            Stream(x, real, tuple(levels)),
        )

    @abstractmethod
    def _hear(self, piece: Tensor) -> Heard:
        """Hear a piece that fits: [batch, samples]."""

    def _features(self, piece: Tensor) -> Tensor:
        """What the extractor makes of a piece, on the model's device."""
        waves = list(piece.cpu().numpy())
        made = self.extractor(waves, sampling_rate=self.rate, return_tensors="pt")
        features: Tensor = made[self.extractor.model_input_names[0]]
        return features.to(next(self.model.parameters()).device, torch.float32)

    def _heard(self, x: Tensor, piece: Tensor, levels: tuple[Tensor, ...] = ()) -> Stream:
        """Keep the tokens of the sound itself: [batch, tokens of a full input, width]."""
        end = math.ceil(x.shape[1] * piece.shape[1] / self.longest)
        real = torch.ones(len(x), end, dtype=torch.bool, device=x.device)
        return Stream(x[:, :end], real, tuple(one[:, :end] for one in levels))


class ClapEars(_Ears):
    """CLAP; the embedding is that of the space it shares with text, not of unit length."""

    def __init__(self, model: nn.Module, extractor: Any, levels: int = 0) -> None:  # noqa: ANN401
        super().__init__(model, extractor, extractor.nb_max_samples)
        self.levels = levels

    def _hear(self, piece: Tensor) -> Heard:
        # No piece is too long; the extractor would call one that it draws by chance so.
        longer = torch.zeros(len(piece), 1, dtype=torch.bool)
        said = self.model(
            input_features=self._features(piece),
            is_longer=longer,
            output_hidden_states=self.levels > 0,
        )
        x = said.last_hidden_state.mean(dim=2).transpose(1, 2)  # over frequency: -> [B, T, D]
        maps = said.hidden_states[-1 - self.levels : -1] if self.levels else ()
        levels = tuple(self._level(one, x.shape[1]) for one in maps)
        return Heard(None, said.audio_embeds, self._heard(x, piece, levels))

    def _level(self, maps: Tensor, steps: int) -> Tensor:
        """Lay what a stage sees in the order of time: [B, C, rows, columns] -> [B, steps, C].

        It sees a square: the input in `ratio` parts, each under the one before it.
        """
        parts = maps.unflatten(2, (self.model.audio_model.audio_encoder.freq_ratio, -1))
        return F.adaptive_avg_pool1d(parts.mean(dim=3).flatten(2), steps).transpose(1, 2)


class AstEars(_Ears):
    """AST with its head for classes; the embedding is the mean of its two class tokens."""

    def __init__(self, model: nn.Module, extractor: Any) -> None:  # noqa: ANN401
        super().__init__(model, extractor, extractor.max_length * AST_HOP)
        labels: dict[int, str] = self.model.config.id2label
        self.names = tuple(labels[number] for number in range(len(labels)))

    def _hear(self, piece: Tensor) -> Heard:
        said = self.model.audio_spectrogram_transformer(self._features(piece))
        logits = self.model.classifier(said.pooler_output)
        config = self.model.config
        high = (config.num_mel_bins - config.patch_size) // config.frequency_stride + 1
        x = said.last_hidden_state[:, 2:].unflatten(1, (high, -1)).mean(dim=1)
        return Heard(logits.sigmoid(), said.pooler_output, self._heard(x, piece))


class WhisperEars(_Ears):
    """Whisper's encoder; the embedding is the mean of its tokens."""

    def __init__(self, model: nn.Module, extractor: Any) -> None:  # noqa: ANN401
        super().__init__(model, extractor, extractor.n_samples)

    def _hear(self, piece: Tensor) -> Heard:
        tokens = self._heard(self.model(self._features(piece)).last_hidden_state, piece)
        return Heard(None, tokens.x.mean(dim=1), tokens)


def open_clap(folder: Path, levels: int = 0) -> ClapEars:
    """Open CLAP from a folder."""
    return ClapEars(*_open(folder, ClapAudioModelWithProjection, ClapFeatureExtractor), levels)


def open_ast(folder: Path) -> AstEars:
    """Open AST from a folder."""
    return AstEars(*_open(folder, ASTForAudioClassification, ASTFeatureExtractor))


def open_whisper(folder: Path) -> WhisperEars:
    """Open Whisper from a folder, and leave its decoder there."""
    model, extractor = _open(folder, WhisperModel, WhisperFeatureExtractor)
    return WhisperEars(model.encoder, extractor)


def _open(folder: Path, model: Any, extractor: Any) -> tuple[Any, Any]:  # noqa: ANN401
    return open_local(folder, model, extractor, files=("preprocessor_config.json",))
