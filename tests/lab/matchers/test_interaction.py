"""Interaction on three levels, by hand, against the plain formulas, and level by level."""

import math

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from torch.nn.functional import cosine_similarity, normalize

from earmark.errors import UsageError
from earmark.lab.losses import Batch, nt_xent
from earmark.lab.matchers import Widths
from earmark.lab.matchers.interaction import Clusters, Interaction
from earmark.lab.sides import Stream


@pytest.fixture(autouse=True)
def _same_every_time():
    torch.set_num_threads(1)
    torch.manual_seed(8)


def new(width=8, **settings):
    return Interaction(Widths({"main": width}, {"main": width}), width=width, **settings).eval()


def plain(width=2, **settings):
    """A layer that changes nothing, no norms, and every token of a side counts the same."""
    matcher = new(width, heads=1, **settings)
    for half in (matcher.text, matcher.audio):
        torch.nn.init.eye_(half.into.weight)
        half.norm = torch.nn.Identity()
        for last in (half.look.look.answer, half.look.think[2], half.weigh.scale[2]):
            torch.nn.init.zeros_(last.weight)
        torch.nn.init.zeros_(half.look.think[2].bias)
    for look in (*matcher.words, *matcher.moments):
        for parameter in look.weigh[2].parameters():
            torch.nn.init.zeros_(parameter)
    return matcher


def side(x, real=None):
    return {"main": Stream(x, torch.ones(x.shape[:2], dtype=torch.bool) if real is None else real)}


def test_a_score_of_two_levels_by_hand():
    matcher = plain(levels="phrase", phrases=1, segments=2)
    # The phrase has the first word by 3/4; of the segments one is the mean, the other has the
    # second moment by 4/5. Logits are divided by the root of the width.
    matcher.words[0].queries.data = torch.tensor([[math.log(3), 0.0]]) * 2**0.5
    matcher.moments[0].queries.data = torch.tensor([[0.0, 0.0], [0.0, math.log(4)]]) * 2**0.5
    matcher.mix.data = torch.tensor([math.log(3), 0.0])
    text = side(torch.tensor([[[1.0, 0.0], [0.0, 1.0]]]))
    audio = side(torch.tensor([[[2.0, 0.0], [0.0, 1.0]]]))
    # (2, 0) and (0, 1) by 1/2 each; by 1/5 and 4/5, as the logits are 0 and log 4.
    phrase, segments = (0.75, 0.25), ((1.0, 0.5), (0.4, 0.8))
    fits = [
        (phrase[0] * a + phrase[1] * b) / math.hypot(*phrase) / math.hypot(a, b)
        for a, b in segments
    ]
    parts = (max(fits) + sum(fits) / 2) / 2
    whole = 3 / math.sqrt(2 * 5)  # (1, 1) beside (2, 1)

    score = matcher(text, audio).scores.item()

    assert score == pytest.approx(0.75 * whole + 0.25 * parts, abs=1e-6)


def interaction(x, y):
    """Each finds its best in the other; all count the same."""
    fits = normalize(x, dim=1) @ normalize(y, dim=1).T
    return (fits.amax(1).mean() + fits.amax(0).mean()) / 2


def slow_levels(matcher, text, audio):
    """The formulas, one pair at a time, with every token of the same weight: a score a level."""
    found = [cosine_similarity(text.sum(0), audio.sum(0), dim=0)]
    if len(matcher.words) > 0:
        phrases, segments = (
            (look.queries @ x.T / x.shape[1] ** 0.5).softmax(1) @ x
            for look, x in ((matcher.words[0], text), (matcher.moments[0], audio))
        )
        found.append(interaction(phrases, segments))
    if len(matcher.words) > 1:
        found.append(interaction(text, audio))
    return torch.stack(found)


@pytest.mark.parametrize("levels", ["sentence", "phrase", "word"])
def test_it_is_the_formula_for_every_pair(levels):
    matcher = plain(6, levels=levels, phrases=2, segments=3)
    text, audio = torch.randn(3, 4, 6), torch.randn(2, 5, 6)

    scores = matcher(side(text), side(audio)).scores

    wanted = [[slow_levels(matcher, t, a).mean().item() for a in audio] for t in text]
    torch.testing.assert_close(scores, torch.tensor(wanted), atol=1e-5, rtol=0)


def test_a_cluster_has_the_tokens_that_its_query_fits_and_none_that_is_not_real():
    look, far = Clusters(2, 1), 40.0
    look.queries.data = torch.tensor([[far, 0.0]])
    real = torch.tensor([[True, True, False]])
    tokens = Stream(torch.tensor([[[1.0, 2.0], [-1.0, 0.0], [9.0, -9.0]]]), real)

    found = look(tokens)

    torch.testing.assert_close(found.x[0, 0], normalize(torch.tensor([1.0, 2.0]), dim=0))
    assert found.real.tolist() == [[True]]


def test_of_nothing_there_are_no_clusters():
    found = Clusters(4, 3)(Stream(torch.randn(2, 5, 4), torch.zeros(2, 5, dtype=torch.bool)))

    assert not found.real.any()
    assert not found.x.any()


def test_every_level_is_there_with_all_before_it():
    named = {levels: set(new(levels=levels).state_dict()) for levels in ("sentence", "phrase")}
    whole = set(new().state_dict())

    assert named["sentence"] < named["phrase"] < whole
    assert {name.partition(".")[0] for name in whole - named["sentence"]} == {
        "words",
        "moments",
        "mix",
    }


def test_the_gists_of_all_levels_are_those_of_the_sentence():
    text, audio = side(torch.randn(3, 4, 8)), side(torch.randn(2, 5, 8))
    whole, alone = new(), new(levels="sentence")
    alone.load_state_dict(whole.state_dict(), strict=False)

    gists = whole.text_gist(text) @ whole.audio_gist(audio).T

    torch.testing.assert_close(alone(text, audio).scores, gists)


def test_a_level_that_weighs_nothing_says_nothing():
    text, audio = side(torch.randn(3, 4, 8)), side(torch.randn(2, 5, 8))
    whole, less = new(), new(levels="phrase")
    less.load_state_dict(whole.state_dict() | {"mix": torch.zeros(2)}, strict=False)
    whole.mix.data = torch.tensor([0.0, 0.0, -99.0])

    torch.testing.assert_close(whole(text, audio).scores, less(text, audio).scores)


def test_every_level_can_learn_by_itself():
    matcher, match = plain(6, phrases=2, segments=3), torch.eye(3, dtype=torch.bool)
    text, audio = torch.randn(3, 4, 6), torch.randn(3, 5, 6)
    rows = [torch.stack([slow_levels(matcher, t, a) for a in audio]) for t in text]
    wanted = [nt_xent(level, match, temperature=0.2) for level in torch.stack(rows).unbind(2)]

    matched = matcher(side(text), side(audio))

    doubt, temperature = torch.zeros_like(match), torch.tensor(0.2)
    batch = Batch(matched.scores, (text, audio), match, doubt, temperature, separable=False)
    assert matched.terms["levels"](batch).item() == pytest.approx(sum(wanted).item() / 3, abs=1e-5)


def test_a_level_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(UsageError) as error:
        new(levels="phrases")

    assert error.value.problem == "there is no level 'phrases' of interaction"
    assert error.value.hint == "did you mean 'phrase'?"


@pytest.mark.parametrize("name", ["segments", "phrases", "heads"])
def test_a_number_that_cannot_be_is_refused(name):
    with pytest.raises(UsageError, match=f"a matcher cannot have {name} = 0"):
        new(**{name: 0})
