"""What names and tags bring to a search: mean average precision with them and without.

    python tools/keyword_table.py DEMO        the folder of `earmark demo`, which makes it

Every kind of sound of the archive is asked for by its plain name; right is every recording in which
it is heard. Some names of the archive tell what is in the file, in English or in German; others are
those of a camera. An interval is where the means of 95 of 100 draws of other kinds fall.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from earmark.cli.demo import LIBRARY, SOUNDS
from earmark.library.library import Library
from earmark.scenes.archive import Sounding, archive_truth
from earmark.types import Hit

DRAWS = 2_000


def main() -> None:
    """Ask for every kind, with names and without."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("demo", type=Path, metavar="DEMO")
    folder: Path = parser.parse_args().demo
    truth = archive_truth()
    kinds = sorted({one.kind for one in truth})
    with Library.open(folder / LIBRARY) as library:
        found = {
            name: np.array([precision(library, folder, kind, truth, on=on) for kind in kinds])
            for name, on in (("by sound alone", False), ("with names and tags", True))
        }
        count = library.status().recordings
    print(f"{len(kinds)} kinds, {count} recordings")
    for name, each in found.items():
        print(f"{name:20} mAP {each.mean():.3f} ({', '.join(interval(each))})")
    gain = found["with names and tags"] - found["by sound alone"]
    print(f"{'gain':20}     {gain.mean():.3f} ({', '.join(interval(gain))})")


def precision(
    library: Library, folder: Path, kind: str, truth: Sequence[Sounding], *, on: bool
) -> float:
    """Average precision of one kind."""
    right = {one.path for one in truth if one.kind == kind}
    hits = library.search(
        kind.replace("_", " "), limit=1000, keywords=on, unsure=True, duplicates=True
    )
    return average_precision([path_of(hit, folder) in right for hit in hits])


def path_of(hit: Hit, folder: Path) -> str:
    """The path of a hit as the archive tells it."""
    return Path(hit.path).relative_to((folder / SOUNDS).resolve()).as_posix()


def average_precision(right: Sequence[bool]) -> float:
    """Mean of the precision at each right answer."""
    places = np.flatnonzero(right) + 1
    return float(np.mean(np.arange(1, len(places) + 1) / places)) if len(places) else 0.0


def interval(each: np.ndarray) -> list[str]:
    """Where the means of draws of other kinds fall."""
    rng = np.random.default_rng(0)
    means = each[rng.integers(len(each), size=(DRAWS, len(each)))].mean(axis=1)
    return [f"{value:.3f}" for value in np.quantile(means, (0.025, 0.975))]


if __name__ == "__main__":
    main()
