"""What a driver and a reader decide by themselves, without a cluster."""

import socket
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

WHY = "hearing on a cluster is an extra: pip install 'earmark[scale]'"
ray = pytest.importorskip("ray", reason=WHY)

from earmark.errors import EarmarkError, UsageError
from earmark.library.nouns import Found, Place
from earmark.scale import ears, readers
from earmark.scale.cluster import cluster
from earmark.scale.driver import BULK, SHARD, _shards, _turned
from earmark.scale.jobs import Job, Loss, loss_of
from earmark.scale.readers import BATCH, ROOM, NoEarError, Sending


def files(*sizes):
    return [Found(Place(Path("/x"), f"{n}.wav"), size, n) for n, size in enumerate(sizes)]


def test_a_shard_is_small_in_number_and_in_bytes():
    some = files(BULK + 1, BULK // 2, BULK // 2, *[1] * (SHARD + 2))
    assert [len(shard) for shard in _shards(some)] == [1, 2, SHARD, 2]
    assert [one for shard in _shards(some) for one in shard] == some
    assert list(_shards([])) == []


def test_files_begin_with_other_ears():
    open_ones = {3: "c", 1: "a", 2: "b"}
    assert [list(_turned(open_ones, n)) for n in range(4)] == [
        [1, 2, 3], [2, 3, 1], [3, 1, 2], [1, 2, 3],
    ]  # fmt: skip
    assert _turned({}, 5) == {}


def test_a_job_fails_after_two_crashes_or_five_losses():
    one, two = files(1, 2)
    assert Job((one,), crashes=1, losses=4).failed() == []
    (crashed,) = Job((one,), crashes=2).failed()
    assert (crashed.found, crashed.reason) == (one, "it ended the process that read it, 2 times")
    lost = Job((one, two), losses=5).failed()
    assert [outcome.found for outcome in lost] == [one, two]
    assert lost[0].reason == "the worker that read it was lost, 5 times"


def test_who_is_to_blame():
    errors = ray.exceptions
    crash, node = errors.WorkerCrashedError(), errors.NodeDiedError("gone")
    assert loss_of(crash, nodes_stayed=True) is Loss.PROCESS
    assert loss_of(crash, nodes_stayed=False) is Loss.NODE
    assert loss_of(errors.OutOfMemoryError("full"), nodes_stayed=True) is Loss.PROCESS
    assert loss_of(node, nodes_stayed=True) is Loss.NODE
    fault = errors.RayTaskError("hear_file", "traceback", ValueError("ours"))
    with pytest.raises(errors.RayTaskError):
        loss_of(fault, nodes_stayed=True)
    full = errors.RayTaskError("hear_file", "traceback", MemoryError())
    assert loss_of(full, nodes_stayed=True) is Loss.PROCESS
    store = errors.RayTaskError("hear_file", "traceback", errors.ObjectStoreFullError("full"))
    assert loss_of(store, nodes_stayed=True) is Loss.NODE


class FakeEar:
    """Hears what it is given, unless it is dead."""

    def __init__(self, cluster, dead=False):
        self.cluster, self.dead, self.heard = cluster, dead, []
        self.hear = SimpleNamespace(remote=self._hear)

    def _hear(self, batch):
        reference = next(self.cluster.numbers)
        self.heard.append(batch)
        self.cluster.answers[reference] = None if self.dead else [f"<{one}>" for one in batch]
        return reference


@pytest.fixture
def fake(monkeypatch):
    """A cluster that does nothing by itself; the latest answer comes first."""
    it = SimpleNamespace(numbers=count(), answers={}, most=0)
    it.exceptions, it.ObjectRef = ray.exceptions, ray.ObjectRef

    def wait(references, num_returns):
        it.most = max(it.most, len(references))
        return [references[-1]], references[:-1]

    def get(reference):
        answer = it.answers[reference]
        if answer is None:
            raise ray.exceptions.ActorDiedError
        return answer

    it.put, it.wait, it.get = (lambda some: some), wait, get
    monkeypatch.setattr(readers, "ray", it)
    return it


def test_every_window_comes_back_by_its_number_and_few_are_on_their_way(fake):
    crew = {n: FakeEar(fake) for n in range(3)}
    total = 3 * BATCH * ROOM + 1

    heard = dict(Sending(crew).through(range(total)))

    assert heard == {n: f"<{n}>" for n in range(total)}
    assert fake.most == ROOM
    assert min(len(one.heard) for one in crew.values()) >= ROOM // len(crew)


def test_what_a_dead_ear_had_goes_to_another(fake):
    crew = {1: FakeEar(fake, dead=True), 2: FakeEar(fake)}
    sending = Sending(crew)

    heard = dict(sending.through(range(10 * BATCH)))

    assert heard == {n: f"<{n}>" for n in range(10 * BATCH)}
    assert sending.lost == {1}


@pytest.mark.parametrize("alive", [0, 1])
def test_no_third_ear_is_given_what_two_have_died_of(fake, alive):
    crew = {n: FakeEar(fake, dead=True) for n in (1, 2)} | {3: FakeEar(fake)} if alive else {}
    sending = Sending(crew)
    with pytest.raises(NoEarError):
        list(sending.through(range(1)))
    assert sending.lost == ({1, 2} if alive else set())


def test_a_node_with_other_packages_is_refused():
    theirs = {"name": "far", "node": "1", **ears.facts()}
    ears._refuse_other(theirs)
    with pytest.raises(EarmarkError) as told:
        ears._refuse_other(theirs | {"numpy": "1.0"})
    assert told.value.problem.startswith("far has numpy 1.0 and this machine numpy ")
    with pytest.raises(EarmarkError, match="a node of the cluster has no package 'earmark'"):
        ears.refuse_bare_node(RuntimeError("... ModuleNotFoundError: No module named 'earmark'\n"))


@pytest.mark.parametrize(
    "on", ["", "somewhere", "ray://", "ray://host", "ray://host:x", "http://x"]
)
def test_what_is_no_cluster_is_refused(on):
    with pytest.raises(UsageError, match="is no cluster"), cluster(on):
        pass


def test_a_cluster_that_nobody_answers_for_is_refused_at_once(monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        for on in (f"ray://127.0.0.1:{port}", "auto"):
            monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{port}")
            with pytest.raises(EarmarkError, match=f"{on} cannot be reached"), cluster(on):
                pass
    assert not ray.is_initialized()
