"""The text tower: padding is not read, words and their order are, and ONNX says the same."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

import numpy as np

from earmark.errors import UsageError
from earmark.lab.sides import mean
from earmark.lab.towers.transformer import TextTower

SIZES = {"vocabulary": 50, "longest": 12, "width": 16, "depth": 3, "heads": 4}


@pytest.fixture(autouse=True)
def _same_every_time():
    torch.set_num_threads(1)
    torch.manual_seed(5)


@pytest.fixture
def tower():
    tower = TextTower(**SIZES).eval()
    for parameter in tower.parameters():  # as after training: a fresh one is nearly linear
        parameter.data += 0.2 * torch.randn_like(parameter)
    return tower


def sentences(lengths=(7, 3, 5)):
    mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    return torch.randint(3, 50, mask.shape) * mask, mask


def parts(stream):
    return [stream.x, stream.weight, *stream.levels]


def test_a_stream_has_tokens_weights_and_the_blocks_before_the_last(tower):
    ids, mask = sentences()

    stream = tower(ids, mask)

    assert stream.x.shape == (3, 7, 16)
    assert stream.real is mask
    assert [level.shape for level in stream.levels] == [(3, 7, 16)] * 2
    assert (stream.weight[mask] > 0).all()
    assert (stream.weight[~mask] == 0).all()


def test_a_level_is_what_a_shorter_tower_gives_before_its_norm(tower):
    ids, mask = sentences()
    shorter = TextTower(**SIZES | {"depth": 2}).eval()
    shorter.load_state_dict(tower.state_dict(), strict=False)

    assert tower.norm(tower(ids, mask).levels[1]).equal(shorter(ids, mask).x)


def test_padding_changes_nothing(tower):
    ids, mask = sentences()
    junk = torch.cat([ids, torch.randint(3, 50, (3, 4))], dim=1)
    longer = torch.cat([mask, torch.zeros(3, 4, dtype=torch.bool)], dim=1)

    plain, padded = tower(ids, mask), tower(junk, longer)

    torch.testing.assert_close(mean(padded), mean(plain), atol=1e-6, rtol=0)


def test_no_part_of_a_token_comes_from_padding(tower):
    tower.double()  # so that rounding cannot hide a little of it
    ids, mask = sentences()
    junk = torch.cat([ids, torch.randint(3, 50, (3, 4))], dim=1)
    longer = torch.cat([mask, torch.zeros(3, 4, dtype=torch.bool)], dim=1)

    plain, padded = parts(tower(ids, mask)), parts(tower(junk, longer))

    for one, other in zip(plain, padded, strict=True):
        torch.testing.assert_close(other[:, :7][mask], one[mask], atol=1e-12, rtol=0)


def test_what_stands_on_padding_changes_nothing(tower):
    ids, mask = sentences()

    torch.testing.assert_close(
        mean(tower(ids.where(mask, 33), mask)), mean(tower(ids, mask)), atol=1e-6, rtol=1e-6
    )


def test_a_sentence_does_not_depend_on_its_neighbours(tower):
    ids, mask = sentences()

    alone = tower(ids[1:2, :3], mask[1:2, :3])

    torch.testing.assert_close(mean(alone), mean(tower(ids, mask))[1:2], atol=1e-6, rtol=1e-6)


def test_a_row_of_nothing_but_padding_is_finite_and_has_no_gist(tower):
    ids, mask = sentences()
    mask[1] = False

    stream = tower(ids, mask)

    assert all(part.isfinite().all() for part in parts(stream))
    assert (mean(stream)[1] == 0).all()


def test_a_row_of_nothing_but_padding_leaves_gradients_finite(tower):
    ids, mask = sentences()
    mask[1] = False

    stream = tower(ids, mask)
    (stream.x.square().sum() + stream.weight.sum()).backward()

    assert all(parameter.grad.isfinite().all() for parameter in tower.parameters())


def test_the_order_of_words_counts(tower):
    ids, mask = sentences((7,))

    difference = mean(tower(ids.flip(1), mask)) - mean(tower(ids, mask))

    assert difference.abs().max() > 1e-2


def test_every_word_is_heard_by_every_other(tower):
    ids, mask = sentences((7,))
    other = ids.clone()
    other[0, 6] = (ids[0, 6] + 1) % 50

    changed = (tower(other, mask).x - tower(ids, mask).x).abs().amax(dim=2)

    assert (changed[0] > 1e-3).all()


def test_the_first_block_is_attention_as_in_the_book(tower):
    ids, mask = sentences((5, 2))
    block = tower.blocks[0]
    x = tower.pieces(ids) + tower.places.weight[: ids.shape[1]]
    plain = torch.nn.MultiheadAttention(16, 4, batch_first=True).eval()
    plain.in_proj_weight.data, plain.in_proj_bias.data = block.look.ask.weight, block.look.ask.bias
    plain.out_proj.load_state_dict(block.look.answer.state_dict())
    inner = block.look_norm(x)

    wanted = x + plain(inner, inner, inner, key_padding_mask=~mask, need_weights=False)[0]
    wanted = wanted + block.think(block.think_norm(wanted))

    torch.testing.assert_close(tower(ids, mask).levels[0][mask], wanted[mask], atol=1e-5, rtol=1e-5)


def test_a_gradient_reaches_every_parameter(tower):
    tower.train()
    stream = tower(*sentences((12, 5)))

    (mean(stream) * torch.randn(16)).sum().backward()

    without = [n for n, p in tower.named_parameters() if p.grad is None or not p.grad.any()]
    assert without == []


def test_without_training_nothing_is_dropped(tower):
    ids, mask = sentences()

    assert tower(ids, mask).x.equal(tower(ids, mask).x)


@pytest.mark.parametrize("place", ["drop", "blocks.0.drop", "blocks.2.drop"])
def test_in_training_each_dropout_acts(tower, place):
    ids, mask = sentences()
    for name, module in tower.train().named_modules():
        if name.endswith("drop"):
            module.p = 0.5 if name == place else 0.0

    assert not tower(ids, mask).x.equal(tower(ids, mask).x)


def test_in_low_precision_it_is_finite_and_nearly_the_same(tower):
    ids, mask = sentences()
    mask[2] = False

    with torch.autocast("cpu", torch.bfloat16):
        low = tower(ids, mask)

    torch.testing.assert_close(mean(low).float(), mean(tower(ids, mask)), atol=0.1, rtol=0.1)


def test_it_learns_which_word_stands_first():
    tower = TextTower(**SIZES | {"depth": 1, "dropout": 0.0})
    head = torch.nn.Linear(16, 2)
    ids = torch.tensor([[1, first, last, 2] for first in (5, 6) for last in (5, 6, 7, 8)])
    wanted = torch.tensor([0] * 4 + [1] * 4)
    mask = torch.ones_like(ids, dtype=torch.bool)
    optimiser = torch.optim.Adam([*tower.parameters(), *head.parameters()], lr=1e-2)

    for _ in range(60):
        loss = torch.nn.functional.cross_entropy(head(mean(tower(ids, mask))), wanted)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    assert loss.item() < 0.05


def test_onnx_says_the_same_for_every_batch_and_length(tower):
    from lab.towers.exported import exported

    class Parts(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.tower = tower

        def forward(self, ids, mask):
            return tuple(parts(self.tower(ids, mask)))

    ids, mask = sentences()
    run = exported(Parts(), {"ids": ids, "mask": mask})

    for lengths in [(7, 3, 5), (1,), (12, 1, 9, 4)]:
        ids, mask = sentences(lengths)
        for found, wanted in zip(run(ids, mask), parts(tower(ids, mask)), strict=True):
            np.testing.assert_allclose(found, wanted.detach().numpy(), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"heads": 5}, "a text network of width 16 cannot be shared by 5 heads"),
        ({"depth": 0}, "there is no text network of depth 0"),
        ({"width": 0}, "there is no text network of width 0"),
        ({"heads": 0, "longest": -1}, "there is no text network of longest -1, heads 0"),
        ({"dropout": 1.0}, "there is no text network of dropout 1.0"),
    ],
)
def test_an_impossible_network_is_refused(change, problem):
    with pytest.raises(UsageError) as error:
        TextTower(**SIZES | change)

    assert error.value.problem == problem
    assert error.value.hint


def test_its_inner_weights_are_the_matrices_inside_the_blocks(tower):
    names = {id(one): name for name, one in tower.named_parameters()}

    told = [names[id(one)] for one in tower.inner_weights()]

    layers = ("look.ask", "look.answer", "think.0", "think.2")
    wanted = [f"blocks.{n}.{layer}.weight" for n in range(len(tower.blocks)) for layer in layers]
    assert told == wanted
