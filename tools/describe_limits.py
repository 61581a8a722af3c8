"""Print what limits descriptions: how likely what goes unnamed was, and what perfect help brings.

Scenes are those of `describe_table.py`, the numbers those that ship. *Told what is there*: words
that are right for nothing in the scene are never said, all else is as it is. *And when*: nor is any
word where it is not right. No description can know these; they bound what a better choice among the
words that are likely could reach. The last lines move the share at which a narrower word is taken.

    python tools/describe_limits.py clips:FOLDER#dev
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from unittest.mock import patch

from describe_table import JUDGE, SCENES, WORDS, Heard, hear, now
from earmark import Model
from earmark.lab.exam.describing import Told
from earmark.score.segments import counts, figures, pairs, segments
from earmark.search.describe import events, finder
from earmark.search.describe.likely import Likely, likely

BOUNDS = ((0.45, "0.45 and more"), (0.2, "0.20 to 0.45"), (0.1, "0.10 to 0.20"), (0.0, "below"))
LEVELS = ((0.45, 0.2), (0.2, 0.1), (0.1, 0.05))
NARROW = (0.7, 0.8, 0.9, 1.0)
Help = Callable[[Heard, Likely], Likely]


def main() -> None:
    """Hear, describe with and without help, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="[layout:]path#dev")
    parser.add_argument("--size", type=int, default=SCENES)
    args = parser.parse_args()
    model = Model.load()
    heard = list(hear(args.data, args.size, model))
    print("of the seconds that go unnamed, how likely the likeliest right word was:")
    missed = sum((unnamed(one, model) for one in heard), Counter())
    print(", ".join(f"{missed[name] / missed.total():.3f} {name}" for _, name in BOUNDS))
    print("                          said kept  F1 (95 % of draws)     precision recall")
    helps = (("as it is", _none), ("told what is there", _there), ("and when", _there_now))
    for name, some in helps:
        for said, kept in LEVELS:
            with patch.multiple(events, SAID=said, KEPT=kept):
                print(f"{name:25} {said:.2f} {kept:.2f}  {judged(heard, some, model)}")
    for least in NARROW:
        with patch.object(events, "NARROW", least):
            print(f"narrower from {least:.1f}         {'':10}  {judged(heard, _none, model)}")


def unnamed(one: Heard, model: Model) -> Counter[str]:
    """Count the seconds of sounds that go unnamed, by how likely a right word was."""
    found = _found(one, model)
    told = _told(one, _none, model)
    out: Counter[str] = Counter()
    both = (segments(parts, told.seconds) for parts in (told.said, told.heard))
    for second, (words, labels) in enumerate(zip(*both, strict=True)):
        part = found[2 * second : 2 * second + 2]
        for label in labels - set(pairs(words, labels, JUDGE.right)):
            right = [word.text in JUDGE.right[label] for word in WORDS]
            best = part[:, right].max(initial=0.0)
            out[next(name for bound, name in BOUNDS if best >= bound)] += 1
    return out


def judged(heard: Sequence[Heard], some: Help, model: Model) -> str:
    """Figures of all scenes as a line."""
    told = [_told(one, some, model) for one in heard]
    found = figures([counts(one.said, one.heard, one.seconds, JUDGE) for one in told])
    f1, precision, recall = (found[name] for name in ("F1", "precision", "recall"))
    line = f"{f1['value']:.3f} ({f1['low']:.3f} to {f1['high']:.3f})"
    return f"{line}  {precision['value']:.3f}     {recall['value']:.3f}"


def _told(one: Heard, some: Help, model: Model) -> Told:
    helped = some(one, _found(one, model))
    with patch.object(finder, "likely", lambda *_: helped.copy()):
        sayings = finder.describe(one.tokens, one.scene.seconds, model)
    return Told(one.scene.seconds, one.truth, sayings)


def _found(one: Heard, model: Model) -> Likely:
    asked = finder.asked_of(model)
    if asked is None:
        raise ValueError(f"{model.name} has no sounds that nobody asked for")
    found = likely(one.tokens, one.scene.seconds, asked)
    found[:, [not word.said for word in WORDS]] = 0.0
    return found


def _none(one: Heard, found: Likely) -> Likely:  # noqa: ARG001 - as all help
    return found


def _there(one: Heard, found: Likely) -> Likely:
    return found * now(one, JUDGE.allowed).any(axis=0)


def _there_now(one: Heard, found: Likely) -> Likely:
    return found * now(one, JUDGE.allowed)


if __name__ == "__main__":
    main()
