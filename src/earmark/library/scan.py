"""Which sound files lie in a folder: names, sizes and times; no file is opened.

    scan(folder) -> Scan                         of a folder, or one file, by itself
    scan(area, exclude=globs, known=recordings)  of an area of `roots.areas`, in an index run

What is met is never an exception: what may not be looked at is in `Scan.unread`, what is not there
in `Scan.missing`. The rules:

- Files are taken by their suffix. One that was asked for by name, or is known, is taken whatever
  its name.
- Hidden files and folders (`.x`, and where systems keep what was thrown away) are passed over,
  unless asked for.
- A glob of `exclude` stands for a path from the folder that was asked for, for the name of a file
  or of any folder on the way, or (from a slash on) for a whole path. Case does not matter.
- A link counts only if it leads to what lies inside the same root and is not met there by itself:
  hidden, or (a file) without a suffix of sound. A folder is looked through once, so loops end.
- Another drive inside a root is a root of its own (see `roots`).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import translate
from pathlib import Path

from earmark.audio import claims
from earmark.library.nouns import Found, Place, Recording
from earmark.library.roots import (
    Area,
    FolderId,
    areas,
    drive_of,
    folder_id,
    id_of,
    is_hidden,
    real,
)

MORE = """
3ga 8svx aa aa3 aax adx aea amr amv ape at3 avr awb bonk caff dff divx dsf dss dts dtshd dv dvr-ms
f4a f4b f4v g722 gsm gxf hca ircam isma ismv laf lc3 m1a m2a m2t mj2 mk3d mlp mmf mp+
mp1 mpa mpc mpeg mpg mxf nist nut ogx oma omg osq paf pvf qoa ra rka rm rmvb sds shn sph svx tak thd
truehd tta vob voc vqf wsd wtv wve xwma
"""
SUFFIXES = frozenset(" ".join([*claims.SUFFIXES.values(), MORE]).split())
LATEST = 2**63 - 1  # ns; a database takes no later time, and broken files have them


@dataclass(frozen=True, slots=True)
class Exclude:
    """What a person does not want to have looked at."""

    base: str  # the folder that globs are told from, with slashes
    parts: re.Pattern[str]
    whole: re.Pattern[str]  # globs that are told from nowhere

    @classmethod
    def of(cls, base: Path, globs: Sequence[str]) -> Exclude:
        """Read globs as a shell would, but that `*` takes slashes too."""
        plain = [glob.replace(os.sep, "/").removeprefix("./").rstrip("/") for glob in globs]
        whole = [glob for glob in plain if Path(glob).is_absolute()]
        parts = [glob for glob in plain if glob not in whole]
        parts += [glob.removeprefix("**/") for glob in parts]
        return cls(base.as_posix().rstrip("/") + "/", _any(parts), _any(whole))

    def means(self, full: str) -> bool:
        """Whether a file or folder is named by a glob; slashes in its path."""
        if not full.startswith(self.base):
            return False
        ways = (full[len(self.base) :], full.rpartition("/")[2])
        return any(map(self.parts.match, ways)) or bool(self.whole.match(full))

    def holds(self, full: Path) -> bool:
        """Whether a file or folder is named, or any folder on the way to it."""
        return any(self.means(path.as_posix()) for path in (full, *full.parents))


@dataclass(frozen=True, slots=True)
class Scan:
    """What lies in an area."""

    area: Area
    tops: dict[Path, Exclude]  # where it began, and what was left out from there
    missing: frozenset[Path]  # those of the tops that are not there
    files: list[Found]  # by path
    ignored: int  # files that are not sound by their names
    unread: list[tuple[Path, str]]  # what could not be looked at, and why

    @property
    def root(self) -> Path:
        """The folder that its files are told from."""
        return self.area.root

    @property
    def there(self) -> bool:
        """Whether there was anything to look at."""
        return len(self.missing) < len(self.tops)

    def top_of(self, path: Path) -> Path | None:
        """From where it would have come to a file; None if it has not looked there."""
        return next((one for one in (path, *path.parents) if one in self.tops), None)


def scan(
    where: Path | Area, *, exclude: Sequence[str] = (), known: Iterable[Recording] = ()
) -> Scan:
    """Look through a folder or at one file, or through an area."""
    area = areas([where])[0] if isinstance(where, Path) else where
    walk = _Walk(area, known)
    tops = {top.path: Exclude.of(top.base, exclude) for top in area.tops}
    missing = frozenset(top for top, leave_out in tops.items() if not walk.begin(top, leave_out))
    files = sorted(walk.files.values(), key=lambda one: (str(one.place.root), one.place.path))
    return Scan(area, tops, missing, files, walk.ignored, walk.unread)


def mtime_of(info: os.stat_result) -> int:
    """When a file was changed last, in nanoseconds that a database can keep."""
    return max(-LATEST, min(info.st_mtime_ns, LATEST))


def is_sound(name: str) -> bool:
    """Whether a file is sound, or a video, by its name."""
    stem, _, suffix = name.rpartition(".")
    return bool(stem) and suffix.lower() in SUFFIXES


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder that is looked through."""

    full: str
    root: Path  # that it belongs to
    path: str  # from there, with slashes; empty: the root itself
    drive: int | None = None  # of the folder around it
    linked: bool = False  # a link led here

    def way(self, name: str) -> str:
        return f"{self.path}/{name}" if self.path else name

    def inner(self, name: str) -> _Folder:
        return _Folder(os.path.join(self.full, name), self.root, self.way(name), self.drive)  # noqa: PTH118 - a million times


