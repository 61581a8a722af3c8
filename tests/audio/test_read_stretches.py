"""A stretch is the same stretch of the whole; blocks, rates and length change nothing else."""

import ctypes
import gc
import io
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from audio.files import KINDS, encode, make, noise, tone, wav_bytes
from earmark.audio.read import open_sound, read

LOSSY_AAC = [kind for kind, made in KINDS.items() if made.codec == "aac"]
EXACT = [kind for kind in KINDS if kind not in LOSSY_AAC]
STRETCHES = [(0.4, 0.9), (3.003, 3.1), (2.37, 7.99), (7.5, 60.0), (0.0, 0.01)]


def rate_of(kind: str) -> int:
    return 48_000 if KINDS[kind].rates == (48_000,) else 44_100


@pytest.mark.parametrize("kind", EXACT)
def test_a_stretch_is_the_same_samples_as_in_the_whole(tmp_path, kind):
    rate = rate_of(kind)
    path = make(tmp_path, kind, noise(8, rate, channels=2), rate)
    whole = read(path)

    stretches = [read(path, start=start, end=end) for start, end in STRETCHES]

    for heard, (start, end) in zip(stretches, STRETCHES, strict=True):
        expected = whole[round(start * rate) : round(end * rate)]
        assert np.array_equal(heard, expected) or np.abs(heard - expected).max() < 2e-7


@pytest.mark.parametrize("kind", LOSSY_AAC)
def test_a_stretch_of_aac_is_the_same_where_nothing_is_noise(tmp_path, kind):
    wave = tone(8, 44_100, hertz=440) * (0.1 + np.linspace(0, 1, 8 * 44_100, dtype=np.float32) ** 2)
    path = make(tmp_path, kind, wave, 44_100)
    whole = read(path)

    heard = read(path, start=5.05, end=5.9)

    assert np.abs(heard - whole[round(5.05 * 44_100) : round(5.9 * 44_100)]).max() < 2e-3


@pytest.mark.parametrize("kind", ["wav-16", "flac-24", "mp3", "opus", "mkv video"])
@pytest.mark.parametrize("rate", [16_000, 32_000, 48_000, 44_099])
def test_a_resampled_stretch_stands_on_the_grid_of_the_resampled_whole(tmp_path, kind, rate):
    wave = noise(8, rate_of(kind)) if kind != "mkv video" else tone(8, 44_100, hertz=250)
    path = make(tmp_path, kind, wave, rate_of(kind))
    whole = read(path, rate=rate)

    heard = read(path, rate=rate, start=4.3217, end=5.0)

    expected = whole[round(4.3217 * rate) : 5 * rate]
    assert len(heard) == len(expected)
    assert np.abs(heard - expected).max() < (1e-3 if kind == "mkv video" else 1e-5)


@pytest.mark.parametrize(("kind", "rate"), [("wav-24", 16_000), ("mp3", 48_000), ("ogg", None)])
def test_the_block_size_never_changes_a_sample(tmp_path, kind, rate):
    path = make(tmp_path, kind, noise(3, 44_100, channels=2), 44_100)

    def blocks(size: int) -> list[np.ndarray]:
        with open_sound(path, rate=rate, block=size) as sound:
            return list(sound)

    usual = np.concatenate(blocks(65_536))
    for size in (1000, 4096, 99_991):
        cut = blocks(size)
        assert {len(block) for block in cut[:-1]} <= {size}
        assert 0 < len(cut[-1]) <= size
        assert np.array_equal(np.concatenate(cut), usual)


def test_blocks_are_contiguous_finite_mono_float32(tmp_path):
    path = make(tmp_path, "aiff-24", noise(1, 44_100, channels=8), 44_100)

    with open_sound(path, rate=48_000, block=5000) as sound:
        blocks = list(sound)

    assert all(block.dtype == np.float32 and block.ndim == 1 for block in blocks)
    assert all(block.flags.c_contiguous and np.isfinite(block).all() for block in blocks)


