"""Writing: what is read back is what was written, and no half a file is ever left."""

import numpy as np
import pytest
import soundfile

from audio.files import noise, tone
from earmark.audio.read import open_sound, read
from earmark.audio.tags import read_tags
from earmark.audio.write import FFMPEG, SNDFILE, write, write_blocks
from earmark.errors import AudioError

LOSSLESS = [suffix for suffix, kind in SNDFILE.items() if kind != "OGG"]
CHANNELS = [(suffix, n) for suffix in [*SNDFILE, *FFMPEG] for n in (1, 2)]


@pytest.mark.parametrize("suffix", LOSSLESS)
@pytest.mark.parametrize(("subtype", "error"), [("pcm16", 2**-15), ("pcm24", 2**-23)])
def test_a_lossless_file_gives_back_what_was_written(tmp_path, suffix, subtype, error):
    wave = noise(0.2, 44_100, channels=3)

    write(tmp_path / f"a.{suffix}", wave, 44_100, subtype=subtype)

    back, rate = soundfile.read(tmp_path / f"a.{suffix}")
    assert rate == 44_100
    assert np.abs(back - wave).max() <= error


@pytest.mark.parametrize(("suffix", "channels"), CHANNELS)
def test_every_kind_can_be_read_back(tmp_path, suffix, channels):
    path = tmp_path / f"a.{suffix}"
    wave = np.repeat(tone(0.8, 22_050)[:, None], channels, axis=1)

    write(path, wave if channels > 1 else wave[:, 0], 22_050)

    with open_sound(path, rate=22_050) as sound:
        heard = np.concatenate(list(sound))
    assert sound.facts.channels == channels
    assert sound.warnings in ([], ["file extension says rf64 but it is wav"])
    assert len(heard) == pytest.approx(len(wave), abs=0.1 * 22_050)
    spectrum = np.abs(np.fft.rfft(heard[4410:13_230]))
    assert np.argmax(spectrum) == pytest.approx(400, abs=1)  # 1000 Hz in 0.4 s


def test_float_keeps_what_is_louder_than_full_scale(tmp_path):
    wave = np.array([0.5, -3.25, 7.0], dtype=np.float32)

    write(tmp_path / "a.wav", wave, 8000, subtype="float")

    assert np.array_equal(read(tmp_path / "a.wav"), wave)


def test_an_encoder_gets_the_next_rate_it_takes(tmp_path):
    write(tmp_path / "a.mp3", tone(0.5, 9000), 9000)
    write(tmp_path / "a.opus", tone(0.5, 96_000), 96_000)

    with open_sound(tmp_path / "a.mp3") as mp3, open_sound(tmp_path / "a.opus") as opus:
        assert (mp3.facts.rate, opus.facts.rate) == (11_025, 48_000)


def test_an_existing_file_is_kept_unless_it_may_be_overwritten(tmp_path):
    path = tmp_path / "a.wav"
    write(path, tone(0.1, 8000), 8000)

    with pytest.raises(AudioError, match="exists already"):
        write(path, tone(0.2, 8000), 8000)
    assert len(read(path)) == 800
    write(path, tone(0.2, 8000), 8000, overwrite=True)
    assert len(read(path)) == 1600


@pytest.mark.parametrize(
    ("name", "wave", "options", "reason"),
    [
        ("a.xyz", tone(0.1, 8000), {}, "not written as 'xyz'"),
        ("plain", tone(0.1, 8000), {}, "not written as ''"),
        ("a.wav", tone(0.1, 8000), {"subtype": "pcm7"}, "no samples of kind pcm7"),
        ("a.mp3", tone(0.1, 8000), {"subtype": "pcm24"}, "no samples of kind pcm24"),
        ("a.flac", 3 * tone(0.1, 8000), {}, "would be clipped"),
        ("a.wav", np.zeros((10, 9), np.float32), {}, "9 channels"),
        ("a.mp3", np.zeros((9000, 5), np.float32), {}, "could not be written"),
        ("a.flac", tone(0.1, 8000), {"subtype": "float"}, "no samples of kind float"),
        ("a.w64", tone(0.1, 8000), {"tags": {"title": "t"}}, "no place for tags"),
        ("none/a.wav", tone(0.1, 8000), {}, "could not be written"),
    ],
)
def test_what_cannot_be_written_leaves_nothing_behind(tmp_path, name, wave, options, reason):
    with pytest.raises(AudioError, match=reason):
        write(tmp_path / name, wave, 8000, **options)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wave", [[0.1, np.nan], [], [[[0.0]]]])
