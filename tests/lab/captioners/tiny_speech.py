"""Tiny networks from sound to words with random weights, saved as `transformers` saves them."""

import torch
import transformers

from lab.experts import tiny_text

WORDS = len(tiny_text.WORDS)
ENDS = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}


def tokenizer():
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tiny_text.tokenizer(),
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        unk_token="[UNK]",
        bos_token="[CLS]",
        eos_token="[SEP]",
    )


def whisper(folder):
    """Whisper's kind, of a second of sound."""
    torch.manual_seed(3)
    config = transformers.WhisperConfig(
        vocab_size=WORDS,
        num_mel_bins=8,
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        max_source_positions=50,
        max_target_positions=60,
        decoder_start_token_id=1,
        suppress_tokens=None,
        begin_suppress_tokens=None,
        **ENDS,
    )
    transformers.WhisperForConditionalGeneration(config).save_pretrained(folder)
    front = transformers.WhisperFeatureExtractor(
        feature_size=8, sampling_rate=16_000, hop_length=160, chunk_length=1, n_fft=400
    )
    front.save_pretrained(folder)
    tokenizer().save_pretrained(folder)


def speech_encoder_decoder(folder):
    """An encoder for waves of any length, and BERT as it goes on from what it said."""
    torch.manual_seed(4)
    ears = transformers.Wav2Vec2Config(
        hidden_size=12,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        conv_dim=(8, 8),
        conv_stride=(8, 8),
        conv_kernel=(8, 8),
        num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=2,
    )
    mouth = transformers.BertConfig(
        vocab_size=WORDS,
        hidden_size=12,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=60,
        is_decoder=True,
        add_cross_attention=True,
        **ENDS,
    )
    config = transformers.SpeechEncoderDecoderConfig.from_encoder_decoder_configs(ears, mouth)
    config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = 1, 0, 2
    model = transformers.SpeechEncoderDecoderModel(config=config)
    model.generation_config.decoder_start_token_id = 1
    model.generation_config.pad_token_id, model.generation_config.eos_token_id = 0, 2
    model.save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(sampling_rate=8_000).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
