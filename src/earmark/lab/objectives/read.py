"""Reading: give a sentence the meaning that a large sentence model gives it.

The student is a small transformer with word pieces of its own; no sound is needed. Besides the
meaning of each sentence it learns how near the sentences of a batch are to each other, which is
what a search is decided by. A tenth of the sentences comes with a slip, or asked as a question; the
meaning to learn stays that of the plain sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor, nn

from earmark.errors import DataError, UsageError
from earmark.lab import losses
from earmark.lab.experts import open_expert
from earmark.lab.objectives import Places
from earmark.lab.objectives.hear import is_told, rows_of
from earmark.lab.recipe import Recipe, WordsRule
from earmark.lab.sides import mean
from earmark.lab.start import load_part, part_of, read_weights
from earmark.lab.towers.tokenizer import encode, kept_tokenizer
from earmark.lab.towers.transformer import TextTower
from earmark.lab.words.corpus import Corpus, Embed, Numbers, gather, open_corpus
from earmark.lab.words.typos import roughen

TEACHER = "minilm"
ROUGH = 0.1  # share of sentences that are not put plainly
SLICES = 32  # batches that are drawn together and parted by length, so that little is padded
DEV_MOST = 2_000  # sentences of dev that are looked at
DEV_BATCH = 250
NEAR = 5  # neighbours of the student among which the teacher's nearest should be


class Reader(nn.Module):
    """The tower, the head that is compared with the teacher, and the tokenizer that goes with them.

    The tokenizer is a buffer, so that weights never part from the word pieces that they know.
    """

    def __init__(self, rule: WordsRule, tokenizer: Tokenizer, *, taught_width: int) -> None:
        super().__init__()
        self.tower = tower_of(rule, tokenizer)
        self.meaning = nn.Linear(rule.width, taught_width)
        self.register_buffer("tokenizer", as_buffer(tokenizer))

    def inner_weights(self) -> Iterator[nn.Parameter]:
        """Give the matrices between word pieces and meaning."""
        return self.tower.inner_weights()

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Say what sentences mean: [B, L], [B, L] -> [B, taught width]."""
        meaning: Tensor = self.meaning(mean(self.tower(ids, mask)))
        return meaning


def tower_of(rule: WordsRule, tokenizer: Tokenizer) -> TextTower:
    """Build the tower of a recipe for some word pieces."""
    return TextTower(
        vocabulary=tokenizer.get_vocab_size(),
        longest=rule.longest,
        width=rule.width,
        depth=rule.depth,
        heads=rule.heads,
        dropout=rule.dropout,
    )


def as_buffer(tokenizer: Tokenizer) -> Tensor:
    """Turn a tokenizer into what can travel with weights: -> its bytes."""
    return torch.tensor(np.frombuffer(tokenizer.to_str().encode(), np.uint8))


def tokenizer_of(weights: Mapping[str, Tensor]) -> Tokenizer:
    """Read the tokenizer that travels with the weights of a `Reader`."""
    if "tokenizer" not in weights:
        raise DataError("these weights hold no tokenizer", hint="start from a run of the task read")
    return Tokenizer.from_str(weights["tokenizer"].cpu().numpy().tobytes().decode())


class Drawn(NamedTuple):
    """One batch."""

    ids: Tensor  # [B, L]
    mask: Tensor  # [B, L]
    taught: Tensor  # [B, taught width]


