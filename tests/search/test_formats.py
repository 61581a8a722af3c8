"""Answers for other programs, byte for byte."""

import csv
import json

import pytest

from earmark.cli.answers import FORMATS as NAMES
from earmark.search.answer import Answer
from earmark.search.formats import FORMATS, as_paths
from earmark.types import Hit

ROOF = Hit(
    rank=1,
    path="/sfx/rain/roof, tin.wav",
    start=12.4,
    end=17.95,
    score=0.43218,
    confidence=0.912345,
    duration=184.2,
    tags={"title": "Rain – on tin"},
    copies=("/old/roof.mp3",),
)
LONG = Hit(
    rank=2,
    path="/sfx/field.flac",
    start=3723.0,
    end=3728.5,
    score=0.2,
    confidence=0.5,
    duration=7200.0,
    away=True,
)
AGAIN = Hit(
    rank=3,
    path="/sfx/rain/roof, tin.wav",
    start=0.0,
    end=5.0,
    score=-0.01,
    confidence=0.25,
    duration=184.2,
)
ODD = Hit(
    rank=1,
    path="/sfx/a\tb\nc\udce9.wav",
    start=1.0,
    end=2.0,
    score=0.1,
    confidence=0.5,
    duration=3.0,
)


def answer(*hits, query='rain - "light music"'):
    return Answer(query=query, model="earmark-small", hits=list(hits), took_ms=12.5)


ALL = answer(ROOF, LONG, AGAIN)
GOLDEN = {
    "json": """\
{
  "query": "rain - \\"light music\\"",
  "model": "earmark-small",
  "hits": [
    {
      "rank": 2,
      "path": "/sfx/field.flac",
      "start": 3723.0,
      "end": 3728.5,
      "score": 0.2,
      "confidence": 0.5,
      "duration": 7200.0,
      "tags": {},
      "away": true
    }
  ],
  "took_ms": 12.5
}
""",
    "jsonl": """\
{"rank": 1, "path": "/sfx/rain/roof, tin.wav", "start": 12.4, "end": 17.95, "score": 0.4322, \
"confidence": 0.9123, "duration": 184.2, "tags": {"title": "Rain – on tin"}, \
"copies": ["/old/roof.mp3"]}
{"rank": 2, "path": "/sfx/field.flac", "start": 3723.0, "end": 3728.5, "score": 0.2, \
"confidence": 0.5, "duration": 7200.0, "tags": {}, "away": true}
{"rank": 3, "path": "/sfx/rain/roof, tin.wav", "start": 0.0, "end": 5.0, "score": -0.01, \
"confidence": 0.25, "duration": 184.2, "tags": {}}
""",
    "csv": """\
rank,path,start,end,score,confidence,duration
1,"/sfx/rain/roof, tin.wav",12.4,17.95,0.4322,0.9123,184.2
2,/sfx/field.flac,3723.0,3728.5,0.2,0.5,7200.0
3,"/sfx/rain/roof, tin.wav",0.0,5.0,-0.01,0.25,184.2
""",
    "m3u": """\
#EXTM3U
#EXTINF:184,roof, tin.wav 0:12.4 - 0:18.0
#EXTVLCOPT:start-time=12.400
#EXTVLCOPT:stop-time=17.950
/sfx/rain/roof, tin.wav
#EXTINF:7200,field.flac 1:02:03.0 - 1:02:08.5
#EXTVLCOPT:start-time=3723.000
#EXTVLCOPT:stop-time=3728.500
/sfx/field.flac
#EXTINF:184,roof, tin.wav 0:00.0 - 0:05.0
#EXTVLCOPT:start-time=0.000
#EXTVLCOPT:stop-time=5.000
/sfx/rain/roof, tin.wav
""",
    "audacity": """\
12.400000\t17.950000\troof, tin.wav: rain - "light music" (0.91)
3723.000000\t3728.500000\tfield.flac: rain - "light music" (0.50)
0.000000\t5.000000\troof, tin.wav: rain - "light music" (0.25)
""",
    "raven": """\
Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tBegin Path\
\tFile Offset (s)\tBegin File\tQuery\tConfidence
1\tSpectrogram 1\t1\t12.400\t17.950\t0\t22050\t/sfx/rain/roof, tin.wav\
\t12.400\troof, tin.wav\train - "light music"\t0.9123
2\tSpectrogram 1\t1\t3907.200\t3912.700\t0\t22050\t/sfx/field.flac\
\t3723.000\tfield.flac\train - "light music"\t0.5000
3\tSpectrogram 1\t1\t0.000\t5.000\t0\t22050\t/sfx/rain/roof, tin.wav\
\t0.000\troof, tin.wav\train - "light music"\t0.2500
""",
    "reaper": """\
#,Name,Start,End,Length
R1,"roof, tin.wav: rain - ""light music"" (0.91)",0:00:12.400,0:00:17.950,0:00:05.550
R2,"field.flac: rain - ""light music"" (0.50)",1:02:03.000,1:02:08.500,0:00:05.500
R3,"roof, tin.wav: rain - ""light music"" (0.25)",0:00:00.000,0:00:05.000,0:00:05.000
""",
    "paths": """\
/sfx/rain/roof, tin.wav
/sfx/field.flac
""",
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_as_it_was_agreed_on(name):
    asked = answer(LONG) if name == "json" else ALL

    assert FORMATS[name](asked) == GOLDEN[name]


def test_the_command_line_offers_every_format():
    assert {*NAMES, "paths"} == {*FORMATS, "table"}


def test_hits_of_one_file_do_not_repeat_its_name():
    one = answer(ROOF, AGAIN, query="rain")

    assert FORMATS["audacity"](one) == (
        "12.400000\t17.950000\train (0.91)\n0.000000\t5.000000\train (0.25)\n"
    )
    assert FORMATS["reaper"](one).splitlines()[1] == (
        "R1,rain (0.91),0:00:12.400,0:00:17.950,0:00:05.550"
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("json", '{\n  "query": "x",\n  "model": "m",\n  "hits": [],\n  "took_ms": 1.0\n}\n'),
        ("jsonl", ""),
        ("csv", "rank,path,start,end,score,confidence,duration\n"),
        ("m3u", "#EXTM3U\n"),
        ("audacity", ""),
        ("raven", GOLDEN["raven"].splitlines(keepends=True)[0]),
        ("reaper", "#,Name,Start,End,Length\n"),
        ("paths", ""),
    ],
)
def test_an_answer_without_hits_is_an_empty_file_of_its_kind(name, text):
    assert FORMATS[name](Answer(query="x", model="m", hits=[], took_ms=1.0)) == text


