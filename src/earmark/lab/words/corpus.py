"""The sentences of a recipe, and what each means to its teacher.

Meanings are worked out once and kept in the cache, a file for some thousand sentences under a name
that depends on them and on the teacher: all together take minutes, and one more source only its
own. A tenth of the sentences is dev; those that differ in capitals or punctuation alone are on one
side.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earmark.data.split import is_dev
from earmark.errors import DataError, UsageError
from earmark.lab.words.clean import clean
from earmark.lab.words.sources import source

Meanings = npt.NDArray[np.float16]  # [sentences, width]
Numbers = npt.NDArray[np.int64]  # of sentences
Embed = Callable[[list[str]], npt.NDArray[np.float32]]

BLOCK = 4_096  # sentences in a file
CLIPS = "clips"  # the captions of the clips that the same recipe trains on


@dataclass(frozen=True)
class Corpus:
    """Sentences in a fixed order; `key` names them together with their teacher."""

    sentences: tuple[str, ...]
    meanings: Meanings
    key: str

    @cached_property
    def train(self) -> Numbers:
        """Numbers of the sentences that are learned from."""
        return np.flatnonzero(~self._is_dev)

    @cached_property
    def dev(self) -> Numbers:
        """Numbers of the tenth that choices are made on."""
        return np.flatnonzero(self._is_dev)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of it, in small letters."""
        return frozenset(" ".join(self.sentences).casefold().split())

    @cached_property
    def _is_dev(self) -> npt.NDArray[np.bool_]:
        return np.array([is_dev(_bare(text)) for text in self.sentences], bool)


def gather(
    names: Sequence[str], data: Path, captions: Callable[[], Sequence[str]]
) -> list[list[str]]:
    """Read each source that a recipe names; `captions` gives those of its own clips, if wanted."""
    if not names:
        raise UsageError(
            "there are no sentences to learn from", hint='add: sentences = ["phrases"] to [data]'
        )
    parts = [clean(captions()) if name == CLIPS else source(name).read(data) for name in names]
    for name, part in zip(names, parts, strict=True):
        if not part:
            raise DataError(
                f"the source {name!r} gave no sentence", hint="take it out of [data] sentences"
            )
    return parts


def open_corpus(parts: Sequence[Sequence[str]], teacher: str, embed: Embed, cache: Path) -> Corpus:
    """Give each sentence its meaning; one that is in several parts counts once.

    Meanings come from the cache, or from `embed` for blocks of sentences that are new.
    """
    blocks = [part[at : at + BLOCK] for part in parts for at in range(0, len(part), BLOCK)]
    meanings = np.concatenate([_meanings(block, teacher, embed, cache) for block in blocks])
    texts = [text for block in blocks for text in block]
    first: dict[str, int] = {}
    for number, text in enumerate(texts):
        first.setdefault(text.casefold(), number)
    numbers = list(first.values())
    sentences = tuple(texts[number] for number in numbers)
    return Corpus(sentences, meanings[numbers], _key(teacher, sentences))


def _meanings(block: Sequence[str], teacher: str, embed: Embed, cache: Path) -> Meanings:
    path = cache / f"meanings-{_key(teacher, block)}.npy"
    if not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".part{os.getpid()}")
        with part.open("wb") as file:
            np.save(file, embed(list(block)).astype(np.float16))
        part.replace(path)
    known: Meanings = np.load(path)
    return known


def _key(teacher: str, sentences: Sequence[str]) -> str:
    return blake2b("\n".join([teacher, *sentences]).encode(), digest_size=8).hexdigest()


def _bare(text: str) -> str:
    """Letters and digits of a text, in small letters."""
    return " ".join("".join(x if x.isalnum() else " " for x in text.casefold()).split())
