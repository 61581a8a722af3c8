"""Weighted means of cosines over the experts that are there, by hand."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.matchers.mixture import (
    Asked,
    Asking,
    Heard,
    audio_gist,
    each,
    scored,
    text_gist,
    there_of,
)
from earmark.lab.sides import Stream

# Two experts, of widths 2 and 1. The text looks for (0.6, 0.8) with trust 3/4, for (1) with 1/4.
ASKED = Asked(torch.tensor([[0.45, 0.6, 0.25]]), torch.tensor([[0.75, 0.25]]))
HEARD = Heard(
    torch.tensor([[1.0, 0, -1], [0, 0, -1], [0, 1, 0], [0, 0, 0]]),
    torch.tensor([[True, True], [False, True], [True, False], [False, False]]),
)


def test_a_missing_expert_leaves_its_trust_to_the_others_by_hand():
    # All: 3/4 0.6 + 1/4 (-1). The second alone: its cosine, -1. The first alone: 0.8. None: 0.
    torch.testing.assert_close(scored(ASKED, HEARD), torch.tensor([[0.2, -1.0, 0.8, 0.0]]))


def test_gists_are_the_parts_side_by_side():
    half = 2**-0.5
    wanted = [[half, 0, -half], [0, 0, -1], [0, 1, 0], [0, 0, 0]]

    torch.testing.assert_close(audio_gist(HEARD), torch.tensor(wanted))
    torch.testing.assert_close(text_gist(ASKED), ASKED.x * 2**0.5)
    whole = text_gist(ASKED) @ audio_gist(HEARD)[:1].T
    torch.testing.assert_close(whole, scored(ASKED, HEARD)[:, :1])


def test_trust_comes_from_the_text_alone_and_adds_up_to_1():
    torch.manual_seed(1)
    ask = Asking(5, {"a": 2, "b": 3, "c": 4})

    asked = ask(torch.randn(3, 5), torch.tensor([True, True, False]))

    parts = asked.x.split([2, 3, 4], dim=1)
    lengths = torch.stack([part.norm(dim=1) for part in parts], dim=1)
    torch.testing.assert_close(asked.trust.sum(dim=1), torch.ones(3))
    torch.testing.assert_close(lengths[:2], asked.trust[:2])  # of unit vectors times their trust
    assert not asked.x[2].any()


def test_experts_are_there_where_they_heard_anything():
    def stream(*rows):
        real = torch.tensor(rows)
        return Stream(torch.zeros(*real.shape, 1), real)

    side = {
        "a": stream([True, False], [False, False]),
        "b": stream([False], [True]),
        "c": stream([False], [False]),
    }

    assert there_of(side, ["b", "a"]).tolist() == [[False, True], [True, False]]


def test_a_setting_of_some_experts_leaves_the_others_as_they_are():
    assert each(["a", "b"], {"b": 7}, 3, "sizes") == {"a": 3, "b": 7}


def test_a_setting_of_a_stream_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(UsageError) as error:
        each(["vggish", "main"], {"vgish": 7}, 3, "expert_widths")

    assert error.value.problem == "expert_widths: there is no audio stream 'vgish'"
    assert error.value.hint == "did you mean 'vggish'?"
