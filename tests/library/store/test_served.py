"""The served engine on a real server: the whole contract, the same answers, and mishaps."""

import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest

from earmark.bench.search import drawn, packed_of
from earmark.errors import EarmarkError, UsageError
from earmark.library.nouns import Said
from earmark.library.store.contract import Filter, ForgottenError
from earmark.library.store.local import LocalStore
from earmark.library.store.lock import HeldError
from earmark.library.store.served import claim as claiming
from earmark.library.store.served import follow, mirror, nearest
from earmark.library.store.served import pen as penning
from earmark.library.store.served.address import Address
from earmark.library.store.served.claim import Claim
from earmark.library.store.served.link import LostError
from earmark.library.store.served.shape import Names
from earmark.library.store.served.store import ServedStore
from library.store.contract import IDENTITY, WIDTH, StoreContract, file, fill, heard, oracle, unit
from library.store.servers import (
    TOKEN,
    Shelves,
    Wire,
    again,
    make_store,
    shelves,
    store,
)

__all__ = ["again", "make_store", "shelves", "store"]

pytest.importorskip("pymilvus", reason="needs the client: pip install 'earmark[scale]'")
pytest.importorskip("milvus", reason="needs a server in a package, for Linux on x86-64: milvus")

LONG = 8  # the sound of the long recording in `pair`
ONES = np.ones(WIDTH, np.float32)


@pytest.fixture(scope="module")
def all_shelves(server):
    return Shelves(server.uri, TOKEN)


@pytest.fixture
def second(shelves, store):
    """The same library, opened by another machine."""
    opened = shelves.open(store.address)
    yield opened
    opened.close()


def address_of(server, name="none"):
    return Address("127.0.0.1", server.server.listen_port, name)


def paths(store):
    return [one.place.path for one in store.recordings()]


def rows_on(store, collection):
    return [row["id"] for row in store._link.after(collection, -1, (), "Strong")]


class TestContract(StoreContract):
    pass


# the same answers


@pytest.fixture(scope="class")
def pair(all_shelves, tmp_path_factory):
    """Three thousand recordings in a folder and on the server, one of them very long."""
    vectors = drawn(27_000, WIDTH)
    hum = vectors[0] + 0.3 * vectors[24_000:]  # of the long one: all of it sounds the same
    vectors[24_000:] = hum / np.linalg.norm(hum, axis=1, keepdims=True)
    local = LocalStore.create(tmp_path_factory.mktemp("local") / "library", IDENTITY)
    served = all_shelves.make()
    for one in (local, served):
        with one.writing("a test"):
            for n in range(3_000):
                first, count = (24_000, 3_000) if n == 7 else (8 * n, 8)
                part = packed_of(vectors[first : first + count])
                said = Said(ucs="RAIN" if n % 3 == 0 else "DOGS" if n % 40 == 1 else "")
                one.add(file(f"{n}.wav"), f"{n * 7919 % 3000:08}", part, 20.0, said)
    yield local, served
    local.close()
    served.close()
    all_shelves.empty()


def part(number, rows, level, index=""):
    return SimpleNamespace(segment_id=number, num_rows=rows, level_name=level, index_name=index)


