"""What a student is told of a mixture: all that is in it, or more of what is in front."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.experts import Heard
from earmark.lab.objectives.teaching import (
    TEACHINGS,
    Lessons,
    foreground,
    mixture,
    scores_of,
    teaching_of,
)
from earmark.lab.sides import Stream
from earmark.lab.sounds.plan import MixRule
from lab.sounds.made import plan_of

QUIET, LOUD = 0.5, 1.0
# Each sound is of one class, the first number of its piece.
THREE = plan_of(
    (0, 2, 1, 0, 1, QUIET),
    (0, 1, 1, 0, 1, LOUD),  # mixture 0: class 1 before class 2
    (1, 0, 1, 0, 1, QUIET),  # mixture 1: class 0 alone
    (2, 2, 1, 0, 1, LOUD),  # mixture 2: class 2 in noise
    mixtures=3,
    noise=np.array([0, 0, 0.2], np.float32),
)


class Flat:
    """Makes a "log-mel" that holds the power of each class in a band, noise in all."""

    def draw(self, size, seed):
        return THREE

    def render(self, plan):
        out = torch.zeros(plan.size, 2, 3)
        for row, sound, gain in zip(plan.mixture, plan.first, plan.gain, strict=True):
            out[row, :, sound] += float(gain)
        return out + torch.from_numpy(plan.noise)[:, None, None]


class Share:
    """Finds a class as likely as its share of the power."""

    names = ("a", "b", "c")

    def from_mel(self, logmel):
        power = logmel[:, 0].mean(dim=2)
        tokens = power[:, None]
        real = torch.ones(tokens.shape[:2], dtype=torch.bool)
        return Heard(power / power.sum(dim=1, keepdim=True), power, Stream(tokens, real))


def told(teach):
    return Lessons(Share(), Flat(), teach).hear(THREE)


def test_a_mixture_is_told_as_it_is_heard():
    # 0.5 and 1 of 1.5; 1.2 and twice 0.2 of 1.6
    wanted = [[0, 2 / 3, 1 / 3], [1, 0, 0], [1 / 8, 1 / 8, 6 / 8]]
    torch.testing.assert_close(told(mixture).taught.scores, torch.tensor(wanted))


def test_what_is_in_front_is_told_as_if_it_were_alone_and_the_rest_as_heard():
    wanted = [[0, 1, 1 / 3], [1, 0, 0], [1 / 8, 1 / 8, 1]]
    torch.testing.assert_close(told(foreground).taught.scores, torch.tensor(wanted))


def test_only_the_scores_are_told_otherwise():
    plain, front = told(mixture), told(foreground)

    torch.testing.assert_close(front.heard, plain.heard, atol=0, rtol=0)
    torch.testing.assert_close(front.taught.embedding, plain.taught.embedding, atol=0, rtol=0)
    torch.testing.assert_close(front.taught.tokens.x, plain.taught.tokens.x, atol=0, rtol=0)


def test_of_sounds_alone_both_tell_the_same():
    alone = plan_of((0, 1, 1, 0, 1, LOUD), (1, 2, 1, 0, 1, QUIET), mixtures=2)

    one, other = (teach(Share(), Flat(), alone).taught.scores for teach in (mixture, foreground))

    torch.testing.assert_close(one, other, atol=0, rtol=0)


@pytest.mark.parametrize("name", TEACHINGS)
def test_every_row_of_the_table_is_found_by_its_name(name):
    assert teaching_of(MixRule(taught=name)) is TEACHINGS[name]


def test_a_name_that_is_no_row_is_refused_with_the_one_that_was_meant():
    with pytest.raises(UsageError, match="cannot be taught as 'forground'") as error:
        teaching_of(MixRule(taught="forground"))

    assert "foreground" in error.value.hint


def test_an_expert_without_classes_is_the_caller_s_mistake():
    with pytest.raises(ValueError, match="without classes"):
        scores_of(told(mixture).taught._replace(scores=None))
