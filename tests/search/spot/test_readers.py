"""Scripts of every kind, line by line, and what cannot be read as one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.errors import UsageError
from earmark.search.spot.cues import as_query, by_line, cues_of
from earmark.search.spot.lines import stamped
from earmark.search.spot.places import place_of
from earmark.search.spot.script import read_script

SCREENPLAY = """\
Title: The Lamp
Author: Nobody
Draft date: 1 May

= A keeper waits.

EXT. LIGHTHOUSE - NIGHT #1#

Waves break on the rocks. WIND howls. The lamp is out.

/* cut:
An EXPLOSION.
*/
INT. KITCHEN - CONTINUOUS

*MARA* (40s) stirs her tea. [[a kettle would whistle here]] The old
clock ticks.

MARA
(to the thunder)
Did you hear the thunder?

GRUMP (O.S.)
A dog barks somewhere. [SFX: a bell]

She thinks about his mother. A DOOR SLAMS and GRUMP's dog
barks.

SFX: A LONG, LOW GROWL, FAR AWAY; SEAGULLS

BANG!
The window rattles.

CUT TO:

INT. MARA'S CAR - MOVING - DUSK

.THE NEXT ROOM

> The clock ticks. <

~A song is sung to the sound of bells.

@McRae
Bells ring.

!MARA WALKS ACROSS THE GRAVEL.

EXT. LIGHTHOUSE - NIGHT
"""
HEARD = [  # line, name, kind, words
    (7, "1", "place", "lighthouse outdoors at night"),
    (9, "2", "sound", "waves breaking on rocks"),
    (9, "3", "sound", "wind howling"),
    (14, "4", "place", "kitchen indoors"),
    (16, "5", "sound", "stirring tea"),
    (16, "6", "sound", "old clock ticking"),
    (24, "7", "sound", "bell"),
    (26, "8", "sound", "door slamming"),
    (26, "9", "sound", "dog barking"),
    (29, "10", "sound", "long low growl far away"),
    (29, "11", "sound", "seagulls"),
    (31, "12", "sound", "bang"),
    (32, "13", "sound", "window rattling"),
    (36, "14", "place", "car indoors at dusk"),
    (47, "15", "sound", "footsteps across gravel"),
    (49, "16", "place", "lighthouse outdoors at night"),
]
LEFT_OUT = {
    5: "left out", 19: "speaker", 20: "speech", 21: "speech", 23: "speaker", 24: "speech",
    34: "left out", 38: "place", 40: "left out", 42: "left out", 44: "speaker", 45: "speech",
}  # fmt: skip

LISTING = """\
# a radio play

