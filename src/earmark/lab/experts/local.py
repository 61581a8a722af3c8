"""Open a network in the format of `transformers` from a local folder; nothing is downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers.utils import logging

from earmark.lab.experts import TEACHERS, must_exist


def open_local(folder: Path, model: Any, front: Any, *, files: tuple[str, ...]) -> tuple[Any, Any]:  # noqa: ANN401
    """Open a model in float32, and its tokenizer or feature extractor."""
    for file in ("config.json", *files):
        must_exist(Path(folder) / file, TEACHERS)
    logging.disable_progress_bar()  # only the command line may write to the terminal
    network = model.from_pretrained(folder, local_files_only=True).float()
    return network, front.from_pretrained(folder, local_files_only=True)