class TestSameAnswers:
    queries = drawn(30, WIDTH, seed=1)  # off all that is there, as words are

    def answers(self, pair, query, **wish):
        return [
            ([int(s) for s in near.sounds], dict(zip(near.sounds, near.scores, strict=True)), near)
            for near in (one.nearest(query, **wish) for one in pair)
        ]

    def check(self, pair, limit=10, among=None):
        found = []
        for query in self.queries:
            (ours, exact, local), (theirs, scores, served) = self.answers(
                pair, query, limit=limit, among=among
            )
            found.append(len(set(ours) & set(theirs)) / len(ours))
            for one in set(ours) & set(theirs):  # of the long one's alike moments a folder tries 4
                assert scores[one] == exact[one] or (one == LONG and scores[one] > exact[one])
            assert len(theirs) == len(ours)
            assert served.among == local.among
            assert served.typical == pytest.approx(local.typical, abs=0.02)
        return np.mean(found)

    def test_what_was_written_is_in_the_graph(self, pair):
        link, name = pair[1]._link, pair[1]._names.moments
        parts = link._client.list_loaded_segments(name)
        assert sum(one.num_rows for one in parts if one.index_name) >= 3_000 + 8 * 2_999

    def test_who_may_not_look_at_the_graph_does_not_wait_for_it(self, pair, monkeypatch):
        link, name = pair[1]._link, pair[1]._names.moments
        denied = RuntimeError("permission denied")
        monkeypatch.setattr(link._client, "list_loaded_segments", Mock(side_effect=denied))
        link.settle(name)

    def test_large_parts_are_waited_for_and_lists_of_what_is_gone_are_not(self, pair, monkeypatch):
        link, name = pair[1]._link, pair[1]._names.moments
        kept = [part(1, 9_000, "L1"), part(2, 9_000, "L0"), part(3, 4_096, "L1")]
        seen = [[part(1, 9_000, "L1", "")], [part(1, 9_000, "L1", "vector")]]
        looked = Mock(side_effect=seen)
        monkeypatch.setattr(link._client, "list_persistent_segments", Mock(return_value=kept))
        monkeypatch.setattr(link._client, "list_loaded_segments", looked)
        link.settle(name)
        assert looked.call_count == 2

    def test_the_ten_best_are_the_same(self, pair):
        assert self.check(pair) >= 0.99

    def test_a_shortlist_is_the_same(self, pair):
        assert self.check(pair, limit=100) >= 0.99

    @pytest.mark.parametrize("ucs", ["RAIN", "DOGS"])  # a third of all; a fortieth
    def test_among_those_that_a_filter_lets_through(self, pair, ucs, monkeypatch):
        monkeypatch.setattr(nearest, "FEW", 400)  # else so few would be passed over exactly
        local, served = pair
        wanted = local.sounds_of(local.where(of_category(ucs)))
        assert np.array_equal(wanted, served.sounds_of(served.where(of_category(ucs))))
        assert self.check(pair, among=wanted) >= 0.99

    def test_a_very_long_recording_is_one_answer(self, pair, monkeypatch):
        monkeypatch.setattr(nearest, "MOST", 1_000)  # so that the long one fills all that is given
        vectors, _ = pair[0].moments(LONG)
        query = vectors[0] / np.linalg.norm(vectors[0])
        wanted, found = (one.nearest(query, limit=50) for one in pair)
        assert wanted.sounds[0] == found.sounds[0]
        assert len(set(found.sounds)) == 50
        assert len(set(found.sounds) & set(wanted.sounds)) >= 45  # a graph of alike moments errs


def of_category(ucs):
    return Filter(ucs=(ucs,))


# several machines


def test_what_one_machine_writes_another_one_sees(store, second):
    assert second.count() == 0
    fill(store, [1, 2])
    until = time.monotonic() + follow.SETTLED
    while second.count() < 2 and time.monotonic() < until:
        time.sleep(0.1)
    assert paths(second) == ["1.wav", "2.wav"]
    assert second.nearest(ONES, limit=5).among == 2


def test_a_library_opened_after_a_write_sees_it_at_once(store, shelves):
    fill(store, [1, 2])
    with closing(shelves.open(store.address)) as other:
        assert other.nearest(ONES, limit=5).among == 2


def test_a_second_writer_is_told_who_the_first_is(store, second):
    with store.writing("earmark index"):
        with pytest.raises(HeldError, match=r"earmark index .process"), second.writing("another"):
            pass
        assert "earmark index" in second.status().writer
    with second.writing("another"):
        pass


def claimed(store, **other):
    """Leave a claim behind, as a writer does who was killed."""
    claim = replace(Claim.new("a dead writer"), begun=0.0, **other)
    store._link.insert(store._names.log, [claim.row()], 1000)


def test_a_writer_who_was_killed_on_this_machine_bars_nobody(store):
    claimed(store, pid=2**22 + 1)
    fill(store, [1])
    assert paths(store) == ["1.wav"]


def test_a_writer_on_another_machine_bars_others_until_its_time_is_up(store):
    claimed(store, host="elsewhere", where="elsewhere", until=time.time() + 2)
    with pytest.raises(HeldError, match="elsewhere"):
        fill(store, [1])
    time.sleep(2.1)
    fill(store, [1])


def test_of_two_writers_only_the_later_one_counts(store, second, monkeypatch):
    """The first was away for so long that its right was given to another."""
    monkeypatch.setattr(claiming, "LEASE", 0.0)  # and so nobody's right holds
    monkeypatch.setattr(penning, "RENEW", 1e9)  # nor is the first one told meanwhile
    fill(store, [1])

    def sleep_in_between():
        with store.writing("one who sleeps"):
            store.add(file("early.wav"), "early", heard(5), 20.0, Said())
            store._pen.flush()
            fill(second, [2])
            store.add(file("late.wav"), "late", heard(6), 20.0, Said())

    with pytest.raises(LostError, match="lost"):
        sleep_in_between()
    for one in (store, second):
        one._catch_up("Strong")
        assert paths(one) == ["1.wav", "2.wav", "early.wav"]


