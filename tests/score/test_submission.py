"""Answers a line a caption, as the moment task takes them."""

import json

import pytest

from earmark.data.wanted import Wanted
from earmark.errors import DataError
from earmark.score.submission import line_of, read_answers
from earmark.score.windows import Window
from earmark.types import Moment


def wanted(name):
    return Wanted(
        name=name, words="a döör", recording="rec", seconds=60.0, right=(Moment(1.0, 2.0),)
    )


def write(path, *lines):
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_line_is_written_as_the_task_has_it_and_read_again(tmp_path):
    answer = [Window(1.23456, 4.0, 0.98765432), Window(0.0, 60.0, 0.0)]

    line = line_of(wanted("rec_1"), answer)

    assert json.loads(line) == {
        "qid": "rec_1",
        "query": "a döör",
        "vid": "rec",
        "pred_relevant_windows": [[1.2346, 4.0, 0.9877], [0.0, 60.0, 0.0]],
    }
    (read,) = read_answers(write(tmp_path / "a.jsonl", line), [wanted("rec_1")])
    assert read == [Window(1.2346, 4.0, 0.9877), Window(0.0, 60.0, 0.0)]


def test_answers_come_in_the_order_in_which_captions_are_asked(tmp_path):
    path = write(
        tmp_path / "a.jsonl",
        '{"qid": 2, "pred_relevant_windows": [[5, 6, 1]]}',
        "",
        '{"qid": 1, "pred_relevant_windows": []}',
    )

    assert read_answers(path, [wanted(1), wanted(2)]) == [[], [Window(5.0, 6.0, 1.0)]]


GOOD = '{"qid": "a", "pred_relevant_windows": [[5, 6, 1]]}'


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["{"], "line 1: this is no answer"),
        (["[]"], "line 1: this is no answer"),
        (['{"qid": "a"}'], "pred_relevant_windows"),
        (['{"qid": true, "pred_relevant_windows": []}'], "qid is True"),
        (['{"qid": "a", "pred_relevant_windows": [[5, 6]]}'], "line 1: this is no answer"),
        (['{"qid": "a", "pred_relevant_windows": [[6, 5, 1]]}'], "ends before it starts"),
        (['{"qid": "a", "pred_relevant_windows": [[5, 6, NaN]]}'], "not finite"),
        ([GOOD, GOOD], "line 2: a second answer to 'a'"),
        ([GOOD.replace('"a"', '"b"')], "1 of 1 captions have no answer: a"),
        ([GOOD, GOOD.replace('"a"', '"b"')], "1 answers are to captions that are not asked: b"),
    ],
)
def test_a_bad_file_is_two_lines(tmp_path, lines, problem):
    path = write(tmp_path / "a.jsonl", *lines)

    with pytest.raises(DataError) as caught:
        read_answers(path, [wanted("a")])

    assert problem in caught.value.problem
    assert str(path) in caught.value.problem
    assert len(str(caught.value).splitlines()) == 2
