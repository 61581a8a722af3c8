"""The picture is a valid SVG that says what it shows."""

import struct
import zlib
from base64 import b64decode
from xml.etree import ElementTree

import numpy as np
import pytest

from earmark.audio.clock import clock
from earmark.audio.picture import draw
from earmark.audio.png import png
from earmark.audio.sketch import Sketch
from earmark.types import Moment

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def picture():
    sketch = Sketch()
    sketch.add(np.sin(np.arange(64_000) / 5).astype(np.float32))
    sketch.finish()
    text = draw(sketch, title="a <b> & c.wav", seconds=2, moments=[Moment(0, 0.5), Moment(1.5, 2)])
    return ElementTree.fromstring(text)


def test_names_are_escaped(picture):
    assert picture.find(f"{SVG}title").text == "a <b> & c.wav"


def test_a_name_that_no_svg_may_hold_is_made_harmless():
    text = draw(Sketch(), title="a\x07b\udcffc", seconds=1, moments=[])

    assert ElementTree.fromstring(text).find(f"{SVG}title").text == "a?b?c"


def test_stretches_stand_where_they_are_in_time(picture):
    boxes = [r for r in picture.iter(f"{SVG}rect") if r.get("fill") in ("#e8f1fb", "#d3e4f7")]

    assert [(float(b.get("x")), float(b.get("width"))) for b in boxes] == [(64, 300), (964, 300)]


def test_the_time_axis_has_round_times(picture):
    texts = [t.text for t in picture.iter(f"{SVG}text")]

    assert [t for t in texts if t and t.startswith("0:00.")][:3] == ["0:00.0", "0:00.2", "0:00.4"]


def test_the_mel_is_a_png_that_can_be_read_back(picture):
    file = b64decode(picture.find(f".//{SVG}image").get("href").split(",")[1])

    assert file.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", file[16:24]) == (126, 96)


def test_a_png_by_hand():
    file = png(np.array([[0, 255, 7], [1, 2, 3]], np.uint8))
    at = file.index(b"IDAT")
    size = struct.unpack(">I", file[at - 4 : at])[0]

    assert zlib.decompress(file[at + 4 : at + 4 + size]) == bytes([0, 0, 255, 7, 0, 1, 2, 3])


@pytest.mark.parametrize(
    ("seconds", "tenths", "text"),
    [(0, False, "0:00"), (61, False, "1:01"), (3661, False, "1:01:01"), (59.6, False, "1:00"),
     (59.64, True, "0:59.6"), (59.97, True, "1:00.0"),
     (0.25, True, "0:00.2"), (7325.5, True, "2:02:05.5")],
)  # fmt: skip
def test_times_are_written_as_people_write_them(seconds, tenths, text):
    assert clock(seconds, tenths=tenths) == text
