"""The sound itself: as it is, in parts, cut, converted; and no file that is not in the library."""

import io
import shutil
import struct

import numpy as np
import pytest
import soundfile

pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")

from earmark.audio.read import open_channel, read
from earmark.library.library import Library
from earmark.web import media
from earmark.web.media import Stretch, range_of
from web.shelf import RATE, SECRET, client_of, desk_of, fill, ids_of
from web.test_search import refused

RECORDINGS = "/api/v1/recordings"


@pytest.fixture
def get(client, ids):
    def ask(name, headers=None, **values):
        address = f"{RECORDINGS}/{ids[name]}/audio"
        return client.get(address, params=values, headers=headers or {})

    return ask


@pytest.fixture
def own(tmp_path):
    """A library that a test may do something to."""
    fill(tmp_path)
    with Library.create(tmp_path / "library") as library:
        library.index([tmp_path / "sounds/yard"], jobs=1)
    with desk_of(tmp_path) as desk, client_of(desk) as client:
        yield tmp_path / "sounds/yard", client, ids_of(client)


def test_a_file_is_given_as_it_is(get, place):
    told = get("dogs.mp3")

    assert told.content == (place / "sounds/street/dogs.mp3").read_bytes()
    assert told.headers["content-type"] == "audio/mpeg"
    assert told.headers["content-disposition"] == 'inline; filename="dogs.mp3"'
    assert told.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_part_of_a_file_is_given(get, place):
    whole = (place / "sounds/house/clock.wav").read_bytes()
    told = get("clock.wav", {"range": "bytes=100-149"})

    assert (told.status_code, told.content) == (206, whole[100:150])
    assert told.headers["content-range"] == f"bytes 100-149/{len(whole)}"


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("bytes=0-", (0, 100)),
        ("bytes=7-9", (7, 10)),
        ("bytes=90-500", (90, 100)),
        ("bytes=-30", (70, 100)),
        ("bytes=-500", (0, 100)),
        ("bytes=-", None),
        ("bytes=1-2,5-6", None),
        ("items=1-2", None),
        ("nonsense", None),
    ],
)
def test_ranges_by_hand(header, part):
    assert range_of(header, 100) == part


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=9-8", "bytes=-0"])
def test_a_range_of_nothing_is_refused(header):
    with pytest.raises(ValueError, match="of 100"):
        range_of(header, 100)


def test_what_browsers_do_not_play_comes_as_wav(get, place):
    assert get("dogs.mp3", format="playable").headers["content-type"] == "audio/mpeg"
    assert get("piano.wma", format="playable").headers["content-type"] == "audio/wav"
    told = get("siren.aiff", format="playable")
    wave, rate = soundfile.read(io.BytesIO(told.content), dtype="int16")
    original, _ = soundfile.read(place / "sounds/street/siren.aiff", dtype="int16")

    assert told.headers["content-type"] == "audio/wav"
    assert rate == RATE
    np.testing.assert_array_equal(wave, original)


def test_any_part_of_a_converted_sound_is_that_of_the_whole(get):
    whole = get("siren.aiff", format="wav").content
    assert len(whole) == 44 + 3 * RATE * 2 * 2
    for first, last in (
        (0, 9),
        (40, 50),
        (43, 43),
        (44, 47),
        (101, 5000),
        (99_999, len(whole) - 1),
    ):
        told = get("siren.aiff", {"range": f"bytes={first}-{last}"}, format="wav")
        assert told.status_code == 206
        assert told.headers["content-length"] == str(last - first + 1)
        assert told.content == whole[first : last + 1]


def test_a_range_beyond_a_converted_sound_is_refused(get):
    told = get("siren.aiff", {"range": "bytes=999999999-"}, format="wav")

    refused(told, 416)
    assert told.headers["content-range"] == f"bytes */{44 + 3 * RATE * 4}"


