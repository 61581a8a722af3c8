"""Pairs as sides: what the towers of a recipe made of their sounds and sentences."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from earmark.audio.mix import mix, power
from earmark.lab.features.kept import Few, Sounds, Wave, heard, told
from earmark.lab.features.readers import open_reader
from earmark.lab.features.towers import open_tower
from earmark.lab.matchers import Widths
from earmark.lab.objectives import Places
from earmark.lab.pairs import Pairs
from earmark.lab.recipe import FeatureRule
from earmark.lab.sides import Side, Stream
from earmark.lab.sounds.kept import Kept
from earmark.types import Samples

Numbers = npt.NDArray[np.int64]


class Featured:
    """Pairs, and what frozen towers made of both sides."""

    def __init__(self, pairs: Pairs, rule: FeatureRule, places: Places) -> None:
        self.pairs = pairs
        self._rule, self._places = rule, places
        self._audio = self._hear(pairs.sounds)
        self._noisy = self._hear(in_noise(pairs, rule)) if rule.noisy else {}
        self._text = told(
            pairs.task.texts,
            open_reader(rule.text),
            rule.tokens,
            places.cache,
            partial(places.watch, f"reading with {rule.text}"),
        )

    def _hear(self, sounds: Sounds) -> dict[str, Kept]:
        rule, places = self._rule, self._places
        return {
            "main" if not place else name: heard(
                sounds,
                open_tower(name, places.data),
                Few(most=rule.tokens, cut=rule.cut),
                places.cache,
                partial(places.watch, f"hearing with {name}"),
            )
            for place, name in enumerate(rule.audio)
        }

    @property
    def widths(self) -> Widths:
        """How wide the streams of both sides are."""
        audio = {name: kept.tokens.shape[2] for name, kept in self._audio.items()}
        return Widths({"main": self._text.tokens.shape[2]}, audio)

    def text(self, numbers: Numbers, device: torch.device) -> Side:
        """Give some sentences as a side."""
        return {"main": self._text.stream(numbers, device)}

    def audio(
        self, numbers: Numbers, device: torch.device, noisy: npt.NDArray[np.bool_] | None = None
    ) -> Side:
        """Give some sounds as a side, some of them in noise."""
        plain = {name: kept.stream(numbers, device) for name, kept in self._audio.items()}
        if noisy is None or not noisy.any():
            return plain
        drowned = {name: kept.stream(numbers, device) for name, kept in self._noisy.items()}
        chosen = torch.from_numpy(noisy).to(device)
        return {name: _either(chosen, drowned[name], one) for name, one in plain.items()}


def in_noise(pairs: Pairs, rule: FeatureRule) -> Sounds:
    """The same sounds, each in noise of its split at a level of its own."""

    def drowned(number: int, rate: int) -> Samples:
        wave = pairs.sounds.waves[number](rate)
        noise = pairs.noise(number, len(wave), rate)
        snr_db = float(np.random.default_rng((8, number)).uniform(*rule.noise_snr_db))
        # A silent sound, or a silent noise, sets no ratio: it is heard as it is.
        return mix(wave, noise, snr_db, rate=rate) if power(wave) and power(noise) else wave

    waves: list[Wave] = [partial(drowned, number) for number in range(len(pairs.sounds.waves))]
    return Sounds(waves=waves, key=f"{pairs.sounds.key} in noise {rule.noise_snr_db}")


def _either(first: Tensor, one: Stream, other: Stream) -> Stream:
    """Rows of one stream where `first`, of the other elsewhere."""
    return Stream(
        torch.where(first[:, None, None], one.x, other.x),
        torch.where(first[:, None], one.real, other.real),
        weight=torch.where(first[:, None], _weight(one), _weight(other)),
    )


def _weight(stream: Stream) -> Tensor:
    return stream.real.float() if stream.weight is None else stream.weight
