"""Factors by hand: what a text hears, what each is trusted, and which of them go together."""

import math

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.losses import Batch
from earmark.lab.matchers import Widths
from earmark.lab.matchers.factors import Factors, align, crossed, disentangle
from earmark.lab.matchers.hierarchy import Hierarchy
from earmark.lab.matchers.pairs import chosen
from earmark.lab.sides import Stream

ONE = Widths({"main": 8}, {"main": 8})
THREE = Widths({"main": 8}, {"main": 8}, (3, 5), (4, 6))


@pytest.fixture(autouse=True)
def _same_every_time():
    torch.set_num_threads(1)
    torch.manual_seed(12)


def new(widths=ONE, width=8, factors=4, **settings):
    return Factors(widths, width=width, factors=factors, **settings).eval()


def plain(**settings):
    """Two factors of two numbers; the spaces are those of the towers, every token counts alike."""
    matcher = new(Widths({"main": 4}, {"main": 4}), 4, 2, temperature=2.0, **settings)
    for side in (matcher.text, matcher.audio):
        side.norm = torch.nn.ModuleList([torch.nn.Identity()])
        torch.nn.init.eye_(side.into[0].weight)
        torch.nn.init.zeros_(side.weigh[0].scale[2].weight)
    return matcher


def side(*tokens):
    x = torch.tensor([tokens])
    return {"main": Stream(x, torch.ones(x.shape[:2], dtype=torch.bool))}


def sides(widths=ONE):
    """Three texts and four sounds, with the levels that there are."""
    both = (3, 4, (8, *widths.text_levels)), (4, 6, (8, *widths.audio_levels))
    return [
        {"main": Stream(x, torch.ones(x.shape[:2], dtype=torch.bool), tuple(levels))}
        for rows, length, inputs in both
        for x, *levels in [[torch.randn(rows, length, width) for width in inputs]]
    ]


def batch(match):
    none = torch.zeros_like(match)
    return Batch(none, (None, None), match, none, torch.tensor(0.2), separable=False)


# The text (3, 0, 0, 4) is c = (0.6, 0, 0, 0.8). It fits the first moment by 2 log 3, the other by
# 0.6 - 0.6; over the temperature of 2 that is log 3 and 0, so it hears 3/4 and 1/4 of them.
TALL = 2 * math.log(3) / 0.8
TEXT = side([3.0, 0.0, 0.0, 4.0])
AUDIO = side([0.0, 0.0, 0.0, TALL], [1.0, 1.0, 1.0, -0.75])
LAST = 0.75 * TALL - 0.25 * 0.75  # what is heard is (0.25, 0.25, 0.25, LAST)
COSINES = (2**-0.5, LAST / math.hypot(0.25, LAST))  # of (0.6, 0) and of (0, 0.8) with its halves


def test_a_score_by_hand():
    score = plain(confidence="uniform")(TEXT, AUDIO).scores.item()

    assert score == pytest.approx(sum(COSINES) / 2, abs=1e-6)


class Pick(torch.nn.Module):
    """Judges by the last number that is heard, less one."""

    def forward(self, x):
        return x[..., -1:] - 1


def softplus(x):
    return math.log(1 + math.exp(x))


@pytest.mark.parametrize(
    ("confidence", "weights"),
    [
        ("free", (0.25 - 1, LAST - 1)),  # the first factor counts against
        ("softplus", (softplus(0.25 - 1), softplus(LAST - 1))),
    ],
)
def test_a_factor_counts_as_it_is_trusted(confidence, weights):
    matcher = plain(confidence=confidence)
    matcher.trust.judge = Pick()
    wanted = sum(w * c for w, c in zip(weights, COSINES, strict=True))

    score = matcher(TEXT, AUDIO).scores.item()

    assert score == pytest.approx(wanted / sum(map(abs, weights)), abs=1e-6)


def test_trust_judges_numbers_of_about_one_from_both_sides():
    matcher, seen = plain(), []
    matcher.trust.judge.register_forward_hook(lambda _, given, __: seen.append(given[0]))

    matcher(TEXT, AUDIO)

    # c times the root of its width, 2, beside what is heard; a factor a row.
    wanted = [[1.2, 0.0, 0.25, 0.25], [0.0, 1.6, 0.25, LAST]]
    torch.testing.assert_close(seen[0][0], torch.tensor(wanted))


@pytest.mark.parametrize("confidence", ["softplus", "free"])
def test_at_first_all_factors_are_trusted_alike(confidence):
    one, uniform = new(confidence=confidence), new(confidence="uniform")
    uniform.load_state_dict(one.state_dict(), strict=False)
    both = sides()

    torch.testing.assert_close(one(*both).scores, uniform(*both).scores)


def test_a_factor_is_blind_to_the_numbers_of_others():
    matcher = plain(confidence="uniform")
    other = side([0.0, 0.0, 0.0, TALL], [1.0, 1.0, -1.0, -0.75])  # changes the second factor

    moved = matcher(TEXT, other).scores.item()

    cosines = COSINES[0], LAST / math.hypot(-0.25, LAST)
    assert moved == pytest.approx(sum(cosines) / 2, abs=1e-6)


