"""Who gets which moment, worked out by hand, and what is told of it to other programs."""

import csv
import json

import pytest

from earmark.search.answer import Answer
from earmark.search.spot.cues import Cue, plan_of
from earmark.search.spot.formats import FORMATS, as_csv, as_m3u, as_reaper, cues_as_csv
from earmark.search.spot.lines import Line
from earmark.search.spot.script import read_script
from earmark.search.spot.sheet import read_sheet
from earmark.search.spot.spotting import MOST, spot
from earmark.search.wish import Wish
from earmark.types import Hit


def hit(name, confidence, start=0.0, end=2.0, copies=()):
    return Hit(
        rank=0, path=f"/sfx/{name}.wav", start=start, end=end, score=confidence / 2,
        confidence=confidence, duration=30.0, copies=copies,
    )  # fmt: skip


def cue(name, words, *, time=None, place=False):
    line = Line(number=int(name), kind="prose", text=f"line {name}", time=time, is_place=place)
    return Cue(name=name, kind="place" if place else "sound", line=line, plan=plan_of(words))


class Shelf:
    """Answers each query with moments made by hand, and keeps what it was asked."""

    def __init__(self, **pools):
        self.pools, self.asked = pools, []

    def __call__(self, plan, wish):
        self.asked.append((plan.text, wish))
        hits = sorted(self.pools.get(plan.text, []), key=lambda one: -one.confidence)
        return Answer(query=plan.text, model="tiny", hits=hits[: wish.limit], took_ms=1.0)


def given(shelf, *cues, limit=2, **options):
    sheet = spot("a.txt", cues, shelf, Wish(limit=limit, **options))
    return [[one.path[5:-4] for one in found.hits] for found in sheet.spotted]


def test_a_cue_gets_the_best_of_each_recording():
    shelf = Shelf(dog=[hit("a", 0.9), hit("a", 0.8, 5, 7), hit("b", 0.7), hit("c", 0.6)])

    assert given(shelf, cue("1", "dog")) == [["a", "b"]]


def test_the_same_cues_share_out_what_there_is():
    shelf = Shelf(dog=[hit("a", 0.9), hit("b", 0.8), hit("c", 0.7), hit("d", 0.6), hit("e", 0.5)])

    assert given(shelf, cue("1", "dog"), cue("2", "dog")) == [["a", "c"], ["b", "d"]]


def test_a_moment_goes_to_the_cue_that_it_fits_best():
    # "dog" would take the wolf as its second; in the first round the wolf goes to "wolf".
    shelf = Shelf(
        dog=[hit("dog", 0.9), hit("wolf", 0.5), hit("fox", 0.4)],
        wolf=[hit("wolf", 0.8), hit("dog", 0.6)],
    )

    assert given(shelf, cue("1", "dog"), cue("2", "wolf")) == [["dog", "fox"], ["wolf"]]


def test_another_moment_of_a_recording_is_free_and_one_that_overlaps_is_not():
    shelf = Shelf(
        dog=[hit("a", 0.9, 0, 4)],
        bark=[hit("a", 0.8, 3.9, 6), hit("a", 0.7, 4, 6), hit("b", 0.6, 4, 6)],
    )

    assert given(shelf, cue("1", "dog"), cue("2", "bark")) == [["a"], ["a", "b"]]


def test_a_copy_of_what_is_taken_is_taken():
    shelf = Shelf(
        dog=[hit("a", 0.9, copies=("/sfx/b.wav",))],
        bark=[hit("b", 0.8), hit("c", 0.4)],
    )

    assert given(shelf, cue("1", "dog"), cue("2", "bark")) == [["a"], ["c"]]


def test_who_finds_everything_taken_shares_and_says_so():
    shelf = Shelf(dog=[hit("a", 0.9), hit("b", 0.8)])
    cues = [cue(str(n), "dog") for n in (1, 2, 3)]

    sheet = spot("a.txt", cues, shelf, Wish(limit=2))

    assert [[one.path for one in found.hits] for found in sheet.spotted] == [
        ["/sfx/a.wav"],
        ["/sfx/b.wav"],
        ["/sfx/a.wav", "/sfx/b.wav"],
    ]
    assert [found.again for found in sheet.spotted] == [False, False, True]
    assert [[one.rank for one in found.hits] for found in sheet.spotted] == [[1], [1], [1, 2]]


def test_a_place_sounds_the_same_in_every_scene():
    shelf = Shelf(hall=[hit("a", 0.9), hit("b", 0.8), hit("c", 0.7)])
    cues = [cue("1", "hall", place=True), cue("2", "hall"), cue("3", "hall", place=True)]

    assert given(shelf, *cues) == [["a", "c"], ["b"], ["a", "c"]]


