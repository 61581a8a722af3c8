"""The smallest task: fit a line through points, where every number can be checked by hand."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import torch
from torch import nn

from earmark.lab.checkpoint import Run
from earmark.lab.objectives import Task
from earmark.lab.recipe import Recipe, TrainRule
from earmark.lab.train import ALONE, Trainer

CPU = torch.device("cpu")
TASK = Task("line", "Line", (), {"square": 1.0, "size": 0.0})
TRUE = torch.tensor([1.0, -2.0, 0.5])


class Line:
    """Draw points on a plane, each batch from its number; find the plane."""

    def __init__(self, *, batch=16, dropout=0.0, figures=None, broken=()):
        torch.manual_seed(3)
        self.model = nn.Sequential(nn.Dropout(dropout), nn.Linear(3, 1))
        self.batch = batch
        self.drawn = []
        self.figures = figures  # what dev will say, look by look
        self.broken = dict(broken)  # number of a call of `losses`: what it does then
        self.calls = 0

    def draw(self, step):
        self.drawn.append(step)
        rng = np.random.default_rng((4, step))
        x = torch.from_numpy(rng.standard_normal((self.batch, 3)).astype(np.float32))
        return x, x @ TRUE + 3

    def losses(self, drawn):
        x, y = drawn
        self.calls += 1
        loss = (self.model(x)[:, 0].float() - y).square().mean()
        loss = loss * self.broken.pop(self.calls, lambda: 1.0)()
        return {"square": loss, "size": self.model[1].weight.square().sum()}

    def examine(self, model):
        if self.figures is not None:
            return {"fit": self.figures.pop(0)}
        return {"fit": -float((model[1].weight[0] - TRUE).abs().sum()), "spread": 0.5}


def trainer_of(folder, objective=None, *, seed=3, crew=ALONE, **train):
    """A trainer of a line; settings are those of `TrainRule`."""
    plain = {"steps": 40, "batch": 16, "rate": 0.05, "warmup": 4, "dev_every": 10, "average": 0.9}
    recipe = Recipe(name="line", task="line", train=TrainRule(**(plain | train)))
    torch.manual_seed(seed)
    return Trainer(recipe, objective or Line(), Run(folder, f"{train}"), CPU, crew)


def go(trainer, *, at=None, do=None):
    """Train; call `do` after step `at`; give all that was told."""
    told = []

    def tell(progress):
        told.append(progress)
        if progress.step == at:
            do()

    with suppress(KeyboardInterrupt):
        trainer.go(tell)
    return told
