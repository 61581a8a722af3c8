"""Several trained matchers as one: the mean of their scores, each on a scale that all share.

    s = sum_m p_m s_m,    p_m = (1 / d_m) / sum_k (1 / d_k)

d_m is how far the scores of member m spread over all pairs. What the mean of a member is changes no
order, so it is left out: s ranks as the mean of (s_m - mean_m) / d_m does, stays from -1 to 1, and
is 0 where a clip is missing. Members are runs; each may be of another kind and width, and all stand
on the same towers.

Nothing in a member learns any more: its weights are held, and it works as it is measured. A step of
training only measures (the temperature learns, and no order knows of it): d_m is the mean over the
batches that it is shown, as a norm keeps what it saw. It lies with the weights, so that a score is
of its own pair alone; before anything is measured, all members count alike.

Where all members are separable, so is this. The gist is theirs side by side, each as long as the
root of p_m. A token is that of each member side by side, as long as it counts there, brought to the
length at which their means come out so; it says what it counts by its length, and its weight is 1.
What all members count little stays little, next to the tokens of another stretch of time.

Where some are not, they need their tokens as they are, so these only change by a number that is the
same for all sounds: the mean length of their mean, which is measured too. The scores do not see it.
The gists, which make the shortlist then, take the plain mean of such tokens, whatever weights they
have in the member alone. Of a member that is separable every word says the gist of its text.

Shapes: T texts, A audios, n pairs, L word pieces, M tokens of sound, K members, W their widths'
sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn

from earmark.errors import DataError, UsageError
from earmark.lab.checkpoint import RECIPE
from earmark.lab.matchers import Widths, new_matcher, refuse_impossible
from earmark.lab.matchers.gist import gist, weights
from earmark.lab.recipe import FeatureRule, Recipe, read_recipe
from earmark.lab.sides import Matched, Side, Stream, mean
from earmark.lab.start import WEIGHTS, load_part, read_weights

NAME = "ensemble"
NAMED = (
    'name two runs or more under [matcher], each once: members = ["runs/one", "runs/other"]; '
    'earmark compare also knows "{run:RECIPE}"'
)
TOWERS = ("ears.tower.", "words.tower.", "words.tokenizer")  # in the weights of a run that has them


class Ensemble(nn.Module):
    """Score by the mean of what trained matchers say."""

    def __init__(
        self,
        widths: Widths,
        *,
        width: int = 256,  # of any other matcher; here each member has its own
        members: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        refuse_impossible(width=width)
        opened = [_opened(place, recipe, widths) for place, recipe in _recipes(members).items()]
        self.separable = all(one.separable for one in opened)
        self.timed = all(one.timed for one in opened)
        _refuse_tokenless(separable=self.separable, timed=self.timed)
        self.members = nn.ModuleList(opened).requires_grad_(requires_grad=False).eval()
        self.widths: list[int] = [one.width for one in opened]
        self.width = sum(self.widths)
        self.spread, self.length = Measured(len(opened)), Measured(len(opened))

    def train(self, mode: bool = True) -> Ensemble:
        """Set the mode; the members work as they are measured."""
        super().train(mode)
        self.members.eval()
        return self

    def shares(self) -> Tensor:
        """What each member counts, the less the farther its scores spread; their sum is 1: [K]."""
        spread = self.spread.mean()
        silent = spread == 0  # the same score for every pair says nothing
        plain = spread.masked_fill(silent, 1.0).reciprocal().masked_fill(silent, 0.0)
        return plain / plain.sum()

    def text_tokens(self, side: Side) -> Stream:
        """Put what the members make of word pieces side by side: -> [T, L, W]."""
        real = side["main"].real
        said = [_said(one, side, real.shape[1]) for one in self.members]
        return Stream(torch.cat(said, dim=2), real, weight=real.to(said[0].dtype))

    def audio_tokens(self, side: Side) -> Stream:
        """Put what they make of sounds side by side, as long as it counts: -> [A, M, W]."""
        heard = [_heard(one, side) for one in self.members]
        scales = self._scales(_lengths(heard)).unbind(1)
        parts = [one.x * s[:, None, None] for one, s in zip(heard, scales, strict=True)]
        real = heard[0].real
        return Stream(torch.cat(parts, dim=2), real, weight=real.to(parts[0].dtype))

    def text_gist(self, side: Side) -> Tensor:
        """Give each text one vector: -> [T, W]."""
        return self._beside([one.text_gist(side) for one in self.members])

    def audio_gist(self, side: Side) -> Tensor:
        """Give each sound one vector: -> [A, W]."""
        if self.separable:
            return self._beside([one.audio_gist(side) for one in self.members])
        return gist(self.audio_tokens(side))

    def forward(self, text: Side, audio: Side) -> Matched:
        """Score every text with every audio: -> [T, A]."""
        each = torch.stack([one(text, audio).scores for one in self.members])
        if self.training:
            self._measure(each, audio)
        return Matched(self._fused(each), terms={})

    def pair(
        self, text_tokens: Tensor, text_real: Tensor, audio_tokens: Tensor, audio_real: Tensor
    ) -> Tensor:
        """Score pair by pair from stored tokens: [n, L, W], [n, L], [n, M, W], [n, M] -> [n]."""
        said, heard = (x.split(self.widths, dim=2) for x in (text_tokens, audio_tokens))
        as_they_are = _over(self.length.mean(), self.shares().sqrt()).unbind()
        each = [
            _met(one, Stream(x, text_real), Stream(y * scale, audio_real))
            for one, x, y, scale in zip(self.members, said, heard, as_they_are, strict=True)
        ]
        return self._fused(torch.stack(each))

    def _fused(self, each: Tensor) -> Tensor:
        """Mean of the members' scores, by their shares: [K, ...] -> [...]."""
        return torch.tensordot(self.shares(), each, dims=1)

    def _beside(self, gists: Sequence[Tensor]) -> Tensor:
        """Put gists side by side, each as long as the root of its share: -> [rows, W]."""
        roots = self.shares().sqrt().unbind()
        return torch.cat([root * one for root, one in zip(roots, gists, strict=True)], dim=1)

    def _scales(self, lengths: Tensor) -> Tensor:
        """What a member's tokens are multiplied by, if each mean is so long: [A, K] -> [A, K].

        By one number for all sounds where a pair needs them as they are; elsewhere what a sound has
        more than is usual is shared by all members.
        """
        usual = self.shares().sqrt() / self.length.mean()
        more = lengths / self.length.mean()
        shared = _over((more * self.shares()).sum(dim=1, keepdim=True), more)
        free = torch.tensor([one.separable for one in self.members], device=lengths.device)
        return usual * torch.where(free, shared, 1.0)

    @torch.no_grad()
    def _measure(self, each: Tensor, audio: Side) -> None:
        """Keep how far scores spread, and how long the means of tokens are: [K, T, A]."""
        self.spread.add(each.flatten(1).std(dim=1, correction=0))
        if self.timed:
            self.length.add(_lengths([_heard(one, audio) for one in self.members]).mean(dim=0))


