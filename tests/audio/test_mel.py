"""The quick log-mel against a slow one written from the definition, and against the hand."""

import dataclasses
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from earmark.audio.mel import MelRule, _bank, hz_of_bands, log_mel
from earmark.errors import UsageError

EXPERT = MelRule(
    rate=32_000, fft=1024, window=800, hop=320, bands=128, low=0, high=15_000,
    periodic=False, slopes="mel", emphasis=0.97, shift=4.5, divide=5,
)  # fmt: skip
CLAP = MelRule(
    rate=48_000, fft=1024, window=1024, hop=480, bands=64, low=50, high=14_000,
    scale="slaney", area=True, log="db", floor=1e-10,
)  # fmt: skip
SMALL = MelRule(rate=1000, fft=16, window=12, hop=5, bands=3, low=20, high=400)
GEMMA = MelRule(
    rate=16_000, fft=512, window=320, hop=160, bands=128, low=0, high=8000, floor=1e-3,
    spectrum="magnitude", edges="silence",
)  # fmt: skip
RULES = pytest.mark.parametrize(
    "rule", [EXPERT, CLAP, GEMMA, SMALL], ids=["expert", "clap", "gemma", "small"]
)


def slow_log_mel(wave, rule):
    """Written from the definition: double precision, loops, a sum for every DFT bin."""
    x = wave.astype(np.float64)
    if rule.emphasis:
        x = np.array([x[t + 1] - rule.emphasis * x[t] for t in range(len(x) - 1)])
    half, count = rule.fft // 2, rule.fft // 2 + 1
    if rule.edges == "silence":
        x = np.concatenate([np.zeros(half), x, np.zeros(half)])
    else:
        x = np.concatenate([x[half:0:-1], x, x[-2 : -half - 2 : -1]])
    steps = rule.window if rule.periodic else rule.window - 1
    hann = [0.5 - 0.5 * np.cos(2 * np.pi * n / steps) for n in range(rule.window)]
    window = np.zeros(rule.fft)
    left = (rule.fft - rule.window) // 2
    window[left : left + rule.window] = hann
    turn = np.exp(-2j * np.pi * np.outer(np.arange(count), np.arange(rule.fft)) / rule.fft)
    rows = []
    for at in range(0, len(x) - rule.fft + 1, rule.hop):
        bins = np.abs(turn @ (window * x[at : at + rule.fft]))
        bins = bins if rule.spectrum == "magnitude" else bins**2
        rows.append([slow_log(band @ bins, rule) for band in slow_bank(rule)])
    return np.array(rows)


def slow_log(m, rule):
    log = np.log(m + rule.floor) if rule.log == "ln" else 10 * np.log10(max(m, rule.floor))
    return (log + rule.shift) / rule.divide


def slow_mel(hertz, rule):
    if rule.scale == "htk":
        return 2595 * np.log10(1 + hertz / 700)
    return hertz * 3 / 200 if hertz < 1000 else 15 + 27 * np.log(hertz / 1000) / np.log(6.4)


def slow_hertz(mel, rule):
    if rule.scale == "htk":
        return 700 * (10 ** (mel / 2595) - 1)
    return mel * 200 / 3 if mel < 15 else 1000 * 6.4 ** ((mel - 15) / 27)


