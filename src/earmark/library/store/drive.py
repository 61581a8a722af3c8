"""What a drive allows: whether a folder may be written to, and whether it lies on a network."""

from __future__ import annotations

import os
from pathlib import Path

NETWORK = (
    "nfs",
    "cifs",
    "smb",
    "afs",
    "9p",
    "fuse.sshfs",
    "fuse.rclone",
    "davfs",
    "ceph",
    "glusterfs",
)
MOUNTS = Path("/proc/self/mounts")


def is_writable(folder: Path) -> bool:
    """Whether new files may be made in a folder."""
    return os.access(folder, os.W_OK | os.X_OK)


def is_remote(folder: Path) -> bool:
    """Whether a folder lies on another machine, as far as the system tells."""
    path = os.fspath(folder.resolve())
    if path.startswith("\\\\"):
        return True
    kind = _kind_of(path)
    return any(kind == name or kind.startswith(name) for name in NETWORK)


def _kind_of(path: str) -> str:
    """The file system that a path lies on, by Linux' table of mounts; empty elsewhere."""
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    best, found = "", ""
    for line in lines:
        _, point, kind, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, found = point, kind
    return found
