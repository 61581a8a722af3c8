"""What own sounds gain, and what is lost elsewhere: ten kinds that a model has never heard.

    python tools/own_sounds_table.py without DATA FOLDER
        makes a data folder in which the ten kinds are missing, for recipes/own/*.toml
    python tools/own_sounds_table.py kinds DATA BUNDLE [--json FILE]
        tunes a bundle of that run with about 200 clips of the kinds, and asks for others of them
    python tools/own_sounds_table.py elsewhere DATA BUNDLE [--scenes 150] [--json FILE]
        tunes any bundle with the same clips, and asks for all else

The kinds are labels of `train`; clips of a recording are on one side. They are asked for by the
words they were taught with, and in other words, among other clips of train (the bank of a bundle
holds dev clips). Elsewhere means the captions of dev clips, and of scenes made by code. Bundles
answer through `Library.search` by sound alone. Nothing of `check` is read.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from earmark.audio.write import write
from earmark.data import open_data
from earmark.data.rows import Row
from earmark.lab.own.tune import Wish, tune
from earmark.library.library import Library
from earmark.model.find import find_bundle
from earmark.model.model import Model
from earmark.scenes import Plan, bank_from_kinds, draw_pool, render
from earmark.score import Task, differences, intervals, protocol
from earmark.score.questions import tells
from earmark.score.ranking import Scores
from earmark.search.confidence import Calibration
from earmark.search.query import parse
from earmark.search.wish import Wish as Asking

with Path(__file__).with_name("own_kinds.csv").open(encoding="utf-8", newline="") as _table:
    KINDS = {  # label: how it is taught, then how else it is asked for
        row["label"]: (row["taught"], *row["reworded"].split(" | "))
        for row in csv.DictReader(_table)
    }
NAMED = (  # in a label or a caption: such clips are missing from the shortened run as well
    r"announcer|hungry|baby|infant|forest|swordman|hurt|keeper|wake word|voice assistant|explo|"
    r"zombie|\bowls?\b|hoot"
)
MOST = 20  # clips of a kind to learn from, and at most two thirds of what there are
TAKES = 10  # of each sound made by code, in scenes
PAGE = 100  # hits of a query elsewhere, which has few right answers; the rest counts as last
BESIDE = 640  # clips that the kinds are looked for among
JOBS, SEED = 2, 0
Result = dict[str, Any]


def main() -> None:
    """Make the data folder, or ask."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    actions = parser.add_subparsers(dest="action", required=True)
    made = actions.add_parser("without")
    made.add_argument("data", type=Path)
    made.add_argument("folder", type=Path)
    for name in ("kinds", "elsewhere"):
        asked = actions.add_parser(name)
        asked.add_argument("data", type=Path)
        asked.add_argument("bundle")
        asked.add_argument("--scenes", type=int, default=150)
        asked.add_argument("--json", type=Path)
    args = parser.parse_args()
    if args.action == "without":
        without(args.data, args.folder)
    else:
        ask(args)


