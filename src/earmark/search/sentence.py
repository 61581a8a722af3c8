"""A plain sentence as a course of sounds: "after the thunder, rain" -> thunder, then rain.

    a man talks, then a frog croaks        then
    rain after thunder, with wind          then, with: anywhere in the recording
    a dog barking while it rains           with
    a bell three times                     times

Only words between sounds are understood: then, before, followed by, while, and, with ... A sentence
is left whole where a piece of it would be no sound: a piece is one if the lexicon of sounds has one
of its words, or, beside a word of order, if it has any word of its own. What is said of levels and
distances stays with its sound. Rules are of English as people type it; their words are in
`joints.csv`.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np

from earmark.search.course import Course, Link, Step
from earmark.search.keywords import ABOUT, EMPTY
from earmark.search.lexicon import Form, lexicon

MOST = 5  # sounds that a sentence is cut into
SOON = 60.0  # seconds: who says "rain after thunder" means no thunder of an hour ago
PARTS = {  # of forms
    "soon": r"(?:(?:but )?(?:only |just |shortly |right |soon |immediately |some time ))?",
    "later": r"(?:after (?:that|this|which)|afterwards|thereafter|subsequently|later still|later on"
    r"|later|next|finally|eventually|then)",
    "while": r"(?:(?:a (?:moment|while|bit|little|second|minute)|moments|(?:some|a few|several) "
    r"(?:moments|seconds|minutes|time)|seconds|shortly|soon|not long) )?",
    "over": r"(?:has|have|had) (?:just )?(?:ended|stopped|finished|ceased|passed|gone|died (?:down"
    r"|away)|faded(?: away| out)?)|(?:is|are|was|were) (?:over|done|finished|gone|through)"
    r"|ends|stops|ceases|finishes|fades(?: away| out)?|dies (?:down|away)",
    "far": r"(?:in the (?:distance|background)|far (?:away|off)|more (?:quietly|softly)|louder"
    r"|quieter)",
}
SHAPES = {  # how the forms of a kind are met; of the other kinds each stands for itself
    **dict.fromkeys(("then", "from", "without", "beside", "listed"), r" ?(?:{}) ?"),
    "lead": r"(?:{})\b[,:]? ",
    "tail": r",? (?:{})$",
    "pair": r"\b(?:{})\b",
}
TIMES = {"twice": 2, "two times": 2, "thrice": 3, "three times": 3, "four times": 4}
_COUNTED = re.compile(rf",? (?:exactly )?(?P<times>{'|'.join(TIMES)}|[2-9] times)$", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
TIE = "\u2060"  # between words that are never cut: "rock and roll"; no letter, and no space
Pattern = re.Pattern[str]


class UnsureError(Exception):
    """A piece would be no sound."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words for one sound, and what is said of when."""

    words: str
    link: Link
    times: int = 1
    without: tuple[str, ...] = ()


def course_in(sentence: str) -> Course[str] | None:
    """Read a course out of a sentence; None where there is one sound, or it is not sure."""
    text = _joint("pair").sub(_tied, " ".join(sentence.split()).strip(" .!?"))
    try:
        pieces = list(_in_order(text))
    except UnsureError:
        return None
    told = len(pieces) > 1 or pieces[0].times > 1 or pieces[0].without
    if not told or len(pieces) > MOST:
        return None
    return Course(tuple(_step(n, piece) for n, piece in enumerate(pieces)), is_typed=False)


def _step(place: int, piece: _Piece) -> Step[str]:
    within = SOON if place and piece.link == "then" else np.inf
    words, *without = (one.replace(TIE, " ") for one in (piece.words, *piece.without))
    return Step(words, piece.link, within, piece.times, tuple(without))


def _tied(pair: re.Match[str]) -> str:
    """Put a pair together, so that nothing in it is met by a joint."""
    return pair[0].replace(" ", TIE)


def _in_order(text: str) -> Iterator[_Piece]:
    """Cut at words of order, the earliest sound first."""
    text = _bare(text)
    whole = _whole(text)
    if whole:
        for part in whole:
            yield from _in_order(part)
        return
    listed = _forms("order")[0].fullmatch(text)
    if listed:
        for part in re.split(r"\s*[,;]\s*(?:and\s+|then\s+)*", listed["list"]):
            yield from _together(_sure(part))
        return
    cut = _cut(text, "then", "from")
    if cut is None:
        yield from _together(text)
        return
    kind, left, right = cut
    early, late = (left, right) if kind == "then" else (right, left)
    if not (_is_named(early) and _is_named(late)):
        raise UnsureError
    yield from _in_order(early)
    yield from _in_order(late)


def _whole(text: str) -> list[str]:
    """What a form of a whole sentence puts in order, the earliest first; nothing for none."""
    for kind, is_sure in (("first", _is_named), ("between", _has_sound)):
        for form in _forms(kind):
            found = form.fullmatch(text)
            if found:
                told = found.groupdict()
                parts = [told[name] for name in "abc" if told.get(name)]
                if all(map(is_sure, parts)):
                    return parts
    return []


