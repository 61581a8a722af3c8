"""Whether a rewrite says what a sentence says: the same sounds, and the same of them.

A rewrite is refused if it drops or adds a sound, says of another number of things, takes a count,
a level or a distance from a sound or gives it to another one, denies what was there or the other
way round, or changes what comes first or what is louder. Sounds are known by words.csv alone; in a
sentence that names none of these, no word of substance may change.

Limits: a sound that the table does not know may go, or come, beside others that it knows. Words
are looked up, not understood: a `drop` is one of water in "drop it". `X and Y softly` leaves open
of which sound `softly` speaks. Who does what to whom is not seen, nor is a colour or a name. Most
doubts end in a refusal, as a good rewrite more is worth less than a wrong one costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from earmark.lab.writers.order import EARLIER, LATER, LOUDER, MARKS, QUIETER, marked
from earmark.lab.writers.words import named, things, tokens

ARTICLES = {"a", "an", "one", "another", "each", "every"}
REACH = 3  # words between an article and its noun, the noun included
BREAKS = {
    *",;:.!?/+",
    "and",
    "while",
    "as",
    "with",
    "but",
    "over",
    "during",
    "amid",
    "against",
    "plus",
}
BEHIND = "background"  # a level whose sounds have no place in an order
Means = frozenset[str]
Pair = tuple[Means, Means]


@dataclass(frozen=True, slots=True)
class Mention:
    """Something that a sentence names, and where."""

    kind: str
    means: Means
    word: str
    form: str
    denied: bool
    place: int
    clause: int
    stretch: int  # as clauses, but `and` does not end one
    turn: int  # its place in the order of what happens
    side: int  # its place among what is louder or quieter


@dataclass(frozen=True, slots=True)
class Facts:
    """What a sentence says."""

    mentions: tuple[Mention, ...]
    turns: bool  # whether it tells an order at all
    louder: tuple[Pair, ...]
    unknown: frozenset[str]  # words of which nothing is known

    def of(self, *kinds: str) -> list[Mention]:
        """What it names of a kind."""
        return [one for one in self.mentions if one.kind in kinds]

    def company(self, one: Mention) -> Means:
        """The sounds that a level or a count is about: those of its clause, or of one beside it.

        A background is all that `and` joins, on the side of it on which its clause has a sound.
        """
        sounds = self.of("sound")
        own = [x for x in sounds if x.clause == one.clause]
        own = own or [x for x in sounds if x.clause == one.clause + 1]
        own = own or [x for x in sounds if x.clause == one.clause - 1]
        if own and BEHIND in one.means:
            first = own[0]
            after = first.place > one.place
            own += [
                x
                for x in sounds
                if x.stretch == first.stretch and (x.clause > first.clause) == after
            ]
        return frozenset[str]().union(*(x.means for x in own))

    @property
    def order(self) -> set[Pair]:
        """Which sound comes before which."""
        behind = {one.stretch for one in self.of("level") if BEHIND in one.means}
        sounds = [one for one in self.of("sound") if one.stretch not in behind and not one.denied]
        return {
            (one.means, other.means)
            for one, other in product(sounds, sounds)
            if one.turn < other.turn and not one.means & other.means
        }


def checked(sentence: str, rewrites: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """Part rewrites into those that say the same, each once, and the others with the reason."""
    kept, refused = dict[str, str](), dict[str, str]()
    for rewrite in rewrites:
        why = fault(sentence, rewrite)
        if why:
            refused[rewrite] = why
        else:
            kept.setdefault(_letters(rewrite), rewrite)
    return list(kept.values()), refused


def fault(sentence: str, rewrite: str) -> str:
    """Tell why a rewrite is refused; nothing if it says the same in other words."""
    if _letters(sentence) == _letters(rewrite):
        return "is the same sentence"
    old, new = facts_of(sentence), facts_of(rewrite)
    return (
        _sounds(old, new)
        or _said(old, new)
        or _forms(old, new)
        or _order(old, new)
        or _pairs(set(old.louder), set(new.louder), "what is louder")
        or _words(old, new)
    )


@lru_cache(maxsize=1024)
def facts_of(sentence: str) -> Facts:
    """Read what a sentence says."""
    words = tokens(marked(sentence))
    mentions, marks = tuple(_mentions(words)), [word for word in words if word in MARKS]
    return Facts(
        mentions,
        turns=EARLIER in marks or LATER in marks,
        louder=tuple(_louder(mentions, [mark for mark in marks if mark in LOUDER + QUIETER])),
        unknown=frozenset(
            word for (word, *_), is_known, _ in named(words) if not is_known and word.isalnum()
        ),
    )


def _mentions(words: Sequence[str]) -> Iterator[Mention]:
    clause = stretch = turn = side = place = 0
    article, denied = -REACH - 1, False
    for some, _, said in named(words):
        word = some[0]
        if word in MARKS or word in BREAKS:
            clause, denied, article = clause + 1, False, -REACH - 1
            stretch += word != "and"
            turn += (word == EARLIER) - (word == LATER)
            side += word in LOUDER + QUIETER
        article = place if word in ARTICLES else article
        place += len(some)
        near = place - 1 - article <= REACH
        for one in said:
            form = one.form if one.form == "many" or near else ""
            at = (place, clause, stretch, turn, side)
            yield Mention(one.kind, one.means, " ".join(some), form, denied, *at)
            denied = denied or one.kind == "not"


def _louder(mentions: Sequence[Mention], marks: Sequence[str]) -> Iterator[Pair]:
    """Pairs of a louder and a quieter sound."""
    sounds = [one for one in mentions if one.kind == "sound"]
    for number, mark in enumerate(marks):
        sides = ([one for one in sounds if one.side == number + n] for n in (0, 1))
        for one, other in product(*sides):
            if not one.means & other.means:
                pair = (one.means, other.means)
                yield pair if mark == LOUDER else pair[::-1]


def _sounds(old: Facts, new: Facts) -> str:
    for mine, others, does in ((old, new, "drops"), (new, old, "adds")):
        for one in mine.of("sound"):
            same = [other for other in others.of("sound") if one.means & other.means]
            if not same:
                return f"{does} {one.word!r}"
            if all(one.denied != other.denied for other in same):
                return f"says of {one.word!r} that it is there, or that it is not"
    return ""


def _said(old: Facts, new: Facts) -> str:
    """Counts, levels and `only`: each is there in both, and of a sound that is the same."""
    for mine, others, does in ((old, new, "drops"), (new, old, "adds")):
        for one in mine.of("count", "level", "only"):
            same = [x for x in others.mentions if x.kind == one.kind and x.means & one.means]
            if not same:
                return f"{does} {one.word!r}"
            own = mine.company(one)
            if one.kind != "only" and not any(_meet(own, others.company(x)) for x in same):
                return f"says {one.word!r} of another sound"
    return ""


def _forms(old: Facts, new: Facts) -> str:
    """One is not many."""
    for one in old.of("sound"):
        same = [other for other in new.of("sound") if one.means & other.means]
        if one.form and all(other.form and other.form != one.form for other in same):
            return f"says of another number than {one.word!r}"
    return ""


def _order(old: Facts, new: Facts) -> str:
    if old.turns != new.turns:
        return "changes the order"
    mine, others = ({x for x in facts.order if not _is_thing(x)} for facts in (old, new))
    if not all(_has(others, one) for one in mine) or not all(_has(mine, one) for one in others):
        return "changes the order"
    return _pairs(old.order, new.order, "the order")


def _is_thing(pair: Pair) -> bool:
    """Whether one of two is a thing, which may be named beside any of what it does."""
    return any(means & things() for means in pair)


def _pairs(old: set[Pair], new: set[Pair], what: str) -> str:
    """Refuse a pair that is turned round, and a relation of which nothing is left."""
    turned = any(_has(new, pair[::-1]) and not _has(new, pair) for pair in old)
    lost = bool(old) != bool(new) or (bool(old) and not any(_has(new, pair) for pair in old))
    return f"changes {what}" if turned or lost else ""


def _words(old: Facts, new: Facts) -> str:
    """Where no sound is known that could be compared, the words themselves are."""
    if old.of("sound") or old.unknown == new.unknown:
        return ""
    return "names no known sound, and has other words"


def _has(pairs: set[Pair], pair: Pair) -> bool:
    return any(pair[0] & one[0] and pair[1] & one[1] for one in pairs)


def _meet(some: Means, others: Means) -> bool:
    return not some or not others or bool(some & others)


def _letters(text: str) -> str:
    return " ".join(word for word in tokens(text) if word.isalnum())
