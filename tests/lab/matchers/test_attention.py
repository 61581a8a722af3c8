"""Attention and pooling, by hand; where nothing is real there is nothing, and no NaN."""

import math

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.matchers import attention
from earmark.lab.matchers.attention import (
    Attention,
    Attentive,
    AttFlat,
    Guided,
    PreNorm,
    ready,
    seen,
    share,
)
from earmark.lab.matchers.gist import gist
from earmark.lab.sides import Stream

LOG3 = math.log(3)  # against 0, a softmax makes 3/4 and 1/4 of it


@pytest.fixture(autouse=True)
def _same_every_time():
    torch.set_num_threads(1)
    torch.manual_seed(2)


def tensor(*rows):
    return torch.tensor([rows])


def all_real(x):
    return torch.ones(x.shape[:2], dtype=torch.bool)


def plain(width, heads):
    """Attention whose matrices change nothing."""
    made = Attention(width, heads)
    for layer in (made.ask, made.key, made.value, made.answer):
        torch.nn.init.eye_(layer.weight)
    return made


def test_shares_by_hand():
    logits = torch.tensor([[LOG3, 0.0, 50.0], [1.0, 2.0, 3.0]])
    real = torch.tensor([[True, True, False], [False, False, False]])

    torch.testing.assert_close(share(logits, real), torch.tensor([[0.75, 0.25, 0], [0, 0, 0]]))


def test_attention_by_hand():
    look = plain(2, 1)
    look.value.weight.data = torch.tensor([[2.0, 0.0], [0.0, 4.0]])
    look.answer.weight.data = torch.tensor([[0.0, 1.0], [1.0, 0.0]])  # swaps
    x, other = tensor([2**0.5 * LOG3, 0.0]), tensor([1.0, 0.0], [0.0, 1.0])
    # Fits are log 3 and 0, divided by the root of the width already; 3/4 (2, 0) + 1/4 (0, 4).

    torch.testing.assert_close(look(x, other, all_real(other)), tensor([1.0, 1.5]))


def test_every_head_looks_for_itself():
    x, other = tensor([LOG3, 0.0]), tensor([1.0, 5.0], [0.0, 7.0])
    # The first head sees 3/4 of 1 and 1/4 of 0; the second asks nothing, and sees the mean.

    found = plain(2, 2)(x, other, all_real(other))

    torch.testing.assert_close(found, tensor([0.75, 6.0]))


def test_a_side_that_is_ready_sees_the_same():
    one, two = Attention(4, 2), Attention(4, 2)
    text, audio = (Stream(x, all_real(x)) for x in (torch.randn(2, 3, 4), torch.randn(2, 5, 4)))

    told = seen(one, ready(text, one, two), ready(audio, two, one))

    torch.testing.assert_close(told, one(text.x, audio.x, audio.real))


@pytest.mark.parametrize("width", [4, 8])
def test_what_is_not_real_is_not_seen(width):
    look, x, other = Attention(width, 2), torch.randn(2, 3, width), torch.randn(2, 5, width)
    real = torch.arange(5) < torch.tensor([2, 4])[:, None]
    wanted = [
        look(x[n : n + 1], other[n : n + 1, :m], real[n : n + 1, :m]) for n, m in ((0, 2), (1, 4))
    ]

    torch.testing.assert_close(look(x, other, real), torch.cat(wanted))


@pytest.mark.parametrize("new", [lambda: Attention(4, 2), lambda: Guided(4, 2, 0.1)])
def test_who_asks_nobody_gets_nothing_and_finite_gradients(new):
    block = new()
    x, other = (torch.randn(2, 3, 4, requires_grad=True) for _ in range(2))
    real = torch.tensor([[False, False, False], [True, True, False]])

    out = block(x, other, real)
    (out * torch.randn_like(out)).sum().backward()

    found = [x.grad, other.grad, *(one.grad for one in block.parameters())]
    assert all(gradient.isfinite().all() for gradient in found)
    assert not other.grad[0].any()
    if isinstance(block, Attention):
        assert not out[0].any()


