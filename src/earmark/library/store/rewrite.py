"""A new volume in place of the one that counts: compaction and repair are this.

The sounds are copied one behind the other; one transaction lets the copy count. The old volume may
go only when the drive surely keeps that transaction, or a power failure would leave rows without
vectors.
"""

from __future__ import annotations

from collections.abc import Callable

from earmark.library.packed import Packed
from earmark.library.store.rows import Rows, Spot
from earmark.library.store.view import volumes
from earmark.library.store.volume import Appender, Extent, count_of, volume_name

Read = Callable[[Spot], Packed | None]  # gives the rows of a sound, or None where they are lost


def rewrite(rows: Rows, width: int, read: Read) -> Appender:
    """Put all sounds into a new volume and let it count: -> what writes behind them.

    Recordings whose sounds are lost are forgotten. The old volume is left where it is.
    """
    number = rows.volume + 1
    fresh = Appender(volumes(rows) / volume_name(number), width, Extent(0, 0))
    try:
        with rows.changing(surely=True):
            _copy(rows, fresh, read)
            fresh.sync()
            rows.set("volume", number)
            rows.fill(fresh.filled)
    except BaseException:
        fresh.close()
        raise
    return fresh


def _copy(rows: Rows, fresh: Appender, read: Read) -> None:
    lost = []
    for spot in rows.spots():
        packed = read(spot)
        if packed is None:
            lost.append(spot.sound)
            continue
        at = fresh.append(packed)
        fresh.accept(count_of(packed))
        place = (at.moments, at.tokens, spot.sound)
        rows.all("UPDATE sounds SET first = ?, token = ? WHERE id = ?", place)
    rows.drop(rows.holding(lost))
    rows.drop_loose(lost)
