"""What compares two sides, behind one small contract.

Contract: `text_gist` and `audio_gist` are of unit length, and zero for a clip that is missing; an
audio gist is the weighted mean of `audio_tokens` at unit length, so that any moment can have one. A
score depends on its text and its audio alone. A `separable` matcher's scores are the products of
the gists; one that is not has `pair`, which scores from stored tokens alone. To add one: write the
file, add a row to `MATCHERS`; `tests/lab/matchers/test_contract.py` holds it to this.
"""

from __future__ import annotations

from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, NamedTuple, Protocol, get_type_hints

from earmark.errors import UsageError
from earmark.lab.strict import unknown

if TYPE_CHECKING:
    from torch import Tensor

    from earmark.lab.sides import Matched, Side, Stream


class Matcher(Protocol):
    """What every matcher can do; each is an nn.Module."""

    separable: bool  # whether the gists say it all
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


MATCHERS = {
    "pooled": Entry("pooled", "Pooled"),
    "words": Entry("words", "Words"),
}


def new_matcher(name: str, **settings: object) -> Matcher:
    """Make a matcher by name, refusing settings that it does not have."""
    if name not in MATCHERS:
        raise unknown(f"there is no matcher {name!r}", name, list(MATCHERS))
    entry = MATCHERS[name]
    kind = getattr(import_module(f"earmark.lab.matchers.{entry.module}"), entry.cls)
    known, hints = list(signature(kind).parameters), get_type_hints(kind.__init__)
    for key, value in settings.items():
        if key not in known:
            raise unknown(f"the matcher {name!r} has no setting {key!r}", key, known)
        if type(value) is not hints[key]:
            raise UsageError(
                f"the matcher {name!r} cannot have {key} = {value!r}",
                hint=f"it should be of type {hints[key].__name__}",
            )
    made: Matcher = kind(**settings)
    return made


def refuse_impossible(**widths: int) -> None:
    """Raise for a width that no matrix has."""
    wrong = [f"{name} = {width}" for name, width in widths.items() if width < 1]
    if wrong:
        raise UsageError(f"a matcher cannot have {', '.join(wrong)}", hint="make it 1 or more")
