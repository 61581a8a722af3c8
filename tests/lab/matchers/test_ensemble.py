"""Several matchers as one, by hand: what each counts, what is stored, and who cannot be in it."""

from copy import deepcopy
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

import numpy as np

from earmark.errors import UsageError
from earmark.lab.matchers import Widths, new_matcher
from earmark.lab.matchers.ensemble import Measured
from earmark.lab.sides import Stream, mean
from earmark.score import ensemble as mean_of_standardised
from lab.matchers.members import member_run

WIDTHS = Widths({"main": 2}, {"main": 2})
MIXED = Widths({"main": 6}, {"main": 6, "expert": 5})


@pytest.fixture(autouse=True)
def _same_every_time():
    torch.set_num_threads(1)
    torch.manual_seed(5)


def as_it_is(matcher):
    torch.nn.init.eye_(matcher.text.weight)
    torch.nn.init.eye_(matcher.audio.weight)


def swapped(matcher):
    """Numbers of a sound change places and double."""
    torch.nn.init.eye_(matcher.text.weight)
    matcher.audio.weight.data = torch.tensor([[0.0, 2.0], [2.0, 0.0]])


@pytest.fixture
def two(tmp_path):
    """Two plain members; the scores of the second spread three times as far."""
    members = [
        member_run(tmp_path / "one", WIDTHS, ("pooled", {}), 2, change=as_it_is),
        member_run(tmp_path / "other", WIDTHS, ("pooled", {}), 2, change=swapped),
    ]
    matcher = new_matcher("ensemble", WIDTHS, members=members).eval()
    matcher.spread.add(torch.tensor([0.1, 0.3]))
    return matcher


@pytest.fixture
def mixed(tmp_path):
    """A member that its gists say all of, and two that must see both sides."""
    kinds = {"plain": ("pooled", {}), "words": ("words", {}), "tap": ("tap", {"inner": 4})}
    members = [
        member_run(tmp_path / name, MIXED, kind, 4 + 2 * place)
        for place, (name, kind) in enumerate(kinds.items())
    ]
    return new_matcher("ensemble", MIXED, members=members).eval()


def side(*tokens, weights=None):
    """One item of these tokens."""
    x = torch.tensor([tokens])
    weight = None if weights is None else torch.tensor([weights])
    return {"main": Stream(x, torch.ones(x.shape[:2], dtype=torch.bool), weight=weight)}


def many(count, length, width=6):
    x = torch.randn(count, length, width)
    return {"main": Stream(x, torch.ones(x.shape[:2], dtype=torch.bool))}


def test_a_score_and_its_gists_by_hand(two):
    text, audio = side([2.0, 0.0]), side([3.0, 4.0])

    # 1 / 0.1 is three times 1 / 0.3. The first hears (3, 4) and the second (8, 6).
    assert two.shares().tolist() == pytest.approx([0.75, 0.25])
    assert two(text, audio).scores.item() == pytest.approx(0.75 * 0.6 + 0.25 * 0.8)
    root = 0.75**0.5
    assert two.text_gist(text)[0].tolist() == pytest.approx([root, 0, 0.5, 0])
    assert two.audio_gist(audio)[0].tolist() == pytest.approx([root * 0.6, root * 0.8, 0.4, 0.3])


def test_tokens_by_hand(two):
    """A token is as long as it counts, and both members' means get the length of their share."""
    two.length.add(torch.tensor([1.0, 4.0]))

    tokens = two.audio_tokens(side([1.0, 0.0], [0.0, 1.0], weights=[1.0, 3.0]))

    # The means of what counts are (1, 3) / 2 and (6, 2) / 2: as many times what is usual.
    length = 10**0.5 / 2
    more = 0.75 * length + 0.25 * 2 * length / 4
    first, second = 0.75**0.5 * more / length, 0.5 * more / (2 * length)
    assert tokens.weight.tolist() == [[1, 1]]
    assert tokens.x[0, 0].tolist() == pytest.approx([first, 0, 0, 2 * second])
    assert tokens.x[0, 1].tolist() == pytest.approx([0, 3 * first, 6 * second, 0])


