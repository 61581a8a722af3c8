"""The training loop, for every task: draw, learn, look at dev, keep; and go on after a stop.

It reads from top to bottom. A step is decided by the recipe, its number and the state before it, so
a run that is stopped and goes on from its last checkpoint has the same losses as one that is not.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from earmark.errors import DataError, UsageError
from earmark.lab.alarms import refuse_nonsense, worries
from earmark.lab.checkpoint import Run
from earmark.lab.crew import ALONE, Crew, crew_of
from earmark.lab.logs import Board
from earmark.lab.objectives import Objective, Places, new_objective, weights_of
from earmark.lab.optimisers import optimisers_of, refuse_unknown
from earmark.lab.recipe import Recipe, TrainRule
from earmark.lab.stop import Stop

Tell = Callable[["Progress"], None]
LOG_EVERY = 20  # steps


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands; `note` is what a person should read."""

    step: int
    steps: int
    losses: dict[str, float]
    seconds_left: float
    note: str = ""


def train(recipe: Recipe, text: str, folder: Path, places: Places, tell: Tell) -> dict[str, float]:
    """Train by a recipe, or go on; return the figures on dev of the weights that are kept."""
    refuse_unknown(recipe.train)
    device, crew = pick_device(recipe.train), crew_of(recipe.train)
    torch.manual_seed(recipe.seed)
    if not crew.leads:
        crew.wait()  # until the leader has made the folder, and decoded what all read
    run = Run(folder, text)
    objective = new_objective(recipe, places, device)
    if crew.leads:
        crew.wait()
    return Trainer(recipe, objective, run, device, crew).go(tell)


