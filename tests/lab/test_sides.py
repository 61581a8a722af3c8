"""A mean counts what is real, by its weight, and nothing else."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.sides import Stream, mean, rows, together

X = torch.tensor([[[1.0, 0.0], [4.0, 8.0], [70.0, 90.0]]])  # the last is padding
REAL = torch.tensor([[True, True, False]])


def test_without_weights_the_real_ones_count_alike():
    assert mean(Stream(X, REAL)).tolist() == [[2.5, 4.0]]


def test_a_weighted_mean_by_hand():
    weight = torch.tensor([[3.0, 1.0, 5.0]])  # (3 * 1 + 1 * 4) / 4 and (3 * 0 + 1 * 8) / 4

    assert mean(Stream(X, REAL, weight=weight)).tolist() == [[1.75, 2.0]]


def test_only_the_ratio_of_weights_counts():
    weight = torch.tensor([[3e-30, 1e-30, 5.0]])

    torch.testing.assert_close(mean(Stream(X, REAL, weight=weight)), torch.tensor([[1.75, 2.0]]))


def test_more_padding_changes_nothing():
    padded = torch.cat([X, torch.full((1, 4, 2), 99.0)], dim=1)
    real = torch.cat([REAL, torch.zeros(1, 4, dtype=torch.bool)], dim=1)

    assert mean(Stream(padded, real)).equal(mean(Stream(X, REAL)))


def test_each_row_has_its_own_mean():
    x = torch.cat([X, X + 1])
    real = torch.tensor([[True, True, False], [False, True, True]])

    assert mean(Stream(x, real)).tolist() == [[2.5, 4.0], [38.0, 50.0]]


def test_where_nothing_is_real_the_mean_is_zero():
    assert mean(Stream(X, torch.zeros_like(REAL), weight=torch.ones(1, 3))).tolist() == [[0, 0]]


def test_a_stream_has_no_levels_and_no_weights_unless_told():
    assert Stream(X, REAL)[2:] == ((), None)


def test_a_clip_with_nothing_real_has_finite_gradients():
    x = torch.randn(2, 3, 4, requires_grad=True)
    weight = torch.rand(2, 3, requires_grad=True)
    real = torch.tensor([[True, True, False], [False, False, False]])

    (mean(Stream(x, real, weight=weight)) * 100).sum().backward()

    assert torch.isfinite(x.grad).all()
    assert torch.isfinite(weight.grad).all()


def test_streams_of_different_lengths_come_together_in_an_order():
    short = Stream(X[:, :2], REAL[:, :2], weight=torch.tensor([[3.0, 1.0]]))
    long = Stream(X + 1, torch.ones(1, 3, dtype=torch.bool), weight=torch.tensor([[1.0, 2.0, 4.0]]))

    found = together([short, long], torch.tensor([1, 0]))

    assert found.x[0].tolist() == (X + 1)[0].tolist()
    assert found.x[1].tolist() == [[1.0, 0.0], [4.0, 8.0], [0.0, 0.0]]
    assert found.real.tolist() == [[True, True, True], [True, True, False]]
    assert found.weight.tolist() == [[1.0, 2.0, 4.0], [3.0, 1.0, 0.0]]


def test_without_weights_there_are_none_and_rows_are_taken_from_the_first_on():
    found = together([Stream(X, REAL), Stream(X, REAL)], torch.tensor([0, 1]))

    assert found.weight is None
    assert rows(found, 1).x.shape == (1, 3, 2)
    weighed = found._replace(weight=torch.tensor([[1.0, 1, 1], [2, 2, 2]]))
    assert rows(weighed, 1).weight.tolist() == [[2, 2, 2]]
