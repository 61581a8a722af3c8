"""Print how well the check of rewrites does on captions whose claims are known.

Captions of scenes are put into other words, which the check should keep, and their claims are
changed, which it should refuse (lab/writers/facts.py):

    python tools/writers_facts.py
    python tools/writers_facts.py --scenes 100 --show 3     # with some of its mistakes
    python tools/writers_facts.py --captions CAPTIONS.csv   # on captions that people wrote
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from earmark.data.tables import read_csv
from earmark.errors import EarmarkError
from earmark.lab.writers import Wish, Writer, new_writer
from earmark.lab.writers.facts import fault
from earmark.scenes import Bank, Plan, bank_from_kinds, draw_scene
from earmark.scenes.grammar import Claims, claims_of, new_grammar, to_words
from earmark.scenes.templates import RULES
from earmark.scenes.truth import Constraint
from earmark.types import Samples

FIRST = 2_000_000  # seed of the first scene
CAPTIONS = 4  # of a scene
ABSENT = 5  # labels that captions may deny
STEP = 10  # of captions of people, every so manieth is taken
CUTS = tuple(
    (name, re.compile(find, re.IGNORECASE), put)
    for name, find, put in (
        ("the end cut off", r",? (?:followed by|and then|then|while|and|as|with)\b.*$", ""),
        ("the start cut off", r"^.*\b(?:followed by|then|while|and|as|with) ", ""),
        ("turned round", r"^(.*?),? followed by (.*)$", r"\2 followed by \1"),
        ("an order added", r" (?:while|as) ", " and then "),
        ("man and woman exchanged", r"\b(?:a )?man\b", "a woman"),
    )
)
Words = Mapping[str, str]  # what a label is called


@dataclass(frozen=True)
class Told:
    """A caption, its claims, and what to tell them again with."""

    rule: str
    claims: Claims
    words: Words
    stranger: str  # a label that is nowhere in the scene
    rng: np.random.Generator
    bank: Bank
    text: str = ""

    def say(self, rule: str, claims: Claims, words: Words | None = None) -> str:
        """Put claims into words by any template, with the same words for sounds unless told."""
        test = not RULES[rule].train or self.rng.random() < 0.5
        bank = _called(self.bank, self.words if words is None else words)
        return to_words(rule, claims, new_grammar([rule], test=test), bank, self.rng).text


def main() -> int:
    """Print what is kept, and what is refused."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenes", type=int, default=500)
    parser.add_argument("--captions", type=Path, help="a table with a column of captions")
    parser.add_argument("--show", type=int, default=0, help="mistakes of each kind to print")
    args = parser.parse_args()
    try:
        writer = new_writer("rules", Wish(count=2))
        if args.captions:
            _on_captions(args.captions, writer, args.show)
        else:
            _on_scenes(args.scenes, writer, args.show)
    except EarmarkError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _on_scenes(scenes: int, writer: Writer, show: int) -> None:
    told = list(_captions(scenes))
    print(f"{len(told)} captions of {scenes} scenes\n\n{'the same said otherwise':34}kept")
    _line("by rules", _by_rules([one.text for one in told], writer), wrong=False, show=show)
    for name, words in (("by another template", False), ("and with other words", True)):
        _line(name, _again(told, words=words), wrong=False, show=show)
    print(f"\n{'claims changed':34}refused")
    for name, change in CHANGES.items():
        pairs = [(one.text, _changed(one, change)) for one in told]
        _line(name, pairs, wrong=True, show=show)


def _on_captions(path: Path, writer: Writer, show: int) -> None:
    texts = [line.cells["caption"] for line in read_csv(path, ("caption",))][::STEP]
    print(f"{len(texts)} captions of {path.name}\n\n{'the same said otherwise':34}kept")
    _line("by rules", _by_rules(texts, writer), wrong=False, show=show)
    print(f"\n{'something else said':34}refused")
    others = zip(texts, [*texts[1:], texts[0]], strict=True)
    _line("another caption", others, wrong=True, show=show)
    for name, find, put in CUTS:
        _line(name, [(text, find.sub(put, text)) for text in texts], wrong=True, show=show)


def _line(name: str, pairs: Iterable[tuple[str, str]], *, wrong: bool, show: int) -> None:
    """Print the share of pairs that the check is right about; one without a rewrite is none."""
    faults = [
        (old, new, fault(old, new)) for old, new in pairs if new and _letters(old) != _letters(new)
    ]
    mistakes = [one for one in faults if bool(one[2]) != wrong]
    print(f"  {name:32}{1 - len(mistakes) / len(faults):.3f}  of {len(faults)}")
    for old, new, why in mistakes[:show]:
        print(f"      {old}\n      {new}\n      {why}")


def _letters(text: str) -> str:
    return text.casefold().rstrip(".")


def _by_rules(texts: Iterable[str], writer: Writer) -> Iterator[tuple[str, str]]:
    return ((text, new) for text in texts for new in writer.write(text).rewrites)


def _again(told: Iterable[Told], *, words: bool) -> Iterator[tuple[str, str]]:
    for one in told:
        others = _draw_words(one.bank, one.words, one.rng) if words else None
        yield one.text, one.say(one.rule, one.claims, others)


