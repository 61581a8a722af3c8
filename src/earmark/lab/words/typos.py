"""The same wish in a hurry: slips of the hand, and the many ways to ask for one thing.

A slip spares short words and both ends of a word, and never makes another word of the corpus
(`train` -> `rain`). To MiniLM a sentence of up to ten words has a mean cosine of 0.73 to 0.79 with
itself after a slip, 0.83 when it is asked for, and 0.16 with another sentence. Large letters are no
slip here, since the tokenizer makes all letters small.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache

import numpy as np

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")  # of a keyboard, each half a key to the right
LONG = 5  # letters of a word that can have a slip and still be read
ASKABLE = 10  # words of what can be asked for in a longer sentence
ASKING = (
    "a sound of {}",
    "the sound of {}",
    "sound of {}",
    "{} sound",
    "{} sound effect",
    "{} recording",
    "recording of {}",
    "find {}",
    "find me {}",
    "i am looking for {}",
    "do you have {}?",
    "is there {}?",
    "which file has {}",
    "where can i hear {}",
    "can you hear {}?",
)

Slip = Callable[[str, int, np.random.Generator], str]  # word, place in it -> word


def roughen(text: str, words: Collection[str], rng: np.random.Generator) -> str:
    """Change how a sentence is put, not what it means; `words` are those a slip may not make."""
    if rng.random() < 0.5 and len(text.split()) <= ASKABLE:
        return asked(text, rng)
    return slipped(text, words, rng)


def asked(text: str, rng: np.random.Generator) -> str:
    """Put it as a wish or a question."""
    plain = text.rstrip(".!?;, ")
    return ASKING[int(rng.integers(len(ASKING)))].format(plain)


def slipped(text: str, words: Collection[str], rng: np.random.Generator) -> str:
    """Let the hand slip in one word, if a word is long enough."""
    tokens = text.split(" ")
    long = [n for n, token in enumerate(tokens) if len(token) >= LONG and token.isalpha()]
    if not long:
        return text
    number = long[int(rng.integers(len(long)))]
    word = tokens[number]
    slip = SLIPS[int(rng.integers(len(SLIPS)))]
    found = slip(word, int(rng.integers(1, len(word) - 1)), rng)
    if found.casefold() in words:
        return text
    return " ".join([*tokens[:number], found, *tokens[number + 1 :]])


def near(word: str, place: int, rng: np.random.Generator) -> str:
    """Hit a key beside the right one."""
    keys = beside(word[place].lower()) or word[place]
    return word[:place] + keys[int(rng.integers(len(keys)))] + word[place + 1 :]


def dropped(word: str, place: int, rng: np.random.Generator) -> str:  # noqa: ARG001 - a `Slip`
    """Leave a letter out."""
    return word[:place] + word[place + 1 :]


def doubled(word: str, place: int, rng: np.random.Generator) -> str:  # noqa: ARG001 - a `Slip`
    """Type a letter twice."""
    return word[: place + 1] + word[place:]


def swapped(word: str, place: int, rng: np.random.Generator) -> str:  # noqa: ARG001 - a `Slip`
    """Type a letter before the one that stands before it; the first letter stays."""
    place = max(place, 2)
    return word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]


SLIPS: tuple[Slip, ...] = (near, dropped, doubled, swapped)


@cache
def beside(letter: str) -> str:
    """Letters whose keys touch that of a letter; none for what is on no row."""
    places = {
        key: (row, n + row / 2) for row, keys in enumerate(ROWS) for n, key in enumerate(keys)
    }
    if letter not in places:
        return ""
    row, across = places[letter]
    return "".join(
        key
        for key, (other, at) in places.items()
        if key != letter and abs(other - row) <= 1 and abs(at - across) <= 1
    )
