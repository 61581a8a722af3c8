"""Ears, words, and what compares them, as one network; a part that is held does not learn.

Where a recipe names a bank of captions, it is a part too, and what was heard has them beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn

from earmark.errors import UsageError
from earmark.lab.aim import aim_of, point
from earmark.lab.captioners.constants import Constants, open_constants
from earmark.lab.matchers import Widths, new_matcher
from earmark.lab.matchers.auxiliary import CAPTIONS
from earmark.lab.objectives.hear import TAUGHT_WIDTH, Ears
from earmark.lab.objectives.read import Reader, tokenizer_of
from earmark.lab.recipe import Recipe
from earmark.lab.sides import Side, Stream
from earmark.lab.start import load_part, load_shared, part_of, read_weights
from earmark.lab.strict import unknown

TEMPERATURE = 0.07  # at first; it learns
COOLEST = 0.03  # down to here; at 0.01 texts crowd together, and small gaps are made to do
HALVES = ("ears", "words")


class Both(nn.Module):
    """Ears, words, and what compares them."""

    def __init__(
        self, recipe: Recipe, ears: Ears, words: Reader, bank: Constants | None = None
    ) -> None:
        super().__init__()
        self.ears, self.words, self.bank = ears, words, bank
        beside = {} if bank is None else {CAPTIONS: recipe.words.width}
        self.matcher: nn.Module = new_matcher(
            recipe.matcher.name,
            Widths({"main": recipe.words.width}, {"main": recipe.ears.width, **beside}),
            width=recipe.matcher.width,
            **recipe.matcher.settings,
        )
        if not self.matcher.timed:
            raise UsageError(
                f"the matcher {recipe.matcher.name!r} makes one vector of a whole clip, "
                "and search must find the moment in it",
                hint="name one that has tokens under [matcher], such as 'pooled'",
            )
        self.log_temperature = nn.Parameter(torch.tensor(math.log(TEMPERATURE)))
        self._held = recipe.start.held
        for name in self._held:
            self.get_submodule(name).requires_grad_(requires_grad=False)

    def train(self, mode: bool = True) -> Both:
        """Set the mode; what is held stays as it is."""
        super().train(mode)
        for name in self._held:
            self.get_submodule(name).eval()
        return self

    @property
    def temperature(self) -> Tensor:
        """What scores are divided by."""
        return self.log_temperature.exp().clamp(COOLEST, 0.5)

    def inner_weights(self) -> Iterator[nn.Parameter]:
        """Give the matrices inside both halves."""
        yield from self.ears.inner_weights()
        yield from self.words.inner_weights()

    def listen(self, logmel: Tensor) -> Side:
        """Hear: [B, frames, bands] -> a side."""
        return self.told(self.ears.tower(logmel))

    def told(self, heard: Stream, away: Tensor | None = None) -> Side:
        """Put captions of the bank beside what was heard; `away` [B, N] says which are not."""
        return told(heard, self.words, self.bank, away)

    def read(self, ids: Tensor, mask: Tensor) -> Side:
        """Read: [B, L], [B, L] -> a side."""
        return {"main": self.words.tower(ids, mask)}


def told(
    heard: Stream, words: nn.Module, bank: Constants | None, away: Tensor | None = None
) -> Side:
    """Make a side of what was heard, with captions beside it where there is a bank."""
    if bank is None:
        return {"main": heard}
    return {"main": heard, CAPTIONS: bank(heard, words.tower, away)}


def new_both(recipe: Recipe, classes: int, captions: Iterable[str] = ()) -> Both:
    """Make the model of a recipe, from the weights it starts from.

    `captions` are those of train, for the bank that the recipe may name.
    """
    if not (recipe.start.ears and recipe.start.words):
        raise UsageError(
            "the task 'match' starts from ears and words that have learned",
            hint="name both runs under [start]: ears = ..., words = ...",
        )
    for name in recipe.start.held:
        if name not in HALVES:
            raise unknown(f"[start] held: there is no part {name!r}", name, list(HALVES))
    ears = Ears(recipe.ears, classes=classes, taught_width=TAUGHT_WIDTH)
    load_part(ears, recipe.start.ears, "ears")
    known = part_of(read_weights(recipe.start.words), "words")
    words = Reader(recipe.words, tokenizer_of(known), taught_width=TAUGHT_WIDTH)
    load_part(words, recipe.start.words, "words")
    both = Both(recipe, ears, words, open_constants(recipe, captions, words))
    if recipe.start.matcher:
        load_shared(both.matcher, recipe.start.matcher, "matcher")
    elif recipe.start.aimed:
        point(both.matcher, aim_of(ears.classes.weight, recipe.matcher.width))
    return both
