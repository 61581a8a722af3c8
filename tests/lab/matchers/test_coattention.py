"""Co-attention by hand, against the formulas written plainly, and what each setting changes."""

import math

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from torch.nn.functional import cosine_similarity

from earmark.errors import UsageError
from earmark.lab.matchers import Widths
from earmark.lab.matchers.attention import Attention, AttFlat, Guided
from earmark.lab.matchers.coattention import Coattention
from earmark.lab.sides import Stream


@pytest.fixture(autouse=True)
def _same_every_time():
    torch.set_num_threads(1)
    torch.manual_seed(6)


def new(width=8, **settings):
    return Coattention(Widths({"main": width}, {"main": width}), width=width, **settings).eval()


def plain(**settings):
    """One head, matrices that change nothing, and neither thoughts nor norms."""
    matcher = new(2, heads=1, **settings)
    for part in matcher.modules():
        if isinstance(part, Attention):
            for layer in (part.ask, part.key, part.value, part.answer):
                torch.nn.init.eye_(layer.weight)
        elif isinstance(part, Guided):
            part.look_norm = part.think_norm = torch.nn.Identity()
            torch.nn.init.zeros_(part.think[2].weight)
            torch.nn.init.zeros_(part.think[2].bias)
        elif isinstance(part, AttFlat):
            torch.nn.init.zeros_(part.scale[2].weight)
            torch.nn.init.eye_(part.merge.weight)
    for half in (matcher.text, matcher.audio):
        torch.nn.init.eye_(half.into.weight)
    return matcher


def side(x):
    return {"main": Stream(x, torch.ones(x.shape[:2], dtype=torch.bool))}


def guide(x, y):
    """What the plain block makes of x beside y."""
    return x + (x @ y.T / 2**0.5).softmax(dim=1) @ y


def slow_score(kind, depth, text, audio):
    """The pictures of the paper, one step after another."""
    text, audio = guide(text, text), guide(audio, audio)
    for turn in range(depth):
        if kind == "stacking" and turn > 0:
            text, audio = guide(text, text), guide(audio, audio)
        text, audio = guide(text, audio), guide(audio, text)
    return cosine_similarity(text.mean(0), audio.mean(0), dim=0).item()


def test_a_score_by_hand():
    matcher, c = plain(kind="single"), 2**0.5 * math.log(3)
    for half in (matcher.text, matcher.audio):
        torch.nn.init.zeros_(half.look.look.answer.weight)  # nobody looks at oneself
    text, audio = side(torch.tensor([[[c, 0.0]]])), side(torch.tensor([[[1.0, 0.0], [0.0, 1.0]]]))
    # The text fits the first moment by log 3 and the other by 0: it adds 3/4 and 1/4 of them. Each
    # moment adds all of the one word as it was; their mean is (1/2, 1/2) more than that.
    told, heard = (c + 0.75, 0.25), (c + 0.5, 0.5)
    product = told[0] * heard[0] + told[1] * heard[1]

    score = matcher(text, audio).scores.item()

    assert score == pytest.approx(product / math.hypot(*told) / math.hypot(*heard), abs=1e-6)


@pytest.mark.parametrize(
    ("kind", "depth", "shared"),
    [
        ("single", 1, True),
        ("iterating", 3, True),
        ("iterating", 3, False),
        ("stacking", 3, True),
    ],
)
def test_it_is_the_formula_for_every_pair(kind, depth, shared):
    text, audio = torch.randn(3, 4, 2), torch.randn(2, 5, 2)

    scores = plain(kind=kind, depth=depth, shared=shared)(side(text), side(audio)).scores

    wanted = [[slow_score(kind, depth, t, a) for a in audio] for t in text]
    torch.testing.assert_close(scores, torch.tensor(wanted), atol=1e-5, rtol=0)


def size(**settings):
    return sum(one.numel() for one in new(**settings).parameters())


def test_each_kind_has_as_many_weights_as_it_has_parts():
    block = sum(one.numel() for one in Guided(8, 4, 0.1).parameters())
    pools = 2 * sum(one.numel() for one in AttFlat(8).parameters())
    alone = size(kind="none")

    more = {
        (kind, depth, shared): size(kind=kind, depth=depth, shared=shared) - alone - pools
        for kind, depth, shared in [
            ("single", 3, True),
            ("iterating", 3, True),
            ("iterating", 3, False),
            ("stacking", 3, True),
        ]
    }

    # A guided block a side and unit; a stack has self-attention too, but for its first unit.
    assert [one // block for one in more.values()] == [2, 2, 6, 10]
    assert not any(one % block for one in more.values())


@pytest.mark.parametrize(
    "settings", [{"kind": "stacking"}, {"shared": True}, {"shared": False}], ids=str
)
def test_another_turn_changes_the_score(settings):
    text, audio = side(torch.randn(3, 4, 8)), side(torch.randn(2, 5, 8))
    once, twice = new(depth=1, **settings), new(depth=2, **settings)
    once.load_state_dict(twice.state_dict(), strict=False)

    gap = (once(text, audio).scores - twice(text, audio).scores).abs()

    assert gap.max() > 1e-3


def test_one_iteration_is_a_single_unit():
    text, audio = side(torch.randn(3, 4, 8)), side(torch.randn(2, 5, 8))
    single, iterating = new(kind="single"), new(kind="iterating", depth=1)
    iterating.load_state_dict(single.state_dict())

    assert iterating(text, audio).scores.equal(single(text, audio).scores)


def test_none_is_the_gist_of_every_other_kind():
    text, audio = side(torch.randn(3, 4, 8)), side(torch.randn(2, 5, 8))
    stack = new(kind="stacking")
    alone = new(kind="none")
    alone.load_state_dict(stack.state_dict(), strict=False)

    gists = stack.text_gist(text) @ stack.audio_gist(audio).T

    torch.testing.assert_close(alone(text, audio).scores, gists)


def test_none_scores_stored_tokens_as_their_gists():
    text, audio, matcher = side(torch.randn(3, 4, 8)), side(torch.randn(3, 5, 8)), new(kind="none")
    t, a = matcher.text_tokens(text), matcher.audio_tokens(audio)

    together = matcher.pair(t.x, t.real, a.x, a.real)

    torch.testing.assert_close(together, matcher(text, audio).scores.diagonal())


def test_a_kind_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(UsageError) as error:
        new(kind="stacked")

    assert error.value.problem == "there is no co-attention of the kind 'stacked'"
    assert error.value.hint == "did you mean 'stacking'?"


@pytest.mark.parametrize("name", ["depth", "heads"])
def test_a_size_that_cannot_be_is_refused(name):
    with pytest.raises(UsageError, match=f"a matcher cannot have {name} = 0"):
        new(**{name: 0})
