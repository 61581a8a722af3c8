"""Live sound: the same moments from any blocks, soon after their end, and near those of a file."""

from types import SimpleNamespace

import numpy as np
import pytest

from earmark import Model
from earmark.audio.mix import mix
from earmark.audio.write import write
from earmark.model.pool import Heard
from earmark.model.run import tokens_of
from earmark.model.stretches import Plan
from earmark.search.live.listening import Listening
from earmark.search.live.track import LATE, Tracker, calibration_of
from earmark.search.one import moments_in
from earmark.search.query import parse
from earmark.search.question import ask
from earmark.synth import make

RATE = 16_000
EVENT = (4.0, 7.0)  # seconds
SECONDS = 10.0


@pytest.fixture(scope="module")
def model():
    return Model.load()


@pytest.fixture(scope="module")
def wave():
    """Wind, and a siren in it."""
    siren = np.zeros(round(SECONDS * RATE), np.float32)
    start, end = (round(at * RATE) for at in EVENT)
    siren[start:end] = make("police_siren", 2, seconds=EVENT[1] - EVENT[0], rate=RATE)
    return mix(siren, make("wind", 1, seconds=SECONDS, rate=RATE), 10.0, rate=RATE) * 0.5


def trackers(model, *queries, line=0.3):
    calibration = calibration_of(model)
    asked = [(words, ask(parse(words), model, None)) for words in queries]
    return [Tracker(words, one, calibration, line=line) for words, one in asked]


def listen(model, wave, sizes, *queries, rate=RATE):
    """Everything that is told, in blocks of these sizes in turn."""
    listening = Listening(model, trackers(model, *queries), rate=rate)
    found, at, n = [], 0, 0
    while at < len(wave):
        size = sizes[n % len(sizes)]
        found += listening.push(wave[at : at + size])
        at, n = at + size, n + 1
    return found + listening.finish()


def test_the_size_of_blocks_changes_nothing(model, wave):
    queries = ("a police siren", "wind - a siren")
    whole = listen(model, wave, [RATE], *queries)

    assert {told.query for told in whole} == set(queries)
    for sizes in ([1], [7919, 1, 333]):
        assert listen(model, wave, sizes, *queries) == whole


def test_a_moment_is_told_within_two_seconds_of_its_end(model, wave):
    (told,) = listen(model, wave, [1600], "a police siren")

    assert told.start == pytest.approx(EVENT[0], abs=1.0)
    assert told.end == pytest.approx(EVENT[1], abs=1.0)
    assert told.told - told.end <= LATE
    assert told.told - EVENT[1] <= 2.0


def test_moments_are_near_those_of_the_same_file(model, wave, tmp_path):
    write(tmp_path / "wind.wav", wave, RATE)
    (hit,) = moments_in(tmp_path / "wind.wav", "a police siren", model, limit=1)

    (told,) = listen(model, wave, [RATE], "a police siren")

    assert (told.start, told.end) == pytest.approx((hit.start, hit.end), abs=0.4)
    assert told.confidence == pytest.approx(hit.confidence, abs=0.1)


def test_a_sound_of_less_than_a_step_is_heard_at_its_end(model):
    siren = make("police_siren", 2, seconds=0.5, rate=RATE)

    found = listen(model, siren, [len(siren)], "a police siren")

    assert all(0 <= told.start < told.end <= 0.5 for told in found)
    assert listen(model, siren[:0], [1], "a police siren") == []


class Loudness:
    """Stands in for a model: a token is near the query if its sound is not silent."""

    def __init__(self, model):
        self.page, self.rate, self.width, self.heard = model.page, model.rate, 2, 0
        self._plan = Plan.of(model.page)

    def hear_window(self, window):
        self.heard += 1
        count = len(window.wave) // self._plan.token
        loud = window.wave[: count * self._plan.token].reshape(count, -1).any(axis=1)
        kept, spans = tokens_of(window.stretch, count, self._plan)
        tokens = np.stack([loud, ~loud], axis=1).astype(np.float32)[kept]
        weights = np.ones(len(tokens), np.float32)
        return Heard(None, tokens, weights, spans / self.rate, np.zeros(0, np.float32))


class Watcher:
    """Takes the place of a tracker and keeps what it is shown."""

    def __init__(self):
        self.shown = []

    def look(self, recent, latest, *, ended=False):
        self.shown.append((recent, latest, ended))


def test_every_token_has_its_place_on_the_time_line(model):
    fake, watcher = Loudness(model), Watcher()
    wave = np.zeros(40 * model.rate, np.float32)
    wave[20 * model.rate : 30 * model.rate] = 1.0
    listening = Listening(fake, [watcher], rate=model.rate)

    listening.push(wave)
    listening.push(np.zeros(100, np.float32))
    listening.finish()

    recent, latest, ended = watcher.shown[-2]
    assert not ended
    assert (latest.start, latest.end) == pytest.approx((34.68, 39.68))  # 62 steps of 0.64 s
    assert recent.times[-1, 1] == pytest.approx(39.68)
    np.testing.assert_allclose(recent.times[1:, 0], recent.times[:-1, 1])
    loud = recent.times[recent.tokens[:, 0] > 0]
    assert (loud[0, 0], loud[-1, 1]) == pytest.approx((19.84, 30.08))  # whole tokens of 0.32 s
    assert watcher.shown[-1][2]
    assert watcher.shown[-1][1].end == pytest.approx(40 + 100 / model.rate)


def test_memory_is_that_of_the_last_seconds(model):
    fake, watcher = Loudness(model), Watcher()
    listening = Listening(fake, [watcher], rate=model.rate)
    minute = np.zeros(60 * model.rate, np.float32)

    for _ in range(5):
        listening.push(minute)

    lengths = [len(recent.tokens) for recent, _, _ in watcher.shown]
    assert max(lengths) == lengths[-1] <= 25 / 0.32 + 1
    assert listening._ring.read(listening._ring.start, listening._ring.end).nbytes < 2_000_000
    assert fake.heard == 300 // 0.64


def test_a_step_is_whole_tokens_whatever_the_model(model):
    page = SimpleNamespace(
        seconds=SimpleNamespace(token=0.5, window=5.0, hop=2.5, before=0.0, stretch=10.0),
        rate=1000, samples=10_000, fill="silence",
    )  # fmt: skip

    listening = Listening(SimpleNamespace(page=page, rate=1000, width=2), [], rate=1000)

    assert listening._step == 500
