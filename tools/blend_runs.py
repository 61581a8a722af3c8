"""Blend the ears of two runs that began as one, by the share that dev likes best.

    python tools/blend_runs.py FIRST SECOND --run FOLDER --data FOLDER [--shares 0 0.3 0.5 0.7 1]

FIRST and SECOND are folders of runs of the task `hear`; FIRST may be narrower. What each share
comes to on dev is printed; FOLDER becomes a run with the best, to export or to train on from.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from earmark.errors import EarmarkError
from earmark.lab.blend import blended
from earmark.lab.checkpoint import RECIPE, Run
from earmark.lab.objectives import Places
from earmark.lab.objectives.hear import (
    TAUGHT_WIDTH,
    Ears,
    agreement,
    dev_takes,
    open_ears,
    spooled,
)
from earmark.lab.recipe import read_recipe
from earmark.lab.start import read_weights
from earmark.lab.train import pick_device

SHARES = (0.0, 0.3, 0.5, 0.7, 1.0)


def main() -> int:
    """Try every share and keep the best."""
    try:
        blend(_asked())
    except EarmarkError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path(".cache"))
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES)
    return parser.parse_args()


def blend(args: argparse.Namespace) -> None:
    """Ask dev what each share is worth, and make a run of the best."""
    recipe, text = read_recipe(args.second / RECIPE)
    places, device = Places(args.data, args.cache), pick_device(recipe.train)
    expert, sounds = open_ears(recipe, places, device), spooled(dev_takes(recipe, places), places)
    ears = Ears(recipe.ears, classes=len(expert.names), taught_width=TAUGHT_WIDTH).to(device).eval()
    one, other = read_weights(args.first), read_weights(args.second)
    run, best = Run(args.run, text), -1.0
    for number, share in enumerate(args.shares):
        weights = blended(one, other, share)
        ears.load_state_dict(weights)
        found = agreement(ears, expert, sounds, recipe.mix.seconds, device)
        told = ", ".join(f"{name} {value:.4f}" for name, value in found.items())
        print(f"share {share:.2f} of {args.second.name}: {told}", flush=True)
        run.log(step=number, share=share, **{f"dev_{name}": value for name, value in found.items()})
        if found["agreement"] > best:
            best = found["agreement"]
            run.save_weights(weights)


if __name__ == "__main__":
    raise SystemExit(main())
