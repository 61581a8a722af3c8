"""Libraries of hand-made vectors, and a stand-in for a model."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from earmark.library.nouns import Found, Identity, Place, Said
from earmark.library.packed import Packed, quantise
from earmark.library.store.local import LocalStore
from earmark.search.question import Question, Unwanted

WIDTH = 4
IDENTITY = Identity(model="tiny", digest="0" * 64, width=WIDTH, window=5.0, hop=2.5, token=0.5)
RAIN, DOG, BELL, HUM = np.eye(WIDTH, dtype=np.float32)


def toward(*parts):
    """A vector of unit length: as much of each as is said, the rest hum."""
    vector = np.sum([share * axis for share, axis in parts], axis=0, dtype=np.float64)
    rest = max(0.0, 1 - float(vector @ vector))
    return (vector + np.sqrt(rest) * HUM).astype(np.float32)


def packed(moments):
    """Moments 2.5 s apart, each with tokens of its own kind: [m, width]."""
    vectors = np.array(moments, np.float32).reshape(-1, WIDTH)
    gists, scales = quantise(vectors)
    starts = 2.5 * np.arange(len(vectors))
    tokens, token_scales = quantise(np.repeat(vectors, 5, axis=0))
    at = 0.5 * np.arange(len(tokens))
    return Packed(
        gists,
        scales,
        vectors.astype(np.float16),
        np.stack([starts, starts + 5.0], axis=1),
        tokens,
        token_scales,
        np.ones(len(tokens), np.float32),
        np.stack([at, at + 0.5], axis=1),
    )


def shelve(folder, sounds, root=None, **said):
    """Make a library: name -> moments."""
    store = LocalStore.create(folder, IDENTITY)
    put(store, sounds, root or folder, **said)
    return store


def put(store, sounds, root, **said):
    with store.writing("a test"):
        for name, moments in sounds.items():
            data = packed(moments)
            seconds = float(2.5 * len(data.gists) + 2.5)
            file = Found(Place(Path(root), name), len(name), 0)
            store.add(file, f"digest of {name}", data, seconds, said.get(name, Said()))


@dataclass
class FakeModel:
    """Has a page and judges; nothing else is asked of it by a search."""

    candidates: int = 0
    judged: float = 10.0  # seconds that it is asked about
    verdict: object = None  # tokens -> score
    background: object = None
    asked: list = field(default_factory=list)
    rate: int = 32_000

    @property
    def page(self):
        rerank = None
        if self.candidates:
            rerank = SimpleNamespace(candidates=self.candidates, seconds=self.judged)
        seconds = SimpleNamespace(stretch=10.0, token=0.5)
        return SimpleNamespace(rerank=rerank, calibration=None, seconds=seconds)

    def judge(self, text, lines):
        self.asked.append((text, [len(line.tokens) for line in lines]))
        return [self.verdict(line.tokens) for line in lines]


def question(vector, *, words="", unwanted=(), sentence="", examples=()):
    without = tuple(Unwanted(name, weight, axis) for name, weight, axis in unwanted)
    return Question(
        vector=np.asarray(vector, np.float32),
        unwanted=without,
        kind="words",
        words=words,
        sentence=sentence,
        examples=tuple(examples),
    )