def test_what_all_members_count_little_stays_little(two):
    """So that a stretch of near silence does not outweigh the one beside it."""
    loud = side([1.0, 2.0], [3.0, 1.0], weights=[1.0, 0.5])
    soft = side([1.0, 2.0], [3.0, 1.0], weights=[0.1, 0.05])

    torch.testing.assert_close(two.audio_tokens(soft).x * 10, two.audio_tokens(loud).x)


def test_before_anything_is_measured_all_count_alike(mixed):
    text, audio = many(3, 4), many(5, 6)

    scores = mixed(text, audio).scores

    each = torch.stack([one(text, audio).scores for one in mixed.members])
    torch.testing.assert_close(scores, each.mean(dim=0))


def test_in_training_it_measures_spreads_by_hand_and_nothing_else(two):
    fresh = two.spread
    fresh.total.zero_(), fresh.count.zero_()
    text = side([1.0, 0.0])
    three = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]], [[-1.0, 0.0]]])
    audio = {"main": Stream(three, torch.ones(3, 1, dtype=torch.bool))}
    before = {name: value.clone() for name, value in two.members.state_dict().items()}

    two.train()(text, audio)
    two(text, side([1.0, 0.0]))  # one score does not spread

    # Scores of 1, 0, -1 for the first member and 0, 1, 0 for the second.
    wanted = [(2 / 3) ** 0.5 / 2, (2 / 9) ** 0.5 / 2]
    assert two.spread.mean().tolist() == pytest.approx(wanted)
    assert two.length.mean().tolist() == [1, 2]
    assert all(one.equal(before[k]) for k, one in two.members.state_dict().items())
    counted = two.spread.count.item()
    two.eval()(text, audio)
    assert two.spread.count.item() == counted


def test_an_average_of_weights_over_time_has_what_was_measured():
    """As training keeps one; it began before anything was measured."""
    measured = Measured(2)
    average = deepcopy(measured)

    for _ in range(3):
        measured.add(torch.tensor([0.2, 0.5]))
        for old, new in zip(average.buffers(), measured.buffers(), strict=True):
            old.lerp_(new, 0.3)

    assert average.mean().tolist() == pytest.approx([0.2, 0.5])


def test_a_member_that_says_the_same_of_every_pair_counts_nothing(two):
    two.spread.total.copy_(torch.tensor([0.0, 0.2]))
    text, audio = side([2.0, 0.0]), side([3.0, 4.0])

    assert two.shares().tolist() == [0, 1]
    assert two(text, audio).scores.item() == pytest.approx(0.8)
    assert two.audio_tokens(audio).x.isfinite().all()


def test_it_ranks_as_the_mean_of_standardised_scores(mixed):
    text, audio = many(7, 4), many(9, 6)
    mixed.train()(text, audio)
    mixed.eval()

    found = mixed(text, audio).scores.numpy()

    each = [one(text, audio).scores.numpy() for one in mixed.members]
    wanted = mean_of_standardised(each)
    assert np.ptp(mixed.shares().numpy()) > 0.1
    np.testing.assert_allclose(standard(found), standard(wanted), atol=1e-4)


def standard(scores):
    return (scores - scores.mean()) / scores.std()


def test_members_do_not_learn_and_are_as_they_are_measured(mixed):
    assert not any(one.requires_grad for one in mixed.parameters())

    mixed.train()

    assert mixed.training
    assert not any(one.training for one in mixed.members.modules())


def test_tokens_that_a_pair_needs_change_by_one_number_for_all_sounds(mixed):
    mixed.train()(many(4, 3), many(6, 5))
    mixed.eval()
    audio = many(3, 5)
    audio["main"].x[1] *= 7

    stored = mixed.audio_tokens(audio).x.split(mixed.widths, dim=2)

    for one, kept in zip(mixed.members, stored, strict=True):
        factor = kept / one.audio_tokens(audio).x
        same = (factor - factor[0, 0, 0]).abs().max() < 1e-4
        assert same == (not one.separable)


