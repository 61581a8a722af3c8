"""A writer that needs nothing: words that stand for each other, and other orders of words.

The same sentence and seed give the same rewrites. A rewrite is of one other form (`shapes.py`), or
of none, and has half of the words that can be swapped (words.csv) swapped; names, which begin with
a capital, are left alone. Order in time, counts, levels and distances stay what they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b

import numpy as np

from earmark.lab.writers import Reply, Wish
from earmark.lab.writers.shapes import shapes
from earmark.lab.writers.words import swaps

TRIES = 6  # for each rewrite that is wanted
SWAPPED = 0.5
BETWEEN = re.compile(r"([^\w-]+)")
NEW = "\0"  # stands before a word that was put in, until its article is right
ARTICLE = re.compile(rf"\b([Aa])n? {NEW}(\w+)")
AS_YOU = re.compile(r"(?:uni|use|usu|eu|one|once|ukulele)")  # vowels that sound like none
SILENT = re.compile(r"(?:hour|honest|heir)")


@dataclass(frozen=True)
class Rules:
    """The writer."""

    count: int
    seed: int
    at_once: int = 1

    @property
    def name(self) -> str:
        """What its rewrites depend on."""
        return f"rules {self.count} {self.seed}"

    def write(self, sentence: str) -> Reply:
        """Give rewrites, each another one."""
        digest = blake2b(f"{self.seed} {sentence}".encode(), digest_size=8).digest()
        rng = np.random.default_rng(int.from_bytes(digest))
        core, lead, end = _parted(sentence)
        forms = [core, *shapes(core)]
        found = dict[str, None]()
        for _ in range(TRIES * self.count):
            form = forms[int(rng.integers(len(forms)))]
            text = swapped(form, rng)
            if text != core:
                found.setdefault((text[:1].upper() + text[1:] if lead else text) + end)
            if len(found) == self.count:
                break
        return Reply(tuple(found), "" if found else "no rule is for it")


def open_writer(wish: Wish) -> Rules:
    """Make the writer."""
    return Rules(wish.count, wish.seed)


def swapped(text: str, rng: np.random.Generator) -> str:
    """Put other words in place of some that can be."""
    parts, out, place = BETWEEN.split(text), list[str](), 0  # words, and what parts them, in turn
    while place < len(parts):
        starts = _starts().get(parts[place], ())
        some = next((x for x in starts if tuple(parts[place : place + len(x)]) == x), ())
        found = "".join(some) or parts[place]
        into = swaps().get(found, ())
        if into and rng.random() < SWAPPED:
            found = NEW + into[int(rng.integers(len(into)))]
        place += len(some) or 1
        out += [found, *parts[place : place + 1]]
        place += 1
    return ARTICLE.sub(_article, "".join(out)).replace(NEW, "")


@cache
def _starts() -> dict[str, list[tuple[str, ...]]]:
    """What can be swapped, or keeps shorter words from that, by its first word; longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for word in sorted(swaps(), key=len, reverse=True):
        parts = tuple(BETWEEN.split(word))
        found.setdefault(parts[0], []).append(parts)
    return found


def _article(found: re.Match[str]) -> str:
    word = found[2].casefold()
    vowel = word[0] in "aeiou" and not AS_YOU.match(word)
    return f"{found[1]}{'n' if vowel or SILENT.match(word) else ''} {found[2]}"


def _parted(sentence: str) -> tuple[str, bool, str]:
    """Part a sentence into its core in small letters, whether it began with a large one, its end.

    A first word with a further capital, or `I`, is a name and stays.
    """
    text = sentence.strip()
    core = text.rstrip(".! ")
    first = core.split(" ")[0] if core else ""
    lead = first[:1].isupper() and first[1:].islower() | (first == "A")
    core = core[:1].lower() + core[1:] if lead else core
    return core, lead, text[len(text.rstrip(".! ")) :]
