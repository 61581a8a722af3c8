"""The loop on the smallest task: batches, rates, steps, dev, alarms, logs."""

import json

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from safetensors.torch import load_file

from earmark.errors import UsageError
from earmark.lab.alarms import DivergedError
from earmark.lab.checkpoint import LOG
from earmark.lab.objectives import OBJECTIVES
from earmark.lab.recipe import TrainRule
from earmark.lab.start import WEIGHTS
from earmark.lab.train import ahead, pick_device, rate_at
from lab.line import TASK, TRUE, Line, go, trainer_of

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def line_is_a_task(monkeypatch):
    monkeypatch.setitem(OBJECTIVES, "line", TASK)


def weights_of(trainer):
    return {name: one.clone() for name, one in trainer.objective.model.state_dict().items()}


def losses_of(told):
    return {one.step: one.losses["square"] for one in told}


def rows(folder):
    return [json.loads(line) for line in (folder / LOG).read_text().splitlines()]


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_step_gets_its_own_batch_once_and_in_order(workers):
    rule = TrainRule(steps=40, workers=workers)

    assert list(ahead(lambda n: n, 3, rule)) == [[n] for n in range(3, 40)]


def test_a_step_of_several_batches_gets_the_next_ones():
    assert list(ahead(lambda n: n, 1, TrainRule(steps=3, accumulate=3))) == [[3, 4, 5], [6, 7, 8]]


def test_only_a_few_steps_are_drawn_ahead_and_none_once_it_is_closed():
    drawn = []
    batches = ahead(drawn.append, 0, TrainRule(steps=1_000, workers=2))

    next(batches)
    batches.close()

    assert len(drawn) <= 5


def test_what_goes_wrong_in_a_draw_is_raised_in_the_loop():
    def draw(number):
        if number == 2:
            raise ValueError("no more sound")
        return number

    batches = ahead(draw, 0, TrainRule(steps=9))

    assert [next(batches), next(batches)] == [[0], [1]]
    with pytest.raises(ValueError, match="no more sound"):
        next(batches)


@pytest.mark.parametrize(
    ("step", "rate"),
    [
        (0, 0.25),  # a quarter of the way up
        (3, 1.0),
        (10, 1.0),
        (50, 1.0),  # the last half is for going down: (1 - cos(pi * left)) / 2
        (60, (1 - -0.80901699) / 2),  # 0.8 of it is left
        (75, 0.5),
        (99, 0.00098664),  # 0.02 of it is left
    ],
)
def test_the_rate_goes_up_stays_and_goes_down(step, rate):
    rule = TrainRule(steps=100, rate=0.01, warmup=4, cooldown=0.5)

    assert rate_at(step, rule) == pytest.approx(0.01 * rate, rel=1e-4)


def test_without_warmup_and_cooldown_the_rate_never_changes():
    rule = TrainRule(steps=9, rate=0.01, warmup=0, cooldown=0)

    assert [rate_at(step, rule) for step in range(9)] == [0.01] * 9


def test_the_optimiser_is_given_the_rate_of_the_step(tmp_path):
    trainer = trainer_of(tmp_path, steps=9, warmup=4)

    trainer.learn([trainer.objective.draw(0)])
    trainer.learn([trainer.objective.draw(1)])

    assert [group["lr"] for group in trainer.optimisers[0].param_groups] == [0.05 * 2 / 4] * 2


def test_a_line_is_found(tmp_path):
    trainer = trainer_of(tmp_path, steps=200)

    told = go(trainer)

    assert told[-1].losses["square"] < 0.05 < 5 < told[0].losses["square"]
    torch.testing.assert_close(trainer.objective.model[1].weight[0], TRUE, atol=0.1, rtol=0)


def gradients_of(trainer, drawn):
    """The gradients that a step on these batches is taken by."""
    weights, seen = list(trainer.objective.model.parameters()), []
    trainer.optimisers[0].register_step_pre_hook(
        lambda *_: seen.extend(one.grad.clone() for one in weights)
    )
    return trainer.learn(drawn), seen


