"""Every way to make a log-mel of mixtures, held to one contract."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.recipe import read_recipe
from earmark.lab.sounds.mixers import MIXERS, refuse_unknown
from earmark.lab.sounds.plan import MixRule
from lab.sounds.made import noise, spool_of, tone
from lab.sounds.small import EAR, mixer

torch.set_num_threads(1)

ALL = pytest.mark.parametrize("made_of", MIXERS)
RICH = {"sources": (0.3, 0.7), "altered_speed": 0.5, "loop": 0.5, "noise": 0.5, "filtered": 0.5}


@pytest.fixture
def sounds(tmp_path):
    return spool_of(tmp_path, noise(0.5, 1), noise(3, 2), tone(440, 0.7))


@pytest.mark.parametrize("emphasis", [0.97, 0.0])
@pytest.mark.parametrize(("seconds", "frames"), [(2.0, 200), (1.283, 129), (0.999, 100)])
def test_all_give_mixtures_of_the_same_size(sounds, tmp_path, seconds, frames, emphasis):
    mel = dataclasses.replace(EAR, emphasis=emphasis)
    made = [mixer(sounds, tmp_path, made_of=one, mel=mel, seconds=seconds) for one in MIXERS]

    heard = [one.render(one.draw(3, (1, 2))) for one in made]

    more = int(emphasis == 0 and seconds == 2.0)  # a last frame stands on the last sample
    assert [one.shape for one in heard] == [(3, frames + more, 32)] * 2
    assert [one.dtype for one in heard] == [torch.float32] * 2


@ALL
def test_a_plan_names_so_many_mixtures_of_sounds_that_are_there(sounds, tmp_path, made_of):
    plan = mixer(sounds, tmp_path, made_of=made_of, **RICH).draw(30, (4, 1))

    assert plan.size == 30
    named = [one for each in plan.sources for one in each]
    assert set(named) == {0, 1, 2}
    assert all(len(set(each)) == len(each) for each in plan.sources)


@ALL
def test_a_sound_that_weighs_nothing_is_never_drawn(sounds, tmp_path, made_of):
    made = mixer(sounds, tmp_path, made_of=made_of, weights=(1, 0, 1), **RICH)

    assert {one for each in made.draw(60, (4, 1)).sources for one in each} == {0, 2}


@ALL
def test_the_same_seed_gives_the_same_sound_whatever_came_before(sounds, tmp_path, made_of):
    one, other = (mixer(sounds, tmp_path, made_of=made_of, room=0.5, **RICH) for _ in range(2))
    other.render(other.draw(5, (1, 9)))

    heard = [made.render(made.draw(4, (1, 3))) for made in (one, other)]

    torch.testing.assert_close(heard[0], heard[1], atol=0, rtol=0)
    assert (one.render(one.draw(4, (1, 4))) - heard[0]).abs().max() > 0.1


@ALL
def test_silence_is_the_floor_of_the_rule_and_nothing_lies_below_it(sounds, tmp_path, made_of):
    made = mixer(sounds, tmp_path, made_of=made_of)

    heard = made.render(made.draw(20, (1,)))

    assert torch.isfinite(heard).all()
    floor = (np.log(EAR.floor) + EAR.shift) / EAR.divide
    assert heard.min().item() == pytest.approx(floor, abs=1e-5)


def test_spectra_are_made_once_and_waves_need_none(sounds, tmp_path):
    before = set(tmp_path.iterdir())
    mixer(sounds, tmp_path, made_of="waves")
    assert set(tmp_path.iterdir()) == before

    for _ in range(2):
        mixer(sounds, tmp_path, made_of="bands")
    assert {path.suffix for path in set(tmp_path.iterdir()) - before} == {".bands", ".json"}


@pytest.mark.parametrize(
    ("made_of", "hint"), [("band", "did you mean 'bands'?"), ("air", "known: waves, bands")]
)
def test_an_unknown_one_is_refused_in_two_lines_with_the_nearest_known(
    sounds, tmp_path, made_of, hint
):
    for make in (
        lambda: mixer(sounds, tmp_path, made_of=made_of),
        lambda: refuse_unknown(MixRule(made_of=made_of)),
    ):
        with pytest.raises(UsageError) as error:
            make()
        assert str(error.value) == f"mixtures cannot be made of {made_of!r}\n{hint}"


def test_what_a_rule_says_without_a_word_is_on_the_table():
    assert MixRule().made_of in MIXERS


def test_every_recipe_of_the_repository_names_one_that_is_known():
    for path in (Path(__file__).parents[3] / "recipes").rglob("*.toml"):
        refuse_unknown(read_recipe(path)[0].mix)
