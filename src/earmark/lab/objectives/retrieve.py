"""Retrieve: a matcher learns on top of frozen towers, from sounds and what is said of them.

Every system of the papers is trained by this, on the same features, pairs and batches: what a batch
holds depends on the seed and the step alone. All pairs of a batch are scored; a pair that is
neither right nor wrong counts as neither.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from earmark.errors import UsageError
from earmark.lab import losses
from earmark.lab.answers import answers, prepared
from earmark.lab.blocks import Blocks
from earmark.lab.captioners import open_captioner
from earmark.lab.captioners.written import NONE
from earmark.lab.crew import ALONE, crew_here
from earmark.lab.features.featured import Featured
from earmark.lab.losses import NEVER, Batch
from earmark.lab.matchers import MATCHERS, Widths, new_matcher
from earmark.lab.objectives import Places, weights_of
from earmark.lab.pairs import Opener, Pairs, opener_at
from earmark.lab.recipe import Recipe
from earmark.lab.sides import Side, Term
from earmark.lab.start import load_part
from earmark.lab.strict import unknown
from earmark.lab.writers.rewrites import rewrites_of
from earmark.score import metric, rank

TEMPERATURE = 0.07  # at first; it learns
LOOKS = 300  # sentences of dev that are asked while it learns
AGAIN = 30  # sounds of each that are seen again, where both sides must be seen
Numbers = npt.NDArray[np.int64]


class Drawn(NamedTuple):
    """A batch: sounds, one sentence for each, and what is taken for right."""

    sounds: Numbers  # [B]
    texts: Numbers  # [B]
    noisy: npt.NDArray[np.bool_]  # [B] which of them are heard in noise
    match: npt.NDArray[np.bool_]  # [B, B]
    doubt: npt.NDArray[np.bool_]  # [B, B]
    written: Numbers  # [B] a caption that is told in place of the sentence, or NONE
    shown: Numbers | None  # [B, count] the captions that a sound has beside it
    rewritten: Numbers  # [B] a rewrite that is read in place of the sentence, or NONE


def _max_margin(batch: Batch) -> Tensor:
    return losses.max_margin(batch.scores.masked_fill(batch.doubt, NEVER), batch.match)


def _gist(batch: Batch) -> Tensor:
    """Let the gists make a shortlist, where the scores do not come from them."""
    if batch.separable:
        return batch.scores.new_zeros(())
    text, audio = batch.gists
    return batch.nt_xent(text @ audio.T)


def _soft(batch: Batch) -> Tensor:
    if batch.taught is None:
        raise ValueError("soft targets without a teacher")
    scores, taught = (one.masked_fill(batch.doubt, NEVER) for one in (batch.scores, batch.taught))
    return losses.soft_targets(scores, taught, temperature=batch.temperature)


LOSSES: Mapping[str, Term] = {
    "nt_xent": lambda batch: batch.nt_xent(batch.scores),
    "max_margin": _max_margin,
    "soft": _soft,
    "gist": _gist,
    "cosine": lambda batch: losses.cosine_pull(*batch.gists, batch.match),
    "l1": lambda batch: losses.l1_pull(*batch.gists, batch.match),
    "l1_mean": lambda batch: losses.l1_mean_pull(*batch.gists, batch.match),
}


class Matching(nn.Module):
    """A matcher, and the temperature of its scores."""

    def __init__(self, recipe: Recipe, widths: Widths) -> None:
        super().__init__()
        rule = recipe.matcher
        self.matcher: nn.Module = new_matcher(rule.name, widths, width=rule.width, **rule.settings)
        self.log_temperature = nn.Parameter(torch.tensor(math.log(TEMPERATURE)))
        if recipe.start.matcher:
            load_part(self.matcher, recipe.start.matcher, "matcher")

    @property
    def temperature(self) -> Tensor:
        """What scores are divided by."""
        return self.log_temperature.exp().clamp(0.01, 0.5)


class Retrieve:
    """The objective."""

    def __init__(self, recipe: Recipe, places: Places, device: torch.device) -> None:
        self._recipe, self._device = recipe, device
        self._weights = weights_of(recipe)
        _refuse_foreign(recipe.matcher.name, self._weights)
        opener = opener_at(places)
        train, dev = (_one(opener, getattr(recipe.data, x), x) for x in ("train", "dev"))
        captioner = open_captioner(recipe, train, places)
        self._rewrites = rewrites_of(recipe.data.rewrites, train.task.texts, places)
        self._train = Featured(train, recipe.features, places, captioner, self._rewrites.texts)
        self._dev = Featured(dev, recipe.features, places, captioner)
        self.model: nn.Module = Matching(recipe, self._train.widths).to(device)
        count = len(self._train.pairs.task.sounds)
        _refuse_large(recipe, count)
        self._taken_for = mistaken(count, recipe.data.wrong, recipe.seed)
        self._blocks = Blocks(recipe.train.at_once, crew_here() if recipe.train.spread else ALONE)
        self._teachers = [self._teacher(place) for place in _teachers(recipe)]

    def draw(self, step: int) -> Drawn:
        """Draw the batch of a step: every sound comes once before any comes again."""
        size, seed = self._recipe.train.batch, self._recipe.seed
        task, doubt = self._train.pairs.task, self._train.pairs.doubt
        sounds = self._order(step * size, size)
        rng = np.random.default_rng((seed, step))
        texts = np.array([rng.choice(self._told[sound]) for sound in sounds])
        of_batch = np.ix_(texts, sounds)
        # Who believes a wrong caption believes all that the right one says of other sounds.
        heard_said = np.array([rng.choice(self._told[sound]) for sound in self._taken_for[sounds]])
        told = np.where(self._taken_for[sounds] != sounds, heard_said, texts)
        drawn = Drawn(
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
        if self._train.captions is None:
            return drawn
        of, size = self._train.captions.of[drawn.sounds], len(drawn.sounds)
        chosen = of[np.arange(size), rng.integers(of.shape[1], size=size)]
        written = np.where(rng.random(size) < self._recipe.captions.share, chosen, NONE)
        told = written != NONE
        has = (written[:, None, None] == of).any(axis=2)
        return drawn._replace(
            match=np.where(told[:, None], has, drawn.match),
            doubt=drawn.doubt & ~told[:, None],
            written=written,
            shown=self._train.captions.shown(drawn.sounds, drawn.texts, written),
        )

    def losses(self, drawn: Drawn) -> dict[str, Tensor]:
        """Score all pairs of a batch."""
        matcher, device = self.model.matcher, self._device
        text = self._train.text(drawn.texts, device, drawn.written, drawn.rewritten)
        audio = self._train.audio(drawn.sounds, device, drawn.noisy, drawn.shown)
        matched = self._blocks.score(matcher, text, audio)
        batch = Batch(
            scores=matched.scores,
            gists=self._blocks.gists(matcher, text, audio),
            match=torch.from_numpy(drawn.match).to(device),
            doubt=torch.from_numpy(drawn.doubt).to(device),
            temperature=self.model.temperature,
            separable=matcher.separable,
            taught=self._taught(text, audio),
        )
        known = {**LOSSES, **matched.terms}
        return {name: known[name](batch) for name in self._weights}

    @torch.no_grad()
    def _taught(self, text: Side, audio: Side) -> Tensor | None:
        """What the teachers say of a batch: the mean of their scores."""
        scores = [one(text, audio).scores for one in self._teachers]
        return torch.stack(scores).mean(dim=0) if scores else None

    @torch.no_grad()
    def examine(self, model: nn.Module) -> dict[str, float]:
        """Ask some sentences of dev."""
        task, matcher = self._dev.pairs.task, model.matcher
        texts, sounds = np.arange(len(task.texts))[:LOOKS], np.arange(len(task.sounds))
        scores = answers(
            matcher,
            prepared(matcher, self._dev.text(texts, self._device), is_text=True),
            prepared(matcher, self._dev.audio(sounds, self._device), is_text=False),
            shortlist=AGAIN,
        )
        ranking = rank(scores.cpu().numpy(), task.match[texts])
        return {name: metric(name).of(ranking) for name in ("mAP@10", "R@1", "R@10")}

    def _teacher(self, place: str) -> nn.Module:
        """Open a matcher of this recipe's kind that has learned."""
        rule = self._recipe.matcher
        teacher: nn.Module = new_matcher(
            rule.name, self._train.widths, width=rule.width, **rule.settings
        )
        load_part(teacher, place, "matcher")
        return teacher.to(self._device).eval()

    @cached_property
    def _told(self) -> list[Numbers]:
        return [
            self._train.pairs.told(sound) for sound in range(len(self._train.pairs.task.sounds))
        ]

    def _order(self, first: int, size: int) -> Numbers:
        """Give the sounds at some places of an endless order that is shuffled for each round."""
        count = len(self._train.pairs.task.sounds)
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


