"""Write docs/synth.md: what an ear expert hears in ten draws of every kind of `earmark.synth`.

The expert is an AudioSet classifier that was trained on real sound alone. A kind is held when one
of the first five names it gives is that of the kind, of its parent or of a sibling in AudioSet's
ontology. Abstract groups of the ontology ("Sounds of things", "Music", ...) are nobody's parent.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import soxr

from earmark.audio.mel import MelRule, log_mel
from earmark.synth import KINDS, RATE, Kind, make

PAGE = Path(__file__).parents[1] / "docs" / "synth.md"
EXPERT, NAMES = "experts/efficientat_mn04.onnx", "experts/audioset_527.csv"
ONTOLOGY = "text/audioset/ontology.json"
SEEDS, SECONDS, FIRST, ENOUGH = range(10), 10.0, 5, 7

# The expert's own front end, as its authors published it.
EARS = MelRule(
    rate=32_000,
    fft=1024,
    window=800,
    hop=320,
    bands=128,
    low=0,
    high=15_000,
    periodic=False,
    slopes="mel",
    emphasis=0.97,
    shift=4.5,
    divide=5,
)

INTRODUCTION = """\
# Sounds made by code

`earmark.synth` makes {kinds} kinds of everyday sound. Every seed gives another sound, and the same
seed gives the same sound again:

```python
from earmark.synth import KINDS, make

wave = make("dog_bark", seed=7)                 # a natural length, 48 kHz, mono
rain = make("heavy_rain", seed=7, seconds=600)  # a texture of any length never loops
```

What an ear hears in them: `{expert}`, a classifier of AudioSet's 527 names that was trained
on real sound alone, listened to ten draws of each kind: seeds {seeds}, while the sounds were tuned
on others (the table was looked at once midway, to choose which kinds to work on);
{seconds:.0f} seconds each, in which a short event is repeated as in nature. A draw is
*held* when one of the expert's first {first} names is that of the kind, its parent or a sibling in
AudioSet's ontology. The seven families at the top of the ontology are nobody's parents here
({families}), nor are the groups that it marks as abstract.

**{held} of {kinds} kinds are held in {enough} draws of ten or more.**

Made by `python tools/synth_table.py`.
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the expert heard in the draws of one kind."""

    kind: Kind
    names: Counter[str]  # its first name, draw by draw
    held: int


class Expert:
    """The network and its names."""

    def __init__(self, data: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(data / EXPERT, options)
        with (data / NAMES).open(encoding="utf-8", newline="") as file:
            self.names = [row["display_name"] for row in csv.DictReader(file)]

    def hear(self, kind: str, seed: int) -> list[str]:
        """Name a draw, the likeliest first."""
        wave = soxr.resample(make(kind, seed, seconds=SECONDS), RATE, EARS.rate)
        (scores,) = self.session.run(["scores"], {"logmel": log_mel(wave, EARS).T[None, None]})
        return [self.names[at] for at in np.argsort(-scores[0], kind="stable")[:FIRST]]


class Ontology:
    """AudioSet's tree of names."""

    def __init__(self, data: Path) -> None:
        nodes = json.loads((data / ONTOLOGY).read_text(encoding="utf-8"))
        self.names = {node["id"]: node["name"] for node in nodes}
        children = {child for node in nodes for child in node["child_ids"]}
        self.families = sorted(node["name"] for node in nodes if node["id"] not in children)
        self.parents = [node for node in nodes if self._is_parent(node)]

    def _is_parent(self, node: dict[str, object]) -> bool:
        return node["name"] not in self.families and node["restrictions"] != ["abstract"]

    def around(self, kind: Kind) -> set[str]:
        """Gather the names of a kind, of its parents and of its siblings."""
        unknown = set(kind.audioset) - set(self.names.values())
        if unknown:
            raise ValueError(f"{kind.name}: AudioSet has no {sorted(unknown)}")
        names = set(kind.audioset)
        for parent in self.parents:
            siblings = {self.names[child] for child in parent["child_ids"]}
            if siblings & set(kind.audioset):
                names |= siblings | {parent["name"]}
        return names


def judge(kind: Kind, expert: Expert, ontology: Ontology) -> Verdict:
    """Let the expert hear every seed of a kind."""
    right = ontology.around(kind)
    heard = [expert.hear(kind.name, seed) for seed in SEEDS]
    held = sum(bool(right & set(names)) for names in heard)
    return Verdict(kind, Counter(names[0] for names in heard), held)


def page(verdicts: list[Verdict], ontology: Ontology) -> str:
    """Write the whole page."""
    text = INTRODUCTION.format(
        kinds=len(verdicts),
        expert=Path(EXPERT).stem,
        seeds=f"{SEEDS[0]} to {SEEDS[-1]}",
        seconds=SECONDS,
        first=FIRST,
        families="; ".join(ontology.families),
        held=sum(verdict.held >= ENOUGH for verdict in verdicts),
        enough=ENOUGH,
    )
    head = (
        "| family | kind | length | for example | heard first | held |\n|---|---|---|---|---|---|\n"
    )
    ordered = sorted(verdicts, key=lambda verdict: (verdict.kind.family, verdict.kind.name))
    return f"{text}\n{head}" + "".join(row(verdict) for verdict in ordered)


def row(verdict: Verdict) -> str:
    """Write the line of one kind."""
    kind = verdict.kind
    length = "any" if kind.seconds is None else "{:g} to {:g} s".format(*kind.seconds)
    common = sorted(verdict.names.items(), key=lambda item: (-item[1], item[0]))[:3]
    heard = "; ".join(f"{name} {count}" for name, count in common)
    cells = (kind.family, f"`{kind.name}`", length, kind.phrases[0], heard, f"{verdict.held} of 10")
    return f"| {' | '.join(cells)} |\n"


def main() -> int:
    """Write the page, or check that it is what would be written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=PAGE.parents[2] / "shared" / "data")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if out of date")
    options = parser.parse_args()
    missing = [name for name in (EXPERT, NAMES, ONTOLOGY) if not (options.data / name).exists()]
    if missing:
        print(f"{options.data}: no {', '.join(missing)}", file=sys.stderr)
        print("give the folder of the ear expert with --data", file=sys.stderr)
        return 2
    expert, ontology = Expert(options.data), Ontology(options.data)
    text = page([judge(kind, expert, ontology) for kind in KINDS.values()], ontology)
    if options.check:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
            return 0
        print(f"{PAGE} is out of date\nrun: python tools/synth_table.py", file=sys.stderr)
        return 1
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
