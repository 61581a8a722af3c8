"""What takes the steps; a recipe names one with `optimiser` in [train].

    adamw   every weight by the size of its own gradients
    muon    the matrices inside a network by the directions of theirs, all equally far; the rest by
            AdamW. It needs a network that tells which those are (`inner_weights`)
    ranger  RAdam with LookAhead, by which mixtures of experts were trained: Adam that takes short
            steps while it knows little, and goes half-way back to where it was every few steps

To add one: write a function, add a row to `OPTIMISERS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, Protocol, cast, runtime_checkable

import torch
from torch import Tensor, nn

from earmark.errors import UsageError
from earmark.lab.recipe import TrainRule
from earmark.lab.strict import unknown

BETAS = (0.9, 0.98)
MOMENTUM = 0.95
TURNS = 5  # of the iteration, after which singular values lie between 0.7 and 1.2
QUINTIC = (3.4445, -4.7750, 2.0315)
RANGER_BETAS = (0.95, 0.999)
RANGER_EPS = 1e-5
LOOK_AFTER, GO_BACK = 6, 0.5  # steps, and how much of the way is kept
LIKE_ADAM = 0.2  # a step's root mean square, as AdamW's is in practice


@runtime_checkable
class TellsInner(Protocol):
    """A network that knows which of its weights are matrices between its layers."""

    def inner_weights(self) -> Iterable[nn.Parameter]:
        """Give the weights that turn features into features."""


class Muon(torch.optim.Optimizer):
    """Step by the nearest orthogonal matrix to the momentum: every direction is learned alike.

    A convolution is a matrix of [out, in x places].
    """

    def __init__(self, weights: Iterable[nn.Parameter], *, lr: float, decay: float) -> None:
        super().__init__(weights, {"lr": lr, "decay": decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:
        """Take one step."""
        if closure is not None:
            raise ValueError("Muon takes its gradients as they are")
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._step(weight, group)

    def _step(self, weight: nn.Parameter, group: dict[str, Any]) -> None:
        state = self.state[weight]
        if not state:
            state["momentum"] = weight.grad.clone()
        gradient: Tensor = weight.grad
        momentum = state["momentum"].lerp_(gradient, 1 - MOMENTUM)
        ahead = gradient.lerp(momentum, MOMENTUM)
        turned = orthogonal(ahead.flatten(1))
        scale = LIKE_ADAM * math.sqrt(max(turned.shape))
        weight.mul_(1 - group["lr"] * group["decay"])
        weight.add_(turned.view(weight.shape), alpha=-group["lr"] * scale)


class Ranger(torch.optim.RAdam):
    """RAdam with LookAhead: after some steps weights return half the way to where they began.

    Papers: Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond" (2020); Zhang et
    al., "Lookahead Optimizer: k steps forward, 1 step back" (2019). Where a weight began is part of
    its state, so that a run that goes on returns to the same place.
    """

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:
        """Take one step."""
        if closure is not None:
            raise ValueError("Ranger takes its gradients as they are")
        learning = [
            weight
            for group in self.param_groups
            for weight in group["params"]
            if weight.grad is not None
        ]
        new = {weight: weight.clone() for weight in learning if weight not in self.state}
        super().step()
        for weight in learning:
            state = self.state[weight]
            if weight in new:  # only now: RAdam begins with a state that is empty
                state["begin"] = new[weight]
            if state["step"] % LOOK_AFTER == 0:
                weight.copy_(state["begin"].lerp_(weight, GO_BACK))


def orthogonal(matrix: Tensor) -> Tensor:
    """Bring all singular values near 1, by a few products (Newton and Schulz): [m, n] -> [m, n]."""
    a, b, c = QUINTIC
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(TURNS):
        square = x @ x.T
        x = torch.addmm(x, torch.addmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return x.T if tall else x


Optimisers = list[torch.optim.Optimizer]


def _adamw(model: nn.Module, rule: TrainRule) -> Optimisers:
    learning = [one for one in model.parameters() if one.requires_grad]
    return [_adamw_of(learning, rule)]


def _muon(model: nn.Module, rule: TrainRule) -> Optimisers:
    if not isinstance(model, TellsInner):
        raise UsageError(
            "the optimiser 'muon' cannot train this network: it tells no inner weights",
            hint='write optimiser = "adamw" in [train]',
        )
    learning = [*cast("nn.Module", model).parameters()]
    inner = [one for one in model.inner_weights() if one.requires_grad]
    held = {id(one) for one in inner}
    rest = [one for one in learning if one.requires_grad and id(one) not in held]
    return [Muon(inner, lr=rule.rate, decay=rule.decay), _adamw_of(rest, rule)]


def _ranger(model: nn.Module, rule: TrainRule) -> Optimisers:
    groups = _groups([one for one in model.parameters() if one.requires_grad], rule)
    return [
        Ranger(
            groups,
            lr=rule.rate,
            betas=RANGER_BETAS,
            eps=RANGER_EPS,
            decoupled_weight_decay=True,
        )
    ]


def _adamw_of(weights: list[nn.Parameter], rule: TrainRule) -> torch.optim.AdamW:
    return torch.optim.AdamW(_groups(weights, rule), lr=rule.rate, betas=BETAS)


def _groups(weights: list[nn.Parameter], rule: TrainRule) -> list[dict[str, Any]]:
    """Weights of layers decay; biases, norms and single numbers do not."""
    return [
        {"params": [p for p in weights if p.dim() > 1], "weight_decay": rule.decay},
        {"params": [p for p in weights if p.dim() <= 1], "weight_decay": 0.0},
    ]


OPTIMISERS: dict[str, Callable[[nn.Module, TrainRule], Optimisers]] = {
    "adamw": _adamw,
    "muon": _muon,
    "ranger": _ranger,
}


def refuse_unknown(rule: TrainRule) -> None:
    """Raise if no optimiser is called what a recipe says."""
    if rule.optimiser not in OPTIMISERS:
        raise unknown(f"no optimiser is called {rule.optimiser!r}", rule.optimiser, [*OPTIMISERS])


def optimisers_of(model: nn.Module, rule: TrainRule) -> Optimisers:
    """Make what a recipe names: each takes steps for its part of the weights."""
    refuse_unknown(rule)
    return OPTIMISERS[rule.optimiser](model, rule)
