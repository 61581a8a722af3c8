"""How scenes are asked for: by their captions, or as people ask a search for them.

A style puts a caption otherwise and says what it then claims, so that what is right follows from
the truth of the scenes as before. To add one: write a function, add a row to `STYLES`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from earmark.lab.writers import Wish
from earmark.lab.writers.rules import Rules, open_writer
from earmark.scenes import Bank, Caption, Scene
from earmark.scenes.constraints import contents
from earmark.scenes.draw import seed_of
from earmark.scenes.grammar import tag
from earmark.scenes.truth import Constraint

JOINED = "joined"  # of all captions of a scene; `pairs.joined` makes it
COMMANDS = (
    "find me {}",
    "I need a recording of {}",
    "show me all files with {}",
    "can you look for {}?",
    "play {}",
)
DENIALS = ("{}, but no {}", "{} without {}", "{} and not {}")
ABSENT = ("without", "only")  # claims of what is not there
Style = Callable[[Caption, Scene, Bank, np.random.Generator], Caption]


def styled(words: str) -> tuple[str, str]:
    """Part how scenes are asked for from the part of a benchmark that is meant."""
    part, _, style = words.rpartition(",")
    return (part, style) if style in (JOINED, *STYLES) else (words, "")


def asked_in(style: str, scenes: Sequence[Scene], bank: Bank) -> list[Scene]:
    """Ask for scenes in a style; as they are asked for where there is none."""
    if style not in STYLES:
        return list(scenes)
    return [
        replace(
            scene,
            captions=tuple(
                STYLES[style](caption, scene, bank, np.random.default_rng(seed_of(11, number)))
                for caption in scene.captions
            ),
        )
        for number, scene in enumerate(scenes)
    ]


def _command(caption: Caption, scene: Scene, bank: Bank, rng: np.random.Generator) -> Caption:  # noqa: ARG001 - as all styles
    """Ask as one asks an assistant: the same is claimed."""
    form = COMMANDS[int(rng.integers(len(COMMANDS)))]
    return replace(caption, text=form.format(_bare(caption.text)))


def _paraphrase(caption: Caption, scene: Scene, bank: Bank, rng: np.random.Generator) -> Caption:  # noqa: ARG001
    """Say it in other words, where the writer by rules has any: the same is claimed."""
    found = _writer().write(caption.text).rewrites
    return replace(caption, text=found[0]) if found else caption


def _tags(caption: Caption, scene: Scene, bank: Bank, rng: np.random.Generator) -> Caption:  # noqa: ARG001
    """Name the sounds that are there and no more: nothing else is claimed."""
    there = [one for one in caption.constraints if one.relation not in ABSENT]
    labels = list(dict.fromkeys(label for one in there for label in one.labels))
    drawn = (_drawn(bank.phrases(label, test=True), rng) for label in labels)
    claims = tuple(Constraint("heard", (label,)) for label in labels)
    return Caption(", ".join(tag(phrase) for phrase in drawn), "tags", claims)


def _negative(caption: Caption, scene: Scene, bank: Bank, rng: np.random.Generator) -> Caption:
    """Claim too that some sound is not there, which is so."""
    inside = contents(scene, by_group=True)
    groups = {sound.label: sound.group for sound in bank.sounds}
    strangers = [label for label in sorted(groups) if not inside.heard(groups[label])]
    stranger = strangers[int(rng.integers(len(strangers)))]
    phrase = tag(_drawn(bank.phrases(stranger, test=True), rng))
    text = _drawn(DENIALS, rng).format(_bare(caption.text), phrase)
    return Caption(text, "negative", (*caption.constraints, Constraint("without", (stranger,))))


STYLES: dict[str, Style] = {
    "command": _command,
    "paraphrase": _paraphrase,
    "tags": _tags,
    "negative": _negative,
}


@cache
def _writer() -> Rules:
    return open_writer(Wish(count=1))


def _drawn(some: Sequence[str], rng: np.random.Generator) -> str:
    return some[int(rng.integers(len(some)))]


def _bare(text: str) -> str:
    """A caption as it stands within a sentence."""
    return f"{text[0].lower()}{text[1:]}".rstrip(".")