class Trainer:
    """One run in memory."""

    def __init__(
        self,
        recipe: Recipe,
        objective: Objective,
        run: Run,
        device: torch.device,
        crew: Crew = ALONE,
    ) -> None:
        self.rule = recipe.train
        self.crew = crew
        self.objective = objective
        self.run = run
        self.device = device
        weights = weights_of(recipe)
        self._names = tuple(weights)
        self._weights = torch.tensor(list(weights.values()), device=device)
        self.step = 0
        self.best: dict[str, float] = {}
        self.stale = 0  # looks at dev without a better figure
        self.seconds = 0.0  # in this and earlier parts of the run
        model = objective.model
        self.average = deepcopy(model).eval().requires_grad_(requires_grad=False)
        self.optimisers = optimisers_of(model, self.rule)
        self._resume()

    @property
    def finished(self) -> bool:
        """Whether all steps are done, or dev has got no better for too long."""
        patience = self.rule.patience
        return self.step >= self.rule.steps or bool(patience and self.stale >= patience)

    def go(self, tell: Tell) -> dict[str, float]:
        """Train until it is finished; whoever stops it before that finds its state saved."""
        if not self.finished:
            if self.crew.leads:
                self.run.cut_log(self.step)
            batches = ahead(self.objective.draw, self.step, self.rule, self.crew)
            with closing(batches), closing(self._board()) as board:
                self._go(batches, board, tell)
        return self.best

    def _board(self) -> Board:
        return Board(self.run.folder if self.crew.leads else None, self.step)

    def _go(self, batches: Generator[list[Any]], board: Board, tell: Tell) -> None:
        rule, before, first = self.rule, self.seconds, self.step
        began = saved = time.monotonic()
        asked = False
        with Stop() as stop:
            for drawn in batches:
                losses = self.learn(drawn)
                took = time.monotonic() - began
                self.seconds = before + took
                if self.step % LOG_EVERY == 0 or self.step == rule.steps:
                    self._log(board, losses)
                looks = self.step % rule.dev_every == 0 or self.step == rule.steps
                note = self.look(board) if looks else ""
                left = (rule.steps - self.step) * took / (self.step - first)
                tell(Progress(self.step, rule.steps, losses, left, note))
                asked = self.crew.any(stop.asked)
                last = self.finished or asked
                if last or time.monotonic() - saved > rule.checkpoint_minutes * 60:
                    self.save()
                    saved = time.monotonic()
                if last:
                    break
        if asked and not self.finished:
            raise KeyboardInterrupt

    def learn(self, drawn: list[Any]) -> dict[str, float]:
        """Take one step on the batches drawn for it."""
        self.objective.model.train()
        parts = len(drawn) * self.crew.size
        found = torch.stack([self._backward(part, parts) for part in drawn]).sum(dim=0)
        self._add_up(found)
        rate = rate_at(self.step, self.rule)
        for group in (group for one in self.optimisers for group in one.param_groups):
            group["lr"] = rate
        norm = nn.utils.clip_grad_norm_(self.objective.model.parameters(), self.rule.clip)
        losses = dict(zip(self._names, found.tolist(), strict=True))
        # Before the step is taken, so that no state is ever saved that holds nonsense.
        refuse_nonsense(self.step + 1, {**losses, "the gradient": float(norm)})
        for one in self.optimisers:
            one.step()
            one.zero_grad(set_to_none=True)
        self.step += 1
        self._follow()
        return losses

    def look(self, board: Board) -> str:
        """Measure the averaged weights on dev, keep them if they are the best, say what is odd."""
        examined: dict[str, float] = {}
        if self.crew.leads:
            with torch.no_grad():
                examined = self.objective.examine(self.average)
        examined = self.crew.told(examined)
        figures = {name: float(value) for name, value in examined.items()}
        refuse_nonsense(self.step, figures)
        if self.crew.leads:
            board.add(self.step, {f"dev/{name}": value for name, value in figures.items()})
            named = {f"dev_{name}": value for name, value in figures.items()}
            self.run.log(step=self.step, **named)
        first = next(iter(figures))
        better = not self.best or figures[first] > self.best[first]
        self.stale = 0 if better else self.stale + 1
        if better:
            self.best = figures
        if better and self.crew.leads:
            self.run.save_weights(self.average.state_dict())
        told = ", ".join(f"{name} {value:.4f}" for name, value in figures.items())
        return "; ".join([f"dev: {told}", *worries(figures)])

    def save(self) -> None:
        """Keep what it takes to go on."""
        if not self.crew.leads:
            return
        self.run.save_state(
            {
                "step": self.step,
                "seconds": self.seconds,
                "best": self.best,
                "stale": self.stale,
                "model": self.objective.model.state_dict(),
                "average": self.average.state_dict(),
                "optimisers": [one.state_dict() for one in self.optimisers],
                "random": torch.get_rng_state(),
                "random_gpu": torch.cuda.get_rng_state_all(),
            }
        )

    def _backward(self, part: Any, parts: int) -> torch.Tensor:  # noqa: ANN401 - as it was drawn
        """Add the gradients of one of so many batches; its share of the losses: -> [losses]."""
        with torch.autocast(
            self.device.type, torch.bfloat16, enabled=self.rule.precision == "bfloat16"
        ):
            losses = self.objective.losses(part)
        each = torch.stack([losses[name].float() for name in self._names])
        each = each / parts
        (each * self._weights).sum().backward()
        return each.detach()

    def _add_up(self, losses: torch.Tensor) -> None:
        """Put together what the processes of a crew found, each on its batches."""
        if self.crew.size == 1:
            return
        model = self.objective.model
        heard = [one for one in model.buffers() if one.dtype.is_floating_point]
        for one in heard:
            one /= self.crew.size
        learning = [one for one in model.parameters() if one.requires_grad]
        for one in learning:
            if one.grad is None:  # nothing on this process's batches reached it
                one.grad = torch.zeros_like(one)
        self.crew.add_up([losses, *heard, *(cast("Tensor", one.grad) for one in learning)])

    def _resume(self) -> None:
        state = self.run.state()
        if state is None:
            return
        if len(state.get("optimisers", [])) != len(self.optimisers):
            raise DataError(
                f"the state in {self.run.folder} is of another version of earmark",
                hint="train in a new folder, from its weights: [start] in a recipe",
            )
        self.step, self.seconds = state["step"], state["seconds"]
        self.best, self.stale = state["best"], state["stale"]
        self.objective.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        for one, kept in zip(self.optimisers, state["optimisers"], strict=True):
            one.load_state_dict(kept)
        torch.set_rng_state(state["random"])
        gpus = state.get("random_gpu", [])
        if len(gpus) == torch.cuda.device_count():  # else it goes on elsewhere
            torch.cuda.set_rng_state_all(gpus)

    def _log(self, board: Board, losses: dict[str, float]) -> None:
        if not self.crew.leads:
            return
        rate = self.optimisers[0].param_groups[0]["lr"]
        self.run.log(step=self.step, seconds=round(self.seconds, 1), rate=rate, **losses)
        board.add(self.step, {"rate": rate, **losses})

    @torch.no_grad()
    def _follow(self) -> None:
        """Let the average follow the weights, quicker at first."""
        keep = min(self.rule.average, (1 + self.step) / (10 + self.step))
        pairs = zip(
            self.average.state_dict().values(),
            self.objective.model.state_dict().values(),
            strict=True,
        )
        for old, new in pairs:
            if old.dtype.is_floating_point:
                old.lerp_(new, 1 - keep)
            else:
                old.copy_(new)


def ahead(
    draw: Callable[[int], Any], step: int, rule: TrainRule, crew: Crew = ALONE
) -> Generator[list[Any], None, None]:
    """Draw the batches of each step in threads, in order, a few steps ahead."""

    def batches(number: int) -> list[Any]:
        first = number * rule.accumulate
        parts = range(rule.accumulate)
        return [draw(first + part) for part in (parts if rule.spread else crew.share(parts))]

    pool, waiting = ThreadPoolExecutor(rule.workers), deque[Future[list[Any]]]()
    try:
        for number in range(step, rule.steps):
            waiting.append(pool.submit(batches, number))
            if len(waiting) > 2 * rule.workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def rate_at(step: int, rule: TrainRule) -> float:
    """Learning rate of a step: up, level, and down to nothing over the last share of the run."""
    rising = min(1.0, (step + 1) / max(1, rule.warmup))
    left = (rule.steps - step) / max(1.0, rule.cooldown * rule.steps)
    return rule.rate * rising * (1 - math.cos(math.pi * min(1.0, left))) / 2


def pick_device(rule: TrainRule) -> torch.device:
    """The device that a recipe wants, or the best there is."""
    there = torch.cuda.is_available()
    if rule.device == "cuda" and not there:
        raise UsageError(
            "this recipe wants a GPU, and torch finds none", hint='write device = "auto" in [train]'
        )
    return torch.device("cuda" if there and rule.device != "cpu" else "cpu")
