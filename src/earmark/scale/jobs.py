"""What a worker has been given to do, and what is done if it comes to nothing.

A worker is lost for one of two reasons, and they are told apart:

- its node has gone, or what it had found was lost with a node: the job is given to another worker;
- its process ended while all nodes stayed: the file it had may be what ended it. A shard is taken
  apart into its files; a file is a *suspect*, and is tried again when all others are done, with
  nothing beside it. If it ends its worker again, it has failed, and the reason is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import ray

from earmark.library.hear import Hearing, Outcome
from earmark.library.nouns import Found

CRASHES = 2  # of workers with nothing but the same file, after which it has failed
LOSSES = 5  # of nodes under the same job, after which nobody tries any more

DEADLY = "it ended the process that read it, {} times"
UNLUCKY = "the worker that read it was lost, {} times"


@dataclass(slots=True, eq=False)
class Job:
    """Files to look at, or one file to hear."""

    files: tuple[Found, ...]
    hearing: Hearing | None = None  # None: they are only looked at
    crashes: int = 0
    losses: int = 0
    number: int = 0  # of the hearing, on the board

    @property
    def digest(self) -> str:
        """Of the bytes of the file that is to be heard."""
        return self.hearing.looked.digest if self.hearing else ""

    def singly(self) -> list[Job]:
        """A job for each of its files."""
        return [Job((found,)) for found in self.files]

    def failed(self) -> list[Outcome]:
        """The outcomes of a job that nobody tries any more, if it has come to that."""
        told = ""
        if self.crashes >= CRASHES:
            told = DEADLY.format(self.crashes)
        elif self.losses >= LOSSES:
            told = UNLUCKY.format(self.losses)
        if not told:
            return []
        return [Outcome(found=found, digest=self.digest, reason=told) for found in self.files]


class Loss(Enum):
    """Why a worker gave no answer."""

    NODE = auto()
    PROCESS = auto()


def loss_of(error: ray.exceptions.RayError, *, nodes_stayed: bool) -> Loss:
    """Tell why, or raise what is no loss but a fault."""
    exceptions = ray.exceptions
    if isinstance(error, exceptions.RayTaskError):
        cause = error.cause
        if isinstance(cause, MemoryError):
            return Loss.PROCESS
        if isinstance(cause, exceptions.RayError) and not isinstance(
            cause, exceptions.RayTaskError
        ):
            return Loss.NODE
        raise error
    deadly = (exceptions.WorkerCrashedError, exceptions.OutOfMemoryError)
    return Loss.PROCESS if isinstance(error, deadly) and nodes_stayed else Loss.NODE