def test_the_shortlist_gives_members_about_the_length_of_their_share(mixed):
    mixed.train()(many(40, 3), many(60, 5))
    mixed.eval()

    gists = mixed.audio_gist(many(60, 5)).split(mixed.widths, dim=1)

    found = torch.stack([one.square().sum(dim=1).mean() for one in gists])
    torch.testing.assert_close(found, mixed.shares(), atol=0.05, rtol=0)


def test_any_moment_has_a_gist_of_its_tokens_in_which_no_member_is_drowned(two):
    two.length.add(torch.tensor([1.0, 2.0]))
    whole = side([1.0, 0.0], [0.0, 1.0], [5.0, 0.5], weights=[1.0, 3.0, 0.2])
    tokens = two.audio_tokens(whole)

    moment = mean(Stream(tokens.x[:, 1:], tokens.real[:, 1:], weight=tokens.weight[:, 1:]))[0]

    lengths = [part.norm().item() for part in moment.split(two.widths)]
    assert lengths[0] / lengths[1] == pytest.approx(3**0.5, rel=1e-4)


def test_recipes_of_members_are_read_and_each_has_a_width_of_its_own(mixed):
    assert mixed.widths == [4, 6, 8]
    assert mixed.width == 18
    assert (mixed.separable, mixed.timed) == (False, True)


@pytest.mark.parametrize("members", [[], ["runs/a"], ["runs/a", "runs/a"]])
def test_fewer_than_two_members_are_refused(members):
    refused(members, "cannot have these members", 'members = ["runs/one", "runs/other"]')


def test_what_is_no_run_is_refused(tmp_path):
    one = member_run(tmp_path / "one", WIDTHS, ("pooled", {}), 2)

    refused(
        [one, str(tmp_path / "gone")],
        "gone cannot be in an ensemble: it is no trained run",
        "{run:",
    )


def test_a_run_without_weights_is_refused(tmp_path):
    members = [member_run(tmp_path / name, WIDTHS, ("pooled", {}), 2) for name in "ab"]
    Path(members[1], "model.safetensors").unlink()

    refused(members, "b cannot be in an ensemble: it is no trained run", "runs/one")


def test_members_on_other_towers_are_refused(tmp_path):
    one = member_run(tmp_path / "one", WIDTHS, ("pooled", {}), 2)
    other = member_run(tmp_path / "other", WIDTHS, ("pooled", {}), 2, tower="yamnet")

    refused([one, other], "'other' cannot be in an ensemble with 'one'", "same task and towers")


def test_members_of_other_widths_are_refused(tmp_path):
    wide = Widths({"main": 2}, {"main": 3})
    members = [member_run(tmp_path / name, wide, ("pooled", {}), 2) for name in "ab"]

    refused(members, "a cannot be in this ensemble: the weights of", "towers of this recipe")


def test_an_ensemble_in_an_ensemble_is_refused(tmp_path, two):
    one = member_run(tmp_path / "third", WIDTHS, ("pooled", {}), 2)
    nested = {"members": [str(tmp_path / "one"), str(tmp_path / "other")]}
    other = member_run(tmp_path / "both", WIDTHS, ("ensemble", nested), 2)

    refused([one, other], "both is an ensemble itself", "name its members")


def test_one_vector_of_a_whole_clip_cannot_go_with_what_scores_from_tokens(tmp_path):
    kinds = {"moee": ("moee", {}), "words": ("words", {})}
    members = [member_run(tmp_path / name, MIXED, kind, 4) for name, kind in kinds.items()]

    refused(members, "with and without tokens", "leave out", MIXED)


def refused(members, problem, hint, widths=WIDTHS):
    with pytest.raises(UsageError) as error:
        new_matcher("ensemble", widths, members=members)

    assert problem in error.value.problem
    assert hint in error.value.hint
    assert len(str(error.value).splitlines()) == 2
