"""Text-aware attention pooling, by hand."""

import math

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.matchers import Widths
from earmark.lab.matchers.pooled import Pooled
from earmark.lab.matchers.tap import Tap
from earmark.lab.sides import Stream


@pytest.fixture(autouse=True)
def _same_every_time():
    torch.set_num_threads(1)
    torch.manual_seed(5)


def new(width=2, **settings):
    return Tap(Widths({"main": width}, {"main": width}), width=width, **settings).eval()


def plain():
    """Matrices that change nothing but for the last, no norms, and words that all count alike."""
    matcher = new(inner=2)
    for layer in (matcher.text, matcher.audio, matcher.ask, matcher.key, matcher.value):
        torch.nn.init.eye_(layer.weight)
    matcher.out.weight.data = torch.tensor([[1.0, 0.0], [0.0, 3.0]])
    matcher.text_norm = matcher.audio_norm = matcher.out_norm = torch.nn.Identity()
    torch.nn.init.zeros_(matcher.weigh.scale[2].weight)
    return matcher


def side(*tokens, weight=None):
    x = torch.tensor([tokens])
    return {"main": Stream(x, torch.ones(x.shape[:2], dtype=torch.bool), weight=weight)}


def test_a_score_by_hand():
    c = 2**0.5 * math.log(3)
    text, audio = side([5.0, 0.0], [2.0, 0.0]), side([c, 0.0], [0.0, 2.0])
    # The text points along the first axis. It fits the moments by log 3 and 0, so it hears 3/4 of
    # the first and 1/4 of the second, whose second number counts three times.
    heard = (0.75 * c, 0.25 * 2 * 3)

    score = plain()(text, audio).scores.item()

    assert score == pytest.approx(heard[0] / math.hypot(*heard), abs=1e-6)


def test_each_text_hears_what_it_asks_for():
    c = 2**0.5 * math.log(3)
    audio, matcher = side([c, 0.0], [0.0, c]), plain()
    torch.nn.init.eye_(matcher.out.weight)
    texts = {"main": Stream(torch.eye(2)[:, None], torch.ones(2, 1, dtype=torch.bool))}
    # 3/4 along its own axis and 1/4 along the other: 3 / root 10. In one mean both had 1 / root 2.

    assert matcher(texts, audio).scores[:, 0].tolist() == pytest.approx([3 / 10**0.5] * 2)


def test_the_gist_of_a_sound_is_the_pooled_one():
    matcher, pooled = new(8), Pooled(Widths({"main": 8}, {"main": 8}), width=8)
    pooled.load_state_dict(matcher.state_dict(), strict=False)
    sound = side(*torch.randn(5, 8).tolist(), weight=torch.rand(1, 5))

    assert matcher.audio_gist(sound).equal(pooled.audio_gist(sound))


def test_the_inner_width_is_free():
    text, audio = side(*torch.randn(3, 8).tolist()), side(*torch.randn(5, 8).tolist())

    assert new(8, inner=24)(text, audio).scores.shape == (1, 1)
    assert new(8, inner=24).ask.weight.shape == (24, 8)
    with pytest.raises(UsageError, match="a matcher cannot have inner = 0"):
        new(8, inner=0)


def test_a_dropout_that_leaves_nothing_is_refused():
    with pytest.raises(UsageError, match="a matcher cannot have dropout"):
        new(dropout=1.0)
