"""To which root a path belongs, so that no file is ever in a library twice.

    areas(asked, known_roots) -> what to scan: one `Area` a root; no file is in two of them

A *root* is a folder that was asked for; the places of its recordings are told from there. Roots may
lie inside one another, and are settled so:

- A path belongs to the innermost root that is known already and whose scan would come to it. So
  asking for a folder of a known root makes no new root, and asking for a folder around a known root
  leaves that one what it is: its files stay its own, and are looked at too.
- Of roots that are all new, the outer one wins.
- A hidden folder, and another drive, are not reached from outside: asked for, each is a root of its
  own. (A drive that a scan comes upon becomes one as well: unplugged, it is seen to be away.)
- One file is looked at in the root of its folder.
- A folder is the same by whatever name: links are resolved, and of a folder that is known under
  another spelling the known one is kept.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from earmark.library.remote.address import is_remote

FolderId = tuple[int, int] | str

# Where systems keep what was thrown away, old states, and thumbnails; the names in small letters.
BACK_ROOMS = frozenset(
    {"$recycle.bin", "system volume information", "lost+found", "#recycle", "#snapshot"}
    | {"@recycle", "@eadir"}
)


@dataclass(frozen=True, slots=True)
class Top:
    """Where to begin: a root, a folder in it, or one file."""

    path: Path
    base: Path  # the folder that was asked for; what is excluded is told from there


@dataclass(frozen=True, slots=True)
class Area:
    """What one scan looks through: parts of a root, or all of it."""

    root: Path
    tops: tuple[Top, ...]
    apart: tuple[Path, ...] = ()  # roots inside, which have areas of their own


def areas(asked: Iterable[Path], known: Sequence[Path] = ()) -> list[Area]:
    """Tell what to scan for the paths a person asked for, given the roots of the library."""
    homes, found = _Homes(known), dict[Path, dict[Path, Top]]()
    for path in sorted({real(path) for path in asked}, key=_depth):
        one_file = path.is_file()
        root, there = homes.place(path, one_file=one_file)
        tops = found.setdefault(root, {})
        if there in tops or (not one_file and any(above in tops for above in there.parents)):
            continue  # it is looked at anyway; a file of any name, only if it was asked for
        top = Top(there, there.parent if one_file else there)
        tops[there] = top
        for inner in () if one_file else _inside(there, root, known):
            found.setdefault(inner, {}).setdefault(inner, Top(inner, top.base))
    return [
        Area(root, tuple(tops.values()), _inside(root, root, homes.roots))
        for root, tops in found.items()
    ]


def real(path: Path) -> Path:
    """Give the absolute path without links; of what is not there, as far as there is anything."""
    return path if is_remote(path) else Path(os.path.realpath(path))


def names_of(path: Path) -> set[Path]:
    """Give the names that a path can have in a library.

    That is the real one; and as it was written, since a folder that was indexed on another machine
    may be a link on this one, or have a name that is none here.
    """
    return {real(path), path} if path.parts else {real(path)}  # "." is here, and nowhere else


def is_hidden(name: str) -> bool:
    """Whether a file or folder is not meant to be seen."""
    return name.startswith(".") or name.lower() in BACK_ROOMS


def drive_of(info: os.stat_result) -> int:
    """The drive that a file or folder lies on."""
    return info.st_dev


def folder_id(path: str, info: os.stat_result) -> FolderId:
    """Give what stays the same by whatever name a folder is called."""
    return (info.st_dev, info.st_ino) if info.st_ino else os.path.realpath(path)


def id_of(path: Path) -> FolderId:
    """Give what tells a folder from all others; of one that is not there, its path."""
    try:
        return folder_id(str(path), path.stat())
    except OSError:
        return str(path)


class _Homes:
    """The roots so far, by all the names they have."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self.roots: list[Path] = []
        self._called: dict[FolderId, Path] = {}
        self._found: dict[Path, tuple[Path, Path]] = {}
        self._names: dict[Path, frozenset[str]] = {}
        for root in roots:
            self._add(root)

    def place(self, path: Path, *, one_file: bool) -> tuple[Path, Path]:
        """Tell the root of a path, and the path as it is told from there."""
        folder = path.parent if one_file else path
        if folder not in self._found:
            self._found[folder] = self._look_up(folder)
        root, above = self._found[folder]
        there = root
        for part in path.relative_to(above).parts:
            there /= self._as_listed(there, part)
        return root, there

    def _look_up(self, folder: Path) -> tuple[Path, Path]:
        """Find the innermost root that reaches a folder, and how it is called; or add it as one."""
        for above in (folder, *folder.parents):
            root = self._called.get(str(above)) or self._called.get(id_of(above))
            if root is not None and _reaches(above, folder):
                return root, above
            if root is not None:
                break
        self._add(folder)
        return folder, folder

    def _as_listed(self, folder: Path, name: str) -> str:
        """Write a name with the letters of the drive, where that takes others too."""
        if folder not in self._names:
            self._names[folder] = _names(folder)
        names = self._names[folder]
        if name in names:
            return name
        alike = (one for one in names if _plain(one) == _plain(name))
        return next((one for one in alike if _is_one(folder / one, folder / name)), name)

    def _add(self, root: Path) -> None:
        self.roots.append(root)
        self._called.setdefault(id_of(root), root)
        self._called[str(root)] = root


def _reaches(root: Path, folder: Path) -> bool:
    """Whether the scan of a root comes to a folder inside it, and still belongs to the root."""
    if any(is_hidden(part) for part in folder.relative_to(root).parts):
        return False
    try:
        return drive_of(root.stat()) == drive_of(folder.stat())
    except OSError:
        return True


def _names(folder: Path) -> frozenset[str]:
    try:
        return frozenset(path.name for path in folder.iterdir())
    except OSError:
        return frozenset()


def _is_one(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _inside(top: Path, own: Path, roots: Iterable[Path]) -> tuple[Path, ...]:
    """List the roots strictly inside a folder, outer ones first."""
    true = real(top)
    inside = [root for root in roots if root != own and true in real(root).parents]
    return tuple(sorted(inside, key=_depth))


def _depth(path: Path) -> tuple[int, str]:
    return len(path.parts), str(path)
