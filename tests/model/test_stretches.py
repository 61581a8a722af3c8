"""Windows hold a stretch between its true neighbours, whatever the blocks, in bounded memory."""

import weakref
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.audio.chunk import CutRule, cut
from earmark.model.stretches import Plan, Tape, repeated, windows_of
from model.tiny import PAGE, RATE

RULE = CutRule(longest=4.0, slack=1.2, tail=0.4)
PLAN = Plan(rate=1000, samples=4800, before=320, token=320, rule=RULE)


def noise(seconds, seed=0):
    """At 1000 Hz, and never exactly 0."""
    rng = np.random.default_rng(seed)
    return rng.uniform(0.1, 0.2, round(seconds * 1000)).astype(np.float32)


def in_blocks(wave, size):
    return (wave[first : first + size] for first in range(0, len(wave), size))


def padded(wave, start, samples):
    """The slow and plain way to a window."""
    around = np.concatenate([np.zeros(samples, np.float32), wave, np.zeros(samples, np.float32)])
    return around[start + samples :][:samples]


def test_the_plan_of_a_page_is_its_times_in_samples():
    plan = Plan.of(PAGE)

    assert (plan.rate, plan.samples, plan.before, plan.token) == (RATE, 38_400, 2560, 2560)
    assert (plan.rule.longest, plan.rule.slack, plan.rule.memory) == (4.0, 1.2, 60.0)


def test_a_window_by_hand():
    # 1 s of sound: silence of 320 samples before it, and 4800 - 320 - 1000 after it.
    [window] = windows_of([noise(1)], PLAN)

    assert (window.stretch.start, window.stretch.stop) == (0, 1000)
    assert not window.wave[:320].any()
    assert np.array_equal(window.wave[320:1320], noise(1))
    assert not window.wave[1320:].any()
    assert len(window.wave) == 4800


def test_windows_are_the_stretches_of_the_cutter_between_their_true_neighbours():
    wave = noise(23)

    windows = list(windows_of(in_blocks(wave, 700), PLAN))

    assert [window.stretch for window in windows] == cut(wave, 1000, RULE)
    assert len(windows) > 5
    for window in windows:
        assert np.array_equal(window.wave, padded(wave, window.stretch.start - 320, 4800))


def test_beside_left_out_silence_the_context_is_that_silence_and_what_is_beyond_it():
    wave = np.concatenate([noise(2), np.zeros(1200, np.float32), noise(2, seed=1)])

    first, second = windows_of(in_blocks(wave, 250), PLAN)

    assert (first.stretch.stop, second.stretch.start) == (2100, 3100)
    assert np.array_equal(first.wave, padded(wave, -320, 4800))
    assert first.wave[320 + 3200] == wave[3200] != 0
    assert not second.wave[:420].any()
    assert second.wave[420] == wave[3200]


def sounds_and_silence(seed, seconds):
    rng = np.random.default_rng(seed)
    parts = []
    while sum(map(len, parts)) < seconds * 1000:
        parts.append(noise(rng.uniform(0.1, 9), seed) * np.float32(rng.choice([0.001, 0.1, 1])))
        if rng.random() < 0.4:
            parts.append(np.zeros(round(rng.uniform(200, 9000)), np.float32))
    return np.concatenate(parts)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), sizes=st.lists(st.integers(1, 9000), min_size=1, max_size=8))
def test_blocks_never_change_a_window(seed, sizes):
    wave = sounds_and_silence(seed, 30)
    blocks, at = [], 0
    while at < len(wave):
        size = sizes[len(blocks) % len(sizes)] + 30
        blocks.append(wave[at : at + size])
        at += size

    whole, windows = list(windows_of([wave], PLAN)), list(windows_of(blocks, PLAN))

    assert [one.stretch for one in windows] == [one.stretch for one in whole]
    assert all(np.array_equal(a.wave, b.wave) for a, b in zip(windows, whole, strict=True))


class Hours:
    """A long recording in blocks of 4 s that counts how many of them anybody still holds."""

    def __init__(self, hours, kind):
        self.blocks, self.kind, self.most = hours * 900, kind, 0
        self.held = set()

    def __iter__(self):
        sound, silence = noise(4), np.zeros(4000, np.float32)
        for number in range(self.blocks):
            quiet = self.kind == "silence" or (self.kind == "both" and number // 10 % 2)
            block = (silence if quiet else sound).copy()
            self.held.add(number)
            weakref.finalize(block, self.held.discard, number)
            self.most = max(self.most, len(self.held))
            yield block
            del block


@pytest.mark.parametrize(("kind", "last"), [("silence", 4), ("both", 10_760.1)])
def test_three_hours_are_held_a_few_seconds_at_a_time(kind, last):
    recording = Hours(3, kind)

    stops = [window.stretch.stop / 1000 for window in windows_of(recording, PLAN)]

    # Blocks of 4 s: 6.4 s that may be unsettled, the context before it, the opening, the next one.
    assert recording.most <= 6
    assert stops[-1] == last


def test_a_recording_of_faint_nothing_is_heard_from_its_start():
    # Under -120 dB, so that it counts as digital silence, but not 0.
    wave = noise(100) * np.float32(1e-7)

    [window] = windows_of(in_blocks(wave, 700), PLAN)

    assert (window.stretch.start, window.stretch.stop) == (0, 4000)
    assert np.array_equal(window.wave, padded(wave, -320, 4800))


def test_a_window_comes_as_soon_as_its_sound_is_there():
    heard = 0

    def blocks():
        nonlocal heard
        for block in in_blocks(noise(60), 500):
            heard += len(block)
            yield block

    next(windows_of(blocks(), PLAN))

    assert heard <= 4000 + 400 + 1000 + 500  # longest, tail, silence, and a block


def test_a_tape_refuses_to_make_up_what_it_has_forgotten():
    tape = Tape()
    tape.add(noise(1))
    tape.add(noise(1))
    tape.forget(1500)

    assert np.array_equal(tape.read(1000, 1500)[:1000], noise(1))
    with pytest.raises(RuntimeError, match="begins at 1000"):
        tape.read(999, 10)


def test_a_short_sound_stands_again_and_again_where_a_model_learned_so():
    # 1.5 s in windows of 4.8 s: three whole copies, and 0.3 s of silence.
    plan = replace(PLAN, before=0, repeats=True)

    [window] = windows_of(in_blocks(noise(1.5), 400), plan)

    assert window.repeated
    assert np.array_equal(window.wave, np.r_[np.tile(noise(1.5), 3), np.zeros(300, np.float32)])


def test_only_the_end_of_a_recording_is_repeated():
    wave = noise(11)
    plan = replace(PLAN, before=0, samples=4000, repeats=True)

    *whole, last = windows_of(in_blocks(wave, 700), plan)

    assert len(whole) > 1
    assert not any(window.repeated for window in whole)
    for window in whole:
        assert np.array_equal(window.wave, wave[window.stretch.start :][:4000])
    sound = wave[last.stretch.start :]
    assert last.repeated
    assert np.array_equal(last.wave[: len(sound)], sound)
    assert np.array_equal(last.wave, repeated(sound, 4000))
