"""Every loss by hand, on lopsided cases, and what must not matter to it."""

import math

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.losses import (
    LOSSES,
    bce,
    cosine_gap,
    max_margin,
    nt_xent,
    order,
    sigmoid,
    soft_targets,
    spread,
)

EYE = torch.eye(2, dtype=torch.bool)
LOPSIDED = torch.tensor([[2.0, 0.0], [1.0, 1.0]])
# Three captions, two clips: the first two captions are of the first clip.
CAPTIONS = torch.tensor([[True, False], [True, False], [False, True]])
every_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)


def cost(gap):
    """-log of what a match gets against one other whose score is `gap` higher."""
    return math.log(1 + math.exp(gap))


def random_case(texts=7, audios=5):
    generator = torch.Generator().manual_seed(3)
    scores = torch.rand(texts, audios, generator=generator) * 2 - 1
    match = torch.rand(texts, audios, generator=generator) > 0.7
    return scores, match


def test_nt_xent_by_hand():
    text_to_audio = (cost(-2) + cost(0)) / 2
    audio_to_text = cost(-1)  # both columns differ by 1

    loss = nt_xent(LOPSIDED, EYE, temperature=1.0)

    assert loss.item() == pytest.approx((text_to_audio + audio_to_text) / 2)


def test_nt_xent_of_several_captions_by_hand():
    scores = torch.tensor([[3.0, 1.0], [0.0, 2.0], [5.0, 4.0]])
    text_to_audio = (cost(-2) + cost(2) + cost(1)) / 3
    # The first clip's captions each meet only the third caption; the second clip's meets two.
    first = (cost(5 - 3) + cost(5 - 0)) / 2
    second = math.log(1 + math.exp(1 - 4) + math.exp(2 - 4))

    loss = nt_xent(scores, CAPTIONS, temperature=1.0)

    assert loss.item() == pytest.approx((text_to_audio + (first + second) / 2) / 2)


def test_the_temperature_divides_the_scores():
    halved = nt_xent(LOPSIDED / 2, EYE, temperature=0.5)

    assert halved.item() == pytest.approx(nt_xent(LOPSIDED, EYE, temperature=1.0).item())


def test_a_learned_temperature_gets_a_gradient():
    temperature = torch.tensor(0.5, requires_grad=True)

    nt_xent(LOPSIDED, EYE, temperature=temperature).backward()

    assert temperature.grad != 0


def test_a_row_without_a_match_counts_for_nothing_but_is_a_negative_for_others():
    scores = torch.tensor([[2.0, 0.0], [1.0, 1.0], [4.0, 0.0]])
    match = torch.tensor([[True, False], [False, True], [False, False]])
    text_to_audio = (cost(-2) + cost(0)) / 2
    first = math.log(1 + math.exp(1 - 2) + math.exp(4 - 2))
    second = math.log(1 + math.exp(0 - 1) + math.exp(0 - 1))

    loss = nt_xent(scores, match, temperature=1.0)

    assert loss.item() == pytest.approx((text_to_audio + (first + second) / 2) / 2)


def test_max_margin_by_hand():
    # Match 0.5 against non-match 0.4 misses a margin of 0.2 by 0.1; the other row is clear.
    scores = torch.tensor([[0.5, 0.4], [0.0, 0.9]])

    # Rows: (0.1 + 0) / 2. Columns: (0 + 0) / 2, since 0.5 - 0.0 and 0.9 - 0.4 exceed 0.2.
    assert max_margin(scores, EYE, margin=0.2).item() == pytest.approx(0.025)


def test_max_margin_of_several_captions_by_hand():
    scores = torch.tensor([[0.5, 0.4], [0.1, 0.6], [0.2, 0.9]])
    # Rows: 0.2 + 0.4 - 0.5, 0.2 + 0.6 - 0.1, nothing; three comparisons. First column: 0.2 misses
    # 0.5 by nothing and 0.1 by 0.3. Second: 0.9 is clear of 0.4 and of 0.6. Four comparisons.
    by_row, by_column = (0.1 + 0.7) / 3, 0.3 / 4

    loss = max_margin(scores, CAPTIONS, margin=0.2)

    assert loss.item() == pytest.approx((by_row + by_column) / 2)


def test_sigmoid_by_hand():
    scores = torch.tensor([[0.5, 0.25], [0.0, 1.0]])
    # Logits 4 * s - 1 are 1, 0, -1, 3; the match wants them high, the others low.
    wanted = (cost(-1) + cost(0) + cost(-1) + cost(-3)) / 4

    assert sigmoid(scores, EYE, scale=4.0, bias=-1.0).item() == pytest.approx(wanted)


def test_soft_targets_by_hand():
    # The teacher's rows are (3/4, 1/4) and (1/2, 1/2); its columns (3/5, 2/5) and (1/3, 2/3).
    taught = torch.tensor([[3.0, 1.0], [2.0, 2.0]]).log()
    rows = (0.75 * cost(-2) + 0.25 * cost(2) + cost(0)) / 2
    columns = (0.6 * cost(-1) + 0.4 * cost(1) + 1 / 3 * cost(1) + 2 / 3 * cost(-1)) / 2

    loss = soft_targets(LOPSIDED, taught, temperature=1.0)

    assert loss.item() == pytest.approx((rows + columns) / 2)