def test_paths_can_be_ended_by_zero_bytes():
    assert as_paths(answer(ROOF, ODD), "\0") == f"{ROOF.path}\0{ODD.path}\0"


def test_tabs_and_line_ends_in_names_make_no_new_columns_or_lines():
    odd = answer(ODD, query="a\nb")

    assert FORMATS["audacity"](odd) == "1.000000\t2.000000\ta b (0.50)\n"
    (_, row) = FORMATS["raven"](odd).splitlines()
    assert row.split("\t")[7:11] == ["/sfx/a b c\udce9.wav", "1.000", "a b c\udce9.wav", "a b"]
    assert list(csv.reader(FORMATS["csv"](odd).splitlines(keepends=True)))[1][1] == ODD.path
    assert FORMATS["reaper"](answer(ODD, LONG)).splitlines()[1].startswith('R1,"a b c\udce9.wav: ')


def test_a_playlist_has_the_address_of_a_file_whose_name_is_no_line_of_text():
    assert FORMATS["m3u"](answer(ODD)) == (
        "#EXTM3U\n"
        "#EXTINF:3,a b c\udce9.wav 0:01.0 - 0:02.0\n"
        "#EXTVLCOPT:start-time=1.000\n"
        "#EXTVLCOPT:stop-time=2.000\n"
        "file:///sfx/a%09b%0Ac%E9.wav\n"
    )


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_json_is_text_whatever_the_bytes_of_a_name(name):
    text = FORMATS[name](answer(ODD))

    read = json.loads(text.encode())
    assert (read["hits"][0] if name == "json" else read)["path"] == ODD.path
