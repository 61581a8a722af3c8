"""Several processes that train one model: each takes its share of a step's batches.

All hold the same weights and take the same step, on gradients that are added up over all; so the
number of processes changes the time that a run takes, and not what it learns (but for rounding, and
batch norms, which see what their own process hears). The first one leads: it alone looks at dev and
writes to the disk. Started by `earmark train --processes N`, or by torchrun across machines.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from earmark.errors import UsageError
from earmark.lab.recipe import TrainRule

PATIENCE = timedelta(hours=3)  # the others wait while the leader decodes thousands of clips
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Crew:
    """The processes of a run, and which of them this one is."""

    place: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process looks at dev and writes to the disk."""
        return self.place == 0

    def share(self, batches: Sequence[T]) -> list[T]:
        """Take what of a step is for this process."""
        return list(batches[self.place :: self.size])

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Replace each by its sum over all processes."""
        if self.size == 1 or not tensors:
            return
        flat = torch.cat([one.detach().reshape(-1) for one in tensors])
        dist.all_reduce(flat)
        parts = flat.split([one.numel() for one in tensors])
        for one, total in zip(tensors, parts, strict=True):
            one.detach().copy_(total.view_as(one))

    def any(self, here: bool) -> bool:
        """Whether it is so in any of them."""
        if self.size == 1:
            return here
        asked = torch.tensor(float(here))
        dist.all_reduce(asked)
        return bool(asked)

    def told(self, value: T) -> T:
        """What the leader says, for all to know."""
        if self.size == 1:
            return value
        box: list[Any] = [value]
        dist.broadcast_object_list(box)
        told: T = box[0]
        return told

    def wait(self) -> None:
        """Go on once all have come here."""
        if self.size > 1:
            dist.barrier()


ALONE = Crew()


def refuse_size(size: int, rule: TrainRule) -> None:
    """Raise if so many processes cannot share the batches of a step evenly."""
    if size < 1:
        raise UsageError(f"a run of {size} processes", hint="give --processes 1 or more")
    accumulate = rule.accumulate
    if accumulate % size and not rule.spread:
        raise UsageError(
            f"{size} processes cannot share the {accumulate} batches of a step",
            hint=f"write accumulate = {size} in [train], or another multiple of {size}",
        )


def crew_here() -> Crew:
    """The crew that this process has joined already."""
    there = dist.is_available() and dist.is_initialized()
    return Crew(dist.get_rank(), dist.get_world_size()) if there else ALONE


def crew_of(rule: TrainRule) -> Crew:
    """Join the crew that the environment tells of, as torchrun sets it; without one, be alone."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return Crew()
    refuse_size(size, rule)
    if not dist.is_initialized():
        # The compiler comes first, as checkpoints and optimisers load it anyway: one that is loaded
        # into a group keeps hold of it, and then leaving does not end the group's threads.
        import_module("torch._dynamo")
        # It carries numbers of the CPU and of GPUs alike, and a step's gradients are few megabytes.
        dist.init_process_group("gloo", timeout=PATIENCE)
        atexit.register(_leave)
        if torch.cuda.is_available():
            own = int(os.environ.get("LOCAL_RANK", "0"))
            torch.cuda.set_device(own % torch.cuda.device_count())
    return Crew(dist.get_rank(), size)


def _leave() -> None:
    """End what the group has running; an interpreter that ends around its threads may abort."""
    if dist.is_initialized():
        dist.destroy_process_group()
