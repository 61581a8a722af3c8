"""`library/pipeline.py`: the same bytes however it is run, and an end whatever goes wrong."""

import os
import signal
import sys
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import count
from threading import Barrier, Event, Lock
from threading import enumerate as threads_alive

import numpy as np
import pytest

from earmark.errors import EarmarkError, UsageError
from earmark.library import hear, pipeline
from earmark.library.packed import pack
from earmark.library.pipeline import run
from earmark.model.model import Model
from library.founds import found, sound
from model.tiny import PAGE, contents_of

KINDS = ("dog_bark", "light_rain", "police_siren", "wind")
CONTENTS = contents_of(PAGE)
PATIENCE = 30  # seconds after which a test that hangs is red


class Tiny(Model):
    """A tiny model that can be told to do something when it cuts or hears."""

    def __init__(self, on_cut=None, on_hear=None):
        super().__init__(PAGE, CONTENTS.__getitem__)
        self.on_cut, self.on_hear = on_cut, on_hear

    def windows(self, blocks):
        for window in super().windows(blocks):
            if self.on_cut:
                self.on_cut(window)
            yield window

    def hear_windows(self, windows):
        if self.on_hear:
            for window in windows:
                self.on_hear(window)
        return super().hear_windows(windows)


@pytest.fixture(autouse=True)
def every_thread_ends():
    yield
    assert not [thread for thread in threads_alive() if thread.name == "earmark"]


@pytest.fixture
def archive(tmp_path):
    """Four sounds of 3 to 24 seconds."""
    return [
        sound(tmp_path / f"{kind}.wav", kind, seconds=3.0 + 7 * n) for n, kind in enumerate(KINDS)
    ]


def always(found, digest):
    return True


def never(found, digest):
    return False


def outcomes(files, model=None, judge=always, **options):
    """All outcomes, by file."""
    with closing(run(files, model or Tiny(), judge, **({"jobs": 2} | options))) as coming:
        return {outcome.found: outcome for outcome in coming}


def bits(outcome):
    packed = outcome.packed
    return [getattr(packed, name).tobytes() for name in packed.__slots__]


def test_what_is_heard_is_what_the_model_hears_in_the_whole_file(archive):
    model = Tiny()
    for file, outcome in outcomes(archive, model).items():
        line = model.hear(file.place.full)
        assert (outcome.found, outcome.reason, outcome.changed) == (file, "", False)
        assert outcome.seconds == line.seconds
        assert outcome.digest == hear.digest_of(file.place.full, int)
        whole = pack(line, PAGE.seconds.window, PAGE.seconds.hop)
        assert bits(outcome) == [getattr(whole, name).tobytes() for name in whole.__slots__]


def test_jobs_blocks_and_order_change_no_bit(archive, monkeypatch):
    expected = {file: bits(outcome) for file, outcome in outcomes(archive, jobs=1).items()}
    for jobs, block, order in ((3, 65_536, -1), (1, 1013, -1), (2, 400_000, 1), (5, 7777, 1)):
        monkeypatch.setattr(hear, "BLOCK", block)
        again = outcomes(archive[::order], jobs=jobs)
        assert {file: bits(outcome) for file, outcome in again.items()} == expected


def test_a_file_that_must_not_be_heard_is_not_decoded(archive):
    asked = []

    def judge(file, digest):
        asked.append((file, digest))
        return False

    def refuse(_):
        raise AssertionError("it was cut")

    told = outcomes(archive, Tiny(on_cut=refuse), judge)
    assert set(told) == set(archive)
    assert sorted(asked, key=str) == sorted(((f, o.digest) for f, o in told.items()), key=str)
    assert all(one.packed is None and not one.reason for one in told.values())


def test_tags_come_with_files_that_are_heard_and_with_those_that_are_not(tmp_path):
    file = sound(tmp_path / "AMBRain_Tin Roof_ME_Mine.wav")
    for judge in (always, never):
        assert outcomes([file], judge=judge)[file].said.ucs == "AMBRain"


def test_what_was_odd_while_it_was_read_is_told(tmp_path):
    file = sound(tmp_path / "a.wav", seconds=5.0)
    cut = file.place.full.read_bytes()[:40_000]
    file.place.full.write_bytes(cut)
    (told,) = outcomes([found(file.place.full)]).values()
    assert told.packed is not None
    assert told.said.warnings == ("ends after 2.5 s although its header says 5.0 s",)


def test_one_long_file_uses_every_worker(tmp_path):
    # Each of the first three windows is heard only once all three are.
    together, numbers = Barrier(3), count()

    def wait(_):
        if next(numbers) < 3:
            together.wait(PATIENCE)

    file = sound(tmp_path / "long.wav", seconds=60.0)
    assert outcomes([file], Tiny(on_hear=wait), jobs=3)[file].packed is not None