def without(data: Path, folder: Path) -> None:
    """Make a data folder whose table lacks the kinds; all else in it is linked."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("audio", "text", "experts"):
        (folder / name).symlink_to((data / name).resolve())
    with (data / "clips.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    named = re.compile(NAMED, re.IGNORECASE)
    kept = [
        row
        for row in rows
        if row["role"] == "train" and row["use"] == "free" and row["label"] not in KINDS
        if not named.search(f"{row['label']} {row['caption']}")
    ]
    with (folder / "clips.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(kept)
    print(f"{folder}: {len(kept):,} clips")


def ask(args: argparse.Namespace) -> None:
    """Tune, ask both, compare."""
    rows = open_data(f"clips:{args.data}#train+dev,use=free")
    taught, held = parts_of([row for row in rows if row.label in KINDS])
    with TemporaryDirectory(prefix="earmark-own-") as spare:
        place, began = Path(spare), time.monotonic()
        old, wish = find_bundle(args.bundle), Wish(name="tuned", jobs=JOBS)
        bundle, tried = tune(old, manifest(taught, place), place / "tuned", wish)
        out: Result = {
            "protocol": "own sounds",
            "command": command(args, old),
            "clips": len(taught),
            "seconds": round(time.monotonic() - began),
            "left out": asdict(tried),
            "reach": bundle.page.data["own sounds"]["reach"],
        }
        systems = [Model.load(old), Model.load(place / "tuned")]
        if args.action == "kinds":
            out |= kinds(held, strangers(rows), systems, place)
        else:
            out["asked"] = {
                "captions": captions(held, rows, systems, place),
                "scenes": scenes(args.scenes, systems, place),
            }
    show(out)
    if args.json:
        args.json.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")


def command(args: argparse.Namespace, old: Path) -> str:
    """What prints these figures again."""
    words = f"python tools/own_sounds_table.py {args.action} DATA"
    if args.action == "kinds":
        return f"{words} BUNDLE"
    return f"{words} {old.name} --scenes {args.scenes}"


def parts_of(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Part each kind by recordings: clips to learn from, and clips to ask for."""
    rng, taught, held = np.random.default_rng(SEED), list[Row](), list[Row]()
    for label in KINDS:
        some = [row for row in rows if row.label == label]
        names = rng.permutation(sorted({row.recording for row in some})).tolist()
        most, count = min(MOST, len(some) * 2 // 3), 0
        for name in names:
            together = [row for row in some if row.recording == name]
            (taught if count < most else held).extend(together)
            count += len(together)
    return taught, held


def strangers(rows: Sequence[Row]) -> list[Row]:
    """Draw clips of train in which nothing tells of the kinds."""
    named = re.compile(NAMED, re.IGNORECASE)
    some = [row for row in rows if row.split == "train" and row.label not in KINDS and tells(row)]
    some = [row for row in some if not named.search(" ".join((row.label, *row.captions)))]
    chosen = np.random.default_rng(SEED).permutation(len(some))[:BESIDE]
    return [replace(some[number], captions=()) for number in sorted(chosen)]


def manifest(rows: Sequence[Row], place: Path) -> list[Row]:
    """Write the CSV that a person would have, and read it."""
    path = place / "my.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["path", "caption"])
        table.writerows((row.audio.resolve(), KINDS[row.label][0]) for row in rows)
    return open_data(str(path))


def kinds(
    held: Sequence[Row], beside: Sequence[Row], systems: Sequence[Model], place: Path
) -> Result:
    """Ask for the kinds among strangers, as they were taught and in other words."""
    told = [replace(row, captions=KINDS[row.label][:1]) for row in held]
    own = protocol("captions").task([*told, *beside])
    tasks = {"own": own, "reworded": reworded(own)}
    asked = [(one.texts, len(own.sounds)) for one in tasks.values()]
    found = answers_of([row.audio for row in own.sounds], asked, systems, place / "clips")
    lines = [Calibration.of(model).line for model in systems]
    return {
        "asked": {
            name: compared(task, [scores[number] for scores, _ in found])
            for number, (name, task) in enumerate(tasks.items())
        },
        "shown": [shown(own, sure[0], line) for (_, sure), line in zip(found, lines, strict=True)],
    }


def captions(
    held: Sequence[Row], rows: Sequence[Row], systems: Sequence[Model], place: Path
) -> Result:
    """Ask for dev clips by their captions; clips of the kinds are there, but do not count."""
    others = [row for row in rows if row.split == "dev" and row.label not in KINDS and tells(row)]
    task, files = protocol("captions").task(others), [row.audio for row in (*held, *others)]
    found = answers_of(files, [(task.texts, PAGE)], systems, place / "clips")
    return compared(task, [scores[0][:, len(held) :] for scores, _ in found])


def reworded(task: Task[Row]) -> Task[Row]:
    """The same kinds, asked for in words that nothing was learned from."""
    words = {told: others for told, *others in KINDS.values()}
    pairs = [(text, n) for n, told in enumerate(task.texts) for text in words[told]]
    rows = [n for _, n in pairs]
    homes = tuple(task.homes[n] for n in rows)
    texts = tuple(text for text, _ in pairs)
    return replace(task, texts=texts, match=task.match[rows], homes=homes)


def scenes(size: int, systems: Sequence[Model], place: Path) -> Result:
    """Ask for scenes made by code, by captions of all they hold."""
    bank = bank_from_kinds(takes=TAKES)
    pool = draw_pool(bank, Plan(split="test"), size=size, seed=SEED, test=True)
    task, folder = protocol("scenes").task(pool), place / "scenes"
    folder.mkdir()
    files = [folder / f"{number:04d}.wav" for number in range(len(pool))]
    for path, scene in zip(files, pool, strict=True):
        write(path, render(scene, bank, systems[0].rate), systems[0].rate, subtype="float")
    found = answers_of(files, [(task.texts, PAGE)], systems, place / "scenes-library")
    return compared(task, [scores[0] for scores, _ in found])


def answers_of(
    files: Sequence[Path],
    asked: Sequence[tuple[Sequence[str], int]],
    systems: Sequence[Model],
    place: Path,
) -> list[tuple[list[Scores], list[Scores]]]:
    """Index once, and ask each system, the library being migrated to it.

    What is asked comes with how many hits of it are wanted: -> scores and confidences of each.
    """
    out = []
    with Library.create(place, model=systems[0]) as library:
        library.index(files, jobs=JOBS)
        numbers = {str(path.resolve()): number for number, path in enumerate(files)}
        for turn, model in enumerate(systems):
            if turn:
                print("migrated:", asdict(library.migrate(model, jobs=JOBS)), flush=True)
            both = [
                [_answer(library, text, numbers, most) for text in texts] for texts, most in asked
            ]
            orders, sure = ([np.stack([pair[n] for pair in some]) for some in both] for n in (0, 1))
            out.append((orders, sure))
    return out


def _answer(
    library: Library, text: str, numbers: dict[str, int], most: int
) -> tuple[Scores, Scores]:
    """Every sound's place among the hits, and its confidence: -> [sounds] each."""
    order, sure = np.full(len(numbers), -1.0, np.float32), np.zeros(len(numbers), np.float32)
    wish = Asking(limit=most, keywords=False, unsure=True, duplicates=True)
    for hit in library.answer(replace(parse(text), course=None), wish).hits:
        number = numbers[str(Path(hit.path).resolve())]
        order[number], sure[number] = 1 - hit.rank / (len(numbers) + 1), hit.confidence
    return order, sure


def compared(task: Task[Any], scores: Sequence[Scores]) -> dict[str, Any]:
    """Figures before and after, with what lies between them in draws of other recordings."""
    before, after = (task.asked(one) for one in scores)
    (first,), (second,) = (intervals(one, ["mAP"]) for one in (before, after))
    (more,) = differences(after, before, ["mAP"])
    counts = {"texts": len(task.texts), "sounds": len(task.sounds)}
    return {**counts, "before": asdict(first), "after": asdict(second), "more": asdict(more)}


def shown(task: Task[Row], sure: Scores, line: float) -> dict[str, float]:
    """What search would show of the right ones, how much of what it shows is right, and says so."""
    above = sure >= line
    right = task.match & above
    return {
        "of the right ones": float(right.sum() / task.match.sum()),
        "right": float(right.sum() / max(1, above.sum())),
        "mean confidence": float(sure[above].mean()) if above.any() else 0.0,
    }


def show(out: Result) -> None:
    """Print it for a page."""
    print(out["command"])
    print(f"tuned with {out['clips']} clips in {out['seconds']} s on {JOBS} cores")
    print("| asked for | texts, sounds | before | after | more than that |\n|---|---|---|---|---|")
    for name, one in out["asked"].items():
        figures = [span(one["before"]), span(one["after"]), span(one["more"], "+")]
        print("|", " | ".join([name, f"{one['texts']}, {one['sounds']}", *figures]), "|")
    for one in out.get("shown", ()):
        print(", ".join(f"{name} {value:.3f}" for name, value in one.items()))


def span(one: dict[str, float], sign: str = "") -> str:
    """Write a figure with its interval."""
    return f"{one['value']:{sign}.3f} ({one['low']:{sign}.3f} to {one['high']:{sign}.3f})"


if __name__ == "__main__":
    main()