class Measured(nn.Module):
    """The mean of what was seen, for each member; 1 before anything was.

    Kept as a sum and a count: so an average of the weights over time, in which both begin at zero,
    has a mean of what was seen too.
    """

    def __init__(self, members: int) -> None:
        super().__init__()
        self.register_buffer("total", torch.zeros(members))
        self.register_buffer("count", torch.zeros(()))

    def add(self, found: Tensor) -> None:
        """See once more: [K]."""
        self.total += found
        self.count += 1

    def mean(self) -> Tensor:
        """Give it: -> [K]."""
        return torch.where(self.count > 0, _over(self.total, self.count), 1.0)


def refuse_strangers(recipe: Recipe, member: Recipe) -> None:
    """Raise if two matchers of one ensemble would hear, or read, by other towers."""
    if _stand_on(recipe) != _stand_on(member):
        raise UsageError(
            f"{member.name!r} cannot be in an ensemble with {recipe.name!r}: other features",
            hint="give both the same task and towers: [features], or [ears] and [words]",
        )


def refuse_other_towers(place: str, member: str, found: Mapping[str, Tensor]) -> None:
    """Raise if the towers of a run, whose weights these are, are not those of a member of it."""
    own, wanted = (_towers_of(one) for one in (found, read_weights(member)))
    if own.keys() != wanted.keys() or not all(own[k].equal(wanted[k]) for k in own):
        raise UsageError(
            f"{member} cannot be in an ensemble with {place}: its ears or words learned apart",
            hint="train them from the same [start], and hold both halves",
        )


