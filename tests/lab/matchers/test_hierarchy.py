"""Levels by hand, what each setting takes, and the loss that lets each learn by itself."""

import math

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.losses import Batch, nt_xent
from earmark.lab.matchers import Widths
from earmark.lab.matchers.hierarchy import Hierarchy
from earmark.lab.sides import Stream

THREE = Widths({"main": 8}, {"main": 8}, (3, 5), (4, 6))


@pytest.fixture(autouse=True)
def _same_every_time():
    torch.set_num_threads(1)
    torch.manual_seed(11)


def new(levels=2, widths=THREE, width=8):
    return Hierarchy(widths, width=width, levels=levels).eval()


def plain():
    """Two levels in spaces of their own that are those of the towers; every token counts alike."""
    matcher = new(1, Widths({"main": 2}, {"main": 2}, (2,), (2,)), width=2)
    for side in (matcher.text, matcher.audio):
        side.norm = torch.nn.ModuleList(torch.nn.Identity() for _ in side.norm)
        for into, weigh in zip(side.into, side.weigh, strict=True):
            torch.nn.init.eye_(into.weight)
            torch.nn.init.zeros_(weigh.scale[2].weight)
    return matcher


def side(x, *levels):
    x, *levels = (torch.tensor([one]) for one in (x, *levels))
    return {"main": Stream(x, torch.ones(x.shape[:2], dtype=torch.bool), tuple(levels))}


def sides():
    """Three texts and four sounds, and what two earlier layers said of each."""
    lengths = ((3, 4, (8, 3, 5)), (4, 6, (8, 4, 6)))
    return [
        {"main": Stream(x, torch.ones(x.shape[:2], dtype=torch.bool), tuple(levels))}
        for rows, length, widths in lengths
        for x, *levels in [[torch.randn(rows, length, width) for width in widths]]
    ]


def batch(scores, doubt=None):
    match = torch.eye(*scores.shape, dtype=torch.bool)
    doubt = torch.zeros_like(match) if doubt is None else doubt
    return Batch(scores, (None, None), match, doubt, torch.tensor(0.2), separable=True)


def test_a_score_by_hand():
    text = side([[1.0, 0.0]], [[3.0, 4.0]])
    audio = side([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [3.0, 0.0]])
    # Below, (3, 4) / 5 beside (1, 0); on top, (1, 0) beside (1, 1) / root 2, which counts e times.
    wanted = (0.6 + math.e * 2**-0.5) / (1 + math.e)

    assert plain()(text, audio).scores.item() == pytest.approx(wanted, abs=1e-6)


def test_at_first_each_level_counts_e_times_the_one_below():
    below, middle, top = new().shares().tolist()

    assert middle / below == pytest.approx(math.e)
    assert top / middle == pytest.approx(math.e)
    assert below + middle + top == pytest.approx(1)


def test_every_level_is_pooled_by_itself():
    audio = sides()[1]
    matcher = new()
    before = matcher.audio(audio["main"])

    matcher.audio.weigh[1].scale[2].weight.data *= -9

    changed = (matcher.audio(audio["main"]) - before).abs().amax(dim=(0, 2))
    assert changed[1] > 1e-2
    assert not changed[[0, 2]].any()


@pytest.mark.parametrize(("levels", "seen"), [(0, []), (1, [1]), (2, [0, 1])])
def test_so_many_levels_are_seen_and_of_fewer_the_later_ones(levels, seen):
    text, audio = sides()
    matcher = new(levels)
    plain = matcher(text, audio).scores

    found = []
    for level in range(2):
        other = list(audio["main"].levels)
        other[level] = torch.randn_like(other[level])
        moved = {"main": audio["main"]._replace(levels=tuple(other))}
        if not matcher(text, moved).scores.equal(plain):
            found.append(level)

    assert found == seen
    assert matcher.width == 8 * (levels + 1)


def test_with_the_last_layers_alone_a_side_needs_no_levels():
    text, audio = sides()
    without = [{"main": one["main"]._replace(levels=())} for one in (text, audio)]
    matcher = new(0, Widths({"main": 8}, {"main": 8}))

    assert matcher(*without).scores.equal(matcher(text, audio).scores)


def test_the_last_layers_alone_are_the_top_of_all():
    text, audio = sides()
    one, three = new(0), new(2)
    for few, many in ((one.text, three.text), (one.audio, three.audio)):
        for part in ("into", "norm", "weigh"):
            getattr(few, part)[0].load_state_dict(getattr(many, part)[-1].state_dict())
    three.shares.logits.data = torch.tensor([-90.0, -90.0, 0.0])

    torch.testing.assert_close(three(text, audio).scores, one(text, audio).scores)


def test_the_loss_of_levels_is_the_mean_of_what_each_has_alone():
    text, audio = sides()
    matcher = new()
    matched = matcher(text, audio)
    t, a = matcher.text(text["main"]), matcher.audio(audio["main"])
    given = batch(matched.scores)

    alone = [nt_xent(t[:, h] @ a[:, h].T, given.match, temperature=0.2) for h in range(3)]

    found = matched.terms["levels"](given)
    torch.testing.assert_close(found, sum(alone) / 3)


def test_a_pair_in_doubt_is_no_negative_at_any_level():
    matched = new()(*sides())
    doubt = torch.ones(3, 4, dtype=torch.bool) & ~torch.eye(3, 4, dtype=torch.bool)

    found = matched.terms["levels"](batch(matched.scores, doubt))

    assert found.item() == pytest.approx(0, abs=1e-6)


def test_levels_that_the_features_do_not_have_are_asked_for():
    with pytest.raises(UsageError) as error:
        new(2, Widths({"main": 8}, {"main": 8}, (3, 5), ()))

    assert str(error.value) == (
        "the matcher 'hierarchy' is to align levels = 2, and the features have 0\n"
        "say levels = 2 in [features] too, or levels = 0 in [matcher]"
    )


def test_less_than_no_levels_are_refused():
    with pytest.raises(UsageError, match="a matcher cannot have levels = -1"):
        new(-1)
