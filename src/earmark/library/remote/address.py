"""An address of files beyond the file system, `s3://bucket/prefix`, as a path among paths.

Everything that only names files (roots, places, hits, filters) takes an address for a path, which
says itself as it was typed. Nothing is at an address for the file system, and nothing here asks
the network: `bucket.py` does.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    Local = Path
else:  # the kind of path of this system: Python 3.11 lets nobody build upon `Path` itself
    Local = type(Path())
AnyPath = str | os.PathLike[str]

SCHEME = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]+)://")  # two letters at least: no drive's name
SAID = re.compile(r"^([a-z][a-z0-9+.-]+):/+")  # as a path keeps it


class Address(Local):
    """Says itself with both slashes; the file system knows nothing of it."""

    def __str__(self) -> str:
        return SAID.sub(r"\1://", super().__str__().replace("\\", "/"))

    def as_posix(self) -> str:
        """It has no other form."""
        return str(self)

    def is_absolute(self) -> bool:
        """It means the same wherever one stands."""
        return True

    def absolute(self) -> Address:
        """It is so already."""
        return self

    def resolve(self, strict: bool = False) -> Address:  # noqa: ARG002 - as pathlib has it
        """No link leads elsewhere."""
        return self

    def stat(self, *, follow_symlinks: bool = True) -> NoReturn:  # noqa: ARG002 - as pathlib has it
        """There is no such file in the file system, even if a folder here were called `s3:`."""
        raise FileNotFoundError(errno.ENOENT, "it does not lie in the file system", str(self))


def as_place(path: AnyPath) -> Path:
    """Take a text that begins like `s3://` for an address, and any other for a path."""
    if isinstance(path, Path):
        return path
    text = os.fspath(path)
    return Address(text) if SCHEME.match(text) else Path(text)


def is_remote(path: Path) -> bool:
    """Whether a path is an address."""
    return isinstance(path, Address)


def apart(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Tell paths from addresses: -> both."""
    return [p for p in paths if not is_remote(p)], [p for p in paths if is_remote(p)]
