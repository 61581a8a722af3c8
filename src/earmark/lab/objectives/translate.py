"""Other languages: give a sentence the vector that a bundle gives the same sentence in English.

The student has word pieces of its own, of all languages. Besides, it tells which language a
sentence is in, so that English can be left to the bundle. English is among what it learns, since
people mix languages; a sentence with a phrase of another one counts as one of its own language.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor, nn

from earmark.data.split import is_dev
from earmark.errors import UsageError
from earmark.lab import losses
from earmark.lab.matchers.gist import gist
from earmark.lab.objectives import Places
from earmark.lab.objectives.read import as_buffer, neighbours, relations, tower_of
from earmark.lab.recipe import Recipe, WordsRule
from earmark.lab.sides import Stream, mean
from earmark.lab.tongues import ENGLISH, LISTED, TONGUES, WRITTEN
from earmark.lab.tongues.pool import Meaning, Pool, Sentence, pick
from earmark.lab.towers.tokenizer import encode, kept_tokenizer
from earmark.lab.words.corpus import open_corpus
from earmark.lab.words.typos import slipped
from earmark.model.model import Model
from earmark.model.page import TEXT

TEACHER = "earmark-small"
SENTENCES = 30_000  # that are composed; each is said anew whenever it is drawn
DEV = 2_000  # texts of dev that are looked at
DEV_BATCH = 250
KINDS = ("sentence", "mixed", "english", "single")  # of what is drawn, and how often
OFTEN = (0.4, 0.1, 0.1, 0.4)
ROUGH = 0.1  # share of texts with a slip
Vectors = npt.NDArray[np.float32]


class Translator(nn.Module):
    """The tower, the way into the bundle's space, and what tells the language.

    The tokenizer is a buffer, so that weights never part from the word pieces that they know.
    """

    def __init__(self, rule: WordsRule, tokenizer: Tokenizer, *, taught_width: int) -> None:
        super().__init__()
        self.tower = tower_of(rule, tokenizer)
        self.into = nn.Linear(rule.width, taught_width, bias=False)
        self.tongue = nn.Linear(rule.width, len(TONGUES))
        self.register_buffer("tokenizer", as_buffer(tokenizer))

    def inner_weights(self) -> Iterator[nn.Parameter]:
        """Give the matrices between word pieces and meaning."""
        return self.tower.inner_weights()

    def tokens(self, ids: Tensor, mask: Tensor) -> tuple[Stream, Tensor]:
        """Read: [B, L], [B, L] -> tokens in the bundle's space, scores of languages [B, T]."""
        stream = self.tower(ids, mask)
        found = Stream(self.into(stream.x), stream.real, weight=stream.weight)
        return found, self.tongue(mean(stream))

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Read: [B, L], [B, L] -> gists of unit length [B, taught width], [B, T]."""
        found, tongues = self.tokens(ids, mask)
        return gist(found), tongues


class Drawn(NamedTuple):
    """One batch."""

    ids: Tensor  # [B, L]
    mask: Tensor  # [B, L]
    taught: Tensor  # [B, taught width]
    tongues: Tensor  # [B]


class Said(NamedTuple):
    """A text, what it means (a row of the teacher's vectors) and in which language it is."""

    text: str
    row: int
    tongue: str


class Translate:
    """The objective: sentences of any language in, distance from English out."""

    def __init__(self, recipe: Recipe, places: Places, device: torch.device) -> None:
        self._recipe, self._device = recipe, device
        self.pool = Pool(places.data, *_tongues(recipe))
        self._sentences = self.pool.sentences(SENTENCES, recipe.seed)
        self._vectors = _taught(recipe, places, self.pool.meanings, self._sentences)
        self._tokenizer = _tokenizer(recipe, places, self.pool)
        self.tokenizer_json = self._tokenizer.to_str()
        self.model: nn.Module = Translator(
            recipe.words, self._tokenizer, taught_width=self._vectors.shape[1]
        ).to(device)
        self._words = frozenset(" ".join(self.pool.texts()).casefold().split())

    def draw(self, step: int) -> Drawn:
        """Draw the texts of a step."""
        rng = np.random.default_rng([self._recipe.seed, 1, step])
        kinds = rng.choice(len(KINDS), size=self._recipe.train.batch, p=OFTEN)
        return self._batch([self._rough(self._said(KINDS[kind], rng), rng) for kind in kinds])

    def losses(self, drawn: Drawn) -> dict[str, Tensor]:
        """Let the student read, and compare."""
        ids, mask, taught, tongues = (part.to(self._device) for part in drawn)
        given, told = self.model(ids, mask)
        return {
            "gist": losses.cosine_gap(given, taught),
            "relations": relations(given, taught),
            "tongue": F.cross_entropy(told, tongues),
        }

    def examine(self, model: nn.Module) -> dict[str, float]:
        """Agreement with English on what is not learned from; how often the language is told."""
        found = [model(one.ids.to(self._device), one.mask.to(self._device)) for one in self._dev]
        given = torch.cat([vectors for vectors, _ in found]).float()
        told = torch.cat([scores for _, scores in found]).argmax(dim=1).cpu()
        taught = torch.cat([one.taught for one in self._dev]).to(self._device)
        tongues = torch.cat([one.tongues for one in self._dev])
        return {
            "meaning": float(F.cosine_similarity(given, taught).mean()),
            "neighbours": neighbours(given, taught),
            "tongue": float((told == tongues).float().mean()),
            "spread": float(losses.spread(given)),
        }

    def _said(self, kind: str, rng: np.random.Generator) -> Said:
        if kind == "single":
            return self._single(rng)
        row = int(rng.integers(len(self._sentences)))
        one, at = self._sentences[row], len(self.pool.meanings) + row
        if kind == "english":
            return Said(one.english, at, ENGLISH)
        tongue = pick(self.pool.written, rng)
        other = pick((ENGLISH, *self.pool.written), rng) if kind == "mixed" else None
        return Said(self.pool.say(one, tongue, rng, other), at, tongue)

    def _single(self, rng: np.random.Generator) -> Said:
        row = int(self._learned[int(rng.integers(len(self._learned)))])
        said = self.pool.meanings[row].said
        tongue = pick(tuple(said), rng)
        return Said(pick(said[tongue], rng), row, tongue)

    def _rough(self, said: Said, rng: np.random.Generator) -> Said:
        if rng.random() >= ROUGH:
            return said
        return said._replace(text=slipped(said.text, self._words, rng))

    @cached_property
    def _learned(self) -> npt.NDArray[np.int64]:
        """The meanings that are learned from; a tenth is dev."""
        return np.flatnonzero([not is_dev(one.english[0]) for one in self.pool.meanings])

    @cached_property
    def _dev(self) -> list[Drawn]:
        """What is said for the meanings of dev in other languages."""
        every = [
            Said(text, row, tongue)
            for row, one in enumerate(self.pool.meanings)
            if is_dev(one.english[0])
            for tongue, texts in one.said.items()
            for text in texts
            if tongue != ENGLISH
        ]
        some = np.random.default_rng(self._recipe.seed).permutation(len(every))[:DEV]
        parts = [some[at : at + DEV_BATCH] for at in range(0, len(some), DEV_BATCH)]
        return [self._batch([every[place] for place in part]) for part in parts]

    def _batch(self, said: Sequence[Said]) -> Drawn:
        return Drawn(
            *encode(self._tokenizer, [one.text for one in said]),
            torch.from_numpy(self._vectors[[one.row for one in said]]),
            torch.tensor([TONGUES.index(one.tongue) for one in said]),
        )


def _tongues(recipe: Recipe) -> tuple[list[str], list[str]]:
    """The languages of a recipe: those with a book, and those in lists alone."""
    named = recipe.data.tongues
    odd = [one for one in named if one not in WRITTEN + LISTED]
    written = [one for one in named if one in WRITTEN]
    if odd or not written:
        raise UsageError(
            f"there is no language {odd[0]!r}" if odd else "no language that has a book",
            hint=f"name some in [data] tongues: {', '.join(WRITTEN)}; and: {', '.join(LISTED)}",
        )
    return written, [one for one in named if one in LISTED]


def _taught(
    recipe: Recipe, places: Places, meanings: Sequence[Meaning], sentences: Sequence[Sentence]
) -> Vectors:
    """What the bundle says of each meaning and sentence in English: -> [n, width], unit length."""
    model = Model.load(recipe.teachers.get("words", TEACHER)).in_english()
    name = f"{model.name}-{model.page.files[TEXT][:16]}"
    groups = [*(one.english for one in meanings), *((one.english,) for one in sentences)]
    texts = list(dict.fromkeys(chain.from_iterable(groups)))
    corpus = open_corpus([texts], name, model.embed_text, places.cache)
    place = {text.casefold(): number for number, text in enumerate(corpus.sentences)}
    found = np.stack(
        [
            corpus.meanings[[place[text.casefold()] for text in some]].astype(np.float32).mean(0)
            for some in groups
        ]
    )
    unit: Vectors = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit


def _tokenizer(recipe: Recipe, places: Places, pool: Pool) -> Tokenizer:
    """Learn word pieces from all that is said; kept in the cache."""
    rule, texts = recipe.words, sorted(set(pool.texts()))
    key = blake2b("\n".join(texts).encode(), digest_size=8).hexdigest()
    return kept_tokenizer(
        places.cache / f"tokenizer-{key}-{rule.vocabulary}-{rule.longest}.json",
        lambda: texts,
        vocabulary=rule.vocabulary,
        longest=rule.longest,
    )
