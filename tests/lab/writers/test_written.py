"""Rewrites on disk: a run that was stopped goes on, and a torn line is taken away."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from earmark.errors import DataError
from earmark.lab.writers import KEY_FROM, Reply
from earmark.lab.writers.written import read_written, write_all
from lab.writers.loopback import caption_in, completion, endpoint

TOOL = Path(__file__).parents[3] / "tools" / "write_captions.py"
KEY = "sk-very-secret-0123456789"


class Canine:
    """Says canine for dog, adds a cat, and has nothing to say of a zube."""

    name, at_once = "canine", 2

    def __init__(self):
        self.asked, self.lock = [], threading.Lock()

    def write(self, sentence):
        with self.lock:
            self.asked.append(sentence)
        if "zube" in sentence:
            return Reply((), "a zube")
        other = sentence.replace("dog", "canine")
        return Reply((other, f"{other} and a cat", other))


def go(path, *sentences, writer=None):
    writer = writer or Canine()
    told = []
    tally = write_all(writer, sentences, path, lambda *at: told.append(at))
    return tally, writer, told


def test_each_sentence_is_a_line_with_what_passed_and_what_did_not(tmp_path):
    path = tmp_path / "new" / "out.jsonl"

    tally, _, told = go(path, "a dog barks", " a dog barks", "", "two dogs", "a zube")

    lines = sorted(path.read_text().splitlines())
    assert json.loads(lines[0]) == {
        "writer": "canine",
        "sentence": "a dog barks",
        "rewrites": ["a canine barks"],
        "refused": {"a canine barks and a cat": "adds 'cat'"},
    }
    assert len(lines) == 2
    assert (tally.before, tally.sentences, tally.rewrites) == (0, 2, 2)
    assert tally.refused == {"adds ...": 2}
    assert tally.faults == {"a zube": 1}
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_what_is_there_is_not_asked_for_again_but_faults_are(tmp_path):
    path = tmp_path / "out.jsonl"
    go(path, "a dog barks", "a zube")

    tally, writer, _ = go(path, "a dog barks", "a zube", "a dog")

    assert sorted(writer.asked) == ["a dog", "a zube"]
    assert tally.before == 1
    assert len(read_written(path)) == 2


def test_another_writer_writes_beside_the_first(tmp_path):
    path = tmp_path / "out.jsonl"
    go(path, "a dog barks")
    other = Canine()
    other.name = "other"

    go(path, "a dog barks", writer=other)

    assert [one.writer for one in read_written(path)] == ["canine", "other"]


@pytest.mark.parametrize(
    "torn", ['{"wri', '{"writer": "canine", "sentence": "a d', '{"writer": "c"}']
)
def test_a_torn_last_line_is_passed_over_and_then_taken_away(tmp_path, torn):
    path = tmp_path / "out.jsonl"
    go(path, "a dog barks")
    with path.open("a") as file:
        file.write(torn)

    assert [one.sentence for one in read_written(path)] == ["a dog barks"]
    go(path, "a dog barks", "a dog")

    assert [one.sentence for one in read_written(path)] == ["a dog barks", "a dog"]
    assert torn + "\n" not in path.read_text()


@pytest.mark.parametrize(
    "text",
    [
        "path,caption\na.wav,a dog\n",
        "path,caption\na.wav,a dog",
        '{"caption": "a dog"}\n',
        '{"writer": "a", "sentence": "b", "rewrites": [1]}\n',
        '{"writer": "a", "sentence": "b", "rewrites": "no"}\n{"x"',
        "a dog barks",
    ],
)
def test_a_file_of_anything_else_is_refused_and_left_as_it_is(tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_text(text)

    with pytest.raises(DataError, match=r"mine\.csv, line \d: this is no line of rewrites"):
        go(path, "a dog barks")
    assert path.read_text() == text


def test_a_file_that_is_not_there_is_told_so(tmp_path):
    with pytest.raises(DataError, match="there is no file of rewrites"):
        read_written(tmp_path / "none.jsonl")


def test_an_error_keeps_what_was_written_before_it(tmp_path):
    class Failing(Canine):
        at_once = 1

        def write(self, sentence):
            if sentence == "bad":
                raise DataError("gone", hint="come back")
            return super().write(sentence)

    path, writer = tmp_path / "out.jsonl", Failing()

    with pytest.raises(DataError, match="gone"):
        go(path, "a dog barks", "bad", *(f"dog {n}" for n in range(50)), writer=writer)

    assert 1 <= len(read_written(path)) == len(writer.asked) < 51


# The tool, as a person runs it.


def tool(*words, **env):
    command = [sys.executable, str(TOOL), *map(str, words)]
    around = {"no_proxy": "127.0.0.1", "PATH": "", **env}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=around
    )


def table(path, *captions):
    path.write_text("path,caption\n" + "".join(f"x.wav,{one}\n" for one in captions))
    return path


def test_the_tool_writes_by_rules(tmp_path):
    captions = table(tmp_path / "in.csv", "a dog barks", "rain followed by thunder", "a zube")

    run = tool(captions, tmp_path / "out.jsonl", "--count", 2)
    out, err = run.communicate(timeout=60)

    assert run.returncode == 0, err
    assert "rewrites of 2 captions are new" in out
    assert "1 no rule is for it" in out
    found = {one.sentence: one.rewrites for one in read_written(tmp_path / "out.jsonl")}
    assert all(1 <= len(some) <= 2 for some in found.values())


def test_a_tool_that_is_killed_goes_on_and_the_key_is_nowhere(tmp_path):
    """The first run is killed while its third request hangs; the second asks for the rest."""
    captions = [f"a dog barks {word}" for word in ("here", "there", "again", "outside", "inside")]
    hangs = threading.Event()

    def answer(number, prompt):
        if number == 2:
            hangs.set()
            return None
        return completion(json.dumps([caption_in(prompt).replace("dog", "canine"), "a cat"]))

    out = tmp_path / "out.jsonl"
    with endpoint(answer) as (there, url):
        words = (table(tmp_path / "in.csv", *captions), out, "--writer", "endpoint", "--count", 2)
        words = (*words, "--url", url, "--model", "m", "--at-once", 1, "--per-minute", 60_000)
        first = tool(*words, **{KEY_FROM: KEY})
        assert hangs.wait(60)
        first.send_signal(signal.SIGKILL)
        told = [*first.communicate(timeout=60)]
        kept = [one.sentence for one in read_written(out)]
        with out.open("a") as file:
            file.write('{"writer": "endpoint m 2')
        second = tool(*words, **{KEY_FROM: KEY})
        told += second.communicate(timeout=60)
        asked = [caption_in(prompt) for prompt in there.prompts()]

    assert kept == captions[:2]
    assert second.returncode == 0, told
    assert asked[3:] == captions[2:]
    assert [one.sentence for one in read_written(out)] == captions
    assert "2 captions were there already" in told[2]
    assert "the check refused 3 rewrites" in told[2]
    assert KEY not in out.read_text() + "".join(told)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--writer", "endpoint"), "'' is no address of an endpoint"),
        (("--writer", "endpoint", "--url", "http://127.0.0.1:9/v1"), "no model is named"),
        (("--count", "0"), "0 rewrites of a sentence"),
    ],
)
def test_the_tool_tells_what_is_wrong_in_two_lines(tmp_path, words, problem):
    captions = table(tmp_path / "in.csv", "a dog barks")

    run = tool(captions, tmp_path / "out.jsonl", *words)
    _, err = run.communicate(timeout=60)

    assert run.returncode == 2
    assert problem in err.splitlines()[0]
    assert len(err.strip().splitlines()) == 2


def test_a_recipe_of_another_task_is_refused(tmp_path):
    recipe = tmp_path / "r.toml"
    recipe.write_text('name = "r"\ntask = "hear"\n')

    run = tool(recipe, tmp_path / "out.jsonl")
    _, err = run.communicate(timeout=60)

    assert run.returncode == 2
    assert "no recipe whose captions can be rewritten" in err
