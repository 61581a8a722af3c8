"""`earmark.Model`: sounds and words to vectors, from a bundle alone.

Vectors are float32 of unit length. On one machine they are the same bit for bit, whatever was heard
before or is heard beside, in whatever blocks a file is read, in however many threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
import numpy.typing as npt

from earmark.errors import AudioError, UsageError
from earmark.model.background import read_background
from earmark.model.bundle import open_bundle
from earmark.model.device import Device, device_called
from earmark.model.find import DEFAULT, find_bundle
from earmark.model.given import Waves, as_texts, as_wave, as_waves, blocks_of, check_rate
from earmark.model.page import AUDIO, BACKGROUND, RERANK, TEXT, TOKENIZER, Page
from earmark.model.pool import Heard, TimeLine, Times, Vectors, line_up
from earmark.model.run import Ears, Judge, Words
from earmark.model.tongues import Reading, Tongues, tongues_for
from earmark.types import Samples

if TYPE_CHECKING:
    from earmark.model.stretches import Window


class HasTokens(Protocol):
    """A time line, or a part of one that a library keeps."""

    @property
    def tokens(self) -> Vectors:
        """Vectors in order of time: [m, width]."""


class Model:
    """A trained model; its networks are opened when they are first needed."""

    def __init__(
        self, page: Page, content: Callable[[str], bytes], device: Device | None = None
    ) -> None:
        self.page = page
        self._content = content  # file name -> bytes
        self.wanted = device or device_called()  # what it should hear on

    @classmethod
    def load(
        cls, model: str | os.PathLike[str] = DEFAULT, *, device: Device | str | None = None
    ) -> Self:
        """Open a packaged model by its name, or the folder of a bundle.

        Every file of it has to be there; its bytes are checked when it is first needed.
        It hears on the processor unless a device is given or `EARMARK_DEVICE` names one.
        """
        bundle = open_bundle(find_bundle(model))
        named = device if isinstance(device, Device) else device_called(device)
        return cls(bundle.page, bundle.content, named)

    def reranking(self, candidates: int) -> Model:
        """The same model, which reranks so many of a shortlist, if it can; 0 ends there."""
        found = self.page.rerank if candidates else None
        page = replace(self.page, rerank=found and replace(found, candidates=candidates))
        return Model(page, self._content, self.wanted)

    @property
    def device(self) -> Device:
        """What it hears on: what was asked for, or the processor where that does not start."""
        return self._ears.device

    @property
    def name(self) -> str:
        """What the model is called."""
        return self.page.name

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return self.page.width

    @property
    def rate(self) -> int:
        """Hz at which it hears; other rates are resampled."""
        return self.page.rate

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the kinds of sound that it tells apart by itself; of some models none."""
        return self.page.classes

    @cached_property
    def tongues(self) -> Tongues | None:
        """What reads other languages for it, if there is such a reader."""
        return tongues_for(self.page) if self.page.text else None

    def ears(self) -> Model:
        """The same model as far as it hears, without a file behind it: it can be sent elsewhere."""
        return Model(self.page, {AUDIO: self._content(AUDIO)}.__getitem__, self.wanted)

    def in_english(self) -> Model:
        """The same model, which takes every text for English."""
        alone = Model(self.page, self._content, self.wanted)
        alone.tongues = None
        return alone

    @cached_property
    def background(self) -> Vectors | None:
        """Gists of many kinds of sound, to tell what scores a query usually gets: -> [b, width]."""
        if BACKGROUND not in self.page.files:
            return None
        return read_background(self._content(BACKGROUND), self.width)

    def embed_audio(self, waves: Waves, *, rate: int) -> Vectors:
        """One vector a wave, however long: list of [S], or one [S] -> [n, width]."""
        return self._stack([self.hear_wave(w, rate=rate).gist() for w in as_waves(waves)])

    def embed_windows(self, wave: npt.ArrayLike, *, rate: int) -> tuple[Vectors, Times]:
        """One vector a window, and when it is: [S] -> [m, width], [m, 2] in seconds."""
        times = self.page.seconds
        return self.hear_wave(wave, rate=rate).windows(times.window, times.hop)

    def embed_text(self, texts: str | Sequence[str]) -> Vectors:
        """One vector a text; what goes beyond the model's longest is not read: -> [n, width]."""
        return self._stack([self.read(text)[0] for text in as_texts(texts)])

    def score(
        self, texts: str | Sequence[str], waves: Waves, *, rate: int
    ) -> npt.NDArray[np.float32]:
        """How well every text fits every wave, by the model's own matcher: -> [text, audio]."""
        read = [self.read(text) for text in as_texts(texts)]
        lines = [self.hear_wave(wave, rate=rate) for wave in as_waves(waves)]
        if self.page.rerank:
            scores = [[self._judge.score(t, line.tokens) for line in lines] for _, t in read]
        else:
            gists = self._stack([line.gist() for line in lines])
            # Row by row: a product of matrices may round a pair in another way beside others.
            scores = [[np.sum(one * row, dtype=np.float64) for row in gists] for one, _ in read]
        return np.array(scores, np.float32).reshape(len(read), len(lines))

    def read(self, sentence: str) -> tuple[Vectors, Vectors]:
        """Read one sentence: -> its gist [width], its tokens [L, width]."""
        found = self.translated(sentence)
        return (found.gist, found.tokens) if found else self._words.read(sentence)

    def translated(self, sentence: str) -> Reading | None:
        """Read a sentence in another language; None: it is English, or there is no such reader."""
        return self.tongues.foreign(sentence) if self.tongues else None

    def judge(self, text: str, lines: Sequence[HasTokens]) -> list[float]:
        """Score one text with sounds by the network that sees both, if the model has one."""
        if not self.page.rerank:
            raise UsageError(
                f"the model {self.name!r} does not rerank", hint="compare its vectors instead"
            )
        tokens = self.read(text)[1]
        return self._judge.scores(tokens, [line.tokens for line in lines])

    def hear(self, path: str | os.PathLike[str]) -> TimeLine:
        """Hear a whole file of any length, in bounded memory but for the tokens themselves."""
        from earmark.audio.read import open_sound  # here: who only reads words needs no decoder

        with open_sound(path, rate=self.rate) as sound:
            line = self._line_of(sound)
        if line is None:
            raise AudioError(path, "there is not one sample in it", hint="leave it out")
        return line

    def hear_wave(self, wave: npt.ArrayLike, *, rate: int) -> TimeLine:
        """Hear a whole wave: [S] -> its tokens in order of time."""
        samples, rate = as_wave(wave), check_rate(rate)
        line = self._line_of(blocks_of(samples, rate, self.rate))
        if line is None:
            raise UsageError(
                f"{len(samples)} samples at {rate} Hz are less than one at {self.rate} Hz",
                hint="give a longer wave",
            )
        return line

    def listen(self, blocks: Iterable[Samples]) -> Iterator[Heard]:
        """Hear mono blocks at the model's rate, giving stretches as soon as they are complete."""
        windows = self.windows(blocks)
        while some := list(islice(windows, self.device.batch)):
            yield from self.hear_windows(some)

    def windows(self, blocks: Iterable[Samples]) -> Iterator[Window]:
        """Cut mono blocks at the model's rate into what goes through the network at once."""
        from earmark.model.stretches import Plan, windows_of  # here: as for the decoder

        return windows_of(blocks, Plan.of(self.page))

    def hear_window(self, window: Window) -> Heard:
        """Hear one stretch; any number of threads may do so once `open_ears` was called."""
        return self.hear_windows([window])[0]

    def hear_windows(self, windows: Sequence[Window]) -> list[Heard]:
        """Hear some stretches; a graphics card hears `device.batch` of them at a time."""
        return self._ears.hear(windows)

    def open_ears(self) -> None:
        """Open the audio network now, and not when the first of many threads needs it."""
        _ = self._ears

    def _line_of(self, blocks: Iterable[Samples]) -> TimeLine | None:
        counted = _Counted(blocks)
        heard = list(self.listen(counted))
        return line_up(heard, counted.samples / self.rate) if heard else None

    def _stack(self, vectors: list[Vectors]) -> Vectors:
        return np.array(vectors, np.float32).reshape(len(vectors), self.width)

    @cached_property
    def _ears(self) -> Ears:
        return Ears(self.page, self._content(AUDIO), self.wanted)

    @cached_property
    def _words(self) -> Words:
        if not self.page.text:
            raise UsageError(
                f"the model {self.name!r} only hears: there is no {TEXT} in its bundle",
                hint="compare sounds with sounds, or load a model that reads",
            )
        tokenizer, graph = self._content(TOKENIZER), self._content(TEXT)
        return Words(self.page, tokenizer, graph, self.page.text.longest)

    @cached_property
    def _judge(self) -> Judge:
        return Judge(self._content(RERANK))


class _Counted:
    """Passes blocks on and counts their samples."""

    def __init__(self, blocks: Iterable[Samples]) -> None:
        self._blocks = blocks
        self.samples = 0

    def __iter__(self) -> Iterator[Samples]:
        for block in self._blocks:
            self.samples += len(block)
            yield block
