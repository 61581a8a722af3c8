"""What is piped in becomes the same mono blocks, in whatever pieces it comes."""

import io
import struct

import numpy as np
import pytest

from earmark.audio.pipe import BYTES, raw, wav
from earmark.errors import AudioError, UsageError

LEFT, RIGHT = [0.5, -0.25, 1.0], [0.0, 0.25, 0.5]
MEAN = [0.25, 0.0, 0.75]


class Dribble(io.BytesIO):
    """A pipe that has so many bytes ready at a time."""

    def __init__(self, content, ready):
        super().__init__(content)
        self._ready = ready

    def read1(self, size=-1):
        return self.read(min(size, self._ready))


def stereo(kind, scale=1):
    return (np.stack([LEFT, RIGHT], axis=1) * scale).astype(kind).tobytes()


def whole(piped):
    return np.concatenate([np.zeros(0, np.float32), *piped]).tolist()


def made(body, *, code=1, channels=2, rate=8000, bits=16, size=None, more=b"", first=b""):
    form = struct.pack("<HHIIHH", code, channels, rate, 0, 0, bits) + more
    head = b"RIFF\0\0\0\0WAVE" + first + b"fmt " + struct.pack("<I", len(form)) + form
    return head + b"data" + struct.pack("<I", len(body) if size is None else size) + body


@pytest.mark.parametrize("ready", [1, 3, 8, BYTES])
@pytest.mark.parametrize(
    ("kind", "body"), [("s16le", stereo("<i2", 2**15 - 0.5)), ("f32le", stereo("<f4"))]
)
def test_raw_samples_are_averaged_in_whatever_pieces_they_come(kind, body, ready):
    piped = raw(Dribble(body, ready), kind, rate=8000, channels=2)

    np.testing.assert_allclose(whole(piped), MEAN, atol=1e-4)


def test_half_a_frame_at_the_end_is_no_sound():
    piped = raw(io.BytesIO(stereo("<f4")[:-1]), "f32le", rate=8000, channels=2)

    assert whole(piped) == MEAN[:2]


def test_what_is_no_number_is_silence():
    body = np.array([np.nan, 0.5, np.inf], "<f4").tobytes()

    assert whole(raw(io.BytesIO(body), "f32le", rate=8000, channels=1)) == [0, 0.5, 0]


def test_nothing_waits_for_a_block_to_fill():
    blocks = iter(raw(Dribble(bytes(100), 10), "s16le", rate=8000, channels=1))

    assert len(next(blocks)) == 5


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (stereo("<i2", 2**15 - 0.5), {"bits": 16}),
        (stereo("<f4"), {"code": 3, "bits": 32}),
        (stereo("<f8"), {"code": 3, "bits": 64}),
        (stereo("<i4", 2**31 - 1), {"bits": 32}),
        (
            stereo("<f4"),
            {"code": 0xFFFE, "bits": 32, "more": struct.pack("<HHIH", 22, 32, 0, 3) + bytes(14)},
        ),
        (stereo("<f4"), {"code": 3, "bits": 32, "first": b"LIST\3\0\0\0abc\0"}),
    ],
)
def test_a_wav_says_what_it_is(body, told):
    piped = wav(Dribble(made(body, rate=44_100, **told), 7))

    assert (piped.rate, piped.channels) == (44_100, 2)
    np.testing.assert_allclose(whole(piped), MEAN, atol=1e-4)


def test_a_wav_ends_where_it_says_unless_it_cannot_know():
    body = stereo("<f4")
    known = made(body + b"LIST junk", code=3, bits=32, size=len(body))

    assert whole(wav(io.BytesIO(known))) == MEAN
    for size in (0xFFFF_FFFF, 0x7FFF_FFFF):
        made_live = made(body + body, code=3, bits=32, size=size)
        assert whole(wav(io.BytesIO(made_live))) == MEAN + MEAN


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no WAV"),
        (b"fLaC" + bytes(40), "no WAV"),
        (made(b"")[:20], "before its first sample"),
        (made(b"", bits=24), "24 bits of kind 1"),
        (b"RIFF\0\0\0\0WAVEdata\0\0\0\0", "does not say what it holds"),
    ],
)
def test_a_wav_that_is_none_is_refused(content, said):
    with pytest.raises(AudioError, match=said):
        wav(io.BytesIO(content))


@pytest.mark.parametrize(
    ("kind", "rate", "channels", "said"),
    [
        ("s24le", 8000, 1, "'s24le'"),
        ("s16le", 0, 1, "0 Hz"),
        ("s16le", 16, 1, "16 Hz"),
        ("s16le", 10_000_000, 1, "10000000 Hz"),
        ("s16le", 8000, 0, "0 channels"),
    ],
)
def test_what_no_sound_has_is_refused(kind, rate, channels, said):
    with pytest.raises(UsageError, match=said):
        raw(io.BytesIO(), kind, rate=rate, channels=channels)