class ReadWords:
    """The objective: sentences in, distance from the teacher out."""

    def __init__(self, recipe: Recipe, places: Places, device: torch.device) -> None:
        self._recipe = recipe
        self._device = device
        self.corpus = teach(recipe, places, device)
        refuse_few(self.corpus, recipe.train.batch)
        self._slices = min(SLICES, len(self.corpus.train) // recipe.train.batch)
        self._group = lru_cache(maxsize=2)(self._draw_group)
        self._tokenizer = _tokenizer(recipe, self.corpus, places)
        self.tokenizer_json = self._tokenizer.to_str()
        self.model: nn.Module = Reader(
            recipe.words, self._tokenizer, taught_width=self.corpus.meanings.shape[1]
        ).to(device)
        if recipe.start.words:
            load_part(self.model, recipe.start.words, "words")

    def draw(self, step: int) -> Drawn:
        """Draw the sentences of a step."""
        seed, size = self._recipe.seed, self._recipe.train.batch
        group, place = divmod(step, self._slices)
        texts, numbers = self._group(group)
        turn = np.random.default_rng([seed, 1, group]).permutation(self._slices)[place]
        part = slice(turn * size, (turn + 1) * size)
        return self._batch(texts[part], numbers[part])

    def losses(self, drawn: Drawn) -> dict[str, Tensor]:
        """Let the student read, and compare."""
        ids, mask, taught = (part.to(self._device) for part in drawn)
        return distances(self.model(ids, mask), taught)

    def examine(self, model: nn.Module) -> dict[str, float]:
        """Agreement with the teacher on dev sentences, one by one and as neighbours."""
        given = torch.cat(
            [model(batch.ids.to(self._device), batch.mask.to(self._device)) for batch in self._dev]
        ).float()
        taught = torch.cat([batch.taught for batch in self._dev]).to(self._device)
        return {
            "meaning": float(F.cosine_similarity(given, taught).mean()),
            "neighbours": neighbours(given, taught),
            "spread": float(losses.spread(given)),
        }

    @cached_property
    def _dev(self) -> list[Drawn]:
        """Batches of dev, those of like length together."""
        rng = np.random.default_rng(self._recipe.seed)
        some = rng.permutation(self.corpus.dev)[:DEV_MOST]
        texts, some = self._by_length([self.corpus.sentences[number] for number in some], some)
        parts = [slice(at, at + DEV_BATCH) for at in range(0, len(some), DEV_BATCH)]
        return [self._batch(texts[part], some[part]) for part in parts]

    def _draw_group(self, group: int) -> tuple[list[str], Numbers]:
        """Draw the sentences of several batches, some of them rough, from short to long."""
        seed, size = self._recipe.seed, self._recipe.train.batch * self._slices
        numbers = group_of(self.corpus.train, group, size=size, seed=seed)
        rng = np.random.default_rng([seed, 2, group])
        texts = [
            roughen(text, self.corpus.words, rng) if rng.random() < ROUGH else text
            for text in (self.corpus.sentences[number] for number in numbers)
        ]
        return self._by_length(texts, numbers)

    def _by_length(self, texts: list[str], numbers: Numbers) -> tuple[list[str], Numbers]:
        pieces = [len(row.ids) for row in self._tokenizer.encode_batch(texts)]
        order = np.argsort(pieces, kind="stable")
        return [texts[place] for place in order], numbers[order]

    def _batch(self, texts: list[str], numbers: Numbers) -> Drawn:
        taught = torch.from_numpy(self.corpus.meanings[numbers].astype(np.float32))
        return Drawn(*encode(self._tokenizer, texts), taught)


def distances(given: Tensor, taught: Tensor) -> dict[str, Tensor]:
    """How far the student is from its teacher, by name: [B, W], [B, W]."""
    return {"gist": losses.cosine_gap(given, taught), "relations": relations(given, taught)}


def relations(given: Tensor, taught: Tensor) -> Tensor:
    """Squared gap between cosines within the batch, as a share of how the teacher's vary.

    1 is what a student gets that finds all sentences equally near: [B, W], [B, W] -> scalar.
    """
    own, wanted = (_pairs(x) for x in (given, taught))
    return F.mse_loss(own, wanted) / wanted.var(correction=0).clamp(min=1e-6)


def neighbours(given: Tensor, taught: Tensor) -> float:
    """Share of sentences whose nearest by the teacher is among the student's nearest five."""
    own, wanted = (_cosines(x).fill_diagonal_(-torch.inf) for x in (given, taught))
    nearest = wanted.argmax(dim=1, keepdim=True)
    return float((own.topk(NEAR).indices == nearest).any(dim=1).float().mean())


def group_of(numbers: Numbers, group: int, *, size: int, seed: int) -> Numbers:
    """Choose the sentences of a group; in every epoch each comes once, but for a rest."""
    epoch, turn = divmod(group, len(numbers) // size)
    order = np.random.default_rng([seed, 0, epoch]).permutation(numbers)
    chosen: Numbers = order[turn * size : (turn + 1) * size]
    return chosen


def teach(recipe: Recipe, places: Places, device: torch.device) -> Corpus:
    """Gather the sentences of a recipe and let its teacher read them."""
    name = recipe.teachers.get("words", TEACHER)
    return open_corpus(texts_of(recipe, places), name, _embedder(name, device), places.cache)


def texts_of(recipe: Recipe, places: Places) -> list[list[str]]:
    """Read the sentences of a recipe, a list for each source."""

    def captions() -> list[str]:
        rows = rows_of(recipe.data.train, places)
        return [text for row in rows if is_told(row) for text in row.captions]

    return gather(recipe.data.sentences, places.data, captions)


def meanings_of(
    texts: Sequence[str], recipe: Recipe, places: Places, device: torch.device
) -> npt.NDArray[np.float32]:
    """What the teacher says of texts, whatever stands in them: -> [texts, width]."""
    name = recipe.teachers.get("words", TEACHER)
    corpus = open_corpus([list(texts)], name, _embedder(name, device), places.cache)
    place = {text.casefold(): number for number, text in enumerate(corpus.sentences)}
    found = corpus.meanings[[place[text.casefold()] for text in texts]]
    return found.astype(np.float32)


def _embedder(name: str, device: torch.device) -> Embed:
    """Make a function that lets a sentence model read; it is opened when it is first needed."""

    @cache
    def expert() -> Any:  # noqa: ANN401 - whatever reads
        opened = open_expert(name)
        if not hasattr(opened, "embed"):
            raise UsageError(f"{name} is no sentence model", hint=f"use {TEACHER!r} in [teachers]")
        return opened.to(device)

    return lambda sentences: expert().embed(sentences).numpy()


def refuse_few(corpus: Corpus, batch: int) -> None:
    """Raise if there are too few sentences for a batch, or for dev."""
    for what, found, least in (
        ("to learn from", len(corpus.train), batch),
        ("for dev", len(corpus.dev), NEAR + 1),
    ):
        if found < least:
            raise DataError(
                f"{found} sentences {what}, and {least} are needed",
                hint="name more sources in [data] sentences, or make the batch smaller",
            )


def _tokenizer(recipe: Recipe, corpus: Corpus, places: Places) -> Tokenizer:
    """Take that of the weights to start from, or of the cache, or train one and keep it."""
    if recipe.start.words:
        return tokenizer_of(part_of(read_weights(recipe.start.words), "words"))
    rule = recipe.words
    return kept_tokenizer(
        places.cache / f"tokenizer-{corpus.key}-{rule.vocabulary}-{rule.longest}.json",
        lambda: (corpus.sentences[number] for number in corpus.train),
        vocabulary=rule.vocabulary,
        longest=rule.longest,
    )


def _pairs(x: Tensor) -> Tensor:
    """Cosine of each two rows, once: [B, W] -> [pairs]."""
    first, second = torch.triu_indices(len(x), len(x), 1, device=x.device)
    return _cosines(x)[first, second]


def _cosines(x: Tensor) -> Tensor:
    unit = F.normalize(x.float(), dim=1)
    return unit @ unit.T