def test_a_stretch_is_cut_without_loss(get, place):
    told = get("owl.wav", start=0.5, end=1.25, download=True)
    wave, _ = soundfile.read(io.BytesIO(told.content), dtype="int16")
    original, _ = soundfile.read(place / "sounds/yard/owl.wav", dtype="int16")

    np.testing.assert_array_equal(wave, original[RATE // 2 : RATE * 5 // 4])
    assert told.headers["content-disposition"].startswith("attachment")


def test_a_stretch_is_converted(get, place):
    told = get("siren.aiff", start=1, end=2, format="flac")
    wave, _ = soundfile.read(io.BytesIO(told.content), dtype="int16")
    original, _ = soundfile.read(place / "sounds/street/siren.aiff", dtype="int16")

    assert told.content.startswith(b"fLaC")
    np.testing.assert_array_equal(wave, original[RATE : 2 * RATE])
    wav = get("siren.aiff", start=1, end=2, format="wav").content
    np.testing.assert_array_equal(np.frombuffer(wav[44:], "<i2").reshape(-1, 2), wave)


def test_only_the_head_is_given_to_who_asks_for_it(client, ids):
    address = f"{RECORDINGS}/{ids['siren.aiff']}/audio"
    told = client.head(address, params={"format": "wav"})

    assert told.status_code == 200
    assert told.headers["content-length"] == str(44 + 3 * RATE * 4)


def test_beyond_its_end_a_recording_has_no_sound(get):
    refused(get("owl.wav", start=3.5), 422)
    refused(get("owl.wav", start=2, end=1), 400)
    refused(get("broken.wav", format="wav"), 422)


def test_a_file_that_ends_early_is_filled_with_silence(tmp_path):
    path = tmp_path / "short.wav"
    soundfile.write(path, np.full(100, 0.5), 8000, subtype="PCM_16")
    stretch = Stretch(path, 8000, 1, 50, 80)
    made = b"".join(media.wav(stretch, 0, stretch.size))

    samples = np.frombuffer(made[44:], "<i2")
    assert samples.tolist() == [16_384] * 50 + [0] * 30
    assert struct.unpack("<I", made[40:44]) == (160,)


def test_many_channels_become_one(tmp_path):
    path = tmp_path / "six.wav"
    soundfile.write(path, np.tile([0.6, 0.0, 0.0, 0.0, 0.0, 0.0], (100, 1)), 8000, subtype="PCM_16")
    stretch = Stretch.of(path, media.facts_of(path), 0.0, 0.01)

    samples = np.frombuffer(b"".join(media.wav(stretch, 44, stretch.size)), "<i2")
    np.testing.assert_allclose(samples, 0.1 * 32_768, atol=1)
    assert len(samples) == 80


def test_channels_stay_where_they_are(tmp_path, place):
    path = place / "sounds/yard/owl.wav"
    stretch = Stretch.of(path, media.facts_of(path), 0.0, 1.0)
    wave = np.concatenate([*media.frames(stretch)])

    with open_channel(path, 1, end=1.0) as right:
        np.testing.assert_array_equal(wave[:, 1], np.concatenate([*right]))
    assert not np.array_equal(wave[:, 0], wave[:, 1])


def test_a_link_that_leads_out_is_refused(own, tmp_path):
    folder, client, ids = own
    (folder / "owl.wav").unlink()
    try:
        (folder / "owl.wav").symlink_to(tmp_path / SECRET)
    except OSError:
        pytest.skip("this system makes no links")

    for way in ("audio", "peaks", "spectrogram"):
        refused(client.get(f"{RECORDINGS}/{ids['owl.wav']}/{way}"), 403)
    refused(client.get("/api/v1/similar", params={"id": ids["owl.wav"]}), 403)


def test_a_folder_in_place_of_a_file_is_refused(own):
    folder, client, ids = own
    (folder / "bee.wav").unlink()
    (folder / "bee.wav").mkdir()

    refused(client.get(f"{RECORDINGS}/{ids['bee.wav']}/audio"), 403)


def test_a_file_that_is_gone_or_changed_is_told(own):
    folder, client, ids = own
    (folder / "rooster.wav").unlink()
    shutil.copyfile(folder / "owl.wav", folder / "bee.wav")

    refused(client.get(f"{RECORDINGS}/{ids['rooster.wav']}/audio"), 404)
    refused(client.get("/api/v1/similar", params={"id": ids["bee.wav"]}), 409)


def test_peaks_are_those_of_the_file(client, ids, place):
    told = client.get(f"{RECORDINGS}/{ids['bee.wav']}/peaks", params={"points": 6}).json()
    parts = read(place / "sounds/yard/bee.wav").reshape(6, -1)

    assert told["step"] == 0.5
    np.testing.assert_allclose(told["low"], parts.min(axis=1), atol=1e-4)
    np.testing.assert_allclose(told["high"], parts.max(axis=1), atol=1e-4)


def test_peaks_of_a_stretch_begin_where_it_begins(client, ids, place):
    values = {"points": 2, "start": 1, "end": 2}
    told = client.get(f"{RECORDINGS}/{ids['bee.wav']}/peaks", params=values).json()
    parts = read(place / "sounds/yard/bee.wav", start=1, end=2).reshape(2, -1)

    assert (told["start"], told["step"]) == (1.0, 0.5)
    np.testing.assert_allclose(told["high"], parts.max(axis=1), atol=1e-4)


def test_a_spectrogram_has_the_size_that_was_asked_for(client, ids):
    values = {"width": 123, "height": 45}
    told = client.get(f"{RECORDINGS}/{ids['bee.wav']}/spectrogram", params=values)

    assert told.headers["content-type"] == "image/png"
    assert struct.unpack(">II", told.content[16:24]) == (123, 45)
