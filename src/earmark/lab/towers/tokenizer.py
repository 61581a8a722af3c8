"""Sentences to word pieces: byte-level BPE, trained on sentences, saved as one `tokenizer.json`.

Every text is a sequence of bytes, so nothing is unknown. Letters are made small and blanks are made
one. A sentence stands between START and END; one that is too long loses its last pieces, never END.
The three names are in capitals, which no text keeps: nobody can write them into a query.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing
from torch import Tensor

from earmark.errors import DataError, UsageError

PAD, START, END = 0, 1, 2
NAMES = ["<PAD>", "<START>", "<END>"]  # in the order of their ids
BYTES = 256


def train_tokenizer(
    sentences: Iterable[str], *, vocabulary: int = 8_000, longest: int = 64
) -> Tokenizer:
    """Learn word pieces from sentences; few sentences may have fewer than `vocabulary` to give.

    To save it, write its `to_str()`.
    """
    _refuse_impossible(vocabulary, longest)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"\s+"), " "),
            normalizers.Strip(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=NAMES,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(sentences, trainer)
    return _frame(tokenizer, longest)


def kept_tokenizer(
    path: Path, sentences: Callable[[], Iterable[str]], *, vocabulary: int, longest: int
) -> Tokenizer:
    """Read the one that is kept in a file, or learn it and keep it there."""
    if not path.is_file():
        trained = train_tokenizer(sentences(), vocabulary=vocabulary, longest=longest)
        part = path.with_suffix(f".part{os.getpid()}")
        part.write_text(trained.to_str(), encoding="utf-8")
        part.replace(path)
    return read_tokenizer(path)


def read_tokenizer(path: Path) -> Tokenizer:
    """Read a saved one."""
    try:
        return Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except Exception as error:  # tokenizers raises nothing more special
        raise DataError(f"{path} is no tokenizer: {error}", hint="train the words again") from error


def encode(tokenizer: Tokenizer, sentences: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Make a batch as long as its longest sentence: -> ids [n, L] int64, mask [n, L] bool."""
    rows = [row.ids for row in tokenizer.encode_batch(list(sentences))]
    ids = torch.full((len(rows), max(map(len, rows), default=0)), PAD)
    for line, row in zip(ids, rows, strict=True):
        line[: len(row)] = torch.tensor(row)
    lengths = torch.tensor([len(row) for row in rows])
    return ids, torch.arange(ids.shape[1]) < lengths[:, None]


def _frame(tokenizer: Tokenizer, longest: int) -> Tokenizer:
    """Put START and END around every sentence, and make their names no words of any text."""
    tokenizer.post_processor = TemplateProcessing(
        single="<START> $A <END>", special_tokens=[("<START>", START), ("<END>", END)]
    )
    tokenizer.enable_truncation(longest)
    page = json.loads(tokenizer.to_str())
    page["added_tokens"] = []  # they would be looked for in the text before it is made small
    return Tokenizer.from_str(json.dumps(page))


def _refuse_impossible(vocabulary: int, longest: int) -> None:
    if vocabulary < BYTES + len(NAMES):
        raise UsageError(
            f"a vocabulary of {vocabulary} word pieces cannot hold every byte",
            hint=f"make it {BYTES + len(NAMES)} or more",
        )
    if longest < len(NAMES):
        raise UsageError(
            f"sentences of at most {longest} word pieces hold no word",
            hint=f"make longest {len(NAMES)} or more: a start, a word and an end",
        )
