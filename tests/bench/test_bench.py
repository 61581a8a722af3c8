"""The bench measures in turn, prints what it measured, and judges only a stated budget."""

import json

import pytest

from earmark.bench import device, hearing, indexing, memory, reading, search, start, words
from earmark.bench.figure import Figure, in_turn
from earmark.cli.main import main
from earmark.model.device import CPU, Device
from earmark.model.model import Model


def test_pairs_are_measured_in_turn_and_the_first_round_does_not_count():
    said, ours, peers = [], iter([99, 2, 4, 6]), iter([99, 1, 1, 12])

    def mine():
        said.append("A")
        return next(ours)

    def theirs():
        said.append("B")
        return next(peers)

    pair = in_turn(mine, theirs, runs=3)

    assert "".join(said) == "ABABABAB"
    assert (pair.ours, pair.peers, pair.ratio) == (4, 1, 2)  # ratios 2, 4 and 0.5


def test_starting_is_measured_beside_a_bare_python():
    figures = list(start.figures(runs=1))

    assert [figure.what for figure in figures] == ["import earmark", "earmark --help"]
    assert all(figure.ratio > 0 and figure.value > 0 for figure in figures)


def test_every_format_is_read_beside_a_peer():
    figures = list(reading.figures(runs=1, seconds=3.0))

    assert [f.what for f in figures if f.part == "read"] == list(reading.FORMATS)
    assert all(figure.value > 0 for figure in figures)


def test_memory_is_that_of_a_process_of_its_own():
    for figure in memory.figures(minutes=(1, 2)):
        assert 20 < figure.value < 400
        assert figure.met


@pytest.fixture
def short_files(monkeypatch):
    monkeypatch.setattr(hearing, "FORMATS", ("wav", "ogg"))
    monkeypatch.setattr(hearing, "SECONDS", 15.0)


@pytest.mark.usefixtures("short_files")
def test_devices_are_measured_in_turn_and_one_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(device, "SECONDS", hearing.SECONDS)
    monkeypatch.setattr(device, "FORMATS", hearing.FORMATS)
    two = Device(name="two at once", provider=CPU.provider, batch=2)
    gone = Device(name="gone", provider="NoSuchExecutionProvider", batch=2)
    monkeypatch.setattr(device, "DEVICES", {one.name: one for one in (CPU, two, gone)})
    told = []

    alone, together = device.figures(runs=1, tell=told.append)

    assert alone.what.startswith("index on cpu, ")
    assert alone.ratio is None
    assert together.what.startswith("index on two at once, ")
    assert together.peer == "cpu"
    assert 0.1 < together.ratio < 10
    assert len(told) == 1
    assert told[0].startswith("no gone here: onnxruntime ")


@pytest.mark.usefixtures("short_files")
def test_words_are_measured_from_a_cold_start_to_the_rerank():
    cold, warm, judged = words.figures(runs=1)

    assert {one.part for one in (cold, warm, judged)} == {"words"}
    assert cold.value > warm.value > 0  # a model that is opened once is not opened again
    assert cold.ratio > 1
    assert [one.budget for one in (cold, warm, judged)] == [
        "under 300 ms",
        "under 5 ms",
        "under 50 ms",
    ]
    assert judged.value > 0


def test_a_model_that_does_not_rerank_has_no_shortlist_to_judge(monkeypatch):
    alone = Model.load().reranking(0)
    monkeypatch.setattr(words.Model, "load", lambda _: alone)

    assert [one.what for one in words.figures(runs=1)] == [
        "open the text model, read one",
        "read a sentence",
    ]


@pytest.mark.usefixtures("short_files")
def test_hearing_is_told_in_shares_of_what_it_takes_from_file_to_tokens():
    speed, *shares, rest = hearing.figures(runs=1)

    assert speed.part == "hear"
    assert speed.met == (speed.value >= 200)
    assert [one.what for one in shares] == ["decoding alone", "front end alone", "network alone"]
    decode, front, network = (one.value for one in shares)
    assert min(decode, front, network) > 0
    # The front end is a step of what is heard, and is taken out of the network's share.
    assert decode + network + rest.value == pytest.approx(100)
    assert rest.budget == ""


def test_hearing_takes_the_model_that_is_named(capsys):
    assert main(["bench", "hearing", "--model", "nobody"]) == 2
    assert "nobody" in capsys.readouterr().err


@pytest.mark.usefixtures("short_files")
def test_indexing_is_told_in_shares_and_by_its_peak(monkeypatch):
    monkeypatch.setattr(indexing, "MINUTES", (1, 2))
    speed, *shares, rest, memory = indexing.figures(runs=1)

    assert speed.value > 0
    assert [one.what for one in shares] == ["decoding alone", "front end alone", "network alone"]
    assert all(0 < one.value < 100 for one in shares)
    assert rest.what == "all but decoding and network"
    assert memory.met


def test_search_is_measured_beside_one_pass_and_cold(monkeypatch):
    monkeypatch.setattr(search, "recall", lambda: figure)
    figure = Figure(part="search", what="recall", value=1, unit="%", ratio=1.0)
    found = list(search.figures((500, 1_000), runs=1))

    assert {one.what for one in found if one.peer == "one pass of the kernel"} == {
        "500 moments x 256", "1,000 moments x 256", "1,000 moments x 512"
    }  # fmt: skip
    assert sum("cold" in one.what for one in found) == 2
    assert all(one.value > 0 and one.ratio > 0 for one in found)


def test_eight_bits_lose_none_of_the_ten_best(monkeypatch):
    few = {"dog_bark": None, "piano": None, "light_rain": None, "owl": None}
    monkeypatch.setattr(search, "KINDS", few)
    figure = search.recall(per_kind=3)

    assert figure.value > 95


def test_the_table_and_the_json_hold_the_same(tmp_path, monkeypatch, capsys):
    figure = Figure(
        part="start", what="x", value=3, unit="ms", ratio=2.5, budget="at most 2", met=False
    )
    monkeypatch.setattr(start, "figures", lambda: [figure])

    assert main(["bench", "start", "--json", str(tmp_path / "out.json")]) == 0

    assert "at most 2: MISSED" in capsys.readouterr().out
    kept = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert kept["figures"] == [figure.as_dict()]
    assert {"earmark", "date", "processor", "packages"} <= set(kept["about"])
    assert main(["bench", "start", "--json", str(tmp_path / "out.json")]) == 2
    assert "nothing is overwritten" in capsys.readouterr().err


def test_an_unknown_part_is_refused(capsys):
    assert main(["bench", "colour"]) == 2
    assert (
        "indexing, search, device, scale, served, serve, listen, peers" in capsys.readouterr().err
    )


def test_an_option_of_another_part_is_refused(capsys):
    assert main(["bench", "start", "--requests", "7"]) == 2

    said = capsys.readouterr().err.splitlines()
    assert said[0].endswith("--requests does nothing here: it is for serve")
    assert len(said) == 2


@pytest.mark.parametrize("word", ["bench", "demo", "look"])
def test_the_help_of_each_command_begins_with_what_it_does(word, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([word, "--help"])
    assert capsys.readouterr().out.startswith(f"usage: earmark {word}")
