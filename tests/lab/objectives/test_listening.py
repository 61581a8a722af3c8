"""Mixtures and scenes as ears hear them: made for each step, or heard once; it is the same."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.experts import Heard
from earmark.lab.objectives.hear import Ears
from earmark.lab.objectives.listening import (
    KEPT,
    SCENE_SECONDS,
    Held,
    HeldWish,
    Live,
    Picked,
    Scenes,
)
from earmark.lab.objectives.teaching import EXPERT_MEL, Lessons, mixture
from earmark.lab.recipe import EarsRule
from earmark.lab.sides import Stream
from earmark.lab.sounds.kept import BLOCK
from earmark.lab.sounds.spool import Take, spool
from lab.sounds.made import noise
from lab.sounds.small import mixer

RATE = EXPERT_MEL.rate
CPU = torch.device("cpu")
COUNT = BLOCK + 10
torch.set_num_threads(1)


class Expert:
    """Says of two classes how loud the low and the high bands are."""

    names = ("low", "high")

    def from_mel(self, logmel):
        halves = logmel[:, 0].unflatten(1, (2, -1)).mean(dim=(2, 3)).sigmoid()
        return Heard(
            halves, halves, Stream(halves[:, None], torch.ones(len(halves), 1, dtype=torch.bool))
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("listening")


@pytest.fixture(scope="module")
def ears():
    torch.manual_seed(1)
    rule = EarsRule(widths=(4, 6, 8), depths=(1, 1, 1), width=12, looks=1)
    return Ears(rule, classes=2, taught_width=16).eval()


@pytest.fixture(scope="module")
def mixed(place):
    takes = [Take(f"{n}", lambda rate, n=n: noise(0.5 + n / 4, n, rate)) for n in range(4)]
    return mixer(spool(takes, RATE, place), place, mel=EXPERT_MEL, sources=(0.5, 0.5), seconds=1.3)


@pytest.fixture(scope="module")
def scenes(place):
    takes = [Take(f"scene{n}", lambda rate, n=n: noise(3 + 9 * n, n, rate)) for n in range(3)]
    return Scenes(spool(takes, RATE, place), CPU)


def held(place, mixed, ears, scenes, **changes):
    wish = HeldWish(**{"count": COUNT, "seed": 3, "about": "x", "cache": place,
                       "watch": lambda what, share: None} | changes)  # fmt: skip
    return Held(Lessons(Expert(), mixed, mixture), ears, scenes, wish)


def live_of(mixed, ears, scenes):
    return Live(Lessons(Expert(), mixed, mixture), ears, scenes)


def test_what_was_heard_once_is_what_is_heard_live(place, mixed, ears, scenes):
    kept, live = (
        held(place, mixed, ears, scenes),
        live_of(mixed, ears, scenes),
    )
    plan = mixed.draw(BLOCK, (3, KEPT, 1))

    # The second block: sound 64 is the first of its plan.
    once = kept.mixtures(Picked(plan.sources[:10], numbers=np.arange(BLOCK, COUNT)))
    each = live.mixtures(Picked(plan.sources, plan=plan))

    torch.testing.assert_close(once.stream.x, each.stream.x[:10].detach(), atol=5e-3, rtol=2e-3)
    torch.testing.assert_close(
        once.stream.weight, each.stream.weight[:10].detach(), atol=2e-3, rtol=2e-3
    )
    torch.testing.assert_close(once.scores, each.scores[:10], atol=1e-3, rtol=1e-3)
    assert once.taught is None
    assert len(each.taught.scores) == BLOCK


def test_scenes_are_heard_once_as_they_are_live(place, mixed, ears, scenes):
    kept, live = (
        held(place, mixed, ears, scenes),
        live_of(mixed, ears, scenes),
    )
    numbers = np.array([2, 0])

    once, each = kept.scenes(numbers), live.scenes(numbers)

    assert once.x.shape[1] == round(SCENE_SECONDS / 0.32)
    torch.testing.assert_close(once.x, each.x.detach(), atol=5e-3, rtol=2e-3)


def test_what_is_drawn_are_the_sources_of_what_is_kept(place, mixed, ears):
    kept = held(place, mixed, ears, None)
    sources = [one for n in range(2) for one in mixed.draw(BLOCK, (3, KEPT, n)).sources]

    picked = kept.draw(20, (3, 5))

    assert len(set(picked.numbers.tolist())) == 20
    assert max(picked.numbers) < COUNT
    assert picked.sources == tuple(sources[n] for n in picked.numbers)
    assert kept.draw(20, (3, 5)).sources == picked.sources
    assert kept.draw(20, (3, 6)).sources != picked.sources


def test_other_ears_other_sounds_and_another_seed_are_kept_apart(place, mixed, ears):
    before = len(list(place.glob("kept-*.f16")))
    held(place, mixed, ears, None, about="y")
    held(place, mixed, ears, None, seed=4)
    torch.manual_seed(2)
    other = Ears(
        EarsRule(widths=(4, 6, 8), depths=(1, 1, 1), width=12, looks=1), classes=2, taught_width=16
    )
    held(place, mixed, other.eval(), None)

    assert len(list(place.glob("kept-*.f16"))) == before + 3


def test_only_what_learns_is_heard_live_with_its_gradient(mixed, ears, scenes):
    live = live_of(mixed, ears, scenes)

    heard = live.mixtures(live.draw(2, (1,)))

    assert heard.stream.x.requires_grad
    assert not heard.scores.requires_grad
    assert live.scenes(np.array([0])).x.requires_grad
