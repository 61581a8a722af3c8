import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
transformers = pytest.importorskip(
    "transformers", reason="this expert needs transformers: pip install 'earmark[experts]'"
)

from earmark.errors import DataError
from earmark.lab.experts.transformers_text import Reader, open_reader
from lab.experts import tiny_text

torch.set_num_threads(1)

SETTINGS = {
    "vocab_size": len(tiny_text.WORDS),
    "hidden_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 40,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
KINDS = pytest.mark.parametrize("kind", ["bert", "roberta"])


def network(kind="bert"):
    torch.manual_seed(7)
    if kind == "roberta":
        return transformers.RobertaModel(transformers.RobertaConfig(**SETTINGS))
    return transformers.BertModel(transformers.BertConfig(**SETTINGS))


def tokenizer(longest=20):
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tiny_text.tokenizer(),
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        unk_token="[UNK]",
        model_max_length=longest,
    )


@KINDS
def test_padding_does_not_change_an_embedding(kind):
    reader = Reader(network(kind), tokenizer())

    together = reader.read(["a dog", "rain on a tin roof", "dog"])
    alone = reader.read(["a dog"])

    torch.testing.assert_close(together.embedding[:1], alone.embedding)
    torch.testing.assert_close(together.tokens.x[:1, :4], alone.tokens.x)


@KINDS
def test_an_embedding_is_the_mean_over_both_ends_and_what_is_between(kind):
    model = network(kind).eval()

    found = Reader(model, tokenizer()).read(["dog barks"])

    x = model(torch.tensor([[1, 9, 10, 2]])).last_hidden_state
    torch.testing.assert_close(found.embedding, x.mean(dim=1))
    assert not found.embedding.requires_grad


@KINDS
@pytest.mark.parametrize(("levels", "layers"), [(0, []), (1, [1]), (2, [0, 1])])
def test_levels_are_what_comes_out_after_thirds_of_the_layers(kind, levels, layers):
    model = network(kind).eval()

    tokens = Reader(model, tokenizer(), levels).read(["dog barks"]).tokens

    said = model(torch.tensor([[1, 9, 10, 2]]), output_hidden_states=True)
    torch.testing.assert_close(tokens.x, said.last_hidden_state)
    assert len(tokens.levels) == levels
    for level, layer in zip(tokens.levels, layers, strict=True):
        torch.testing.assert_close(level, said.hidden_states[layer])


def test_real_marks_the_words_and_both_ends():
    reader = Reader(network(), tokenizer())

    tokens = reader.read(["dog barks", "rain on a roof"]).tokens

    assert tokens.real.sum(dim=1).tolist() == [4, 6]
    assert tokens.x.shape == (2, 6, 12)


def test_an_empty_sentence_has_its_two_ends():
    reader = Reader(network(), tokenizer())

    found = reader.read(["", "dog"])

    assert found.tokens.real[0].tolist() == [True, True, False]
    assert found.embedding.isfinite().all()


def test_a_sentence_over_the_limit_is_cut_there():
    reader = Reader(network(), tokenizer(longest=6))

    long, cut = reader.read(["rain on a roof on a roof"]), reader.read(["rain on a roof"])

    torch.testing.assert_close(long.embedding, cut.embedding)


def test_a_tokenizer_without_a_limit_is_cut_at_512():
    assert Reader(network(), tokenizer(longest=10**30)).longest == 512


@KINDS
def test_a_folder_gives_back_what_was_saved(kind, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    model = network(kind)
    model.save_pretrained(tmp_path)
    tokenizer().save_pretrained(tmp_path)
    capsys.readouterr()

    found = open_reader(tmp_path).read(["a dog barks"])

    expected = Reader(model, tokenizer()).read(["a dog barks"])
    torch.testing.assert_close(found.embedding, expected.embedding)
    assert capsys.readouterr() == ("", "")


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"missing: .*config\.json"):
        open_reader(tmp_path)
