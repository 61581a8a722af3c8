"""A pool of scenes with captions whose right answers are fair: few, and in no doubt.

A caption stays if no scene of the pool is in doubt for it (`constraints` has two readings, with
labels read as they are and as their groups), if at most 1 % of the pool is right for it (one scene
in small pools), and if all captions together stay at two right scenes on average. A scene that
cannot have the captions it should is drawn again, at first with as many events, and its twin too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from earmark.errors import UsageError
from earmark.scenes.bank import Bank
from earmark.scenes.constraints import contents, is_held
from earmark.scenes.draw import Plan, draw_scene, mirrored, seed_of
from earmark.scenes.grammar import Claims, Grammar, claims_of, new_grammar, to_words
from earmark.scenes.matching import Shelf
from earmark.scenes.truth import Caption, Constraint, Scene

MOST = 0.01  # share of a pool that may be right for a caption
MEAN = 2.0  # right scenes of a caption, on average over a pool
_ROUNDS = 60  # in which scenes that found no captions are drawn again
_PATIENT = 15  # of them in which a scene is drawn again with as many events as before
_TRIES = 500  # draws until a scene has two sounds in a clear order


@dataclass(frozen=True, slots=True)
class _Draft:
    """A scene and all that can be claimed of it, in the order in which it is tried."""

    scene: Scene
    claims: tuple[tuple[str, Claims], ...]


def draw_pool(bank: Bank, plan: Plan, *, size: int, seed: int, test: bool = False) -> list[Scene]:
    """Draw so many captioned scenes, twins first; raise if the bank has too few sounds."""
    artist = _Artist(bank, plan, new_grammar(plan.rules, test=test), int(size * plan.twins / 2))
    units = [artist.unit(n, seed_of(seed, n), turn=0) for n in range(size - artist.pairs)]
    short: list[int] = []
    for turn in range(1, _ROUNDS):
        pool = artist.captioned([draft for unit in units for draft in unit], seed)
        unserved = {scene.id for scene in pool if not artist.has_served(scene)}
        short = [n for n, unit in enumerate(units) if unserved & {one.scene.id for one in unit}]
        if not short:
            return pool
        for n in short:
            units[n] = artist.unit(n, seed_of(seed, n), turn=turn)
    raise UsageError(
        f"{len(short)} of {size} scenes found no {plan.captions} captions that fit few others",
        hint="give a bank with more labels, allow more rules or events, or draw a smaller pool",
    )


@dataclass(frozen=True, slots=True)
class _Artist:
    """Draws the scenes of a pool and their captions; the first `pairs` units are twins."""

    bank: Bank
    plan: Plan
    grammar: Grammar
    pairs: int

    def __post_init__(self) -> None:
        if self.pairs and not any(rule.ordered for rule in self.grammar.rules.values()):
            raise UsageError(
                "twins differ in order alone", hint="allow the rule 'order', or draw no twins"
            )

    def unit(self, number: int, seed: int, *, turn: int) -> tuple[_Draft, ...]:
        """Draw a scene of its own, or for the first numbers a scene and its twin."""
        plan = _fixed(self.plan, seed, twins=number < self.pairs) if turn < _PATIENT else self.plan
        if number >= self.pairs:
            name = f"{number + self.pairs:06d}"
            scene = draw_scene(self.bank, plan, seed=seed_of(seed, turn), name=name)
            return (self._draft(scene),)
        name, other = f"{2 * number:06d}", f"{2 * number + 1:06d}"
        for trial in range(_TRIES):
            scene = draw_scene(self.bank, plan, seed=seed_of(seed, turn, trial), name=name)
            if _in_order(scene):
                twin = mirrored(scene, other)
                return self._draft(replace(scene, twin=other)), self._draft(twin)
        raise UsageError(
            f"{_TRIES} scenes have no two sounds in a clear order, so no twins",
            hint="draw more events, less overlap, or no twins",
        )

    def captioned(self, drafts: Sequence[_Draft], seed: int) -> list[Scene]:
        """Give the scenes captions, as many as the plan wants or as can be had.

        Scenes of which much can be said come first: their captions fit few others, which leaves
        room in the average for scenes of one event.
        """
        pool = [draft.scene for draft in drafts]
        limits = _Limits(pool, self.bank)
        for place in sorted(range(len(pool)), key=lambda place: -len(drafts[place].claims)):
            rng = np.random.default_rng(seed_of(seed, place))
            captions = self._captions(drafts[place], limits, rng)
            pool[place] = replace(pool[place], captions=captions)
        return pool

    def has_served(self, scene: Scene) -> bool:
        """Tell whether a scene has its captions, and a twin one that is wrong for its sibling."""
        if len(scene.captions) < self.plan.captions:
            return False
        told = [self.grammar.rules[caption.rule].ordered for caption in scene.captions]
        return not scene.twin or not told or any(told)

    def _draft(self, scene: Scene) -> _Draft:
        """List what can be claimed; of a twin, what tells it from its sibling first."""
        rng = np.random.default_rng(seed_of(scene.seed, int(scene.id)))
        claims = list(claims_of(scene, self.grammar, list(self.bank.by_label), rng))
        if scene.twin:
            claims.sort(key=lambda one: not self.grammar.rules[one[0]].ordered)
        return _Draft(scene, tuple(claims))

    def _captions(
        self, draft: _Draft, limits: _Limits, rng: np.random.Generator
    ) -> tuple[Caption, ...]:
        found: dict[str, Caption] = {}
        for name, claims in draft.claims:
            if len(found) == self.plan.captions:
                break
            if limits.allow(claims):
                caption = to_words(name, claims, self.grammar, self.bank, rng)
                found.setdefault(caption.text, caption)
        return tuple(found.values())


class _Limits:
    """What captions of a pool may still cost in right answers."""

    def __init__(self, pool: Sequence[Scene], bank: Bank) -> None:
        self._shelf = Shelf(pool, {label: bank.group(label) for label in bank.by_label})
        self._most = max(1, int(len(pool) * MOST))
        self._given = self._right = 0

    def allow(self, claims: Claims) -> bool:
        """Tell whether few scenes are right and none is in doubt; if so, count it in."""
        right = self._shelf.right(claims)
        mean = (self._right + len(right)) / (self._given + 1)
        if len(right) > self._most or mean > MEAN or self._shelf.allowed(claims) != right:
            return False
        self._given += 1
        self._right += len(right)
        return True


def _fixed(plan: Plan, seed: int, *, twins: bool) -> Plan:
    """Decide the number of events, the same when a scene is drawn again; twins have two or more."""
    low, high = (max(2, n) if twins else n for n in plan.events)
    events = int(np.random.default_rng(seed).integers(low, high + 1))
    return replace(plan, events=(events, events))


def _in_order(scene: Scene) -> bool:
    """Tell whether some sound clearly comes before another."""
    inside = contents(scene)
    pairs = ((a, b) for a in inside.events for b in inside.events if a != b)
    return any(is_held(Constraint("before", pair), inside) for pair in pairs)