def test_two_halves_of_a_batch_make_the_step_of_the_whole(tmp_path):
    x, y = Line(batch=32).draw(0)
    whole, halves = trainer_of(tmp_path / "a", clip=1e9), trainer_of(tmp_path / "b", clip=1e9)

    losses, wanted = gradients_of(whole, [(x, y)])
    means, found = gradients_of(halves, [(x[:16], y[:16]), (x[16:], y[16:])])

    assert means["square"] == pytest.approx(losses["square"], rel=1e-5)
    for one, other in zip(wanted, found, strict=True):
        torch.testing.assert_close(other, one, atol=1e-5, rtol=1e-5)
    for one, other in zip(weights_of(whole).values(), weights_of(halves).values(), strict=True):
        torch.testing.assert_close(other, one, atol=1e-6, rtol=1e-5)


def test_a_gradient_is_no_longer_than_its_clip(tmp_path):
    trainer = trainer_of(tmp_path, clip=0.25)

    _, found = gradients_of(trainer, [trainer.objective.draw(0)])

    assert torch.cat([one.flatten() for one in found]).norm().item() == pytest.approx(
        0.25, rel=1e-3
    )


def test_a_loss_weighs_what_the_recipe_says(tmp_path, monkeypatch):
    found = []
    for weight in (0.0, 2.0):
        monkeypatch.setitem(TASK.losses, "size", weight)
        trainer = trainer_of(tmp_path / str(weight), clip=1e9)
        before = trainer.objective.model[1].weight.detach().clone()
        found.append(gradients_of(trainer, [trainer.objective.draw(0)])[1][0])

    # The size is the sum of squares, whose gradient is twice the weight.
    torch.testing.assert_close(found[1] - found[0], 2 * 2 * before, atol=1e-5, rtol=1e-4)


def test_biases_do_not_decay(tmp_path):
    trainer = trainer_of(tmp_path, decay=0.3)

    matrices, others = trainer.optimisers[0].param_groups

    assert ([one.dim() for one in matrices["params"]], matrices["weight_decay"]) == ([2], 0.3)
    assert ([one.dim() for one in others["params"]], others["weight_decay"]) == ([1], 0.0)


def test_the_average_follows_the_weights_by_hand(tmp_path):
    trainer = trainer_of(tmp_path, average=0.15)
    bias = trainer.objective.model[1].bias
    seen = [bias.item()]
    for step in range(2):
        trainer.learn([trainer.objective.draw(step)])
        seen.append(bias.item())

    # Of the old average 2/11 is kept at first (less than 0.15 is not reached), then 0.15.
    first = seen[0] * 0.15 + seen[1] * 0.85
    assert trainer.average[1].bias.item() == pytest.approx(first * 0.15 + seen[2] * 0.85, rel=1e-5)


def test_the_average_is_quicker_at_first(tmp_path):
    trainer = trainer_of(tmp_path, average=0.999)
    bias = trainer.objective.model[1].bias
    before = bias.item()
    trainer.learn([trainer.objective.draw(0)])

    wanted = before * 2 / 11 + bias.item() * 9 / 11  # (1 + step) / (10 + step) is kept
    assert trainer.average[1].bias.item() == pytest.approx(wanted, rel=1e-5)


def test_numbers_that_are_counted_are_copied_into_the_average(tmp_path):
    objective = Line()
    objective.model.append(torch.nn.BatchNorm1d(1))
    trainer = trainer_of(tmp_path, objective)

    trainer.learn([trainer.objective.draw(0)])

    assert trainer.average[2].num_batches_tracked.item() == 1
    assert not trainer.average.training


@pytest.mark.parametrize("workers", [2, 4])
def test_workers_change_no_loss(tmp_path, workers):
    one = losses_of(go(trainer_of(tmp_path / "a", Line(dropout=0.2), workers=1)))
    more = losses_of(go(trainer_of(tmp_path / "b", Line(dropout=0.2), workers=workers)))

    assert one == more


def test_bfloat16_learns_too_and_keeps_weights_in_float32(tmp_path):
    plain = trainer_of(tmp_path / "a", steps=60)
    rough = trainer_of(tmp_path / "b", steps=60, precision="bfloat16")
    losses = [losses_of(go(trainer)) for trainer in (plain, rough)]

    assert rough.objective.model[1].weight.dtype == torch.float32
    assert losses[0][1] != losses[1][1]
    assert losses[1][1] == pytest.approx(losses[0][1], rel=0.02)
    assert losses[1][60] < 0.1 * losses[1][1]