class _Walk:
    """One way through an area, and what was met on it."""

    def __init__(self, area: Area, known: Iterable[Recording]) -> None:
        self.files: dict[Place, Found] = {}
        self.ignored = 0
        self.unread: list[tuple[Path, str]] = []
        self._root = area.root
        self._exclude = Exclude.of(area.root, ())
        places = (recording.place for recording in known)
        self._odd = {one.path for one in places if one.root == area.root and _is_odd(one.path)}
        self._apart = {id_of(root): real(root) for root in area.apart}
        self._seen: dict[FolderId, str] = {}

    def begin(self, top: Path, exclude: Exclude) -> bool:
        """Look through a part of the area: -> whether there is anything."""
        self._exclude = exclude
        way = top.relative_to(self._root).as_posix()
        try:
            info = top.stat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            self._miss(str(top), error)
            return True
        if exclude.holds(top):
            return True
        if stat.S_ISREG(info.st_mode):
            self._take(Place(self._root, way), info)
            return True
        self._go_through(_Folder(str(top), self._root, "" if way == "." else way))
        return True

    def _go_through(self, top: _Folder) -> None:
        """Look through a folder and all that are in it, in order of their names."""
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            try:
                waiting += reversed(self._look_into(folder))
            except OSError as error:
                self._miss(folder.full, error)

    def _look_into(self, folder: _Folder) -> list[_Folder]:
        """Take the files of one folder: -> the folders in it."""
        entered, inner = self._enter(folder), list[_Folder]()
        if entered is None:
            return []
        with os.scandir(entered.full) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
        for entry in entries:
            try:
                inner += self._meet(entered, entry)
            except OSError as error:
                self._miss(entry.path, error)
        return inner

    def _enter(self, folder: _Folder) -> _Folder | None:
        """Leave out a folder that is looked through elsewhere; begin a root on another drive."""
        info = Path(folder.full).stat()
        this, drive = folder_id(folder.full, info), drive_of(info)
        if this in self._apart:
            return None
        before = self._seen.setdefault(this, folder.full)
        if before != folder.full:
            if not folder.linked:
                self.unread.append((Path(folder.full), f"it is the same folder as {before}"))
            return None
        if folder.drive not in (None, drive):
            return _Folder(folder.full, Path(folder.full), "", drive)
        return _Folder(folder.full, folder.root, folder.path, drive)

    def _meet(self, folder: _Folder, entry: os.DirEntry[str]) -> list[_Folder]:
        """Take a file; give a folder to look into."""
        name = entry.name
        hidden = is_hidden(name)
        wanted = (is_sound(name) and not hidden) or self._is_known(folder, name)
        if (hidden and not wanted) or self._exclude.means(entry.path.replace(os.sep, "/")):
            return []
        if entry.is_symlink():
            return self._follow(folder, name, wanted=wanted)
        if entry.is_dir(follow_symlinks=False):
            return [folder.inner(name)]
        if wanted and entry.is_file(follow_symlinks=False):
            self._take(Place(folder.root, folder.way(name)), entry.stat(follow_symlinks=False))
        else:
            self.ignored += 1
        return []

    def _follow(self, folder: _Folder, name: str, *, wanted: bool) -> list[_Folder]:
        """Go where a link leads, if that is inside the root and not met there by itself."""
        link = folder.inner(name)
        target = real(Path(link.full))
        way = self._way_inside(folder.root, target)
        if way is None or not target.exists():
            return []
        hidden = any(map(is_hidden, way.parts))
        if target.is_dir():
            return [_Folder(link.full, link.root, link.path, linked=True)] if hidden else []
        if wanted and target.is_file() and (hidden or not is_sound(target.name)):
            self._take(Place(link.root, link.path), target.stat())
        return []

    def _way_inside(self, root: Path, target: Path) -> Path | None:
        """The way from a root to what belongs to it, and is not to be left out."""
        true = real(root)
        others = self._apart.values()
        if true not in target.parents or any(one in (target, *target.parents) for one in others):
            return None
        way = target.relative_to(true)
        return None if self._exclude.holds(root / way) else way

    def _is_known(self, folder: _Folder, name: str) -> bool:
        return bool(self._odd) and folder.root == self._root and folder.way(name) in self._odd

    def _take(self, place: Place, info: os.stat_result) -> None:
        self.files[place] = Found(place, info.st_size, mtime_of(info))

    def _miss(self, path: str, error: OSError) -> None:
        self.unread.append((Path(path), error.strerror or type(error).__name__))


def _any(globs: list[str]) -> re.Pattern[str]:
    """Make one pattern of globs, in capitals or not; of none, one that fits nothing."""
    one = "|".join(translate(glob) for glob in globs if glob)
    return re.compile(one or "(?!)", re.IGNORECASE)


def _is_odd(path: str) -> bool:
    """Whether a scan would pass over a file by its name."""
    name = path.rpartition("/")[2]
    return is_hidden(name) or not is_sound(name)
