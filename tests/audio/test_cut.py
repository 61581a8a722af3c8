"""Cuts: the same samples as in the file, at the same times, and nothing is written over."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.files import KINDS, Kind, damage, encode, make, noise, tone
from audio.files import cut as shorten
from earmark.audio import cut as cutting
from earmark.audio.cut import copy, cut
from earmark.audio.read import open_sound, read
from earmark.audio.tags import read_tags
from earmark.audio.write import write
from earmark.errors import AudioError

COPIED = [name for name, kind in KINDS.items() if not kind.codec and kind.exact]
DECODED = [name for name in KINDS if name not in COPIED]
DTYPES = {"FLOAT": "float32", "DOUBLE": "float64"}


def samples(path, first=0, last=None):
    """Everything that libsndfile reads of a file, without rounding."""
    kind = DTYPES.get(soundfile.info(path).subtype, "int32")
    return soundfile.read(path, start=first, stop=last, dtype=kind, always_2d=True)[0]


@pytest.mark.parametrize("channels", [1, 2, 8])
@pytest.mark.parametrize("kind", COPIED)
def test_a_lossless_stretch_is_the_same_to_the_bit(tmp_path, kind, channels):
    path = make(tmp_path, kind, noise(2.0, 8000, channels=channels), 8000)

    piece = cut(path, 0.5003, 1.25, tmp_path)

    before, after = soundfile.info(path), soundfile.info(piece)
    assert (after.samplerate, after.channels) == (8000, channels)
    assert after.subtype == before.subtype
    assert after.format == {"RF64": "WAV"}.get(before.format, before.format)
    assert piece.suffix == path.suffix
    assert np.array_equal(samples(piece), samples(path, 4002, 10_000))


@pytest.mark.parametrize("kind", DECODED)
def test_a_lossy_stretch_has_all_channels_at_the_times_that_search_tells(tmp_path, kind):
    rate = KINDS[kind].rates[-1]
    wave = np.stack([noise(2.0, rate)[:, 0], 0.5 * tone(2.0, rate)], axis=1)
    path = make(tmp_path, kind, wave, rate)

    piece = cut(path, 0.7, 1.4, tmp_path)

    heard, there = soundfile.read(piece)
    mono = read(path, start=0.7, end=1.4)
    assert there == rate
    assert piece.suffix == ".wav"
    assert heard.shape == (len(mono), 2)
    assert np.abs(heard.mean(axis=1) - mono).max() <= 2**-15
    assert np.corrcoef(heard[:, 1], tone(0.7, rate))[0, 1] > 0.7  # 1 but for the codec's noise
    assert abs(np.corrcoef(heard[:, 0], tone(0.7, rate))[0, 1]) < 0.1


def test_a_stretch_of_a_codec_that_keeps_every_bit_keeps_them_too(tmp_path):
    frames = np.round(noise(1.0, 8000, channels=2) * 2**23) / 2**23
    deep = make(tmp_path, "alac", frames.astype(np.float32), 8000)
    with open_sound(deep) as sound:
        assert sound.facts.bits == 24

    piece = cut(deep, 0.25, 0.75, tmp_path)

    assert soundfile.info(piece).subtype == "PCM_24"
    whole = cut(deep, 0.0, 2.0, tmp_path)
    assert np.array_equal(samples(piece), samples(whole, 2000, 6000))
    assert np.abs(samples(whole) / 2.0**31 - frames).max() <= 2**-23


def test_floats_in_a_video_stay_floats(tmp_path):
    kind = Kind("mov", "pcm_f32le", "mov", video="mpeg4")
    wave = 3 * noise(1.0, 8000, channels=2)
    path = encode(tmp_path / "a.mov", wave, 8000, kind)

    piece = cut(path, 0.25, 0.5, tmp_path)

    assert soundfile.info(piece).subtype == "FLOAT"
    assert np.array_equal(samples(piece), wave[2000:4000])


def test_what_is_decoded_louder_than_full_scale_is_clipped(tmp_path):
    wave = 3 * tone(1.0, 44_100)[:, np.newaxis]
    loud = make(tmp_path, "ogg", wave, 44_100)
    assert np.abs(read(loud, start=0.2, end=0.8)).max() > 1.4

    piece = cut(loud, 0.2, 0.8, tmp_path)

    heard = soundfile.read(piece, dtype="int16")[0]
    assert (heard.min(), heard.max()) == (-32_768, 32_767)
    assert np.corrcoef(heard, tone(0.6, 44_100))[0, 1] > 0.95


def test_samples_are_kept_where_their_own_kind_of_file_cannot_be_written(tmp_path):
    wave = noise(1.0, 8000)
    for name, format_, subtype in (("a.voc", "VOC", "PCM_16"), ("a.svx", "SVX", "PCM_S8")):
        soundfile.write(tmp_path / name, wave, 8000, format=format_, subtype=subtype)

        piece = cut(tmp_path / name, 0.25, 0.5, tmp_path)

        assert (piece.suffix, soundfile.info(piece).format) == (".wav", "WAV")
        assert np.array_equal(samples(piece), samples(tmp_path / name, 2000, 4000))


def test_a_stretch_too_long_for_a_wav_is_written_as_rf64(tmp_path, monkeypatch):
    monkeypatch.setattr(cutting, "LONG", 10_000)
    for kind in ("aiff-16", "alac"):
        path = make(tmp_path, kind, noise(1.0, 8000), 8000)

        piece = cut(path, 0.0, 0.9, tmp_path)

        assert (piece.suffix, soundfile.info(piece).format) == (".wav", "RF64")
        assert soundfile.info(piece).frames == 7200


def test_a_file_under_a_wrong_name_gets_the_right_one(tmp_path):
    flac = make(tmp_path, "flac-24", noise(1.0, 8000), 8000)
    path = flac.rename(tmp_path / "a.wav")

    assert cut(path, 0.0, 0.5, tmp_path).suffix == ".flac"
    assert cut(path.rename(tmp_path / "a.FLAC"), 0.0, 0.5, tmp_path).suffix == ".FLAC"


def test_damage_costs_only_what_it_hit(tmp_path):
    path = make(tmp_path, "flac-16", noise(3.0, 44_100), 44_100)
    damage(path, start=0.5, length=3000)

    piece = cut(path, 0.5, 2.5, tmp_path)

    heard, rate = soundfile.read(piece)
    assert (len(heard), rate) == (2 * 44_100, 44_100)
    assert np.abs(heard - read(path, start=0.5, end=2.5)).max() <= 2**-15


def test_a_file_that_ends_early_gives_what_there_is(tmp_path):
    path = shorten(make(tmp_path, "wav-16", noise(2.0, 8000), 8000), 0.5)

    piece = cut(path, 0.5, 1.5, tmp_path)

    assert soundfile.info(piece).frames == soundfile.info(path).frames - 4000


def test_a_cut_is_named_by_its_times(tmp_path):
    path = make(tmp_path, "wav-16", noise(0.2, 100), 100, name="roof, v1.02")
    names = [cut(path, *span, tmp_path).name for span in [(0, 0.06), (0.05, 75), (0.1, 3723.46)]]

    assert names == [
        "roof, v1.02 0m00.0s-0m00.1s.wav",
        "roof, v1.02 0m00.0s-1m15.0s.wav",
        "roof, v1.02 0m00.1s-1h02m03.5s.wav",
    ]


def test_nothing_is_written_over(tmp_path):
    path = make(tmp_path, "wav-16", noise(1.0, 8000), 8000)
    taken = tmp_path / "sound 0m00.0s-0m00.5s.wav"
    taken.write_text("mine", encoding="utf-8")

    pieces = [cut(path, 0.0, 0.5, tmp_path).name for _ in range(2)]

    assert pieces == ["sound 0m00.0s-0m00.5s 2.wav", "sound 0m00.0s-0m00.5s 3.wav"]
    assert taken.read_text(encoding="utf-8") == "mine"
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(
        [path.name, taken.name, *pieces]
    )


def test_a_name_of_any_length_and_bytes_has_a_cut(tmp_path):
    for name in ("ü" * 120, "r\udce9in"):
        path = make(tmp_path, "wav-16", noise(0.2, 8000), 8000).rename(tmp_path / f"{name}.wav")

        piece = cut(path, 0.0, 0.1, tmp_path)

        assert piece.exists()
        assert piece.name.startswith(name[:90])


@pytest.mark.parametrize("suffix", ["wav", "flac", "aiff", "mp3"])
def test_a_cut_says_what_its_file_says(tmp_path, suffix):
    tags = {"title": "Rain, on tin – ä", "artist": "Ann", "comment": "windy"}
    write(tmp_path / f"a.{suffix}", noise(1.0, 44_100)[:, 0], 44_100, tags=tags)

    found = read_tags(cut(tmp_path / f"a.{suffix}", 0.2, 0.8, tmp_path))

    assert {name: getattr(found, name) for name in tags} == tags
    assert found.warnings == ()


def test_a_cut_knows_its_time_of_day(tmp_path):
    tags = {"description": "night", "time_reference": "360000"}
    write(tmp_path / "a.wav", noise(1.0, 8000)[:, 0], 8000, tags=tags)

    piece = cut(tmp_path / "a.wav", 0.25, 0.5, tmp_path)

    assert read_tags(piece).time_reference == 362_000
    assert np.array_equal(samples(piece), samples(tmp_path / "a.wav", 2000, 4000))


@pytest.mark.parametrize("kind", ["wav-16", "mp3"])
def test_a_stretch_without_sound_is_refused(tmp_path, kind):
    path = make(tmp_path, kind, noise(1.0, 44_100)[:, 0], 44_100)

    with pytest.raises(AudioError, match=r"no sound from 5 s on"):
        cut(path, 5.0, 6.0, tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_what_cannot_be_read_or_written_is_said_in_two_lines(tmp_path):
    path = make(tmp_path, "wav-16", noise(1.0, 8000), 8000)
    (tmp_path / "text.wav").write_text("no sound at all", encoding="utf-8")

    for asked, folder, problem in (
        (tmp_path / "none.wav", tmp_path, "there is no such file"),
        (tmp_path / "text.wav", tmp_path, "it is not sound"),
        (path, tmp_path / "none", "it could not be written"),
    ):
        with pytest.raises(AudioError, match=problem) as refused:
            cut(asked, 0.0, 0.5, folder)
        assert str(refused.value).count("\n") == 1
    with pytest.raises(ValueError, match="cannot go from"):
        cut(path, 0.5, 0.5, tmp_path)


def test_the_memory_of_a_long_cut_is_that_of_a_block(tmp_path):
    path = make(tmp_path, "wav-16", np.zeros((8_000_000, 1), np.float32), 8000)
    Path(tmp_path / "cuts").mkdir()
    tracemalloc.start()

    piece = cut(path, 1.0, 999.0, tmp_path / "cuts")

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert soundfile.info(piece).frames == 998 * 8000
    assert peak < 2_000_000


def test_a_stretch_may_have_another_name(tmp_path):
    path = make(tmp_path, "wav-16", noise(1.0, 8000), 8000)

    pieces = [cut(path, 0.25, 0.5, tmp_path, name=' 007-1 "dog/cat"\n barks: ') for _ in range(2)]
    long = cut(path, 0.25, 0.5, tmp_path, name="ü" * 300)

    assert [piece.name for piece in pieces] == [
        "007-1 dog cat barks.wav",
        "007-1 dog cat barks 2.wav",
    ]
    assert long.name == "ü" * 90 + ".wav"
    assert cut(path, 0.25, 0.5, tmp_path, name="...").name == "sound 2.wav"  # beside `path`


def test_a_whole_file_is_copied_byte_for_byte_and_never_over_another(tmp_path):
    path = make(tmp_path, "mp3", noise(1.0, 8000), 8000)
    folder = tmp_path / "new"
    folder.mkdir()

    copies = [copy(path, folder, name="dog") for _ in range(2)]

    assert [one.name for one in copies] == ["dog.mp3", "dog 2.mp3"]
    assert {one.read_bytes() for one in copies} == {path.read_bytes()}
    assert sorted(folder.iterdir()) == sorted(copies)


def test_what_cannot_be_copied_leaves_nothing_behind(tmp_path, monkeypatch):
    path = make(tmp_path, "wav-16", noise(1.0, 8000), 8000)
    folder = tmp_path / "new"
    folder.mkdir()

    def full(_, part):
        part.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cutting.shutil, "copyfile", full)

    with pytest.raises(AudioError, match="No space left on device"):
        copy(path, folder, name="dog")
    with pytest.raises(AudioError, match="there is no such file"):
        copy(tmp_path / "gone.wav", folder, name="dog")
    assert not list(folder.iterdir())
