"""The same weights through both, a folder and a cold search by them, at toy size."""

import json
import sqlite3
import subprocess
import sys

import numpy as np
import pytest

from bench.peers.ground import TINY, Once, ground, needs_clap, needs_faiss, once
from earmark.bench.peers import clap, folder, given, start
from earmark.bench.peers.published import Published
from earmark.errors import MissingExtraError

pytestmark = needs_clap


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return Once(tmp_path_factory.mktemp("clap"), TINY)


def test_both_say_the_same_and_each_task_is_timed_beside_the_pipeline(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(clap, "WEIGHTS", ("float32",))
    monkeypatch.setattr(clap, "BATCH", 2)
    monkeypatch.setattr(clap, "in_turns", once)

    alike, alone, *others = clap.figures(ground(tmp_path, tiny))

    assert alike.value == pytest.approx(1, abs=1e-4)
    assert alike.met
    assert alone.what == "clip of 10 s, alone, 1 thread, float32"
    assert alone.met == (alone.ratio <= 0.5)
    assert all(one.ratio > 0 and one.value > 0 and one.theirs > 0 for one in (alone, *others))
    assert [one.what for one in others][-2:] == [
        "sentence, alone, 1 thread, float32",
        "sentence, of 2, 1 thread, float32",
    ]


def test_the_words_of_the_bench_are_one_piece_each(tiny):
    from transformers import AutoTokenizer

    made = AutoTokenizer.from_pretrained(tiny.repository)

    assert len(made) == TINY["text_config"]["vocab_size"]
    assert len(made("a dog barking in the rain")["input_ids"]) == 2 + 6


@needs_faiss
def test_a_folder_is_indexed_by_both(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "in_turns", once)
    monkeypatch.setattr(folder, "LONGEST", 14.0)

    [found] = folder.figures(ground(tmp_path, tiny), files=2)

    assert found.what == "2 files, 0 minutes, CLAP, float32"
    assert found.value > 0 < found.theirs
    said = json.loads((tmp_path / "folder" / "faiss.json").read_text(encoding="utf-8"))
    assert said == [["000.wav", 0.0], ["001.flac", 0.0], ["001.flac", 10.0]]
    import faiss

    index = faiss.read_index(str(tmp_path / "folder" / "faiss.index"))
    kept = index.reconstruct_n(0, index.ntotal)
    assert kept.shape == (3, 24)
    assert np.linalg.norm(kept, axis=1) == pytest.approx(1, abs=1e-5)
    assert not list((tmp_path / "folder").glob("library-*"))


def test_a_search_from_cold_is_timed_beside_both_ways_of_rclip(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(start, "in_turns", once)

    found = list(start.figures(ground(tmp_path, tiny), size=300))

    assert [one.peer for one in found] == [start.TORCH, start.ONNX]
    assert all(one.value > 0 < one.theirs for one in found)
    database = tmp_path / "start" / "rclip.db"
    with sqlite3.connect(database) as opened:
        assert opened.execute("SELECT count(*), length(vector) FROM moments").fetchone() == (
            300, 24 * 4
        )  # fmt: skip
    words = [str(tiny.bundle("float32")), str(database), "a dog barking"]
    script = [sys.executable, str(start.SCRIPTS / "search_onnx.py"), *words]
    lines = subprocess.run(script, capture_output=True, text=True, check=True).stdout.splitlines()
    scores = [float(line.split("\t")[0]) for line in lines]
    assert len(scores) == 10
    assert scores == sorted(scores, reverse=True)


def test_without_torch_the_question_is_left_out_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(MissingExtraError, match=r"(?s)'torch'.*'earmark\[lab\]'"):
        _ = Published(tmp_path, TINY).repository


def test_librosa_is_looked_for_where_it_was_said_to_be(tmp_path):
    with pytest.raises(given.UsageError, match="no Python"):
        given.Loader.find(str(tmp_path / "python"))
