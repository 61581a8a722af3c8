"""A server under load: answers a second, how long they take, memory, and the page in a browser.

`earmark serve` runs as it does for everybody, on a library that is made for this (`stock.py`). Its
callers run in a process of their own (`callers.py`). What is asked for is what the page asks for.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import product
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from earmark.bench import page, steady
from earmark.bench.callers import Callers, Round, Told, within
from earmark.bench.figure import Figure
from earmark.bench.stock import ORDERS, SENTENCES, SOUNDS, stock
from earmark.errors import EarmarkError, UsageError, require
from earmark.model.model import Model

MOMENTS = 100_000
REQUESTS = 50_000
CLIENTS = (1, 8, 32)
ALONE = {  # kind -> seconds of a round
    "search": 6.0, "order": 4.0, "moments": 2.0, "peaks": 2.0, "status": 2.0,
}  # fmt: skip
MOST = 1_000  # requests of a kind in a round
WARM_UP = 1.0  # seconds
AGAIN = 20  # sentences that are asked twice in a row
SEGMENTS = 50  # memory is looked at so many times,
WARM = 10  # and what it was at the first of them does not count
MANY = 8  # callers at once while memory is looked at
MOST_GROWTH = 100.0  # kB of memory for each thousand requests
POINTS, SHOWN, LONG = 600, 20, 30.0  # as the page asks for them: points, hits, seconds
API, HERE = "/api/v1", "http://127.0.0.1:"
MIXED = {  # what is asked for while memory is looked at, and how often beside the others
    "health": 80, "status": 40, "recording": 40, "recordings": 10, "moments": 12, "peaks": 8,
    "audio": 4, "search": 1, "order": 1, "similar": 1, "export": 1, "description": 1,
    "spectrogram": 1,
}  # fmt: skip


def figures(
    requests: int = REQUESTS,
    *,
    moments: int = MOMENTS,
    runs: int = 3,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[Figure]:
    """Make a library, serve it, call it; `tell` hears what cannot be measured here."""
    for module in ("starlette", "uvicorn", "python_multipart"):
        require(module, extra="serve")
    if requests < SEGMENTS:
        raise UsageError(
            f"memory over {requests} requests", hint=f"let it be {SEGMENTS} of them or more"
        )
    with TemporaryDirectory() as folder:
        library = stock(Path(folder), moments, Model.load())
        with served(library) as (pid, port), Callers(port) as callers:
            asked = addresses_of(port)
            yield from load(callers, asked, runs)
            yield from memory(callers, asked, pid, requests, tell)
            yield from browsed(port, runs, tell)


@contextmanager
def served(library: Path) -> Iterator[tuple[int, int]]:
    """Run `earmark serve` on a library: -> its process, its port."""
    words = ["serve", "--port", "0", "--no-token", "--read-only", "--library", str(library)]
    said = library.with_name("server.txt")
    with (
        said.open("w", encoding="utf-8") as problems,
        subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-m", "earmark", *words],
            stdout=subprocess.PIPE,
            stderr=problems,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout  # noqa: S101 - it was asked for
            first = process.stdout.readline()
            if HERE not in first:
                raise EarmarkError(
                    f"the server did not start: {said.read_text(encoding='utf-8').strip()}",
                    hint="see whether this runs: earmark serve",
                )
            yield process.pid, int(first.partition(HERE)[2].partition("/")[0])
        finally:
            process.kill()


def addresses_of(port: int) -> dict[str, Round]:
    """Everything that is asked for, by what it is; the same in each run."""
    rng = Random(0)
    rows = _json(port, f"{API}/recordings?limit=100")["recordings"]
    asked = {name: list[str]() for name in MIXED}
    for sentence in rng.sample(SENTENCES, len(SENTENCES)):
        row = rng.choice(rows)
        start = rng.uniform(0, max(0.0, row["seconds"] - LONG))
        for name, address in _about(row, sentence, round(start, 2)):
            asked[name].append(address)
    asked["order"] = [_search(one) for one in rng.sample(ORDERS, len(ORDERS))]
    drawn = rng.choices([*MIXED], [*MIXED.values()], k=100 * len(SENTENCES))
    asked["mixed"] = [rng.choice(asked[name]) for name in drawn]
    return {name: Round(every) for name, every in asked.items()}


def _about(row: dict[str, Any], sentence: str, start: float) -> Iterator[tuple[str, str]]:
    """What the page, and who uses the API, asks about a sentence and a recording."""
    home, span = row["self"], {"start": start, "end": min(start + LONG, row["seconds"])}
    brief = {"start": start, "end": min(start + 3.0, row["seconds"])}
    yield from (
        ("search", _search(sentence)),
        ("similar", _to(f"{API}/similar", id=row["id"], limit=SHOWN, **brief)),
        ("export", _to(f"{API}/export", q=sentence, format="csv")),
        ("moments", _to(f"{home}/moments", q=sentence, limit=1, points=POINTS)),
        ("peaks", _to(f"{home}/peaks", points=POINTS, **span)),
        ("spectrogram", _to(f"{home}/spectrogram", **span)),
        ("audio", _to(f"{home}/audio", format="wav", **brief)),
        ("audio", _to(f"{home}/audio", format="flac", **brief)),
        ("description", f"{home}/description"),
        ("recording", home),
        ("recordings", _to(f"{API}/recordings", limit=SHOWN)),
        ("status", f"{API}/status"),
        ("health", f"{API}/health"),
    )


def _search(sentence: str) -> str:
    return _to(f"{API}/search", q=sentence, limit=SHOWN, explain="true")


def load(callers: Callers, asked: dict[str, Round], runs: int) -> Iterator[Figure]:
    """Ask for one kind at a time, by so many callers at once; medians of rounds."""
    cells = list(product(ALONE, CLIENTS))
    for name, clients in cells:
        callers.call(asked[name], clients=clients, seconds=WARM_UP, most=MOST)
    told = {cell: list[Told]() for cell in cells}
    for _ in range(runs):
        for (name, clients), rounds in told.items():
            seconds = ALONE[name]
            rounds.append(callers.call(asked[name], clients=clients, seconds=seconds, most=MOST))
    for (name, clients), rounds in told.items():
        yield from _cell(name, clients, rounds)
    yield _again(callers, asked, runs)
    yield _errors("one kind at a time", [one for rounds in told.values() for one in rounds])


def _cell(name: str, clients: int, rounds: Sequence[Told]) -> Iterator[Figure]:
    """One kind of request by so many callers."""
    rounds = [one for one in rounds if one.milliseconds]
    what = f"{name}, {clients} client{'s' if clients > 1 else ''}"
    figure = partial(Figure, part="serve", what=what)
    if rounds:
        yield figure(value=median(one.rate for one in rounds), unit="requests/s")
        for unit, share in (("ms, p50", 0.5), ("ms, p99", 0.99)):
            value = median(within(one.milliseconds, share) for one in rounds)
            yield figure(value=value, unit=unit)


def _again(callers: Callers, asked: dict[str, Round], runs: int) -> Figure:
    """What the same sentences cost a second time."""
    sentences, took = asked["search"].addresses, list[tuple[float, float]]()
    for run in range(runs):
        some = Round(sentences[run * AGAIN : (run + 1) * AGAIN])
        first, again = (
            callers.call(some, clients=1, seconds=ALONE["search"], most=AGAIN) for _ in range(2)
        )
        took.append((within(again.milliseconds, 0.5), within(first.milliseconds, 0.5)))
    return Figure(
        part="serve", what="search, once more", value=median(again for again, _ in took),
        unit="ms, p50", ratio=median(again / first for again, first in took),
        peer="the first time",
    )  # fmt: skip


def _errors(what: str, told: Sequence[Told]) -> Figure:
    count, errors = sum(one.answers for one in told), sum(one.errors for one in told)
    return Figure(
        part="serve", what=f"{what}, {count:,} requests", value=errors, unit="errors",
        budget="none", met=not errors,
    )  # fmt: skip


def memory(
    callers: Callers, asked: dict[str, Round], pid: int, requests: int,
    tell: Callable[[str], None],
) -> Iterator[Figure]:  # fmt: skip
    """Ask for all kinds of things, and look now and then what memory the server holds."""
    if not steady.can_tell():
        tell("memory is not measured: only Linux tells what a process holds")
        return
    each, told, held = max(1, requests // SEGMENTS), list[Told](), list[steady.Held]()
    for _ in range(SEGMENTS):
        told.append(callers.call(asked["mixed"], clients=MANY, seconds=60.0, most=each))
        held.append(steady.held(pid))
    kept, figure = held[WARM:], partial(Figure, part="serve", unit="MB")
    grown = steady.slope([1024 * one.own * 1000 / each for one in kept])
    count = sum(one.answers for one in told)
    yield figure(what=f"memory after {each * WARM:,} requests", value=held[WARM - 1].all)
    yield figure(what=f"memory after {count:,} requests", value=kept[-1].all)
    yield figure(what="of that, files of the library", value=kept[-1].files)
    yield Figure(
        part="serve", what="memory grows, each 1,000 requests", value=grown.rate, unit="kB",
        peer=f"{grown.least:,.0f} to {grown.most:,.0f} in 95 of 100",
        budget=f"surely under {MOST_GROWTH:g}",
        met=grown.most < MOST_GROWTH if requests >= REQUESTS else None,
    )  # fmt: skip
    yield _errors("all kinds at once", told)


def browsed(port: int, runs: int, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Visit the page, once for each of some queries."""
    if page.missing():
        tell(page.HOW)
        return
    with page.visits(f"{HERE}{port}/") as visit:
        took = [visit(words) for words in [*SOUNDS.values()][: 3 * runs + 1]][1:]
    painted, found = (median(column) for column in zip(*took, strict=True))
    figure = partial(Figure, part="serve", unit="ms, p50")
    yield figure(what="page, first paint", value=painted)
    yield figure(what="page, Enter to the first hit", value=found)


def _json(port: int, address: str) -> Any:  # noqa: ANN401 - it depends on the address
    with urlopen(f"{HERE}{port}{address}") as answer:  # noqa: S310 - it is our own
        return json.load(answer)


def _to(path: str, **values: object) -> str:
    return f"{path}?{urlencode(values)}"