def test_a_block_with_norms_before_by_hand():
    block = PreNorm(2, 1, 0.0)
    block.look, block.look_norm = plain(2, 1), torch.nn.Identity()
    torch.nn.init.zeros_(block.think[2].weight)
    block.think[2].bias.data = torch.tensor([0.0, 7.0])
    x = tensor([2**0.25 * LOG3**0.5, 0.0], [0.0, 0.0])  # fits itself by log 3, the other one by 0
    moved = x[0, 0, 0].item()

    out = block(x, all_real(x))

    wanted = tensor([1.75 * moved, 7.0], [0.5 * moved, 7.0])
    torch.testing.assert_close(out, wanted)


def test_a_guided_block_norms_after_each_part():
    block = Guided(2, 1, 0.0)
    block.look = plain(2, 1)
    block.look_norm.weight.data = torch.tensor([3.0, 3.0])
    torch.nn.init.zeros_(block.think[2].weight)
    block.think[2].bias.data = torch.tensor([0.0, 8.0])
    x, guide = tensor([1.0, 0.0]), tensor([4.0, 0.0])
    # (1, 0) + (4, 0) is normed to (1, -1), times 3; (3, -3) + (0, 8) to (-1, 1).

    out = block(x, guide, all_real(guide))

    torch.testing.assert_close(out, tensor([-1.0, 1.0]), atol=1e-4, rtol=0)


def test_attflat_by_hand():
    pool = AttFlat(2)
    torch.nn.init.eye_(pool.scale[0].weight)
    torch.nn.init.zeros_(pool.scale[0].bias)
    pool.scale[2].weight.data = torch.tensor([[1.0, 0.0]])
    pool.merge.weight.data = torch.tensor([[0.0, 2.0], [1.0, 0.0]])  # swaps, and doubles one
    x = tensor([LOG3, 2.0], [-9.0, 6.0], [70.0, 90.0])  # the second bends to 0; the last is padding
    real = torch.tensor([[True, True, False]])
    mean = (0.75 * LOG3 - 0.25 * 9, 0.75 * 2 + 0.25 * 6)

    torch.testing.assert_close(pool(x, real), torch.tensor([[2 * mean[1], mean[0]]]))


def test_attflat_of_nothing_is_nothing():
    assert not AttFlat(4)(torch.randn(1, 3, 4), torch.zeros(1, 3, dtype=torch.bool)).any()


def test_attentive_pooling_by_hand():
    weigh = Attentive(2)
    torch.nn.init.eye_(weigh.scale[0].weight)
    torch.nn.init.zeros_(weigh.scale[0].bias)
    weigh.scale[2].weight.data = torch.tensor([[2.0, 0.0]])
    torch.nn.init.constant_(weigh.scale[2].bias, 1.0)
    x = tensor([5.0, 1.0], [0.0, 3.0], [9.0, 9.0])  # normed to (1, -1) and (-1, 1)
    logits = [1 + 2 * math.tanh(1), 1 - 2 * math.tanh(1)]
    wanted = [math.exp(8 * math.tanh(one / 8)) for one in logits]

    tokens = weigh(x, torch.tensor([[True, True, False]]))

    torch.testing.assert_close(tokens.weight, tensor(*wanted, 0.0)[..., :3], atol=1e-3, rtol=1e-4)
    pooled = torch.tensor([[5 * wanted[0], wanted[0] + 3 * wanted[1]]])
    torch.testing.assert_close(
        gist(tokens), torch.nn.functional.normalize(pooled), atol=1e-4, rtol=0
    )


def test_a_weight_fits_half_precision():
    weigh = Attentive(8)
    weigh.scale[2].weight.data *= 1000

    weight = weigh(torch.randn(40, 9, 8), torch.ones(40, 9, dtype=torch.bool)).weight

    assert weight.max() / weight.min() > 1e6
    torch.testing.assert_close(weight.half().float(), weight, rtol=1e-3, atol=0)


def test_heads_must_share_a_width_evenly():
    with pytest.raises(UsageError) as error:
        attention.refuse_uneven(10, 4, 0.1)

    assert str(error.value) == (
        "a matcher of width 10 cannot be shared by 4 heads\nmake the width a multiple of the heads"
    )


@pytest.mark.parametrize("dropout", [-0.1, 1.0, float("nan")])
def test_a_dropout_that_leaves_nothing_is_refused(dropout):
    with pytest.raises(UsageError, match="make it 0 or more, and under 1"):
        attention.refuse_uneven(8, 4, dropout)
