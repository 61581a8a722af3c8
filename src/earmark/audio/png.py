"""A PNG of a spectrum, by a few lines of zlib: dark where it is quiet, bright where it is loud."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

SHADES = ["#0b0924", "#3b1161", "#7d2482", "#c43c75", "#f3745c", "#fdb777", "#fcf3c1"]
Bytes = npt.NDArray[np.uint8]


def png(shade: Bytes) -> bytes:
    """Write a PNG with our palette: [rows, columns] -> file."""
    rows, columns = shade.shape
    body = np.pad(shade, ((0, 0), (1, 0))).tobytes()  # each row starts with its filter, none
    head = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    chunks = [
        (b"IHDR", head),
        (b"PLTE", _palette()),
        (b"IDAT", zlib.compress(body, 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def _palette() -> bytes:
    """256 colours between the shades, dark to light."""
    anchors = np.array([list(bytes.fromhex(shade[1:])) for shade in SHADES], dtype=np.float64)
    places = np.linspace(0, len(SHADES) - 1, 256)
    channels = [np.interp(places, np.arange(len(SHADES)), anchors[:, c]) for c in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8).tobytes()