def test_soft_targets_are_met_best_by_the_teacher_itself():
    scores, _ = random_case()
    own = scores.clone().requires_grad_()

    soft_targets(own, scores, temperature=0.3).backward()

    torch.testing.assert_close(own.grad, torch.zeros_like(scores), atol=1e-6, rtol=0)


def test_sharp_soft_targets_are_nt_xent():
    taught = torch.eye(2) * 1000

    soft = soft_targets(LOPSIDED, taught, temperature=1.0)

    assert soft.item() == pytest.approx(nt_xent(LOPSIDED, EYE, temperature=1.0).item())


def test_cosine_gap_by_hand():
    x = torch.tensor([[3.0, 4.0], [1.0, 0.0], [2.0, 0.0]])
    y = torch.tensor([[4.0, 3.0], [0.0, 7.0], [1.0, 0.0]])  # cosines 24/25, 0 and 1

    assert cosine_gap(x, y).item() == pytest.approx((1 / 25 + 1 + 0) / 3)


def test_cosine_gap_counts_only_what_the_mask_lets_through():
    x = torch.tensor([[[3.0, 4.0], [1.0, 0.0]], [[5.0, 5.0], [2.0, 0.0]]])
    y = torch.tensor([[[4.0, 3.0], [0.0, 7.0]], [[-5.0, -5.0], [1.0, 0.0]]])
    mask = torch.tensor([[True, True], [False, True]])

    assert cosine_gap(x, y, mask).item() == pytest.approx((1 / 25 + 1 + 0) / 3)
    assert cosine_gap(x, y, torch.zeros_like(mask)).item() == 0


def test_bce_by_hand():
    logits = torch.tensor([0.0, math.log(3)])  # probabilities 1/2 and 3/4
    wanted = torch.tensor([1.0, 0.5])

    loss = bce(logits, wanted).item()

    assert loss == pytest.approx((-math.log(0.5) - 0.5 * math.log(0.75 * 0.25)) / 2)


def test_spread_by_hand():
    x = torch.tensor([[3.0, 4.0], [2.0, 0.0], [0.0, 9.0]])  # cosines 3/5, 4/5 and 0

    assert spread(x).item() == pytest.approx((0.6 + 0.8 + 0) / 3)


def test_spread_of_vectors_that_are_the_same_is_one():
    assert spread(torch.tensor([[1.0, 2.0]]) * torch.tensor([[1.0], [5.0], [0.1]])) == (
        pytest.approx(1)
    )


def test_spread_needs_two_vectors():
    with pytest.raises(ValueError, match="1 vectors have no others"):
        spread(torch.ones(1, 3))


@every_loss
def test_neither_order_of_texts_nor_of_audios_matters(loss):
    scores, match = random_case()
    texts, audios = torch.randperm(7), torch.randperm(5)

    mixed = loss(scores[texts][:, audios], match[texts][:, audios])

    torch.testing.assert_close(mixed, loss(scores, match))


@every_loss
def test_both_directions_count_the_same(loss):
    scores, match = random_case()

    torch.testing.assert_close(loss(scores.T, match.T), loss(scores, match))


@every_loss
def test_a_better_match_and_a_worse_other_both_lower_it(loss):
    scores = torch.tensor([[0.3, 0.2], [0.25, 0.2]], requires_grad=True)

    loss(scores, EYE).backward()

    assert (scores.grad[EYE] < 0).all()
    assert (scores.grad[~EYE] > 0).all()


@pytest.mark.parametrize("loss", [nt_xent, max_margin])
def test_captions_of_one_clip_are_not_negatives_of_each_other(loss):
    scores = torch.tensor([[0.9], [0.1]], requires_grad=True)

    value = loss(scores, torch.tensor([[True], [True]]))
    value.backward()

    assert value.item() == 0
    assert scores.grad.tolist() == [[0], [0]]


@every_loss
@pytest.mark.parametrize("everything", [True, False])
def test_all_or_nothing_matching_gives_no_nan(loss, everything):
    scores = random_case()[0].requires_grad_()

    value = loss(scores, torch.full((7, 5), everything))
    value.backward()

    assert value.isfinite()
    assert scores.grad.isfinite().all()


@every_loss
def test_low_precision_scores_are_worked_on_in_full(loss):
    scores, match = random_case()
    rounded = scores.bfloat16()

    torch.testing.assert_close(loss(rounded, match), loss(rounded.float(), match))


def test_soft_targets_and_distances_too_are_worked_out_in_full():
    scores = random_case()[0].bfloat16()
    full = scores.float()

    assert soft_targets(scores, scores).equal(soft_targets(full, full))
    assert cosine_gap(scores, -scores).equal(cosine_gap(full, -full))
    assert bce(scores, scores.sigmoid()).dtype == torch.float32
    assert spread(scores).equal(spread(full))


def test_large_scores_stay_finite():
    scores = LOPSIDED * 1000

    assert nt_xent(scores, EYE, temperature=0.01).item() == pytest.approx((cost(0) / 2) / 2)


def test_an_order_is_asked_to_lie_before_the_same_turned_round():
    # ln(1 + e^-(0.2 / 0.1)) and ln(1 + e^(0.1 / 0.1)), in the mean.
    wanted = (math.log(1 + math.exp(-2)) + math.log(1 + math.e)) / 2

    assert order(torch.tensor([0.2, -0.1]), temperature=0.1).item() == pytest.approx(wanted)
    assert order(torch.zeros(0)).item() == 0
