"""Write the long scenes of `scenes-v1` in the CASTELLA layout, so that moments are asked of them.

    python tools/long_scenes.py clips:DATA#check FOLDER
    earmark evaluate moments castella:FOLDER#test

A scene lasts one to two minutes and has one caption, of one sound over another that goes on. What
the caption speaks of is right. The sound is written as FLAC, about 4 MB a minute; a run that was
broken goes on where it was.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from earmark.audio.write import write
from earmark.cli.console import note
from earmark.data import open_data
from earmark.data.kinds import bank_of_kinds
from earmark.data.wanted import Wanted, line_of
from earmark.lab.benchmarks import PARTS, draw_part
from earmark.scenes import Scene, moments, render

RATE = 32_000
TABLE = "scenes-v1-long_test_release.jsonl"


def main() -> None:
    """Draw, render, write; the table comes last, so that a folder with a table is whole."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", help="clips:DATA#check")
    parser.add_argument("folder", type=Path, help="where it goes")
    parser.add_argument("--size", type=int, default=PARTS["long"].size, help="scenes; default: all")
    args = parser.parse_args()
    bank = bank_of_kinds(open_data(args.data))
    note(f"drawing {args.size} scenes")
    scenes = draw_part(bank, replace(PARTS["long"], size=args.size))
    (args.folder / "audio").mkdir(parents=True, exist_ok=True)
    for number, scene in enumerate(scenes, 1):
        path = args.folder / "audio" / f"{scene.id}.flac"
        if not path.is_file():
            write(path, render(scene, bank, RATE), RATE)
        note(f"wrote {number} of {len(scenes)} scenes")
    lines = [line_of(one) for scene in scenes for one in wanted(scene)]
    (args.folder / TABLE).write_text("\n".join([*lines, ""]), encoding="utf-8", newline="\n")
    print(f"\n{len(lines)} captions of {len(scenes)} scenes in {args.folder}")


def wanted(scene: Scene) -> list[Wanted]:
    """What is asked of a scene."""
    return [
        Wanted(
            name=f"{scene.id}_{number}",
            words=caption.text,
            recording=scene.id,
            seconds=scene.seconds,
            right=tuple(moments(caption, scene)),
        )
        for number, caption in enumerate(scene.captions, 1)
    ]


if __name__ == "__main__":
    main()
