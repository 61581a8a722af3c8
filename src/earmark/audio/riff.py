"""Chunks of WAV files and their kin: RIFF, RIFX (big-endian), and RF64 and BW64 (beyond 4 GB).

Nothing a file claims is believed: a chunk is never read past the end of the file, nor past a limit,
whatever its size field says. Chunks after the sound, odd sizes with and without padding, and a
size of 0 or 0xFFFFFFFF left by a recorder that lost power are all met in the wild.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

MOST_CHUNKS = 4096
LONGEST_TEXT = 1 << 20  # bytes of one chunk that are read as text
UNKNOWN = 0xFFFF_FFFF
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE  # formats whose blocks are single samples
_KINDS = {b"RIFF": "<", b"RIFX": ">", b"RF64": "<", b"BW64": "<"}

Order = Literal["<", ">"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a file: its name, where its bytes are, and how long it claims to be."""

    name: str
    start: int
    claimed: int  # bytes, as its header says; 0 if it does not
    size: int  # bytes that are there


def order(head: bytes) -> Order | None:
    """Tell the byte order of a WAV file from its first 12 bytes, or None if it is not one."""
    if head[8:12] != b"WAVE" or head[:4] not in _KINDS:
        return None
    return ">" if _KINDS[head[:4]] == ">" else "<"


def chunks(file: BinaryIO) -> Iterator[Chunk]:
    """Yield the chunks of a WAV file, in order; none if it is not one."""
    file.seek(0)
    ends = order(file.read(12))
    if ends is None:
        return
    whole = file.seek(0, os.SEEK_END)
    at, long_sizes = 12, dict[str, int]()
    for _ in range(MOST_CHUNKS):
        file.seek(at)
        head = file.read(8)
        if len(head) < 8 or not _is_name(head[:4]):
            return
        name, claimed = head[:4].decode("ascii"), struct.unpack(f"{ends}I", head[4:])[0]
        if claimed == UNKNOWN:
            claimed = long_sizes.get(name, 0)
        open_ended = name == "data" and not claimed
        size = whole - at - 8 if open_ended else min(claimed, whole - at - 8)
        chunk = Chunk(name, at + 8, claimed, size)
        if name == "ds64":
            long_sizes = _long_sizes(read(file, chunk))
        yield chunk
        at = _next(file, chunk)


def read(file: BinaryIO, chunk: Chunk) -> bytes:
    """Read a chunk, or as much of it as anyone may want."""
    file.seek(chunk.start)
    return file.read(min(chunk.size, LONGEST_TEXT))


def claimed_seconds(file: BinaryIO) -> float | None:
    """How long a WAV file says it lasts, also when it was cut short; None if it does not say."""
    file.seek(0)
    ends = order(file.read(12))
    per_second = 0
    for chunk in chunks(file):
        if chunk.name == "fmt " and chunk.size >= 16:
            per_second = _bytes_per_second(read(file, chunk), f"{ends}HHIIH")
        if chunk.name == "data":
            return chunk.claimed / per_second if chunk.claimed and per_second else None
    return None


def parts(body: bytes, ends: Order) -> Iterator[tuple[str, bytes]]:
    """Yield the sub-chunks of a LIST chunk's body, after its type."""
    at = 4
    while at + 8 <= len(body) and _is_name(body[at : at + 4]):
        size = struct.unpack_from(f"{ends}I", body, at + 4)[0]
        yield body[at : at + 4].decode("ascii"), body[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _bytes_per_second(body: bytes, layout: str) -> int:
    kind, _, rate, stated, block = struct.unpack_from(layout, body)
    return int(rate * block if kind in (PCM, FLOAT, EXTENSIBLE) else stated)


def _is_name(four: bytes) -> bool:
    return all(32 <= byte < 127 for byte in four)


def _next(file: BinaryIO, chunk: Chunk) -> int:
    """Say where the next chunk starts; an odd size should be padded, but not every writer knows."""
    end = chunk.start + chunk.size
    if not chunk.size % 2:
        return end
    file.seek(end)
    after = file.read(5)
    unpadded = (
        len(after) == 5 and after[0] != 0 and _is_name(after[:4]) and not _is_name(after[1:5])
    )
    return end if unpadded else end + 1


def _long_sizes(body: bytes) -> dict[str, int]:
    """Read the 64-bit sizes of a ds64 chunk: of the sound, then of any other long chunk."""
    if len(body) < 28:
        return {}
    sizes = {"data": struct.unpack_from("<Q", body, 8)[0]}
    for name, size in struct.iter_unpack("<4sQ", body[28 : 28 + (len(body) - 28) // 12 * 12]):
        if _is_name(name):
            sizes[name.decode("ascii")] = size
    return sizes