def test_a_wave_that_is_none_is_a_bug_of_the_caller(tmp_path, wave):
    with pytest.raises(ValueError, match="numbers"):
        write(tmp_path / "a.wav", np.array(wave, dtype=np.float32), 8000)


@pytest.mark.parametrize("suffix", ["wav", "rf64"])
def test_a_tagged_wav_is_a_broadcast_wave_that_others_read(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    said = {"title": "Dach", "description": "Regen", "originator": "Ann", "time_reference": "96000"}

    write(path, noise(0.1, 8000)[:, 0], 8000, tags=said)

    tags = read_tags(path)
    assert (tags.title, tags.description, tags.originator) == ("Dach", "Regen", "Ann")
    assert tags.time_reference == 96_000
    assert tags.warnings == ()
    with soundfile.SoundFile(path) as file:
        assert (file.frames, file.copy_metadata()["title"]) == (800, "Dach")
    if suffix == "wav":
        assert int.from_bytes(path.read_bytes()[4:8], "little") == path.stat().st_size - 8


@pytest.mark.parametrize("rate", [0, -5, 10**10])
def test_a_rate_that_no_sound_has_is_a_mistake(tmp_path, rate):
    with pytest.raises(ValueError, match=f"a rate of {rate} Hz"):
        write(tmp_path / "a.mp3", np.zeros(100, np.float32), rate)

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", ["flac", "wav"])
def test_blocks_make_the_same_file_as_the_whole(tmp_path, suffix):
    wave, tags = noise(0.5, 44_100, channels=2), {"title": "Dach"}
    blocks = [wave[:0], wave[:9000], wave[9000:9001], wave[9001:]]

    write(tmp_path / f"a.{suffix}", wave, 44_100, subtype="pcm24", tags=tags)
    write_blocks(tmp_path / f"b.{suffix}", iter(blocks), 44_100, subtype="pcm24", tags=tags)

    assert (tmp_path / f"b.{suffix}").read_bytes() == (tmp_path / f"a.{suffix}").read_bytes()


def broken_off():
    yield tone(0.1, 8000)
    raise RuntimeError("no more")


@pytest.mark.parametrize(
    ("name", "blocks", "error", "reason"),
    [
        ("a.mp3", [tone(0.1, 8000)], ValueError, "one of wav"),
        ("a.wav", [], ValueError, "no samples"),
        ("a.wav", [tone(0.1, 8000), 3 * tone(0.1, 8000)], AudioError, "would be clipped"),
        ("a.wav", broken_off(), RuntimeError, "no more"),
        ("none/a.wav", [tone(0.1, 8000)], AudioError, "could not be written"),
    ],
)
def test_blocks_that_cannot_be_written_leave_nothing_behind(tmp_path, name, blocks, error, reason):
    with pytest.raises(error, match=reason):
        write_blocks(tmp_path / name, blocks, 8000)

    assert list(tmp_path.iterdir()) == []


def test_blocks_are_not_written_over_a_file_unless_that_is_allowed(tmp_path):
    path = tmp_path / "a.wav"
    write(path, tone(0.1, 8000), 8000)

    with pytest.raises(AudioError, match="exists already"):
        write_blocks(path, [tone(0.2, 8000)], 8000)
    write_blocks(path, [tone(0.2, 8000)], 8000, overwrite=True)

    assert len(read(path)) == 1600
