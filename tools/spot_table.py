"""How well `earmark spot` tells what can be heard in a sentence: precision and recall.

    python tools/spot_table.py [LIST ...]     tables of sentences and the cues in them

A table has a `sentence` and its `cues`: `door slam;dog bark` are two, each told by the beginnings
of words that must stand in it. Without a name, both lists of the tests are scored: `worked.csv`,
along which the rules were written, and `unseen.csv`, which was written after them.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from earmark.search.spot.hearing import sounds_in

LISTS = Path(__file__).parents[1] / "tests" / "search" / "spot"


@dataclass(slots=True)
class Counts:
    """What was told rightly, told wrongly, and not told."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __str__(self) -> str:
        """Precision and recall."""
        precision = self.right / max(self.right + self.wrong, 1)
        recall = self.right / max(self.right + self.missed, 1)
        return f"precision {precision:.3f}, recall {recall:.3f}"


def main() -> None:
    """Score lists, and show what was told wrongly."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = [LISTS / "worked.csv", LISTS / "unseen.csv"]
    parser.add_argument("lists", type=Path, nargs="*", metavar="LIST", default=default)
    for path in parser.parse_args().lists:
        with path.open(encoding="utf-8", newline="") as file:
            show(path.name, list(csv.DictReader(file)))


def show(name: str, rows: list[dict[str, str]]) -> None:
    """Print the figures of one list."""
    audible, cues = Counts(), Counts()
    for row in rows:
        wanted = [one.split() for one in row["cues"].split(";") if one]
        told = sounds_in(row["sentence"])
        right = matched(wanted, told)
        cues.right += right
        cues.wrong += len(told) - right
        cues.missed += len(wanted) - right
        audible.right += bool(wanted and told)
        audible.wrong += bool(told and not wanted)
        audible.missed += bool(wanted and not told)
        if right < max(len(wanted), len(told)):
            print(f"  {row['sentence']}  wanted: {row['cues'] or '-'}; told: {told or '-'}")
    print(f"{name}: {len(rows)} sentences, {cues.right + cues.missed} cues")
    print(f"  something is heard: {audible}")
    print(f"  cues: {cues}")


def matched(wanted: Iterable[list[str]], told: Iterable[str]) -> int:
    """How many wanted cues are among those that were told, each of which counts once."""
    left, found = list(told), 0
    for parts in wanted:
        for one in left:
            if all(any(word.startswith(part) for word in one.split()) for part in parts):
                left.remove(one)
                found += 1
                break
    return found


if __name__ == "__main__":
    main()
