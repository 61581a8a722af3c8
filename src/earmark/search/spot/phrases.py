"""How to ask for what is heard: short, in small letters, with -ing: `door creaking on hinges`."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from earmark.search.lexicon import STARTING, Entry, gerund, lexicon
from earmark.search.spot.clauses import (
    ADVERBS,
    DETERMINERS,
    FUNCTION,
    HELPING,
    JOINTS,
    PLACING,
    PRONOUNS,
    Clause,
    Word,
)

LONGEST = 6  # words before a verb or behind it
PARTICLES = {"outside", "inside", "down", "up", "off", "out"}  # they may end a phrase
MADE_UP = DETERMINERS | PRONOUNS | HELPING | ADVERBS | JOINTS


def acting(doer: Clause, entry: Entry, after: Clause, names: Collection[str]) -> str:
    """Somebody or something that does what is heard."""
    subject = _subject(doer, names)
    if entry.heard and not (entry.kind == "sound" and subject):
        return entry.heard
    return _joined([*subject, gerund(entry.word), *_rest(after, names)])


def qualified(entry: Entry, after: Clause, names: Collection[str]) -> str:
    """What is told beside its noun: the ringing phone -> phone ringing."""
    whole = _rest(after, names)
    head = next((n for n, word in enumerate(whole) if lexicon().knows(word)), 0)
    return _joined([*whole[: head + 1], gerund(entry.word)])


def walking(after: Clause, entry: Entry) -> str:
    """Steps, and what they are on."""
    words = [one.word for one in after if one.word not in MADE_UP and not one.word.endswith("ly")]
    ground = [n for n, word in enumerate(words) if "ground" in lexicon().groups.get(word, ())]
    if not ground:
        return entry.heard
    place = words[: ground[0] + 1]
    start = max((n for n, word in enumerate(place) if word in PLACING), default=0)
    return _joined([entry.heard, *place[start:]])


def named(clause: Clause, at: int, entry: Entry, names: Collection[str]) -> str:
    """A noun, what it is like, and where it is."""
    before: list[str] = []
    for one in reversed(clause[:at]):
        if (one.word in FUNCTION and one.word != "of") or _is_name(one, names) or len(before) == 3:
            break
        before.insert(0, one.word)
    if before and before[0] == "of":
        before = before[1:]
    behind = clause[at + 1 :]
    where = behind if behind and behind[0].word in PLACING else []
    return _joined([*before, entry.heard or clause[at].word, *_rest(where, names)])


def marked(clause: Clause, names: Collection[str]) -> str:
    """What somebody has marked as a sound, whatever it is."""
    return _joined(_rest(clause, names))


def names_something(doer: Clause) -> bool:
    """Whether words before a verb say who or what does it."""
    return any(one.word not in HELPING | ADVERBS | STARTING | {"to"} for one in doer)


def _subject(doer: Clause, names: Collection[str]) -> list[str]:
    """The last thing that is named before a verb, with what it is like and where it is."""
    kept: list[str] = []
    for one in doer:
        if one.word in DETERMINERS and kept and kept[-1] not in PLACING:
            kept = []
        if one.word in MADE_UP | STARTING or one.word == "to" or _is_name(one, names):
            continue
        kept.append(one.word)
    if len(doer) and doer[0].first and kept == [doer[0].word] and may_be_name(doer[0]):
        return []
    return _trimmed(kept[-LONGEST:])


def _rest(after: Iterable[Word], names: Collection[str]) -> list[str]:
    """What follows, without what says nothing about a sound."""
    kept: list[str] = []
    for one in after:
        if one.word in MADE_UP or _is_name(one, names):
            continue
        if one.word in PLACING and kept and kept[-1] in PLACING:
            kept.pop()
        kept.append(one.word)
        if len(kept) == LONGEST:
            break
    return _trimmed(kept)


def _trimmed(words: list[str]) -> list[str]:
    """Without a preposition at the end that has lost what it belongs to."""
    while words and words[-1] in PLACING and words[-1] not in PARTICLES:
        words = words[:-1]
    return words


def _is_name(one: Word, names: Collection[str]) -> bool:
    return one.word in names or one.is_name


def may_be_name(one: Word) -> bool:
    """Whether the first word of a sentence, which has a capital anyway, may be a name."""
    plural = one.word.endswith("s") and not one.word.endswith("ss")
    told = one.word in FUNCTION or lexicon().knows(one.word)
    return one.text.istitle() and not plural and not told


def _joined(words: Iterable[str]) -> str:
    return " ".join(words)
