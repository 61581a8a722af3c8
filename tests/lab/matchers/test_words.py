"""The weighted interaction of words and moments, by hand and against a slow reference."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.matchers import Widths, words
from earmark.lab.sides import Stream


@pytest.fixture(autouse=True)
def _same_every_time():
    torch.set_num_threads(1)
    torch.manual_seed(4)


def plain_matcher(width=2):
    """Projections that change nothing, and weights that are all 1."""
    matcher = words.Words(Widths({"main": width}, {"main": width}), width=width)
    for projection in (matcher.text, matcher.audio):
        torch.nn.init.eye_(projection.weight)
    for scale in (matcher.weigh_text, matcher.weigh_audio):
        torch.nn.init.zeros_(scale[2].weight)
        torch.nn.init.zeros_(scale[2].bias)
    return matcher


def stream(*tokens):
    x = torch.tensor([tokens])
    return Stream(x, torch.ones(x.shape[:2], dtype=torch.bool))


def random_side(lengths, width):
    real = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    return {"main": Stream(torch.randn(*real.shape, width), real)}


def slow_score(matcher, text, audio):
    """The formula as it is written, token by token, in plain numbers."""
    x, y = ([t / t.norm() for t in tokens] for tokens in (text, audio))
    u = slow_softmax([matcher.weigh_text(t * len(t) ** 0.5) for t in x])
    v = slow_softmax([matcher.weigh_audio(t * len(t) ** 0.5) for t in y])
    to_sound = sum(ui * max(xi @ yj for yj in y) for ui, xi in zip(u, x, strict=True))
    to_words = sum(vj * max(xi @ yj for xi in x) for vj, yj in zip(v, y, strict=True))
    sentence = sum(ui * xi for ui, xi in zip(u, x, strict=True))
    clip = sum(vj * yj for vj, yj in zip(v, y, strict=True))
    gists = sentence @ clip / sentence.norm() / clip.norm()
    return (gists + (to_sound + to_words) / 2).item() / 2


def slow_softmax(logits):
    bounded = [8 * torch.tanh(logit / 8) for logit in logits]
    return [torch.exp(one) / sum(torch.exp(other) for other in bounded) for one in bounded]


def test_a_score_by_hand():
    # Two words, along the axes; three moments, of which two are alike and one is in between.
    text, audio = stream([5.0, 0.0], [0.0, 1.0]), stream([2.0, 0.0], [1.0, 0.0], [0.6, 0.8])
    to_sound = (1 + 0.8) / 2
    to_words = (1 + 1 + 0.8) / 3
    clip = (2.6, 0.8)  # the sum of the unit tokens; the sentence points along (1, 1)
    gists = (clip[0] + clip[1]) / (2 * (clip[0] ** 2 + clip[1] ** 2)) ** 0.5

    score = plain_matcher()({"main": text}, {"main": audio}).scores

    assert score.item() == pytest.approx((gists + (to_sound + to_words) / 2) / 2)


def test_a_heavier_word_counts_more():
    matcher = plain_matcher()
    matcher.weigh_text = torch.nn.Linear(2, 1, bias=False)
    matcher.weigh_text.weight.data = torch.tensor([[1.0, 0.0]])  # for words along the first axis
    text = {"main": stream([1.0, 0.0], [0.0, 1.0])}
    heavy, light = ({"main": stream(moment)} for moment in ([1.0, 0.0], [0.0, 1.0]))

    assert matcher(text, heavy).scores.item() > matcher(text, light).scores.item() + 0.1


def test_it_is_the_formula_for_every_pair():
    matcher = words.Words(Widths({"main": 6}, {"main": 5}), width=4)
    text, audio = random_side((3, 5, 1), 6), random_side((4, 2), 5)
    x, y = matcher.text(text["main"].x), matcher.audio(audio["main"].x)

    scores = matcher(text, audio).scores

    wanted = [
        [slow_score(matcher, x[t, :n], y[a, :m]) for a, m in enumerate((4, 2))]
        for t, n in enumerate((3, 5, 1))
    ]
    torch.testing.assert_close(scores, torch.tensor(wanted), atol=1e-5, rtol=0)


@pytest.mark.parametrize("at_once", [1, 45, 100])
def test_chunks_change_nothing(monkeypatch, at_once):
    matcher = words.Words(Widths({"main": 6}, {"main": 5}), width=4)
    text, audio = random_side((3, 5, 1, 2, 4), 6), random_side((4, 2), 5)  # 40 cosines a text
    whole = matcher(text, audio).scores

    monkeypatch.setattr(words, "AT_ONCE", at_once)

    torch.testing.assert_close(matcher(text, audio).scores, whole, atol=1e-6, rtol=0)


def test_tokens_count_by_their_direction_and_not_by_their_length():
    matcher = words.Words(Widths({"main": 6}, {"main": 5}), width=4)
    text, audio = random_side((3, 2), 6), random_side((4, 2), 5)
    louder = {"main": audio["main"]._replace(x=audio["main"].x * 7)}

    torch.testing.assert_close(matcher(text, louder).scores, matcher(text, audio).scores)


def test_a_stored_weight_fits_half_precision():
    matcher = words.Words(Widths({"main": 6}, {"main": 5}), width=4)
    for parameter in matcher.weigh_audio.parameters():
        parameter.data *= 100

    weight = matcher.audio_tokens(random_side((40, 40), 5)).weight

    assert weight.max() / weight.min() > 100
    assert weight.half().isfinite().all()
    torch.testing.assert_close(weight.half().float(), weight, rtol=1e-3, atol=0)
