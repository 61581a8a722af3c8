"""A microphone by a stand-in for sounddevice: found, heard, too slow for, and pulled out."""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import numpy as np
import pytest

from earmark.audio import microphone
from earmark.audio.microphone import GoneError, Microphone, NoneThereError, look_again
from earmark.errors import AudioError, EarmarkError, MissingExtraError, UsageError

DEVICES = [
    {"name": "Speaker", "max_input_channels": 0, "default_samplerate": 44_100.0},
    {"name": "USB Mic", "max_input_channels": 1, "default_samplerate": 48_000.0},
]


class PortAudioError(Exception):
    pass


class Stream:
    """Sends the blocks it was given when it starts, and is active until `gone`."""

    made = None
    blocks = ()
    refuses = False
    active = True

    def __init__(self, **asked):
        if self.refuses:
            raise PortAudioError("Invalid sample rate")
        Stream.made, self.asked, self.closed = self, asked, False

    def start(self):
        for block in self.blocks:
            data = np.asarray(block, np.float32)
            self.asked["callback"](data.tobytes(), len(data) // self.asked["channels"], None, 0)

    def close(self):
        self.closed = True
        if not self.active:
            raise PortAudioError("Device unavailable")


def query_devices(device=None, kind=None):
    if kind is None:
        return module().devices
    found = [d for d in module().devices if d["max_input_channels"] and _fits(device, d)]
    if len(found) != 1:
        raise ValueError(f"No input device matching {device!r}")
    return found[0]


def _fits(device, one):
    return device is None or device == 1 or str(device) in one["name"]


def module():
    return sys.modules["sounddevice"]


@pytest.fixture(autouse=True)
def sound(monkeypatch):
    fake = ModuleType("sounddevice")
    fake.__spec__ = ModuleSpec("sounddevice", None)
    fake.query_devices, fake.PortAudioError = query_devices, PortAudioError
    fake.devices, fake.calls = DEVICES, []
    fake.RawInputStream = type("OneStream", (Stream,), {})
    fake._terminate = lambda: fake.calls.append("end")
    fake._initialize = lambda: fake.calls.append("begin")
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    monkeypatch.setattr(microphone, "LOOK", 0.01)
    monkeypatch.setattr(microphone, "PATIENCE", 0.02)
    return fake


def heard(one):
    """Everything that comes until it is gone."""
    blocks = []
    with pytest.raises(GoneError, match="sends no sound any more"):
        blocks.extend(iter(one))  # extend keeps what came before the error
    return blocks


def test_blocks_come_in_order_as_the_mean_of_the_channels(sound):
    sound.RawInputStream.blocks = [[0.5, 0.0, 1.0, 0.5], [0.25, 0.25]]

    with Microphone("USB", channels=2) as one:
        assert (one.name, one.rate) == ("USB Mic", 48_000)
        assert [block.tolist() for block in heard(one)] == [[0.25, 0.75], [0.25]]
    assert Stream.made.closed
    assert Stream.made.asked["blocksize"] == 4800


@pytest.mark.parametrize("active", [True, False])
def test_a_microphone_that_is_pulled_out_is_gone_whether_or_not_it_says_so(sound, active):
    sound.RawInputStream.active = active

    with Microphone(None) as one:
        assert heard(one) == []


def test_what_finds_no_room_is_silence_of_the_same_length(sound, monkeypatch):
    monkeypatch.setattr(microphone, "ROOM", 1)
    sound.RawInputStream.blocks = [[1.0, 1.0], [2.0], [3.0, 3.0]]

    with Microphone("1") as one:
        assert [block.tolist() for block in heard(one)] == [[1.0, 1.0]]
        Stream.made.blocks = [[4.0]]
        Stream.made.start()
        assert [block.tolist() for block in heard(one)] == [[0.0, 0.0, 0.0], [4.0]]
        assert one.lost == 3


@pytest.mark.parametrize(
    ("device", "devices", "said"),
    [
        ("Piano", DEVICES, "not one microphone 'Piano'\nname one of these .* 1 USB Mic$"),
        (None, DEVICES[:1], "there is no microphone\nplug one in, or pipe sound in: arecord"),
        (None, [*DEVICES, DEVICES[1]], "not a usual microphone"),
    ],
)
def test_a_microphone_that_is_not_there_is_told_from_those_that_are(sound, device, devices, said):
    sound.devices = devices

    with pytest.raises(NoneThereError, match=said):
        Microphone(device)


def test_a_microphone_that_does_not_open_says_why(sound):
    sound.RawInputStream.refuses = True

    with pytest.raises(AudioError, match=r"USB Mic: it does not open with 96000 Hz .*Invalid"):
        Microphone(None, rate=96_000)


@pytest.mark.parametrize("asked", [{"rate": 7}, {"channels": 0}])
def test_a_rate_that_cannot_be_is_refused_before_the_device_is_opened(sound, asked):
    Stream.made = None

    with pytest.raises(UsageError):
        Microphone(None, **asked)
    assert Stream.made is None


def test_without_the_extra_it_is_named(monkeypatch):
    monkeypatch.delitem(sys.modules, "sounddevice")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(MissingExtraError, match=r"pip install 'earmark\[listen\]'"):
        Microphone(None)


def test_without_portaudio_it_is_named(monkeypatch, tmp_path):
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    monkeypatch.delitem(sys.modules, "sounddevice")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(EarmarkError, match="apt install libportaudio2"):
        Microphone(None)


def test_looking_again_starts_portaudio_anew(sound):
    look_again()

    assert sound.calls == ["end", "begin"]
