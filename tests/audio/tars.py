"""Plain tars written byte by byte, so that where everything lies in them is known by hand."""

from collections.abc import Mapping
from pathlib import Path

FILE, HARD_LINK, LINK, DEVICE, FOLDER = b"0", b"1", b"2", b"3", b"5"
END = bytes(1024)


def header(name: str, size: int, kind: bytes = FILE, link: str = "") -> bytes:
    """512 bytes: name, rights, owner, group, size, time, sum of all bytes, kind, link, mark."""
    before = name.encode().ljust(100, b"\0") + b"0000644\0" + 2 * b"0000000\0"
    before += b"%011o\0" % size + b"%011o\0" % 0
    after = kind + link.encode().ljust(100, b"\0") + b"ustar\x0000"
    total = sum(before) + 8 * ord(" ") + sum(after)
    return (before + b"%06o\0 " % total + after).ljust(512, b"\0")


def entry(name: str, content: bytes) -> bytes:
    """A file: its header, and its bytes filled up to a multiple of 512."""
    return header(name, len(content)) + content + bytes(-len(content) % 512)


def write_tar(path: Path, files: Mapping[str, bytes], *more: bytes) -> Path:
    """Write files into a tar, in their order, and behind them what else is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = (entry(name, content) for name, content in files.items())
    path.write_bytes(b"".join([*entries, *more, END]))
    return path
