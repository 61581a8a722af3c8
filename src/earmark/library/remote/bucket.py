"""What lies at an address, by `fsspec`: files with their sizes and times, and copies of them.

Who may read, and from which server, is told as everywhere: by the environment and the files that
`fsspec` and the package behind a scheme look into (for S3 those of boto: AWS_PROFILE,
AWS_ENDPOINT_URL and the others). What the network refuses is an `OSError` to whoever asks.

A file that changed has another time. Where a server gives whole seconds and a tag of the content
(S3: `LastModified` and `ETag`), the tag stands in the place of the fraction of the second, so that
a file that was written over within one second is seen to be another.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from earmark.errors import MissingExtraError, UsageError, require

TIMES = ("LastModified", "last_modified", "mtime", "updated", "created")  # as servers call it
TAGS = ("ETag", "etag")
SECOND = 1_000_000_000  # ns


@dataclass(frozen=True, slots=True)
class Thing:
    """A file at an address."""

    path: str  # from the address that was listed, with slashes; empty: that is the file
    size: int  # bytes
    mtime: int  # nanoseconds


def is_there(address: Path) -> bool:
    """Whether there is a file, or anything below it."""
    system, path = _system(address)
    with _told(address):
        return bool(system.exists(path))


def things(address: Path) -> list[Thing]:
    """List a file, or all files below an address; none: there is nothing."""
    system, path = _system(address)
    with _told(address):
        found: dict[str, Mapping[str, Any]] = system.find(path, detail=True)
    top = path.rstrip("/")
    return [
        Thing(name.removeprefix(top).removeprefix("/"), *_state(info))
        for name, info in found.items()
    ]


def state(address: Path) -> tuple[int, int]:
    """Tell a file's size and time as they are now, or raise `FileNotFoundError`."""
    system, path = _system(address)
    with _told(address):
        info = system.info(path)
    if info.get("type") != "file":
        raise FileNotFoundError(errno.ENOENT, "it is no file", str(address))
    return _state(info)


@contextmanager
def copied(address: Path) -> Iterator[Path]:
    """Bring a file into a folder of its own, by its own name, for as long as it is needed."""
    system, path = _system(address)
    with TemporaryDirectory(prefix="earmark-", ignore_cleanup_errors=True) as folder:
        here = Path(folder) / address.name
        with _told(address):
            system.get_file(path, str(here))
        yield here


def _system(address: Path) -> tuple[Any, str]:
    """Give what reads an address, and the path in it; listings are not kept, since files change."""
    require("fsspec", extra="scale")
    from fsspec.core import url_to_fs

    text = str(address)
    try:
        system, path = url_to_fs(text, use_listings_cache=False)
    except ImportError as error:
        raise MissingExtraError(
            f"{text} cannot be read: {_first_line(error)}",
            hint='install what reads it; for s3: pip install "earmark[scale]"',
        ) from error
    except ValueError as error:
        raise UsageError(
            f"{text} cannot be read: {_first_line(error)}",
            hint="give a folder, or an address as s3://bucket/prefix",
        ) from error
    if "file" in system.protocol:
        raise UsageError(
            f"{text} lies in the file system", hint="give its path, without the scheme"
        )
    return system, str(path)


@contextmanager
def _told(address: Path) -> Iterator[None]:
    """Let every refusal be an `OSError`; packages behind a scheme have many of their own."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(errno.EIO, _first_line(error), str(address)) from error


def _state(info: Mapping[str, Any]) -> tuple[int, int]:
    """Tell size and time from what a server says of a file."""
    when = next((info[name] for name in TIMES if info.get(name) is not None), 0)
    tag = next((str(info[name]) for name in TAGS if info.get(name)), "")
    mtime = _nanoseconds(when)
    if tag:
        drawn = int.from_bytes(blake2b(tag.encode(), digest_size=8).digest(), "big")
        mtime = mtime // SECOND * SECOND + drawn % SECOND
    return int(info.get("size") or 0), mtime


def _nanoseconds(when: object) -> int:
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when)
        except ValueError:
            return 0
    if isinstance(when, datetime):
        when = when.timestamp()
    return round(float(when) * 1_000_000) * 1000 if isinstance(when, int | float) else 0


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
