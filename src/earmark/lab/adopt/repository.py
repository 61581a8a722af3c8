"""A folder in the format of `transformers`: configuration, weights, tokenizer, front end.

`transformers` fills what is missing with random weights or defaults, and says so in a log at most.
Here whatever is missing, renamed, of another size or not meant for each other is refused by name.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from transformers import AutoTokenizer
from transformers.utils import logging

from earmark.errors import DataError

WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")
WORDS = ("tokenizer.json", "vocab.json")
FRONT = ("preprocessor_config.json", "processor_config.json")
AGAIN = "take the whole folder again from where the model was published"
Json = Any  # what json.loads gives
Anything = Any  # transformers has no types that we check


def kind_of(folder: Path) -> str:
    """Give the architecture that the configuration names."""
    return str(read_json(folder, "config.json").get("model_type", ""))


def read_json(folder: Path, *names: str) -> dict[str, Json]:
    """Read the first of these files that is there."""
    path = folder / find(folder, *names)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: {error}", hint=AGAIN) from error
    if not isinstance(found, dict):
        raise DataError(f"{path}: an object was expected", hint=AGAIN)
    return found


def find(folder: Path, *names: str) -> str:
    """Give the first of these names that is a file here."""
    for name in names:
        if (folder / name).is_file():
            return name
    raise DataError(f"{folder}: there is no {' or '.join(names)} in it", hint=AGAIN)


def read_model(folder: Path, model: Anything, **other: Anything) -> Anything:
    """Build a network from its configuration and load every weight of it, in float32.

    `other`: where configuration or names of weights are not those of the folder.
    """
    find(folder, *WEIGHTS)
    logging.set_verbosity_error()  # what it would say is raised here
    logging.disable_progress_bar()
    try:
        network, said = model.from_pretrained(
            folder,
            local_files_only=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # they are told below, by name
            attn_implementation="eager",
            **other,
        )
    except (OSError, ValueError, TypeError, RuntimeError, SafetensorError) as error:
        first = str(error).splitlines()[0]
        raise DataError(f"{folder}: the model cannot be built: {first}", hint=AGAIN) from error
    _refuse_gaps(folder, network, said)
    return network.float().eval()


def names_of(folder: Path) -> list[str]:
    """Read the names of weights; of safetensors alone, which tell them without being loaded."""
    whole, index = (folder / name for name in WEIGHTS[:2])
    if whole.is_file():
        try:
            with safe_open(whole, "pt") as opened:
                return list(opened.keys())
        except (OSError, SafetensorError) as error:
            raise DataError(f"{whole}: {error}", hint=AGAIN) from error
    if index.is_file():
        return list(read_json(folder, index.name).get("weight_map") or {})
    return []


def _refuse_gaps(folder: Path, network: Anything, said: dict[str, Any]) -> None:
    """Raise if a weight is missing or of another size; name what may be its old name."""
    strange = sorted(said["unexpected_keys"])
    for name, found, wanted in sorted(said["mismatched_keys"]):
        raise DataError(
            f"{folder}: the weight {name} is {list(found)}, and by config.json {list(wanted)}",
            hint="the weights and config.json are of two models; take both from one place",
        )
    missing = sorted(set(said["missing_keys"]) - _derived(network))
    if missing:
        close = get_close_matches(missing[0], strange, n=1, cutoff=0.4)
        named = f"; {close[0]} is there, and nothing reads it" if close else ""
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise DataError(
            f"{folder}: the weight {missing[0]}{more} is missing{named}",
            hint="rename it in the checkpoint, or take one that this transformers reads",
        )


def _derived(network: Anything) -> set[str]:
    """Names of what is not learned: positions and tables that follow from the configuration."""
    learned = ("running_mean", "running_var", "layer_scalar", "put_min", "put_max")
    return {name for name, _ in network.named_buffers() if not name.endswith(learned)}


def read_tokenizer(folder: Path, config: Anything, *, strict: bool = True) -> tuple[str, int]:
    """Read the tokenizer, see that it is the text network's, and give its JSON and its limit.

    `strict`: its pieces are as many as the network's, and a text stands between the marks that the
    network's configuration names. Otherwise a network may know more pieces.
    """
    name = find(folder, *WORDS)
    try:
        made = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        backend = made.backend_tokenizer
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        first = str(error).splitlines()[0]
        raise DataError(f"{folder}/{name}: no tokenizer: {first}", hint=AGAIN) from error
    fault = _misfit(made, backend, config, strict=strict)
    if fault:
        raise DataError(
            f"{folder}/{name} is not the tokenizer of this model: {fault}",
            hint="take the tokenizer's files from where the weights are from",
        )
    return backend.to_str(), made.model_max_length


def _misfit(made: Anything, backend: Anything, config: Anything, *, strict: bool) -> str:
    """Say how a tokenizer and a text network differ, or nothing."""
    pieces = backend.get_vocab_size(with_added_tokens=True)
    if pieces > config.vocab_size or (strict and pieces < config.vocab_size):
        return f"it has {pieces} pieces, and the network {config.vocab_size}"
    if made.pad_token_id != config.pad_token_id:
        return f"it pads with {made.pad_token_id}, and the network with {config.pad_token_id}"
    ids = backend.encode("a dog").ids
    ends = (ids[0], ids[-1]) if ids else ()
    told = (config.bos_token_id, config.eos_token_id)
    if not strict or None in told or ends == told:
        return ""
    return f"a text stands between {ends}, and for the network between {told}"