@pytest.mark.parametrize("old", [8000, 11_025, 44_100, 48_000, 192_000])
@pytest.mark.parametrize("new", [8000, 16_000, 48_000])
def test_a_resampled_file_is_as_long_as_before(tmp_path, old, new):
    path = make(tmp_path, "wav-float", tone(0.777, old, hertz=440), old)

    heard = read(path, rate=new)

    assert len(heard) == pytest.approx(round(0.777 * old) * new / old, abs=1)
    middle = slice(new // 4, new // 2)
    assert np.abs(heard[middle] - tone(0.777, new, hertz=440)[middle]).max() < 1e-4


def test_a_stretch_beyond_the_end_is_empty(tmp_path):
    path = make(tmp_path, "flac-16", tone(2, 8000), 8000)

    assert len(read(path, start=2.0)) == 0
    assert len(read(path, start=50.0, end=60.0)) == 0
    assert len(read(path, start=1.0, end=1.0)) == 0
    assert len(read(path, start=1.5, end=9.0)) == 4000


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": 0},
        {"start": -1.0},
        {"start": 2.0, "end": 1.0},
        {"start": float("nan")},
        {"block": 0},
    ],
)
def test_a_stretch_that_cannot_be_is_a_bug_of_the_caller(tmp_path, wrong):
    path = make(tmp_path, "wav-16", tone(1, 8000), 8000)

    with pytest.raises(ValueError, match=r"\d|nan"):
        open_sound(path, **wrong)


class CountingFile(io.FileIO):
    """A file that knows how much was read from it."""

    count = 0

    def read(self, size: int = -1) -> bytes:
        data = super().read(size)
        CountingFile.count += len(data)
        return data


@pytest.mark.parametrize(
    "kind",
    ["wav-16", "rf64", "w64", "caf", "aiff-24", "flac-16", "ogg", "opus", "m4a", "wma", "webm"],
)
def test_seeking_does_not_read_what_lies_before(tmp_path, kind, monkeypatch):
    rate = 8000 if kind == "m4a" else rate_of(kind)
    path = make(tmp_path, kind, np.tile(noise(10, rate, channels=1), (12, 1)), rate)
    monkeypatch.setattr(Path, "open", lambda self, *_: CountingFile(self))
    CountingFile.count = 0

    heard = read(path, start=100.0, end=101.0)

    assert len(heard) == rate
    assert CountingFile.count < 0.6 * path.stat().st_size


@pytest.mark.parametrize(("minutes", "rate"), [(1, None), (6, None), (6, 16_000)])
def test_memory_does_not_grow_with_length(tmp_path, minutes, rate):
    path = tmp_path / "long.wav"
    samples = minutes * 60 * 8000
    with path.open("wb") as file:
        file.write(wav_bytes(b"", claimed=2 * samples))
        file.truncate(44 + 2 * samples)

    tracemalloc.start()
    with open_sound(path, rate=rate) as sound:
        heard = sum(len(block) for block in sound)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert heard == samples * ((rate or 8000) // 8000)
    assert peak < 2_500_000


def test_sound_that_sets_in_after_the_picture_keeps_its_time(tmp_path):
    kind = KINDS["mp4 video"]
    path = encode(tmp_path / "late.mp4", tone(2, 44_100), 44_100, kind, late=1.5)

    heard = read(path)

    assert not heard[: int(1.47 * 44_100)].any()
    assert np.std(heard[int(1.6 * 44_100) : int(2.4 * 44_100)]) == pytest.approx(
        0.5 / 2**0.5, abs=0.02
    )


class Allocated(ctypes.Structure):
    """What glibc tells of its memory; the eighth number is the bytes in use."""

    _fields_ = [(f"n{n}", ctypes.c_size_t) for n in range(10)]


@pytest.mark.skipif(sys.platform != "linux", reason="glibc tells what C code has allocated")
@pytest.mark.parametrize("kind", ["wav-16", "mp3"])
def test_a_file_that_is_left_half_way_leaves_no_memory_behind(tmp_path, kind):
    told = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if told is None:
        pytest.skip("glibc before 2.33 does not tell what C code has allocated")
    told.restype = Allocated
    path = make(tmp_path, kind, noise(8, 16_000), 16_000)

    def after(times):
        for _ in range(times):
            with open_sound(path, start=4.0, end=5.0) as sound:
                next(iter(sound))
        gc.collect()
        return told().n7

    before = after(200)
    assert after(400) - before < 400 * 100  # it was 300 bytes and more each time