def test_rows_of_a_writer_who_lost_its_right_are_void(store, second, shelves):
    """They come after another one has begun, and before it has written anything."""
    fill(store, [1])
    late = store._names.log, store._mirror.position
    with second.writing("the later one"):
        entry = {"op": "drop", "which": [1]}
        (row,) = __import__("earmark.library.store.served.log", fromlist=["rows_of"]).rows_of(
            entry, late[1] + 1
        )
        store._link.insert(late[0], [row], 1000)
        store._catch_up("Strong")
        assert paths(store) == []
        second.add(file("2.wav"), "2", heard(2), 20.0, Said())
    store._catch_up("Strong")
    with closing(shelves.open(store.address)) as third:
        assert paths(store) == paths(second) == paths(third) == ["1.wav", "2.wav"]


def test_what_was_removed_is_not_found_though_the_server_still_has_it(store, monkeypatch):
    monkeypatch.setattr(nearest, "FEW", 0)  # so that the server is asked
    fill(store, range(40))
    gone = [one.id for one in store.recordings() if int(one.digest.split("-")[1]) % 2]
    with store.writing("a test"):
        store.remove(gone)
    query = unit(np.random.default_rng(4), 1)[0]
    near = store.nearest(query, limit=30)
    names = {one.sound: int(one.digest.split("-")[1]) for one in store.recordings()}
    wanted = oracle(range(0, 40, 2), query)
    assert [names[sound] for sound in near.sounds] == [seed for seed, _, _ in wanted]
    assert [tuple(times) for times in near.times] == [times for _, _, times in wanted]


def test_a_compaction_by_another_machine_is_followed(store, second):
    fill(store, range(6))
    second._catch_up("Strong")
    sound = second.sound_of("digest-1")
    with store.writing("a test"):
        store.remove([one.id for one in store.recordings()][:3])
        store.compact()
        store.add(file("new.wav"), "new", heard(9), 20.0, Said())
    with pytest.raises(ForgottenError):
        second.moments(sound)
    assert paths(second) == paths(store) == ["3.wav", "4.wav", "5.wav", "new.wav"]
    assert second.nearest(ONES, limit=9).among == 4


def test_a_compaction_leaves_nothing_on_the_server_that_does_not_count(store):
    for n in range(8):
        fill(store, [n])
    with store.writing("a test"):
        store.remove([one.id for one in store.recordings()][2:])
        store.compact()
    names = store._names
    assert len(rows_on(store, names.moments)) == 2 * 7
    assert len(rows_on(store, names.tokens)) == 2
    assert len(rows_on(store, names.log)) <= 7


# mishaps


def test_vectors_whose_writer_was_stopped_are_never_seen_and_swept_away(store, monkeypatch):
    fill(store, [1])
    link, insert = store._link, store._link.insert

    def broken(name, rows, width):
        if name == store._names.log:
            raise LostError("the line is cut", hint="")
        insert(name, rows, width)

    def be_stopped():
        with store.writing("a test"):
            monkeypatch.setattr(link, "insert", broken)
            store.add(file("2.wav"), "2", heard(2), 20.0, Said())
            store._pen.flush()

    with pytest.raises(LostError):
        be_stopped()
    monkeypatch.undo()
    assert len(rows_on(store, store._names.moments)) == 2 * 7
    assert paths(store) == ["1.wav"]
    assert store.nearest(ONES, limit=5).among == 1
    fill(store, [3])
    with store.writing("a test"):
        store.compact()
    assert len(rows_on(store, store._names.moments)) == 2 * 7
    assert store.nearest(ONES, limit=5).among == 2


@pytest.fixture
def wire(server):
    wire = Wire(server.server.listen_port)
    yield wire
    wire.close()


def test_a_line_that_is_cut_costs_a_batch_and_the_next_run_goes_on(shelves, store, wire):
    other = shelves.open(store.address, uri=wire.uri, patience=1.0)

    def run():
        with other.writing("a run"):
            for n in range(3):
                other.add(file(f"{n}.wav"), f"{n}", heard(n), 20.0, Said())
            other._pen.flush()
            wire.cut()
            other.add(file("3.wav"), "3", heard(3), 20.0, Said())

    with pytest.raises(LostError, match="cannot be reached") as caught:
        run()
    assert "goes on from there" in caught.value.hint
    wire.mend()
    assert paths(other) == ["0.wav", "1.wav", "2.wav"]
    fill(other, [3])
    assert paths(other) == ["0.wav", "1.wav", "2.wav", "3.wav"]
    assert other.nearest(ONES, limit=9).among == 4
    other.close()


