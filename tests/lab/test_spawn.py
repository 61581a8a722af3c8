"""The processes of a run: how they start, stop and fail together; all of them are real.

Where only starting and ending matter, a stand-in for earmark is run that does what a test says. The
last ones train.
"""

import json
import os
import signal
import sys
import time
from contextlib import contextmanager
from threading import Event, Thread

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
pytest.importorskip("onnx", reason="training needs onnx: pip install 'earmark[lab]'")

from earmark.cli.main import main
from earmark.errors import EarmarkError
from earmark.lab import spawn as module
from earmark.lab.spawn import spawn
from lab.experts import tiny_net
from lab.loud import RECIPE, write_clips

STAND_IN = """
import json, os, signal, sys, time
from pathlib import Path
place, folder = int(os.environ["RANK"]), Path(sys.argv[1])
told = {"pid": os.getpid(), "session": os.getsid(0), "argv": sys.argv[1:], **os.environ}
part = folder / f"part{place}"
part.write_text(json.dumps(told))
part.replace(folder / f"{place}.json")
while not all((folder / f"{n}.json").exists() for n in range(WAIT_FOR)):
    time.sleep(0.01)
"""
NOTHING = "pass"
FOREVER = "time.sleep(600)"
ASK = "os.kill(os.getppid(), signal.SIGINT)\n"
STOPS = """
def stop(*_):
    (folder / f"stopped{place}").touch()
    sys.exit(130)
signal.signal(signal.SIGINT, stop)
"""


