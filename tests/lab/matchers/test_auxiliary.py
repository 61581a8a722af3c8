"""Captions beside a sound, by hand: what it sees in them, what they count, and where none are."""

import math

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.losses import Batch, nt_xent
from earmark.lab.matchers import Widths, new_matcher
from earmark.lab.sides import Stream

ROWS = ("captions-interaction", "captions-branch", "captions-both")


@pytest.fixture(autouse=True)
def _same_every_time():
    torch.set_num_threads(1)
    torch.manual_seed(7)


def new(name, width=8, **settings):
    widths = Widths({"main": width}, {"main": width, "captions": width})
    return new_matcher(name, widths, width=width, **settings).eval()


def stream(x, *, real=True):
    return Stream(x, torch.full(x.shape[:2], real))


def sounds(main, captions, *, told=True):
    return {"main": stream(main), "captions": stream(captions, real=told)}


def texts(x):
    return {"main": stream(x)}


def plain_branch(name="captions-branch"):
    """Matrices that change nothing, and layers that add nothing."""
    matcher = new(name, 2, heads=1)
    for projection in (matcher.read, matcher.inner.text, matcher.inner.audio):
        torch.nn.init.eye_(projection.weight)
    for layer in matcher.layers:
        for last in (layer.look.answer, layer.think[2]):
            torch.nn.init.zeros_(last.weight)
        torch.nn.init.zeros_(layer.think[2].bias)
    return matcher


def test_the_branch_by_hand():
    matcher = plain_branch()
    text = texts(torch.tensor([[[1.0, 0.0]]]))
    audio = sounds(
        torch.tensor([[[3.0, 4.0]]]), torch.tensor([[[2.0, 0.0], [0.0, 1.0], [0.0, 0.0]]])
    )
    alone, met = 3 / 5, 2 / math.sqrt(5)

    score = matcher(text, audio).scores.item()

    assert score == pytest.approx(0.73 * alone + 0.27 * met, abs=1e-6)


def test_without_captions_the_branch_is_the_matcher_within_a_little_shorter():
    matcher = plain_branch()
    text, main = torch.randn(3, 4, 2), torch.randn(5, 6, 2)
    within = matcher.inner(texts(text), {"main": stream(main)}).scores

    scores = matcher(texts(text), sounds(main, torch.randn(5, 3, 2), told=False)).scores

    torch.testing.assert_close(scores, math.sqrt(0.73) * within)


def test_what_a_sound_sees_in_its_captions_by_hand():
    matcher, c = new("captions-interaction", 2, heads=1), math.sqrt(2) * math.log(3)
    look = matcher.look
    for layer in (look.look.ask, look.look.key, look.look.value, look.look.answer):
        torch.nn.init.eye_(layer.weight)
    for projection in (matcher.audio, matcher.captions, matcher.inner.text, matcher.inner.audio):
        torch.nn.init.eye_(projection.weight)
    look.look_norm = look.think_norm = torch.nn.Identity()
    torch.nn.init.zeros_(look.think[2].weight)
    torch.nn.init.zeros_(look.think[2].bias)
    audio = sounds(torch.tensor([[[c, 0.0]]]), torch.tensor([[[1.0, 0.0], [0.0, 1.0]]]))
    # The sound fits the first word by log 3 and the other by 0, so it adds 3/4 and 1/4 of them.
    seen = (c + 0.75, 0.25)

    score = matcher(texts(torch.tensor([[[0.0, 1.0]]])), audio).scores.item()

    assert score == pytest.approx(seen[1] / math.hypot(*seen), abs=1e-6)


def test_what_thinks_of_captions_is_not_widened():
    think = new("captions-interaction", 8).look.think

    assert [layer.weight.shape for layer in (think[0], think[2])] == [(8, 8), (8, 8)]


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("inner", ["pooled", "interaction"])
def test_other_captions_give_other_scores_and_none_are_none(name, inner):
    matcher, text, main = new(name, inner=inner), texts(torch.randn(3, 4, 8)), torch.randn(2, 5, 8)
    some, others = torch.randn(2, 6, 8), torch.randn(2, 6, 8)

    told = matcher(text, sounds(main, some)).scores
    alone = [matcher(text, sounds(main, x, told=False)).scores for x in (some, others)]

    assert (told - matcher(text, sounds(main, others)).scores).abs().min() > 1e-4
    assert (told - alone[0]).abs().min() > 1e-4
    torch.testing.assert_close(*alone)


