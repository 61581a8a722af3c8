"""Tiny text networks with random weights, and a tokenizer that knows a few words."""

import json

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WORDS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "rain", "on", "a", "tin", "roof", "dog", "barks"]
WIDTH, INNER, LAYERS = 12, 24, 2
CONFIG = {
    "model_type": "bert",
    "vocab_size": len(WORDS),
    "hidden_size": WIDTH,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 3,
    "intermediate_size": INNER,
    "max_position_embeddings": 300,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-3,  # large enough to be seen
    "hidden_act": "gelu",
    "pad_token_id": 0,
}


def tokenizer():
    made = Tokenizer(models.WordLevel({w: n for n, w in enumerate(WORDS)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    return made


def weights():
    """Weights of a BERT under the names that BERT's makers gave them."""
    generator = torch.Generator().manual_seed(7)
    return {name: torch.randn(shape, generator=generator) / 2 for name, shape in _shapes()}


def save(folder):
    """Write a BERT as it is published."""
    (folder / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    save_file(weights(), folder / "model.safetensors", metadata={"format": "pt"})
    made = tokenizer()
    made.enable_padding(length=128)  # as the published one has it
    made.save(str(folder / "tokenizer.json"))


def _shapes():
    for name, rows in (("word", len(WORDS)), ("position", 300), ("token_type", 2)):
        yield f"embeddings.{name}_embeddings.weight", (rows, WIDTH)
    yield from _norm("embeddings.LayerNorm")
    for n in range(LAYERS):
        layer = f"encoder.layer.{n}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            yield from _linear(f"{layer}.attention.{part}", WIDTH, WIDTH)
        yield from _norm(f"{layer}.attention.output.LayerNorm")
        yield from _linear(f"{layer}.intermediate.dense", INNER, WIDTH)
        yield from _linear(f"{layer}.output.dense", WIDTH, INNER)
        yield from _norm(f"{layer}.output.LayerNorm")
    yield from _linear("pooler.dense", WIDTH, WIDTH)


def _linear(name, outputs, inputs):
    yield from ((f"{name}.weight", (outputs, inputs)), (f"{name}.bias", (outputs,)))


def _norm(name):
    yield from ((f"{name}.weight", (WIDTH,)), (f"{name}.bias", (WIDTH,)))
