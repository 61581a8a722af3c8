import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
transformers = pytest.importorskip(
    "transformers", reason="this expert needs transformers: pip install 'earmark[experts]'"
)

from earmark.errors import DataError
from earmark.lab.experts.transformers_audio import (
    AstEars,
    ClapEars,
    WhisperEars,
    open_ast,
    open_clap,
    open_whisper,
)

torch.set_num_threads(1)

RATE = 16_000
KINDS = ["ast", "clap", "whisper"]


def clap_parts(fused=False):
    torch.manual_seed(1)
    config = transformers.ClapAudioConfig(
        num_mel_bins=16,
        spec_size=64,
        window_size=4,
        patch_embeds_hidden_size=8,
        depths=[1, 1],
        num_attention_heads=[2, 2],
        hidden_size=16,
        projection_dim=6,
        num_classes=2,
        enable_fusion=fused,
        aff_block_r=2,
    )
    extractor = transformers.ClapFeatureExtractor(
        feature_size=16,
        sampling_rate=RATE,
        hop_length=160,
        max_length_s=1,
        fft_window_size=512,
        frequency_max=8000,
        truncation="fusion" if fused else "rand_trunc",
    )
    return transformers.ClapAudioModelWithProjection(config), extractor


def ast_parts():
    torch.manual_seed(2)
    config = transformers.ASTConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        num_mel_bins=32,
        max_length=100,
        id2label={0: "Dog", 1: "Rain, heavy", 2: "Car"},
        label2id={"Dog": 0, "Rain, heavy": 1, "Car": 2},
    )
    extractor = transformers.ASTFeatureExtractor(num_mel_bins=32, max_length=100)
    return transformers.ASTForAudioClassification(config), extractor


def whisper_parts():
    torch.manual_seed(3)
    config = transformers.WhisperConfig(
        vocab_size=20,
        d_model=16,
        num_mel_bins=20,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_source_positions=50,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=3,
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )
    extractor = transformers.WhisperFeatureExtractor(feature_size=20, chunk_length=1)
    return transformers.WhisperModel(config), extractor


def ears(kind):
    if kind == "clap":
        return ClapEars(*clap_parts())
    if kind == "ast":
        return AstEars(*ast_parts())
    model, extractor = whisper_parts()
    return WhisperEars(model.encoder, extractor)


def noise(batch=2, seconds=1.0, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, round(RATE * seconds), generator=generator) / 10


@pytest.mark.parametrize(
    ("kind", "width", "tokens"),
    # CLAP: 64 x 4 columns of 4 x 4 patches, halved once; AST: 100 frames, patches of 16 every 10;
    # Whisper: 100 frames, halved once.
    [("clap", 6, (32, 16)), ("ast", 16, (9, 16)), ("whisper", 16, (50, 16))],
)
def test_a_full_input_gives_so_many_tokens(kind, width, tokens):
    heard = ears(kind).hear(noise())

    assert heard.embedding.shape == (2, width)
    assert heard.tokens.x.shape == (2, *tokens)
    assert heard.tokens.real.shape == (2, tokens[0])
    assert heard.tokens.real.all()
    assert not heard.embedding.requires_grad


@pytest.mark.parametrize("kind", KINDS)
def test_a_clip_is_heard_the_same_beside_any_other(kind):
    expert, waves = ears(kind), noise(3)

    together, alone = expert.hear(waves), expert.hear(waves[1:2])

    torch.testing.assert_close(together.embedding[1:2], alone.embedding)
    torch.testing.assert_close(together.tokens.x[1:2], alone.tokens.x)


@pytest.mark.parametrize(("kind", "tokens"), [("clap", 13), ("ast", 4), ("whisper", 20)])
def test_tokens_that_stand_for_filling_are_left_out(kind, tokens):
    assert ears(kind).hear(noise(seconds=0.4)).tokens.x.shape[:2] == (2, tokens)


@pytest.mark.parametrize("kind", KINDS)
def test_a_longer_wave_is_heard_in_equal_pieces(kind):
    expert, wave = ears(kind), noise(1, seconds=1.8)

    heard = expert.hear(wave)
    first, second = expert.hear(wave[:, :14_400]), expert.hear(wave[:, 14_400:])

    torch.testing.assert_close(heard.tokens.x, torch.cat([first.tokens.x, second.tokens.x], dim=1))
    torch.testing.assert_close(heard.embedding, (first.embedding + second.embedding) / 2)
    assert heard.tokens.real.shape == heard.tokens.x.shape[:2]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", [0.15, 0.4, 0.9])
def test_a_change_is_heard_most_in_the_tokens_of_its_time(kind, place):
    expert, wave, other = ears(kind), noise(1), noise(1)
    other[:, round((place - 0.03) * RATE) : round((place + 0.03) * RATE)] = 0

    changed = (expert.hear(wave).tokens.x - expert.hear(other).tokens.x).abs().sum(dim=2)[0]

    centres = (torch.arange(len(changed)) + 0.5) / len(changed)
    assert centres[changed.argmax()] == pytest.approx(place, abs=0.1)


