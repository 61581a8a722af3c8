"""Parcels as somebody else might write them, with all digests right."""

import json
from dataclasses import replace
from hashlib import sha256

from earmark.library.parcel import manifest
from earmark.library.parcel.blocks import BLOCK, END, header, padding
from earmark.library.parcel.manifest import Part, rendered
from earmark.library.parcel.read import open_parcel


def contents_of(path):
    """Every part of a parcel by its name."""
    parcel = open_parcel(path)
    data = path.read_bytes()
    starts = {part.name: parcel._starts[part.name] + BLOCK for part in parcel.manifest.parts}
    return {
        part.name: data[starts[part.name] : starts[part.name] + part.size]
        for part in parcel.manifest.parts
    }


def write_parcel(path, told, contents):
    """Write parts with their digests, whatever is in them."""
    parts = tuple(
        Part(name, len(data), sha256(data).hexdigest()) for name, data in contents.items()
    )
    head = rendered(replace(told, parts=parts))
    files = {manifest.NAME: head, **contents}
    path.write_bytes(b"".join(map(tar_file, files, files.values())) + END)


def tar_file(name, data):
    return header(name, len(data)) + data + bytes(padding(len(data)))


def with_line(contents, name, number, **changes):
    """Change values in one line of a part."""
    lines = contents[name].splitlines(keepends=True)
    row = json.loads(lines[number]) | changes
    lines[number] = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    return contents | {name: b"".join(lines)}
