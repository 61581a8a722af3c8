from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from earmark.data import Row
from earmark.errors import DataError, UsageError
from earmark.score import PROTOCOLS, Asked, both_ways, metric, protocol
from scenes.hand_made import caption, event, scene


def row(name, *captions, **more):
    return Row(Path(name), captions, **{"recording": name[:1], **more})


ROWS = [
    row("a1", "Rain on a roof.", "a dog"),
    row("b1", "wind"),
    row("b2", "rain on a roof", "waves"),
    row("c1"),
]


def dogs_and_cats(*captions):
    """A dog before a cat, the same in the other order, and a cat alone."""
    told = [tuple(caption(*claims) for claims in some) for some in captions]
    first = scene(event("dog", 1, 3), event("cat", 6, 8), name="1")
    other = scene(event("cat", 1, 3), event("dog", 6, 8), name="0")
    alone = scene(event("cat", 4, 6), name="2")
    pool = (replace(first, twin="0"), replace(other, twin="1"), alone)
    return [replace(one, captions=some) for one, some in zip(pool, told, strict=True)]


def named(*scenes):
    """Give every caption the words of its claims."""
    return [
        replace(
            one,
            captions=tuple(
                replace(said, text=" ".join(str((c.relation, *c.labels)) for c in said.constraints))
                for said in one.captions
            ),
        )
        for one in scenes
    ]


def test_every_row_that_has_a_caption_is_right_for_it():
    task = protocol("captions").task(ROWS)

    assert task.texts == ("Rain on a roof.", "a dog", "wind", "waves")
    assert task.sounds == tuple(ROWS)
    assert task.match.astype(int).tolist() == [
        [1, 0, 1, 0],
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
    ]


def test_a_text_is_drawn_with_the_first_recording_that_has_it():
    task = protocol("captions").task(ROWS)

    assert task.homes == ("a", "a", "b", "b")
    assert task.recordings == ("a", "b", "b", "c")
    assert task.drawn == "queries"


def test_of_texts_that_name_kinds_the_sounds_are_drawn():
    rows = [
        row("a", "a dog"),
        row("b", "a cat"),
        row("c", "a dog"),
        row("d", "a cat"),
        row("e", "x"),
    ]

    assert protocol("captions").task(rows).drawn == "items"
    assert protocol("captions").task(rows[2:]).drawn == "queries"
    assert protocol("captions").task([row("a1", "a dog"), row("a2", "a dog")]).drawn == "queries"


def test_rows_of_one_stretch_are_one_sound():
    rows = [
        row("a", "rain", start=0.0, end=5.0),
        row("a", "wind", start=5.0, end=9.0),
        row("a", "a storm", "rain", start=0.0, end=5.0, split="dev"),
    ]

    task = protocol("captions").task(rows)

    assert task.texts == ("rain", "a storm", "wind")
    assert task.match.astype(int).tolist() == [[1, 0], [1, 0], [0, 1]]


def test_a_row_without_a_recording_is_one_of_its_own():
    rows = [row("x/a", "rain", recording=""), row("y/a", "wind", recording="")]

    assert protocol("captions").task(rows).recordings == ("x/a", "y/a")


def test_scenes_are_right_where_all_that_a_caption_claims_holds():
    pool = named(*dogs_and_cats([["before dog cat"]], [["before cat dog"]], [["heard cat"]]))

    task = protocol("scenes").task(pool)

    assert task.match.astype(int).tolist() == [[1, 0, 0], [0, 1, 0], [1, 1, 1]]
    assert task.sounds == tuple(pool)


def test_a_scene_and_its_twin_are_drawn_together():
    pool = named(*dogs_and_cats([["before dog cat"]], [["before cat dog"]], [["heard cat"]]))

    task = protocol("scenes").task(pool)

    assert task.recordings == ("0", "0", "2")
    assert task.homes == ("0", "0", "2")
    assert task.drawn == "queries"