0:12 The front door slams.
[00:01:02.5] rain on a tin roof, distant thunder
0:20 - 0:25 pots and pans
ANNA: Did you hear that? [SFX: a bell]
(MUSIC: upbeat jazz)
7. a gull; a foghorn sounds
He thinks about his mother.
kookaburra laughing
Chapter 3
// nothing to see
- no sound at all
AMBIENCE: BUSY KITCHEN
INT. CHURCH - MORNING
"""
LISTED = [  # line, name, time, words
    (3, "1", 12.0, "front door slamming"),
    (4, "2", 62.5, "rain on tin roof"),
    (4, "3", 62.5, "distant thunder"),
    (5, "4", 20.0, "pots and pans"),
    (6, "5", None, "bell"),
    (7, "6", None, "upbeat jazz music"),
    (8, "7", None, "gull; a foghorn sounds"),
    (10, "8", None, "kookaburra laughing"),
    (14, "9", None, "busy kitchen"),
    (15, "10", None, "church indoors in the morning"),
]


NAMES = ["any.txt", "any.fountain", "any.csv"]


@pytest.fixture
def script(tmp_path):
    """Write a script and read it."""

    def read(name, text):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_script(tmp_path / name)

    return read


@pytest.mark.parametrize("name", ["a.fountain", "a.txt"])
def test_a_screenplay_is_heard_line_by_line(name, script):
    read = script(name, SCREENPLAY)

    assert [(c.line.number, c.name, c.kind, c.words) for c in cues_of(read)] == HEARD
    silent = {line.number: line.kind for line, cues in by_line(read) if not cues}
    assert silent == LEFT_OUT
    assert read.names == {"mara", "grump", "mcrae"}


def test_two_spaces_keep_a_speech_together(script):
    read = script("a.fountain", "MARA\nWell.\n  \nA dog barks.\n\nA bell rings.\n")

    assert [cue.words for cue in cues_of(read)] == ["bell ringing"]


def test_a_list_is_heard_line_by_line(script):
    read = script("a.txt", LISTING)

    cues = cues_of(read)
    assert [(c.line.number, c.name, c.line.time, c.words) for c in cues] == LISTED
    silent = {line.number: line.kind for line, found in by_line(read) if not found}
    assert silent == {6: "speech", 9: "prose", 11: "left out", 13: "prose"}


@pytest.mark.parametrize("mark", ["; ", "\t", " | ", ","])
def test_a_table_is_read_whatever_separates_its_columns(mark, script):
    sep = mark.strip(" ")
    rows = [
        ("ID", "Time", "Description", "Note"),
        ("A7", "0:12", "A door slams and a dog barks.", "x"),
        ("", "", "", ""),
        ("B", "", "kookaburra", ""),
        ("C", "1.5", "He thinks.", ""),
    ]
    text = "\n".join(sep.join(row) for row in rows)

    cues = cues_of(script("a.csv", text))

    assert [(c.line.number, c.name, c.line.time, c.words) for c in cues] == [
        (2, "A7.1", 12.0, "door slamming"),
        (2, "A7.2", 12.0, "dog barking"),
        (4, "B", None, "kookaburra"),
    ]


def test_a_query_is_asked_as_it_is_before_any_other_column(script):
    text = 'text,query,kind\nA door slams.,"2:rain - ""light music"" in:field",\nA bell rings.,,\n'
    text += '"rain,\nfar",,\n,a hall,place\n'

    rain, bell, far, hall = cues_of(script("a.csv", text))

    assert [term.words for term in rain.plan.wanted] == ["rain"]
    assert [term.words for term in rain.plan.unwanted] == ["light music"]
    assert rain.plan.filter
    assert (bell.words, far.words) == ("bell ringing", "rain, far")
    assert (hall.words, hall.kind, bell.kind) == ("a hall", "place", "sound")


def test_regions_of_reaper_are_cues(script):
    (cue,) = cues_of(script("a.csv", "#,Name,Start,End,Length\nR1,dog barks,0:01:02.5,,\n"))

    assert (cue.name, cue.words, cue.line.time) == ("R1", "dog barks", 62.5)


def test_numbers_that_a_person_gave_are_not_given_again(script):
    cues = cues_of(script("a.txt", "2. rain\nwind\nthunder\n"))

    assert [cue.name for cue in cues] == ["2", "1", "3"]


@pytest.mark.parametrize(
    "words", ["rain", "2:rain - x", "in:field", 'say "boo" now', "lo-fi hum", "@door.wav", "-a"]
)
def test_what_is_written_as_a_query_is_read_as_the_same(words, script):
    (cue,) = cues_of(script("a.txt", f"{words} noise\n"))

    quoted = as_query(cue).replace('"', '""')
    (again,) = cues_of(script("a.csv", f'query\n"{quoted}"\n'))

    assert again.plan.wanted == cue.plan.wanted
    assert again.plan.unwanted == ()
    assert not again.plan.filter


@pytest.mark.parametrize(
    ("heading", "place"),
    [
        ("INT. KITCHEN - NIGHT", "kitchen indoors at night"),
        ("EXT. FOREST – DAWN", "forest outdoors at dawn"),
        ("INT./EXT. CAR - DAY", "car"),
        ("I/E. CAR -- LATER", "car"),
        ("int smith house - kitchen - morning", "kitchen indoors in the morning"),
        ("EXT. ANNA’S GARDEN (1985) - CONTINUOUS #12A#", "garden outdoors"),
        ("EST. THE HARBOUR - DAY", "harbour"),
        ("SNIPER SCOPE POV", None),
        ("THE ATTIC - NIGHT", "attic at night"),
        ("INT. NIGHT", None),
    ],
)
def test_a_heading_is_a_place_that_can_be_heard(heading, place):
    assert place_of(heading) == place


@pytest.mark.parametrize(
    ("line", "time", "rest"),
    [
        ("0:12 rain", 12.0, "rain"),
        ("00:01:02.5 - rain", 62.5, "rain"),
        ("[1:02:03] rain", 3723.0, "rain"),
        ("(0:05,5): rain", 5.5, "rain"),
        ("0:12 --> 0:15 rain", 12.0, "rain"),
        ("12 dogs bark", None, "12 dogs bark"),
        ("0:12rain", None, "0:12rain"),
    ],
)
def test_a_time_is_taken_off_a_line(line, time, rest):
    assert stamped(line, "a.txt, line 1") == (time, rest)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_as_it_was_saved(encoding, script):
    (cue,) = cues_of(script("a.txt", "Böen im Wald\r\n".encode(encoding)))

    assert cue.words == "Böen im Wald"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.txt", b"RIFF\x00\x00", "it is not text"),
        ("a.csv", b"\x89PNG\r\n\x1a\n", "it is not text"),
        ("a.txt", rb"{\rtf1 rain}", "it is RTF, not plain text"),
        ("a.fdx", b'<?xml version="1.0"?>', "it is XML, not plain text"),
        ("a.csv", "time,note\n0:01,rain\n", "none of its columns holds cues"),
        ("a.csv", "", "none of its columns holds cues"),
        ("a.csv", "text\nrain, wind\n", "a row has 2 columns where the first has 1"),
        ("a.csv", "time,text\n5.1.00,rain\n", "line 2: '5.1.00' is no time"),
        ("a.csv", "query\nrain -\n", "line 2: nothing stands after -"),
        ("a.txt", "1:75 rain\n", "line 1: '1:75' is no time"),
        ("a.txt", "01:00:10:12 rain\n", "line 1: 01:00:10:12 counts frames"),
        ("a.txt", "He thinks.\n\n# rain\n", "nothing can be heard in"),
        ("a.txt", "", "nothing can be heard in"),
        ("a.csv", "query\n", "nothing can be heard in"),
    ],
)
def test_what_is_no_script_is_told_in_two_lines(name, text, said, script):
    with pytest.raises(UsageError) as caught:
        cues_of(script(name, text))

    assert said in caught.value.problem
    assert len(str(caught.value).splitlines()) == 2


@given(
    text=st.text(alphabet=st.sampled_from('aAsd SFX:.,\n"-#0123()[]>@!*/;|\t')),
    name=st.sampled_from(NAMES),
)
def test_any_text_is_a_script_or_told_not_to_be(text, name, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / name
    path.write_text(text, encoding="utf-8")

    cues, told = [], "what is wrong\nwhat to do"
    try:
        cues = cues_of(read_script(path))
    except UsageError as error:
        told = str(error)

    assert len(told.splitlines()) == 2
    assert all(cue.words.strip() and cue.name and as_query(cue) for cue in cues)


def test_a_script_that_is_not_there_is_told(tmp_path):
    for path in (tmp_path / "gone.txt", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            read_script(path)
