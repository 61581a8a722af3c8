"""A small network that learns to say what is written of the sounds of train.

It hears with a tower of its own, so that nothing of the matcher's ears is in what it writes: a
caption tells the matcher something new, or nothing. What it has learned is kept in the cache. It
captions the sounds of train too, having learned from their captions: of 3,000 scenes it has read
each sentence about five times, which is no recitation, but what they get is somewhat better than
what other sounds get.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from hashlib import blake2b

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from earmark.errors import UsageError
from earmark.lab.captioners import Asked, Lesson, distinct
from earmark.lab.captioners.teller import LONGEST, Teller
from earmark.lab.features.kept import Few, Layered, Sounds, heard
from earmark.lab.features.towers import open_tower
from earmark.lab.objectives.read import tokenizer_of
from earmark.lab.sounds.spool import part_of
from earmark.lab.towers.tokenizer import PAD, encode, train_tokenizer

VOCABULARY, BATCH, RATE, WARMUP = 1_000, 32, 1e-3, 100
AT_ONCE = 64  # sounds that are captioned together
CPU = torch.device("cpu")


class Decoder:
    """Learns when it is first asked."""

    def __init__(self, lesson: Lesson, *, tower: str = "yamnet", steps: int = 2_000) -> None:
        _refuse(tower, lesson.recipe.features.audio, steps)
        self._lesson, self._steps = lesson, steps
        self._tower = open_tower(tower, lesson.places.data)
        self._few = Few(most=lesson.recipe.features.tokens)
        learned = (lesson.train.sounds.key, lesson.train.task.texts, lesson.recipe.seed)
        told = repr((*learned, self._tower.key, self._few, steps)).encode()
        self._learned = blake2b(told, digest_size=12).hexdigest()
        self.key = f"{self._learned} {lesson.count}"

    def write(self, asked: Asked) -> Sequence[Sequence[str]]:
        """Hear every sound, and say it in several ways."""
        sounds, count = self._hear(asked.sounds), self._lesson.count
        numbers, rows = np.arange(len(asked.names)), list[list[str]]()
        for first in range(0, len(numbers), AT_ONCE):
            rows += self._teller.tell(sounds.stream(numbers[first : first + AT_ONCE], CPU), count)
            self._lesson.places.watch("writing captions", len(rows) / len(numbers))
        return [distinct(row, count) for row in rows]

    def _hear(self, sounds: Sounds) -> Layered:
        places = self._lesson.places
        watch = partial(places.watch, f"hearing with {self._tower.name}")
        return heard(sounds, self._tower, self._few, places.cache, watch)

    @cached_property
    def _teller(self) -> Teller:
        """Open what has learned, or let it learn."""
        path = self._lesson.places.cache / f"teller-{self._learned}.safetensors"
        sounds = self._hear(self._lesson.train.sounds)
        if not path.is_file():
            teller = self._taught(sounds)
            with part_of(path) as part:
                save_file(teller.state_dict(), part)
        weights = load_file(path)
        teller = Teller(sounds.widths[0], tokenizer_of(weights))
        teller.load_state_dict(weights)
        return teller.eval()

    def _taught(self, sounds: Layered) -> Teller:
        """Learn what is written of the sounds of train, and of no other."""
        texts = self._lesson.train.task.texts
        torch.manual_seed(self._lesson.recipe.seed)
        tokenizer = train_tokenizer(texts, vocabulary=VOCABULARY, longest=LONGEST)
        teller = Teller(sounds.widths[0], tokenizer)
        optimiser = torch.optim.AdamW(teller.parameters(), lr=RATE, weight_decay=0.01)
        for step in range(self._steps):
            for group in optimiser.param_groups:
                group["lr"] = _rate(step, self._steps)
            numbers, said = self._drawn(step)
            ids, _ = encode(tokenizer, [texts[one] for one in said])
            loss = miss(teller, sounds.stream(numbers, CPU), ids)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            self._lesson.places.watch("learning to write captions", step / self._steps)
        return teller

    def _drawn(self, step: int) -> tuple[np.ndarray, list[int]]:
        """Draw sounds for a step, and for each a sentence that is right for it."""
        train = self._lesson.train
        rng = np.random.default_rng((self._lesson.recipe.seed, 12, step))
        sounds = rng.integers(len(train.task.sounds), size=BATCH)
        return sounds, [int(rng.choice(train.told(one))) for one in sounds]


def miss(teller: nn.Module, sound: object, ids: Tensor) -> Tensor:
    """How unlikely the network finds what is written: mean over the pieces, [B, L] -> scalar."""
    logits = teller(ids[:, :-1], sound)
    return F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), ignore_index=PAD)


def _rate(step: int, steps: int) -> float:
    """Up, and down to nothing in a straight line."""
    return RATE * min((step + 1) / WARMUP, (steps - step) / max(1, steps - WARMUP), 1.0)


def _refuse(tower: str, ears: tuple[str, ...], steps: int) -> None:
    if tower in ears:
        raise UsageError(
            f"the captioner 'decoder' hears with {tower!r}, and so does the matcher",
            hint="name another tower in [captions], so that its captions tell something new",
        )
    if steps < 1:
        raise UsageError(
            f"the captioner 'decoder' cannot learn in {steps} steps", hint="make it 1 or more"
        )
