"""From what a person calls a model to its folder: a name of the package, or a folder anywhere."""

from __future__ import annotations

import os
from pathlib import Path

from earmark.errors import UsageError
from earmark.model.bundle import PAGE

DEFAULT = "earmark-small"
HOME = Path(__file__).parents[1] / "bundles"  # to ask importlib.resources would take 10 ms


def packaged() -> dict[str, Path]:
    """Folders of the bundles that come with the package, by name."""
    return {page.parent.name: page.parent for page in sorted(HOME.glob(f"*/{PAGE}"))}


def find_bundle(model: str | os.PathLike[str]) -> Path:
    """Give the folder of a model; a packaged name wins over a folder of that name here.

    Write `./name` for the folder.
    """
    known = packaged()
    if isinstance(model, str) and model in known:
        return known[model]
    folder = Path(model)
    if (str(model) and folder.is_dir()) or not _is_name(model):
        return folder
    from difflib import get_close_matches

    close = get_close_matches(str(model), known, n=1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    there = ", ".join(known) or "no model comes with this installation"
    raise UsageError(
        f"no model is called {str(model)!r}",
        hint=f"{guess}packaged are: {there}" if known else f"{there}: name the folder of a bundle",
    )


def _is_name(model: str | os.PathLike[str]) -> bool:
    """Whether it can only be a name: text without a folder in it."""
    return isinstance(model, str) and Path(model).name == model
