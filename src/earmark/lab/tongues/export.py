"""From a run of the task `translate` to a folder that reads other languages for a bundle.

Nothing is written if onnxruntime and torch disagree by more than 1e-4. Beside the network lies a
list of English words: a text of these alone is left to the bundle unseen.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from earmark.lab.export import recipe_text, refuse_disparity
from earmark.lab.graphs import export_graph
from earmark.lab.matchers.gist import gist, weights
from earmark.lab.objectives import Places
from earmark.lab.objectives.read import texts_of, tokenizer_of
from earmark.lab.objectives.translate import TEACHER, Translator
from earmark.lab.pack import pack
from earmark.lab.recipe import Recipe, parse_recipe
from earmark.lab.start import read_weights
from earmark.lab.tongues import TONGUES
from earmark.lab.towers.tokenizer import encode
from earmark.model.bundle import refuse_old
from earmark.model.model import Model
from earmark.model.page import CARD, TEXT, TOKENIZER
from earmark.model.tongues import ENGLISH_WORDS, GRAPH, PAGE, TonguesPage, read_tongues, words_in

TEXTS = ("ein Hund bellt, dann läutet eine Glocke", "dog")  # that torch and onnxruntime both read
LICENCE = "Apache-2.0"


class TonguesGraph(nn.Module):
    """Word pieces to a gist, tokens as long as they count, and scores of languages."""

    def __init__(self, model: Translator) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Read: [n, L], [n, L] -> [n, width], [n, L, width], [n, T]."""
        tokens, tongues = self.model.tokens(ids, mask)
        return gist(tokens), tokens.x * weights(tokens)[..., None], tongues


def export_tongues(
    run: Path, folder: Path, places: Places, results: Mapping[str, Any] | None = None
) -> Path:
    """Write the folder of a trained run, with what was measured of it by protocol.

    English words are those of the texts that its teacher learned from.
    """
    refuse_old(folder)
    text = recipe_text(run)
    recipe = parse_recipe(text, str(run))
    model = translator_of(recipe, read_weights(run))
    graph = TonguesGraph(model).eval()
    plain = _onnx(graph)
    tokenizer = tokenizer_of(model.state_dict())
    ids, mask = encode(tokenizer, TEXTS)
    refuse_disparity(GRAPH, graph, plain, {"ids": ids.numpy(), "mask": mask.numpy()})
    teacher = Model.load(recipe.teachers.get("words", TEACHER))
    english = chain.from_iterable(texts_of(parse_recipe(teacher.page.recipe, "its page"), places))
    contents = {
        GRAPH: pack(plain),
        TOKENIZER: tokenizer.to_str().encode(),
        ENGLISH_WORDS: "\n".join(english_words(english)).encode(),
        CARD: _card(recipe).encode(),
    }
    page = TonguesPage(
        name=recipe.name,
        licence=LICENCE,
        text=teacher.page.files[TEXT],
        tongues=TONGUES,
        longest=recipe.words.longest,
        width=teacher.width,
        recipe=text,
        results=dict(results or {}),
        files={name: sha256(content).hexdigest() for name, content in contents.items()},
    )
    _write(folder, contents | {PAGE: page.dumps().encode()})
    return folder


def translator_of(recipe: Recipe, found: Mapping[str, Tensor]) -> Translator:
    """Build the network of a recipe and load its weights."""
    made = Translator(recipe.words, tokenizer_of(found), taught_width=found["into.weight"].shape[0])
    made.load_state_dict(dict(found))
    return made.eval()


def english_words(texts: Iterable[str]) -> list[str]:
    """Every word that stands in texts, in order."""
    return sorted(words_in(texts))


def _onnx(graph: TonguesGraph) -> bytes:
    example = (torch.ones(2, 7, dtype=torch.int64), torch.ones(2, 7, dtype=torch.bool))
    free = {name: {0: "n", 1: "pieces"} for name in ("ids", "mask")}
    return export_graph(graph, example, list(free), ["gist", "tokens", "tongues"], free)


def _card(recipe: Recipe) -> str:
    return f"""# {recipe.name}

A small network that reads {", ".join(TONGUES)}: it gives a sentence the vector that
{recipe.teachers.get("words", TEACHER)} gives the same sentence in English. Licence: {LICENCE}.
What it learned from, and how well it reads: docs/languages.md of earmark.
"""


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write all of it beside, read it back, and only then give it its name."""
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for name, content in contents.items():
        (part / name).write_bytes(content)
    read_tongues(part).read(TEXTS[0])
    part.rename(folder)
