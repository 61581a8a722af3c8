import pytest

from data.layouts import EXAMPLES
from earmark.data import scenes
from earmark.errors import DataError


@pytest.mark.parametrize(
    "line",
    [b"{", b"[]", b'{"id": "x", "audio": "a.wav", "split": ""}', b'{"captions": [1]}'],
)
def test_a_line_that_is_no_scene_is_named(line, tmp_path):
    place = EXAMPLES["scenes"].make(tmp_path)
    with (place / "scenes.jsonl").open("ab") as file:
        file.write(line + b"\n")

    with pytest.raises(DataError, match="line 2: not a scene"):
        scenes.read(place)


def test_a_list_that_is_not_utf_8_is_refused(tmp_path):
    place = EXAMPLES["scenes"].make(tmp_path)
    (place / "scenes.jsonl").write_bytes(b"\xff\xfe")

    with pytest.raises(DataError, match="line 1: this is not UTF-8"):
        scenes.read(place)
