"""Between two networks: worked out by hand, and what is no measurement stays."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import DataError
from earmark.lab.blend import blended

ONE = {"a": torch.tensor([1.0, -2.0]), "seen": torch.tensor(7)}
OTHER = {"a": torch.tensor([5.0, 2.0]), "seen": torch.tensor(9)}


def test_a_quarter_of_the_other():
    found = blended(ONE, OTHER, 0.25)

    assert found["a"].tolist() == [2.0, -1.0]
    assert found["seen"].item() == 9


@pytest.mark.parametrize(("share", "wanted"), [(0.0, ONE), (1.0, OTHER)])
def test_the_ends_are_the_two(share, wanted):
    assert torch.equal(blended(ONE, OTHER, share)["a"], wanted["a"])


def test_a_narrower_one_is_grown_first():
    """New channels are those of the other; nothing of the first hears them."""
    narrow, wide = {"a": torch.tensor([[2.0]])}, {"a": torch.tensor([[4.0, 6.0], [8.0, 10.0]])}

    assert blended(narrow, wide, 0.5)["a"].tolist() == [[3.0, 3.0], [8.0, 10.0]]


def test_the_two_stay_as_they_were():
    blended(ONE, OTHER, 0.5)["seen"].fill_(0)

    assert ONE["a"].tolist() == [1.0, -2.0]
    assert OTHER["seen"].item() == 9


def test_networks_of_other_kinds_are_refused():
    with pytest.raises(DataError, match="another network"):
        blended({"b": torch.ones(2)}, OTHER, 0.5)
