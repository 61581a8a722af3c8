"""Cues: what should be heard in each line of a script, as queries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from typing import Any, Literal

from earmark.errors import UsageError
from earmark.library.store.contract import Filter
from earmark.search.lexicon import lexicon
from earmark.search.query import Plan, Term, parse
from earmark.search.spot.clauses import ARTICLES, PLACING, word_set
from earmark.search.spot.hearing import sounds_in
from earmark.search.spot.lines import Line
from earmark.search.spot.places import place_of
from earmark.search.spot.script import Script
from earmark.search.tokens import QUOTES

Kind = Literal["sound", "place"]
ASIDES = word_set(
    "far distant near close closer loud louder soft softer faint fainter muffled approaching "
    "receding fading rising growing continuous looped offscreen offstage"
)
_SIGNS = " .,;:!?…()[]-–—"
_QUOTES = re.compile(f"[{QUOTES}]")
_PIECES = re.compile(r"\s*(?:[,;.!?…]+|\s[-–—]+)(?:\s+|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One thing that should be heard."""

    name: str  # a number, or what the person calls it; of several in one such line: 7.1, 7.2
    kind: Kind
    line: Line
    plan: Plan  # what is asked of a library

    @property
    def words(self) -> str:
        """The query, in words."""
        return self.plan.text

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        return {
            "cue": self.name,
            "kind": self.kind,
            "query": self.words,
            "time": self.line.time,
            "line": self.line.number,
            "text": self.line.text,
        }


def cues_of(script: Script) -> list[Cue]:
    """The cues of all lines, in order; raise if there is none."""
    cues = [cue for _, found in by_line(script) for cue in found]
    if not cues:
        raise UsageError(
            f"nothing can be heard in {script.path}",
            hint="see what was made of each line with: earmark spot SCRIPT --list; "
            "mark what you want, as in SFX: a door slams",
        )
    return cues


def by_line(script: Script) -> Iterator[tuple[Line, list[Cue]]]:
    """Every line, and the cues in it."""
    given = {line.name for line in script.lines}
    free = (str(n) for n in count(1) if str(n) not in given)
    for line in script.lines:
        plans = _plans(line, script)
        names = _named(line.name, len(plans)) if line.name else list(islice(free, len(plans)))
        kind: Kind = "place" if line.is_place else "sound"
        yield (
            line,
            [
                Cue(name=name, kind=kind, line=line, plan=plan)
                for name, plan in zip(names, plans, strict=True)
            ],
        )


def plan_of(words: str) -> Plan:
    """Ask for words as they are, whatever signs are in them."""
    return Plan((Term(1.0, words),), (), Filter(), words)


def as_query(cue: Cue) -> str:
    """Write a cue so that a `query` column gives the same again."""
    is_same = cue.line.kind == "query" or _is_asked_by(cue.words, cue.plan)
    return cue.words if is_same else f'"{cue.words}"'


def _is_asked_by(words: str, plan: Plan) -> bool:
    try:
        return parse(words) == plan
    except UsageError:
        return False


def _named(name: str, cues: int) -> list[str]:
    """The names of cues in a line that has one: 7, or 7.1, 7.2."""
    return [name] if cues == 1 else [f"{name}.{n}" for n in range(1, cues + 1)]


def _plans(line: Line, script: Script) -> list[Plan]:
    if line.kind == "query":
        return [_asked(line, script.path)]
    return [plan_of(words) for words in _sounds(line, script.names)]


def _sounds(line: Line, names: frozenset[str]) -> list[str]:
    if line.kind == "place":
        place = place_of(line.text)
        return [place] if place else []
    if line.kind == "prose":
        return sounds_in(line.text, names)
    if line.kind == "mark":
        return _as_marked(line.text)
    if line.kind == "phrase":
        return _as_named(line.text, names)
    return []


def _as_named(text: str, names: frozenset[str]) -> list[str]:
    """A phrase is asked as it is; where rules hear two sounds in it, each stands for itself."""
    found = sounds_in(text, names)
    return found if len(found) > 1 else [_plain(text)]


def _as_marked(text: str) -> list[str]:
    """Each piece of what is marked, heard by rules or as it is: a foghorn, far away; seagulls."""
    pieces: list[str] = []
    for piece in _PIECES.split(text):
        if not any(map(str.isalnum, piece)):
            continue
        if pieces and (_is_unfinished(pieces[-1]) or _is_aside(piece)):
            pieces[-1] = f"{pieces[-1]} {piece}"
        else:
            pieces.append(piece)
    found = (sound for piece in pieces for sound in _as_named(piece, frozenset()))
    return list(dict.fromkeys(found))


def _is_unfinished(piece: str) -> bool:
    """Whether a piece only says what the next one is like: a long, low growl."""
    first, *more = piece.lower().split()
    return first in ARTICLES and len(more) == 1 and not lexicon().knows(more[0])


def _is_aside(piece: str) -> bool:
    """Whether a piece only says how or where the one before is heard."""
    first = piece.lower().split()[0]
    return (first in PLACING | ASIDES or first.endswith("ly")) and not sounds_in(piece)


def _plain(text: str) -> str:
    """The words as they are, without an article before them, quotes, and signs around them."""
    words = " ".join(_QUOTES.sub(" ", text).split()).strip(_SIGNS)
    words = words.lower() if words.isupper() else words
    first, _, rest = words.partition(" ")
    return rest if rest and first.lower() in ARTICLES else words


def _asked(line: Line, where: str) -> Plan:
    try:
        return parse(line.text)
    except UsageError as error:
        raise UsageError(
            f"{where}, line {line.number}: {error.problem}", hint=error.hint
        ) from error
