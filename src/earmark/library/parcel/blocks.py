"""The blocks of a plain tar, as POSIX has them, with no date, owner or anything else in them.

They are made here and not by `tarfile`, whose headers have changed by a few bytes between versions
of Python: the same library must give the same file. Any tar program reads it.
"""

from __future__ import annotations

BLOCK = 512  # bytes; everything begins at a multiple of it
END = bytes(2 * BLOCK)
PLAIN = 8**11  # from this size on a number is written in binary, as GNU tar does


def header(name: str, size: int) -> bytes:
    """What stands before the bytes of a file."""
    fields = (
        (name.encode(), 100),
        (b"0000644", 8),
        (b"0000000", 8),  # owner
        (b"0000000", 8),  # group
        (_number(size), 12),
        (b"00000000000", 12),  # time
        (b" " * 8, 8),  # the sum, before it is known
        (b"0", 1),  # a file
        (b"", 100),
        (b"ustar\x0000", 8),
    )
    block = b"".join(value.ljust(length, b"\0") for value, length in fields).ljust(BLOCK, b"\0")
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def size_in(block: bytes) -> int:
    """Read the size of a file from its header; `ValueError` if there is none."""
    number = block[124:136]
    if number[:1] == b"\x80":
        return int.from_bytes(number[1:], "big")
    return int(number.rstrip(b"\0"), 8)


def padding(size: int) -> int:
    """How many zeros follow a file of so many bytes."""
    return -size % BLOCK


def room(size: int) -> int:
    """How much a file takes in all."""
    return BLOCK + size + padding(size)


def _number(size: int) -> bytes:
    return b"%011o" % size if size < PLAIN else b"\x80" + size.to_bytes(11, "big")
