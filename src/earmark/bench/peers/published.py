"""A CLAP of the size that LAION published, with random weights: as fast as one that has learned.

A repository in the format of `transformers`, and the bundles that `earmark export` makes of it.
Words are one piece each, as ordinary words are for the tokenizer of the published ones; names that
stand for nothing fill the vocabulary up.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from earmark.bench.stock import SENTENCES
from earmark.errors import require

NEEDED = {"torch": "lab", "onnx": "lab", "onnxscript": "lab", "transformers": "experts"}
MARKS = ["<s>", "<pad>", "</s>", "<unk>"]
LEARNED = 3_000  # pieces, at most
Weights = Literal["float32", "int8"]
Anything = Any  # transformers has no types that we check


class Published:
    """The repository and its bundles, each made when it is first asked for."""

    def __init__(self, folder: Path, config: dict[str, Any] | None = None) -> None:
        self._folder = folder
        self._config = config or {}  # what differs from the published size
        self._bundles: dict[Weights, Path] = {}

    @cached_property
    def repository(self) -> Path:
        """The folder that `transformers` loads."""
        for module, extra in NEEDED.items():
            require(module, extra=extra)
        _write(self._folder / "repository", self._config)
        return self._folder / "repository"

    def bundle(self, weights: Weights) -> Path:
        """The folder that earmark loads."""
        if weights not in self._bundles:
            self._bundles[weights] = _exported(self.repository, self._folder / weights, weights)
        return self._bundles[weights]


def _write(folder: Path, config: dict[str, Any]) -> None:
    import torch
    from transformers import ClapConfig, ClapFeatureExtractor, ClapModel, ClapProcessor
    from transformers.utils import logging

    logging.disable_progress_bar()
    made = ClapConfig(**config)
    torch.manual_seed(0)
    ClapModel(made).save_pretrained(folder)
    front = ClapFeatureExtractor(
        frequency_min=50, truncation="rand_trunc", padding="repeatpad", feature_size=64
    )
    ClapProcessor(front, _tokenizer(made.text_config.vocab_size)).save_pretrained(folder)


def _tokenizer(size: int) -> Anything:
    """Learn the words of the bench, and fill up what is left."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import RobertaTokenizerFast

    learned = ByteLevelBPETokenizer()
    learned.train_from_iterator(
        SENTENCES, min(LEARNED, size - 1), 1, show_progress=False, special_tokens=MARKS
    )
    model = json.loads(learned.to_str())["model"]
    names = model["vocab"]
    names |= {f"<unused {number}>": number for number in range(len(names), size - 1)}
    names["<mask>"] = size - 1
    merges = [tuple(pair) for pair in model["merges"]]
    return RobertaTokenizerFast(vocab=names, merges=merges, model_max_length=512)


def _exported(repository: Path, bundle: Path, weights: Weights) -> Path:
    """Export as a person does, in a process of its own, which needs gigabytes for a minute."""
    words = ["export", "--from-transformers", str(repository), str(bundle)]
    subprocess.run(  # noqa: S603 - this very program
        [sys.executable, "-m", "earmark", *words, "--weights", weights, "--licence", "none"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
    )
    return bundle