def _together(text: str) -> Iterator[_Piece]:
    """Cut what is heard about one time into sounds."""
    link: Link = "then"
    text, unwanted = _without(_bare(text))
    for part in _parts(text):
        words, times = _counted(part)
        yield _Piece(words, link, times, tuple(unwanted))
        link, unwanted = "with", []


def _without(text: str) -> tuple[str, list[str]]:
    """Take off what is said not to be there."""
    found = _joint("without").search(text)
    if found is None:
        return text, []
    left, right = text[: found.start()], text[found.end() :]
    if not (_is_named(left) and _has_sound(right)):
        raise UnsureError
    return left, [_bare(right)]


def _parts(text: str) -> list[str]:
    """Cut at words that put sounds side by side."""
    cut = _cut(text, "beside")
    if cut and _is_named(cut[1]) and _is_named(cut[2]) and not _goes_on(cut[1], cut[2]):
        return [*_parts(_bare(cut[1])), *_parts(_bare(cut[2]))]
    return _listed(text)


def _listed(text: str) -> list[str]:
    """Cut a list, if all pieces of it are sounds; what "with" and "and" join may be one."""
    ends = [
        0,
        *(end for found in _joint("listed").finditer(text) for end in found.span()),
        len(text),
    ]
    parts: list[tuple[int, int]] = []
    for start, end in zip(ends[::2], ends[1::2], strict=True):
        if parts and _goes_on(text[slice(*parts[-1])], text[start:end]):
            parts[-1] = parts[-1][0], end
        elif text[start:end].strip():
            parts.append((start, end))
    bare = [_bare(text[start:end]) for start, end in parts]
    return bare if len(bare) > 1 and all(map(_has_sound, bare)) else [text]


def _goes_on(left: str, right: str) -> bool:
    """Whether two pieces are of one sound: a dog barks and growls, a man snores while sleeping."""
    before, after = _words(left), _words(right)
    first = next(iter(after), "")
    is_doing = first.endswith("ing") and first not in lexicon().nouns
    if is_doing or (first in _rows()["pronoun"] and not _has_sound(right)):
        return True
    forms = {form for _, form in lexicon().verbs.get(first, ())}
    return bool(forms & {"s", "ed"}) or ("base" in forms and _does(before[1:], "base"))


def _does(words: Sequence[str], form: Form) -> bool:
    """Whether one of some words may be a verb in this form."""
    return any(form == one for word in words for _, one in lexicon().verbs.get(word, ()))


def _cut(text: str, *kinds: Literal["then", "from", "beside"]) -> tuple[str, str, str] | None:
    """The first joint in a text that has something on both sides: its kind, left, right."""
    found = [
        (match.start(), -match.end(), kind, match)
        for kind in kinds
        for match in _joint(kind).finditer(text)
        if text[: match.start()].strip() and text[match.end() :].strip()
    ]
    if not found:
        return None
    *_, kind, match = min(found, key=lambda one: one[:2])
    return kind, text[: match.start()], text[match.end() :]


def _counted(text: str) -> tuple[str, int]:
    """Take a number of times off the end."""
    found = _COUNTED.search(text)
    if found is None or not _is_named(text[: found.start()]):
        return text, 1
    times = found["times"].lower()
    return text[: found.start()], TIMES.get(" ".join(times.split())) or int(times[0])


def _bare(text: str) -> str:
    """Without what leads to a sound, and what only says that it is heard."""
    text = text.strip(" ,;:.")
    while True:
        lead, tail = _joint("lead").match(text), _joint("tail").search(text)
        if lead and text[lead.end() :].strip():
            text = text[lead.end() :]
        elif tail and text[: tail.start()].strip():
            text = text[: tail.start()]
        else:
            return text.strip(" ,;:.")


def _sure(text: str) -> str:
    if not _is_named(text):
        raise UnsureError
    return text


def _is_named(text: str) -> bool:
    """Whether a piece has words of its own, and is no time of day."""
    words = _words(text)
    telling = [word for word in words if word not in EMPTY | ABOUT and not word.endswith("ly")]
    return bool(telling) and telling[0] not in _rows()["clock"]


def _has_sound(text: str) -> bool:
    """Whether one of the words of a piece is a word of sounds."""
    return any(lexicon().knows(word) for word in _words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


@cache
def _rows() -> dict[str, list[str]]:
    """The forms of every kind."""
    text = (files(__package__) / "joints.csv").read_text(encoding="utf-8")
    out: dict[str, list[str]] = defaultdict(list)
    for row in csv.DictReader(text.splitlines()):
        out[row["kind"]].append(row["form"])
    return out


@cache
def _joint(kind: str) -> Pattern:
    """What any form of a kind is met by."""
    return _pattern(SHAPES[kind].format("|".join(_rows()[kind])))


@cache
def _forms(kind: str) -> list[Pattern]:
    return [_pattern(form) for form in _rows()[kind]]


def _pattern(form: str) -> Pattern:
    for name, words in PARTS.items():
        form = form.replace(f"{{{name}}}", words)
    return re.compile(form, re.IGNORECASE)
