"""The curves of a run for TensorBoard, where that is installed; the log in JSON lines has all."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path


class Board:
    """Writes curves into the folder of a run, if any; what is there of later steps is undone."""

    def __init__(self, folder: Path | None, step: int) -> None:
        self._writer = None
        if folder and find_spec("tensorboard"):
            from torch.utils.tensorboard import SummaryWriter

            self._writer = SummaryWriter(str(folder / "tensorboard"), purge_step=step + 1)

    def add(self, step: int, figures: Mapping[str, float]) -> None:
        """Add a point to each curve."""
        if self._writer:
            for name, value in figures.items():
                self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        """Write what is left."""
        if self._writer:
            self._writer.close()
