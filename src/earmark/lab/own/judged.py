"""Own clips out of judgements: what a person has said to be right, as `earmark label` keeps it.

The query is the caption, and the moment that was judged the clip. What was judged wrong is left
out: it says what a sound is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from earmark.data.rows import Row
from earmark.library.migrate import state_of
from earmark.library.nouns import Recording
from earmark.search.judged.contents import Contents, settle
from earmark.search.judged.labels import Labels


def rows_of(labels: Labels, recordings: Iterable[Recording]) -> tuple[list[Row], Counter[str]]:
    """The clips that were judged right: -> rows, and why judgements were left out, counted."""
    home = Contents(recordings)
    settled = settle(labels, home)
    lost: Counter[str] = Counter({str(why): len(some) for why, some in settled.lost.items()})
    rows = []
    for query, judged in settled.queries.items():
        for content, said in judged.said.items():
            known = home.of(content)
            right = [moment for moment, is_right in said if is_right]
            if known is None or state_of(known):
                lost["away"] += len(right)
                continue
            path = Path(known.place.full)
            for moment in right:
                start, end = (moment.start, moment.end) if moment else (None, None)
                rows.append(Row(path, (query,), start=start, end=end, recording=content))
    return rows, +lost
