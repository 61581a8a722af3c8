"""Whole repositories in the format of `transformers`, small and with random weights."""

import json

import torch
from tokenizers import pre_tokenizers
from transformers import (
    ClapConfig,
    ClapFeatureExtractor,
    ClapModel,
    PeAudioConfig,
    PeAudioFeatureExtractor,
    PeAudioModel,
    RobertaTokenizerFast,
)
from transformers.utils import logging

logging.disable_progress_bar()
MERGES = [("d", "o"), ("do", "g"), ("r", "a"), ("i", "n"), ("ra", "in"), ("Ġ", "dog")]
CARD = "---\nlicense: cc-by-4.0\n---\n# A tiny CLAP\n"


def roberta_tokenizer(*, longest=60):
    """The byte-level pieces of RoBERTa with a few merges: 4 marks, 256 bytes, 6 pieces, a mask."""
    names = ["<s>", "<pad>", "</s>", "<unk>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    names += ["".join(pair) for pair in MERGES] + ["<mask>"]
    vocabulary = {name: number for number, name in enumerate(names)}
    return RobertaTokenizerFast(vocab=vocabulary, merges=MERGES, model_max_length=longest)


PIECES = len(roberta_tokenizer())


def clap_config(*, fused=False):
    return ClapConfig(
        text_config={
            "vocab_size": PIECES, "hidden_size": 32, "num_hidden_layers": 1,
            "num_attention_heads": 2, "intermediate_size": 64, "max_position_embeddings": 80,
        },
        audio_config={
            "patch_embeds_hidden_size": 8, "depths": [2, 1], "hidden_size": 16,
            "num_attention_heads": [1, 2], "enable_fusion": fused,
            "fusion_type": "aff_2d" if fused else None,
        },
        projection_dim=24,
    )  # fmt: skip


def clap_model(*, fused=False):
    """Weights drawn widely enough that sounds and sentences differ."""
    torch.manual_seed(4)
    model = ClapModel(clap_config(fused=fused)).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim > 1:
                weight.normal_(0, 2 / weight[0].numel() ** 0.5)
            elif name.endswith("bias"):
                weight.normal_(0, 0.3)
        norm = model.audio_model.audio_encoder.batch_norm
        norm.running_mean.fill_(-30.0)
        norm.running_var.fill_(400.0)
    return model


def clap_extractor(*, fused=False):
    return ClapFeatureExtractor(
        frequency_min=50, truncation="fusion" if fused else "rand_trunc", padding="repeatpad"
    )


def write_clap(folder, *, fused=False):
    """All files of a published CLAP: configuration, weights, tokenizer, front end, card."""
    clap_model(fused=fused).save_pretrained(folder)
    roberta_tokenizer().save_pretrained(folder)
    clap_extractor(fused=fused).save_pretrained(folder)
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    return folder


def change_json(path, **changes):
    """Change keys of a JSON file; `a__b` is a key inside another."""
    values = json.loads(path.read_text(encoding="utf-8"))
    for name, value in changes.items():
        *outer, last = name.split("__")
        inner = values
        for one in outer:
            inner = inner[one]
        inner[last] = value
    path.write_text(json.dumps(values), encoding="utf-8")


def pe_audio_model():
    """A wave codec, one layer over it, and a ModernBERT of two layers; random weights."""
    torch.manual_seed(4)
    codec = {
        "model_type": "dac", "encoder_hidden_size": 4, "downsampling_ratios": [2, 8, 10, 12],
        "codebook_dim": 8, "hidden_size": 64, "sampling_rate": 48_000,
    }  # fmt: skip
    text = {
        "model_type": "modernbert", "vocab_size": PIECES, "hidden_size": 32,
        "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2,
        "max_position_embeddings": 64, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2,
        "cls_token_id": 0, "sep_token_id": 2,
    }  # fmt: skip
    audio = {
        "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1,
        "num_attention_heads": 2, "head_dim": 16, "dac_config": codec,
    }  # fmt: skip
    model = PeAudioModel(PeAudioConfig(text_config=text, audio_config=audio)).eval()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.normal_(0, 1 / weight[0].numel() ** 0.5)
    return model


def write_pe_audio(folder):
    """All files of a PE audio: configuration, weights, tokenizer, front end, card."""
    pe_audio_model().save_pretrained(folder)
    roberta_tokenizer().save_pretrained(folder)
    PeAudioFeatureExtractor().save_pretrained(folder)
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    return folder
