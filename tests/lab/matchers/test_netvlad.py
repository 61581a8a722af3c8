"""Sums of differences from centres: by hand, with padding, with ghosts, and with nothing at all."""

import math

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.matchers.netvlad import NetVLAD
from earmark.lab.matchers.realnorm import RealNorm
from earmark.lab.sides import Stream

TOKENS = torch.tensor([[[1.0, 0.0], [0.0, 2.0]]])
BOTH = torch.tensor([[True, True]])
ASSIGN = torch.tensor([[math.log(3), 0.0], [0.0, math.log(2)]])
CENTRES = torch.tensor([[0.0, 0.0], [1.0, 20 / 21]])


def by_hand(clusters, ghosts=0):
    """The pooling whose numbers are worked out below; its norm changes nothing."""
    pool = NetVLAD(2, clusters, ghosts=ghosts).eval()
    pool.assign.data, pool.centres.data = ASSIGN, CENTRES[:clusters]
    return pool


def random_stream(*lengths, width=6, seed=3):
    real = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    x = torch.randn(*real.shape, width, generator=torch.Generator().manual_seed(seed))
    return Stream(x, real)


def test_two_tokens_and_two_centres_by_hand():
    # The first token has logits (ln 3, 0), so shares (3/4, 1/4); the second (0, ln 4), (1/5, 4/5).
    # Near the first centre:  3/4 (1, 0) + 1/5 (0, 2) - 19/20 (0, 0) = (3/4, 2/5), of length 17/20.
    # Near the second: 1/4 (1, 0) + 4/5 (0, 2) - 21/20 (1, 20/21) = (-4/5, 3/5), of length 1.
    wanted = torch.tensor([[15 / 17, 8 / 17, -4 / 5, 3 / 5]]) / math.sqrt(2)

    found = by_hand(2)(Stream(TOKENS, BOTH))

    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=0)


def test_what_a_ghost_gets_is_forgotten():
    found = by_hand(1, ghosts=1)(Stream(TOKENS, BOTH))  # the same shares; the second is a ghost's

    torch.testing.assert_close(found, torch.tensor([[15 / 17, 8 / 17]]), atol=1e-5, rtol=0)


def test_a_token_that_is_not_real_counts_nowhere():
    one = Stream(TOKENS, torch.tensor([[True, False]]))

    found = by_hand(1, ghosts=1)(one)  # 3/4 (1, 0), of whatever length

    torch.testing.assert_close(found, torch.tensor([[1.0, 0.0]]))


@pytest.mark.parametrize("learning", [True, False])
def test_padding_changes_nothing_while_learning_either(learning):
    torch.manual_seed(1)
    pool = NetVLAD(6, 3, ghosts=1).train(learning)
    short = random_stream(4, 2, 3)
    x = torch.cat([short.x, torch.full((3, 5, 6), 99.0)], dim=1)
    real = torch.cat([short.real, torch.zeros(3, 5, dtype=torch.bool)], dim=1)

    torch.testing.assert_close(pool(Stream(x, real)), pool(short))


def test_nothing_real_gives_zeros_and_a_finite_gradient():
    torch.manual_seed(1)
    pool = NetVLAD(6, 3)
    stream = random_stream(4, 2)._replace(real=torch.zeros(2, 4, dtype=torch.bool))

    found = pool(stream._replace(x=stream.x.requires_grad_()))
    (1e3 * found).sum().backward()

    assert found.shape == (2, pool.width)
    assert not found.any()
    gradients = [stream.x.grad, *(one.grad for one in pool.parameters())]
    assert all(one.isfinite().all() for one in gradients if one is not None)


def test_the_norm_knows_the_real_rows_alone():
    norm = RealNorm(1)
    x = torch.tensor([[[1.0], [70.0]], [[3.0], [5.0]]])  # of the real ones: mean 3, spread 8/3
    real = torch.tensor([[True, False], [True, True]])

    found = norm(x, real)[..., 0]

    spread = math.sqrt(8 / 3 + 1e-5)
    torch.testing.assert_close(found[real], torch.tensor([-2, 0, 2]) / spread)
    assert norm.norm.running_mean.item() == pytest.approx(0.3)
    assert norm.norm.running_var.item() == pytest.approx(0.9 + 0.1 * 4)  # 8 / (3 - 1)


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_real_rows_are_normed_by_what_was_learned(rows):
    norm = RealNorm(2)
    norm.norm.running_mean.fill_(1.0)
    norm.norm.running_var.fill_(4.0)
    real = torch.tensor([rows > 0, False])

    found = norm(torch.tensor([[5.0, -1.0], [9.0, 9.0]]), real)

    torch.testing.assert_close(found[0], torch.tensor([2.0, -1.0]), atol=1e-5, rtol=0)
    assert norm.norm.running_mean.tolist() == [1, 1]
