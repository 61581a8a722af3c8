"""The card of a model: what it is, what it learned from, what was measured and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from earmark.model.page import Page


def card(page: Page) -> str:
    """Write the card of a bundle as Markdown."""
    does = "finds sounds with words" if page.text else "hears sounds; it reads no words"
    parts = [
        f"# {page.name}",
        f"A model of earmark that {does}.",
        _facts(page),
        "## What it learned from",
        _table(page.data, "what", "which"),
        "## What was measured",
        _results(page.results),
        "## How it was trained",
        f"By this recipe, with `earmark train`:\n\n```toml\n{page.recipe.strip()}\n```",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


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
