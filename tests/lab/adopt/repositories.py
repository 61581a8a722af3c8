"""Whole repositories in the format of `transformers`, small and with random weights."""

import json

import torch
from safetensors.torch import load_file, save_file
from tokenizers import pre_tokenizers
from transformers import (
    ClapConfig,
    ClapFeatureExtractor,
    ClapModel,
    EmbeddingGemma2Config,
    EmbeddingGemma2Model,
    Gemma4AudioFeatureExtractor,
    GemmaTokenizer,
    PeAudioConfig,
    PeAudioFeatureExtractor,
    PeAudioModel,
    PeAudioVideoConfig,
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


def write_pe_audio(folder, *, frames=False):
    """All files of a PE audio: configuration, weights, tokenizer, front end, card."""
    pe_audio_model().save_pretrained(folder)
    if frames:
        change_json(folder / "config.json", architectures=["PeAudioFrameLevelModel"])
    roberta_tokenizer().save_pretrained(folder)
    PeAudioFeatureExtractor().save_pretrained(folder)
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    return folder


def write_pe_av(folder, *, stored="audio_model.audio_encoder."):
    """A PE-AV as it is published: its ears one name deeper, beside what sees; no `timm` needed."""
    write_pe_audio(folder)
    inner = pe_audio_model().config.to_dict()
    video = {"audio_config": inner["audio_config"], "hidden_size": 32}
    whole = PeAudioVideoConfig(text_config=inner["text_config"], audio_video_config=video)
    whole.architectures = ["PeAudioVideoModel"]
    whole.save_pretrained(folder)
    path = folder / "model.safetensors"
    places = {"audio_encoder": stored, "text_model": "text_model."}
    weights = {}
    for name, weight in load_file(path).items():
        first, _, rest = name.partition(".")
        weights[places[first] + rest if first in places else f"audio_model.{name}"] = weight
    weights["video_model.video_head.proj.weight"] = torch.zeros(3)
    save_file(weights, path, metadata={"format": "pt"})
    return folder


MARKS = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "<|audio>", "<|audio|>", "<audio|>"]


def gemma_tokenizer():
    """One piece a letter, blanks as they write them, and the marks around a sound."""
    names = [*MARKS, "▁", *"abcdefghijklmnopqrstuvwxyz:|.,"]
    vocabulary = {name: number for number, name in enumerate(names)}
    made = GemmaTokenizer(vocab=vocabulary, merges=[], add_bos_token=True, add_eos_token=True)
    made.add_special_tokens({"additional_special_tokens": MARKS[5:]})
    return made


def embedding_gemma():
    """Two conformer layers over a log-mel, three layers that read; random weights, no eyes."""
    torch.manual_seed(4)
    text = {
        "vocab_size": len(gemma_tokenizer()), "hidden_size": 32, "intermediate_size": 48,
        "num_hidden_layers": 3, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 16,
        "global_head_dim": 32, "hidden_size_per_layer_input": 8, "embedding_dim": 24,
        "sliding_window_pattern": 3,
    }  # fmt: skip
    audio = {
        "model_type": "gemma4_audio", "hidden_size": 32, "num_hidden_layers": 2,
        "num_attention_heads": 2, "output_proj_dims": 40, "subsampling_conv_channels": [128, 4],
    }  # fmt: skip
    begin, sound, end = (MARKS.index(name) for name in MARKS[5:])
    config = EmbeddingGemma2Config(
        text_config=text, audio_config=audio, vision_config=None, boa_token_id=begin,
        audio_token_id=sound, eoa_token_index=end, image_token_id=900, video_token_id=901,
    )  # fmt: skip
    model = EmbeddingGemma2Model(config).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim > 1:
                weight.normal_(0, 1 / weight[0].numel() ** 0.5)
            elif "norm" not in name:
                weight.normal_(0, 0.3)
    return model


PROMPT = "task: search result | query: "
STEPS = {
    "": "base.modules.transformer.Transformer",
    "1_Pooling": "sentence_transformer.modules.pooling.Pooling",
    "2_Normalize": "base.modules.normalize.Normalize",
}


def write_embedding_gemma(folder):
    """All files of an EmbeddingGemma 2 as it is published, but for those of its eyes."""
    embedding_gemma().save_pretrained(folder)
    gemma_tokenizer().save_pretrained(folder)
    Gemma4AudioFeatureExtractor().save_pretrained(folder)
    write_modules(folder, STEPS)
    for name, content in {
        "1_Pooling/config.json": {"pooling_mode": "mean", "embedding_dimension": 24},
        "2_Normalize/config.json": {},
        "config_sentence_transformers.json": {"prompts": {"SearchQuery": PROMPT}},
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n", encoding="utf-8")
    return folder


def write_modules(folder, steps):
    """What runs one after another, as `sentence-transformers` writes it: path and kind."""
    rows = [
        {"idx": at, "name": str(at), "path": path, "type": f"sentence_transformers.{kind}"}
        for at, (path, kind) in enumerate(steps.items())
    ]
    (folder / "modules.json").write_text(json.dumps(rows), encoding="utf-8")
