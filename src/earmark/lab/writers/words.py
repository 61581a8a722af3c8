"""Which words name which sound, and which may stand for each other: words.csv.

A row is for words of one meaning. `kind` says what it is about: `sound`, `level` (how loud, how
far, in the background), `count`, `not`, `only`, or `plain` for words that state nothing. `form` is
`one` or `many` for names of what can be counted. What may be put in place of a word is in `into`:
`=` any other word of the row, `a|b` one of these, nothing: the row is for the check alone.

A word may stand in several rows of a kind and then has any of their meanings: a `drone` is a hum,
or a drone. `a+b` are two meanings at once: a `car horn` is a car and a horn.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

PLAIN = "plain"
TOKEN = re.compile(r"[a-z0-9]+(?:[-'][a-z0-9]+)*|[^\w\s]")


class Row(NamedTuple):
    """One row of the table."""

    kind: str
    meaning: str
    form: str
    words: tuple[str, ...]
    into: str


class Named(NamedTuple):
    """What a word, or some words together, say."""

    kind: str
    means: frozenset[str]  # any one of these
    form: str = ""  # "one" or "many", where that is to be seen


@cache
def rows() -> tuple[Row, ...]:
    """Read the table."""
    text = files("earmark.lab.writers").joinpath("words.csv").read_text(encoding="utf-8")
    return tuple(
        Row(row["kind"], row["meaning"], row["form"], tuple(row["words"].split("|")), row["into"])
        for row in csv.DictReader(text.splitlines())
    )


@cache
def swaps() -> Mapping[str, tuple[str, ...]]:
    """What may stand for which word; nothing for words that only keep others from being swapped."""
    found = dict[str, tuple[str, ...]]()
    for row in rows():
        for word in row.words:
            others = row.words if row.into == "=" else tuple(filter(None, row.into.split("|")))
            into = tuple(one for one in others if one != word)
            if into or " " in word:
                found[word] = into or found.get(word, ())
    return found


@cache
def known() -> Mapping[tuple[str, ...], tuple[Named, ...]]:
    """What each word, or words in a row, say; plain words say nothing."""
    told: dict[tuple[str, ...], list[Named]] = {}
    for row in rows():
        for word in row.words:
            some = told.setdefault(tuple(tokens(word, whole=True)), [])
            if row.kind != PLAIN:
                _add(some, row)
    return {words: tuple(some) for words, some in told.items()}


def _add(some: list[Named], row: Row) -> None:
    """Join what a row says to what is known of a word."""
    for meaning in row.meaning.split("+"):
        for place, one in enumerate(some):
            if one.kind == row.kind and "+" not in row.meaning:
                some[place] = Named(one.kind, one.means | {meaning}, one.form or row.form)
                break
        else:
            some.append(Named(row.kind, frozenset([meaning]), row.form))


@cache
def things() -> frozenset[str]:
    """Meanings of what can be counted: who makes a sound, more than a sound."""
    return frozenset(row.meaning for row in rows() if row.form)


@cache
def _by_first() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """What is known by its first word, the longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for words in sorted(known(), key=len, reverse=True):
        found.setdefault(words[0], []).append(words)
    return {word: tuple(some) for word, some in found.items()}


def tokens(text: str, *, whole: bool = False) -> list[str]:
    """Split into words in small letters, and marks; `-` parts what is not known as one word."""
    text = text.casefold().replace("’", "'").replace("cannot", "can not")
    text = re.sub(r"n't\b", " not", text)
    found = TOKEN.findall(re.sub(r"'s\b|(?<=s)'(?=\s|$)", "", text))
    if whole:
        return found
    return [part for token in found for part in _parts(token)]


def _parts(token: str) -> list[str]:
    return token.split("-") if "-" in token and (token,) not in known() else [token]


def named(words: Sequence[str]) -> Iterator[tuple[tuple[str, ...], bool, tuple[Named, ...]]]:
    """Part words into those that are known together, the longest first: whether, what they say."""
    table, place = _by_first(), 0
    while place < len(words):
        some = table.get(words[place], ())
        found = next((x for x in some if tuple(words[place : place + len(x)]) == x), ())
        said = known()[found] if found else _digits(words[place])
        yield found or (words[place],), bool(found or said), said
        place += len(found) or 1


def _digits(word: str) -> tuple[Named, ...]:
    """A number in digits is a count like one in letters."""
    return (Named("count", frozenset([word])),) if word.isdigit() else ()
