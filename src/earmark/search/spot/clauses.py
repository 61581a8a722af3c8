"""A text as sentences, and a sentence as clauses: the words between two joints.

What stands in double quotes is said, not heard, and is left out; so are comparisons: `like a
ghost`, `as quiet as a mouse`. A joint is a comma and the like, or one of the words of `JOINTS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from earmark.search.lexicon import lexicon


def word_set(text: str) -> frozenset[str]:
    """A set of words that are written in a row."""
    return frozenset(text.split())


JOINTS = word_set(
    "and but or then while as when before after until till because so which that who where with"
)
NUMBERS = word_set("one two three four five six seven eight nine ten several many few both")
ARTICLES = word_set("a an the")
DETERMINERS = (
    ARTICLES
    | NUMBERS
    | word_set("this that these those some any every each another no my your our his her its their")
)
PEOPLE = word_set(
    "i you he she we they him them us who somebody someone everybody everyone anybody anyone"
)
PRONOUNS = PEOPLE | word_set(
    "it me something anything everything itself himself herself themselves"
)
BEING = word_set("be is are am was were been being")
HELPING = BEING | word_set("has have had do does did can could gets get got")
PLACING = word_set(
    "about above across against along among around at behind below beneath beside between beyond "
    "by down during for from in inside into near of off on onto out outside over past through "
    "throughout to toward towards under underneath up upon within"
)
ADVERBS = word_set(
    "again almost already also always away back briefly even ever finally first furiously here "
    "immediately just last nearly now once only quickly quite really slowly somewhere soon still "
    "suddenly there thrice times together too twice very violently yet"
)
FUNCTION = DETERMINERS | PRONOUNS | HELPING | PLACING | ADVERBS | JOINTS

_SAID = re.compile('["“„«»][^"“”„«»]*["”“«»]')
_END = re.compile(r"(?<=[.!?…])[\s]+|\n+")
_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[,;:.!?…()\[\]—–]|(?<=\s)-+(?=\s)|--+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a sentence."""

    text: str  # as it was written
    word: str  # in small letters, without the 's of an owner
    owns: bool  # it had one
    first: bool  # of its sentence

    @property
    def is_capital(self) -> bool:
        """Whether all of its letters are capitals."""
        return len(self.text) > 1 and self.text.isupper()

    @property
    def is_name(self) -> bool:
        """Whether it looks like the name of somebody."""
        return self.text.istitle() and not self.first and not lexicon().knows(self.word)


Clause = list[Word]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, cut at its joints."""

    text: str
    clauses: tuple[Clause, ...]  # none of them empty
    shouts: bool  # all of it is in capitals, so that capitals say nothing


def sentences(text: str) -> list[str]:
    """Cut a text into sentences; what is said aloud in them is gone."""
    quiet = _SAID.sub(" , ", text)
    return [one.strip() for one in _END.split(quiet) if any(map(str.isalnum, one))]


def sentence(text: str) -> Sentence:
    """Cut a sentence at its joints."""
    pieces = list(_without_comparisons(_TOKEN.findall(text)))
    shouts = all(one.isupper() for one in pieces if one[0].isalnum())
    return Sentence(text, tuple(_clauses(pieces)), shouts)


def _without_comparisons(pieces: list[str]) -> Iterator[str]:
    """Leave out `like ...` and `as ... as ...`, up to the next comma; `sounds like` stays."""
    low = [one.lower() for one in pieces]
    compares = False
    for n, piece in enumerate(pieces):
        is_like = low[n] == "like" and not (n and low[n - 1].startswith("sound"))
        is_as = low[n] == "as" and "as" in low[n + 2 : n + 4]
        compares = (compares or is_like or is_as) and piece[0].isalnum()
        if not compares:
            yield piece


def _clauses(pieces: Iterable[str]) -> Iterator[Clause]:
    clause: Clause = []
    first = True
    for piece in pieces:
        if not piece[0].isalnum() or piece.lower() in JOINTS:
            if clause:
                yield clause
            clause = []
            first = first and not piece[0].isalnum()
            continue
        for part in _parts(piece):
            clause.append(_word(part, first))
            first = False
    if clause:
        yield clause


def _parts(piece: str) -> list[str]:
    """Take words apart that a hyphen joins, unless they are one word of the lexicon."""
    if "-" not in piece or lexicon().knows(piece.lower()):
        return [piece]
    return [part for part in piece.split("-") if part]


def _word(text: str, first: bool) -> Word:
    plain = text.replace("’", "'")
    low = plain.lower()
    owns = low.endswith("'s") and low[:-2] not in ("it", "he", "she", "there", "that", "what")
    return Word(plain, low.removesuffix("'s") if owns else low, owns, first)
