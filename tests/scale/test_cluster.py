"""A cluster of two nodes hears what one machine hears, whoever is killed meanwhile."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ray", reason="hearing on a cluster is an extra: pip install 'earmark[scale]'")

from earmark.audio.write import write
from earmark.errors import EarmarkError
from earmark.library.library import Library
from earmark.scale import driver
from earmark.scale.cluster import cluster
from earmark.scale.driver import Driver
from library.states import heard
from scale.archive import KINDS, RATE, alone, packed
from scale.models import Deadly, Fatal, Slow
from scale.s3 import ADDRESS

pytestmark = [  # Ray leaves files and sockets open
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
POISON = "poison.wav"


@pytest.fixture(scope="module")
def expected(tmp_path_factory, sounds, tiny):
    """What a single machine makes of the sounds."""
    report, whole = alone(tmp_path_factory.mktemp("alone") / "library", sounds, Slow())
    assert report.indexed == len(KINDS)
    return whole


@pytest.fixture
def losses(monkeypatch):
    """What a driver lost, in order."""
    met, lost = [], Driver._lost

    def noting(self, job, loss):
        met.append((loss.name, len(job.files)))
        return lost(self, job, loss)

    monkeypatch.setattr(Driver, "_lost", noting)
    return met


def test_a_client_hears_on_a_cluster_what_one_machine_hears(nodes, tmp_path, tiny, sounds):
    home = tmp_path / "library"
    words = ["index", sounds, "--library", home, "--model", tiny, "--on", nodes.client]

    done = subprocess.run(
        [sys.executable, "-m", "earmark", *words],
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"},
    )

    assert done.stderr == ""
    assert "heard     12 recordings, 3:12 of sound" in done.stdout
    assert f"on        {nodes.client}, " in done.stdout
    _, expected = alone(tmp_path / "alone", sounds, tiny)
    with Library.open(home) as library:
        assert packed(library, tmp_path / "one.earmark") == expected


@pytest.mark.parametrize("model", [Deadly, Fatal])
def test_a_file_that_kills_who_touches_it_fails_and_all_others_are_heard(
    nodes, tmp_path, sounds, expected, model, losses
):
    poison = sounds / POISON
    write(poison, np.full(20 * RATE, 0.5, np.float32), RATE)
    try:
        with Library.create(tmp_path / "library", model=model()) as library:
            with cluster("auto") as crew:
                report = library.index([sounds], crew=crew)
            (failed,) = library.failed()
            again = library.index([sounds])
    finally:
        poison.unlink()

    assert (report.indexed, report.failed) == (len(KINDS), 1)
    assert failed.place.path == POISON
    assert failed.reason == "it ended the process that read it, 2 times"
    assert (again.indexed, again.skipped) == (0, len(KINDS) + 1)  # nobody touches it again
    assert losses.count(("PROCESS", 1)) >= 2
    with Library.open(tmp_path / "library", model=Slow()) as library:
        library.index([sounds])  # the poison is gone
        assert packed(library, tmp_path / "one.earmark") == expected


def test_a_driver_that_is_killed_goes_on_where_it_was(nodes, tmp_path, sounds, expected):
    home = tmp_path / "library"
    with Library.create(home, model=Slow()):
        pass
    victim = Path(__file__).with_name("victim.py")
    with subprocess.Popen([sys.executable, victim, home, sounds]) as process:
        until = time.monotonic() + 300
        while not (kept := kept_in(home)) >= 3:
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
    kept = kept_in(home)
    assert kept < len(KINDS)

    with cluster("auto") as crew, Library.open(home, model=Slow()) as library:
        report = library.index([sounds], crew=crew)
        assert packed(library, tmp_path / "one.earmark") == expected

    assert (report.indexed, report.skipped) == (len(KINDS) - kept, kept)


def kept_in(home):
    with closing(sqlite3.connect(home / "library.db", timeout=10)) as db:
        return db.execute("SELECT count(*) FROM recordings").fetchone()[0]


def test_an_address_is_heard_and_how_far_it_is_is_told(nodes, bucket, tmp_path, sounds, tiny):
    if bucket is None:
        pytest.skip("addresses of S3 are an extra: pip install 'earmark[scale]' 'moto[server]'")
    told = []
    with cluster("auto") as crew, Library.create(tmp_path / "far", model=Slow()) as library:
        report = library.index([ADDRESS], crew=crew, on_progress=told.append, jobs=1)
    with Library.create(tmp_path / "near", model=tiny) as near:
        near.index([sounds])

    assert (report.indexed, report.failed) == (len(KINDS), 0)
    assert heard(tmp_path / "far") == heard(tmp_path / "near")
    assert (told[0].files_done, told[-1].files_done) == (0, len(KINDS))
    assert told[-1].seconds_done == report.seconds
    inside = [one for one in told if one.seconds_total is not None and one.left]
    assert len({one.seconds_done for one in inside}) > len(KINDS) / 2


def test_a_folder_that_a_node_does_not_see_is_told(nodes, tmp_path, sounds, monkeypatch):
    unseen = driver.Unseen
    monkeypatch.setattr(driver, "look_at", lambda files: [unseen(one, "far") for one in files])

    with (
        cluster("auto") as crew,
        Library.create(tmp_path / "library", model=Slow()) as library,
        pytest.raises(EarmarkError) as told,
    ):
        library.index([sounds], crew=crew)

    assert told.value.problem == f"the node far does not see the folder {sounds}"


# The last one: a node is gone after it.


def test_a_node_is_killed_in_the_middle_and_everything_is_heard(
    nodes, tmp_path, sounds, expected, losses
):
    with cluster("auto") as crew, Library.create(tmp_path / "library", model=Slow()) as library:

        def mortal(*args, **options):
            for number, outcome in enumerate(crew(*args, **options), 1):
                yield outcome
                if number == 3:
                    nodes.cluster.remove_node(nodes.second, allow_graceful=False)

        report = library.index([sounds], crew=mortal)
        assert packed(library, tmp_path / "one.earmark") == expected

    assert (report.indexed, report.failed) == (len(KINDS), 0)
    assert losses  # it had something in its hands
