"""The long recording: sections meet, events are where the truth says, the pause is silent."""

from concurrent.futures import CancelledError
from dataclasses import replace
from itertools import pairwise
from threading import Event

import numpy as np
import pytest

from earmark.audio.read import read
from earmark.scenes import compose
from earmark.scenes.archive import field
from earmark.scenes.archive.field import BEDS, OUTSIDE, RATE, Field, blocks_of, laid_over, sections
from earmark.synth import KINDS

SHORT = 24.0


def sound(parts, seconds=SHORT):
    return np.concatenate(list(blocks_of(parts, seconds, Event())))


@pytest.fixture(scope="module")
def hour():
    return sections(3600.0)


def test_an_hour_is_ten_sections_with_a_pause_half_way(hour):
    assert [round(part.end - part.start, 2) for part in hour] == [361.8] * 10
    assert (hour[0].start, hour[-1].end) == (0.0, 3600.0)
    gaps = [round(later.start - one.end, 2) for one, later in pairwise(hour)]
    assert gaps == [-6.0, -6.0, -6.0, -6.0, 30.0, -6.0, -6.0, -6.0, -6.0]
    assert [part.fades for part in hour] == [(0, 6), *[(6, 6)] * 3, (6, 0)] * 2
    assert [part.scene.background.label for part in hour] == list(BEDS)


def test_an_hour_has_forty_events_of_many_kinds_clear_of_the_fades(hour):
    events = [event for part in hour for event in part.scene.events]

    assert len(events) == 40
    assert len({event.label for event in events}) >= 20
    assert {"dog_bark", "thunder"} <= {event.label for event in events} <= set(OUTSIDE)
    for part in hour:
        first, last = part.fades
        assert all(
            first < one.start < one.end < part.scene.seconds - last for one in part.scene.events
        )


def test_the_truth_is_in_seconds_of_the_recording(hour):
    told = list(Field("a.flac", 3600.0).soundings())

    assert len(told) == 50
    assert all(one.path == "a.flac" and one.kind in KINDS for one in told)
    beds = [(one.start, one.end) for one in told if one.end - one.start > 300]
    assert beds[:2] == [(0.0, 358.8), (358.8, 714.6)]
    assert beds[4:6] == [(1426.2, 1785.0), (1815.0, 2173.8)]
    first = hour[3].scene.events[0]
    assert (round(1067.4 + first.start, 2), first.label) in [(one.start, one.kind) for one in told]


def test_events_are_heard_where_the_truth_says_and_nowhere_else(monkeypatch):
    monkeypatch.setattr(compose, "PEAK", 100.0)  # otherwise events turn their section down
    parts = sections(SHORT)
    bare = tuple(replace(one, scene=replace(one.scene, events=())) for one in parts)
    within = np.zeros(round(SHORT * RATE), bool)
    spans = [
        (one.start, one.end)
        for one in Field("a", SHORT).soundings()
        if one.kind in OUTSIDE and one.kind not in BEDS
    ]
    for start, end in spans:
        within[round(start * RATE) : round(end * RATE)] = True

    more = np.abs(sound(parts) - sound(bare))

    assert len(spans) == 8
    assert more[~within].max() < 1e-5
    for start, end in spans:
        assert more[round(start * RATE) : round(end * RATE)].max() > 0.01


def test_the_recording_has_its_length_and_a_pause_of_digital_silence(tmp_path):
    Field("a.flac", SHORT).make(tmp_path)

    wave = read(tmp_path / "a.flac")

    first, second = sections(SHORT)
    assert round(second.start - first.end, 2) == 1.2  # a twentieth
    assert len(wave) == SHORT * RATE
    pause = wave[round(first.end * RATE) : round(second.start * RATE)]
    assert len(pause) == 1.2 * RATE
    assert not pause.any()
    assert np.abs(wave[round(first.end * RATE) - 320 : round(first.end * RATE)]).max() > 0.001
    assert np.abs(wave).max() <= 0.9


def test_sections_pass_into_each_other_at_one_level(monkeypatch):
    monkeypatch.setattr(field, "SECTION", 8.0)
    monkeypatch.setattr(field, "BEDS", ("white_noise",))
    parts = sections.__wrapped__(32.0)
    even = tuple(replace(one, scene=replace(one.scene, events=(), level_db=-30.0)) for one in parts)

    wave = sound(even, 32.0)

    assert [len(one.scene.events) > 0 for one in parts] == [True] * 4
    for part in (parts[0], parts[2]):
        across = wave[round((part.end - part.fades[1]) * RATE) : round(part.end * RATE)]
        assert len(across) == round(0.32 * RATE)
        assert 10 * np.log10(np.mean(across**2)) == pytest.approx(-30, abs=0.6)


def test_a_texture_laid_over_itself_keeps_its_level_and_does_not_repeat():
    rate = 1000
    source = np.random.default_rng(0).standard_normal(60 * rate).astype(np.float32)

    wave = laid_over(source, 300 * rate, rate, np.random.default_rng(1))

    assert len(wave) == 300 * rate
    levels = np.square(wave).reshape(300, rate).mean(axis=1)
    assert levels.min() > 0.8
    assert levels.max() < 1.25
    spectrum = np.abs(np.fft.rfft(wave, 2 * len(wave))) ** 2
    alike = np.fft.irfft(spectrum)[rate : len(wave)] / np.sum(np.square(wave))
    assert alike.max() < 0.5  # a plain loop of a minute would have 0.8


def test_a_recording_that_is_stopped_leaves_nothing(tmp_path):
    stop = Event()
    stop.set()

    with pytest.raises(CancelledError):
        Field("a.flac", SHORT).make(tmp_path, stop)

    assert not list(tmp_path.iterdir())
