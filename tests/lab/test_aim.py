"""The space of the classes: products there are those of the weights, and what is common is gone."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.aim import aim_of, point
from earmark.lab.matchers import Widths, new_matcher

torch.manual_seed(0)
CLASSES = torch.randn(7, 5) + torch.tensor([9.0, 0, 0, 0, 0])  # all tell how much there is to hear


def test_a_class_and_a_token_meet_as_the_weights_say():
    """With all directions the product of place and token is the weight of that class alone."""
    aim, token = aim_of(CLASSES, 5), torch.randn(5)

    found = aim.places @ (aim.audio @ token)

    wanted = (CLASSES - CLASSES.mean(0)) @ token
    torch.testing.assert_close(found, wanted, atol=1e-4, rtol=1e-4)


def test_fewer_directions_are_the_strongest():
    """Two classes apart by 6 along one axis, by 2 along another: one direction keeps the first."""
    classes = torch.tensor([[3.0, 1.0], [-3.0, 1.0], [3.0, -1.0], [-3.0, -1.0]])

    aim = aim_of(classes, 1)

    assert abs(aim.audio[0, 0]) == pytest.approx(6)  # the root of four nines
    assert aim.audio[0, 1].abs() < 1e-4
    assert sorted(aim.places[:, 0].mul(aim.audio[0, 0].sign()).round(decimals=3).tolist()) == [
        -0.5,
        -0.5,
        0.5,
        0.5,
    ]


def test_a_matcher_is_pointed():
    matcher = new_matcher("pooled", Widths({"main": 4}, {"main": 5}), width=3)

    point(matcher, aim_of(CLASSES, 3))

    assert torch.equal(matcher.audio.weight, aim_of(CLASSES, 3).audio)


def test_what_cannot_be_aimed_is_told():
    widths = Widths({"main": 8}, {"main": 5})
    with pytest.raises(UsageError, match="the ears have 5 directions"):
        aim_of(CLASSES, 6)
    with pytest.raises(UsageError, match="more than one matrix"):
        point(new_matcher("refine", widths, width=4), aim_of(CLASSES, 4))
    with pytest.raises(UsageError, match="more than one matrix"):
        point(new_matcher("pooled", widths, width=4), aim_of(CLASSES, 3))
