"""Print what size buys: bundles of several runs, packed and not, beside what they find on dev.

Each run is exported twice, with weights of 8 and of 32 bits, and asked for the dev clips of the
data folder by their captions; both are timed on this machine. --write keeps the figures for
tools/model_docs.py:

    python tools/size_curve.py runs/match-width-64 runs/earmark-small --data DATA --write
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from earmark.bench import hearing
from earmark.data.rows import Row
from earmark.errors import EarmarkError
from earmark.lab.calibrate import dev_rows
from earmark.lab.exam.questions import figures
from earmark.lab.exam.shelves import files_of, shelf
from earmark.lab.export import Weights, Wish, export, recipe_text
from earmark.model.model import Model
from earmark.score import Task, protocol
from earmark.score.crowds import quietly

KEPT = Path(__file__).parents[1] / "docs" / "results" / "sizes.json"
WEIGHTS: tuple[Weights, ...] = ("int8", "float32")
SENTENCES = ("rain on a tin roof", "two dogs bark, then a car passes", "someone laughing")
ROUNDS = 21


def main() -> int:
    """Export, ask, time, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--write", action="store_true", help=f"keep the figures in {KEPT.name}")
    args = parser.parse_args()
    try:
        found = [one for run in args.runs for one in measured(run, args.data)]
    except EarmarkError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if args.write:
        KEPT.write_text(json.dumps({"bundles": found}, indent=1) + "\n", encoding="utf-8")
    return 0


def measured(run: Path, data: Path) -> list[dict[str, Any]]:
    """Measure one run in both weights."""
    task = protocol("captions").task(_told(dev_rows(recipe_text(run), data)))
    out = []
    for weights in WEIGHTS:
        with TemporaryDirectory() as folder:
            place = Path(folder) / run.name
            bundle, _ = export(run, place, Wish(name=run.name, weights=weights))
            one = {"of": weights, "run": run.name, "bytes": bundle.bytes}
            out.append(one | _asked(task, place))
        print(_line(out[-1]), flush=True)
    return out


def _told(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.captions]


def _asked(task: Task[Row], bundle: Path) -> dict[str, Any]:
    model = Model.load(bundle)
    with shelf(files_of(task.sounds), model, note=quietly) as library:
        scores = library.answers(task.texts)
    (own,) = figures(task, {model.name: scores}, model.name, ("mAP", "R@10")).values()
    speed = next(iter(hearing.figures(str(bundle), runs=1)))
    return {
        "width": model.width,
        "mAP": own["mAP"]["value"],
        "low": own["mAP"]["low"],
        "high": own["mAP"]["high"],
        "R@10": own["R@10"]["value"],
        "library bytes an hour": model.width * 3600 / model.page.seconds.token,
        "text ms": _text_ms(model),
        "times real time": speed.value,
    }


def _text_ms(model: Model) -> float:
    """Milliseconds that a sentence takes."""
    took = []
    for _ in range(ROUNDS):
        for sentence in SENTENCES:
            start = perf_counter()
            model.embed_text([sentence])
            took.append(perf_counter() - start)
    return 1000 * median(took)


def _line(one: dict[str, Any]) -> str:
    return (
        f"{one['run']:24}{one['of']:9}{one['bytes'] / 1e6:6.1f} MB  width {one['width']}, "
        f"{one['library bytes an hour'] / 1e6:.1f} MB an hour  dev mAP {one['mAP']:.3f} "
        f"({one['low']:.3f} to {one['high']:.3f})  text {one['text ms']:.1f} ms  "
        f"{one['times real time']:.0f} x real time"
    )


if __name__ == "__main__":
    raise SystemExit(main())
