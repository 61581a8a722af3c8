"""The grammar: which captions a scene can have, and how a claim is put into words.

In training a rule uses its `train` templates and the training phrases of the sounds; in testing
only the templates and phrases that were kept for it, and rules that training never saw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, zip_longest

import numpy as np

from earmark.errors import UsageError
from earmark.scenes.bank import Bank
from earmark.scenes.constraints import Contents, contents, is_held
from earmark.scenes.templates import RULES, Rule
from earmark.scenes.truth import Caption, Constraint, Scene

_COUNTS = {2: ("two", "twice"), 3: ("three", "three times"), 4: ("four", "four times")}
_ARTICLES = ("a ", "an ", "the ", "some ")
_STRANGERS = 5  # how many sounds a scene's captions may deny

Claims = tuple[Constraint, ...]


@dataclass(frozen=True, slots=True)
class Grammar:
    """Rules that have words for training, or for testing."""

    rules: Mapping[str, Rule]
    test: bool

    def templates(self, rule: str) -> tuple[str, ...]:
        """Templates of a rule on this side."""
        return self.rules[rule].test if self.test else self.rules[rule].train


def new_grammar(names: Sequence[str] = (), *, test: bool = False) -> Grammar:
    """Choose rules by name, or all, that have words for training or for testing."""
    for name in names:
        if name not in RULES:
            raise UsageError(
                f"there is no caption rule called {name!r}",
                hint=f"the rules are: {', '.join(RULES)}",
            )
    rules = {name: RULES[name] for name in names or RULES if test or RULES[name].train}
    if not rules:
        raise UsageError(
            f"the rules {', '.join(names)} are kept for testing",
            hint="name a rule that training has, or none",
        )
    return Grammar(rules, test)


def claims_of(
    scene: Scene, grammar: Grammar, absent: Sequence[str], rng: np.random.Generator
) -> Iterator[tuple[str, Claims]]:
    """List all that can truly be claimed of a scene, in random order, the rules taking turns.

    `absent` are labels that a caption may say are not there, if they are not.
    """
    inside = contents(scene)
    present = [*inside.events, *([inside.background] if inside.background else [])]
    strangers = [absent[place] for place in rng.permutation(len(absent))[:_STRANGERS]]
    names, columns = list(grammar.rules), []
    for name in (names[place] for place in rng.permutation(len(names))):
        found = list(dict.fromkeys(_bindings(grammar.rules[name], inside, present, strangers)))
        columns.append([(name, found[place]) for place in rng.permutation(len(found))])
    for row in zip_longest(*columns):
        yield from (one for one in row if one is not None)


def _bindings(
    rule: Rule, inside: Contents, present: Sequence[str], strangers: Sequence[str]
) -> Iterator[Claims]:
    """Fill the slots of a rule in every way that holds."""
    denies = any(claim.relation == "without" for claim in rule.claims)
    named = rule.slots[:-1] if denies else rule.slots
    for labels in permutations(present, len(named)):
        for stranger in strangers if denies else [""]:
            names = dict(zip(rule.slots, (*labels, stranger), strict=False))
            claims = tuple(_filled(claim, names, inside) for claim in rule.claims)
            if all(is_held(claim, inside) for claim in claims):
                yield claims


def _filled(claim: Constraint, names: Mapping[str, str], inside: Contents) -> Constraint:
    """Put labels into the slots, and the true count where one is claimed."""
    claim = claim.renamed(names)
    if claim.relation != "count":
        return claim
    found = len(inside.of(claim.labels[0]))
    return Constraint("count", claim.labels, found if found in _COUNTS else -1)


def to_words(
    name: str, claims: Claims, grammar: Grammar, bank: Bank, rng: np.random.Generator
) -> Caption:
    """Put claims into words by one of the templates of their rule."""
    templates = grammar.templates(name)
    template = templates[int(rng.integers(len(templates)))]
    slots: dict[str, str] = {}
    for pattern, claim in zip(grammar.rules[name].claims, claims, strict=True):
        slots |= zip(pattern.labels, claim.labels, strict=True)
    words = _phrases(slots, bank, rng, grammar.test)
    words |= {key: word for claim in claims for key, word in _numbers(claim).items()}
    text = template.format_map(words)
    if "_tag}" not in template and rng.random() < 0.5:
        text = f"{text[0].upper()}{text[1:]}."
    return Caption(text, name, claims)


def _phrases(
    slots: Mapping[str, str], bank: Bank, rng: np.random.Generator, test: bool
) -> dict[str, str]:
    """Draw a phrase for the label in each slot, and its tag."""
    words = {}
    for slot, label in slots.items():
        phrases = bank.phrases(label, test=test)
        words[slot] = phrases[int(rng.integers(len(phrases)))]
        words[f"{slot}_tag"] = tag(words[slot])
    return words


def _numbers(claim: Constraint) -> dict[str, str]:
    """Words for the count that is claimed, if one is."""
    if claim.relation != "count":
        return {}
    number, times = _COUNTS[claim.count]
    return {"n": number, "times": times, "pauses": "a pause" if claim.count == 2 else "pauses"}


def tag(phrase: str) -> str:
    """Take the article off a phrase."""
    return next((phrase.removeprefix(x) for x in _ARTICLES if phrase.startswith(x)), phrase)


def draw_caption(scene: Scene, grammar: Grammar, bank: Bank, *, seed: int) -> Caption:
    """Draw one true caption of a scene, as training does; it may fit other scenes as well."""
    rng = np.random.default_rng(seed)
    for name, claims in claims_of(scene, grammar, list(bank.by_label), rng):
        return to_words(name, claims, grammar, bank, rng)
    raise UsageError(
        f"nothing can be said of scene {scene.id} by the rules {', '.join(grammar.rules)}",
        hint="draw scenes with more events, or allow more rules",
    )