def test_no_cue_is_dropped():
    assert given(Shelf(dog=[hit("a", 0.9)]), cue("1", "zebra"), cue("2", "dog")) == [[], ["a"]]


def test_each_query_is_asked_once_for_as_much_as_is_needed():
    shelf = Shelf()
    cues = [cue("1", "dog"), cue("2", "dog"), cue("3", "cat")]

    given(shelf, *cues, limit=2, keywords=False, unsure=True)
    given(shelf, *(cue(str(n), "dog") for n in range(99)), limit=2)

    wish = Wish(limit=24, moments=True, keywords=False, unsure=True)  # 2 x 3 moments x 2 x 2 cues
    assert shelf.asked[0] == ("dog", wish)
    assert (shelf.asked[1][0], shelf.asked[1][1].limit) == ("cat", 12)
    assert shelf.asked[2][1].limit == MOST


# what is told of it


@pytest.fixture
def sheet():
    shelf = Shelf(**{"dog, far": [hit("a", 0.9, 1.5, 4.0), hit("b", 0.5)], "rain": [hit("c", 0.7)]})
    cues = [
        cue("1", "dog, far", time=62.5),
        cue("2", "zebra"),
        cue("3", "rain"),
        cue("4", "hall", time=90.0, place=True),
    ]
    return spot("a.txt", cues, shelf, Wish(limit=2))


def test_a_table_has_a_row_for_each_hit_and_for_each_cue_without(sheet):
    assert as_csv(sheet) == (
        "cue,time,kind,query,line,text,rank,path,start,end,score,confidence,duration\n"
        '1,62.5,sound,"dog, far",1,line 1,1,/sfx/a.wav,1.5,4.0,0.45,0.9,30.0\n'
        '1,62.5,sound,"dog, far",1,line 1,2,/sfx/b.wav,0.0,2.0,0.25,0.5,30.0\n'
        "2,,sound,zebra,2,line 2,,,,,,,\n"
        "3,,sound,rain,3,line 3,1,/sfx/c.wav,0.0,2.0,0.35,0.7,30.0\n"
        "4,90.0,place,hall,4,line 4,,,,,,,\n"
    )


def test_regions_begin_at_the_times_of_cues_or_follow_one_another(sheet):
    assert as_reaper(sheet) == (
        "#,Name,Start,End,Length\n"
        'R1,"1 dog, far: a.wav at 0:00:01.500 (0.90)",0:01:02.500,0:01:05.000,0:00:02.500\n'
        "M2,2 zebra: nothing here matches,0:01:06.000,,\n"
        "R3,3 rain: c.wav at 0:00:00.000 (0.70),0:01:07.000,0:01:09.000,0:00:02.000\n"
        "M4,4 hall: nothing here matches,0:01:30.000,,\n"
    )


def test_a_playlist_goes_cue_by_cue(sheet):
    lines = as_m3u(sheet).splitlines()

    assert lines[:5] == [
        "#EXTM3U",
        "#EXTINF:30,1 dog, far: a.wav 0:01.5 - 0:04.0",
        "#EXTVLCOPT:start-time=1.500",
        "#EXTVLCOPT:stop-time=4.000",
        "/sfx/a.wav",
    ]
    assert [line for line in lines if line.startswith("# ")] == [
        "# 2 zebra: nothing here matches",
        "# 4 hall: nothing here matches",
    ]


def test_json_has_everything(sheet):
    told = json.loads(FORMATS["json"](sheet))

    assert (told["script"], told["model"], len(told["cues"])) == ("a.txt", "tiny", 4)
    first = told["cues"][0]
    assert {name: first[name] for name in first if name != "hits"} == {
        "cue": "1", "kind": "sound", "query": "dog, far", "time": 62.5, "line": 1,
        "text": "line 1", "again": False,
    }  # fmt: skip
    assert first["hits"][0] == sheet.spotted[0].hits[0].as_dict()


def test_cues_that_were_written_down_are_read_again(sheet, tmp_path):
    cues = [one.cue for one in sheet.spotted]
    (tmp_path / "a.csv").write_text(cues_as_csv(cues), encoding="utf-8")

    lines = list(read_sheet(cues_as_csv(cues), "a.csv"))

    assert [(one.name, one.text, one.time, one.is_place) for one in lines] == [
        (one.name, one.words, one.line.time, one.kind == "place") for one in cues
    ]
    assert len(read_script(tmp_path / "a.csv").lines) == 4
    assert next(csv.reader(cues_as_csv(cues).splitlines()))[:3] == ["cue", "time", "kind"]