def _recipes(members: Sequence[str]) -> dict[str, Recipe]:
    """Read what the members are, and raise where they cannot be together."""
    if len(set(members)) < max(2, len(members)):
        raise UsageError(
            f"an ensemble cannot have these members: {', '.join(members) or 'none'}", hint=NAMED
        )
    found = {place: _recipe(place) for place in members}
    for one, other in pairwise(found):
        refuse_strangers(found[one], found[other])
        refuse_other_towers(one, other, read_weights(one))
    return found


def _recipe(place: str) -> Recipe:
    """Read the recipe of a run."""
    if not all((Path(place) / name).is_file() for name in (RECIPE, WEIGHTS)):
        raise UsageError(f"{place} cannot be in an ensemble: it is no trained run", hint=NAMED)
    recipe = read_recipe(Path(place) / RECIPE)[0]
    if recipe.matcher.name == NAME:
        raise UsageError(f"{place} is an ensemble itself", hint="name its members in its place")
    return recipe


def _opened(place: str, recipe: Recipe, widths: Widths) -> nn.Module:
    """Make a member with what it has learned."""
    rule = recipe.matcher
    made: nn.Module = new_matcher(rule.name, widths, width=rule.width, **rule.settings)
    try:
        load_part(made, place, "matcher")
    except DataError as error:
        raise UsageError(
            f"{place} cannot be in this ensemble: {error.problem}",
            hint="name one that was trained on the towers of this recipe",
        ) from error
    return made


def _refuse_tokenless(*, separable: bool, timed: bool) -> None:
    if not separable and not timed:
        raise UsageError(
            "an ensemble of matchers with and without tokens, where some score from tokens",
            hint="leave out those that make one vector of a whole clip, such as 'moee', or those "
            "that must see both sides",
        )


def _stand_on(recipe: Recipe) -> tuple[object, ...]:
    """What a matcher is made for; what is heard in noise while it learns is no part of it."""
    quiet, plain = replace(recipe.features, noisy=0.0), FeatureRule()
    return recipe.task, replace(quiet, noise_snr_db=plain.noise_snr_db), recipe.ears, recipe.words


def _towers_of(found: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value for name, value in found.items() if name.startswith(TOWERS)}


def _said(member: nn.Module, side: Side, length: int) -> Tensor:
    """The tokens of a text; where the gist says it all, it stands at every one: -> [T, L, any]."""
    if member.separable:
        told: Tensor = member.text_gist(side)[:, None].expand(-1, length, -1)
        return told
    tokens: Tensor = member.text_tokens(side).x
    return tokens


def _heard(member: nn.Module, side: Side) -> Stream:
    """The tokens of a sound; where the gist says it all, as long as they count: -> [A, M, any]."""
    tokens: Stream = member.audio_tokens(side)
    counts = weights(tokens) if member.separable else tokens.real.to(tokens.x.dtype)
    return Stream(tokens.x * counts[..., None], tokens.real)


def _met(member: nn.Module, said: Stream, heard: Stream) -> Tensor:
    """Score n pairs from the tokens of one member: -> [n]."""
    if member.separable:
        return (mean(said) * gist(heard)).sum(dim=1)
    scores: Tensor = member.pair(said.x, said.real, heard.x, heard.real)
    return scores


def _lengths(heard: Sequence[Stream]) -> Tensor:
    """How long the mean of each member's tokens is: -> [A, K]."""
    return torch.stack([torch.linalg.vector_norm(mean(one), dim=1) for one in heard], dim=1)


def _over(one: Tensor, other: Tensor) -> Tensor:
    """Divide, and leave as it is what would be divided by nothing."""
    return one / other.masked_fill(other == 0, 1.0)