@pytest.mark.parametrize("name", ROWS)
def test_a_sound_that_nobody_heard_is_not_found_by_its_captions(name):
    """Its gist would have to be made of tokens, and there are none."""
    matcher, text = new(name), texts(torch.randn(3, 4, 8))
    audio = sounds(torch.randn(2, 5, 8), torch.randn(2, 6, 8))
    audio["main"].real[1] = False

    scores = matcher(text, audio).scores

    assert scores[:, 1].tolist() == [0, 0, 0]
    assert (scores[:, 0].abs() > 1e-4).all()
    torch.testing.assert_close(matcher.text_gist(text) @ matcher.audio_gist(audio).T, scores)


def test_every_moment_has_the_captions_of_its_sound():
    matcher, main, captions = new("captions-branch"), torch.randn(2, 5, 8), torch.randn(2, 6, 8)

    tokens = matcher.audio_tokens(sounds(main, captions))

    beside = tokens.x[..., 8:]
    torch.testing.assert_close(beside, beside[:, :1].expand_as(beside))
    assert (beside[0] - beside[1]).abs().min() > 1e-4


def test_a_gist_is_both_vectors_by_what_they_count():
    matcher, audio = new("captions-branch"), sounds(torch.randn(2, 5, 8), torch.randn(2, 6, 8))

    gists = matcher.audio_gist(audio), matcher.text_gist(texts(torch.randn(2, 5, 8)))

    for gist in gists:
        lengths = torch.stack([gist[:, :8].norm(dim=1), gist[:, 8:].norm(dim=1)], dim=1)
        torch.testing.assert_close(lengths**2, torch.tensor([[0.73, 0.27]] * 2))


def test_captions_that_tell_more_than_the_sound_come_to_count_more():
    """Eight sounds that are all alike, each with a caption near its text."""
    matcher, match = new("captions-branch", dropout=0.0), torch.eye(8, dtype=torch.bool)
    text, alike = torch.randn(8, 4, 8), torch.ones(8, 5, 8)
    audio = sounds(alike, text + 0.1 * torch.randn_like(text))
    optimiser = torch.optim.Adam(matcher.parameters(), lr=0.01)

    for _ in range(40):
        optimiser.zero_grad()
        nt_xent(matcher(texts(text), audio).scores, match).backward()
        optimiser.step()

    scores = matcher(texts(text), audio).scores
    assert scores.argmax(dim=1).tolist() == list(range(8))
    assert matcher.share > 0.3


def test_the_branch_can_learn_by_itself():
    """Two texts and two captions, along the axes: each caption beside the wrong text."""
    matcher, match = plain_branch(), torch.eye(2, dtype=torch.bool)
    one, other = torch.eye(2)[:, None]
    text = texts(torch.stack([one, other]))
    audio = sounds(torch.stack([one, other]), torch.stack([other, one]))

    matched = matcher(text, audio)

    gists, doubt = (torch.eye(2), torch.eye(2)), torch.zeros_like(match)
    batch = Batch(matched.scores, gists, match, doubt, torch.tensor(0.5), separable=True)
    assert matched.terms["branch"](batch).item() == pytest.approx(math.log(1 + math.exp(2)))


@pytest.mark.parametrize("name", ROWS)
def test_where_there_are_no_captions_it_is_refused(name):
    with pytest.raises(UsageError) as error:
        new_matcher(name, Widths({"main": 4}, {"main": 4}), width=8)

    assert error.value.problem == "a matcher that reads captions has none to read"
    assert "[captions]" in error.value.hint


@pytest.mark.parametrize("name", ROWS)
def test_a_matcher_within_that_is_not_there_is_refused_with_the_nearest(name):
    with pytest.raises(UsageError) as error:
        new(name, inner="interactions")

    assert error.value.problem == "there is no 'interactions' to compare within"
    assert error.value.hint == "did you mean 'interaction'?"


@pytest.mark.parametrize("name", ROWS)
def test_heads_that_do_not_share_the_width_are_refused(name):
    with pytest.raises(UsageError, match="cannot be shared by 3 heads"):
        new(name, heads=3)
