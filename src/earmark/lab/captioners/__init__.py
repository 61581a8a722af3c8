"""Who writes captions that nobody asked for: auxiliary captions, for every sound of a set.

Contract: a captioner is made from what may be learned from (`Lesson`) and writes for sounds of
which it is told nothing that anybody wrote (`Asked`): so no caption of dev or test can come into
what it says of dev or test, nor into what it knows. It gives each sound at most `count` captions,
no two alike, or none; the same ones every time. What was written is kept (`written.py`).

    file          what a table says, whoever made it
    bank          the nearest captions of train, by the gists of a run that has learned
    decoder       a small network that learns to caption train, with ears of its own
    transformers  an audio captioner in the format of `transformers`, from a local folder

and to measure what captions are worth:

    true          what is true of a scene, told anew: none of its captions, and none of the words
                  that a test asks with; of clips nothing else is known, so they have none
    shuffled      those of `true`, dealt to other sounds of the set
    blank         the same sentence for every sound: as many words, and nothing told

A training sound is written for as any other: its own captions are in the lesson, so `bank` leaves
them out for it. To add a captioner: write the class, whose settings are its keywords, add a row to
`CAPTIONERS`; `tests/lab/captioners/test_contract.py` holds it to this.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol

from earmark.errors import require
from earmark.lab.strict import settings_of, unknown
from earmark.scenes.truth import Scene, to_line

if TYPE_CHECKING:
    from earmark.data import Row
    from earmark.lab.features.kept import Sounds
    from earmark.lab.objectives import Places
    from earmark.lab.pairs import Pairs, Retell
    from earmark.lab.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a captioner may learn from."""

    recipe: Recipe  # of the matcher that will be told the captions
    train: Pairs
    places: Places

    @property
    def count(self) -> int:
        """Captions of a sound at most."""
        return self.recipe.captions.count


class Asked(NamedTuple):
    """Sounds to write for, and nothing that anybody wrote of them."""

    sounds: Sounds
    names: tuple[str, ...]  # as a table of captions calls them
    retell: Retell  # what is true of them, for the controls


class Captioner(Protocol):
    """What every captioner can do."""

    key: str  # another one wherever it would write another thing

    def write(self, asked: Asked) -> Sequence[Sequence[str]]:
        """Write for every sound of a set: captions, the best first."""


class Entry(NamedTuple):
    """Where a captioner's class is, and what must be installed beside torch."""

    module: str
    cls: str
    package: str = "torch"
    extra: str = "lab"


CAPTIONERS = {
    "file": Entry("file", "File"),
    "bank": Entry("bank", "Bank"),
    "decoder": Entry("decoder", "Decoder"),
    "transformers": Entry("foreign", "Foreign", "transformers", "experts"),
    "true": Entry("controls", "Retold"),
    "shuffled": Entry("controls", "Shuffled"),
    "blank": Entry("controls", "Blank"),
}


def open_captioner(recipe: Recipe, train: Pairs, places: Places) -> Captioner | None:
    """Make the captioner that a recipe names, if it names one."""
    rule = recipe.captions
    if not rule.captioner:
        return None
    if rule.captioner not in CAPTIONERS:
        raise unknown(f"there is no captioner {rule.captioner!r}", rule.captioner, list(CAPTIONERS))
    entry = CAPTIONERS[rule.captioner]
    require(entry.package, extra=entry.extra)
    kind = getattr(import_module(f"earmark.lab.captioners.{entry.module}"), entry.cls)
    settings = settings_of(kind, rule.settings, f"the captioner {rule.captioner!r}")
    made: Captioner = kind(Lesson(recipe, train, places), **settings)
    return made


def asked_of(pairs: Pairs) -> Asked:
    """Take the sounds of a set, and leave behind what was written of them."""
    names = tuple(name_of(one) for one in pairs.task.sounds)
    return Asked(pairs.sounds, names, pairs.retell)


def name_of(sound: Row | Scene) -> str:
    """What a table of captions calls a sound: a clip by folder and file, a scene by its truth."""
    if isinstance(sound, Scene):
        truth = to_line(replace(sound, captions=())).encode()
        return f"scene {sound.id} {blake2b(truth, digest_size=6).hexdigest()}"
    stretch = "" if sound.start is None else f"#{sound.start:g}-{sound.end:g}"
    return "/".join(sound.audio.parts[-2:]) + stretch


def distinct(captions: Iterable[str], count: int) -> list[str]:
    """Keep each sentence once, however it is written, and the first so many."""
    kept: dict[str, str] = {}
    for caption in captions:
        text = " ".join(caption.split())
        if plain(text):
            kept.setdefault(plain(text), text)
    return list(kept.values())[:count]


def plain(text: str) -> str:
    """The letters and digits of a sentence, made small, with single blanks between words."""
    kept = "".join(mark if mark.isalnum() or mark == "'" else " " for mark in text.casefold())
    return " ".join(kept.split())
