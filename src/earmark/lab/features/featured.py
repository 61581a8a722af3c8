"""Pairs as sides: what the towers of a recipe made of their sounds and sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from earmark.audio.mix import mix, power
from earmark.lab.captioners import Captioner, asked_of
from earmark.lab.captioners.written import NONE, written
from earmark.lab.features.captioned import Captioned
from earmark.lab.features.kept import Few, Layered, Sounds, Wave, heard, told
from earmark.lab.features.placed import placed
from earmark.lab.features.readers import open_reader
from earmark.lab.features.towers import open_tower
from earmark.lab.matchers import Widths
from earmark.lab.objectives import Places
from earmark.lab.pairs import Pairs
from earmark.lab.recipe import FeatureRule
from earmark.lab.sides import Side, Stream
from earmark.types import Samples

Numbers = npt.NDArray[np.int64]
NOT_TURNED = "."  # stands where a sentence has no order, and is never asked for
Read = Callable[[Numbers, torch.device], Stream]  # numbers of sentences -> their tokens


class Beside(NamedTuple):
    """Sentences that are read beside those of the pairs."""

    rewrites: Sequence[str] = ()  # which may be read in place of them
    turned: Sequence[str] = ()  # each with its order turned round, or ""


NOTHING = Beside()


class Featured:
    """Pairs, what frozen towers made of both sides, and what a captioner wrote, if one did."""

    def __init__(
        self,
        pairs: Pairs,
        rule: FeatureRule,
        places: Places,
        captioner: Captioner | None = None,
        beside: Beside = NOTHING,
    ) -> None:
        self.pairs = pairs
        self._audio = heard_by(rule, pairs.sounds, places)
        self._noisy = heard_by(rule, in_noise(pairs, rule), places) if rule.noisy else {}
        self._text = read_by(rule, pairs.task.texts, places)
        self._rewrites = read_by(rule, beside.rewrites, places) if beside.rewrites else None
        asked = [text or NOT_TURNED for text in beside.turned]
        self._turned = read_by(rule, asked, places) if asked else None
        self._orders = np.array([bool(text) for text in beside.turned], dtype=bool)
        self._places = rule.places
        self.captions = captioned(captioner, pairs, rule, places) if captioner else None

    @property
    def widths(self) -> Widths:
        """How wide the streams of both sides are, and the earlier levels of `main`."""
        audio = {name: one.widths[0] for name, one in self._audio.items()}
        audio["main"] += 2 * self._places
        if self.captions:
            audio["captions"] = self.captions.width
        text, *below = self._text.widths
        return Widths({"main": text}, audio, tuple(below), self._audio["main"].widths[1:])

    def text(
        self,
        numbers: Numbers,
        device: torch.device,
        written: Numbers | None = None,
        rewritten: Numbers | None = None,
    ) -> Side:
        """Give some sentences as a side, or captions or rewrites in place of some of them."""
        main = self._text.stream(numbers, device)
        if self._rewrites is not None and rewritten is not None:
            main = _in_place(main, self._rewrites.stream, rewritten, device)
        if self.captions is not None and written is not None:
            main = _in_place(main, self.captions.read, written, device)
        return {"main": main}

    def turned(self, numbers: Numbers, device: torch.device) -> tuple[Numbers, Side]:
        """Turn the order round in those of some sentences that claim one: -> which, [n], a side."""
        rows = np.flatnonzero(self._orders[numbers]) if self._turned else np.zeros(0, np.int64)
        if self._turned is None or not len(rows):
            return rows, {}
        return rows, {"main": self._turned.stream(numbers[rows], device)}

    def audio(
        self,
        numbers: Numbers,
        device: torch.device,
        noisy: npt.NDArray[np.bool_] | None = None,
        shown: Numbers | None = None,
    ) -> Side:
        """Give some sounds as a side, some of them in noise, with these captions or all of them."""
        side = self._heard(numbers, device, noisy)
        side["main"] = placed(side["main"], self._places)
        if self.captions:
            shown = self.captions.of[numbers] if shown is None else shown
            side["captions"] = self.captions.beside(shown, device)
        return side

    def _heard(
        self, numbers: Numbers, device: torch.device, noisy: npt.NDArray[np.bool_] | None
    ) -> Side:
        plain = {name: kept.stream(numbers, device) for name, kept in self._audio.items()}
        if noisy is None or not noisy.any():
            return plain
        drowned = {name: kept.stream(numbers, device) for name, kept in self._noisy.items()}
        chosen = torch.from_numpy(noisy).to(device)
        return {name: _either(chosen, drowned[name], one) for name, one in plain.items()}


def heard_by(rule: FeatureRule, sounds: Sounds, places: Places) -> dict[str, Layered]:
    """Let the towers of a recipe hear sounds: the first one is `main`."""
    return {
        "main" if not place else name: heard(
            sounds,
            open_tower(name, places.data, 0 if place else rule.levels),
            Few(most=rule.tokens, cut=rule.cut),
            places.cache,
            partial(places.watch, f"hearing with {name}"),
        )
        for place, name in enumerate(rule.audio)
    }


def read_by(rule: FeatureRule, texts: Sequence[str], places: Places) -> Layered:
    """Let the tower of a recipe read sentences."""
    return told(
        texts,
        open_reader(rule.text, rule.levels),
        rule.tokens,
        places.cache,
        partial(places.watch, f"reading with {rule.text}"),
    )


def captioned(captioner: Captioner, pairs: Pairs, rule: FeatureRule, places: Places) -> Captioned:
    """Let a captioner write for the sounds of a set, and read what it wrote."""
    found = written(captioner, asked_of(pairs), places.cache)
    read = read_by(rule, found.texts or ("",), places)  # one row, where nothing was written
    return Captioned(found, read, pairs.task.texts)


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


def _in_place(plain: Stream, read: Read, numbers: Numbers, device: torch.device) -> Stream:
    """Put other sentences in place of some."""
    if (numbers == NONE).all():
        return plain
    other = read(np.maximum(numbers, 0), device)
    return _either(torch.from_numpy(numbers != NONE).to(device), other, plain)


def _either(first: Tensor, one: Stream, other: Stream) -> Stream:
    """Rows of one stream where `first`, of the other elsewhere."""
    parts = ((one.x, *one.levels), (other.x, *other.levels))
    x, *levels = (torch.where(first[:, None, None], *two) for two in zip(*parts, strict=True))
    return Stream(
        x,
        torch.where(first[:, None], one.real, other.real),
        tuple(levels),
        torch.where(first[:, None], _weight(one), _weight(other)),
    )


def _weight(stream: Stream) -> Tensor:
    return stream.real.float() if stream.weight is None else stream.weight
