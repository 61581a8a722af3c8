"""Which sounds and sentences a batch holds: drawn from the seed and the step alone.

Where a recipe learns from several sets, they take turns by the batch, each as often: a pair of two
sets would be neither right nor wrong.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from earmark.errors import UsageError
from earmark.lab.captioners.written import NONE
from earmark.lab.features.featured import Featured
from earmark.lab.recipe import Recipe
from earmark.lab.writers.rewrites import Rewrites

Numbers = npt.NDArray[np.int64]


class Drawn(NamedTuple):
    """A batch: sounds, one sentence for each, and what is taken for right."""

    source: int  # which set it is of
    sounds: Numbers  # [B]
    texts: Numbers  # [B]
    noisy: npt.NDArray[np.bool_]  # [B] which of them are heard in noise
    match: npt.NDArray[np.bool_]  # [B, B]
    doubt: npt.NDArray[np.bool_]  # [B, B]
    written: Numbers  # [B] a caption that is told in place of the sentence, or NONE
    shown: Numbers | None  # [B, count] the captions that a sound has beside it
    rewritten: Numbers  # [B] a rewrite that is read in place of the sentence, or NONE


class Source:
    """One set that is learned from."""

    def __init__(self, featured: Featured, rewrites: Rewrites, recipe: Recipe) -> None:
        self.featured, self._rewrites, self._recipe = featured, rewrites, recipe
        count = len(featured.pairs.task.sounds)
        _refuse_large(recipe, count)
        self._taken_for = mistaken(count, recipe.data.wrong, recipe.seed)

    def draw(self, source: int, turn: int, step: int) -> Drawn:
        """Draw a batch: every sound comes once before any comes again."""
        size, seed = self._recipe.train.batch, self._recipe.seed
        task, doubt = self.featured.pairs.task, self.featured.pairs.doubt
        sounds = self._order(turn * size, size)
        rng = np.random.default_rng((seed, step))
        texts = np.array([rng.choice(self._told[sound]) for sound in sounds])
        of_batch = np.ix_(texts, sounds)
        # Who believes a wrong caption believes all that the right one says of other sounds.
        heard_said = np.array([rng.choice(self._told[sound]) for sound in self._taken_for[sounds]])
        told = np.where(self._taken_for[sounds] != sounds, heard_said, texts)
        drawn = Drawn(
            source,
            sounds,
            told,
            rng.random(size) < self._recipe.features.noisy,
            task.match[of_batch],
            doubt[of_batch],
            np.full(size, NONE),
            None,
            # By a die of its own, so that all else is as without rewrites.
            self._rewrites.draw(
                told, self._recipe.data.rewritten, np.random.default_rng((seed, 3, step))
            ),
        )
        return self._with_captions(drawn, rng)

    def _with_captions(self, drawn: Drawn, rng: np.random.Generator) -> Drawn:
        """Tell some sounds a caption of theirs: right for all that have it, and for no other."""
        captions = self.featured.captions
        if captions is None:
            return drawn
        of, size = captions.of[drawn.sounds], len(drawn.sounds)
        chosen = of[np.arange(size), rng.integers(of.shape[1], size=size)]
        written = np.where(rng.random(size) < self._recipe.captions.share, chosen, NONE)
        told = written != NONE
        has = (written[:, None, None] == of).any(axis=2)
        return drawn._replace(
            match=np.where(told[:, None], has, drawn.match),
            doubt=drawn.doubt & ~told[:, None],
            written=written,
            shown=captions.shown(drawn.sounds, drawn.texts, written),
        )

    @cached_property
    def _told(self) -> list[Numbers]:
        pairs = self.featured.pairs
        return [pairs.told(sound) for sound in range(len(pairs.task.sounds))]

    def _order(self, first: int, size: int) -> Numbers:
        """Give the sounds at some places of an endless order that is shuffled for each round."""
        count = len(self.featured.pairs.task.sounds)
        places = np.arange(first, first + size)
        rounds = {
            turn: np.random.default_rng((self._recipe.seed, 1, turn)).permutation(count)
            for turn in np.unique(places // count)
        }
        return np.array([rounds[place // count][place % count] for place in places])


def mistaken(count: int, share: float, seed: int) -> Numbers:
    """For each sound the one whose captions it is told; for most of them itself: -> [count]."""
    out = np.arange(count)
    wrong = np.random.default_rng((seed, 2)).permutation(count)[: round(share * count)]
    out[wrong] = np.roll(wrong, 1)
    return out


def _refuse_large(recipe: Recipe, sounds: int) -> None:
    if recipe.train.batch > sounds:
        raise UsageError(
            f"a batch of {recipe.train.batch} from {sounds} sounds", hint="lower batch in [train]"
        )