def test_no_more_than_a_few_windows_wait(tmp_path):
    # One in the hands of each of 3 readers and 2 workers, and 4 in the queue.
    full, over, held, lock = Event(), Event(), [0, 0], Lock()

    def on_cut(_):
        with lock:
            held[0] += 1
            held[1] += 1
            if held[0] == 3 + 2 + 4:
                full.set()
            if held[0] > 3 + 2 + 4:
                over.set()

    def on_hear(_):
        if not full.is_set():
            assert full.wait(PATIENCE)
            over.wait(0.1)  # a queue without bounds would go on
        with lock:
            held[0] -= 1

    files = [sound(tmp_path / f"{n}.wav", seconds=90.0, seed=n) for n in range(3)]
    outcomes(files, Tiny(on_cut, on_hear), jobs=2)
    assert held[0] == 0
    assert held[1] > 60
    assert not over.is_set()


def test_two_files_of_the_same_bytes_are_heard_once(tmp_path):
    first = sound(tmp_path / "a.wav", seconds=20.0)
    copies = []
    for name in ("b.wav", "c.wav"):
        (tmp_path / name).write_bytes(first.place.full.read_bytes())
        copies.append(found(tmp_path / name))
    known, asked = set(), []

    def judge(file, digest):
        asked.append(file)
        return digest not in known

    told = []
    with closing(run([first, *copies], Tiny(), judge, jobs=2)) as coming:
        for outcome in coming:
            told.append(outcome)
            if outcome.packed is not None:
                known.add(outcome.digest)
    assert [outcome.packed is not None for outcome in told] == [True, False, False]
    assert [outcome.found for outcome in told] == asked
    assert {outcome.found for outcome in told} == {first, *copies}


def test_a_copy_of_a_file_that_changed_is_heard_itself(tmp_path):
    files = [sound(tmp_path / "a.wav", seconds=9.0), sound(tmp_path / "b.wav", seconds=9.0)]
    spoilt = []

    def judge(file, digest):
        if not spoilt:
            spoilt.append(file)
            os.utime(file.place.full, ns=(5, 5))
        return True

    told = outcomes(files, judge=judge)
    (kept,) = set(files) - set(spoilt)
    assert told[spoilt[0]].changed
    assert told[spoilt[0]].packed is None
    assert told[kept].packed is not None


def test_a_bad_file_stops_nothing_and_says_why(tmp_path, archive):
    bad = {
        "text.wav": (b"this is no sound, " * 99, "it is not sound, or too damaged to be read"),
        "none.wav": (b"", "it is empty (0 bytes)"),
    }
    files = list(archive)
    for name, (content, _) in bad.items():
        (tmp_path / name).write_bytes(content)
        files.insert(1, found(tmp_path / name))
    told = outcomes(files)
    assert len(told) == 6
    for file, outcome in told.items():
        reason = bad.get(file.place.path, (b"", ""))[1]
        assert outcome.reason == reason
        assert (outcome.packed is None) == bool(reason)
        assert len(outcome.digest) == 32


@pytest.mark.skipif(sys.platform == "win32", reason="rights are another thing on Windows")
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read it all")
def test_a_file_that_may_not_be_read_has_no_digest(tmp_path):
    file = sound(tmp_path / "a.wav")
    file.place.full.chmod(0)
    told = outcomes([file])[file]
    assert (told.reason, told.digest) == ("you may not read it", "")


def test_whatever_a_decoder_raises_is_a_reason(archive):
    def fall(_):
        raise ZeroDivisionError("a frame of no samples")

    told = outcomes(archive, Tiny(on_cut=fall))
    reason = "it could not be decoded (ZeroDivisionError: a frame of no samples)"
    assert [one.reason for one in told.values()] == [reason] * 4


def test_a_file_without_a_single_sample_at_the_rate_of_the_model_says_so(tmp_path):
    file = sound(tmp_path / "a.wav", seconds=0.0005, rate=48_000)
    model = Tiny()
    model.windows = lambda blocks: iter(())
    assert outcomes([file], model)[file].reason == "there is not one sample in it"


@pytest.mark.parametrize("change", [{"size": 5}, {"mtime": 5}])
def test_a_file_that_is_not_as_it_was_met_is_left(archive, change):
    other = replace(archive[1], **change)
    told = outcomes([archive[0], other])
    assert told[other].changed
    assert (told[other].packed, told[other].reason, told[other].digest) == (None, "", "")
    assert not told[archive[0]].changed


def test_a_file_that_grows_while_it_is_heard_is_left(tmp_path):
    file = sound(tmp_path / "a.wav", seconds=30.0)

    def grow(_):
        with file.place.full.open("ab") as more:
            more.write(b"more")

    told = outcomes([file], Tiny(on_cut=grow))[file]
    assert (told.changed, told.packed, told.reason) == (True, None, "")