@pytest.fixture
def crew(tmp_path, monkeypatch):
    """Start a stand-in that does this as leader, and that as any other: what it ends with."""
    (tmp_path / "earmark").mkdir()
    # Without it the stand-in would be a part of a package only, and the real one would be run.
    (tmp_path / "earmark" / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def start(leader, other=FOREVER, *, size=2, wait_for=None):
        head = STAND_IN.replace("WAIT_FOR", str(size if wait_for is None else wait_for))
        turn = f"exec({leader!r} if place == 0 else {other!r})"
        (tmp_path / "earmark" / "__main__.py").write_text(head + turn, encoding="utf-8")
        return spawn([str(tmp_path), "more"], size)

    return start


def told(folder):
    return [json.loads(path.read_text()) for path in sorted(folder.glob("?.json"))]


def is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(autouse=True)
def nobody_is_left(tmp_path):
    yield
    left = [one["pid"] for one in told(tmp_path) if is_there(one["pid"])]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left


def test_each_is_told_its_place_and_where_to_meet(crew, tmp_path, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)

    assert crew(NOTHING, NOTHING, size=3) == 0

    found = told(tmp_path)
    assert [(one["RANK"], one["LOCAL_RANK"], one["WORLD_SIZE"]) for one in found] == [
        ("0", "0", "3"),
        ("1", "1", "3"),
        ("2", "2", "3"),
    ]
    assert {one["MASTER_ADDR"] for one in found} == {"127.0.0.1"}
    assert len({one["MASTER_PORT"] for one in found}) == 1
    assert {one["OMP_NUM_THREADS"] for one in found} == {str(max(1, os.cpu_count() // 3))}
    assert found[0]["argv"] == found[2]["argv"] == [str(tmp_path), "more"]


def test_two_crews_do_not_meet(crew, tmp_path):
    ports = []
    for _ in range(2):
        crew(NOTHING, NOTHING)
        ports.append(told(tmp_path)[0]["MASTER_PORT"])

    assert ports[0] != ports[1]


def test_what_a_person_has_set_is_kept(crew, tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.check=0")

    crew(NOTHING, NOTHING)

    assert {one["OMP_NUM_THREADS"] for one in told(tmp_path)} == {"7"}
    assert {one["GLIBC_TUNABLES"] for one in told(tmp_path)} == {"glibc.malloc.check=0"}


@pytest.mark.skipif(sys.platform != "linux", reason="what is asked of the C library of Linux")
def test_on_linux_memory_is_kept_and_they_meet_on_this_machine(crew, tmp_path, monkeypatch):
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)

    crew(NOTHING, NOTHING)

    assert all("hugetlb=1" in one["GLIBC_TUNABLES"] for one in told(tmp_path))
    assert {one["GLOO_SOCKET_IFNAME"] for one in told(tmp_path)} == {"lo"}


def test_only_the_leader_is_heard(crew, capfd):
    crew("print('from', place)", "print('from', place)\nprint('from', place, file=sys.stderr)")

    assert capfd.readouterr() == ("from 0\n", "")


@pytest.mark.parametrize("status", [0, 3])
def test_the_leader_s_status_is_that_of_all_and_it_ends_them(crew, status):
    assert crew(f"sys.exit({status})") == status


def test_ctrl_c_reaches_the_leader_once_and_ends_all(crew, tmp_path):
    assert crew(STOPS + ASK + FOREVER, STOPS + FOREVER) == 130

    assert (tmp_path / "stopped0").exists()
    assert not (tmp_path / "stopped1").exists()
    own = {one["session"] for one in told(tmp_path)}
    assert len(own) == 2
    assert os.getsid(0) not in own  # so that a terminal's Ctrl-C does not reach them


def test_a_second_ctrl_c_does_not_wait_for_a_leader_that_goes_on(crew):
    deaf = "signal.signal(signal.SIGINT, lambda *_: os.kill(os.getppid(), signal.SIGINT))\n"

    with pytest.raises(KeyboardInterrupt):
        crew(deaf + ASK + "[time.sleep(0.1) for _ in range(6000)]")


def test_ctrl_c_before_all_have_started_leaves_nobody(crew, monkeypatch):
    def start(*rest, real=module._start):
        made = real(*rest)
        if rest[1] == 0:
            signal.raise_signal(signal.SIGINT)
        return made

    monkeypatch.setattr(module, "_start", start)

    assert crew(FOREVER, FOREVER) == 130


def test_a_leader_that_was_stopped_before_it_could_say_so_was_stopped(crew):
    """Python itself ends with 1 if Ctrl-C meets it while it is starting."""
    assert crew("signal.signal(signal.SIGINT, lambda *_: sys.exit(1))\n" + ASK + FOREVER) == 130


def test_a_leader_that_is_done_when_it_is_asked_is_done(crew):
    assert crew("signal.signal(signal.SIGINT, lambda *_: sys.exit(0))\n" + ASK + FOREVER) == 0


def test_one_that_fails_ends_all_and_is_told_in_two_lines(crew, monkeypatch):
    monkeypatch.setattr(module, "GRACE", 0.3)

    with pytest.raises(EarmarkError, match="process 2 of 3 has failed") as error:
        crew(FOREVER, "sys.exit(4 * (place == 1))", size=3)

    assert len(str(error.value).splitlines()) == 2
    assert error.value.exit_code != 0


def test_a_leader_that_sees_it_and_fails_by_itself_is_waited_for(crew):
    assert crew("time.sleep(0.3)\nsys.exit(5)", "sys.exit(4)") == 5


def test_once_asked_to_stop_the_leader_may_take_longer_than_the_others(crew, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "GRACE", 0.1)
    asked = "while not (folder / 'asked').exists(): time.sleep(0.01)\nsys.exit(130)"
    slow = "signal.signal(signal.SIGINT, lambda *_: (folder / 'asked').touch())\n"

    assert crew(slow + ASK + asked.replace("sys", "time.sleep(0.6)\nsys"), asked) == 130


def test_one_that_is_done_early_stops_nobody(crew, monkeypatch):
    monkeypatch.setattr(module, "GRACE", 0.0)

    assert crew("time.sleep(0.4)\nsys.exit(6)", NOTHING) == 6


def test_a_leader_that_is_killed_has_the_status_that_a_shell_gives_it(crew):
    assert crew("os.kill(os.getpid(), signal.SIGKILL)") == 128 + 9


FEW = "accumulate = 2\nbatch = 2\nsteps = 60\ndev_every = 10\nwarmup = 1\ncheckpoint_minutes = 60"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Clips, and an expert of a few hundred weights that has the size of a real one's answers."""
    folder = tmp_path_factory.mktemp("data")
    write_clips(folder, 3)
    (folder / "experts").mkdir()
    tiny_net.write_wide(folder / "experts" / "efficientat_mn04.onnx")
    return folder


@pytest.fixture
def words(data, tmp_path):
    """The words of a command that trains in two processes."""
    recipe = tmp_path / "x.toml"
    recipe.write_text(RECIPE.replace("[mix]", '[mix]\nmade_of = "bands"') + FEW, encoding="utf-8")
    places = ["--data", str(data), "--cache", str(data / "cache"), "--run", str(tmp_path / "run")]
    return ["train", str(recipe), *places, "--processes", "2"]


@contextmanager
def ctrl_c_once(path):
    """Press Ctrl-C as soon as this file is there, or with an error once it is too late."""
    done = Event()

    def press():
        until = time.monotonic() + 60
        while not path.exists() and time.monotonic() < until and not done.wait(0.01):
            pass
        if not done.is_set():
            os.kill(os.getpid(), signal.SIGINT)

    thread = Thread(target=press)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_a_recipe_is_trained_by_two_is_stopped_by_ctrl_c_and_goes_on_to_its_end(
    words, tmp_path, capfd
):
    run = tmp_path / "run"

    with ctrl_c_once(run / "model.safetensors"):
        assert main(words) == 130

    said = capfd.readouterr()
    assert said.out.startswith("step 10 of 60: dev: agreement 0.")
    assert said.err.splitlines() == [
        f"{run} keeps its state: the same command goes on",
        "earmark: stopped",
    ]
    assert 10 <= torch.load(run / "state.pt")["step"] < 60

    assert main(words) == 0

    rows = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows if "classes" in row] == [20, 40, 60]
    assert [row["step"] for row in rows if "dev_agreement" in row] == [10, 20, 30, 40, 50, 60]


def test_three_cannot_share_two_batches(words, tmp_path, capsys):
    assert main([*words[:-1], "3"]) == 2

    problem, hint = capsys.readouterr().err.splitlines()
    assert problem == "earmark: 3 processes cannot share the 2 batches of a step"
    assert "accumulate = 3" in hint
    assert not (tmp_path / "run").exists()
