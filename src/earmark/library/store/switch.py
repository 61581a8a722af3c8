"""From one model to another: a new volume, and one transaction that lets it count.

It is a compaction whose sounds come from elsewhere. Until the transaction is done the library is of
the old model, and after it of the new one; who reads meanwhile sees either. Recordings whose sounds
the new model has not heard stay, with the reason, and are heard at the next index run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict

from earmark.library.nouns import Identity
from earmark.library.source import Sound
from earmark.library.store.rows import Rows
from earmark.library.store.view import volumes
from earmark.library.store.volume import Appender, Extent, checksum, count_of, volume_name

MOVING = "moving"  # in the folder of a library: what another model has heard of it so far
Read = Callable[[str], Sound | None]  # gives what was heard in some bytes, by their digest
UPDATE = (
    "UPDATE sounds SET seconds = ?, first = ?, moments = ?, token = ?, tokens = ?, crc = ? "
    "WHERE id = ?"
)
UNHEARD = "UPDATE recordings SET sound = NULL, digest = '', reason = ? WHERE sound = ?"


def switch(rows: Rows, identity: Identity, read: Read, reasons: Mapping[str, str]) -> Appender:
    """Let a library be of another model: -> what writes behind its sounds.

    `reasons` says by digest why a sound was not heard; every other one must be there.
    """
    number = rows.volume + 1
    fresh = Appender(volumes(rows) / volume_name(number), identity.width, Extent(0, 0))
    try:
        with rows.changing(surely=True):
            _fill(rows, fresh, read, reasons)
            fresh.sync()
            rows.set("volume", number)
            rows.fill(fresh.filled)
            rename(rows, identity)
    except BaseException:
        fresh.close()
        raise
    return fresh


def rename(rows: Rows, identity: Identity) -> None:
    """Say of which model the vectors are."""
    rows.set("identity", json.dumps(asdict(identity)))
    rows.switches += 1


def _fill(rows: Rows, fresh: Appender, read: Read, reasons: Mapping[str, str]) -> None:
    """Write all sounds one behind the other, by their digests: the same from any history."""
    for number, digest in rows.all("SELECT id, digest FROM sounds ORDER BY digest"):
        sound = read(digest)
        if sound is None:
            rows.all(UNHEARD, (reasons.get(digest, ""), number))
            rows.drop_loose([number])
            continue
        at, count = fresh.append(sound.packed), count_of(sound.packed)
        fresh.accept(count)
        place = (at.moments, count.moments, at.tokens, count.tokens)
        rows.all(UPDATE, (sound.seconds, *place, checksum(sound.packed), number))
