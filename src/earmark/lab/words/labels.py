"""Captions whose recordings people have labelled: a bridge from free wording to classes of sound.

The labels are of the very recording that the caption was written for, so they say which classes are
heard where the caption is true, without any sound at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earmark.data.tables import read_csv
from earmark.lab.words.sources import source

LABELLED = "audiocaps_labels"  # the source of sentences that has them
Shares = npt.NDArray[np.float32]


class Labels:
    """Which classes the caption is labelled with, each an equal share."""

    def __init__(self, labels: dict[str, tuple[int, ...]], classes: int) -> None:
        self._labels, self._classes = labels, classes

    def of(self, texts: Sequence[str]) -> Shares:
        """Shares of classes; nothing at all for a text without labels: -> [texts, classes]."""
        out = np.zeros((len(texts), self._classes), np.float32)
        for row, text in zip(out, texts, strict=True):
            known = self._labels.get(text.casefold(), ())
            if known:
                row[list(known)] = 1 / len(known)
        return out


def labels_of(sources: Sequence[str], data: Path, classes: Sequence[str]) -> Labels:
    """Read the labels of captions, if a recipe names their source; else nothing is labelled."""
    found: dict[str, tuple[int, ...]] = {}
    if LABELLED in sources:
        place = {name: number for number, name in enumerate(classes)}
        for line in read_csv(data / source(LABELLED).file, ("caption", "labels")):
            names = line.cells["labels"].split(" | ")
            found[line.cells["caption"].casefold()] = tuple(
                place[name] for name in names if name in place
            )
    return Labels(found, len(classes))
