"""A run on disk: its recipe, its log, the newest state to go on from, the best weights so far.

A file is written whole beside its name and then renamed, so a kill leaves the old one. States are
read as plain tensors and numbers, never as code.
"""

from __future__ import annotations

import json
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from earmark.errors import DataError, UsageError
from earmark.lab.start import WEIGHTS

RECIPE, STATE, LOG = "recipe.toml", "state.pt", "log.jsonl"


class Run:
    """The folder of one run."""

    def __init__(self, folder: Path, recipe: str) -> None:
        self.folder = folder
        known = folder / RECIPE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _refuse_others(folder, recipe)
            if not known.is_file() or known.read_text(encoding="utf-8") != recipe:
                known.write_text(recipe, encoding="utf-8")
        except OSError as error:
            raise UsageError(
                f"{folder} cannot be the folder of a run: {error.strerror or error}",
                hint="name a folder that you may write to, with --run",
            ) from error

    def state(self) -> dict[str, Any] | None:
        """The newest state, or None for a run that has just begun."""
        path = self.folder / STATE
        if not path.is_file():
            return None
        try:
            state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        except (UnpicklingError, RuntimeError, EOFError, OSError) as error:
            raise DataError(
                f"{path} cannot be read: it is damaged", hint="delete it to begin anew"
            ) from error
        return state

    def save_state(self, state: dict[str, Any]) -> None:
        """Keep what it takes to go on."""
        part = self.folder / f"{STATE}.part"
        torch.save(state, part)
        part.replace(self.folder / STATE)

    def save_weights(self, weights: dict[str, Tensor]) -> None:
        """Keep the weights that are best so far."""
        part = self.folder / f"{WEIGHTS}.part"
        kept = {name: value.detach().cpu().contiguous() for name, value in weights.items()}
        save_file(kept, part)
        part.replace(self.folder / WEIGHTS)

    def log(self, **row: float | str) -> None:
        """Add one line to the log."""
        with (self.folder / LOG).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    def cut_log(self, step: int) -> None:
        """Take out what was logged after `step`: a run that goes on from there logs it again."""
        path = self.folder / LOG
        if path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            whole = [line for line in lines if line.endswith("\n")]  # a kill may leave half a line
            kept = [line for line in whole if json.loads(line)["step"] <= step]
            part = self.folder / f"{LOG}.part"
            part.write_text("".join(kept), encoding="utf-8")
            part.replace(path)


def trained_for(folder: Path) -> float:
    """Read how many seconds a run has learned, stops and the opening of its data left out."""
    rows = (json.loads(line) for line in (folder / LOG).read_text(encoding="utf-8").splitlines())
    return float(max(row.get("seconds", 0.0) for row in rows))


def _refuse_others(folder: Path, recipe: str) -> None:
    """Raise for a folder of another run, or of anything else; a run that never began may go."""
    held = {path.name for path in folder.iterdir()}
    if held - {RECIPE} and RECIPE not in held:
        raise UsageError(f"{folder} holds something else", hint="name an empty or new folder")
    begun = held & {STATE, LOG, WEIGHTS}
    if begun and (folder / RECIPE).read_text(encoding="utf-8") != recipe:
        raise UsageError(
            f"{folder} holds a run of another recipe",
            hint="name another folder with --run, or take that one away",
        )