def test_whisper_s_embedding_is_the_mean_of_what_stands_for_sound():
    heard = ears("whisper").hear(noise(seconds=0.4))

    torch.testing.assert_close(heard.embedding, heard.tokens.x.mean(dim=1))


def test_ast_gives_probabilities_by_name():
    model, extractor = ast_parts()
    expert, waves = AstEars(model, extractor), noise()

    given = extractor(list(waves.numpy()), sampling_rate=RATE, return_tensors="pt")
    expected = model(**given).logits.sigmoid()

    assert expert.names == ("Dog", "Rain, heavy", "Car")
    torch.testing.assert_close(expert.hear(waves).scores, expected)


def test_clap_agrees_with_the_whole_of_transformers():
    model, extractor = clap_parts()
    waves = noise()

    given = extractor(list(waves.numpy()), sampling_rate=RATE, return_tensors="pt")
    said = model.eval()(given["input_features"].float())

    found = ClapEars(model, extractor).hear(waves)
    torch.testing.assert_close(found.embedding, said.audio_embeds)
    # The embedding comes from the mean over all its maps, of which the tokens are the columns.
    torch.testing.assert_close(model.audio_projection(found.tokens.x.mean(dim=1)), found.embedding)
    assert found.scores is None


@pytest.mark.parametrize("levels", [1, 2])
def test_clap_s_levels_lie_where_their_tokens_lie(levels):
    plain, expert = ClapEars(*clap_parts()), ClapEars(*clap_parts(), levels)

    heard, short = expert.hear(noise()).tokens, expert.hear(noise(seconds=0.4)).tokens
    long = expert.hear(noise(1, seconds=1.8)).tokens

    torch.testing.assert_close(heard.x, plain.hear(noise()).tokens.x)
    assert plain.hear(noise()).tokens.levels == ()
    widths = [8, 16][2 - levels :]  # what goes into both stages of the tiny one
    for tokens in (heard, short, long):
        assert [one.shape for one in tokens.levels] == [(*tokens.x.shape[:2], w) for w in widths]


@pytest.mark.parametrize("place", [0.15, 0.4, 0.9])
def test_a_change_is_heard_most_at_its_time_on_the_first_level_too(place):
    expert, wave, other = ClapEars(*clap_parts(), 2), noise(1), noise(1)
    other[:, round((place - 0.03) * RATE) : round((place + 0.03) * RATE)] = 0

    one, two = (expert.hear(x).tokens.levels[0] for x in (wave, other))

    changed = (one - two).abs().sum(dim=2)[0]
    centres = (torch.arange(len(changed)) + 0.5) / len(changed)
    assert centres[changed.argmax()] == pytest.approx(place, abs=0.1)


def test_what_a_stage_sees_is_laid_in_the_order_of_time():
    # The input in four parts of two rows and three columns, each under the one before.
    maps = torch.arange(24.0).view(1, 1, 8, 3)

    level = ClapEars(*clap_parts(), 1)._level(maps, 12)

    by_hand = [1.5, 2.5, 3.5, 7.5, 8.5, 9.5, 13.5, 14.5, 15.5, 19.5, 20.5, 21.5]
    assert level[0, :, 0].tolist() == by_hand
    assert ClapEars(*clap_parts(), 1)._level(maps, 4)[0, :, 0].tolist() == [2.5, 8.5, 14.5, 20.5]


def test_fused_clap_does_not_call_a_clip_long_by_chance():
    expert, waves = ClapEars(*clap_parts(fused=True)), noise(3)

    np.random.seed(0)  # noqa: NPY002 - its extractor draws from here
    heard = expert.hear(waves).embedding
    for _ in range(4):
        torch.testing.assert_close(expert.hear(waves).embedding, heard)


@pytest.mark.parametrize(
    ("opens", "parts"),
    [(open_clap, clap_parts), (open_ast, ast_parts), (open_whisper, whisper_parts)],
    ids=["clap", "ast", "whisper"],
)
def test_a_folder_gives_back_what_was_saved(opens, parts, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    model, extractor = parts()
    model.save_pretrained(tmp_path)
    extractor.save_pretrained(tmp_path)
    part = model.encoder if opens is open_whisper else model
    kind = {open_clap: ClapEars, open_ast: AstEars, open_whisper: WhisperEars}[opens]

    found = opens(tmp_path).hear(noise())

    torch.testing.assert_close(found.embedding, kind(part, extractor).hear(noise()).embedding)


@pytest.mark.parametrize("opens", [open_clap, open_ast, open_whisper])
def test_a_folder_without_a_front_end_is_refused(opens, tmp_path):
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")

    with pytest.raises(DataError, match=r"missing: .*preprocessor_config\.json"):
        opens(tmp_path)
