"""Put what `earmark evaluate --json` printed into words for the card of a model.

Each examination becomes a group of lines, a name and what stands for it; the command that prints
the figures again is always the first. To add one: write a function, add a row to `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from earmark.errors import DataError
from earmark.score.report import in_words as written

Result = Mapping[str, Any]
Lines = Iterator[tuple[str, str]]


def told(results: Sequence[Result]) -> dict[str, dict[str, str]]:
    """Tell each result, by a name of its own."""
    out: dict[str, dict[str, str]] = {}
    for one in results:
        name = str(one["protocol"])
        name = f"{name}, {one['command']}" if name in out else name
        out[name] = {"command": str(one["command"]), **dict(_teller(one)(one))}
    return out


def in_words(name: str, figure: Mapping[str, float]) -> str:
    """Write a figure with its interval and its chance."""
    value, low, high, chance = (
        written(name, figure[key]) for key in ("value", "low", "high", "chance")
    )
    return f"{value} ({low} to {high}; chance {chance})"


def span(figure: Mapping[str, float]) -> str:
    """Write a figure with its interval."""
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


def _teller(result: Result) -> Callable[[Result], Lines]:
    for key, teller in KINDS.items():
        if key in result:
            return teller
    raise DataError(
        f"these are no figures that a card can hold: {result['protocol']}",
        hint="a card holds protocols, and examinations of search, scenes and siblings",
    )


def _both_ways(result: Result) -> Lines:
    """A protocol: from words to sounds and back."""
    for direction, asked in result["directions"].items():
        yield f"{direction}: queries, items", f"{asked['queries']}, {asked['items']}"
        for name, figure in asked["figures"].items():
            yield f"{direction}: {name}", in_words(name, figure)


def _search(result: Result) -> Lines:
    """A library searched: every set, free queries, other wording, noise, every text."""
    for name, one in result["sets"].items():
        yield f"{name}: captions, clips", f"{one['texts']}, {one['clips']}"
        yield from _systems(name, one, one["chance"])
        if one["free"]:
            yield from _systems(f"{name}, {one['free']['queries']} free queries", one["free"], {})
            worst = one["free"]["worst"][result["model"]]
            yield f"{name}, worst of them", f"{worst['precision']:.3f} ({worst['caption']})"
    for way, systems in result["variants"]["ways"].items():
        own = systems[result["model"]]
        yield (
            f"{result['variants']['queries']} queries, {way}: mAP",
            (f"{span(own)}, {own['of plain']:.3f} of plain"),
        )
    yield from _noise(result)
    for one in result.get("texts", {}).get(result["model"], ()):
        instead = ", ".join(f"{label} {count}" for label, count in one["instead"].items())
        yield (
            f"precision, {one['text']}",
            (f"{one['precision']:.3f} ({one['clips']} clips; instead: {instead or 'nothing'})"),
        )


def _noise(result: Result) -> Lines:
    noise, model = result["noise"], result["model"]
    clean = result["sets"][noise["set"]]["systems"][model]["mAP"]["value"]
    for kind, levels in noise.items():
        for snr, found in levels.items() if kind != "set" else ():
            yield (
                f"{noise['set']}, {kind} {snr} dB below: mAP",
                (f"{found[model]:.3f} ({found[model] / clean:.2f} of clean)"),
            )


def _scenery(result: Result) -> Lines:
    """Scenes of clips: found, in order, and the moment in a long one."""
    yield "captions, scenes", f"{result['texts']}, {result['scenes']}"
    yield from _systems("scenes", result, result["chance"])
    for who, one in result["order"].items():
        if one["pairs"]:
            yield f"order, {who} (chance 0.5)", f"{span(one)} of {one['pairs']} pairs"
    for name, systems in result["moments"].items():
        for who, one in systems.items() if name != "scenes" else ():
            yield f"moments, {who}: {name}", span(one)


def _siblings(result: Result) -> Lines:
    """Captions of one clip that find each other."""
    yield "captions, clips", f"{result['captions']}, {result['clips']}"
    for who, figures in result["systems"].items():
        for name, figure in figures.items():
            yield f"{who}: {name}", f"{span(figure)}; chance {result['chance'][name]:.4f}"
    yield "share of the sentence model's R@10", f"{result['share of R@10']:.3f}"


def _systems(about: str, told: Result, chance: Mapping[str, float]) -> Lines:
    """A figure of the model, which stands first, and beside it what the others reach."""
    (_, own), *others = told["systems"].items()
    for name, figure in own.items():
        beside = [f"{who} {one[name]['value']:.3f}" for who, one in others]
        beside += [f"chance {chance[name]:.3f}"] if name in chance else []
        yield f"{about}: {name}", f"{span(figure)}; {', '.join(beside)}"


KINDS: dict[str, Callable[[Result], Lines]] = {
    "directions": _both_ways,
    "variants": _search,
    "order": _scenery,
    "share of R@10": _siblings,
}
