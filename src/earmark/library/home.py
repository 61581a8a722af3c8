"""Where a person's library lies when nobody says otherwise."""

from __future__ import annotations

import os
from pathlib import Path

from earmark.errors import UsageError
from earmark.library.store.served.address import Address

VARIABLE = "EARMARK_LIBRARY"
Home = Path | Address


def library_home(given: str | os.PathLike[str] | Address | None) -> Home:
    """Take what was given, what the environment says, or the person's own data folder."""
    place = given or os.environ.get(VARIABLE)
    if isinstance(place, Address):
        return place
    if isinstance(place, str) and "://" in place:
        return Address.of(place)
    if place:
        return Path(place).absolute()
    from platformdirs import user_data_path

    return user_data_path("earmark") / "library"


def other_folder(given: str | os.PathLike[str]) -> Path:
    """Take the folder, or the file, of another library as it was named, or say that it is none."""
    return library_folder(given) if "://" in str(given) else Path(given)


def library_folder(given: str | os.PathLike[str] | Address | None) -> Path:
    """Take a library that must be a folder, or say that it is none."""
    home = library_home(given)
    if isinstance(home, Address):
        raise UsageError(
            f"this works with a library in a folder, and {home} is on a server",
            hint="name a folder, by --library or otherwise; docs/served.md says what servers do",
        )
    return home
