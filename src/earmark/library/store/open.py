"""Opens a library by where it is: a folder, or an address on a server."""

from __future__ import annotations

from pathlib import Path

from earmark.library.nouns import Identity
from earmark.library.store.contract import Store
from earmark.library.store.local import LocalStore
from earmark.library.store.served.address import Address


def open_store(home: Path | Address) -> Store:
    """Open a library; raise if there is none."""
    if isinstance(home, Path):
        return LocalStore.open(home)
    from earmark.library.store.served.store import ServedStore

    return ServedStore.open(home)


def create_store(home: Path | Address, identity: Identity, *, keeps_tokens: bool = True) -> Store:
    """Make a library; raise if there is one."""
    if isinstance(home, Path):
        return LocalStore.create(home, identity, keeps_tokens=keeps_tokens)
    from earmark.library.store.served.store import ServedStore

    return ServedStore.create(home, identity, keeps_tokens=keeps_tokens)


def is_made(home: Path | Address) -> bool:
    """Whether there is a library; one whose making was cut short is none."""
    if isinstance(home, Path):
        return _is_made_in(home)
    from earmark.library.store.served.store import is_made as is_served

    return is_served(home)


def _is_made_in(folder: Path) -> bool:
    from contextlib import closing

    from earmark.library.store.database import NAME
    from earmark.library.store.rows import Rows

    if not (folder / NAME).is_file():
        return False
    with closing(Rows(folder, reads_only=True)) as rows:
        return rows.identity() is not None
