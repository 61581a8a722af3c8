"""The soak test of `earmark listen`: the command itself, fed and watched."""

import pytest

from earmark.bench import listen
from earmark.bench.listen import Heard, Soak, _costs, _lines
from earmark.cli.main import main

DOG = {"query": "a dog barking", "start": 8.0, "end": 9.0, "told": 10.0}


@pytest.fixture
def short_minutes(monkeypatch):
    monkeypatch.setattr(listen, "MINUTE", 14.0)
    monkeypatch.setattr(listen, "BEDS", listen.BEDS[:1])
    monkeypatch.setattr(listen, "PLACES", (5.0,))


@pytest.mark.usefixtures("short_minutes")
@pytest.mark.skipif(not listen.can_tell(), reason="Linux alone tells what a process holds")
def test_the_command_is_fed_and_its_costs_are_told():
    told = {one.what: one for one in listen.figures(minutes=2, tell=print)}

    assert all(one.part == "listen" for one in told.values())
    assert 0 < told["one core at real time, 2 minutes"].value < 100
    assert 50 < told["memory after 2 minutes"].value < 250
    assert told["memory after 2 minutes"].met
    assert told["end to line, 99 of 100"].met
    assert told["events told, of 2"].value == 2
    assert told["told where nothing is"].value == 0


def test_lines_are_judged_by_hand():
    events = [Heard("a dog barking", 8.5, 9.5), Heard("a police siren", 22.0, 25.0)]
    other = DOG | {"query": "a rooster crowing", "told": 9.5}
    late = DOG | {"start": 60.0, "end": 61.0, "told": 63.5}

    # A step of hearing at half a core is 0.32 s: 1.32, 0.82 and 2.82 s after the end.
    median, most, found, wrong = _lines(Soak(0.5, 100.0, 120.0, [DOG, other, late]), events)

    assert median.value == pytest.approx(1320)
    assert most.value == pytest.approx(2790)  # 98 hundredths of the way from 1.32 to 2.82 s
    assert not most.met
    assert (found.what, found.value, wrong.value) == ("events told, of 2", 1, 2)


def test_nothing_told_has_no_delay():
    found, wrong = _lines(Soak(0.1, 100.0, 120.0, []), [Heard("a dog barking", 8.5, 9.5)])

    assert (found.value, wrong.value) == (0, 0)


def test_costs_are_judged_by_their_budgets():
    share, memory = _costs(Soak(0.4, 100.0, 120.0, []), 9)

    assert (share.value, share.met) == (40.0, False)
    assert (memory.value, memory.ratio, memory.met) == (120.0, 1.2, True)


def test_a_minute_is_the_same_each_time_and_says_what_is_in_it():
    wave, events = listen.minute(1)
    again, same = listen.minute(1)

    assert (wave.tobytes(), events) == (again.tobytes(), same)
    assert [one.query for one in events] == ["a police siren", "a dog barking"] * 2
    assert [one.start for one in events] == list(listen.PLACES)
    assert all(0.3 < one.end - one.start <= listen.LONGEST for one in events)


def test_where_memory_is_not_told_nothing_is_measured(monkeypatch):
    monkeypatch.setattr(listen, "can_tell", lambda: False)
    said = []

    assert list(listen.figures(tell=said.append)) == []
    assert "by Linux alone" in said[0]


def test_one_minute_is_no_soak(capsys):
    assert main(["bench", "listen", "--minutes", "1"]) == 2

    assert capsys.readouterr().err.startswith("earmark: 1 minutes\n")
