"""Places: each token is told how far into its sound it stands, padding is told nothing."""

import math

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.features.placed import placed
from earmark.lab.sides import Stream

HALF = math.sqrt(0.5)


def stream():
    """A sound of two tokens, and one of one token, padded."""
    real = torch.tensor([[True, True], [True, False]])
    return Stream(torch.tensor([[[5.0], [7.0]], [[9.0], [0.0]]]), real)


def test_golden_places():
    x = placed(stream(), 2).x

    # Two tokens stand at 1/4 and 3/4, one at 1/2: sin, sin of twice that, cos, cos of twice that.
    first, last = [5, HALF, 1, HALF, 0], [7, HALF, -1, -HALF, 0]
    torch.testing.assert_close(x[0], torch.tensor([first, last]))
    torch.testing.assert_close(x[1], torch.tensor([[9, 1, 0, 0, -1], [0.0] * 5]), atol=1e-6, rtol=0)


def test_padding_changes_no_place():
    one = stream()
    longer = one._replace(
        x=torch.cat([one.x, torch.zeros(2, 3, 1)], dim=1),
        real=torch.cat([one.real, torch.zeros(2, 3, dtype=torch.bool)], dim=1),
    )

    torch.testing.assert_close(placed(longer, 3).x[:, :2], placed(one, 3).x)
    assert not placed(longer, 3).x[:, 2:].any()


def test_no_places_leave_a_sound_as_it_is():
    one = stream()

    assert placed(one, 0) is one


def test_nothing_to_hear_has_no_place():
    none = Stream(torch.zeros(1, 2, 1), torch.zeros(1, 2, dtype=torch.bool))

    assert placed(none, 1).x.tolist() == [[[0, 0, 0], [0, 0, 0]]]
