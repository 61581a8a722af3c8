"""A bundle is written with what it makes of a sound and a sentence: anyone can verify it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from earmark.model.bundle import Bundle, write_bundle
from earmark.model.golden import record
from earmark.model.model import Model
from earmark.model.page import CARD, GOLDEN, Page
from earmark.synth import make

SENTENCE = "rain on a tin roof, then a dog barking in the distance"


def write_proven(folder: Path, page: Page, contents: Mapping[str, bytes], says: str) -> Bundle:
    """Write a bundle with its card, and what it makes of a sound and a sentence as the proof."""
    wave = make("dog_bark", 5, seconds=3.0, rate=page.rate)
    sentence = SENTENCE if page.text else ""
    golden = record(Model(page, contents.__getitem__), wave, sentence)
    return write_bundle(folder, page, {**contents, GOLDEN: golden, CARD: says.encode()})
