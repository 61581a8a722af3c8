"""From titles, descriptions and names of files to sentences that a person could have typed."""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST_WORDS = 60
SHORT_WORDS = 25

_MARKUP = re.compile(r"<[^>]*>")
_BEFORE_MARK = re.compile(r" (?=[.,;!?])")
_SENTENCE_END = re.compile(r"(?<=[\w)\"'%][\w)\"'%][.!?])\s+(?=[A-Z\"'(])")  # not in "e.g. The"
_SUFFIX = re.compile(r"\.(wav|mp3|aiff?|flac|ogg|m4a|caf)\b", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def clean(texts: Iterable[str]) -> list[str]:
    """Collapse blanks, and keep each sentence of words once, however it is capitalised."""
    kept: dict[str, str] = {}
    for text in texts:
        text = " ".join(text.split())
        if is_sentence(text):
            kept.setdefault(text.casefold(), text)
    return list(kept.values())


def is_sentence(text: str) -> bool:
    """Whether it is of words at all, none too many; `kick_04b` and `F-16` alone are no words."""
    words = text.split()
    return len(words) <= MOST_WORDS and any(_is_word(word) for word in words)


def is_short(text: str) -> bool:
    """Whether a description is short, and no pointer to somewhere else."""
    return len(text.split()) <= SHORT_WORDS and "http" not in text and "www." not in text


def first_sentence(text: str) -> str:
    """Cut a description after its first sentence; markup is taken out."""
    text = _BEFORE_MARK.sub("", " ".join(_MARKUP.sub(" ", text).split()))
    return _SENTENCE_END.split(text, maxsplit=1)[0]


def as_words(title: str) -> str:
    """Make words of a title or a file's name: `02_doorSlam-b3.wav` -> `door Slam`."""
    plain = _HUMP.sub(" ", re.sub(r"[_\-.,/()\[\]]+", " ", _SUFFIX.sub(" ", title)))
    return " ".join(word for word in plain.split() if not any(map(str.isdigit, word)))


def _is_word(token: str) -> bool:
    letters = re.sub(r"(?<=[^\W\d_])['’-](?=[^\W\d_])", "", token.strip("\"'’.,;:!?()[]/&"))
    return len(letters) > 1 and letters.isalpha()
