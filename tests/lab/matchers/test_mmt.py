"""The transformer over experts: what it gathers, when a token was, and what it overlooks."""

import math

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.matchers import Widths, mmt
from earmark.lab.sides import Stream

WIDTHS = Widths({"main": 5}, {"bat": 4, "cat": 3})


@pytest.fixture(autouse=True)
def _same_every_time():
    torch.set_num_threads(1)
    torch.manual_seed(8)


def matcher(**settings):
    made = mmt.MMT(WIDTHS, width=8, heads=2, **settings)
    for parameter in made.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    return made.eval()


def stream(rows, length, width):
    x = torch.randn(rows, length, width)
    return Stream(x, torch.ones(rows, length, dtype=torch.bool))


def audios(rows=2, length=4):
    return {"bat": stream(rows, length, 4), "cat": stream(rows, length, 3)}


def test_the_highest_of_each_number_by_hand():
    x = torch.tensor([[[1.0, -5], [-3, -2], [9, 9]], [[1.0, 2], [3, 4], [5, 6]]])
    real = torch.tensor([[True, True, False], [False, False, False]])

    assert mmt._highest(Stream(x, real)).tolist() == [[1, -2], [0, 0]]


@pytest.mark.parametrize(
    ("seconds", "places"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"cat": 0.4}, [1, 1, 2, 2, 2]),  # middles at 0.2, 0.6, 1.0, 1.4, 1.8 s
        ({"cat": 2.5}, [2, 4, 5, 5, 5]),  # 1.25 and 3.75 s; then there are no more places
    ],
)
def test_a_token_is_in_the_second_of_its_middle(seconds, places):
    made = matcher(seconds=seconds, longest=6)

    assert made._where("cat", stream(1, 5, 3)).tolist() == places


def test_the_sequence_has_one_token_to_begin_and_one_an_expert_to_gather():
    audio = audios(rows=2, length=4)
    audio["cat"].real[1] = False
    made = matcher()

    x, real = made._sequence(audio, torch.tensor([[True, True], [True, False]]))

    assert x.shape == (2, 1 + 2 + 4 + 4, 8)
    assert real.tolist() == [[True] * 11, [True, True, False] + [True] * 4 + [False] * 4]
    begins = made.kinds.weight[0] + made.places.weight[0]
    torch.testing.assert_close(x[:, 0], begins.expand(2, 8))
    gathering = x[:, 1:3] - made.kinds.weight[1:] - made.places.weight[0]
    torch.testing.assert_close(gathering.norm(dim=2), torch.ones(2, 2))


def test_when_a_token_was_matters():
    made, audio = matcher(), audios()
    turned = audio | {"cat": audio["cat"]._replace(x=audio["cat"].x.flip(1))}

    gap = (made.audio_gist(turned) - made.audio_gist(audio)).abs()

    assert gap.amax(dim=1).min() > 1e-3


@pytest.mark.parametrize("learning", [True, False])
def test_padding_of_any_expert_is_overlooked(learning):
    made, audio = matcher(dropout=0.0).train(learning), audios()
    longer = dict(audio)
    for name, by in (("bat", 3), ("cat", 1)):
        x, real = audio[name].x, audio[name].real
        x = torch.cat([x, torch.full((2, by, x.shape[2]), 99.0)], dim=1)
        real = torch.cat([real, torch.zeros(2, by, dtype=torch.bool)], dim=1)
        longer[name] = Stream(x, real)

    torch.testing.assert_close(made.audio_gist(longer), made.audio_gist(audio))


def test_the_text_is_the_mean_of_its_pieces_by_their_weights():
    made = matcher()
    x = torch.randn(1, 2, 5)
    real = torch.ones(1, 2, dtype=torch.bool)
    one = {"main": Stream(x, real, weight=torch.tensor([[3.0, 1.0]]))}
    mean = {"main": Stream((3 * x[:, :1] + x[:, 1:]) / 4, real[:, :1])}

    torch.testing.assert_close(made.text_gist(one), made.text_gist(mean))


def test_dropout_is_only_while_learning():
    made, text, audio = matcher(dropout=0.5), {"main": stream(4, 3, 5)}, audios()
    gists = made.audio_gist(audio), made.text_gist(text).norm(dim=1)  # lengths tell of trust

    assert made.audio_gist(audio).equal(gists[0])
    assert made.text_gist(text).norm(dim=1).equal(gists[1])
    assert not made.train().audio_gist(audio).equal(gists[0])
    assert not torch.allclose(made.text_gist(text).norm(dim=1), gists[1])


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"width": 9, "heads": 2}, "this cannot be: a width of 9 shared by 2 heads"),
        ({"dropout": 1.0}, "this cannot be: dropout = 1.0"),
        ({"seconds": {"cat": 0.0}}, "this cannot be: a token of cat that lasts 0.0 s"),
        ({"seconds": {"cat": math.nan}}, "this cannot be: a token of cat that lasts nan s"),
        ({"seconds": {"rat": 1.0}}, "seconds: there is no audio stream 'rat'"),
        ({"inner": 0, "depth": 0}, "a matcher cannot have depth = 0, inner = 0"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, problem):
    with pytest.raises(UsageError) as error:
        mmt.MMT(WIDTHS, **settings)

    assert error.value.problem == problem
