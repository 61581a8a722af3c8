"""The card of a model: what it is, what it learned from, what was measured and how."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from earmark.lab.words.sources import SOURCES
from earmark.model.page import Page

ROW = "| {} | {} | {} | {} |"
CLIPS = (
    "recordings and the captions that they have",
    "as each row says; `use=free` is CC0, public domain, CC BY, CC BY-SA, GPL game data, Pixabay",
    "a data folder in the layout of docs/data.md",
)
MADE = ("made by code: sounds, and scenes of sounds", "Apache-2.0", "the earmark package")
TEACHERS = {
    "efficientat_mn04": ("MIT", "https://github.com/fschmid56/EfficientAT"),
    "yamnet": ("Apache-2.0", "https://github.com/tensorflow/models"),
    "minilm": ("Apache-2.0", "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2"),
}


def card(page: Page) -> str:
    """Write the card of a bundle as Markdown."""
    does = "finds sounds with words" if page.text else "hears sounds; it reads no words"
    parts = [
        f"# {page.name}",
        f"A model of earmark that {does}.",
        _facts(page),
        "## What it learned from",
        _table(page.data, "what", "which"),
        sources_of(page),
        "## What was measured",
        _results(page.results),
        "## How it was trained",
        f"By this recipe, with `earmark train`:\n\n```toml\n{page.recipe.strip()}\n```",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def sources_of(page: Page) -> str:
    """Name every source with its licence and its home; what a teacher says is a source too."""
    rows = list(_sources(page))
    head = [ROW.format("source", "what", "licence", "home"), ROW.format(*["---"] * 4)]
    return "\n".join([*head, *(ROW.format(*row) for row in rows)]) if rows else ""


def _sources(page: Page) -> Iterator[tuple[str, str, str, str]]:
    """Of the run itself and of the ears and words that it began with, whose data is no other."""
    if any(str(spec).startswith("clips:") for spec in page.data.get("train", ())):
        yield ("clips", *CLIPS)
    if page.data.get("synthetic") or page.data.get("scenes"):
        yield ("synthetic", *MADE)
    for name in page.data.get("sentences", ()):
        one = SOURCES.get(str(name))
        if one is not None:
            yield str(name), one.what, one.licence, one.home
    for side, name in tomllib.loads(page.recipe).get("teachers", {}).items():
        licence, home = TEACHERS.get(name, ("see its home", "see lab/experts"))
        yield name, f"its answers on all of the above, as the teacher of {side}", licence, home


def _facts(page: Page) -> str:
    times = page.seconds
    rows = {
        "licence": page.licence,
        "languages": ", ".join(page.languages) or "none",
        "vectors": f"{page.width} numbers, a token every {times.token} s, "
        f"a searched window of {times.window} s every {times.hop} s",
        "input": f"mono at {page.rate:,} Hz, {page.samples / page.rate:.2f} s at once",
        "weights": page.weights,
        "reranks": "yes" if page.rerank else "no",
        "confidence": _calibration(page.calibration),
        "names classes": str(len(page.classes)) if page.classes else "no",
    }
    return _table(rows, "", "")


def _calibration(told: Mapping[str, Any] | None) -> str:
    """Say on what confidence was fitted."""
    if told is None:
        return "not calibrated: a plain rule stands in, and nothing is refused"
    seen = told.get("fitted", {})
    return f"fitted on {seen.get('clips', 0):,} clips and {seen.get('scenes', 0):,} scenes"


def _results(results: Mapping[str, Any]) -> str:
    """Write each group of figures with the command that prints it."""
    if not results:
        return "Nothing yet."
    out = []
    for name, group in results.items():
        values = dict(group) if isinstance(group, Mapping) else {"value": group}
        command = values.pop("command", "")
        out.append(f"### {name}")
        if command:
            out.append(f"`{command}`")
        out.append(_table(values, "figure", "value"))
    return "\n\n".join(out)


def _table(rows: Mapping[str, Any], left: str, right: str) -> str:
    lines = [f"| {left} | {right} |", "|---|---|"]
    lines += [f"| {name} | {_cell(value)} |" for name, value in rows.items()]
    return "\n".join(lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or "none"
    return str(value)
