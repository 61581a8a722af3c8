"""A wider network begins by saying what the narrower one says, and can learn beyond it."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from safetensors.torch import save_file

from earmark.errors import DataError
from earmark.lab.grow import grown
from earmark.lab.objectives.hear import Ears
from earmark.lab.objectives.teaching import MEL
from earmark.lab.recipe import EarsRule
from earmark.lab.start import load_part

torch.set_num_threads(1)
NARROW, WIDE = (4, 6, 8), (6, 9, 12)


def ears(widths, seed, **rule):
    torch.manual_seed(seed)
    rule = {"depths": (1, 2, 1), "width": 12, "looks": 1} | rule
    made = Ears(EarsRule(widths=widths, **rule), classes=5, taught_width=16)
    for name, value in made.state_dict().items():  # norms as after training
        if "running_mean" in name or name.endswith("classes.weight"):
            value.normal_(0, 0.2)
        if "running_var" in name:
            value.uniform_(0.5, 2)
    return made


@pytest.fixture
def both():
    """Narrow ears, and wide ones that were grown from them."""
    narrow, wide = ears(NARROW, 1), ears(WIDE, 2)
    wide.load_state_dict(grown(narrow.state_dict(), wide.state_dict()))
    return narrow, wide


def test_the_wider_one_says_the_same_at_first(both):
    narrow, wide = (one.eval() for one in both)
    logmel = torch.randn(2, 64, MEL.bands)

    (one, classes), (other, same) = narrow(logmel), wide(logmel)

    torch.testing.assert_close(other.x, one.x, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(other.weight, one.weight, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(same, classes, atol=1e-5, rtol=1e-4)


def test_what_is_new_learns_after_a_step(both):
    _, wide = both
    logmel, wanted = torch.randn(4, 64, MEL.bands), torch.rand(4, 5)
    optimiser = torch.optim.SGD(wide.parameters(), lr=0.1)
    for _ in range(2):
        optimiser.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(wide(logmel)[1], wanted)
        loss.backward()
        optimiser.step()

    stem = wide.tower.stem[0].weight.grad
    assert stem[NARROW[0] :].abs().sum() > 0


def test_the_same_widths_are_the_same_weights():
    one, other = ears(NARROW, 1), ears(NARROW, 2)

    found = grown(one.state_dict(), other.state_dict())

    assert all(torch.equal(found[name], value) for name, value in one.state_dict().items())


@pytest.mark.parametrize(
    ("known", "fresh", "problem"),
    [
        ((WIDE, {}), (NARROW, {}), "does not grow into"),
        ((NARROW, {}), (WIDE, {"looks": 2}), "another network"),
        ((NARROW, {"depths": (1, 2, 2)}), (WIDE, {}), "another network"),
    ],
)
def test_what_does_not_grow_is_refused(known, fresh, problem):
    one, other = (ears(widths, 1, **rule) for widths, rule in (known, fresh))

    with pytest.raises(DataError, match=problem):
        grown(one.state_dict(), other.state_dict())


def test_only_who_wants_to_grow_may_start_from_narrower_ears(tmp_path):
    narrow, wide = ears(NARROW, 1), ears(WIDE, 2)
    whole = {name: value.contiguous() for name, value in narrow.state_dict().items()}
    save_file(whole, tmp_path / "model.safetensors")

    with pytest.raises(DataError, match="do not fit"):
        load_part(wide, tmp_path, "ears")
    load_part(wide, tmp_path, "ears", grow=True)

    logmel = torch.randn(1, 32, MEL.bands)
    torch.testing.assert_close(
        wide.eval()(logmel)[1], narrow.eval()(logmel)[1], atol=1e-5, rtol=1e-4
    )
