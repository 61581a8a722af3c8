"""Real clips: scenes to learn from are made of `train`, to choose by of `dev`, tests of `check`.

Of train and dev a sound is called what its caption says, and the expert tells which are alike; of
check, people sorted the kinds (`data/kinds.csv`). Captions that only their makers understand are
left out.
"""

from __future__ import annotations

from functools import partial

import torch

from earmark.data import open_data
from earmark.data.kinds import bank_of_kinds
from earmark.lab.benchmarks import Banks
from earmark.lab.experts import open_expert
from earmark.lab.objectives import Places
from earmark.lab.objectives.hear import spooled, takes_of
from earmark.lab.recipe import DataRule
from earmark.lab.sounds.balance import heard_in
from earmark.lab.sounds.clipbank import clip_bank
from earmark.scenes import Bank

EXPERT = "efficientat_mn04"


def banks(places: Places) -> Banks:
    """Give what opens the sounds of every split."""
    return {
        "train": partial(_by_caption, places, "train"),
        "dev": partial(_by_caption, places, "dev"),
        "test": partial(_by_kind, places),
    }


def _by_caption(places: Places, split: str) -> Bank:
    takes = takes_of(DataRule(), (f"clips:{{data}}#{split}",), places, seed=0)
    sounds = spooled([take for take in takes if take.captions], places)
    expert = open_expert(f"{EXPERT}_onnx", places.data / "experts" / f"{EXPERT}.onnx")
    heard = heard_in(
        sounds,
        expert,
        places.cache / f"heard-{EXPERT}-{sounds.key}.npy",
        device=torch.device("cpu"),
        watch=partial(places.watch, "listening to the sounds"),
    )
    return clip_bank(sounds, heard, expert.names)


def _by_kind(places: Places) -> Bank:
    return bank_of_kinds(open_data(f"clips:{places.data}#check"))
