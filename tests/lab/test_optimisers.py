"""Steps by the direction of a matrix, by hand; and who takes the steps for which weights."""

import math
import signal
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from torch import nn

from earmark.errors import UsageError
from earmark.lab.objectives import OBJECTIVES
from earmark.lab.objectives.hear import Ears
from earmark.lab.optimisers import (
    OPTIMISERS,
    Muon,
    Ranger,
    optimisers_of,
    orthogonal,
    refuse_unknown,
)
from earmark.lab.recipe import EarsRule, TrainRule, read_recipe
from lab.line import TASK, Line, go, trainer_of

torch.set_num_threads(1)

SHAPES = {"wide": (12, 40), "tall": (40, 12), "convolution": (24, 6, 3, 3)}


def turned_by_hand(values):
    """What five rounds of the polynomial make of singular values."""
    length = math.hypot(*values)
    found = [value / length for value in values]
    for _ in range(5):
        found = [3.4445 * x - 4.7750 * x**3 + 2.0315 * x**5 for x in found]
    return found


def random(*shape, seed=1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def turns(size, seed):
    """A matrix that turns and does not stretch."""
    return torch.linalg.qr(random(size, size, seed=seed))[0]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_singular_values_come_near_1(shape):
    found = torch.linalg.svdvals(orthogonal(random(*shape).flatten(1)))

    assert found.min() > 0.6
    assert found.max() < 1.3


@pytest.mark.parametrize(("rows", "columns"), [(3, 5), (5, 3), (3, 3)])
def test_singular_vectors_stay_and_values_change_by_hand(rows, columns):
    left, right = turns(rows, 2)[:, :3], turns(columns, 3)[:3]
    values = torch.tensor([4.0, 1.0, 0.3])

    found = left.T @ orthogonal(left @ values.diag() @ right) @ right.T

    wanted = torch.tensor(turned_by_hand(values.tolist())).diag()
    torch.testing.assert_close(found, wanted, atol=1e-4, rtol=0)


def test_how_long_a_gradient_is_does_not_matter_and_nothing_stays_nothing():
    matrix = random(4, 6)

    torch.testing.assert_close(orthogonal(1e4 * matrix), orthogonal(matrix), atol=1e-4, rtol=0)
    assert not orthogonal(torch.zeros(4, 6)).any()


def weight_of(shape, gradient, **rest):
    weight = nn.Parameter(random(*shape, seed=7))
    weight.grad = gradient
    return weight, Muon([weight], **({"lr": 0.01, "decay": 0.0} | rest))


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_step_is_about_as_large_as_adam_s_and_goes_down(shape):
    gradient = random(*shape)
    weight, muon = weight_of(shape, 1e-6 * gradient)
    before = weight.detach().clone()

    muon.step()

    change = weight.detach() - before
    assert 0.6 * 0.2 < change.square().mean().sqrt().item() / 0.01 < 1.3 * 0.2
    assert (change * gradient).sum() < 0


def test_two_steps_by_hand():
    weight, muon = weight_of((2, 3), torch.tensor([[1.0, 0, 0], [0, 0, 0]]), lr=0.1)
    before = weight.detach().clone()
    muon.step()
    weight.grad = torch.tensor([[0.0, 0, 0], [0, 2.0, 0]])
    muon.step()

    # The momentum is 0.95 of the first and 0.05 of the second; of that 0.95 and 0.05 of the second.
    first, second = turned_by_hand([1.0, 0.0]), turned_by_hand([0.95 * 0.95, 2 * (0.0475 + 0.05)])
    scale = 0.1 * 0.2 * math.sqrt(3)
    change = (weight.detach() - before) / -scale
    wanted = [[first[0] + second[0], 0, 0], [0, second[1], 0]]
    torch.testing.assert_close(change, torch.tensor(wanted), atol=1e-4, rtol=0)


def test_a_convolution_steps_alike_however_it_lies_in_memory():
    gradient = random(24, 6, 3, 3)
    plain, muon = weight_of(gradient.shape, gradient)
    muon.step()

    last = nn.Parameter(random(24, 6, 3, 3, seed=7).to(memory_format=torch.channels_last))
    last.grad = gradient.to(memory_format=torch.channels_last)
    Muon([last], lr=0.01, decay=0.0).step()

    torch.testing.assert_close(last, plain, atol=1e-6, rtol=0)


def test_weights_decay_by_the_rate_and_one_without_gradient_stays():
    weight, muon = weight_of((4, 6), torch.zeros(4, 6), lr=0.1, decay=0.3)
    still = nn.Parameter(torch.ones(2, 2))
    muon.add_param_group({"params": [still]})
    before = weight.detach().clone()

    muon.step()

    torch.testing.assert_close(weight.detach(), before * (1 - 0.1 * 0.3))
    assert (still == 1).all()


def test_it_takes_no_closure():
    with pytest.raises(ValueError, match="as they are"):
        weight_of((2, 2), None)[1].step(lambda: 0.0)


def ears():
    torch.manual_seed(1)
    rule = EarsRule(widths=(4, 6, 8), depths=(1, 1, 2), width=12, looks=1)
    return Ears(rule, classes=5, taught_width=16)


def held_ears():
    """Ears of which a matrix inside, a matrix outside and a norm are held."""
    made = ears()
    held = (made.tower.blocks[0].first, made.tokens, made.tower.stem[1])
    for one in held:
        one.requires_grad_(requires_grad=False)
    return made


@pytest.mark.parametrize("name", OPTIMISERS)
def test_every_weight_that_learns_is_with_one_optimiser_and_none_that_is_held(name):
    model = held_ears()

    made = optimisers_of(model, TrainRule(optimiser=name))

    names = {id(one): name for name, one in model.named_parameters()}
    theirs = [names[id(w)] for one in made for group in one.param_groups for w in group["params"]]
    assert sorted(theirs) == sorted(n for n, one in model.named_parameters() if one.requires_grad)


def test_muon_has_the_matrices_inside_and_adamw_the_rest():
    model = held_ears()

    muon, adamw = optimisers_of(model, TrainRule(optimiser="muon", rate=0.003, decay=0.3))

    inside = [one for one in model.inner_weights() if one.requires_grad]
    assert isinstance(muon, Muon)
    assert [*map(id, muon.param_groups[0]["params"])] == [*map(id, inside)]
    assert len(inside) == 2 * 4 - 1 + 1  # two a block, but for the one that is held, and the fold
    assert muon.param_groups[0]["decay"] == 0.3
    assert {group["lr"] for one in (muon, adamw) for group in one.param_groups} == {0.003}


@pytest.mark.parametrize("name", OPTIMISERS)
def test_what_is_held_stays_and_biases_and_norms_do_not_decay(name):
    model = held_ears()
    before = {name: one.detach().clone() for name, one in model.named_parameters()}
    for one in model.parameters():
        one.grad = torch.zeros_like(one) if one.requires_grad else None

    for one in optimisers_of(model, TrainRule(optimiser=name, rate=0.1, decay=0.3)):
        one.step()

    for key, one in model.named_parameters():
        decays = one.requires_grad and one.dim() > 1
        wanted = before[key] * (1 - 0.1 * 0.3 * decays)
        torch.testing.assert_close(one.detach(), wanted, atol=1e-7, rtol=1e-6, msg=key)


class Inside(nn.Sequential):
    """The network of a line that tells its one matrix."""

    def inner_weights(self):
        return [self[1].weight]


def inside_line():
    objective = Line(dropout=0.3)
    objective.model = Inside(*objective.model)
    return objective


@pytest.mark.parametrize("name", ["muon", "ranger"])
def test_a_run_that_is_stopped_goes_on_to_the_same_losses(tmp_path, monkeypatch, name):
    monkeypatch.setitem(OBJECTIVES, "line", TASK)
    settings = {"optimiser": name, "steps": 20}
    whole = go(trainer_of(tmp_path / "whole", inside_line(), **settings))

    stopped = trainer_of(tmp_path / "run", inside_line(), **settings)
    first = go(stopped, at=7, do=lambda: signal.raise_signal(signal.SIGINT))
    rest = trainer_of(tmp_path / "run", inside_line(), seed=99, **settings)
    then = go(rest)

    assert (len(first), len(then)) == (7, 13)
    assert [one.losses for one in first + then] == [one.losses for one in whole]


def ranger_of(weight, **settings):
    return Ranger([weight], **({"lr": 0.1, "betas": (0.95, 0.999)} | settings))


def steps(optimiser, weight, gradients):
    for gradient in gradients:
        weight.grad = gradient
        optimiser.step()


def test_six_steps_of_ranger_by_hand():
    # While five steps or fewer are known it goes by the mean gradient alone: 0.1 times 2, five
    # times. The sixth knows how large gradients are, and goes by 0.1 times how sure RAdam is of it:
    far, known = 2 / 0.001 - 1, 0.999**6
    rho = far - 2 * 6 * known / (1 - known)
    sure = math.sqrt((rho - 4) * (rho - 2) * far / ((far - 4) * (far - 2) * rho))
    weight = nn.Parameter(torch.tensor([7.0]))
    ranger = ranger_of(weight)

    steps(ranger, weight, [torch.tensor([2.0])] * 5)
    assert weight.item() == pytest.approx(7 - 1)
    steps(ranger, weight, [torch.tensor([2.0])])

    assert weight.item() == pytest.approx(7 - (1 + 0.1 * sure) / 2)  # half-way back to 7


def test_ranger_returns_again_and_again_to_where_it_last_returned():
    gradients = [random(3, 4, seed=n) for n in range(20)]
    weight, plain = (nn.Parameter(random(3, 4, seed=50)) for _ in range(2))
    radam, begin = torch.optim.RAdam([plain], lr=0.1, betas=(0.95, 0.999)), plain.detach().clone()
    for first in (0, 6, 12):
        steps(radam, plain, gradients[first : first + 6])
        begin = (plain.detach() + begin) / 2
        plain.data.copy_(begin)
    steps(radam, plain, gradients[18:])

    steps(ranger_of(weight), weight, gradients)

    torch.testing.assert_close(weight, plain)


@pytest.mark.parametrize("at", [0, 4, 6, 13])
def test_ranger_goes_on_from_its_state_on_disk(tmp_path, at):
    gradients = [random(3, 4, seed=n) for n in range(20)]
    whole, weight = (nn.Parameter(random(3, 4, seed=50)) for _ in range(2))
    steps(ranger_of(whole), whole, gradients)

    stopped = ranger_of(weight)
    steps(stopped, weight, gradients[:at])
    torch.save([stopped.state_dict(), weight.data], tmp_path / "state.pt")
    state, kept = torch.load(tmp_path / "state.pt", weights_only=True)
    again = nn.Parameter(kept)
    other = ranger_of(again, lr=9.0)
    other.load_state_dict(state)
    steps(other, again, gradients[at:])

    torch.testing.assert_close(again, whole, atol=0, rtol=0)


def test_decay_by_ranger_is_no_gradient_and_gathers_no_momentum():
    model = nn.Linear(3, 2, bias=False)
    before = model.weight.detach().clone()
    (ranger,) = optimisers_of(model, TrainRule(optimiser="ranger", rate=0.1, decay=0.3))

    steps(ranger, model.weight, [torch.zeros(2, 3)] * 4)

    torch.testing.assert_close(model.weight.detach(), before * (1 - 0.1 * 0.3) ** 4)


def test_ranger_leaves_a_weight_without_gradient_and_takes_no_closure():
    weight, still = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    ranger = Ranger([weight, still], lr=0.1)

    steps(ranger, weight, [torch.ones(2)] * 7)

    assert still.tolist() == [1, 1]
    with pytest.raises(ValueError, match="as they are"):
        ranger.step(lambda: 0.0)


def test_a_network_that_tells_no_inner_weights_is_refused_in_two_lines():
    with pytest.raises(UsageError, match="'muon' cannot train this network") as error:
        optimisers_of(nn.Linear(2, 2), TrainRule(optimiser="muon"))

    assert error.value.hint == 'write optimiser = "adamw" in [train]'


@pytest.mark.parametrize(
    ("name", "hint"), [("moun", "did you mean 'muon'?"), ("sgd", "known: adamw, muon, ranger")]
)
def test_an_unknown_one_is_refused_with_the_nearest_known(name, hint):
    with pytest.raises(UsageError) as error:
        optimisers_of(ears(), TrainRule(optimiser=name))

    assert str(error.value) == f"no optimiser is called {name!r}\n{hint}"


def test_what_a_rule_says_without_a_word_is_on_the_table():
    assert TrainRule().optimiser in OPTIMISERS


def test_every_recipe_of_the_repository_names_one_that_is_known():
    for path in (Path(__file__).parents[2] / "recipes").rglob("*.toml"):
        refuse_unknown(read_recipe(path)[0].train)
