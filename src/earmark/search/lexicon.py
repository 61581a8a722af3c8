"""The words of sounds: `lexicon.csv`, and the forms in which its words are met.

Every row is a word, what kind of word it is, and what must stand beside it:

    sound    is heard, as a verb or a noun: slam, bark of a dog, a crash
    verb     is heard as a verb alone: a phone rings, but a ring on a finger is not heard
    walk     is heard if people do it, by another name: footsteps
    noun     is heard when it is named: thunder, applause; `word` is the same in this one form
    source   is heard through a verb alone: a dog barks, but a dog may sleep; `of` is its group

`of` lists groups and words, one of which must stand beside a verb or a noun (empty: any may), and
`heard` is what to ask for instead. The rows were written by hand, along the phrases of
`vocabulary.csv`.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

Form = Literal["base", "s", "ing", "ed"]

PAST = {  # verbs whose past is no -ed
    "beat": "beat beaten",
    "bite": "bit bitten",
    "blow": "blew blown",
    "break": "broke broken",
    "burst": "burst",
    "catch": "caught",
    "dig": "dug",
    "draw": "drew drawn",
    "drive": "drove driven",
    "fall": "fell fallen",
    "fly": "flew flown",
    "go": "went gone",
    "grind": "ground",
    "hit": "hit",
    "leave": "left",
    "ring": "rang rung",
    "run": "ran",
    "set": "set",
    "shoot": "shot",
    "shut": "shut",
    "sing": "sang sung",
    "slide": "slid",
    "speed": "sped",
    "spin": "spun",
    "stride": "strode",
    "strike": "struck",
    "sweep": "swept",
    "swing": "swung",
    "take": "took taken",
    "tear": "tore torn",
    "throw": "threw thrown",
    "tread": "trod",
    "weep": "wept",
    "wind": "wound",
    "write": "wrote written",
}
_SHORT = re.compile(r"(?:un)?(?:[^aeiou]|qu)*[aeiou][^aeiouwxy]")  # its last letter is doubled


class Entry(NamedTuple):
    """A row of the lexicon."""

    word: str
    kind: str
    of: frozenset[str]
    heard: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The rows, by the forms that are met in a sentence."""

    verbs: dict[str, list[tuple[Entry, Form]]] = field(default_factory=lambda: defaultdict(list))
    nouns: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    groups: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def knows(self, word: str) -> bool:
        """Whether a word is one of these, in any form."""
        return word in self.verbs or word in self.nouns or word in self.groups

    def names(self, word: str) -> bool:
        """Whether a word is the name of a thing."""
        return word in self.nouns or word in self.groups

    def take(self, entry: Entry) -> None:
        """Keep a row."""
        if entry.kind == "source":
            for form in nouns_of(entry.word):
                self.groups[form] |= {entry.word, *entry.of}
            return
        if entry.kind in ("sound", "verb", "walk"):
            for form, kind in verbs_of(entry.word):
                self.verbs[form].append((entry, kind))
        if entry.kind in ("sound", "noun"):
            for form in nouns_of(entry.word):
                self.nouns[form].append(entry)
        if entry.kind == "word":
            self.nouns[entry.word].append(entry)


@cache
def lexicon() -> Lexicon:
    """Read the rows."""
    text = (files(__package__) / "lexicon.csv").read_text(encoding="utf-8")
    made = Lexicon()
    for row in csv.DictReader(text.splitlines()):
        of = frozenset(one for one in row["of"].split("|") if one)
        made.take(Entry(row["word"], row["kind"], of, row["heard"]))
    return made


def verbs_of(word: str) -> Iterator[tuple[str, Form]]:
    """The forms of a verb."""
    yield word, "base"
    yield _with_s(word), "s"
    yield gerund(word), "ing"
    for past in PAST.get(word, _with_ed(word)).split():
        yield past, "ed"
    if word.endswith("el"):  # a traveller in Britain, a traveler in America
        yield f"{word}ling", "ing"
        yield f"{word}led", "ed"


def forms(verbs: str) -> frozenset[str]:
    """All forms of verbs that are written in a row."""
    return frozenset(form for verb in verbs.split() for form, _ in verbs_of(verb))


def nouns_of(word: str) -> set[str]:
    """A noun, and its plural."""
    return {word, _with_s(word)}


def gerund(word: str) -> str:
    """The -ing of a verb: slam -> slamming, creak -> creaking, rattle -> rattling."""
    if word.endswith("ie"):
        return f"{word[:-2]}ying"
    if word.endswith("e") and not word.endswith(("ee", "oe")):
        return f"{word[:-1]}ing"
    return f"{_doubled(word)}ing"


def _with_s(word: str) -> str:
    if re.search("[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "z", "ch", "sh", "o")) else f"{word}s"


def _with_ed(word: str) -> str:
    if word.endswith("e"):
        return f"{word}d"
    if re.search("[^aeiou]y$", word):
        return f"{word[:-1]}ied"
    return f"{_doubled(word)}ed"


def _doubled(word: str) -> str:
    return word + word[-1] if _SHORT.fullmatch(word) else word


STARTING = frozenset(  # to ring
    ("begin", "begins", "began", "begun", "beginning", "kept", *forms("start continue keep seem"))
)
