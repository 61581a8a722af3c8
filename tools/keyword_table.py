"""What names and tags bring to a search: mean average precision with them and without.

    python tools/keyword_table.py DEMO        the folder of `earmark demo`, which makes it

Every kind of sound of the archive is asked for by its plain name; right is every recording in which
it is heard. Some names of the archive tell what is in the file, in English or in German; others are
those of a camera. An interval is where the means of 95 of 100 draws of other kinds fall.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earmark.cli.demo import LIBRARY, SOUNDS
from earmark.library.library import Library
from earmark.scenes.archive import archive_truth
from earmark.score.compare import Difference, Interval, differences, intervals
from earmark.score.task import Asked


def main() -> None:
    """Ask for every kind, with names and without."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("demo", type=Path, metavar="DEMO")
    folder: Path = parser.parse_args().demo
    truth = archive_truth()
    kinds = sorted({one.kind for one in truth})
    with Library.open(folder / LIBRARY) as library:
        places = [str(one.place.full) for one in library.store.recordings() if one.sound]
        names = [told(folder)(path) for path in places]
        heard = {(one.path, one.kind) for one in truth}
        match = np.array([[(name, kind) in heard for name in names] for kind in kinds])
        asked = {
            on: Asked(scores(library, kinds, places, on=on), match, "queries", tuple(kinds))
            for on in (False, True)
        }
    print(f"{len(kinds)} kinds, {len(places)} recordings")
    for on, name in ((False, "by sound alone"), (True, "with names and tags")):
        show(name, intervals(asked[on], ["mAP"])[0])
    show("gain", differences(asked[True], asked[False], ["mAP"])[0])


def scores(
    library: Library, kinds: Sequence[str], places: Sequence[str], *, on: bool
) -> npt.NDArray[np.float32]:
    """Rank every recording for every kind; the first has the highest score: -> [kinds, places]."""
    out = np.zeros((len(kinds), len(places)), np.float32)
    column = {path: number for number, path in enumerate(places)}
    for row, kind in zip(out, kinds, strict=True):
        hits = library.search(
            kind.replace("_", " "), limit=1000, keywords=on, unsure=True, duplicates=True
        )
        for hit in hits:
            row[column[hit.path]] = 1 / hit.rank
    return out


def told(folder: Path) -> Callable[[str], str]:
    """How the archive tells the path of a recording."""
    sounds = (folder / SOUNDS).resolve()
    return lambda path: Path(path).relative_to(sounds).as_posix()


def show(name: str, one: Interval | Difference) -> None:
    """Print a figure and where 95 of 100 draws fall."""
    print(f"{name:20} mAP {one.value:.3f} ({one.low:.3f}, {one.high:.3f})")


if __name__ == "__main__":
    main()
