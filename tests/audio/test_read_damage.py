"""Damaged files: what can still be heard is heard, at its time, and what was wrong is told."""

import struct

import numpy as np
import pytest
import soundfile

from audio.files import KINDS, cut, damage, encode, make, noise, tone, wav_bytes
from earmark.audio.read import open_sound, read

SECONDS = 6


def heard_and_told(path, **stretch):
    with open_sound(path, **stretch) as sound:
        heard = np.concatenate([np.zeros(0, np.float32), *sound])
    assert np.isfinite(heard).all()
    return heard, sound.warnings


def a_file(folder, kind: str):
    rate = 48_000 if KINDS[kind].rates == (48_000,) else 44_100
    return make(folder, kind, noise(SECONDS, rate, channels=2), rate), rate


@pytest.mark.parametrize("kind", ["wav-16", "rf64", "aiff-24", "flac-16", "mp3", "webm", "mka"])
def test_a_file_cut_in_half_gives_its_first_half_and_says_so(tmp_path, kind):
    path, rate = a_file(tmp_path, kind)
    whole = read(path)

    heard, warnings = heard_and_told(cut(path, 0.5))

    assert 0.35 * SECONDS < len(heard) / rate < 0.65 * SECONDS
    sure = len(heard) - rate // 2
    assert np.array_equal(heard[:sure], whole[:sure])
    assert any(f"although its header says {SECONDS}." in sentence for sentence in warnings)


@pytest.mark.parametrize("kind", ["ogg", "opus", "aac", "w64", "caf"])
def test_a_file_that_does_not_tell_its_length_is_read_up_to_the_cut(tmp_path, kind):
    path, rate = a_file(tmp_path, kind)

    heard, _ = heard_and_told(cut(path, 0.5))

    assert 0.35 * SECONDS < len(heard) / rate < 0.65 * SECONDS


# Of the kinds that tell time, or whose damage tells how much of it is missing.
@pytest.mark.parametrize("kind", ["flac-16", "mp3", "ogg", "opus", "wma", "webm", "alac"])
def test_damage_in_the_middle_shifts_nothing_after_it(tmp_path, kind):
    path, rate = a_file(tmp_path, kind)
    whole = read(path)

    heard, _ = heard_and_told(damage(path, start=0.2, length=3000))

    assert len(heard) == pytest.approx(len(whole), abs=0.05 * rate)
    late = slice(int(0.88 * len(whole)), int(0.95 * len(whole)))
    assert np.abs(heard[late] - whole[late]).max() < 1e-4  # Opus takes a while to forget the loss


@pytest.mark.parametrize("kind", ["aac", "m4a", "mp4 video"])
def test_damage_in_aac_shifts_nothing_after_it(tmp_path, kind):
    onset = 4.8
    path = make(
        tmp_path,
        kind,
        tone(SECONDS, 44_100, onset=onset) + noise(SECONDS, 44_100)[:, 0] / 50,
        44_100,
    )

    heard, warnings = heard_and_told(damage(path, start=0.4, length=2000))

    assert np.argmax(np.abs(heard) > 0.2) / 44_100 == pytest.approx(onset, abs=0.1)
    assert "could not be decoded" in warnings[0]


