from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.audio.mel import MelRule, log_mel
from earmark.errors import UsageError
from earmark.lab.towers.mel import TorchMel

torch.set_num_threads(1)

TEACHER = MelRule(
    rate=32_000,
    fft=1024,
    window=800,
    hop=320,
    bands=128,
    low=0,
    high=15_000,
    periodic=False,
    slopes="mel",
    emphasis=0.97,
    floor=1e-5,
    shift=4.5,
    divide=5.0,
)
SETS = {
    "one": [TEACHER],
    "every second frame and half of the bands": [TEACHER, replace(TEACHER, bands=64, hop=640)],
    "the coarser first": [replace(TEACHER, bands=64, hop=960), replace(TEACHER, hop=320)],
    "decibels, Slaney, areas": [
        MelRule(
            rate=16_000,
            fft=512,
            window=400,
            hop=160,
            bands=40,
            low=60,
            high=7_600,
            scale="slaney",
            area=True,
            log="db",
            floor=1e-6,
        )
    ],
    "magnitudes, silence around": [
        replace(TEACHER, emphasis=0, spectrum="magnitude", edges="silence", floor=1e-3)
    ],
    "two logarithms": [
        replace(TEACHER, emphasis=0),
        replace(TEACHER, emphasis=0, log="db", bands=9),
    ],
}


def waves(samples=20_000):
    """A loud noise, a soft tone, and a click in silence: -> [3, samples]."""
    made = np.zeros((3, samples), np.float32)
    made[0] = np.random.default_rng(1).uniform(-1, 1, samples)
    made[1] = 0.01 * np.sin(np.arange(samples) * 0.1)
    made[2, samples // 3] = 1.0
    return made


@pytest.mark.parametrize("samples", [20_000, 20_161, 640])
@pytest.mark.parametrize("name", SETS)
def test_it_hears_what_the_numpy_log_mel_hears(name, samples):
    rules = SETS[name]

    heard = TorchMel(rules)(torch.from_numpy(waves(samples)))

    for rule, mel in zip(rules, heard, strict=True):
        plain = np.stack([log_mel(wave, rule) for wave in waves(samples)])
        assert mel.shape == (3, rule.frames(samples), rule.bands)
        # In decibels a step of 1e-4 of the natural logarithm is 4.3 times as large.
        np.testing.assert_allclose(mel, plain, atol=1e-4 if rule.log == "ln" else 4.3e-4)


def test_a_wave_is_heard_alone_as_in_a_batch():
    mel, batch = TorchMel([TEACHER]), torch.from_numpy(waves())

    torch.testing.assert_close(mel(batch[1:2])[0], mel(batch)[0][1:2], atol=1e-6, rtol=0)


def test_a_rough_precision_around_it_changes_nothing():
    mel, batch = TorchMel([TEACHER]), torch.from_numpy(waves())
    plain = mel(batch)[0]

    with torch.autocast("cpu", torch.bfloat16):
        heard = mel(batch)[0]

    assert heard.dtype == torch.float32
    torch.testing.assert_close(heard, plain, atol=0, rtol=0)


def test_it_has_no_weights_that_a_checkpoint_would_hold():
    assert TorchMel(SETS["every second frame and half of the bands"]).state_dict() == {}


@pytest.mark.parametrize(
    "change", [{"fft": 2048}, {"emphasis": 0.5}, {"hop": 500}, {"window": 640}]
)
def test_rules_that_share_no_spectrum_are_refused(change):
    with pytest.raises(UsageError, match="cannot share one spectrum"):
        TorchMel([TEACHER, replace(TEACHER, **change)])
