"""Rewrites of the captions that a recipe learns from, and which of them a batch is told.

`[data] rewrites` is `rules`, or a file that `tools/write_captions.py` has written; an endpoint is
never asked while something is trained.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earmark.errors import UsageError
from earmark.lab.objectives import Places
from earmark.lab.writers import Wish, new_writer
from earmark.lab.writers.facts import checked
from earmark.lab.writers.written import read_written

RULES, ENDPOINT = "rules", "endpoint"
EACH = 2  # rewrites of a caption by rules: in a run of some rounds hardly one is drawn twice
NONE = -1  # no rewrite
WRITE = "python tools/write_captions.py RECIPE.toml OUT.jsonl --writer endpoint"
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Rewrites:
    """All rewrites, and which of them are of which sentence."""

    texts: tuple[str, ...]
    of: tuple[Numbers, ...]  # [sentences], each [how many it has]

    def draw(self, sentences: Numbers, share: float, rng: np.random.Generator) -> Numbers:
        """Draw by such a chance one rewrite for each sentence that has any: -> [B], or NONE."""
        chosen, which = rng.random(len(sentences)) < share, rng.random(len(sentences))
        out = np.full(len(sentences), NONE)
        for row in np.flatnonzero(chosen) if self.texts else ():
            some = self.of[sentences[row]]
            if len(some):
                out[row] = some[int(which[row] * len(some))]
        return out


def rewrites_of(spec: str, sentences: Sequence[str], places: Places) -> Rewrites:
    """Write rewrites of sentences by rules, or read those of a file; none if none are named."""
    if not spec:
        return Rewrites((), ())
    if spec == ENDPOINT:
        raise UsageError(
            "an endpoint is not asked while something is trained",
            hint=f"write a file first, and name it in rewrites: {WRITE}",
        )
    if spec == RULES:
        found = _by_rules(sentences, partial(places.watch, "rewriting captions by rules"))
    else:
        found = _from_file(Path(spec.replace("{data}", str(places.data))))
    texts, of = list[str](), list[Numbers]()
    for sentence in sentences:
        some = found.get(sentence.strip(), ())
        of.append(np.arange(len(texts), len(texts) + len(some)))
        texts += some
    if not texts:
        raise UsageError(
            f"rewrites: {spec} has none of any of the {len(sentences)} captions of train",
            hint=f"write them: {WRITE}",
        )
    return Rewrites(tuple(texts), tuple(of))


def _by_rules(
    sentences: Sequence[str], watch: Callable[[float], None]
) -> Mapping[str, Sequence[str]]:
    writer = new_writer(RULES, Wish(count=EACH))
    found = {}
    for number, sentence in enumerate(sentences, 1):
        found[sentence.strip()], _ = checked(sentence, writer.write(sentence).rewrites)
        watch(number / len(sentences))
    return found


def _from_file(path: Path) -> Mapping[str, Sequence[str]]:
    """Rewrites by sentence, of all writers of a file."""
    found: dict[str, dict[str, None]] = {}
    for one in read_written(path):
        found.setdefault(one.sentence, {}).update(dict.fromkeys(one.rewrites))
    return {sentence: tuple(some) for sentence, some in found.items()}
