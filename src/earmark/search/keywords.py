"""What the words of a query say about names and tags.

A recording that has words of the query in its path or tags is told by the share of their weight
that it has. A word weighs `log(1 + (n + 1) / (m + 1))`, where m of n recordings have it: what every
folder is called says little. Words that are about hearing, not about what is heard, say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from unicodedata import normalize

import numpy as np
import numpy.typing as npt

from earmark.library.store.contract import Ids

# Words of any sentence, and those of any query for a sound, which count if there is nothing else.
_EMPTY = """
a about after all an and any are as at be been before being but by can do does each for from had
has have he her his i in into is it its like near no not of off on one or other out over she so
some someone something that the their them then there these they this those through to under up
very was were what when where which while who will with without you your
"""
_ABOUT = """
audible audio clip clips effect effects file files fx hear heard hearing noise noises recorded
recording recordings sample samples sfx sound sounding sounds
"""
EMPTY, ABOUT = frozenset(_EMPTY.split()), frozenset(_ABOUT.split())
_WORD = re.compile(r"[^\W_]+")


def evidence(
    words: str, having: Callable[[str], Ids], total: int
) -> tuple[Ids, npt.NDArray[np.float32]]:
    """Tell which recordings have words of a query, and how much of its weight: above 0, up to 1.

    `having` gives the recordings with a word, `total` is how many recordings there are.
    -> ids [k], rising; shares [k]
    """
    found = [having(word) for word in content_words(words)]
    if not any(map(len, found)):
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    weights = np.array([np.log1p((total + 1) / (len(ids) + 1)) for ids in found])
    ids, at = np.unique(np.concatenate(found), return_inverse=True)
    sums = np.bincount(at, weights=np.repeat(weights, list(map(len, found))))
    return ids, np.minimum(sums / weights.sum(), 1.0).astype(np.float32)


def content_words(text: str) -> list[str]:
    """The words of a query that say what is heard, each once."""
    every = dict.fromkeys(word.casefold() for word in _WORD.findall(normalize("NFC", text)))
    telling = [word for word in every if word not in EMPTY and not _is_letter(word)]
    return [word for word in telling if word not in ABOUT] or telling


def indexable(text: str) -> str:
    """Split words that are written together, and keep them: "TinRoof02" -> "Tin Roof 02 TinRoof02".

    So a name is found by its parts and as a whole.
    """
    text = normalize("NFC", text)  # else an accent would end a word
    parts = {word: list(_parts(word)) for word in _WORD.findall(text)}
    split = [word for word, some in parts.items() if len(some) > 1]
    apart = _WORD.sub(lambda found: " ".join(parts[found[0]]), text).replace("_", " ")
    return " ".join([apart, *split])


def _parts(word: str) -> Iterator[str]:
    """Cut a word where digits begin or end, before a capital, and before the last of capitals."""
    begins = [0, *(n for n in range(1, len(word)) if _is_cut(word, n)), len(word)]
    for begin, end in pairwise(begins):
        yield word[begin:end]


def _is_cut(word: str, at: int) -> bool:
    before, here, after = word[at - 1], word[at], word[at + 1 : at + 2]
    if before.isdigit() != here.isdigit():
        return True
    return here.isupper() and (before.islower() or (before.isupper() and after.islower()))


def _is_letter(word: str) -> bool:
    """Whether it is what is left of "it's", or a mark like "take B"."""
    return len(word) == 1 and word.isascii() and word.isalpha()
