"""Rewrites on disk: JSON lines, one a sentence and writer, each there as soon as it is written.

    {"writer": "rules 5 0", "sentence": "...", "rewrites": ["...", ...], "refused": {"...": "why"}}

The file is also what a run that was stopped goes on from: what stands in it is not asked for again.
A last line that was torn when a writer was killed is taken away; a file of anything else is left
as it is, and refused. `rewrites` are those that the check let pass (`facts.py`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from earmark.data.tables import read_text
from earmark.errors import DataError
from earmark.lab.writers import Reply, Writer
from earmark.lab.writers.facts import checked

WORD = re.compile(r"'.*'|\".*\"")  # in the reason of a refusal
START = '{"writer": '  # of every line
Tell = Callable[[int, int], None]  # how many sentences are done, of how many


@dataclass(frozen=True, slots=True)
class Written:
    """One line."""

    writer: str
    sentence: str
    rewrites: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """What a run came to."""

    before: int = 0  # sentences that were there already
    sentences: int = 0  # that were written for now
    rewrites: int = 0  # that passed the check
    refused: Counter[str] = field(default_factory=Counter)  # by the check: why
    faults: Counter[str] = field(default_factory=Counter)  # sentences that got nothing: why


def write_all(writer: Writer, sentences: Iterable[str], path: Path, tell: Tell) -> Tally:
    """Write for each sentence that has no line of this writer yet."""
    every = dict.fromkeys(filter(None, (sentence.strip() for sentence in sentences)))
    there = {one.sentence for one in _mended(path) if one.writer == writer.name}
    left = [sentence for sentence in every if sentence not in there]
    tally = Tally(before=len(every) - len(left))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        for done, (sentence, reply) in enumerate(_replies(writer, left), 1):
            if reply.fault:
                tally.faults[reply.fault] += 1
            else:
                file.write(_line(writer.name, sentence, reply, tally))
                file.flush()
            tell(done, len(left))
    return tally


def read_written(path: Path) -> list[Written]:
    """Read what is written; a last line that is torn is passed over."""
    if not path.is_file():
        raise DataError(
            f"{path}: there is no file of rewrites",
            hint="write one: python tools/write_captions.py CAPTIONS.csv OUT.jsonl",
        )
    *lines, torn = read_text(path).split("\n")
    if torn and not (torn.startswith(START) or START.startswith(torn)):
        raise _foreign(path, len(lines) + 1)
    return [_read(path, number, line) for number, line in enumerate(lines, 1)]


def _mended(path: Path) -> list[Written]:
    """Read a file that is written on, and take a torn last line away."""
    if not path.exists():
        return []
    found = read_written(path)
    whole = path.read_bytes()
    end = whole.rfind(b"\n") + 1
    if end < len(whole):
        with path.open("r+b") as file:
            file.truncate(end)
    return found


def _read(path: Path, number: int, line: str) -> Written:
    try:
        told = json.loads(line)
        found = Written(told["writer"], told["sentence"], tuple(told["rewrites"]))
    except (ValueError, LookupError, TypeError, RecursionError):
        raise _foreign(path, number) from None
    if not all(isinstance(one, str) for one in (found.writer, found.sentence, *found.rewrites)):
        raise _foreign(path, number)
    return found


def _foreign(path: Path, number: int) -> DataError:
    return DataError(
        f"{path}, line {number}: this is no line of rewrites",
        hint="name a new file, or one that tools/write_captions.py has written",
    )


def _replies(writer: Writer, sentences: Sequence[str]) -> Iterator[tuple[str, Reply]]:
    """Ask for several at a time, and for no more: what is lost by a stop is under way at most."""
    left = iter(sentences)
    with ThreadPoolExecutor(writer.at_once) as pool:
        asked = dict[Future[Reply], str]()
        while True:
            for sentence in islice(left, writer.at_once - len(asked)):
                asked[pool.submit(writer.write, sentence)] = sentence
            if not asked:
                return
            done, _ = wait(asked, return_when=FIRST_COMPLETED)
            for one in sorted(done, key=lambda one: one.exception() is not None):
                yield asked.pop(one), one.result()


def _line(name: str, sentence: str, reply: Reply, tally: Tally) -> str:
    kept, refused = checked(sentence, reply.rewrites)
    tally.sentences += 1
    tally.rewrites += len(kept)
    tally.refused.update(WORD.sub("...", why) for why in refused.values())
    line = {"writer": name, "sentence": sentence, "rewrites": kept, "refused": refused}
    return json.dumps(line, ensure_ascii=False) + "\n"
