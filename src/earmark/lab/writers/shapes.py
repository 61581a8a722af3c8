"""The same said in another order of words: what comes first stays first, whichever way it is told.

A move finds a sentence of one form and tells what it is of, `a` and `b`, in others. It keeps off
what it does not see through: parts that are joined by further words of order, and words that point
back, such as `its` and `another`. Where a part could be a verb of the other part ("a dog barks,
then growls"), it has to begin as a sentence of its own does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

WHOLE = re.compile(
    r"(?:a|an|the|some|someone|somebody|something|several|multiple|many|two|three|four|people)\b"
)
JOINED = re.compile(
    r"\b(?:then|after|before|while|followed|preceded|until|when|as|during|but|which|who|that|"
    r"because|later|first|with)\b|[;:]"
)
BACK = re.compile(
    r"\b(?:it|its|he|him|his|she|her|they|them|their|others?|another|again|same|both|this|that|"
    r"these|those|each|so)\b"
)
FRAME = re.compile(r"(?:you can hear|there (?:is|are)|a recording of|the sounds? of|far off)\b")


@dataclass(frozen=True, slots=True)
class Move:
    """A form of a sentence, and other forms of the same."""

    find: re.Pattern[str]
    into: tuple[str, ...]
    whole: str = ""  # parts that have to begin as a sentence does
    turns: tuple[str, ...] = ()  # forms that tell `b` first; for parts that do not point back

    def of(self, sentence: str) -> Iterator[str]:
        """Tell a sentence in the other forms, if it is of this one."""
        found = self.find.fullmatch(sentence)
        parts = found.groupdict() if found else {}
        if not found or not all(_is_plain(part) for part in parts.values()):
            return
        if not all(WHOLE.match(parts[name]) for name in self.whole):
            return
        back = any(BACK.search(part) for part in parts.values())
        for form in self.into + (() if back else self.turns):
            yield form.format_map(parts)


def _is_plain(part: str) -> bool:
    """Whether a part is one thing, not led in by words about hearing."""
    return not JOINED.search(part) and not FRAME.match(part)


def _move(form: str, *into: str, whole: str = "", turns: tuple[str, ...] = ()) -> Move:
    """Make a move of a form in which `{a}` and `{b}` are parts; `a` has no comma."""
    find = re.escape(form).replace(r"\{a\}", "(?P<a>[^,]+?)").replace(r"\{b\}", "(?P<b>.+)")
    return Move(re.compile(find), into, whole, turns)


IN_TURN = (
    "{a}, then {b}",
    "{a} and then {b}",
    "first {a}, then {b}",
    "after {a}, {b}",
    "{a}; after that, {b}",
    "{a} and, after that, {b}",
)
AGAIN = ("{b} after {a}",)
BEHIND = (
    "{a} with {b} in the background",
    "with {b} in the background, {a}",
    "{a} against a background of {b}",
)
FAR = (
    "{a} with {b} in the distance",
    "{a}, and {b} in the distance",
    "{a}; in the distance, {b}",
    "{a} and, far away, {b}",
)
ONCE = ("{a} at the same time", "{a} at once", "simultaneously {a}")
ALONE = ("only {a}", "nothing but {a}", "just {a}", "{a} and nothing else")
TIMES = (
    "{a} on {b} separate occasions",
    "on {b} separate occasions, {a}",
    "{a} at {b} separate moments",
    "{b} separate occurrences of {a}",
)
BOTH = ("{a} as well as {b}", "both {a} and {b}")


def _all(*forms: str, into: tuple[str, ...], turns: tuple[str, ...] = ()) -> tuple[Move, ...]:
    return tuple(_move(form, *into, turns=turns) for form in forms)


MOVES = (
    *_all(
        "{a} followed by {b}",
        "{a}, followed by {b}",
        "{a}; after that, {b}",
        "{b}, preceded by {a}",
        into=IN_TURN,
        turns=AGAIN,
    ),
    _move("first {a}, then {b}", *IN_TURN, whole="b", turns=AGAIN),
    _move("{a}, then {b}", *IN_TURN, whole="b", turns=AGAIN),
    _move("{a} and then {b}", *IN_TURN, whole="b", turns=AGAIN),
    _move("{a}, and then {b}", *IN_TURN, whole="b", turns=AGAIN),
    _move("{a} before {b}", *IN_TURN, whole="b", turns=AGAIN),
    _move("after {a}, {b}", *IN_TURN, whole="ab", turns=AGAIN),
    _move("following {a}, {b}", *IN_TURN, whole="ab", turns=AGAIN),
    _move("{b} after {a}", *IN_TURN, whole="ab"),
    _move("{a} while {b}", "while {a}, {b}", whole="b", turns=("{b} while {a}", "{a} as {b}")),
    _move("{a} as {b}", "{a} while {b}", "as {b}, {a}", whole="ab"),
    _move("{a} at the same time as {b}", turns=("{b} at the same time as {a}",)),
    _move("{a} overlapping with {b}", "{a} mixed with {b}", turns=("{b} overlapping with {a}",)),
    _move("{a} mixed with {b}", "{a} overlapping with {b}", turns=("{b} mixed with {a}",)),
    _move("{a}, louder than {b}", turns=("{b}, quieter than {a}",)),
    _move("{b}, quieter than {a}", turns=("{a}, louder than {b}",)),
    *_all(*BOTH, into=(*BOTH, "{a} and {b}"), turns=("{b} as well as {a}",)),
    *_all(*ONCE, into=ONCE),
    *_all(*TIMES, into=TIMES),
    *_all(*ALONE, "all you can hear: {a}", into=ALONE),
    *_all(
        *BEHIND[::2],
        "{a}, with {b} in the background",
        "{a} over a backdrop of {b}",
        "{a}; in the background, {b}",
        into=BEHIND,
    ),
    _move("with {b} in the background, {a}", *BEHIND, whole="a"),
    *_all(*FAR, "{a} and, in the distance, {b}", "{a}, with {b} from far away", into=FAR),
    *_all("the sound of {a}", "the sounds of {a}", "a clip with {a} in it", into=("{a}",)),
    _move("a recording of {a}", "the sound of {a}", "{a}"),
    _move("you can hear {a}", "{a}", "{a} can be heard"),
    _move("{a} can be heard", "{a}", "you can hear {a}"),
    _move("somewhere in this recording, {a}", "{a}", "{a} somewhere in this recording"),
)


def shapes(sentence: str) -> list[str]:
    """Tell a sentence, in small letters and without its end, in all other forms there are."""
    found = dict.fromkeys(form for move in MOVES for form in move.of(sentence))
    return [form for form in found if form.replace(",", "") != sentence.replace(",", "")]
