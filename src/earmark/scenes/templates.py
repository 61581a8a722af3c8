"""The wording of captions: what every rule claims, and its templates for training and for testing.

`{a}` is the phrase of a sound ("a dog barking"), `{a_tag}` the same without its article, `{n}` and
`{times}` a count ("two", "twice"), `{pauses}` "a pause" or "pauses". Phrases may be singular,
plural or uncountable, so no verb here agrees with one. What a template says is never more than its
claims: one event may hold several barks, hence "on two separate occasions" and not "two barks".
"""

from __future__ import annotations

from dataclasses import dataclass

from earmark.scenes.truth import Constraint


@dataclass(frozen=True, slots=True)
class Rule:
    """Claims between slots a, b, c, and the words for them; no `train`: a rule for testing only."""

    claims: tuple[Constraint, ...]
    train: tuple[str, ...]
    test: tuple[str, ...]

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots it fills, in alphabetical order."""
        return tuple(sorted({label for claim in self.claims for label in claim.labels}))

    @property
    def ordered(self) -> bool:
        """Whether it claims an order in time."""
        return any(claim.relation == "before" for claim in self.claims)


def _claims(*words: str) -> tuple[Constraint, ...]:
    """Read "before a b" as a claim."""
    return tuple(Constraint(one.split()[0], tuple(one.split()[1:])) for one in words)


RULES: dict[str, Rule] = {
    "one": Rule(
        _claims("heard a"),
        train=(
            "{a}",
            "the sound of {a}",
            "a recording of {a}",
            "you can hear {a}",
            "{a} can be heard",
            "somewhere in this recording, {a}",
            "a clip with {a} in it",
            "{a_tag}",
        ),
        test=(
            "listen for {a}",
            "an audio file featuring {a}",
            "the noise of {a}",
            "{a}, caught on tape",
        ),
    ),
    "only": Rule(
        _claims("heard a", "only a"),
        train=(
            "{a} and nothing else",
            "nothing but {a}",
            "only {a}",
            "just {a}",
            "{a}, no other sound",
            "the only sound: {a}",
            "{a} without any other sound",
            "all you can hear: {a}",
        ),
        test=(
            "not a sound apart from {a}",
            "{a}, otherwise silence",
            "silence except for {a}",
            "no noise other than {a}",
        ),
    ),
    "only_over": Rule(
        _claims("heard a", "background b", "only a b"),
        train=(
            "only {a}, with {b} in the background",
            "nothing but {a} over {b} in the background",
            "just {a} against a background of {b}",
            "{a} and nothing else, except {b} in the background",
            "apart from {b} in the background, only {a}",
            "{b} in the background and otherwise only {a}",
            "{a} with {b} in the background and no other sound",
            "two sounds only: {a}, and {b} in the background",
        ),
        test=(
            "{a}, {b} behind it throughout, and nothing more",
            "over {b} from start to finish, nothing except {a}",
            "but for {b} all the way through, {a} and not a thing besides",
            "{b} the whole time, {a}, and no third sound",
        ),
    ),
    "two": Rule(
        _claims("heard a", "heard b"),
        train=(
            "{a} and {b}",
            "{a} as well as {b}",
            "both {a} and {b}",
            "the sounds of {a} and {b}",
            "you can hear {a} and {b}",
            "{a} and {b} can be heard",
            "two sounds among others: {a}; {b}",
            "{a_tag}, {b_tag}",
        ),
        test=(
            "not only {a} but also {b}",
            "{a} in addition to {b}",
            "a clip in which {a} and {b} occur",
            "something with {a} and with {b}",
        ),
    ),
    "three": Rule(
        _claims("heard a", "heard b", "heard c"),
        train=(
            "{a}, {b} and {c}",
            "{a}, {b}, and also {c}",
            "{a} and {b} as well as {c}",
            "a recording of {a}, {b} and {c}",
            "you can hear {a}, {b} and {c}",
            "{a}, {b} and {c} can be heard",
            "{a_tag}, {b_tag}, {c_tag}",
            "{a_tag} + {b_tag} + {c_tag}",
        ),
        test=(
            "not only {a} and {b} but also {c}",
            "{a} and {b}, in addition to {c}",
            "a clip in which {a}, {b} and {c} occur",
            "{a_tag} / {b_tag} / {c_tag}",
        ),
    ),
    "order": Rule(
        _claims("before a b"),
        train=(
            "{a} followed by {b}",
            "{a}, then {b}",
            "{a} and then {b}",
            "first {a}, then {b}",
            "{a} before {b}",
            "{b} after {a}",
            "after {a}, {b}",
            "following {a}, {b} can be heard",
            "{b}, preceded by {a}",
            "{a}; after that, {b}",
        ),
        test=(
            "{b}, but only after {a}",
            "{b}; before that, {a}",
            "at one point {a}, and later on {b}",
            "{a} earlier than {b}",
            "{a}, with {b} coming later",
        ),
    ),
    "while": Rule(
        _claims("while a b"),
        train=(
            "{a} while {b} can be heard",
            "{a} during {b}",
            "{a} and {b} at the same time",
            "{a} at the same time as {b}",
            "{a} and {b} at once",
            "{a} overlapping with {b}",
            "simultaneously {a} and {b}",
            "{a} mixed with {b}",
        ),
        test=(
            "{a} alongside {b}",
            "{a} coinciding with {b}",
            "{a} and {b}, heard simultaneously",
            "{a} amid {b}",
        ),
    ),
    "count": Rule(
        _claims("count a"),
        train=(
            "{a} on {n} separate occasions",
            "on {n} separate occasions, {a}",
            "{a} on {n} occasions, with {pauses} in between",
            "you can hear {a} on {n} occasions, with {pauses} in between",
            "{n} separate occurrences of {a}",
            "{a} at {n} separate moments",
            "{a} in {n} bouts, apart from each other",
            "{a} in {n} separate spells",
        ),
        test=(
            "{n} stretches of {a}, clearly apart",
            "{a} starting and stopping {times}",
            "{n} distinct episodes of {a}",
            "{a} at {n} different points in time",
        ),
    ),
    "far": Rule(
        _claims("heard a", "distant b"),
        train=(
            "{a} with {b} in the distance",
            "{a}, and {b} in the distance",
            "{a}; in the distance, {b}",
            "{b} in the distance, and {a}",
            "{a} and, far away, {b}",
            "you can hear {a} and, in the distance, {b}",
            "{a}, with {b} from far away",
            "far off, {b}, and also {a}",
        ),
        test=(
            "{a} and {b}, the latter from afar",
            "{b} a long way off, as well as {a}",
            "{a} plus {b} at a great distance",
            "besides {a}, {b} somewhere far off",
        ),
    ),
    "order_far": Rule(
        _claims("before a b", "distant b"),
        train=(
            "{a}, then {b} in the distance",
            "{a} followed by {b} far away",
            "{a} and then, far off, {b}",
            "{a} before {b} in the distance",
            "{b} in the distance after {a}",
            "after {a}, {b} from far away",
            "first {a}, then {b} a long way off",
            "you can hear {a} and afterwards {b} in the distance",
        ),
        test=(
            "{a}, and later on {b} from afar",
            "{b} somewhere far off, but only after {a}",
            "{a}, with {b} coming later at a great distance",
            "{b} a long way away; before that, {a}",
        ),
    ),
    "background": Rule(
        _claims("heard a", "background b"),
        train=(
            "{a} with {b} in the background",
            "{a} against a background of {b}",
            "{a} over a backdrop of {b}",
            "{b} in the background and {a} in front of it",
            "{a}; in the background, {b}",
            "in the background {b}, and over it {a}",
            "{a}, with {b} in the background all the time",
            "you can hear {a} with {b} in the background",
        ),
        test=(
            "{b} all the way through, and {a} at some point",
            "{b} from start to finish, with {a} in it",
            "behind {a}, {b} the whole time",
            "{a}, underneath it {b} from beginning to end",
        ),
    ),
    "order_over": Rule(
        _claims("before a b", "background c"),
        train=(
            "{a}, then {b}, with {c} in the background",
            "{a} followed by {b} against a background of {c}",
            "{b} after {a}, with {c} in the background",
            "in the background {c}; first {a}, then {b}",
            "{a} before {b} over a backdrop of {c}",
            "with {c} in the background, {a} and then {b}",
            "with {c} in the background, {b} after {a}",
            "{a} and later {b}, {c} in the background",
        ),
        test=(
            "{c} all the way through; {b}, but only after {a}",
            "{c} from start to finish, at one point {a}, and later on {b}",
            "{a}, with {b} coming later, and {c} behind it the whole time",
            "{b}; before that, {a}; underneath, {c} from beginning to end",
        ),
    ),
    "sequence": Rule(
        _claims("before a b", "before b c"),
        train=(
            "{a}, then {b}, then {c}",
            "first {a}, then {b}, and after that {c}",
            "{a} followed by {b} and then {c}",
            "{a}, followed by {b}, followed by {c}",
            "{a}; after that {b}; after that {c}",
            "{c} after {b}, which came after {a}",
            "one after the other: {a}, {b}, {c}",
            "you can hear {a}, later {b}, and later still {c}",
        ),
        test=(
            "{a} at one point, {b} later, {c} later still",
            "{c}; before that {b}, and {a} before both",
            "in this order: {a}, {b}, {c}",
            "going from {a} to {b}, and from there to {c}",
        ),
    ),
    "louder": Rule(
        _claims("louder a b"),
        train=(
            "{a}, louder than {b}",
            "{b}, quieter than {a}",
            "{a} and, more quietly, {b}",
            "{b} and, louder, {a}",
            "loud: {a}; quieter: {b}",
            "{a} at a higher volume than {b}",
            "{b} fainter than {a}",
            "{a}, with {b} more softly",
        ),
        test=(
            "{b} at a lower volume than {a}",
            "{a}, noticeably stronger than {b}",
            "{b}, not as loud as {a}",
            "{a} outdoing {b} in loudness",
        ),
    ),
    "between": Rule(
        _claims("before a b", "before b c"),
        train=(),
        test=(
            "{b} between {a} and {c}, in that order",
            "{b}, after {a} but before {c}",
            "{b} once {a} is over, and still before {c}",
            "{b} in the middle, {a} earlier and {c} later",
        ),
    ),
    "count_then": Rule(
        _claims("count a", "before a b"),
        train=(),
        test=(
            "{a} on {n} occasions, with {pauses} in between, and then {b}",
            "{b}, but only after {a} on {n} separate occasions",
            "{n} separate occurrences of {a}, followed by {b}",
            "first {n} stretches of {a}, clearly apart, and later on {b}",
        ),
    ),
    "while_then": Rule(
        _claims("while a b", "before a c", "before b c"),
        train=(),
        test=(
            "{a} and {b} at the same time, and then {c}",
            "{c}, but only after {a} together with {b}",
            "first {a} alongside {b}, later on {c}",
            "{a} coinciding with {b}; after that, {c}",
        ),
    ),
    "without": Rule(
        _claims("heard a", "heard b", "without c"),
        train=(),
        test=(
            "{a} and {b}, but not {c}",
            "{a} and {b} without {c}",
            "both {a} and {b}, yet no sound of {c}",
            "{a} as well as {b}, and nowhere {c}",
        ),
    ),
}
