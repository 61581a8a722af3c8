"""From what a person calls a model to its folder: a name of the package or of the hub, or a folder.

Nothing is downloaded here; a model of the hub is found once `earmark model pull` has brought it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from earmark.errors import UsageError
from earmark.model.bundle import PAGE

DEFAULT = "earmark-small"
HOME = Path(__file__).parents[1] / "bundles"  # to ask importlib.resources would take 10 ms
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")  # owner/name
VARIABLE = "EARMARK_MODELS"  # names another folder for what is pulled


def packaged() -> dict[str, Path]:
    """Folders of the bundles that come with the package, by name."""
    return {page.parent.name: page.parent for page in sorted(HOME.glob(f"*/{PAGE}"))}


def pulled_folder(name: str) -> Path:
    """Give the place of a model of the hub, whether it is there or not."""
    return _models() / name.replace("/", "--")


def pulled() -> dict[str, Path]:
    """Folders of the bundles that were pulled from the hub, by name."""
    there = sorted(_models().glob(f"[!.]*--*/{PAGE}"))
    return {page.parent.name.replace("--", "/", 1): page.parent for page in there}


def find_bundle(model: str | os.PathLike[str]) -> Path:
    """Give the folder of a model; a packaged name wins over a folder of that name here.

    Write `./name` for the folder. A folder wins over a pulled model.
    """
    known = packaged()
    if isinstance(model, str) and model in known:
        return known[model]
    folder = Path(model)
    if str(model) and folder.is_dir():
        return folder
    if isinstance(model, str) and HUB_NAME.fullmatch(model) and not folder.exists():
        return _pulled(model)
    if not _is_name(model):
        return folder
    from difflib import get_close_matches

    close = get_close_matches(str(model), known, n=1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    there = ", ".join(known) or "no model comes with this installation"
    raise UsageError(
        f"no model is called {str(model)!r}",
        hint=f"{guess}packaged are: {there}" if known else f"{there}: name the folder of a bundle",
    )


def _models() -> Path:
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE]).absolute()
    from platformdirs import user_data_path

    return user_data_path("earmark") / "models"


def _pulled(name: str) -> Path:
    folder = pulled_folder(name)
    if not (folder / PAGE).is_file():
        raise UsageError(
            f"no folder and no pulled model is called {name!r}",
            hint=f"bring it from the hub with: earmark model pull {name}",
        )
    return folder


def _is_name(model: str | os.PathLike[str]) -> bool:
    """Whether it can only be a name: text without a folder in it."""
    return isinstance(model, str) and Path(model).name == model
