import json
from dataclasses import replace

import numpy as np
import pytest

from earmark.audio.read import read
from earmark.errors import DataError
from earmark.scenes.compose import render
from earmark.scenes.draw import Plan
from earmark.scenes.folder import audio_path, read_scenes, write_scenes
from earmark.scenes.pool import draw_pool
from earmark.scenes.truth import from_line, to_line
from scenes.fake_bank import fake_bank
from scenes.hand_made import bed, caption, event, scene

BANK = fake_bank()
RATE = 8_000
POOL = draw_pool(BANK, Plan(seconds=(5.0, 7.0), captions=1, split="test"), size=4, seed=5)


def test_a_scene_is_one_line_with_sorted_keys():
    one = scene(event("dog", 1.5, 3.25, distant=True), background=bed("rain"), name="000007")
    one = replace(one, captions=(caption("count dog", count=2),), split="test", twin="000008")

    line = to_line(one, audio="audio/000007.flac", rate=32_000)

    assert json.loads(line) == {
        "audio": "audio/000007.flac",
        "background": {
            "group": "rain",
            "label": "rain",
            "recording": "rain 0",
            "sound": "rain/0",
        },
        "captions": [
            {
                "constraints": [{"count": 2, "labels": ["dog"], "relation": "count"}],
                "rule": "rule",
                "text": "words",
            }
        ],
        "events": [
            {
                "cut": [0.0, 1.75],
                "distant": True,
                "end": 3.25,
                "group": "dog",
                "label": "dog",
                "recording": "dog 0",
                "repeats": 1,
                "snr_db": 10.0,
                "sound": "dog/0",
                "start": 1.5,
            }
        ],
        "id": "000007",
        "level_db": -40.0,
        "rate": 32_000,
        "seconds": 20.0,
        "seed": 1,
        "split": "test",
        "twin": "000008",
    }
    assert line.startswith('{"audio": ')
    assert line.count("\n") == 0
    assert from_line(line) == one


@pytest.mark.parametrize("one", POOL, ids=lambda one: one.id)
def test_a_line_gives_the_scene_back(one):
    assert from_line(to_line(one)) == one


def test_a_folder_gives_its_scenes_back(tmp_path):
    write_scenes(tmp_path / "new", POOL, BANK, rate=RATE)

    assert read_scenes(tmp_path / "new") == POOL
    assert sorted(path.name for path in (tmp_path / "new" / "audio").iterdir()) == [
        f"{one.id}.flac" for one in POOL
    ]


def test_the_written_sound_is_the_rendered_sound(tmp_path):
    write_scenes(tmp_path, POOL[:1], BANK, rate=RATE)

    found = read(audio_path(tmp_path, POOL[0]), rate=RATE)

    np.testing.assert_allclose(found, render(POOL[0], BANK, RATE), atol=2**-15)


def test_the_list_has_unix_line_ends_and_one_line_a_scene(tmp_path):
    write_scenes(tmp_path, POOL, BANK, rate=RATE)

    content = (tmp_path / "scenes.jsonl").read_bytes()

    assert content.count(b"\n") == 4
    assert b"\r" not in content


def test_a_broken_run_goes_on_where_it_stopped(tmp_path):
    write_scenes(tmp_path, POOL, BANK, rate=RATE)
    (tmp_path / "scenes.jsonl").rename(tmp_path / "scenes.jsonl.part")
    audio_path(tmp_path, POOL[1]).unlink()
    audio_path(tmp_path, POOL[2]).write_bytes(b"made before")

    write_scenes(tmp_path, POOL, BANK, rate=RATE)

    assert audio_path(tmp_path, POOL[1]).stat().st_size > 1000
    assert audio_path(tmp_path, POOL[2]).read_bytes() == b"made before"
    assert read_scenes(tmp_path) == POOL


def test_other_scenes_are_never_written_over(tmp_path):
    write_scenes(tmp_path, POOL, BANK, rate=RATE)

    with pytest.raises(DataError, match="holds other scenes"):
        write_scenes(tmp_path, POOL[:2], BANK, rate=RATE)

    assert read_scenes(tmp_path) == POOL


def test_a_folder_without_scenes_is_refused(tmp_path):
    with pytest.raises(DataError, match="is not there"):
        read_scenes(tmp_path)


def test_a_run_that_was_not_finished_is_named(tmp_path):
    (tmp_path / "scenes.jsonl.part").write_text("", encoding="utf-8")

    with pytest.raises(DataError, match="not finished"):
        read_scenes(tmp_path)


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "x"}'])
def test_a_damaged_line_is_named_by_its_number(tmp_path, line):
    lines = f"{to_line(POOL[0])}\n{line}\n"
    (tmp_path / "scenes.jsonl").write_text(lines, encoding="utf-8")

    with pytest.raises(DataError, match="line 2 is not a scene"):
        read_scenes(tmp_path)


def test_words_of_any_language_survive(tmp_path):
    spoken = replace(POOL[0].captions[0], text="ein Käuzchen \u2028 ruft")
    one = replace(POOL[0], captions=(spoken,))

    write_scenes(tmp_path, [one], BANK, rate=RATE)

    assert read_scenes(tmp_path) == [one]
