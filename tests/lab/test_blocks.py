"""A batch in blocks, or spread over a crew, gives the losses and gradients of the whole."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.blocks import Blocks
from earmark.lab.crew import ALONE, Crew, refuse_size
from earmark.lab.recipe import TrainRule, parse_recipe
from earmark.lab.sides import Matched, part
from lab.large_batch import SOUNDS, learned, side
from lab.test_crew import in_processes

NAMES = ("pooled", "words", "tap", "coattention", "refine", "moee")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [1, 3, 50])
def test_blocks_learn_what_the_whole_learns(name, size):
    whole, grads = learned(name, Blocks())

    loss, found = learned(name, Blocks(at_once=size))

    assert loss == pytest.approx(whole, rel=1e-5)
    assert found.keys() == grads.keys()
    for key, grad in grads.items():
        torch.testing.assert_close(found[key], grad, atol=1e-5, rtol=1e-3)


@pytest.mark.parametrize("name", ["pooled", "coattention"])
def test_two_processes_see_the_whole_batch_and_learn_as_one(name, tmp_path):
    whole, grads = learned(name, Blocks())

    for one in in_processes(2, name, module="lab.crew_blocks"):
        assert one["loss"] == pytest.approx(whole, rel=1e-5)
        for key, grad in grads.items():
            told = torch.tensor(one["grads"][key]).view_as(grad)
            torch.testing.assert_close(told, grad, atol=1e-5, rtol=1e-3)
        assert one["left"] == []  # threads that an interpreter may abort around, at its end


def test_no_block_is_larger_than_what_is_wanted_at_once():
    seen = []

    class Watched(torch.nn.Module):
        def forward(self, text, audio):
            seen.append(len(audio["main"].x))
            return Matched(text["main"].x.mean((1, 2))[:, None] * audio["main"].x.mean((1, 2)), {})

    text, audio = side(2, 5, 12, seed=1), side(SOUNDS, 4, 10, seed=2)

    scores = Blocks(at_once=3).score(Watched(), text, audio).scores

    assert seen == [3, 3, 1]
    torch.testing.assert_close(scores, Watched()(text, audio).scores)


def test_a_matcher_with_losses_of_its_own_wants_the_whole_batch():
    class Demanding(torch.nn.Module):
        def forward(self, text, audio):
            scores = torch.zeros(len(text["main"].x), len(audio["main"].x))
            return Matched(scores, {"apart": lambda batch: scores.sum()})

    both = side(2, 5, 12, seed=1), side(4, 4, 10, seed=2)

    assert Blocks().score(Demanding(), *both).terms
    with pytest.raises(UsageError, match=r"losses of its own \(apart\)"):
        Blocks(at_once=2).score(Demanding(), *both)


@pytest.mark.parametrize("place", [0, 4])
def test_a_share_of_nothing_is_refused_by_all(place):
    with pytest.raises(UsageError, match="7 rows cannot be spread over 8 processes"):
        learned("pooled", Blocks(crew=Crew(place, 8)))


def test_some_rows_of_a_side_keep_all_that_belongs_to_them():
    whole = side(4, 5, 12, seed=1)
    level = torch.arange(4.0)[:, None, None]
    whole["main"] = whole["main"]._replace(levels=(level,))

    some = part(whole, 1, 3)["main"]

    torch.testing.assert_close(some.x, whole["main"].x[1:3])
    torch.testing.assert_close(some.weight, whole["main"].weight[1:3])
    assert some.real.tolist() == whole["main"].real[1:3].tolist()
    assert some.levels[0].flatten().tolist() == [1.0, 2.0]


def test_a_batch_that_is_spread_needs_no_batches_to_share():
    refuse_size(3, TrainRule(accumulate=1, spread=True))
    with pytest.raises(UsageError):
        refuse_size(3, TrainRule(accumulate=1))
    assert Blocks(crew=ALONE).whole


@pytest.mark.parametrize("key", ["at_once = 4", "spread = true"])
def test_only_matchers_on_frozen_towers_have_blocks(key):
    with pytest.raises(UsageError, match="does not use"):
        parse_recipe(f'name = "a"\ntask = "read"\n[train]\n{key}\n', "a.toml")