def test_lost_packets_are_counted_and_their_place_is_silent(tmp_path):
    path, rate = a_file(tmp_path, "m4a")

    heard, warnings = heard_and_told(damage(path, start=0.5, length=3000))

    assert len(warnings) == 2
    assert warnings[0].startswith("damaged: ")
    assert warnings[1].startswith("1 gap, 0.")
    runs = np.flatnonzero(np.convolve(heard == 0, np.ones(rate // 20), "valid") == rate // 20)
    assert 0.4 * SECONDS < runs[0] / rate < 0.6 * SECONDS


def test_damage_before_a_stretch_does_not_concern_it(tmp_path):
    path, _ = a_file(tmp_path, "flac-16")
    damage(path, start=0.3, length=2000)

    _, warnings = heard_and_told(path, start=4.0, end=5.0)

    assert warnings == []


@pytest.mark.parametrize(
    "kind", ["flac-16", "mp3", "ogg", "m4a", "webm", "wma", "wav-24", "mov video"]
)
@pytest.mark.parametrize("seed", range(3))
def test_a_file_with_flipped_bytes_is_read_or_refused(tmp_path, kind, seed):
    path, rate = a_file(tmp_path, kind)
    data, rng = bytearray(path.read_bytes()), np.random.default_rng(seed)
    for at in rng.integers(5000, len(data) - 5000, 40):
        data[at] ^= int(rng.integers(1, 255))
    path.write_bytes(data)

    heard, _ = heard_and_told(path)

    assert 0 < len(heard) < 2 * SECONDS * rate


def test_what_is_no_number_is_silent_and_counted(tmp_path):
    wave = tone(1, 8000)
    wave[[100, 101, 4000]] = [np.nan, np.inf, -np.inf]
    soundfile.write(tmp_path / "bad.wav", wave, 8000, subtype="FLOAT")

    heard, warnings = heard_and_told(tmp_path / "bad.wav")

    assert not heard[[100, 101, 4000]].any()
    assert warnings == ["3 samples not numbers, set to 0"]


@pytest.mark.parametrize("claimed", [0, 0xFFFF_FFFF])
def test_a_recording_that_was_never_finished_is_read_to_its_end(tmp_path, claimed):
    path = tmp_path / "crashed.wav"
    path.write_bytes(wav_bytes(np.arange(8000, dtype="<i2").tobytes(), claimed=claimed))

    heard, warnings = heard_and_told(path)

    assert np.array_equal(heard * 32768, np.arange(8000))
    assert warnings == []


def test_a_header_that_claims_too_much_is_told(tmp_path):
    path = tmp_path / "short.wav"
    path.write_bytes(wav_bytes(np.arange(4000, dtype="<i2").tobytes(), claimed=160_000))

    heard, warnings = heard_and_told(path)

    assert len(heard) == 4000
    assert warnings == ["ends after 0.5 s although its header says 10.0 s"]


@pytest.mark.parametrize(
    ("kind", "name"), [("flac-16", "a.wav"), ("wav-16", "a.mp3"), ("mp3", "a.flac")]
)
def test_content_decides_and_a_wrong_extension_is_told(tmp_path, kind, name):
    path, _ = a_file(tmp_path, kind)
    whole = read(path)

    heard, warnings = heard_and_told(path.rename(tmp_path / name))

    container = kind.split("-")[0]
    assert np.array_equal(heard, whole)
    assert warnings == [f"file extension says {name[2:]} but it is {container}"]


def test_streams_one_after_the_other_are_both_heard(tmp_path):
    first = make(tmp_path, "ogg", tone(3, 44_100), 44_100, name="first").read_bytes()
    second = make(tmp_path, "ogg", tone(2, 44_100, hertz=300), 44_100, name="second").read_bytes()
    (tmp_path / "chain.ogg").write_bytes(first + second)

    heard, warnings = heard_and_told(tmp_path / "chain.ogg")

    assert len(heard) / 44_100 == pytest.approx(5, abs=0.05)
    assert not any("silence" in sentence for sentence in warnings)


def test_a_rate_that_changes_on_the_way_keeps_the_pitch(tmp_path):
    first = make(tmp_path, "mp3", tone(2, 44_100), 44_100, name="first").read_bytes()
    second = make(tmp_path, "mp3", tone(2, 22_050), 22_050, name="second").read_bytes()
    (tmp_path / "both.mp3").write_bytes(first + second)

    heard, warnings = heard_and_told(tmp_path / "both.mp3")

    assert len(heard) / 44_100 == pytest.approx(4, abs=0.15)
    spectrum = np.abs(np.fft.rfft(heard[int(2.5 * 44_100) : int(3.5 * 44_100)]))
    assert np.argmax(spectrum) == pytest.approx(1000, abs=2)
    assert "its sample rate changes from 44100 to 22050 Hz" in warnings


def test_a_chunk_size_that_lies_does_not_move_the_sound(tmp_path):
    body = wav_bytes(np.arange(100, dtype="<i2").tobytes(), LIST=b"INFO")
    at = body.rindex(b"LIST")
    (tmp_path / "a.wav").write_bytes(
        body[: at + 4] + struct.pack("<I", 0xFFFF_FFF0) + body[at + 8 :]
    )

    heard, _ = heard_and_told(tmp_path / "a.wav")

    assert np.array_equal(heard * 32768, np.arange(100))


@pytest.mark.parametrize("name", ["film.mkv", "film.mp4", "film.mov"])
def test_the_sound_of_a_film_may_be_shorter_than_its_pictures(tmp_path, name):
    kind = KINDS[f"{name[5:]} video"]
    film = encode(tmp_path / name, tone(1, 44_100), 44_100, kind, film=2.5)

    heard, warnings = heard_and_told(film)

    assert len(heard) / 44_100 == pytest.approx(1, abs=0.05)
    assert warnings == []


@pytest.mark.parametrize("suffix", ["voc", "paf", "mat"])
def test_what_ffmpeg_does_not_know_is_read_by_libsndfile(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    wave = noise(3, 8000)[:, 0]
    kind = {"mat": "MAT5"}.get(suffix, suffix.upper())
    soundfile.write(path, wave, 8000, format=kind, subtype="PCM_16")

    heard, warnings = heard_and_told(path, start=1.5, end=2.0)

    assert np.abs(heard - wave[12_000:16_000]).max() <= 2**-15
    assert warnings == []
