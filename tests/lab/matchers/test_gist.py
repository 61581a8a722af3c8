"""A gist is a weighted mean at unit length, or zero."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.matchers.gist import gist
from earmark.lab.sides import Stream

X = torch.tensor([[[1.0, 0.0], [0.0, 2.0], [70.0, 90.0]]])  # the last is padding
REAL = torch.tensor([[True, True, False]])


def test_a_gist_by_hand():
    weight = torch.tensor([[3.0, 2.0, 5.0]])  # 3 * (1, 0) + 2 * (0, 2) = (3, 4), of length 5

    torch.testing.assert_close(gist(Stream(X, REAL, weight=weight)), torch.tensor([[0.6, 0.8]]))


def test_without_weights_the_real_ones_count_alike():
    wanted = torch.tensor([[1.0, 2.0]]) / 5**0.5

    torch.testing.assert_close(gist(Stream(X, REAL)), wanted)


def test_where_nothing_is_real_it_is_zero():
    assert gist(Stream(X, torch.zeros_like(REAL))).tolist() == [[0, 0]]