def _teachers(recipe: Recipe) -> list[str]:
    """Folders of runs, with a comma between them."""
    named = recipe.teachers.get("matcher", "")
    if bool(recipe.loss.get("soft")) != bool(named):
        raise UsageError(
            "soft targets come from a teacher, and a teacher is for soft targets",
            hint='give both: soft under [loss], and matcher = "FOLDER OF A RUN" under [teachers]',
        )
    return [part.strip() for part in named.split(",") if part.strip()]


def _one(opener: Opener, specs: tuple[str, ...], what: str) -> Pairs:
    if len(specs) != 1:
        raise UsageError(
            f"the task 'retrieve' takes one {what}, and the recipe names {len(specs)}",
            hint=f'say {what} = ["scenes-v1#{what}"] in [data], or name a data set',
        )
    return opener.open(specs[0])


def _refuse_foreign(matcher: str, names: Iterable[str]) -> None:
    """Raise for a loss that is another matcher's own."""
    own = MATCHERS[matcher].terms if matcher in MATCHERS else ()
    for name in names:
        if name not in LOSSES and name not in own:
            raise unknown(
                f"the matcher {matcher!r} has no loss {name!r} of its own", name, [*LOSSES, *own]
            )


def _refuse_large(recipe: Recipe, sounds: int) -> None:
    if recipe.train.batch > sounds:
        raise UsageError(
            f"a batch of {recipe.train.batch} from {sounds} sounds", hint="lower batch in [train]"
        )
