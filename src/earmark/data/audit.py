"""Find what stands in two sets of rows: recordings by id, by bytes and by sound, and captions.

A shared caption is reported, but is no leak by itself: many sets caption a sound with its class.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from earmark.audio.member import is_file, open_bytes, status
from earmark.audio.read import open_sound
from earmark.data.align import RATE
from earmark.data.likely import BRIEFEST, likely_pairs
from earmark.data.meet import Meeting, meetings
from earmark.data.rows import Row, is_known_id
from earmark.data.spool import Spool
from earmark.errors import AudioError

Pair = tuple[int, int]  # a row of each side
Watch = Callable[[str, float], None]  # called with what is being done, and which share of it is
HEARING, COMPARING, JUDGING = "hearing", "comparing", "judging"
Unheard = tuple[Path, str]  # and why


@dataclass(frozen=True, slots=True)
class Shared:
    """Two rows that come from one recording, and how that is known."""

    a: Row
    b: Row
    why: tuple[str, ...]  # of "id", "bytes" and "sound"
    plain: float | None = None  # correlation of the waves where they meet
    whitened: float | None = None
    at_a: float | None = None  # seconds into each row
    at_b: float | None = None
    seconds: float | None = None  # compared there


@dataclass(frozen=True, slots=True)
class SharedCaption:
    """A caption of both sides, case and punctuation aside, and how many rows have it."""

    text: str
    in_a: int
    in_b: int


@dataclass(frozen=True, slots=True)
class Findings:
    """All that an audit found, and what it could not listen to."""

    recordings: tuple[Shared, ...]
    captions: tuple[SharedCaption, ...]
    unheard: tuple[Unheard, ...]
    seconds: tuple[float, float]  # of sound on each side

    def count(self, why: str) -> int:
        """How many pairs are known for this reason, among others."""
        return sum(why in shared.why for shared in self.recordings)


def audit(rows_a: Sequence[Row], rows_b: Sequence[Row], watch: Watch | None = None) -> Findings:
    """Compare every row of one side with every row of the other."""
    watch = watch or (lambda _what, _share: None)
    a, b = _one_a_stretch(rows_a), _one_a_stretch(rows_b)
    why: dict[Pair, list[str]] = defaultdict(list)
    for pair in _same_id(a, b):
        why[pair].append("id")
    for pair in _same_bytes(a, b):
        why[pair].append("bytes")
    with Spool() as waves_a, Spool() as waves_b:
        total = len(a) + len(b)
        unheard = hear(a, waves_a, lambda share: watch(HEARING, share * len(a) / total))
        unheard += hear(b, waves_b, lambda share: watch(HEARING, 1 - (1 - share) * len(b) / total))
        met = _met(waves_a, waves_b, watch)
        seconds = waves_a.seconds, waves_b.seconds
    for pair in met:
        why[pair].append("sound")
    shared = tuple(_shared(a[i], b[j], why[i, j], met.get((i, j))) for i, j in sorted(why))
    return Findings(shared, _same_captions(rows_a, rows_b), tuple(unheard), seconds)


def _one_a_stretch(rows: Iterable[Row]) -> list[Row]:
    """The first row of every stretch of every file."""
    return list({(row.audio, row.start, row.end): row for row in reversed(list(rows))}.values())[
        ::-1
    ]


def _same_id(a: Sequence[Row], b: Sequence[Row]) -> list[Pair]:
    """Pairs of one recording by the number that the world knows it by."""
    return _join([row.recording for row in a], [row.recording for row in b], is_known_id)


def _same_bytes(a: Sequence[Row], b: Sequence[Row]) -> list[Pair]:
    """Pairs of files with the same content; only files of a size that both sides have are read."""
    sizes_a, sizes_b = [_size(row.audio) for row in a], [_size(row.audio) for row in b]
    both = {*sizes_a} & {*sizes_b} - {0}
    seen: dict[Path, str] = {}
    return _join(
        [
            _digest(row.audio, seen) if size in both else ""
            for row, size in zip(a, sizes_a, strict=True)
        ],
        [
            _digest(row.audio, seen) if size in both else ""
            for row, size in zip(b, sizes_b, strict=True)
        ],
        bool,
    )


def _join(a: Sequence[str], b: Sequence[str], counts: Callable[[str], bool]) -> list[Pair]:
    """Positions of equal words, for words that count."""
    where = defaultdict(list)
    for j, word in enumerate(b):
        where[word].append(j)
    return [(i, j) for i, word in enumerate(a) if counts(word) for j in where.get(word, ())]


def _size(path: Path) -> int:
    return status(path).size if is_file(path) else 0


def _digest(path: Path, seen: dict[Path, str]) -> str:
    """Digest of the bytes of a file; nothing for one that may not be read, as `hear` will say."""
    if path not in seen:
        try:
            with open_bytes(path) as file:
                seen[path] = file_digest(file, "blake2b").hexdigest()
        except OSError:
            seen[path] = ""
    return seen[path]


def hear(rows: Sequence[Row], spool: Spool, done: Callable[[float], None]) -> list[Unheard]:
    """Add the sound of every row, an empty one where there is none; say which those are and why."""
    unheard = []
    for number, row in enumerate(rows, start=1):
        try:
            with open_sound(row.audio, rate=RATE, start=row.start or 0.0, end=row.end) as sound:
                spool.add(sound)
        except AudioError as error:
            spool.add([])
            unheard.append((row.audio, error.reason))
        else:
            first, last = spool.extents[-1]
            if last - first < BRIEFEST:
                heard = f"only {(last - first) / RATE:.2f} s of it are above -60 dBFS below 4 kHz"
                unheard.append((row.audio, heard))
        done(number / len(rows))
    return unheard


def compare_all(a: Spool, b: Spool, watch: Watch) -> list[Meeting]:
    """Find where the waves of two sides are one recording; quickest when `a` is the larger."""
    total, done = 2 * a.seconds + b.seconds, 0.0

    def tick(more: float) -> None:
        nonlocal done
        done += more
        watch(COMPARING, min(1.0, done / total) if total else 1.0)

    likely = list(likely_pairs(a, b, tick))
    return meetings(a, b, likely, lambda share: watch(JUDGING, share))


def _met(a: Spool, b: Spool, watch: Watch) -> dict[Pair, Meeting]:
    """Meetings of two sides by pair; the larger one takes the part that is quicker for it."""
    if a.seconds < b.seconds:
        return {(i, j): _turned(met) for (j, i), met in _met(b, a, watch).items()}
    return {(met.a, met.b): met for met in compare_all(a, b, watch)}


def _turned(met: Meeting) -> Meeting:
    return Meeting(met.b, met.a, met.at_b, met.at_a, met.length, met.likeness)


def _shared(a: Row, b: Row, why: Sequence[str], met: Meeting | None) -> Shared:
    if met is None:
        return Shared(a, b, tuple(why))
    likeness = met.likeness
    times = met.at_a / RATE, met.at_b / RATE, met.length / RATE
    return Shared(a, b, tuple(why), likeness.plain, likeness.whitened, *times)


def _same_captions(a: Iterable[Row], b: Iterable[Row]) -> tuple[SharedCaption, ...]:
    """Captions of both sides, the most frequent first."""
    in_a, in_b = _captions(a), _captions(b)
    both = [SharedCaption(text, in_a[text], in_b[text]) for text in in_a if text in in_b]
    return tuple(sorted(both, key=lambda one: (-one.in_a * one.in_b, one.text)))


def _captions(rows: Iterable[Row]) -> Mapping[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        for text in {_plain(caption) for caption in row.captions} - {""}:
            counts[text] += 1
    return counts


def _plain(caption: str) -> str:
    """Lower case, letters and digits only, single spaces."""
    kept = "".join(mark if mark.isalnum() or mark == "'" else " " for mark in caption.casefold())
    return " ".join(kept.split())
