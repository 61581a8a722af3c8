import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
pytest.importorskip("safetensors", reason="training needs it: pip install 'earmark[lab]'")

from earmark.errors import DataError
from earmark.lab.experts import sentence
from earmark.lab.experts.bert import Bert
from earmark.lab.experts.sentence import SentenceModel, open_sentence
from lab.experts import tiny_text
from lab.experts.real import teacher_folder

torch.set_num_threads(1)


def tiny():
    model = Bert(tiny_text.CONFIG)
    model.load(tiny_text.weights())
    return SentenceModel(model, tiny_text.tokenizer())


def test_bert_reads_as_that_of_transformers(tmp_path):
    transformers = pytest.importorskip(
        "transformers", reason="the one to compare with: pip install 'earmark[experts]'"
    )
    tiny_text.save(tmp_path)
    ids = torch.tensor([[1, 4, 5, 6, 7, 8, 2], [1, 9, 10, 2, 0, 0, 0]])
    real = ids > 0

    found = open_sentence(tmp_path).model(ids, real)

    other = transformers.BertModel.from_pretrained(tmp_path, local_files_only=True).eval()
    expected = other(ids, attention_mask=real.long()).last_hidden_state
    torch.testing.assert_close(found[real], expected[real])


def test_weights_that_do_not_fit_are_not_taken():
    weights = tiny_text.weights()
    del weights["encoder.layer.1.output.dense.bias"]

    with pytest.raises(RuntimeError, match=r"layers\.1\.down\.bias"):
        Bert(tiny_text.CONFIG).load(weights)


def test_an_embedding_is_the_mean_over_both_ends_and_what_is_between_at_unit_length():
    model = tiny()

    found = model.read(["rain on a tin roof", "dog barks"]).embedding

    ids = torch.tensor([[1, 9, 10, 2]])
    mean = model.model(ids, ids > 0)[0].mean(dim=0)
    torch.testing.assert_close(found[1], mean / mean.norm())


def test_padding_does_not_change_an_embedding():
    together, alone = tiny().read(["a dog", "rain on a tin roof"]), tiny().read(["a dog"])

    torch.testing.assert_close(together.embedding[:1], alone.embedding)
    assert together.tokens.real.sum(dim=1).tolist() == [4, 7]
    assert not together.embedding.requires_grad


def test_what_is_over_256_word_pieces_is_cut():
    # 254 words and the two ends.
    torch.testing.assert_close(tiny().embed(["rain " * 254]), tiny().embed(["rain " * 254 + "dog"]))


def test_many_sentences_come_back_in_their_order(monkeypatch):
    monkeypatch.setattr(sentence, "BATCH", 2)
    words = ["rain on a tin roof", "dog", "a dog barks", "", "rain"]

    found = tiny().embed(words)

    torch.testing.assert_close(found, torch.cat([tiny().read([one]).embedding for one in words]))


def test_no_sentence_gives_no_row():
    assert tiny().embed([]).shape == (0, tiny_text.WIDTH)


def test_a_folder_gives_the_model(tmp_path):
    tiny_text.save(tmp_path)

    found = open_sentence(tmp_path).read(["a dog"])

    torch.testing.assert_close(found.embedding, tiny().embed(["a dog"]))
    assert found.tokens.x.shape == (1, 4, tiny_text.WIDTH)


@pytest.mark.parametrize("file", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_folder_without_one_of_its_files_is_refused(file, tmp_path):
    tiny_text.save(tmp_path)
    (tmp_path / file).unlink()

    with pytest.raises(DataError) as caught:
        open_sentence(tmp_path)

    assert caught.value.problem == f"an expert's file is missing: {tmp_path / file}"
    assert "EARMARK_TEACHERS" in caught.value.hint


def test_the_real_model_knows_that_a_hound_is_a_dog():
    model = open_sentence(teacher_folder("all-MiniLM-L6-v2"))

    dog, hound, rain = model.embed(["a dog barks", "a hound is barking", "heavy rain on a roof"])

    assert dog.shape == (384,)
    assert float(dog @ hound) == pytest.approx(0.797, abs=0.01)
    assert float(dog @ rain) == pytest.approx(0.165, abs=0.01)
