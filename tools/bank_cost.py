"""Measure what a bank of captions costs a model: how large it becomes, and how long it hears.

Ears and words are those of the packaged model; what reads captions has random weights, which cost
as much as others. The captions are of scenes, in the words of training. It needs the extra lab:

    python tools/bank_cost.py                     # 12,000 captions, three of them a sound
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from safetensors.torch import save_file

from earmark.bench.about import about
from earmark.bench.figure import in_turn
from earmark.lab.export import Wish, export
from earmark.lab.objectives.both import new_both
from earmark.lab.recipe import Recipe, parse_recipe
from earmark.lab.sounds.scenes import draw_scenes, training_bank
from earmark.model.bundle import read_bundle
from earmark.model.find import find_bundle
from earmark.model.model import Model

PACKAGED = "earmark-small"
CLASSES = 527
SECONDS = 10
MATCHERS = ("captions-branch", "captions-interaction", "captions-both")


def main() -> int:
    """Export the packaged towers with and without a bank, and let both hear."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--captions", type=int, default=12_000)
    parser.add_argument("--runs", type=int, default=15)
    args = parser.parse_args()
    captions = list(written(args.captions))
    told = about()
    print(
        f"{len(captions):,} captions, 3 a sound; {told['date']} at {told['commit']}, one thread of "
        f"{told['processor']}"
    )
    with TemporaryDirectory() as room:
        plain = made(Path(room) / "pooled", "pooled", [])
        for name in MATCHERS:
            with_bank = made(Path(room) / name, name, captions)
            pair = in_turn(partial(hear, with_bank), partial(hear, plain), runs=args.runs)
            print(
                f"{name:22}{size(Path(room) / name):6.1f} MB, {size(Path(room) / 'pooled'):.1f} "
                f"without; {SECONDS} s heard in {1000 * pair.ours:.0f} ms, {pair.ratio:.2f} times "
                "as long as without"
            )
    return 0


def written(count: int) -> Iterator[str]:
    """So many sentences of scenes, no two alike."""
    seen = set[str]()
    scenes = draw_scenes(training_bank(), count, seed=0)
    for text in (caption.text for scene in scenes for caption in scene.captions):
        if text not in seen and len(seen) < count:
            seen.add(text)
            yield text


def made(folder: Path, matcher: str, captions: list[str]) -> Model:
    """Make a bundle of the packaged towers and this matcher."""
    bundle = find_bundle(PACKAGED)
    text = recipe_of(bundle, matcher, captions=bool(captions))
    run = folder.with_name(f"{folder.name}-run")
    run.mkdir()
    (run / "recipe.toml").write_text(text, encoding="utf-8")
    both = new_both(parse_recipe(text, matcher), CLASSES, captions)
    weights = {name: value.contiguous() for name, value in both.state_dict().items()}
    save_file(weights, run / "model.safetensors")
    export(run, folder, Wish(name=matcher))
    return Model.load(folder)


def recipe_of(bundle: Path, matcher: str, *, captions: bool) -> str:
    """Write a recipe with the sizes of a bundle, and its weights to start from."""
    known: Recipe = parse_recipe(read_bundle(bundle).page.recipe, PACKAGED)
    ears, words = known.ears, known.words
    bank = f'[captions]\ncaptioner = "bank"\nrun = "{bundle}"\n' if captions else ""
    return f"""
name = "{matcher}"
task = "match"
[start]
ears = "{bundle}"
words = "{bundle}"
held = ["ears"]
[data]
train = ["clips:none"]
sentences = ["phrases"]
[ears]
widths = {list(ears.widths)}
depths = {list(ears.depths)}
width = {ears.width}
looks = {ears.looks}
[words]
vocabulary = {words.vocabulary}
longest = {words.longest}
width = {words.width}
depth = {words.depth}
heads = {words.heads}
[matcher]
name = "{matcher}"
width = {known.matcher.width}
{bank}"""


def hear(model: Model) -> float:
    """Hear some noise: -> seconds that it took."""
    rng = np.random.default_rng(0)
    wave = rng.uniform(-0.1, 0.1, SECONDS * model.page.rate).astype(np.float32)
    began = perf_counter()
    model.embed_audio([wave], rate=model.page.rate)
    return perf_counter() - began


def size(folder: Path) -> float:
    """How many megabytes a bundle takes on disk."""
    return read_bundle(folder).bytes / 1e6


if __name__ == "__main__":
    raise SystemExit(main())