SAID = torch.tensor([[[1.0, 2.0, 3.0], [1.0, 0.0, -1.0]], [[3.0, 2.0, 1.0], [0.0, 0.0, 5.0]]])
HEARD = torch.tensor([[[2.0, 4.0, 6.0], [0.0, 1.0, 0.0]], [[2.0, 4.0, 6.0], [7.0, 7.0, 8.0]]])


def test_correlations_by_hand():
    # Of the first pair 1, 0, -1 and 0; of the other -1, -root 3 / 2, root 3 / 2 and 1.
    root = 3**0.5 / 2
    wanted = torch.tensor([[0.0, -root / 2], [(root - 1) / 2, 0.5]])

    torch.testing.assert_close(crossed(SAID, HEARD), wanted)


def test_both_losses_by_hand():
    crossings = torch.tensor([[0.5, 0.2, 0.0], [-0.3, 1.0, 0.1], [0.0, 0.0, -1.0]])

    assert align(crossings).item() == pytest.approx(0.25 + 0 + 4)
    assert disentangle(crossings).item() == pytest.approx(0.04 + 0.09 + 0.01)


def test_factors_of_one_text_and_the_same_sound_cost_nothing_to_align():
    assert align(crossed(SAID, 7 * SAID + 2)).item() == pytest.approx(0, abs=1e-6)


def test_one_factor_has_nothing_to_be_told_apart_from():
    text, audio = sides()

    term = new(factors=1)(text, audio).terms["disentangle"]

    assert term(batch(torch.eye(3, 4, dtype=torch.bool))).item() == 0


@pytest.mark.parametrize("name", ["align", "disentangle"])
def test_only_right_pairs_are_looked_at(name):
    text, audio = sides()
    matcher = new()
    right = torch.zeros(3, 4, dtype=torch.bool)
    right[2, 1] = True
    alone = [{"main": chosen(one["main"], torch.tensor([n]))} for one, n in ((text, 2), (audio, 1))]

    found = matcher(text, audio).terms[name](batch(right))

    wanted = matcher(*alone).terms[name](batch(torch.ones(1, 1, dtype=torch.bool)))
    torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize("name", ["align", "disentangle"])
def test_a_batch_without_a_right_pair_teaches_nothing(name):
    text, audio = sides()

    found = new()(text, audio).terms[name](batch(torch.zeros(3, 4, dtype=torch.bool)))

    assert found.isfinite()


def test_factors_learn_to_go_together_and_apart():
    text, audio = sides()
    matcher, match = new(factors=2), batch(torch.eye(3, 4, dtype=torch.bool))
    optimiser = torch.optim.Adam(matcher.parameters(), lr=0.01)
    costs = []

    for _ in range(60):
        terms = matcher(text, audio).terms
        costs.append([terms[name](match) for name in ("align", "disentangle")])
        optimiser.zero_grad()
        sum(costs[-1]).backward()
        optimiser.step()

    assert all(last < first / 2 for first, last in zip(costs[0], costs[-1], strict=True))


def test_with_levels_the_factors_are_the_top_of_a_hierarchy():
    text, audio = sides(THREE)
    whole, top, below = new(THREE, levels=2), new(THREE), Hierarchy(THREE, width=8).eval()
    below.load_state_dict(whole.state_dict(), strict=False)
    for few, many in ((top.text, whole.text), (top.audio, whole.audio)):
        for part in ("into", "norm", "weigh"):
            getattr(few, part)[0].load_state_dict(getattr(many, part)[-1].state_dict())
    top.trust.load_state_dict(whole.trust.state_dict())
    shares = whole.shares()

    lower = torch.einsum("thw,ahw->hta", below.text(text["main"]), below.audio(audio["main"]))
    wanted = shares[0] * lower[0] + shares[1] * lower[1] + shares[2] * top(text, audio).scores

    assert whole.width == 24
    torch.testing.assert_close(whole(text, audio).scores, wanted)


def test_every_level_learns_by_itself_and_the_top_by_its_factors():
    text, audio = sides(THREE)
    matcher = new(THREE, levels=2)
    given = batch(torch.eye(3, 4, dtype=torch.bool))
    matcher.shares.logits.data = torch.tensor([-90.0, -90.0, 0.0])

    only = given.nt_xent(matcher(text, audio).scores)
    found = matcher(text, audio).terms["levels"](given)

    t, a = matcher.text(text["main"]), matcher.audio(audio["main"])
    lower = [given.nt_xent(t[:, h] @ a[:, h].T) for h in range(2)]
    torch.testing.assert_close(found, (sum(lower) + only) / 3)


def test_a_width_must_be_cut_evenly():
    with pytest.raises(UsageError) as error:
        new(factors=3)

    assert error.value.problem == "a matcher of width 8 cannot be cut into 3 factors"
    assert error.value.hint == "make the width a multiple of the factors"


def test_a_confidence_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(UsageError) as error:
        new(confidence="unifrom")

    assert str(error.value) == "there is no confidence 'unifrom'\ndid you mean 'uniform'?"


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan"), float("inf")])
def test_a_temperature_that_cannot_be_is_refused(temperature):
    with pytest.raises(UsageError, match="a matcher cannot have temperature"):
        new(temperature=temperature)


def test_levels_that_the_features_do_not_have_are_asked_for():
    with pytest.raises(UsageError, match="the matcher 'factors' is to align levels = 1"):
        new(levels=1)