def test_it_stops_when_dev_gets_no_better_and_keeps_the_best_weights(tmp_path):
    objective = Line(figures=[1.0, 3.0, 2.0, 2.5, 9.0])
    trainer, kept = trainer_of(tmp_path, objective, steps=100, patience=2), {}

    def keep():
        kept.update({name: one.clone() for name, one in trainer.average.state_dict().items()})

    told = go(trainer, at=20, do=keep)

    assert told[-1].step == 40
    assert trainer.best == {"fit": 3.0}
    for name, weight in load_file(tmp_path / WEIGHTS).items():
        torch.testing.assert_close(weight, kept[name], atol=0, rtol=0)
    assert go(trainer_of(tmp_path, Line(), steps=100, patience=2)) == []


def test_a_look_that_is_better_starts_patience_anew(tmp_path):
    objective = Line(figures=[1.0, 0.5, 2.0, 1.5, 1.6, 9.0])

    assert go(trainer_of(tmp_path, objective, steps=100, patience=2))[-1].step == 50


def test_without_patience_it_goes_to_the_end(tmp_path):
    objective = Line(figures=[5.0, 4.0, 3.0, 2.0])

    assert go(trainer_of(tmp_path, objective))[-1].step == 40


def test_the_last_step_is_always_looked_at(tmp_path):
    told = go(trainer_of(tmp_path, steps=13))

    assert [one.step for one in told if one.note] == [10, 13]


def test_dev_is_told_and_what_looks_wrong_with_it(tmp_path):
    objective = Line()
    objective.examine = lambda model: {"fit": torch.tensor(0.25), "spread": 0.99}

    told = go(trainer_of(tmp_path, objective, steps=10))

    assert told[-1].note == (
        "dev: fit 0.2500, spread 0.9900; spread is 0.99: all vectors have become nearly the same"
    )
    assert trainer_of(tmp_path, steps=10).best == {"fit": 0.25, "spread": pytest.approx(0.99)}


def test_time_left_is_told(tmp_path):
    told = go(trainer_of(tmp_path))

    assert told[-1].seconds_left == 0
    assert 0 < told[20].seconds_left < 60


def test_a_loss_that_is_no_number_stops_the_run_before_anything_is_spoilt(tmp_path):
    objective = Line(broken={5: lambda: float("nan")})
    trainer = trainer_of(tmp_path, objective, checkpoint_minutes=0)

    with pytest.raises(DivergedError, match="step 5: square, the gradient is not a number"):
        go(trainer)

    state = trainer.run.state()
    assert state["step"] == 4
    assert all(torch.isfinite(one).all() for one in state["model"].values())


def test_a_gradient_that_is_no_number_stops_the_run_too(tmp_path):
    objective = Line()
    plain = objective.losses
    objective.losses = lambda drawn: {
        **plain(drawn),
        "square": (objective.model[1].bias * 0).sum().sqrt(),
    }

    with pytest.raises(DivergedError, match="step 1: the gradient is not a number"):
        go(trainer_of(tmp_path, objective))


def test_a_figure_of_dev_that_is_no_number_stops_the_run(tmp_path):
    with pytest.raises(DivergedError, match="step 10: fit is not a number"):
        go(trainer_of(tmp_path, Line(figures=[float("nan")])))


def test_the_log_has_losses_rates_seconds_and_dev(tmp_path):
    told = go(trainer_of(tmp_path, dev_every=40))

    first, second, dev = rows(tmp_path)
    assert (first["step"], second["step"]) == (20, 40)
    assert first["square"] == told[19].losses["square"]
    assert first["rate"] == pytest.approx(0.05)
    assert 0 <= first["seconds"] <= second["seconds"]
    assert dev.keys() == {"step", "dev_fit", "dev_spread"}


@pytest.mark.parametrize(
    ("wanted", "there", "given"),
    [("auto", False, "cpu"), ("auto", True, "cuda"), ("cpu", True, "cpu"), ("cuda", True, "cuda")],
)
def test_the_device_is_the_one_wanted_or_the_best_there_is(monkeypatch, wanted, there, given):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)

    assert pick_device(TrainRule(device=wanted)).type == given


def test_a_gpu_that_is_not_there_gets_two_lines(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

    with pytest.raises(UsageError, match="wants a GPU, and torch finds none\n"):
        pick_device(TrainRule(device="cuda"))