def test_a_file_that_vanishes_is_left_and_not_called_bad(tmp_path):
    file = sound(tmp_path / "a.wav")

    def vanish(met, digest):
        met.place.full.unlink()
        return True

    assert outcomes([file], judge=vanish)[file].changed
    assert outcomes([file])[file].changed  # it was gone before


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are Unicode there")
def test_a_name_that_is_no_text_is_heard_like_any_other(tmp_path):
    plain = sound(tmp_path / "a.wav")
    odd = plain.place.full.rename(tmp_path / os.fsdecode(b"caf\xe9.wav"))
    assert outcomes([found(odd)])[found(odd)].packed is not None
    odd.write_bytes(b"no sound")
    outcomes([found(odd)])[found(odd)].reason.encode("utf-8")


def test_no_files_give_no_outcomes():
    assert outcomes([]) == {}


@pytest.mark.parametrize("jobs", [0, -2])
def test_nothing_is_done_by_nobody(archive, jobs):
    with pytest.raises(UsageError, match="give one job or more"):
        outcomes(archive, jobs=jobs)


def test_a_network_that_fails_ends_the_run(archive):
    def fail(_):
        raise EarmarkError("audio.onnx cannot be run: x", hint="export the bundle again")

    with pytest.raises(EarmarkError, match="cannot be run"):
        outcomes(archive, Tiny(on_hear=fail))


def test_a_lack_of_memory_is_the_fault_of_no_file(archive):
    def lack(_):
        raise MemoryError("none left")

    with pytest.raises(MemoryError, match="none left"):
        outcomes(archive, Tiny(on_cut=lack))


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
def test_what_the_caller_raises_ends_the_run(archive, fault):
    def judge(file, digest):
        raise fault

    with pytest.raises(fault):
        outcomes(archive, judge=judge)


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
def test_what_goes_wrong_with_an_outcome_ends_the_run(archive, fault):
    def keep(outcome):
        raise fault

    def keep_all():
        with closing(run(archive, Tiny(), always, jobs=2)) as coming:
            for outcome in coming:
                keep(outcome)

    with pytest.raises(fault):
        keep_all()


@pytest.mark.skipif(sys.platform == "win32", reason="a signal cannot be sent there")
def test_ctrl_c_is_heard_while_everybody_works(tmp_path):
    def interrupt(_):
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        outcomes([sound(tmp_path / "a.wav", seconds=60.0)], Tiny(on_hear=interrupt))


def test_a_run_that_nobody_goes_on_with_ends(tmp_path):
    files = [sound(tmp_path / f"{n}.wav", seconds=40.0, seed=n) for n in range(5)]
    with closing(run(files, Tiny(), always, jobs=3)) as coming:
        next(coming)


def test_a_file_that_never_ends_and_is_silent_can_be_left(archive, monkeypatch):
    started = Event()

    class Endless:
        facts = type("Facts", (), {"seconds": None})
        warnings = ()

        def __iter__(self):
            while True:
                started.set()
                yield np.zeros(1000, np.float32)

    @contextmanager
    def open_endless(path, **options):
        yield Endless()

    def on_progress(_):
        if started.is_set():
            raise KeyboardInterrupt

    monkeypatch.setattr(hear, "open_sound", open_endless)
    monkeypatch.setattr(pipeline, "TICK", 0.001)
    with pytest.raises(KeyboardInterrupt):
        outcomes(archive[:1], on_progress=on_progress)


def test_progress_is_told_from_the_first_to_the_last_file(archive):
    told = []
    outcomes(archive, on_progress=told.append)
    assert (told[0].files_done, told[0].files_total, told[0].seconds_done) == (0, 4, 0.0)
    assert (told[-1].files_done, told[-1].files_total) == (4, 4)
    assert told[-1].seconds_done == told[-1].seconds_total == pytest.approx(3 + 10 + 17 + 24)
    assert told[-1].left == 0.0


def test_progress_is_told_in_the_middle_of_a_long_file(tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "TICK", 0.001)
    seen, told, numbers = Event(), [], count()

    def on_progress(now):
        told.append(now)
        if 0 < now.seconds_done < 20:
            seen.set()

    def wait(_):
        if next(numbers) == 5:  # of 10 or more: it goes on when the first ones were told of
            assert seen.wait(PATIENCE)

    file = sound(tmp_path / "long.wav", seconds=40.0)
    outcomes([file], Tiny(on_hear=wait), jobs=1, on_progress=on_progress)
    middle = next(now for now in told if now.seconds_done)
    assert (middle.files_done, middle.seconds_total) == (0, 40.0)
    assert [now.seconds_done for now in told] == sorted(now.seconds_done for now in told)
