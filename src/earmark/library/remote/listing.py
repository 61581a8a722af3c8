"""Which sound files lie at addresses: a `Scan` a root, as of folders, so that all else is the same.

    scans(asked, known_roots, exclude=globs, known=recordings) -> one `Scan` a root

The rules are those of `roots.py` and `scan.py`, as far as there is anything like it: a file belongs
to the innermost root that is known, of new ones to the outer, one file to the root around it. What
is hidden by its name is passed over; what was asked for by name, or is known, is taken whatever its
name. There are no links and no drives.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from earmark.errors import EarmarkError
from earmark.library.nouns import Found, Place, Recording
from earmark.library.remote.bucket import Thing, is_there, things
from earmark.library.roots import Area, Top, is_hidden
from earmark.library.scan import Exclude, Scan, is_sound

NO_PATH = "its name has parts that no path has"


def scans(
    asked: Iterable[Path],
    roots: Sequence[Path],
    *,
    exclude: Sequence[str] = (),
    known: Iterable[Recording] = (),
) -> list[Scan]:
    """List what lies at addresses, each of them once."""
    tops = [_Listed.of(top, exclude) for top in _outermost(asked)]
    homes = {root: _Home(root) for root in _homes(tops, roots)}
    names = {one.place.full for one in known}
    for top in tops:
        for root in (_innermost(top.path, homes), *(r for r in homes if top.path in r.parents)):
            homes[root].begin(root if top.path in root.parents else top.path, top)
        for thing in top.things:
            full = top.full(thing)
            homes[_innermost(full.parent if top.is_file else full, homes)].take(thing, top, names)
    return [home.scan() for home in homes.values() if home.tops]


def lists(address: Path) -> bool:
    """Whether there is anything at an address."""
    try:
        return is_there(address)
    except OSError as error:
        raise _unlisted(address, error) from error


class _Listed:
    """An address that was asked for, and what lies there."""

    def __init__(self, path: Path, found: list[Thing], exclude: Sequence[str]) -> None:
        self.path, self.things = path, found
        self.is_file = [thing.path for thing in found] == [""]
        self.folder = path.parent if self.is_file else path
        self.exclude = Exclude.of(self.folder, exclude)

    @classmethod
    def of(cls, path: Path, exclude: Sequence[str]) -> _Listed:
        """List an address; nothing there is no error, and anything else that hinders is one."""
        try:
            return cls(path, [thing for thing in things(path) if not _is_marker(thing)], exclude)
        except FileNotFoundError:
            return cls(path, [], exclude)
        except OSError as error:
            raise _unlisted(path, error) from error

    def full(self, thing: Thing) -> Path:
        """Give the address of a file; of a key that no path has, about."""
        return self.path / thing.path.lstrip("/")


class _Home:
    """What was met of one root."""

    def __init__(self, root: Path) -> None:
        self.tops: dict[Path, Exclude] = {}
        self._root = root
        self._missing: set[Path] = set()
        self._files: list[Found] = []
        self._unread: list[tuple[Path, str]] = []
        self._ignored = 0

    def begin(self, path: Path, top: _Listed) -> None:
        """Note that it was looked for from there."""
        self.tops[path] = top.exclude
        self._missing |= set() if top.things else {path}

    def take(self, thing: Thing, top: _Listed, known: set[Path]) -> None:
        """Take a file, if it is one that is wanted."""
        full = top.full(thing)
        hidden = any(map(is_hidden, thing.path.split("/")))
        if not _is_path(thing.path):
            self._unread.append((full, NO_PATH))
        elif top.exclude.holds(full) or (hidden and full not in known):
            return
        elif top.is_file or full in known or is_sound(full.name):
            place = Place(self._root, full.relative_to(self._root).as_posix())
            self._files.append(Found(place, thing.size, thing.mtime))
        else:
            self._ignored += 1

    def scan(self) -> Scan:
        """Give it as one of a folder."""
        area = Area(self._root, tuple(Top(path, path) for path in self.tops))
        files = sorted(self._files, key=lambda one: one.place.path)
        missing = frozenset(self._missing)
        return Scan(area, self.tops, missing, files, self._ignored, self._unread)


def _homes(tops: Sequence[_Listed], roots: Sequence[Path]) -> list[Path]:
    """Tell which roots there are with those that are new; the outer of these come first."""
    homes = list(roots)
    for folder in sorted((top.folder for top in tops), key=lambda one: len(one.parts)):
        if not any(home in (folder, *folder.parents) for home in homes):
            homes.append(folder)
    return homes


def _innermost(path: Path, roots: Iterable[Path]) -> Path:
    """The innermost root that holds a path, or is it; one does."""
    holding = [root for root in roots if root in (path, *path.parents)]
    return max(holding, key=lambda root: len(root.parts))


def _outermost(asked: Iterable[Path]) -> list[Path]:
    """Leave out what is looked through with another address."""
    tops = set(asked)
    return sorted(top for top in tops if not tops.intersection(top.parents))


def _unlisted(address: Path, error: OSError) -> EarmarkError:
    return EarmarkError(
        f"{address} cannot be listed: {error.strerror or error}",
        hint="check the address, and what the environment says of server and credentials",
    )


def _is_marker(thing: Thing) -> bool:
    """Whether it is nothing but the sign of an empty folder."""
    return thing.path.endswith("/") and not thing.size


def _is_path(key: str) -> bool:
    """Whether a key says the same as a path; it may have empty parts, and dots that lead up."""
    return not key or not any(part in ("", ".", "..") for part in key.split("/"))
