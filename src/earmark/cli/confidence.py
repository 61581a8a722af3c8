"""What `earmark evaluate confidence` does: ask in libraries with and without an answer."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.cli.console import console, note, table

if TYPE_CHECKING:
    from earmark.model.model import Model
    from earmark.score.crowds import Crowd
    from earmark.score.refusal import Judge, Told

WANTED = {
    "absent refused": "0.8 or more",
    "present refused": "0.1 or less",
    "AUROC": "0.85 or more",
    "ECE": "0.05 or less",
}


def run(args: argparse.Namespace) -> int:
    """Ask, tell how sure it was and how right, print."""
    from earmark.model.find import DEFAULT
    from earmark.model.model import Model
    from earmark.score.refusal import bins, curve, intervals
    from earmark.score.reliability import draw
    from earmark.search.confidence import Calibration

    model = Model.load(args.model or DEFAULT)
    told, crowd = ask(args, model)
    calibration = Calibration.of(model)
    parts = bins(told.confidence, told.right)
    out: dict[str, Any] = {
        "model": model.name,
        "protocol": f"confidence, {'clips' if args.data else 'scenes'}, {args.size:,} recordings",
        "command": command(args),
        "calibrated": calibration.calibrated,
        "line": calibration.line,
        "questions": len(crowd.questions.texts),
        "asked": len(told.best),
        "recordings": crowd.size,
        "figures": intervals(told, calibration.line),
        "bins": [
            {"confidence": one.confidence, "right": one.right, "hits": one.hits} for one in parts
        ],
        "curve": curve(told),
    }
    note("")
    print(json.dumps(out)) if args.json else _show(out)
    if args.plot:
        title = f"{args.size:,} recordings"
        below = f"{'clips' if args.data else 'scenes'}, {len(told.best):,} times asked"
        Path(args.plot).write_text(draw([(title, below, parts)]), encoding="utf-8", newline="\n")
    return 0


def command(args: argparse.Namespace) -> str:
    """The command that prints these figures again; where the data lies is left to the reader."""
    split = args.data.partition("#")
    data = f"DATA{split[1]}{split[2]} " if args.data else ""
    return f"earmark evaluate confidence {data}--size {args.size} --seed {args.seed}"


def ask(args: argparse.Namespace, model: Model) -> tuple[Told, Crowd]:
    """Hear a crowd, draw libraries from it, and ask each question twice."""
    from earmark.score.crowds import hear
    from earmark.score.refusal import draw_trials, tell
    from earmark.search.confidence import Calibration

    crowd = _crowd(args, model)
    heard = hear(model, crowd, cache=Path(args.cache) if args.cache else None, note=note)
    texts = model.embed_text(list(crowd.questions.texts))
    scores = heard.best(texts)
    trials = list(draw_trials(scores, crowd.questions, args.size, seed=args.seed))
    return tell(trials, _judge(Calibration.of(model), texts), crowd.questions.homes), crowd


def _crowd(args: argparse.Namespace, model: Model) -> Crowd:
    from earmark.data import open_data
    from earmark.score.crowds import crowd_of_clips, crowd_of_scenes

    note("drawing a crowd of recordings")
    if args.data:
        return crowd_of_clips(open_data(args.data), args.size, seed=args.seed, rate=model.rate)
    return crowd_of_scenes(args.size, seed=args.seed, rate=model.rate)


def _judge(calibration: Any, texts: Any) -> Judge:  # noqa: ANN401 - of rooms not imported yet
    import numpy as np

    def judge(trial: Any) -> Any:  # noqa: ANN401
        return calibration.confidence(
            trial.scores,
            query=texts[trial.question],
            typical=trial.typical,
            among=trial.among,
            evidence=np.zeros(len(trial.scores)),
        )

    return judge


def _show(out: dict[str, Any]) -> None:
    print(
        f"{out['model']}, {out['protocol']}: {out['asked']:,} times asked, half without an answer"
    )
    if not out["calibrated"]:
        print("it is not calibrated: a plain rule stands in, and nothing is refused")
    rows = table("figure", "#value", "#95 % of draws", "wanted")
    for name, one in out["figures"].items():
        rows.add_row(
            name, f"{one['value']:.3f}", f"{one['low']:.3f} to {one['high']:.3f}", WANTED[name]
        )
    page = console()
    page.print(rows)
    page.print()
    hits = table("#confidence", "#right", "#hits")
    for one in out["bins"]:
        hits.add_row(f"{one['confidence']:.3f}", f"{one['right']:.3f}", f"{one['hits']:,}")
    page.print(hits)
