"""What a gate lets through, by hand."""

import math

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.matchers.gated import AdvisedGate, GatedUnit

THERE = torch.tensor([True])


def asking(gate):
    """A gate that asks (3, 4) for (0, ln 3); its norms change nothing."""
    gate.ask.weight.data = torch.tensor([[0.0, 0.0], [0.0, math.log(3) / 4]])
    gate.ask.bias.data.zero_()


def plain_unit():
    unit = GatedUnit(2, 2).eval()
    unit.project.weight.data = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    unit.project.bias.data.zero_()
    asking(unit.gate)
    return unit


def test_a_unit_by_hand():
    # (3, 2) is projected to (3, 4); the gates are 1/2 and 3/4, so (3/2, 3), along (1, 2).
    found = plain_unit()(torch.tensor([[3.0, 2.0]]), THERE)

    torch.testing.assert_close(found, torch.tensor([[1.0, 2.0]]) / 5**0.5, atol=1e-5, rtol=0)


def test_an_advised_gate_by_hand():
    gate = AdvisedGate(2).eval()
    asking(gate)
    advice = torch.tensor([[math.log(3), -math.log(3)]])  # beside (0, ln 3): gates of 3/4 and 1/2

    found = gate(torch.tensor([[3.0, 4.0]]), advice, THERE)

    torch.testing.assert_close(found, torch.tensor([[2.25, 2.0]]), atol=1e-5, rtol=0)


def test_each_norm_of_an_advised_gate_is_its_own():
    torch.manual_seed(2)
    gate = AdvisedGate(2)
    x, advice, there = torch.randn(5, 2), 40 + torch.randn(5, 2), torch.ones(5, dtype=torch.bool)

    gate(x, advice, there)

    assert gate.advice_norm.norm.running_mean.min() > 3
    assert gate.norm.norm.running_mean.abs().max() < 1


@pytest.mark.parametrize("junk", [0.0, 99.0])
def test_what_is_missing_is_zero_and_changes_no_other_while_learning(junk):
    torch.manual_seed(2)
    unit, x = GatedUnit(3, 4), torch.randn(4, 3)
    there = torch.tensor([True, False, True, True])
    alone = unit(x[there], there[there])

    found = unit(x.masked_fill(~there[:, None], junk), there)

    torch.testing.assert_close(found[there], alone)
    assert not found[~there].any()
