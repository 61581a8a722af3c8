"""What `sentence-transformers` puts around a model: `modules.json`, and prompts.

A repository of its own format names what runs one after another. One model that hears and reads,
its pooling, and a norm are what is read here; vectors are of unit length in any case. The prompt
for queries becomes part of the tokenizer, so that who searches need not know of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from tokenizers.normalizers import Prepend, Sequence

from earmark.errors import DataError
from earmark.lab.adopt.repository import AGAIN, read_json

MODULES, PROMPTS = "modules.json", "config_sentence_transformers.json"
QUERY = ("query", "SearchQuery", "Retrieval-query")  # the first of these prompts is taken
Json = Any  # what json.loads gives


def inner_of(folder: Path, pooled: dict[str, str]) -> Path:
    """Give the folder of the one model, and refuse by name what stands around it.

    `pooled` says of an architecture how its tokens become a vector; of others the vector is given.
    """
    rows = _rows(folder)
    if not rows:
        return folder
    first, *rest = rows
    if _kind(first) != "Transformer":
        raise _stranger(folder, first, "a model that hears and reads was expected first")
    inner = folder / str(first.get("path", ""))
    wanted = pooled.get(str(read_json(inner, "config.json").get("model_type")), "")
    for row in rest:
        if _kind(row) == "Pooling" and wanted:
            _refuse_pooling(folder / str(row.get("path", "")), wanted)
        elif _kind(row) != "Normalize":
            raise _stranger(folder, row, "a bundle has nothing like it")
    return inner


def with_prompt(tokenizer: str, folder: Path) -> str:
    """Have a tokenizer put the repository's prompt for queries before every text."""
    told = read_json(folder, PROMPTS) if (folder / PROMPTS).is_file() else {}
    prompts = told.get("prompts") or {}
    prompt = next((str(prompts[name]) for name in QUERY if prompts.get(name)), "")
    if not prompt:
        return tokenizer
    made = Tokenizer.from_str(tokenizer)
    ahead = Prepend(prompt)
    made.normalizer = Sequence([ahead, made.normalizer]) if made.normalizer else ahead
    written: str = made.to_str()
    return written


def _rows(folder: Path) -> list[dict[str, Json]]:
    """Read what runs one after another; nothing where the format is that of `transformers`."""
    path = folder / MODULES
    if not path.is_file():
        return []
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: {error}", hint=AGAIN) from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found) or not found:
        raise DataError(f"{path}: a list of modules was expected", hint=AGAIN)
    return found


def _kind(row: dict[str, Json]) -> str:
    return str(row.get("type", "")).rpartition(".")[2]


def _refuse_pooling(folder: Path, wanted: str) -> None:
    told = read_json(folder, "config.json")
    older = [
        key for key, value in told.items() if key.startswith("pooling_mode_") and value is True
    ]
    mode = told.get("pooling_mode") or [key.removeprefix("pooling_mode_") for key in older]
    modes = [mode] if isinstance(mode, str) else mode
    if [one.removesuffix("_tokens") for one in modes] != [wanted] or not told.get(
        "include_prompt", True
    ):
        raise DataError(
            f"{folder}/config.json: it pools by {' and '.join(modes) or 'nothing'}"
            f"{'' if told.get('include_prompt', True) else ' without the prompt'}, "
            f"and this architecture is read with {wanted} over all pieces",
            hint="export both halves as ONNX graphs and describe them: see --from-onnx",
        )


def _stranger(folder: Path, row: dict[str, Json], why: str) -> DataError:
    return DataError(
        f"{folder}/{MODULES}: a {_kind(row) or 'module without a type'} stands in it, and {why}",
        hint="export both halves as ONNX graphs and describe them: see --from-onnx",
    )
