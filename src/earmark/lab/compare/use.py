"""How a system could serve a search: what its networks let a bundle do.

*index*: a vector a side says all that its scores say, and any moment has one. *rerank*: the pair is
seen by one network, from tokens that a library stores, behind the shortlist of its gists. *lab
only*: it cannot be exported as it is; the reason is told. A run on frozen experts is no bundle
itself: a system is taken over by training it on the ears of one (task `match`).
"""

from __future__ import annotations

from typing import NamedTuple

from earmark.lab.captioners.constants import HELD, OF_CAPTIONS, OF_MEMBERS
from earmark.lab.matchers import MATCHERS, Matcher, Widths, new_matcher
from earmark.lab.matchers.auxiliary import CAPTIONS
from earmark.lab.recipe import MatcherRule, Recipe

SMALL = 8  # numbers of a token, where only the build is looked at
LEVELS = (SMALL, SMALL)
INDEX, RERANK, LAB = "index", "rerank", "lab only"


class Use(NamedTuple):
    """What a search can do with it."""

    kind: str
    why: str = ""  # it is for the lab only


def use_of(recipe: Recipe) -> Use:
    """Tell what a search could do with a system."""
    module = MATCHERS[recipe.matcher.name].module
    if module == OF_MEMBERS:
        return Use("as its members")
    if module == OF_CAPTIONS and recipe.captions.captioner != HELD:
        return Use(LAB, "of captioners a bundle holds a bank alone")
    if recipe.task == "retrieve" and len(recipe.features.audio) > 1:
        return Use(LAB, "a bundle has one pair of ears")
    matcher = _built(recipe.matcher)
    if not matcher.timed:
        return Use(LAB, "a vector of a whole clip tells no moment")
    return Use(INDEX if matcher.separable else RERANK)


def _built(rule: MatcherRule) -> Matcher:
    widths = Widths({"main": SMALL}, {"main": SMALL, CAPTIONS: SMALL}, LEVELS, LEVELS)
    return new_matcher(rule.name, widths, width=rule.width, **rule.settings)
