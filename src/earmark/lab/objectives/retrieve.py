"""Retrieve: a matcher learns on top of frozen towers, from sounds and what is said of them.

Every system of the papers is trained by this, on the same features, pairs and batches: what a batch
holds depends on the seed and the step alone. All pairs of a batch are scored; a pair that is
neither right nor wrong counts as neither.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from earmark.errors import UsageError
from earmark.lab import losses
from earmark.lab.answers import answers, prepared
from earmark.lab.blocks import Blocks
from earmark.lab.captioners import Captioner, open_captioner
from earmark.lab.crew import ALONE, crew_here
from earmark.lab.features.featured import Beside, Featured
from earmark.lab.losses import NEVER, Batch
from earmark.lab.matchers import MATCHERS, Widths, new_matcher
from earmark.lab.objectives import Places, weights_of
from earmark.lab.objectives.drawing import Drawn, Source
from earmark.lab.objectives.tuned import Tuned
from earmark.lab.pairs import Pairs, opener_at
from earmark.lab.recipe import Recipe
from earmark.lab.sides import Side, Term
from earmark.lab.start import load_part
from earmark.lab.strict import unknown
from earmark.lab.writers.rewrites import rewrites_of
from earmark.score import metric, rank

TUNE = "tune"  # the task whose towers learn too
TEMPERATURE = 0.07  # at first; it learns
LOOKS = 300  # sentences of dev that are asked while it learns
AGAIN = 30  # sounds of each that are seen again, where both sides must be seen


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


def _order(batch: Batch) -> Tensor:
    if batch.ahead is None:
        raise ValueError("an order to learn without sentences that are turned round")
    return losses.order(batch.ahead, temperature=batch.temperature)


LOSSES: Mapping[str, Term] = {
    "nt_xent": lambda batch: batch.nt_xent(batch.scores),
    "max_margin": _max_margin,
    "soft": _soft,
    "order": _order,
    "gist": _gist,
    "cosine": lambda batch: losses.cosine_pull(*batch.gists, batch.match),
    "l1": lambda batch: losses.l1_pull(*batch.gists, batch.match),
    "l1_mean": lambda batch: losses.l1_mean_pull(*batch.gists, batch.match),
}


class Matching(nn.Module):
    """A matcher, and the temperature of its scores."""

    def __init__(self, recipe: Recipe, widths: Widths) -> None:
        super().__init__()
        self.matcher: nn.Module = (
            Tuned(recipe) if recipe.task == TUNE else _on_frozen(recipe, widths)
        )
        self.log_temperature = nn.Parameter(torch.tensor(math.log(TEMPERATURE)))

    @property
    def temperature(self) -> Tensor:
        """What scores are divided by."""
        return self.log_temperature.exp().clamp(0.01, 0.5)


def _on_frozen(recipe: Recipe, widths: Widths) -> nn.Module:
    rule = recipe.matcher
    matcher: nn.Module = new_matcher(rule.name, widths, width=rule.width, **rule.settings)
    if recipe.start.matcher:
        load_part(matcher, recipe.start.matcher, "matcher")
    return matcher


class Retrieve:
    """The objective."""

    def __init__(self, recipe: Recipe, places: Places, device: torch.device) -> None:
        self._recipe, self._device = recipe, device
        self._weights = weights_of(recipe)
        _refuse_foreign(recipe.matcher.name, self._weights)
        opener = opener_at(places)
        _refuse_sets(recipe)
        train = [opener.open(spec) for spec in recipe.data.train]
        captioner = open_captioner(recipe, train[0], places)
        self._sources = [_source(pairs, recipe, places, captioner) for pairs in train]
        dev = opener.open(recipe.data.dev[0])
        self._dev = Featured(dev, recipe.features, places, captioner)
        self.model: nn.Module = Matching(recipe, self._dev.widths).to(device)
        self._blocks = Blocks(recipe.train.at_once, crew_here() if recipe.train.spread else ALONE)
        self._teachers = [self._teacher(place) for place in _teachers(recipe)]

    def draw(self, step: int) -> Drawn:
        """Draw the batch of a step; several sets take turns by a die, each as often."""
        rng = np.random.default_rng((self._recipe.seed, 4))
        turns = rng.integers(len(self._sources), size=step + 1)  # the first are always the same
        source = int(turns[-1])
        return self._sources[source].draw(source, int((turns[:-1] == source).sum()), step)

    def losses(self, drawn: Drawn) -> dict[str, Tensor]:
        """Score all pairs of a batch."""
        matcher, device = self.model.matcher, self._device
        featured = self._sources[drawn.source].featured
        text = featured.text(drawn.texts, device, drawn.written, drawn.rewritten)
        audio = featured.audio(drawn.sounds, device, drawn.noisy, drawn.shown)
        matched = self._blocks.score(matcher, text, audio)
        batch = Batch(
            scores=matched.scores,
            gists=self._blocks.gists(matcher, text, audio),
            match=torch.from_numpy(drawn.match).to(device),
            doubt=torch.from_numpy(drawn.doubt).to(device),
            temperature=self.model.temperature,
            separable=matcher.separable,
            taught=self._taught(text, audio),
            ahead=self._ahead(drawn, audio, matched.scores),
        )
        known = {**LOSSES, **matched.terms}
        return {name: known[name](batch) for name in self._weights}

    def _ahead(self, drawn: Drawn, audio: Side, scores: Tensor) -> Tensor | None:
        """How far each sentence with an order lies before the turned one, at its sound: -> [n]."""
        if "order" not in self._weights:
            return None
        featured = self._sources[drawn.source].featured
        rows, text = featured.turned(drawn.texts, self._device)
        if not len(rows):
            return scores.new_zeros(0)
        turned = self._blocks.score(self.model.matcher, text, audio).scores
        return scores[rows, rows] - turned[np.arange(len(rows)), rows]

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
            rule.name, self._dev.widths, width=rule.width, **rule.settings
        )
        load_part(teacher, place, "matcher")
        return teacher.to(self._device).eval()


def _teachers(recipe: Recipe) -> list[str]:
    """Folders of runs, with a comma between them."""
    named = recipe.teachers.get("matcher", "")
    if bool(recipe.loss.get("soft")) != bool(named):
        raise UsageError(
            "soft targets come from a teacher, and a teacher is for soft targets",
            hint='give both: soft under [loss], and matcher = "FOLDER OF A RUN" under [teachers]',
        )
    return [part.strip() for part in named.split(",") if part.strip()]


def _source(pairs: Pairs, recipe: Recipe, places: Places, captioner: Captioner | None) -> Source:
    """Open a set that is learned from."""
    rewrites = rewrites_of(recipe.data.rewrites, pairs.task.texts, places)
    turned = pairs.turned if recipe.loss.get("order") else ()
    if recipe.loss.get("order") and not any(turned):
        raise UsageError(
            "no sentence of train has an order to turn round",
            hint='learn from scenes, as in train = ["scenes-v1#train"], or leave out order',
        )
    featured = Featured(pairs, recipe.features, places, captioner, Beside(rewrites.texts, turned))
    return Source(featured, rewrites, recipe)


def _refuse_sets(recipe: Recipe) -> None:
    """Raise for sets that are missing, or more than can be told apart."""
    train, dev = recipe.data.train, recipe.data.dev
    for what, count in (("train", len(train)), ("dev", len(dev))):
        if not count or (what == "dev" and count > 1):
            raise UsageError(
                f"the task {recipe.task!r} takes one {what}, and the recipe names {count}",
                hint=f'say {what} = ["scenes-v1#{what}"] in [data], or name a data set',
            )
    if len(train) > 1 and recipe.captions.captioner:
        raise UsageError(
            f"a captioner writes for one train, and the recipe names {len(train)}",
            hint="leave out [captions], or all sets of train but one",
        )


def _refuse_foreign(matcher: str, names: Iterable[str]) -> None:
    """Raise for a loss that is another matcher's own."""
    own = MATCHERS[matcher].terms if matcher in MATCHERS else ()
    for name in names:
        if name not in LOSSES and name not in own:
            raise unknown(
                f"the matcher {matcher!r} has no loss {name!r} of its own", name, [*LOSSES, *own]
            )
