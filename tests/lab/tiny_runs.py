"""Runs of tiny networks with random weights, as training leaves them."""

import torch
from safetensors.torch import save_file

from earmark.lab.captioners.constants import open_constants
from earmark.lab.objectives.both import Both
from earmark.lab.objectives.hear import Ears
from earmark.lab.objectives.read import Reader
from earmark.lab.recipe import parse_recipe
from earmark.lab.towers.tokenizer import train_tokenizer

EARS = """
[ears]
widths = [4, 8, 8]
depths = [1, 1, 1]
width = 32
looks = 1
"""
HEAR = f'name = "tiny-ears"\ntask = "hear"\n[data]\ntrain = ["clips:x"]\n{EARS}'
MATCH = f"""
name = "tiny"
task = "match"
[data]
train = ["clips:x"]
sentences = ["phrases"]
[start]
ears = "START"
words = "b"
held = ["ears"]
{EARS}
[words]
vocabulary = 300
longest = 16
width = 24
depth = 1
heads = 2
[matcher]
name = "NAME"
width = 40
"""
CAPTIONS = ["rain on a roof", "Rain on a roof.", "a dog", "waves at the sea, far away", "thunder"]
SENTENCES = ["rain on a tin roof", "a dog barking in the distance", "waves at the sea"]


def ears_run(folder, classes=527):
    torch.manual_seed(1)
    recipe = parse_recipe(HEAR, "here")
    return _write(folder, HEAR, _shaken(Ears(recipe.ears, classes=classes, taught_width=384)))


def both_run(folder, matcher="pooled", more="", captions=()):
    """The ears and words are the same ones whatever the matcher; `more` is told to it.

    `captions` are for the bank that `more` may name.
    """
    torch.manual_seed(2)
    text = MATCH.replace("NAME", matcher).replace("START", str(folder.parent / "plain")) + more
    recipe = parse_recipe(text, "here")
    words = Reader(
        recipe.words, train_tokenizer(SENTENCES, vocabulary=300, longest=16), taught_width=384
    )
    ears = _shaken(Ears(recipe.ears, classes=527, taught_width=384))
    bank = open_constants(recipe, captions, words)
    return _write(folder, text, Both(recipe, ears, words, bank))


def bank_run(place, matcher, more=""):
    """A run with a bank of captions, and beside it the one that looks through it."""
    plain = place / "plain"
    both_run(plain)
    told = f'{more}\n[captions]\ncaptioner = "bank"\nrun = "{plain}"\ncount = 2\n'
    return both_run(place / "run", matcher, told, CAPTIONS)


def _shaken(model):
    """Norms as after training: not the identity that they begin as."""
    for name, value in model.state_dict().items():
        if "running_mean" in name:
            value.normal_(0, 0.2)
        if "running_var" in name:
            value.uniform_(0.5, 2)
    return model


def save_run(folder, model):
    """Keep what a network has learned as the weights of a run."""
    weights = {name: value.contiguous() for name, value in model.state_dict().items()}
    save_file(weights, folder / "model.safetensors")


def _write(folder, text, model):
    folder.mkdir()
    (folder / "recipe.toml").write_text(text, encoding="utf-8")
    save_run(folder, model)
    return model.eval()
