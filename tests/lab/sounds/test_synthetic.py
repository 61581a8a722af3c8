import numpy as np

from earmark.lab.sounds.synthetic import DEV_SEED, FIRST_SEED, synthetic_takes
from earmark.scenes import bank_from_kinds
from earmark.synth.kinds import KINDS, make


def test_there_are_so_many_takes_of_every_kind_under_names_of_their_own():
    takes = synthetic_takes(3)

    assert len(takes) == 3 * len(KINDS)
    assert len({take.name for take in takes}) == len(takes)
    assert {take.label for take in takes} == set(KINDS)
    assert synthetic_takes(0) == []


def test_phrases_that_are_kept_for_testing_are_not_learned():
    bank = bank_from_kinds(takes=1)

    for take in synthetic_takes(1):
        kept = set(bank.phrases(take.label, test=True))
        assert take.captions
        assert not kept & set(take.captions)


def test_a_take_is_the_sound_of_its_seed_at_the_rate_asked():
    second = synthetic_takes(2)[1]

    np.testing.assert_array_equal(
        second.load(8_000), make(second.label, FIRST_SEED + 1, rate=8_000)
    )


def test_what_dev_hears_training_does_not():
    names = {take.name for take in synthetic_takes(9)}

    assert DEV_SEED + 9_999 < FIRST_SEED
    assert names.isdisjoint(take.name for take in synthetic_takes(9, DEV_SEED))


def test_a_new_version_makes_the_sounds_anew(monkeypatch):
    before = synthetic_takes(1)[0].stamp
    monkeypatch.setattr("earmark.lab.sounds.synthetic.__version__", "99")

    assert before
    assert synthetic_takes(1)[0].stamp != before
