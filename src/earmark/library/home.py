"""Where a person's library lies when nobody says otherwise."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "EARMARK_LIBRARY"


def library_folder(given: str | os.PathLike[str] | None) -> Path:
    """Take what was given, what the environment says, or the person's own data folder."""
    place = given or os.environ.get(VARIABLE)
    if place:
        return Path(place).absolute()
    from platformdirs import user_data_path

    return user_data_path("earmark") / "library"
