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
from earmark.model.device import CPU, DEVICES
from earmark.scale import ears, readers
from earmark.scale.cluster import cluster
from earmark.scale.driver import BULK, SHARD, _shards, _turned
from earmark.scale.ears import Choir, facts, needs_of
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
    monkeypatch.setattr(ears, "ray", it)
    return it


def test_every_window_comes_back_by_its_number_and_few_are_on_their_way(fake):
    crew = {n: FakeEar(fake) for n in range(3)}
    total = 3 * BATCH * ROOM + 1

    heard = dict(Sending(crew).through(range(total)))

    assert heard == {n: f"<{n}>" for n in range(total)}
    assert fake.most == ROOM
    assert min(len(one.heard) for one in crew.values()) >= ROOM // len(crew)


def test_batches_are_as_large_as_a_card_wants_and_fewer_are_on_their_way(fake):
    crew = {n: FakeEar(fake) for n in range(2)}

    heard = dict(Sending(crew, 4 * BATCH).through(range(50 * BATCH)))

    assert len(heard) == 50 * BATCH
    assert {len(batch) for one in crew.values() for batch in one.heard} == {4 * BATCH, 2 * BATCH}
    assert fake.most == ROOM // 4


def test_an_ear_on_a_card_takes_a_card_and_one_on_a_processor_none():
    assert "num_gpus" not in needs_of(CPU)
    assert needs_of(DEVICES["cuda"])["num_gpus"] == 1


@pytest.fixture
def choir(fake):
    """A choir that is to sing on cards, on a cluster where nothing opens."""
    opened = []
    kind = SimpleNamespace(remote=lambda _: opened.append(1) or FakeActor(fake))
    fake.remote = lambda _: SimpleNamespace(options=lambda **_: kind)
    made = Choir(SimpleNamespace(wanted=DEVICES["cuda"]), None)
    return made, opened


class FakeActor:
    def __init__(self, cluster):
        self.facts = SimpleNamespace(remote=lambda: next(cluster.numbers))


def test_there_are_as_many_ears_as_cards(choir):
    made, opened = choir

    made.fill(cores=64, cards=3)

    assert len(opened) == 3


def test_a_cluster_without_cards_is_refused(choir):
    with pytest.raises(EarmarkError, match="no node of the cluster has a graphics card") as error:
        choir[0].fill(cores=64, cards=0)
    assert "leave out --device" in error.value.hint


def test_a_node_that_hears_on_its_processor_is_refused(choir, fake):
    made, _ = choir
    made.fill(cores=4, cards=1)
    (reference,) = made.opening
    fake.answers[reference] = {"name": "b", "node": "2", "device": "cpu", **facts()}

    with pytest.raises(EarmarkError, match="b hears on its cpu, not on cuda"):
        made.welcome(reference)


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
    theirs = {"name": "far", "node": "1", "device": "cpu", **ears.facts()}
    ears._refuse_other(theirs, CPU)
    with pytest.raises(EarmarkError) as told:
        ears._refuse_other(theirs | {"numpy": "1.0"}, CPU)
    assert told.value.problem.startswith("far has numpy 1.0 and this machine numpy ")
    with pytest.raises(EarmarkError, match="a node of the cluster has no package 'earmark'"):
        ears.refuse_bare_node(RuntimeError("... ModuleNotFoundError: No module named 'earmark'\n"))


@pytest.mark.parametrize(
    "on", ["", "somewhere", "ray://", "ray://host", "ray://host:x", "http://x"]
)
def test_what_is_no_cluster_is_refused(on):
    with pytest.raises(UsageError, match="is no cluster"), cluster(on):
        pass


def test_a_cluster_that_is_lost_is_told_and_a_fault_of_ours_is_not_hidden(monkeypatch):
    monkeypatch.setattr("earmark.scale.cluster._reach", lambda options: None)
    with pytest.raises(EarmarkError, match="the cluster local was lost"), cluster("local"):
        raise ConnectionError
    with pytest.raises(ValueError, match="ours"), cluster("local"):
        raise ValueError("ours")
    with pytest.raises(ray.exceptions.RayTaskError), cluster("local"):
        raise ray.exceptions.RayTaskError("hear_file", "traceback", ValueError("ours"))


def test_a_cluster_that_nobody_answers_for_is_refused_at_once(monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        for on in (f"ray://127.0.0.1:{port}", "auto"):
            monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{port}")
            with pytest.raises(EarmarkError, match=f"{on} cannot be reached"), cluster(on):
                pass
    assert not ray.is_initialized()
