import json

import pytest

from data.wavs import write_wav
from earmark.data import open_data
from earmark.errors import DataError


@pytest.fixture
def sound(tmp_path):
    return write_wav(tmp_path / "a.wav")


def _manifest(sound, text, name="m.csv", encoding="utf-8"):
    path = sound.with_name(name)
    path.write_bytes(text.encode(encoding))
    return str(path)


@pytest.mark.parametrize(
    "text",
    [
        "path,caption\na.wav,rain\n",
        "path;caption\na.wav;rain\n",
        "path\tcaption\r\na.wav\train\r\n",
        "\ufeffpath,caption\na.wav,rain",
        'caption,path\n"rain",a.wav\n\n',
        "path,caption,start\na.wav, rain ,\n",
    ],
)
def test_the_usual_kinds_of_csv_give_the_same_row(sound, text):
    (row,) = open_data(_manifest(sound, text))

    assert (row.audio, row.captions, row.start, row.end) == (sound, ("rain",), None, None)


def test_json_lines_give_the_rows_of_the_same_csv(sound):
    cells = {"path": "a.wav", "caption": "rain", "start": 0.5, "end": 2, "split": None}
    lines = _manifest(sound, json.dumps(cells) + "\n\n", "m.jsonl")
    table = _manifest(sound, "path,caption,start,end,split\na.wav,rain,0.5,2,\n")

    assert open_data(lines) == open_data(table)
    assert (open_data(lines)[0].start, open_data(lines)[0].end) == (0.5, 2.0)


def test_the_same_caption_twice_counts_once(sound):
    (row,) = open_data(_manifest(sound, "path,caption\na.wav,rain\na.wav,rain\na.wav,wind\n"))

    assert row.captions == ("rain", "wind")


def test_one_file_under_two_spellings_is_one_row(sound):
    (row,) = open_data(_manifest(sound, "path,caption\na.wav,rain\n./a.wav,wind\n"))

    assert row.captions == ("rain", "wind")


def test_a_line_separator_inside_json_does_not_end_the_line(sound):
    text = json.dumps({"path": "a.wav", "caption": "rain\u2028falls"}, ensure_ascii=False)

    (row,) = open_data(_manifest(sound, text, "m.jsonl"))

    assert row.captions == ("rain falls",)


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("path,text\na.wav,rain\n", "no 'caption' among 'path', 'text'", "'path' and 'caption'"),
        ("", "no 'path' among nothing", "'path' and 'caption'"),
        ("path,caption,strat\na.wav,x,1\n", "'strat' is not known", "did you mean 'start'?"),
        ("path,caption\n", "has no rows", "one line for every path"),
        ("path,caption\na.wav,x\na.wav,\n", "line 3: the caption is empty", "leave the line out"),
        ("path,caption\n,x\n", "line 2: the path is empty", "relative to the manifest"),
        ("path,caption\na.wav,rain, then wind\n", "line 2: 3 cells for 2 columns", "quotes"),
        ("path,caption,start,end\na.wav,x,2,2\n", "line 2: the stretch ends at 2 s", "start first"),
        ("path,caption,end\na.wav,x,0\n", "line 2: the stretch ends at 0 s", "start first"),
        ("path,caption,start\na.wav,x,soon\n", "line 2: start is 'soon'", "12.5"),
        ("path,caption,start\na.wav,x,-1\n", "line 2: start is '-1'", "12.5"),
        ('path,caption\na.wav,x\na.wav,"y\na.wav,z\n', "line 3: a double quote", "close what"),
        ('path,caption\na.wav,"' + "x" * 140_000, "line 2: a double quote", "close what"),
        ('path,caption\na.wav,"x\ny\n z"\na.wav,\n', "line 5: the caption", "leave the line"),
        ("path,caption,caption\na.wav,x,y\n", "'caption' is there 2 times", "further lines"),
        (f"path,caption\n{'a' * 300},x\n", "1 of 1 audio files are not there", "relative"),
        ("path,caption\nb\\a.wav,x\n", "1 of 1 audio files", "with / between folders"),
        ("path,caption,end\na.wav,x,nan\n", "line 2: end is 'nan'", "12.5"),
    ],
)
def test_a_fault_is_named_with_its_line(sound, text, problem, hint):
    with pytest.raises(DataError) as caught:
        open_data(_manifest(sound, text))

    assert problem in caught.value.problem
    assert hint in caught.value.hint
    assert "m.csv" in caught.value.problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"path": "a.wav"}\n', "line 1: no 'caption'"),
        ('{"path": "a.wav", "caption": "x"}\n{"path"\n', "line 2: this is not JSON"),
        ("[1]\n", "line 1: [1] is not an object"),
        ('{"path": "a.wav", "caption": "x", "begin": 1}\n', "line 1: 'begin' is not known"),
        ('{"path": "a.wav", "caption": ["x", "y"]}\n', """line 1: 'caption' is ["x", "y"]"""),
        ('{"path": "a.wav", "caption": true}\n', "line 1: 'caption' is true"),
        ("[" * 100_000, "line 1: this is not JSON"),
    ],
)
def test_a_fault_in_json_lines_is_named_with_its_line(sound, text, problem):
    with pytest.raises(DataError) as caught:
        open_data(_manifest(sound, text, "m.jsonl"))

    assert problem in caught.value.problem


def test_text_that_is_not_utf_8_is_refused_with_its_line(sound):
    path = _manifest(sound, "path,caption\na.wav,rain\na.wav,Gänse\n", encoding="latin-1")

    with pytest.raises(DataError, match="line 3: this is not UTF-8") as caught:
        open_data(path)

    assert "CSV UTF-8" in caught.value.hint


def test_missing_files_are_counted_and_the_first_three_named(sound):
    lines = "".join(f"x{n}.wav,rain\n" for n in range(5))

    with pytest.raises(DataError, match="5 of 6 audio files are not there") as caught:
        open_data(_manifest(sound, f"path,caption\na.wav,rain\n{lines}"))

    assert "x0.wav" in caught.value.problem
    assert "x2.wav and 2 more" in caught.value.problem
    assert "x3.wav" not in caught.value.problem
