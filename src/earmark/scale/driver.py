"""Files through one network on many machines: the outcomes of `library/pipeline.py`, elsewhere.

```
 files -> shards -> readers: digest, tags -> driver: must it be heard?
                                                | yes
          readers: decode, cut -> batches -> ears: network -> readers: outcome -> driver
```

The driver alone asks `judge` and gives outcomes, and whoever iterates keeps each in the library
before the next one is asked for. So the cluster holds nothing that could be lost: if the driver is
killed, the next run finds what was kept, and hears what was not.

What a window gives depends on that window alone (`library/pipeline.py`), and nobody cuts or joins
in another way here: the bytes of an outcome are those of a run on one machine.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from time import perf_counter

import ray
from ray.actor import ActorHandle

from earmark.errors import EarmarkError, UsageError
from earmark.library.hear import Hearing, Looked, Outcome
from earmark.library.nouns import Found
from earmark.library.progress import Progress
from earmark.library.turns import Judge, Turns
from earmark.model.model import Model
from earmark.scale.board import Board
from earmark.scale.ears import SHARE, Choir, refuse_bare_node
from earmark.scale.jobs import Job, Loss, loss_of
from earmark.scale.readers import Told, Unseen, hear_file, look_at

TICK = 0.2  # seconds between two reports
LOOK = 5.0  # seconds between two looks at the cluster
SHARD, BULK = 16, 256 << 20  # files in a shard, and bytes, at most


def run(
    files: Iterable[Found],
    model: Model,
    judge: Judge,
    *,
    jobs: int | None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Generator[Outcome]:
    """Hear files on the cluster that this process has reached; see `pipeline.run` for the rest.

    `jobs` is how many ears there are at most; as many as cores if nothing is said.
    """
    if jobs is not None and jobs < 1:
        raise UsageError(f"{jobs} jobs", hint="give one job or more")
    given = sorted(files, key=lambda found: -found.size)  # the longest do not come last
    if not given:
        return
    driver = Driver(given, model, judge, jobs)
    try:
        yield from driver.outcomes(on_progress or (lambda _: None))
    finally:
        driver.stop()


class Driver:
    """Gives jobs to the cluster, and takes what comes of them."""

    def __init__(
        self, files: Sequence[Found], model: Model, judge: Judge, most: int | None
    ) -> None:
        ears = model.ears()
        self._choir, self._model = Choir(ears, most), ray.put(ears)
        reader = {"num_cpus": 1 - SHARE, "max_retries": 0, "scheduling_strategy": "SPREAD"}
        self._look_at = ray.remote(look_at).options(**reader)
        self._hear_file = ray.remote(hear_file).options(**reader)
        self._board = ray.remote(Board).options(num_cpus=0, max_restarts=-1).remote()
        self._reading: ray.ObjectRef | None = None  # the board, once the answer has come
        self._turns = Turns(files, judge, self._begin)
        self._looks = deque(map(Job, _shards(files)))
        self._hears = deque[Job]()
        self._suspects = deque[Job]()
        self._flying = dict[
            ray.ObjectRef, tuple[Job, frozenset[str]]
        ]()  # reference -> job, nodes there were
        self._alone = False  # a suspect is being tried
        self._given = 0  # hearings so far; their numbers on the board
        self._numbers = dict[int, Hearing]()
        self._nodes, self._cores, self._cards = frozenset[str](), 0, 0

    def outcomes(self, on_progress: Callable[[Progress], None]) -> Generator[Outcome]:
        """Give what becomes of each file, as it comes."""
        tally, looked, told = self._turns.tally, float("-inf"), float("-inf")
        while tally.left:
            if perf_counter() - looked > LOOK:
                self._look_around()
                looked = perf_counter()
            self._choir.fill(self._cores, self._cards)
            self._give()
            yield from self._take()
            if perf_counter() - told > TICK:
                self._read_board()
                on_progress(tally.progress())
                told = perf_counter()
        on_progress(tally.progress())

    def stop(self) -> None:
        """Leave nothing behind on the cluster."""
        with suppress(ray.exceptions.RayError, ConnectionError):  # the cluster may be gone
            for reference in self._flying:
                ray.cancel(reference, force=True)
            self._choir.close()
            ray.kill(self._board)

    # giving

    def _begin(self, hearing: Hearing) -> None:
        self._hears.append(Job((hearing.looked.found,), hearing))

    def _give(self) -> None:
        """Give the workers enough to do, and no more: what waits elsewhere takes memory."""
        ears = len(self._choir.open)
        if self._alone:
            return
        while len(self._flying) < 2 * max(1, ears) + 1:
            if self._hears and ears:
                self._start(self._hears.popleft())
            elif self._looks and len(self._hears) <= 4 * SHARD:
                self._start(self._looks.popleft())
            else:
                break
        if ears and self._suspects and not (self._flying or self._hears or self._looks):
            self._alone = True
            self._start(self._suspects.popleft())

    def _start(self, job: Job) -> None:
        if job.hearing is None:
            reference = self._look_at.remote(job.files)
        else:
            self._given += 1
            job.number = self._given
            self._numbers[job.number] = job.hearing
            ears = _turned(self._choir.open, self._given)
            looked = job.hearing.looked
            reference = self._hear_file.remote(self._given, looked, self._model, ears, self._board)
        self._flying[reference] = job, self._nodes

    # taking

    def _take(self) -> Iterator[Outcome]:
        """Wait a little for an answer, and deal with it."""
        ready, _ = ray.wait([*self._flying, *self._choir.opening], num_returns=1, timeout=TICK)
        for reference in ready:
            if reference in self._flying:
                yield from self._answer(reference)
            else:
                self._choir.welcome(reference)

    def _answer(self, reference: ray.ObjectRef) -> Iterator[Outcome]:
        job, nodes = self._flying.pop(reference)
        self._numbers.pop(job.number, None)
        self._alone = False
        try:
            answer = ray.get(reference)
        except ray.exceptions.RayError as error:
            refuse_bare_node(error)
            self._look_around()
            yield from self._lost(job, loss_of(error, nodes_stayed=nodes <= self._nodes))
            return
        for one in [answer] if isinstance(answer, Told) else answer:
            yield from self._news(job, one, nodes)

    def _news(
        self, job: Job, one: Looked | Outcome | Unseen | Told, nodes: frozenset[str]
    ) -> Iterator[Outcome]:
        if isinstance(one, Unseen):
            refuse_unseen(one)
            one = Outcome(found=one.found, changed=True)
        if not isinstance(one, Told):
            yield from self._turns.take(one)
            return
        self._choir.lose(set(one.lost))
        if one.outcome is not None:
            yield from self._turns.take(one.outcome)
            return
        self._look_around()
        deadly = one.lost and nodes <= self._nodes
        yield from self._lost(job, Loss.PROCESS if deadly else Loss.NODE)

    def _lost(self, job: Job, loss: Loss) -> Iterator[Outcome]:
        """Try again, or give up."""
        if loss is Loss.PROCESS and len(job.files) > 1:
            self._looks.extend(job.singly())
            return
        job.crashes += loss is Loss.PROCESS
        job.losses += loss is Loss.NODE
        failed = job.failed()
        for outcome in failed:
            yield from self._turns.take(outcome)
        if failed:
            return
        again = self._hears if job.hearing else self._looks
        (self._suspects if job.crashes else again).append(job)

    # the cluster

    def _look_around(self) -> None:
        """See which nodes there are, and how many cores."""
        alive = [node for node in ray.nodes() if node["Alive"]]
        self._nodes = frozenset(node["NodeID"] for node in alive)
        self._cores, self._cards = (
            int(sum(node["Resources"].get(kind, 0) for node in alive)) for kind in ("CPU", "GPU")
        )
        self._choir.keep(self._nodes)

    def _read_board(self) -> None:
        """Take over what readers have said, if the last question was answered."""
        if self._reading is not None:
            if not ray.wait([self._reading], timeout=0)[0]:
                return
            try:
                for number, (claimed, reached) in ray.get(self._reading).items():
                    if hearing := self._numbers.get(number):
                        hearing.claimed, hearing.reached = claimed, reached
            except ray.exceptions.RayError:
                pass  # it begins anew elsewhere; only the progress inside of files waits for it
        self._reading = self._board.read.remote()


def refuse_unseen(one: Unseen) -> None:
    """Raise if this machine sees a folder that a node does not see."""
    root = one.found.place.root
    if root.is_dir():
        raise EarmarkError(
            f"the node {one.node} does not see the folder {root}",
            hint="mount it on every node by the same path, or give an address as s3://bucket/prefix",
        )


def _turned(ears: dict[int, ActorHandle], by: int) -> dict[int, ActorHandle]:
    """Let each file begin with another ear."""
    order = sorted(ears)
    at = by % len(order) if order else 0
    return {number: ears[number] for number in (*order[at:], *order[:at])}


def _shards(files: Sequence[Found]) -> Iterator[tuple[Found, ...]]:
    """Take files together, as long as they are few and small."""
    shard, size = list[Found](), 0
    for found in files:
        if shard and (len(shard) == SHARD or size + found.size > BULK):
            yield tuple(shard)
            shard, size = [], 0
        shard.append(found)
        size += found.size
    if shard:
        yield tuple(shard)
