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
    from earmark.score.refusal import bins, curve, found, intervals
    from earmark.score.reliability import draw
    from earmark.search.confidence import Calibration

    model = Model.load(args.model or DEFAULT)
    told, recordings = ask(args, model)
    calibration = Calibration.of(model)
    parts = bins(told.confidence, told.right)
    what = ("clips" if args.data else "scenes") + (" by sound" if args.similar else "")
    out: dict[str, Any] = {
        "model": model.name,
        "protocol": f"confidence, {what}, libraries of {args.size:,}",
        "command": command(args),
        "calibrated": calibration.calibrated,
        "line": calibration.line,
        "asked": len(told.best),
        "recordings": recordings,
        "found": found(told),
        "figures": intervals(told, calibration.line),
        "bins": [
            {"confidence": one.confidence, "right": one.right, "hits": one.hits} for one in parts
        ],
        "curve": curve(told),
    }
    note("")
    print(json.dumps(out)) if args.json else _show(out)
    if args.plot:
        title, below = f"{args.size:,} recordings", f"{what}, {len(told.best):,} times asked"
        Path(args.plot).write_text(draw([(title, below, parts)]), encoding="utf-8", newline="\n")
    return 0


def command(args: argparse.Namespace) -> str:
    """The command that prints these figures again; where the data lies is left to the reader."""
    split = args.data.partition("#")
    data = f"DATA{split[1]}{split[2]} " if args.data else ""
    similar = "--similar " if args.similar else ""
    return f"earmark evaluate confidence {data}{similar}--size {args.size} --seed {args.seed}"


def ask(args: argparse.Namespace, model: Model) -> tuple[Told, int]:
    """Hear a crowd, draw libraries from it, and ask each question twice; also how many it has."""
    from earmark.errors import DataError
    from earmark.score.crowds import by_sound, hear
    from earmark.score.refusal import draw_trials, tell
    from earmark.search.confidence import Calibration

    crowd = _crowd(args, model)
    heard = hear(model, crowd, cache=Path(args.cache) if args.cache else None, note=note)
    if args.similar:
        questions, asking, heard = by_sound(crowd, heard)
    else:
        questions, asking = crowd.questions, model.embed_text(list(crowd.questions.texts))
    scores = heard.best(asking)
    trials = list(draw_trials(scores, questions, args.size, seed=args.seed))
    if not trials:
        raise DataError(
            f"nothing can be asked of {len(heard.counts):,} recordings",
            hint="name a data set with captions, or with labels for --similar, of a dozen or more",
        )
    judge = _judge(Calibration.of(model), asking, "sounds" if args.similar else "words")
    return tell(trials, judge, questions.homes), len(heard.counts)


def _crowd(args: argparse.Namespace, model: Model) -> Crowd:
    from earmark.data import open_data
    from earmark.score.crowds import crowd_of_clips, crowd_of_scenes

    note("drawing a crowd of recordings")
    if args.data:
        return crowd_of_clips(open_data(args.data), args.size, seed=args.seed, rate=model.rate)
    return crowd_of_scenes(args.size, seed=args.seed, rate=model.rate)


def _judge(calibration: Any, asking: Any, kind: str) -> Judge:  # noqa: ANN401 - of rooms not imported yet
    import numpy as np

    def judge(trial: Any) -> Any:  # noqa: ANN401
        return calibration.confidence(
            trial.scores,
            query=asking[trial.question],
            typical=trial.typical,
            among=trial.among,
            evidence=np.zeros(len(trial.scores)),
            kind=kind,
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
