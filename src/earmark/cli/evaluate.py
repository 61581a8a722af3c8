"""`earmark evaluate`: what a model finds of what a protocol asks, beside chance, with intervals."""

from __future__ import annotations

import argparse
import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

from earmark.cli.console import console, note, table
from earmark.cli.exams import EXAMS, LISTS, OPTIONS, SCENES
from earmark.cli.taken import add_options, settle
from earmark.cli.which import add_models

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from earmark.model.model import Model
    from earmark.model.pool import TimeLine
    from earmark.score import Asked, Task
    from earmark.score.report import Direction

METRICS = ("R@1", "R@5", "R@10", "mAP", "mAP@10", "median rank")
OF_TWO = "mine"  # the exam that compares two models
TAKES = 10  # of each kind of sound, for scenes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "protocol",
        help="captions, scenes, esc-check, confidence, describe, ears, moments, search, ...: "
        "what is asked of whom (docs/scores.md); mine: by your own judgements (docs/labels.md)",
    )
    parser.add_argument(
        "data",
        nargs="?",
        default="",
        help="[layout:]path[#split] (docs/data.md); for scenes none: of sounds made by code; for "
        "mine the file of earmark label",
    )
    add_models(parser, default="packaged; mine: the library's, and two are compared")
    add_options(parser, OPTIONS)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Ask, score, print."""
    _check(args)
    if args.protocol in EXAMS and (args.data or args.protocol != SCENES):
        exam = import_module(f"earmark.cli.exam_{args.protocol}")
        return int(exam.run(args))
    out = _scored(args)
    note("")
    print(json.dumps(out)) if args.json else _show(out)
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse what no exam could do, and give every option its value."""
    from earmark.errors import UsageError
    from earmark.score import protocol

    if args.protocol not in EXAMS:
        protocol(args.protocol, EXAMS)  # raises for a slip of the pen
    settle(args, OPTIONS, [args.protocol if args.protocol in EXAMS else LISTS])
    if args.size < 2 or args.jobs < 1:
        raise UsageError("a pool of under two, or no job at all", hint="correct --size or --jobs")
    args.model = args.models[-1] if args.models else None
    if len(args.models) > 1 and args.protocol != OF_TWO:
        raise UsageError(
            f"{len(args.models)} models at once", hint=f"only {OF_TWO!r} compares two; name one"
        )
    if args.similar and not args.data:
        raise UsageError("scenes do not ask by sound", hint="name a data set with labels")
    if args.beside and not args.data:
        raise UsageError("nobody else hears sounds made by code", hint="name a data set")


def _scored(args: argparse.Namespace) -> dict[str, Any]:
    """How one list is ordered, in both directions."""
    from earmark.model.find import DEFAULT
    from earmark.model.model import Model
    from earmark.score import protocol
    from earmark.score.answers import Sounds, answers

    asked_for = protocol(args.protocol)
    model = Model.load(args.model or DEFAULT)
    task, load = (_scenes if args.protocol == SCENES else _rows)(args, model)
    times = model.page.seconds
    sounds = Sounds.of(_heard(task.sounds, load, args.jobs), times.window, times.hop)
    scores = answers(model, task.texts, sounds)
    ways: tuple[Direction, ...] = ("text to audio", "audio to text")
    return {
        "model": model.name,
        "protocol": asked_for.name,
        "right": asked_for.right,
        "command": command(args),
        "directions": {way: _told(task.asked(scores, way)) for way in ways},
    }


def _told(asked: Asked) -> dict[str, Any]:
    """Figures of a direction, each with its interval and what chance would give."""
    from earmark.score import intervals, metric, rank

    ranking = rank(asked.scores, asked.match)
    return {
        "queries": len(ranking.counts),
        "items": ranking.items,
        "figures": {
            one.name: {
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "chance": metric(one.name).at_chance(ranking),
            }
            for one in intervals(asked, METRICS)
        },
    }


def command(args: argparse.Namespace) -> str:
    """The command that prints these figures again; where the data lies is left to the reader."""
    if args.protocol == SCENES:
        return f"earmark evaluate scenes --size {args.size} --seed {args.seed}"
    return f"earmark evaluate {args.protocol} {of_data(args.data)}"


def of_data(data: str) -> str:
    """Data as a command for others names it: the split, and DATA for where it lies."""
    return "".join(("DATA", *data.partition("#")[1:]))


def _rows(args: argparse.Namespace, model: Model) -> tuple[Task[Any], Callable[[Any], TimeLine]]:
    """Rows of a data set, read from their files."""
    from earmark.audio.read import read
    from earmark.data import open_data
    from earmark.errors import UsageError
    from earmark.score import protocol

    if not args.data:
        raise UsageError(
            f"the protocol {args.protocol!r} needs a data set",
            hint="name it: earmark evaluate captions clips:FOLDER#dev",
        )

    def load(row: Any) -> TimeLine:  # noqa: ANN401 - a Row, whose room is not imported yet
        if row.start is None and row.end is None:
            return model.hear(row.audio)
        wave = read(row.audio, rate=model.rate, start=row.start or 0.0, end=row.end)
        return model.hear_wave(wave, rate=model.rate)

    return protocol(args.protocol).task(open_data(args.data)), load


def _scenes(args: argparse.Namespace, model: Model) -> tuple[Task[Any], Callable[[Any], TimeLine]]:
    """A pool of synthetic scenes with the test grammar, of sounds that training never drew."""
    from earmark.scenes import Plan, bank_from_kinds, draw_pool, render
    from earmark.score import protocol

    bank = bank_from_kinds(takes=TAKES)
    note(f"drawing {args.size} scenes")
    pool = draw_pool(bank, Plan(split="test"), size=args.size, seed=args.seed, test=True)

    def load(scene: Any) -> TimeLine:  # noqa: ANN401 - a Scene
        return model.hear_wave(render(scene, bank, model.rate), rate=model.rate)

    return protocol(SCENES).task(pool), load


def _heard(sounds: Sequence[Any], load: Callable[[Any], TimeLine], jobs: int) -> list[TimeLine]:
    """Hear all sounds, some at once; the order stays."""
    from concurrent.futures import ThreadPoolExecutor

    out = []
    with ThreadPoolExecutor(jobs) as pool:
        for number, line in enumerate(pool.map(load, sounds), 1):
            note(f"heard {number} of {len(sounds)}")
            out.append(line)
    return out


def _show(out: dict[str, Any]) -> None:
    """Print a table a direction."""
    from earmark.score.report import in_words

    print(f"{out['model']} asked by {out['protocol']}: right is {out['right']}")
    page = console()
    for direction, told in out["directions"].items():
        rows = table(direction, "#value", "#95 % of draws", "#chance")
        for name, one in told["figures"].items():
            low, high = (in_words(name, one[end]) for end in ("low", "high"))
            value, chance = in_words(name, one["value"]), in_words(name, one["chance"])
            rows.add_row(name, value, f"{low} to {high}", chance)
        page.print()
        page.print(rows)
        print(f"{told['queries']:,} queries, {told['items']:,} to be found")
