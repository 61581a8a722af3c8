"""Fit how likely a word is right, and print how well descriptions do by where their levels lie.

Scenes of dev clips are composed and heard. At every moment the 40 words that score best are rows of
a logistic regression, right if one sound that is heard then is named by them; its numbers are those
of `ODDS` in `earmark.search.describe.likely`. Half of the scenes are fitted on and the other half
judged, then the other way round; the numbers that are printed first are of all of them.

    python tools/describe_table.py clips:FOLDER#dev
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

from earmark import Model
from earmark.data import open_data
from earmark.lab.exam.describing import PLAN, Told, bank_of, judge_of_kinds, results, truth
from earmark.library.packed import pack, restore
from earmark.library.store.contract import Tokens
from earmark.scenes import Scene, draw_scene, render
from earmark.scenes.draw import seed_of
from earmark.score.segments import Part, Words
from earmark.search.describe import events, finder, likely
from earmark.search.describe.likely import Odds, steps
from earmark.search.describe.vocabulary import vocabulary

SCENES, SEED = 600, 1_000  # the exam's own seeds are small
BEST = 40  # words of a moment that are fitted on
LEVELS = ((0.3, 0.15), (0.4, 0.2), (0.4, 0.3), (0.45, 0.2), (0.5, 0.25), (0.6, 0.3))
WORDS, JUDGE = vocabulary(), judge_of_kinds()
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Heard:
    """A scene as the model hears it."""

    scene: Scene
    tokens: Tokens
    truth: list[Part]


def main() -> None:
    """Hear, fit, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="[layout:]path#dev")
    parser.add_argument("--size", type=int, default=SCENES)
    args = parser.parse_args()
    model = Model.load()
    heard = list(hear(args.data, args.size, model))
    rows = [rows_of(one, model) for one in heard]
    print(told(fit(rows)))
    halves = [fit(rows[half::2]) for half in (1, 0)]  # each is judged on the other half
    print("said kept   F1 (95 % of draws)     precision recall  plain right   probably right")
    for said, kept in LEVELS:
        with patch.multiple(events, SAID=said, KEPT=kept):
            print(f"{said:.2f} {kept:.2f}  {judged(heard, halves, model)}")
    print(calibration(heard, halves, model))


def hear(data: str, size: int, model: Model) -> Iterator[Heard]:
    """Compose scenes and hear them."""
    bank = bank_of(open_data(data))
    for number in range(size):
        scene = draw_scene(bank, PLAN, seed=seed_of(SEED, number))
        line = model.hear_wave(render(scene, bank, model.rate), rate=model.rate)
        packed = pack(line, model.page.seconds.window, model.page.seconds.hop)
        tokens = restore(packed.tokens, packed.token_scales)
        yield Heard(scene, Tokens(tokens, packed.weights, packed.token_times), truth(scene))


def rows_of(one: Heard, model: Model) -> tuple[Floats, Floats]:
    """What there is to fit on in a scene: -> [n, 5], [n]."""
    asked = finder.asked_of(model)
    if asked is None:
        raise ValueError(f"{model.name} has no sounds that nobody asked for")
    parts = likely.scores(one.tokens, one.scene.seconds, asked.vectors)
    near, wide, there = (np.concatenate(some) for some in zip(*parts, strict=True))
    middle, unit = asked.unit
    by_word = (asked.means - middle) / unit, asked.spreads / unit, np.log1p(asked.narrower)
    made = [(near - middle) / unit, (wide - middle) / unit]
    made += [np.broadcast_to(some, near.shape) for some in by_word]
    kept = near >= np.sort(near, axis=1)[:, -BEST, None]
    right, allowed = (now(one, some) for some in (JUDGE.right, JUDGE.allowed))
    kept &= there[:, None] & np.array([word.said for word in WORDS]) & (right == allowed)
    return np.stack(made, axis=-1)[kept], right[kept].astype(np.float64)


def now(one: Heard, words: Words) -> npt.NDArray[np.bool_]:
    """Tell which words are right at each moment: -> [t, q]."""
    at = steps(one.scene.seconds)
    out = np.zeros((len(at), len(WORDS)), np.bool_)
    for part in one.truth:
        named = np.array([word.text in words[part.name] for word in WORDS])
        out |= ((at >= part.start) & (at < part.end))[:, None] & named
    return out


def fit(rows: Sequence[tuple[Floats, Floats]]) -> Odds:
    """Fit a logistic regression by Newton's method."""
    x = np.concatenate([some for some, _ in rows])
    y = np.concatenate([some for _, some in rows])
    columns, at = np.column_stack([np.ones(len(x)), x]), np.zeros(6)
    for _ in range(50):
        p = 1 / (1 + np.exp(-columns @ at))
        bend = (columns * (p * (1 - p))[:, None]).T @ columns
        step = np.linalg.solve(bend, columns.T @ (y - p))
        at = at + step
        if np.abs(step).max() < 1e-9:
            break
    return Odds(*map(float, at))


def described(heard: Sequence[Heard], halves: Sequence[Odds], model: Model) -> list[Told]:
    """Describe every scene by what was fitted on the other half."""
    out = []
    for number, one in enumerate(heard):
        with patch.object(finder, "likely", partial(likely.likely, odds=halves[number % 2])):
            sayings = finder.describe(one.tokens, one.scene.seconds, model)
        out.append(Told(one.scene.seconds, one.truth, sayings))
    return out


def judged(heard: Sequence[Heard], halves: Sequence[Odds], model: Model) -> str:
    """Figures of one choice of levels as a line."""
    found = results(described(heard, halves, model), JUDGE)
    f1, precision, recall = (found["segments"][name] for name in ("F1", "precision", "recall"))
    line = f"{f1['value']:.3f} ({f1['low']:.3f} to {f1['high']:.3f})"
    line += f"  {precision['value']:.3f}     {recall['value']:.3f}"
    for name in ("plain", "probably"):
        some = found["sayings"][name]
        line += f"   {some['value']:.3f} of {some['said']:,}"
    return line


def calibration(heard: Sequence[Heard], halves: Sequence[Odds], model: Model) -> str:
    """Confidence against how many sayings are right, as the levels are now."""
    found = results(described(heard, halves, model), JUDGE)["sayings"]
    bins = [f"{sure:.2f}: {right:.2f}" for sure, right, _ in found["bins"]]
    return f"ECE {found['ECE']:.3f}; confidence and share right {', '.join(bins)}"


def told(odds: Odds) -> str:
    """The numbers as the code has them."""
    return f"ODDS = Odds({', '.join(f'{k}={v:.3f}' for k, v in asdict(odds).items())})"


if __name__ == "__main__":
    main()