def slow_bank(rule):
    low, high = slow_mel(rule.low, rule), slow_mel(rule.high, rule)
    mels = [low + (high - low) * n / (rule.bands + 1) for n in range(rule.bands + 2)]
    hertz = [slow_hertz(m, rule) for m in mels]
    points = hertz if rule.slopes == "hz" else mels
    for band in range(rule.bands):
        left, middle, right = points[band : band + 3]
        tall = 2 / (hertz[band + 2] - hertz[band]) if rule.area else 1
        row = []
        for k in range(rule.fft // 2 + 1):
            at = k * rule.rate / rule.fft
            at = at if rule.slopes == "hz" else slow_mel(at, rule)
            row.append(
                tall * max(0, min((at - left) / (middle - left), (right - at) / (right - middle)))
            )
        yield row


def chirp(rule, samples=5000):
    t = np.arange(samples) / rule.rate
    rng = np.random.default_rng(7)
    wave = np.sin(2 * np.pi * (0.02 * rule.rate + 0.8 * rule.rate * t) * t)
    return (0.3 * wave + 0.01 * rng.standard_normal(samples)).astype(np.float32)


@RULES
def test_it_agrees_with_the_slow_reference(rule):
    wave = chirp(rule)

    quick, slow = log_mel(wave, rule), slow_log_mel(wave, rule)

    assert quick.dtype == np.float32
    np.testing.assert_allclose(quick, slow, atol=2e-3 if rule.log == "db" else 2e-4)


@RULES
def test_the_number_of_frames_is_foretold(rule):
    for samples in (rule.fft, rule.fft + 1, 7 * rule.hop + rule.fft, 7 * rule.hop + rule.fft - 1):
        wave = chirp(rule, samples)
        assert log_mel(wave, rule).shape == (rule.frames(samples), rule.bands)


def test_a_bank_by_hand():
    # A bin every 62.5 Hz. HTK mels of 20 and 400 Hz are 31.75 and 509.4; a quarter of the way is
    # 151.2 mel, 100.5 Hz; half is 270.6, 189.9 Hz; three quarters is 390.0, 289.4 Hz.
    bank = _bank(SMALL)

    assert bank.shape == (9, 3)
    assert bank[1, 0] == pytest.approx((62.5 - 20) / (100.5 - 20), abs=1e-3)
    assert bank[2, 0] == pytest.approx((189.9 - 125) / (189.9 - 100.5), abs=1e-3)
    assert bank[2, 1] == pytest.approx((125 - 100.5) / (189.9 - 100.5), abs=1e-3)
    assert bank[0].max() == 0
    assert bank[7:].max() == 0


def test_bands_stand_where_their_triangles_peak():
    np.testing.assert_allclose(hz_of_bands(SMALL), [100.5, 189.9, 289.4], atol=0.05)


@RULES
def test_bands_stand_evenly_on_their_scale(rule):
    low, high = slow_mel(rule.low, rule), slow_mel(rule.high, rule)
    step = (high - low) / (rule.bands + 1)
    wanted = [slow_hertz(low + n * step, rule) for n in range(1, rule.bands + 1)]

    np.testing.assert_allclose(hz_of_bands(rule), wanted, rtol=1e-3)


def test_a_tone_stands_in_its_own_band():
    t = np.arange(32_000) / 32_000
    wave = (0.5 * np.sin(2 * np.pi * 1000 * t)).astype(np.float32)

    loudest = log_mel(wave, EXPERT)[20:80].argmax(axis=1)

    # 1000 Hz is 1000 mel of 3505.4 (15 kHz); band b peaks at (b + 1) * 27.17 mel.
    assert set(loudest) == {round(1127 * np.log1p(1000 / 700) / 27.174) - 1}


@RULES
def test_silence_is_the_floor_and_never_minus_infinity(rule):
    floor = slow_log(0, rule)

    np.testing.assert_allclose(log_mel(np.zeros(3000, np.float32), rule), floor, rtol=1e-5)


def test_frames_do_not_depend_on_what_lies_far_away():
    wave = chirp(EXPERT, 200_000)
    start = 300 * EXPERT.hop

    whole, part = log_mel(wave, EXPERT), log_mel(wave[start:], EXPERT)

    np.testing.assert_allclose(part[3:50], whole[303:350], atol=1e-4)


def test_a_wave_too_short_to_mirror_is_refused():
    with pytest.raises(ValueError, match="512 samples are too few"):
        log_mel(np.zeros(512, np.float32), CLAP)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"window": 2000}, "window of 2000 does not fit"),
        ({"fft": 1023}, "1023 points is not even"),
        ({"hop": 0}, "hop of 0"),
        ({"bands": 0}, "0 bands"),
        ({"high": 20_000}, "to 20000 Hz at a rate of 32000"),
        ({"floor": 0.0}, "a floor of 0"),
    ],
)
def test_an_impossible_rule_is_refused(change, words):
    with pytest.raises(UsageError, match=words):
        dataclasses.replace(EXPERT, **change)


def test_what_follows_never_changes_a_bit_of_a_frame():
    rule = MelRule(rate=32_000, fft=1024, window=1024, hop=512, bands=96, low=40, high=16_000)
    wave = chirp(rule, 600 * rule.hop)

    whole = log_mel(wave, rule)

    for frames in (20, 63, 258, 274, 300, 515):
        part = log_mel(wave[: frames * rule.hop], rule)
        assert np.array_equal(part[:-2], whole[: len(part) - 2])


def test_threads_and_other_rules_between_change_no_bit():
    large = MelRule(rate=32_000, fft=1024, window=800, hop=640, bands=64, low=0, high=15_000)
    small = MelRule(rate=8000, fft=256, window=200, hop=160, bands=8, low=0, high=4000)
    rng = np.random.default_rng(0)
    todo = [(rng.uniform(-1, 1, 250_000).astype(np.float32), rule) for rule in (large, small) * 8]
    alone = [log_mel(*one).tobytes() for one in todo]

    with ThreadPoolExecutor(4) as pool:
        found = [made.tobytes() for made in pool.map(lambda one: log_mel(*one), todo)]

    assert found == alone


def test_how_many_cores_the_machine_gives_changes_no_bit():
    code = "import sys, numpy as np; from earmark.audio.mel import MelRule, log_mel\n"
    code += "rule = MelRule(rate=32_000, fft=1024, window=800, hop=640, bands=64, "
    code += "low=0, high=15_000)\n"
    code += "wave = np.random.default_rng(0).uniform(-1, 1, 389_120).astype(np.float32)\n"
    code += "sys.stdout.buffer.write(log_mel(wave, rule).tobytes())"

    found = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": cores},
        ).stdout
        for cores in ("1", "2", "4")
    ]

    assert found[0] == found[1] == found[2]


def test_far_from_a_pure_tone_only_float64_is_right():
    rule = MelRule(
        rate=48_000, fft=1024, window=1024, hop=480, bands=64, low=50, high=14_000, log="db",
        floor=1e-10, scale="slaney", area=True,
    )  # fmt: skip
    tone = np.sin(2 * np.pi * 997 * np.arange(4800) / 48_000).astype(np.float32)
    exact = dataclasses.replace(rule, precision="float64")
    slow = slow_log_mel(tone, rule)

    far, near = (np.abs(log_mel(tone, one)[2:-2] - slow[2:-2]).max() for one in (rule, exact))

    assert near < 5e-5
    assert far > 1e-4
    assert log_mel(tone, exact).dtype == np.float32
