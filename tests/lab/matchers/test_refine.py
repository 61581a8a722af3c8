"""Refinement by hand, and what each of its switches takes away."""

import math

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.matchers import Widths
from earmark.lab.matchers.refine import Refine
from earmark.lab.sides import Stream

SWITCHES = ("projection", "mapping", "attention")


@pytest.fixture(autouse=True)
def _same_every_time():
    torch.set_num_threads(1)
    torch.manual_seed(8)


def new(width=8, **settings):
    return Refine(Widths({"main": width}, {"main": width}), width=width, **settings).eval()


def side(x):
    return {"main": Stream(x, torch.ones(x.shape[:2], dtype=torch.bool))}


def names(**settings):
    return {name for name, _ in new(**settings).named_parameters()}


def test_a_score_by_hand():
    matcher = new(2, heads=1, projection=False, mapping=False, met=0.25)
    for look in (matcher.partner.text, matcher.partner.audio):
        for layer in (look.ask, look.key, look.value, look.answer):
            torch.nn.init.eye_(layer.weight)
    for half in (matcher.text, matcher.audio):
        torch.nn.init.eye_(half.into.weight)
        half.norm = torch.nn.Identity()
        torch.nn.init.zeros_(half.weigh.scale[2].weight)
    matcher.partner.text_norm = matcher.partner.audio_norm = torch.nn.Identity()
    c = 2**0.5 * math.log(3)
    text, audio = side(torch.tensor([[[c, 0.0]]])), side(torch.tensor([[[1.0, 0.0], [0.0, 1.0]]]))
    alone = 2**-0.5  # a word along an axis, and the mean of two moments between the axes
    # The word adds 3/4 and 1/4 of the moments; each moment adds the word as it was.
    told, heard = (c + 0.75, 0.25), (c + 0.5, 0.5)
    met = (told[0] * heard[0] + told[1] * heard[1]) / math.hypot(*told) / math.hypot(*heard)

    score = matcher(text, audio).scores.item()

    assert score == pytest.approx(0.75 * alone + 0.25 * met, abs=1e-6)


def test_each_switch_takes_its_own_part_away():
    whole = names()
    gone = {switch: whole - names(**{switch: False}) for switch in SWITCHES}

    starts = {
        "projection": ("text.blocks.", "audio.blocks.", "text.gamma", "audio.gamma"),
        "mapping": ("text.mapping.", "audio.mapping."),
        "attention": ("partner.",),
    }
    for switch, own in starts.items():
        assert gone[switch] == {name for name in whole if name.startswith(own)}
        assert gone[switch]


def test_without_any_of_them_a_norm_is_left():
    matcher = new(**dict.fromkeys(SWITCHES, False))
    x = torch.randn(3, 4, 8)

    tokens = matcher.text_tokens(side(x)).x

    torch.testing.assert_close(tokens, torch.nn.functional.layer_norm(matcher.text.into(x), (8,)))
    assert matcher.separable


@pytest.mark.parametrize("switch", SWITCHES)
def test_each_part_changes_the_score(switch):
    text, audio = side(torch.randn(3, 4, 8)), side(torch.randn(2, 5, 8))
    whole, less = new(), new(**{switch: False})
    for half in (whole.text, whole.audio):
        torch.nn.init.normal_(half.mapping.weight)
    less.load_state_dict(whole.state_dict(), strict=False)

    gap = (whole(text, audio).scores - less(text, audio).scores).abs()

    assert gap.max() > 1e-3


def test_it_begins_near_what_is_not_refined():
    whole, plain = new(), new(projection=False, mapping=False)
    plain.load_state_dict(whole.state_dict(), strict=False)
    x = side(torch.randn(3, 4, 8))

    assert whole.text.gamma.item() == whole.audio.gamma.item() == pytest.approx(0.1)
    whole.text.gamma.data.zero_()
    torch.testing.assert_close(whole.text_tokens(x).x, plain.text_tokens(x).x)


def test_met_is_what_the_meeting_counts_and_the_gists_are_the_rest():
    text, audio = side(torch.randn(3, 4, 8)), side(torch.randn(2, 5, 8))
    half, most = new(met=0.5), new(met=1.0)
    most.load_state_dict(half.state_dict())
    gists = half.text_gist(text) @ half.audio_gist(audio).T

    mixed = (most(text, audio).scores + gists) / 2

    torch.testing.assert_close(half(text, audio).scores, mixed)


def test_depth_is_how_many_blocks_a_side_has():
    assert len(new(depth=3).text.blocks) == len(new(depth=3).audio.blocks) == 3
    assert not new(depth=3, projection=False).text.blocks


def test_without_attention_stored_tokens_score_as_their_gists():
    text, audio, matcher = (
        side(torch.randn(3, 4, 8)),
        side(torch.randn(3, 5, 8)),
        new(attention=False),
    )
    t, a = matcher.text_tokens(text), matcher.audio_tokens(audio)

    together = matcher.pair(t.x, t.real, a.x, a.real)

    torch.testing.assert_close(together, matcher(text, audio).scores.diagonal())


@pytest.mark.parametrize("met", [0.0, -0.5, 1.5])
def test_a_share_that_cannot_be_is_refused(met):
    with pytest.raises(UsageError) as error:
        new(met=met)

    assert error.value.problem == f"the matcher 'refine' cannot have met = {met}"
    assert error.value.hint.endswith("attention = false")


def test_a_depth_of_nothing_is_refused():
    with pytest.raises(UsageError, match="a matcher cannot have depth = 0"):
        new(depth=0)
