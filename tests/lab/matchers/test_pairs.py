"""All pairs in blocks: the same scores and gradients as one pair after another."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.matchers import pairs
from earmark.lab.matchers.pairs import chosen, each_pair, trimmed
from earmark.lab.sides import Stream


def stream(first, rows, length):
    """Rows that are told by their numbers: 100 times the row, and 1 a position."""
    x = first + 100.0 * torch.arange(rows)[:, None, None] + torch.arange(length)[None, :, None]
    return Stream(x, torch.ones(rows, length, dtype=torch.bool), (x * 2,), weight=x[..., 0])


def meet(text, audio):
    """10,000 times what the text says, and what the audio says."""
    return 1e4 * text.x.sum((1, 2)) + audio.x.sum((1, 2)) * audio.weight[:, 0] / audio.weight[:, 0]


def test_every_text_meets_every_audio():
    text, audio = stream(1, 2, 1), stream(3, 3, 1)

    scores = each_pair(meet, text, audio)

    assert scores.tolist() == [[10003, 10103, 10203], [1010003, 1010103, 1010203]]


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_blocks_of_any_size_give_one_result(monkeypatch, size):
    text, audio = stream(1, 3, 2), stream(3, 5, 4)
    whole = each_pair(meet, text, audio)

    monkeypatch.setattr(pairs, "AT_ONCE", size)

    assert each_pair(meet, text, audio).equal(whole)


@pytest.mark.parametrize("kept", [0, 1_000])
def test_a_gradient_is_that_of_all_pairs_at_once(monkeypatch, kept):
    monkeypatch.setattr(pairs, "AT_ONCE", 30)
    monkeypatch.setattr(pairs, "KEPT", kept)
    torch.manual_seed(3)
    scale = torch.nn.Linear(1, 1, bias=False)
    text, audio = stream(1, 2, 3), stream(2, 4, 5)

    def learned(one, other):
        return (scale(one.x).sum((1, 2)) * scale(other.x).sum((1, 2))).tanh() / 9

    each_pair(learned, text, audio).sum().backward()
    found, scale.weight.grad = scale.weight.grad, None
    rows = torch.arange(2).repeat_interleave(4), torch.arange(4).repeat(2)
    learned(chosen(text, rows[0]), chosen(audio, rows[1])).sum().backward()

    torch.testing.assert_close(found, scale.weight.grad)


def test_rows_are_chosen_with_all_that_belongs_to_them():
    one = chosen(stream(0, 3, 2), torch.tensor([2, 0, 2]))

    assert one.x[:, :, 0].tolist() == [[200, 201], [0, 1], [200, 201]]
    assert one.levels[0][:, :, 0].tolist() == [[400, 402], [0, 2], [400, 402]]
    assert one.weight.tolist() == [[200, 201], [0, 1], [200, 201]]
    assert chosen(one._replace(weight=None), torch.tensor([0])).weight is None


def test_an_end_that_no_row_needs_is_left_out():
    real = torch.tensor([[True, False, False, False], [False, False, True, False]])
    one = trimmed(stream(0, 2, 4)._replace(real=real))

    assert one.real.tolist() == [[True, False, False], [False, False, True]]
    assert one.x[1, :, 0].tolist() == [100, 101, 102]
    assert one.levels[0][0, :, 0].tolist() == [0, 2, 4]
    assert one.weight.tolist() == [[0, 1, 2], [100, 101, 102]]


def test_rows_without_anything_real_keep_one_token():
    one = trimmed(stream(0, 2, 3)._replace(real=torch.zeros(2, 3, dtype=torch.bool), weight=None))

    assert one.x.shape == (2, 1, 1)
    assert one.weight is None
