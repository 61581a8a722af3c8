"""Caption writers: other sentences that say what a caption says.

A writer is given one sentence and gives rewrites of it; what it gives is never trusted, but checked
(`facts.py`). To add one: write the file, with a function `open_writer`, and add a row to `WRITERS`.

    rules.py      by rules and a table of words, needs nothing     shapes.py  what may stand where
    endpoint.py   by a language model behind an address like OpenAI's     prompt.py chat.py pace.py
    words.py      which words name which sound, and which stand for each other (words.csv)
    facts.py      refuses a rewrite that drops or adds a sound     order.py   what comes first
    written.py    rewrites on disk, one line a sentence; a run that is stopped goes on
    rewrites.py   rewrites of the captions that a recipe learns from
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import NamedTuple, Protocol

from earmark.lab.strict import refuse, unknown

WRITERS = ("rules", "endpoint")  # each a module of this room with `open_writer`
KEY_FROM = "EARMARK_WRITER_KEY"


class Reply(NamedTuple):
    """What a writer gave for one sentence."""

    rewrites: tuple[str, ...]
    fault: str = ""  # why there are none, if there are none


class Writer(Protocol):
    """Writes; threads may ask it for several sentences at a time."""

    name: str  # what its rewrites depend on, beside the sentence
    at_once: int  # sentences that it may be asked for at a time

    def write(self, sentence: str) -> Reply:
        """Give as many rewrites as were wished for, or fewer, each another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is wanted of a writer; a writer leaves alone what is not for it."""

    count: int = 5  # rewrites of a sentence
    seed: int = 0  # of rules
    url: str = ""  # of an endpoint, up to its `/v1`
    model: str = ""
    key_from: str = KEY_FROM  # the environment variable that holds the key
    per_minute: float = 60.0  # requests at most
    at_once: int = 4  # requests under way at most
    timeout: float = 60.0  # seconds that an answer may keep silent

    def __post_init__(self) -> None:
        faults = [
            (f"{self.count} rewrites of a sentence", self.count < 1),
            (f"a seed of {self.seed}", self.seed < 0),
            (f"{self.per_minute} requests a minute", not self.per_minute > 0),
            (f"{self.at_once} requests at once", self.at_once < 1),
            (f"a timeout of {self.timeout} seconds", not self.timeout > 0),
        ]
        refuse(faults, "say a number above 0; a seed may be 0")


def new_writer(name: str, wish: Wish) -> Writer:
    """Open a writer by its name."""
    if name not in WRITERS:
        raise unknown(f"there is no caption writer {name!r}", name, list(WRITERS))
    module = import_module(f"earmark.lab.writers.{name}")
    writer: Writer = module.open_writer(wish)
    return writer