def _changed(told: Told, change: Callable[[Told], tuple[str, Claims] | None]) -> str:
    found = change(told)
    return told.say(*found) if found else ""


def _captions(scenes: int) -> Iterator[Told]:
    """Draw scenes, and say some of what is true of them; no sound is made for it."""
    bank = Bank(tuple(replace(one, load=_steady) for one in bank_from_kinds(takes=1).sounds))
    for seed in range(FIRST, FIRST + scenes):
        rng = np.random.default_rng(seed)
        scene = draw_scene(bank, Plan(), seed=seed)
        groups = {event.group for event in scene.events}
        groups |= {scene.background.group} if scene.background else set()
        absent = [label for label in bank.by_label if bank.group(label) not in groups]
        *denied, stranger = rng.permutation(absent)[: ABSENT + 1].tolist()
        claims = claims_of(scene, new_grammar(test=bool(seed % 2)), denied, rng)
        for (rule, claim), _number in zip(claims, range(CAPTIONS), strict=False):
            labels = {label for one in claim for label in one.labels} | {stranger}
            words = _draw_words(bank, labels, rng)
            told = Told(rule, claim, words, stranger, rng, bank)
            yield replace(told, text=told.say(rule, claim))


def _draw_words(bank: Bank, labels: Iterable[str], rng: np.random.Generator) -> Words:
    """Draw what each label is called."""
    every = {label: [*bank.phrases(label), *bank.phrases(label, test=True)] for label in labels}
    return {label: str(rng.choice(every[label])) for label in sorted(every)}


def _called(bank: Bank, words: Words) -> Bank:
    """A bank in which each label is called one thing."""
    some = (replace(bank.by_label[x][0], phrases=(words[x],)) for x in words)
    return Bank(tuple(some))


def _steady(seconds: float | None, rate: int) -> Samples:
    return np.ones(round((seconds or 8.0) * rate), np.float32)


def _heard(*labels: str) -> Claims:
    return tuple(Constraint("heard", (label,)) for label in labels)


def _dropped(told: Told) -> tuple[str, Claims] | None:
    fewer = {"two": "one", "three": "two", "order": "one", "while": "one", "sequence": "order"}
    if told.rule not in fewer:
        return None
    first = told.claims[0]
    return fewer[told.rule], (
        (first,) if told.rule == "sequence" else _heard(*_labels(told.claims)[:-1])
    )


def _added(told: Told) -> tuple[str, Claims] | None:
    more = {"one": "two", "two": "three"}
    labels = (*_labels(told.claims), told.stranger)
    return (more[told.rule], _heard(*labels)) if told.rule in more else None


def _exchanged(told: Told) -> tuple[str, Claims]:
    last = _labels(told.claims)[-1]
    return told.rule, _renamed(told.claims, {last: told.stranger})


def _turned(told: Told) -> tuple[str, Claims] | None:
    first = told.claims[0]
    if told.rule not in ("order", "order_over", "sequence", "between", "louder", "order_far"):
        return None
    one, other = first.labels
    return told.rule, _renamed(told.claims, {one: other, other: one})


def _counted(told: Told) -> tuple[str, Claims] | None:
    if told.rule not in ("count", "count_then"):
        return None
    first, *rest = told.claims
    return told.rule, (replace(first, count=2 if first.count != 2 else 3), *rest)


def _placed(told: Told) -> tuple[str, Claims] | None:
    if told.rule not in ("far", "background"):
        return None
    return "two", _heard(*_labels(told.claims))


def _moved(told: Told) -> tuple[str, Claims] | None:
    if told.rule not in ("far", "background"):
        return None
    one, other = _labels(told.claims)
    return told.rule, _renamed(told.claims, {one: other, other: one})


def _unordered(told: Told) -> tuple[str, Claims] | None:
    return ("two", _heard(*_labels(told.claims))) if told.rule == "order" else None


def _there(told: Told) -> tuple[str, Claims] | None:
    return ("three", _heard(*_labels(told.claims))) if told.rule == "without" else None


def _alone(told: Told) -> tuple[str, Claims] | None:
    if told.rule not in ("only", "one"):
        return None
    more = (Constraint("only", _labels(told.claims)),) if told.rule == "one" else ()
    return ("only" if more else "one"), (told.claims[0], *more)


def _labels(claims: Claims) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label for one in claims for label in one.labels))


def _renamed(claims: Claims, names: Mapping[str, str]) -> Claims:
    every = {label: names.get(label, label) for label in _labels(claims)}
    return tuple(one.renamed(every) for one in claims)


CHANGES: dict[str, Callable[[Told], tuple[str, Claims] | None]] = {
    "a sound dropped": _dropped,
    "a sound added": _added,
    "a sound for another": _exchanged,
    "what comes first, or is louder": _turned,
    "no order": _unordered,
    "another count": _counted,
    "no distance, no background": _placed,
    "another sound far, or behind": _moved,
    "what was denied is there": _there,
    "alone, or no longer": _alone,
}

if __name__ == "__main__":
    raise SystemExit(main())