def test_a_line_that_is_cut_for_a_moment_costs_nothing(shelves, store, wire):
    other = shelves.open(store.address, uri=wire.uri)
    with other.writing("a run"):
        for n in range(4):
            threading.Timer(0.5, wire.mend).start()
            wire.cut()
            other.add(file(f"{n}.wav"), f"{n}", heard(n), 20.0, Said())
            other._pen.flush()
    other.close()
    store._catch_up("Strong")
    assert paths(store) == ["0.wav", "1.wav", "2.wav", "3.wav"]
    vectors, _ = store.moments(store.sound_of("3"))
    assert np.array_equal(vectors, heard(3).halves.astype(np.float32))


def test_where_nobody_listens_is_said_at_once():
    began = time.monotonic()
    with pytest.raises(LostError, match="cannot be reached"):
        ServedStore.open(Address("127.0.0.1", 1, "none"))
    assert time.monotonic() - began < 10


def test_credentials_come_from_the_environment(server, monkeypatch):
    with pytest.raises(LostError, match="let us in") as caught:
        ServedStore.open(address_of(server))
    assert "EARMARK_MILVUS_TOKEN" in caught.value.hint
    monkeypatch.setenv("EARMARK_MILVUS_TOKEN", "root:wrong")
    with pytest.raises(LostError, match="let us in"):
        ServedStore.open(address_of(server))
    monkeypatch.delenv("EARMARK_MILVUS_TOKEN")
    monkeypatch.setenv("EARMARK_MILVUS_USER", "root")
    monkeypatch.setenv("EARMARK_MILVUS_PASSWORD", "Milvus")
    with pytest.raises(EarmarkError, match="there is no library"):
        ServedStore.open(address_of(server))
    monkeypatch.setenv("EARMARK_MILVUS_TOKEN", TOKEN)
    with pytest.raises(EarmarkError, match="there is no library"):
        ServedStore.open(address_of(server))


def test_a_library_is_not_made_over_another(store, shelves):
    with pytest.raises(UsageError, match="already"):
        ServedStore.create(store.address, IDENTITY, link=shelves.link())


def test_what_was_followed_is_kept_for_the_next_time(store, shelves, monkeypatch, tmp_path):
    monkeypatch.setattr(mirror, "WORTH", 1)
    monkeypatch.setattr(mirror, "_place", lambda key: tmp_path / "cache" / f"{key}.db")
    shelves.open(store.address).close()
    fill(store, range(5))
    shelves.open(store.address).close()
    assert len(list((tmp_path / "cache").iterdir())) == 1
    fill(store, [7])
    with closing(shelves.open(store.address)) as other:
        assert other._mirror._fresh == 2  # the first row of an epoch, and the one that is new
        assert other.count() == 6
    (saved,) = (tmp_path / "cache").iterdir()
    saved.write_bytes(b"no database")
    with closing(shelves.open(store.address)) as other:
        assert other.count() == 6


def test_without_tokens_a_library_keeps_the_same_moments(make_store):
    lean = make_store(keeps_tokens=False)
    fill(lean, [1, 2])
    assert lean.tokens(lean.sound_of("digest-1")) is None
    assert not lean.keeps_tokens
    assert lean.nearest(unit(np.random.default_rng(0), 1)[0], limit=5).among == 2


def test_a_long_recording_comes_back_in_parts(store):
    long = heard(3, seconds=900.0)
    with store.writing("a test"):
        store.add(file("long.wav"), "long", long, 900.0, Said())
    sound = store.sound_of("long")
    whole, part = store.tokens(sound), store.tokens(sound, 100.0, 101.0)
    assert np.array_equal(whole.times, long.token_times)
    assert np.array_equal(part.times, long.token_times[200:202])
    assert np.array_equal(part.tokens, whole.tokens[200:202])
    assert len(store.moments(sound)[0]) == len(long.halves)


def test_collections_are_named_by_library_and_model(store):
    assert store._names == Names.of(store.address.name, IDENTITY)
    assert {store._names.log, store._names.moments} <= set(store._link.collections())
    assert IDENTITY.digest[:8] in store._names.moments


def test_no_file_of_the_mirror_stays(shelves):
    store = shelves.make()
    folder = Path(store._mirror._folder)
    assert folder.is_dir()
    store.close()
    assert not folder.exists()
