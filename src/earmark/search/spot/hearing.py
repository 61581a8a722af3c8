"""What can be heard in a sentence, by rules: "The door slams and he smiles." -> door slamming.

Every clause gives one sound at most, and who goes on foot is heard besides:

1. What somebody hears is heard: `we hear a kookaburra`, `the sound of dripping water`.
2. Else the first verb of the lexicon that is used as a verb, beside what it needs: a bell rings.
3. Else the first noun that is heard when it is named: thunder, rain on a roof.
4. In a sentence of small letters, a verb in capitals behind a known thing: the engine SPUTTERS.

Nothing is heard of what is denied, asked, thought, wanted, possible, depicted, or over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from earmark.search.lexicon import STARTING, Entry, Form, forms, lexicon
from earmark.search.spot import phrases
from earmark.search.spot.clauses import (
    ADVERBS,
    BEING,
    DETERMINERS,
    FUNCTION,
    HELPING,
    PEOPLE,
    PLACING,
    Clause,
    Sentence,
    Word,
    sentence,
    sentences,
    word_set,
)

MANY = word_set("i you we they people children men women geese mice sheep cattle")
MUTE = word_set("silent silence silently soundless soundlessly mute muted inaudible noiselessly")
DENIED = word_set("no not never without nobody nothing none neither nor hardly cannot")
POSSIBLE = word_set("would could should might may must will shall can unless if whether")
MINDED = forms(
    "think remember dream imagine hope wish know believe wonder forget want need plan decide "
    "consider expect recall fear mean promise pretend refuse hate love describe depict smell taste "
    "resemble learn mention threaten"
) | word_set("thought forgot forgotten knew meant dreamt")
DEPICTED = word_set(
    "picture photograph photo painting drawing poster colour color smell taste scent memory "
    "memories thought thoughts idea story book poem film name word words fear dream dreams shape "
    "statue"
)
HEARING = word_set("hear hears heard hearing") | forms("listen")
NOISES = word_set("sound sounds noise noises")
UNHEARD = word_set("that about how what why if whether his her its my your their it him them news")
SHOWING = HEARING | forms("see watch make let feel") | word_set("saw made seen felt")
STATES = word_set("close open shut lock break crack tear burn fold set leave run fill write shoot")
PAST = word_set("ago yesterday")
LEAVING_OFF = forms("stop cease quit finish")
ENDING = LEAVING_OFF | forms("cut fade end die drop subside recede vanish")
GONE = word_set("over gone off")  # as the last word


@dataclass(frozen=True, slots=True)
class _Anchor:
    """The word of a clause that is heard."""

    at: int
    entry: Entry
    form: Form | None  # None: it is a noun


def sounds_in(text: str, names: frozenset[str] = frozenset()) -> list[str]:
    """Say what can be heard in a text, in order, each once.

    `names` are those of people, in small letters.
    """
    found = (sound for one in sentences(text) for sound in _Listener(sentence(one), names).sounds())
    return list(dict.fromkeys(found))


class _Listener:
    """Goes through one sentence, and knows what was before."""

    def __init__(self, said: Sentence, names: frozenset[str]) -> None:
        self._said, self._names = said, names
        self._doer: Clause = []  # who did what was told last
        self._minded = False  # what follows may be only thought

    def sounds(self) -> Iterator[str]:
        """In order."""
        asks = self._said.text.rstrip().endswith("?")
        supposes = self._said.clauses and self._said.clauses[0][0].word in ("if", "unless")
        if asks or supposes:
            return
        told: set[str] = set()
        for clause in self._said.clauses:
            for sound in self._in_clause(clause):
                if sound not in told:  # he rings the bell and rings again
                    yield sound
                told.update(sound.split())

    def _in_clause(self, clause: Clause) -> Iterator[str]:
        if any(one.word in MUTE | PAST for one in clause):
            return
        stop = next((n for n, one in enumerate(clause) if _hushes(clause, n)), len(clause))
        open_ = clause[:stop]
        found = list(self._heard(open_)) or list(self._sounding(open_))
        self._minded = self._minded or any(one.word in MINDED for one in clause[stop:])
        yield from found

    def _heard(self, clause: Clause) -> Iterator[str]:
        """What somebody hears, in so many words."""
        at = next((n for n in range(len(clause)) if _is_hearing(clause, n)), None)
        if at is None or self._minded:
            return
        passive = at > 0 and clause[at - 1].word in BEING
        what = clause[:at] if passive else clause[at + 1 :]
        while (what and what[0].word in ("of", "to", "like")) or (what and what[0].word in NOISES):
            what = what[1:]
        if not what or what[0].word in UNHEARD:
            return
        found = list(self._sounding(what))
        phrase = phrases.marked(what, self._names)
        yield from found or ([phrase] if phrase else [])

    def _sounding(self, clause: Clause) -> Iterator[str]:
        """The verb or noun that is heard, and people on foot."""
        anchor = self._verb(clause) or (None if self._minded else self._noun(clause))
        if anchor is None:
            self._doer = self._who(clause)
            return
        if anchor.form is not None:
            self._minded = False
            if phrases.names_something(clause[: anchor.at]):
                self._doer = clause[: anchor.at]
        if anchor.entry.kind == "walk":
            yield phrases.walking(clause[anchor.at + 1 :], anchor.entry)
            yield from self._beside(clause[anchor.at + 1 :])
        elif anchor.form is None:
            yield phrases.named(clause, anchor.at, anchor.entry, self._names)
        else:
            yield self._done(clause, anchor)

    def _beside(self, rest: Clause) -> Iterator[str]:
        """What else is heard where somebody walks."""
        anchor = self._noun(rest)
        if anchor is not None:
            yield phrases.named(rest, anchor.at, anchor.entry, self._names)

    def _done(self, clause: Clause, anchor: _Anchor) -> str:
        before, after = clause[: anchor.at], clause[anchor.at + 1 :]
        if anchor.form == "ing" and before and before[-1].word in DETERMINERS:
            return phrases.qualified(anchor.entry, after, self._names)
        doer = before if phrases.names_something(before) else self._doer
        return phrases.acting(doer, anchor.entry, after, self._names)

    # which word is heard

    def _verb(self, clause: Clause) -> _Anchor | None:
        for at in range(len(clause)):
            for entry, form in self._verbs_at(clause, at):
                if self._is_done(clause, at, entry, form):
                    return _Anchor(at, entry, form)
        return None

    def _verbs_at(self, clause: Clause, at: int) -> list[tuple[Entry, Form]]:
        """What a word is as a verb; people on foot last, so that running water comes first."""
        known = lexicon().verbs.get(clause[at].word)
        if known:
            return sorted(known, key=lambda one: one[0].kind == "walk")
        return self._loud_verb(clause, at)

    def _loud_verb(self, clause: Clause, at: int) -> list[tuple[Entry, Form]]:
        """An unknown word in capitals behind a known thing."""
        one = clause[at]
        loud = one.is_capital and not self._said.shouts and one.word.endswith(("s", "ing"))
        if not (loud and at and lexicon().knows(clause[at - 1].word)) or one.word in self._names:
            return []
        if lexicon().knows(one.word):
            return []
        stem = one.word.removesuffix("ing").removesuffix("s")
        return [(Entry(stem, "verb", frozenset(), ""), "s")]

    def _is_done(self, clause: Clause, at: int, entry: Entry, form: Form) -> bool:
        """Whether a word is used as this verb, by or on something that is heard so."""
        before = clause[at - 1] if at else None
        if form == "base" and not self._may_be_base(clause, at):
            return False
        if form == "s" and entry.kind == "verb" and not (at or self._doer):
            return False  # the plural of a noun: rings on her fingers
        if not _fits(entry, form, before):
            return False
        if entry.kind == "walk":
            return self._walks(clause, at, form)
        beside = [*clause[:at], *clause[at + 1 :], *([] if at else self._doer)]
        return not entry.of or any(_is_of(one.word, entry.of) for one in beside)

    def _may_be_base(self, clause: Clause, at: int) -> bool:
        """Whether a bare form is a verb: dogs bark, it begins to rain, he hears it ring."""
        if at and clause[at - 1].word == "to":
            return at > 1 and clause[at - 2].word in STARTING
        if not at:
            orders = len(clause) > 1 and clause[1].word in DETERMINERS
            return orders or _has_many(self._doer)
        before = clause[:at]
        return _has_many(before) or any(one.word in SHOWING for one in before)

    def _walks(self, clause: Clause, at: int, form: Form) -> bool:
        """Whether somebody goes on foot: runs to the door, but not runs a shop."""
        after = clause[at + 1].word if at + 1 < len(clause) else "away"
        goes = after in PLACING | ADVERBS or after.endswith("ly") or after in ("up", "down")
        further = clause[at + 2].word if at + 2 < len(clause) else ""
        if not goes or (after, further) == ("out", "of"):
            return False
        doer = clause[:at] or self._doer
        return self._is_person(doer) if doer else form == "ing"

    def _who(self, clause: Clause) -> Clause:
        """Who or what a clause without a sound is about."""
        known = lexicon().groups
        for n, one in enumerate(clause):
            is_somebody = one.word in PEOPLE or one.word in self._names or one.is_name
            if is_somebody or one.word in known or (one.first and phrases.may_be_name(one)):
                return clause[: n + 1]
        return self._doer or clause[:2]

    def _is_person(self, doer: Clause) -> bool:
        told = [one for one in doer if one.word not in HELPING | ADVERBS | DETERMINERS]
        if not told:
            return False
        head = told[-1]
        if head.word in PEOPLE or head.word in self._names or head.is_name:
            return True
        groups = lexicon().groups.get(head.word, set())
        return "person" in groups or (head.first and phrases.may_be_name(head))

    def _noun(self, clause: Clause) -> _Anchor | None:
        for at, one in enumerate(clause):
            for entry in lexicon().nouns.get(one.word, ()):
                beside = [*clause[:at], *clause[at + 1 :]]
                told = not entry.of or any(_is_of(other.word, entry.of) for other in beside)
                told = told or ("alone" in entry.of and _is_alone(clause, at))
                if told and _stands(clause, at):
                    return _Anchor(at, entry, None)
        return None


def _hushes(clause: Clause, at: int) -> bool:
    """Whether what follows a word is not heard."""
    word = clause[at].word
    after = clause[at + 1].word if at + 1 < len(clause) else ""
    if word.endswith("n't") or word in MINDED or (word in DENIED and after != "far"):
        return True
    if word in DEPICTED and after == "of":
        return True
    before = clause[at - 1].word if at else ""
    if word == "can" and before in DETERMINERS:
        return False  # a tin
    if word in POSSIBLE or word.endswith(("'ll", "'d")):
        return not any(one.word in HEARING for one in clause[at + 1 : at + 4])
    return False


def _is_hearing(clause: Clause, at: int) -> bool:
    word, after = clause[at].word, clause[at + 1].word if at + 1 < len(clause) else ""
    return word in HEARING or (word in NOISES and after in ("of", "like"))


def _fits(entry: Entry, form: Form, before: Word | None) -> bool:
    """Whether a word can be a verb where it stands."""
    if before is None:
        return True
    if form == "ing":
        return before.word not in LEAVING_OFF
    if before.word in DETERMINERS or before.word.isdigit() or before.owns:
        return False
    if form == "ed":
        is_state = entry.word in STATES and before.word in BEING
        return not is_state and before.word not in PLACING
    return form == "base" or before.word not in PLACING


def _has_many(doer: Clause) -> bool:
    """Whether a bare form may follow: they bark, dogs bark, bells of the church ring."""
    return any(
        one.word in MANY
        or (_is_plural(one.word) and (one is doer[-1] or lexicon().names(one.word)))
        for one in doer
    )


def _is_plural(word: str) -> bool:
    return word.endswith("s") and not word.endswith(("ss", "ous", "us")) and word not in FUNCTION


def _is_alone(clause: Clause, at: int) -> bool:
    """Whether a clause is a noun and no more: with a crack, a sharp bark."""
    told = [one for one in clause[:at] if one.word not in DETERMINERS]
    return at == len(clause) - 1 and len(told) < 2 and all(one.word not in FUNCTION for one in told)


def _stands(clause: Clause, at: int) -> bool:
    """Whether a noun is more than the first half of another, and what it names is not over."""
    after = [one.word for one in clause[at + 1 :]]
    if clause[at].owns or not after:
        return not clause[at].owns
    ends = (
        word in ENDING and not (n and after[n - 1] in DETERMINERS) for n, word in enumerate(after)
    )
    states = after[0] in BEING and after[1:2] and after[1] in DETERMINERS  # her laugh was the first
    if states or after[-1] in GONE or any(ends):
        return False
    known = after[0] in FUNCTION or lexicon().knows(after[0])
    return known or after[0].endswith(("s", "ed", "ing", "ly"))


def _is_of(word: str, of: frozenset[str]) -> bool:
    return word in of or not of.isdisjoint(lexicon().groups.get(word, ()))
