"""Print how well moments fit true events, by how the match curve is made and cut.

A scene is an event of one kind (a dog barking, a bell) of up to 12 s over another sound that goes
on for 30 to 60 s, 5 to 15 dB above it. The query is the phrase of the kind. Figures are the overlap
of the best moment with the event: what both have of what either has, mean over the scenes.

*unit*: tokens brought to unit length; *weighted*: each counts as it does in a gist, w_t x_t q over
the mean of w; *gist*: the gist of what the smoothing covers. The last table is of `earmark.search`
as it is.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from earmark import Model
from earmark.audio.mix import mix
from earmark.model.pool import TimeLine
from earmark.scenes.compose import faded
from earmark.scenes.cuts import cut, frame_levels
from earmark.search.moments import (
    SHARE,
    SMOOTH,
    Curve,
    Query,
    Run,
    Span,
    best_moments,
    curve,
    level_of,
    runs,
)
from earmark.synth import KINDS, make
from earmark.types import Samples

SCENES, SEED, LONGEST, PEAK = 40, 4_000, 12.0, 0.9
SECONDS, SNR_DB = (30.0, 60.0), (5.0, 15.0)
WIDTHS = (0.6, 1.0, 1.5, 2.0)  # seconds at half the height
SHARES = (0.3, 0.4, 0.5, 0.6, 0.7)
EVENTS = sorted(name for name, kind in KINDS.items() if not kind.texture)
BEDS = sorted(name for name, kind in KINDS.items() if kind.texture)

Kernel = Callable[[Curve, float], Curve]  # of seconds apart, and a width
SHAPES: dict[str, Kernel] = {
    "triangle": lambda apart, width: np.maximum(0.0, 1 - np.abs(apart) / width),
    "gaussian": lambda apart, width: np.exp(-4 * np.log(2) * (apart / width) ** 2),
}


@dataclass(frozen=True, slots=True)
class Heard:
    """A scene as the model hears it."""

    line: TimeLine
    query: Query
    event: Span


def draw(number: int, rate: int) -> tuple[str, Samples, Span]:
    """Make a scene: the kind of its event, its sound, when the event is."""
    rng = np.random.default_rng([SEED, number])
    kind = EVENTS[number * len(EVENTS) // SCENES]
    beds = [name for name in BEDS if KINDS[name].family != KINDS[kind].family]
    bed = make(rng.choice(beds), SEED + number, seconds=rng.uniform(*SECONDS), rate=rate)
    sound = make(kind, SEED + number, rate=rate)
    found = cut(frame_levels(sound, rate), LONGEST)
    if found is None:
        raise ValueError(f"{kind} is silent")
    event = faded(sound[round(found.start * rate) : round(found.end * rate)], rate)
    at = int(rng.integers(rate, len(bed) - len(event) - rate))
    whole = np.pad(event, (at, len(bed) - len(event) - at))
    wave = mix(whole, bed, rng.uniform(*SNR_DB), rate=rate)
    return kind, wave * np.float32(PEAK / np.abs(wave).max()), (at / rate, (at + len(event)) / rate)


def overlap(found: Run, event: Span) -> float:
    """What both have of what either has."""
    both = min(found.end, event[1]) - max(found.start, event[0])
    return max(0.0, both) / (max(found.end, event[1]) - min(found.start, event[0]))


def plain_curve(scene: Heard, treatment: str, shape: str, width: float) -> Curve:
    """Make the match curve one way; scenes have no gaps."""
    line, query = scene.line, scene.query
    centres = line.times.mean(axis=1)
    kernel = SHAPES[shape](centres[:, None] - centres, width)
    kernel /= kernel.sum(axis=1, keepdims=True)
    vectors, weights = line.tokens.astype(np.float64), line.weights.astype(np.float64)
    if treatment == "gist":
        gists = kernel @ (weights[:, None] * vectors)
        return np.asarray(gists @ query / np.linalg.norm(gists, axis=1))
    if treatment == "weighted":
        return np.asarray(kernel @ (weights * (vectors @ query) / weights.mean()))
    return np.asarray(kernel @ (vectors @ query / np.linalg.norm(vectors, axis=1)))


def best_run(scene: Heard, heights: Curve, share: float) -> Run:
    """Find the run about the highest peak of a curve."""
    level = level_of(heights, float(heights.max()), share=share)
    return runs(heights, scene.line.times, level, seconds=scene.line.seconds)[0]


def by_windows(scene: Heard, model: Model) -> tuple[Run, Run]:
    """Find the best window as it is, and the moment that search makes of it."""
    times = model.page.seconds
    vectors, spans = scene.line.windows(times.window, times.hop)
    windows, seconds = (vectors @ scene.query, spans), scene.line.seconds
    (bare,) = best_moments(lambda *_: None, windows, scene.query, seconds=seconds, most=1)
    (found,) = best_moments(lambda *_: scene.line, windows, scene.query, seconds=seconds, most=1)
    return bare, found


def print_ways(scenes: list[Heard]) -> None:
    """Print the table of treatments, shapes, widths and shares."""
    print("| tokens | smoothed by | width | " + " | ".join(f"share {s:g}" for s in SHARES) + " |")
    print("|---|---|---|" + "---|" * len(SHARES))
    for treatment in ("unit", "weighted", "gist"):
        for shape in SHAPES:
            for width in WIDTHS:
                curves = [plain_curve(scene, treatment, shape, width) for scene in scenes]
                cells = [f"{mean_overlap(scenes, curves, share):.3f}" for share in SHARES]
                print(f"| {treatment} | {shape} | {width:.1f} s | {' | '.join(cells)} |")


def mean_overlap(scenes: list[Heard], curves: list[Curve], share: float) -> float:
    """Mean over the scenes."""
    pairs = zip(scenes, curves, strict=True)
    return float(np.mean([overlap(best_run(s, heights, share), s.event) for s, heights in pairs]))


def print_search(scenes: list[Heard], model: Model) -> None:
    """Print how moments of `earmark.search` fit, and how windows would."""
    found = [by_windows(scene, model) for scene in scenes]
    print(
        f"\n| {len(scenes)} scenes | mean overlap | overlap of half or more | peak in the event |"
    )
    print("|---|---|---|---|")
    for name, at in (("best window", 0), ("moment", 1)):
        pairs = [(both[at], scene.event) for both, scene in zip(found, scenes, strict=True)]
        fits = np.array([overlap(run, event) for run, event in pairs])
        hits = np.mean([event[0] <= run.peak < event[1] for run, event in pairs])
        print(f"| {name} | {fits.mean():.3f} | {np.mean(fits >= 0.5):.3f} | {hits:.3f} |")


def main() -> None:
    """Make scenes, hear them, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="earmark-small", help="name or folder")
    model = Model.load(parser.parse_args().model)
    scenes = []
    for number in range(SCENES):
        kind, wave, event = draw(number, model.rate)
        (query,) = model.embed_text([KINDS[kind].phrases[0]])
        scenes.append(Heard(model.hear_wave(wave, rate=model.rate), query, event))
    same = plain_curve(scenes[0], "unit", "triangle", SMOOTH)
    np.testing.assert_allclose(curve(scenes[0].query, scenes[0].line), same, atol=1e-6)
    print_ways(scenes)
    print(f"\nsearch takes: unit, triangle, {SMOOTH:g} s, share {SHARE:g}")
    print_search(scenes, model)


if __name__ == "__main__":
    main()