def test_a_caption_of_two_scenes_is_asked_once_and_right_in_all_its_readings():
    # All have the same words here, and the scenes in which any of the readings holds are right.
    pool = dogs_and_cats([["before dog cat"]], [], [["without dog"]])

    task = protocol("scenes").task(pool)

    assert task.texts == ("words",)
    assert task.match.astype(int).tolist() == [[1, 0, 1]]
    assert task.homes == ("0",)


def test_the_esc_clips_are_those_of_check_with_a_fold():
    fold = {"facts": {"fold": "3"}}
    rows = [
        row("a", "rain", split="check", **fold),
        row("b", "rain", split="train", **fold),
        row("c", "rain", split="check"),
        row("d", "wind", split="check", **fold),
    ]

    assert protocol("esc-check").task(rows).sounds == (rows[0], rows[3])


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("animals-check", "animal_sounds"),
        ("rare-check", "good_dream"),
        ("human-check", "human_captions"),
        ("urban-check", "urbansound8k"),
    ],
)
def test_a_set_of_one_source_is_its_rows_of_check(name, source):
    rows = [
        row("a", "a donkey braying", split="check", facts={"source": source}),
        row("b", "a donkey braying", split="train", facts={"source": source}),
        row("c", "a donkey braying", split="check", facts={"source": "elsewhere"}),
        row("d", "a hen clucking", split="check", facts={"source": source}),
    ]

    assert protocol(name).task(rows).sounds == (rows[0], rows[3])


@pytest.mark.parametrize(
    ("name", "read", "problem"),
    [
        ("animals-check", ROWS, "has a 'source' of animal_sounds"),
        ("captions", [row("a")], "none of 1 rows has a caption"),
        ("scenes", [scene(event("dog", 1, 2))], "none of 1 scenes has a caption"),
        ("esc-check", ROWS, "none of 4 rows is of the split 'check' and has a 'fold'"),
    ],
)
def test_nothing_to_ask_is_refused(name, read, problem):
    with pytest.raises(DataError, match=problem):
        protocol(name).task(read)


def test_an_unknown_protocol_is_refused_with_the_one_that_was_meant():
    with pytest.raises(UsageError, match=r"(?s)'caption'.*did you mean 'captions'"):
        protocol("caption")
    with pytest.raises(UsageError, match="choose from: captions, scenes"):
        protocol("moments")


@pytest.mark.parametrize("one", PROTOCOLS.values(), ids=list(PROTOCOLS))
def test_protocols_name_known_metrics(one):
    assert [metric(name).name for name in one.metrics] == list(one.metrics)
    assert one.right.startswith("every")


def test_scores_become_answers_in_both_directions():
    task = protocol("captions").task(ROWS)
    scores = np.arange(16.0).reshape(4, 4) ** 2

    there, back = task.asked(scores), task.asked(scores, "audio to text")

    assert (there.drawn, there.recordings) == ("queries", ("a", "a", "b", "b"))
    assert (back.drawn, back.recordings) == ("queries", ("a", "b", "b"))  # c1 has no caption
    assert back.scores.tolist() == scores.T[:3].tolist()
    assert back.match.tolist() == task.match.T[:3].tolist()
    assert len(back.match) == both_ways(scores, task.match)["audio to text"].queries


def test_of_kinds_the_sounds_are_drawn_both_ways():
    task = protocol("captions").task([row("a", "a dog"), row("b", "a dog"), row("c")])
    scores = np.zeros((1, 3))

    assert (task.asked(scores).drawn, task.asked(scores).recordings) == ("items", ("a", "b", "c"))
    back = task.asked(scores, "audio to text")
    assert (back.drawn, back.recordings) == ("queries", ("a", "b"))


def test_scores_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"scores are \(4, 3\), but the task is \(4, 4\)"):
        protocol("captions").task(ROWS).asked(np.zeros((4, 3)))


@pytest.mark.parametrize(("drawn", "names"), [("queries", "abc"), ("items", "ab")])
def test_recordings_must_be_those_of_the_axis_that_is_drawn(drawn, names):
    with pytest.raises(ValueError, match=f"{len(names)} recordings of {drawn}"):
        Asked(np.zeros((2, 3)), np.ones((2, 3), dtype=bool), drawn, tuple(names))
