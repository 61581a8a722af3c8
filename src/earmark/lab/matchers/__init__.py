"""What compares two sides, behind one small contract.

Contract: gists are of unit length, and zero for a clip that is missing. An audio gist is the
weighted mean of `audio_tokens` at unit length, so that any moment can have one; a matcher for which
that is not so says `timed = False`, has no tokens, and its text gist may have any length. A loss of
its own is a term: a function of the batch, as a matcher never sees which pairs are right. A score
depends on its text and its audio alone; only while learning, a norm may look at the others of the
same side. A `separable` matcher's scores are the products of the gists, where nothing is missing;
one that is not has `pair`, which scores from stored tokens alone. A matcher is made for the streams
of both sides, by name, and uses those that it knows what to do with. To add one: write the file,
add a row to `MATCHERS`; `tests/lab/matchers/test_contract.py` holds it to this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from earmark.errors import UsageError
from earmark.lab.strict import settings_of, unknown

if TYPE_CHECKING:
    from torch import Tensor

    from earmark.lab.sides import Matched, Side, Stream


class Widths(NamedTuple):
    """How wide the streams of both sides are, by name, and the earlier levels of `main`."""

    text: Mapping[str, int]
    audio: Mapping[str, int]
    text_levels: tuple[int, ...] = ()
    audio_levels: tuple[int, ...] = ()


class Matcher(Protocol):
    """What every matcher can do; each is an nn.Module. One that is not timed has no tokens."""

    separable: bool  # whether the gists say it all
    timed: bool  # whether an audio gist is a mean of tokens
    width: int  # of the gists' space

    def text_tokens(self, side: Side) -> Stream:
        """Bring the tokens of texts into the gist's space: -> x [T, L, width]."""

    def audio_tokens(self, side: Side) -> Stream:
        """Bring the tokens of sounds into it, with weights; a library stores them."""

    def text_gist(self, side: Side) -> Tensor:
        """Give each text one vector: -> [T, width]."""

    def audio_gist(self, side: Side) -> Tensor:
        """Give each sound one vector: -> [A, width]."""

    def __call__(self, text: Side, audio: Side) -> Matched:
        """Score every text with every audio: -> [T, A]."""


class Entry(NamedTuple):
    """Where a matcher's class is."""

    module: str
    cls: str
    terms: tuple[str, ...] = ()  # losses that it brings, for a recipe to weigh


MATCHERS = {
    "pooled": Entry("pooled", "Pooled"),
    "words": Entry("words", "Words"),
    "phrases": Entry("phrases", "Phrases"),
    "moee": Entry("moee", "MoEE"),
    "ce": Entry("ce", "CE"),
    "mmt": Entry("mmt", "MMT"),
    "tap": Entry("tap", "Tap"),
    "refine": Entry("refine", "Refine"),
    "coattention": Entry("coattention", "Coattention"),
    "hierarchy": Entry("hierarchy", "Hierarchy", ("levels",)),
    "factors": Entry("factors", "Factors", ("levels", "align", "disentangle")),
    "interaction": Entry("interaction", "Interaction", ("levels",)),
    "captions-interaction": Entry("auxiliary", "Enhanced"),
    "captions-branch": Entry("auxiliary", "Branched", ("branch",)),
    "captions-both": Entry("auxiliary", "Both", ("branch",)),
    "ensemble": Entry("ensemble", "Ensemble"),
}


def new_matcher(name: str, widths: Widths, **settings: object) -> Matcher:
    """Make a matcher by name, refusing settings that it does not have."""
    kind, told = matcher_class(name, **settings)
    made: Matcher = kind(widths, **told)
    return made


def matcher_class(name: str, **settings: object) -> tuple[Callable[..., Matcher], dict[str, Any]]:
    """Find what makes a matcher, and what it is told; raise for names that there are not."""
    if name not in MATCHERS:
        raise unknown(f"there is no matcher {name!r}", name, list(MATCHERS))
    entry = MATCHERS[name]
    kind = getattr(import_module(f"earmark.lab.matchers.{entry.module}"), entry.cls)
    return kind, settings_of(kind, settings, f"the matcher {name!r}")


def refuse_impossible(**numbers: int) -> None:
    """Raise for a width, a depth, a count of which there is none."""
    wrong = [f"{name} = {number}" for name, number in numbers.items() if number < 1]
    if wrong:
        raise UsageError(f"a matcher cannot have {', '.join(wrong)}", hint="make it 1 or more")
