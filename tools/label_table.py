"""What scores by judgements are worth where all is known: the archive of `earmark demo`.

    python tools/label_table.py DEMO        the folder of `earmark demo`, which makes it

Every kind of sound of the archive is asked for by its plain name, and its makers' truth stands in
for a person who judges the first ten hits of two systems: the search with names and tags, and by
sound alone. The figures by these labels stand beside those by the truth of every recording. Then
only some queries are drawn, to see what they decide and how many more they ask for.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from earmark.cli.demo import LIBRARY, SOUNDS
from earmark.library.library import Library
from earmark.scenes.archive import archive_truth
from earmark.score.chance import Values
from earmark.score.condensed import Listed, difference, values_of
from earmark.score.decide import outlook, queries_needed
from earmark.search.judged.contents import Contents, Judged, settle
from earmark.search.judged.exam import listed
from earmark.search.judged.judgement import Judgement
from earmark.search.judged.labels import Labels
from earmark.search.judged.pool import Shown, System, pool
from earmark.types import Moment

NAME = "mAP@10"
DRAWS = 300


class Truth:
    """What is heard where; it judges hits as a person would who misses nothing."""

    def __init__(self, folder: Path) -> None:
        self._root = (folder / SOUNDS).resolve()
        self._heard: dict[tuple[str, str], list[Moment]] = {}
        for one in archive_truth():
            key = (one.path, one.kind)
            self._heard.setdefault(key, []).append(Moment(one.start, one.end))

    @property
    def kinds(self) -> list[str]:
        """All kinds of the archive."""
        return sorted({kind for _, kind in self._heard})

    def judge(self, kind: str, shown: Shown) -> Judgement:
        """Say whether a hit is right."""
        path = Path(shown.hit.path).relative_to(self._root).as_posix()
        heard = self._heard.get((path, kind), [])
        one = shown.judged(plain(kind), right=bool(heard))
        if one.moment is None or not heard:
            return one
        met = any(part.start < one.moment.end and one.moment.start < part.end for part in heard)
        return shown.judged(plain(kind), right=met)


def main() -> None:
    """Judge, score, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("demo", type=Path, metavar="DEMO")
    folder: Path = parser.parse_args().demo
    truth = Truth(folder)
    with Library.open(folder / LIBRARY) as library:
        home = Contents(library.store.recordings())
        systems = [
            System(name, library, home, home, keywords)
            for name, keywords in (("with names", True), ("by sound", False))
        ]
        asked = [Case(truth, kind, systems, home) for kind in truth.kinds]
    whole = [one for one in asked if one.known.wanted]
    print(f"{len(whole)} queries, {sum(one.labels for one in whole)} labels")
    by_labels = show("by labels of both", [one.lists(one.both) for one in whole])
    show("by labels of one", [one.lists(one.alone) for one in whole if one.alone.wanted])
    show("by the truth", [one.lists(one.known) for one in whole])
    draw(by_labels)


class Case:
    """One query: what the systems give, and what was judged of it."""

    def __init__(self, truth: Truth, kind: str, systems: Sequence[System], home: Contents) -> None:
        query = plain(kind)
        first = pool(systems, query)
        self.labels = len(first)
        self._orders = [system.whole(query) for system in systems]

        def judged(shown: Iterable[Shown]) -> Judged:
            said = tuple(truth.judge(kind, one) for one in shown)
            return settle(Labels((query,), said), home).queries[query]

        self.both = judged(first)
        self.alone = judged(pool(systems[1:], query))
        self.known = judged(chain.from_iterable(self._orders))

    def lists(self, judged: Judged) -> list[Listed]:
        """The condensed list of each system."""
        return [listed(order, judged) for order in self._orders]


def show(name: str, lists: Sequence[Sequence[Listed]]) -> Values:
    """Print the figures of both, and give the difference of every query."""
    new, old = (values_of(some, NAME) for some in zip(*lists, strict=True))
    over = difference(new, old, NAME)
    print(
        f"{name:18} {new.mean():.4f} with names, {old.mean():.4f} by sound, "
        f"{over.value:+.4f} ({over.low:+.4f} to {over.high:+.4f}), {len(lists)} queries"
    )
    return np.asarray(new - old)


def draw(apart: Values) -> None:
    """Take some of the queries again and again."""
    rng = np.random.default_rng(0)
    needed = queries_needed(float(apart.mean()), float(apart.std(ddof=1)), len(apart))
    print(f"all {len(apart)} ask for {needed} more")
    for queries in (10, 20, 40):
        told = [*outcomes(apart, queries, rng)]
        shares = {one: told.count(one) / DRAWS for one in ("decided", "open", "untold")}
        print(f"{queries:3} queries: " + ", ".join(f"{k} {v:.2f}" for k, v in shares.items()))


def outcomes(apart: Values, queries: int, rng: np.random.Generator) -> Iterator[str]:
    """What so many drawn queries say."""
    zeros = np.zeros(queries)
    for _ in range(DRAWS):
        some = rng.choice(apart, queries, replace=False)
        yield outlook(some, difference(some, zeros, NAME, draws=500)).verdict


def plain(kind: str) -> str:
    """How a kind is asked for."""
    return kind.replace("_", " ")


if __name__ == "__main__":
    main()
