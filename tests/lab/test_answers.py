"""What a matcher answers: by gists, and the first of them seen again."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.answers import Prepared, answers, prepared
from earmark.lab.matchers import MATCHERS, Widths, new_matcher
from earmark.lab.sides import Stream
from lab.matchers.members import member_run


def side(count, length, width, seed):
    torch.manual_seed(seed)
    real = torch.ones(count, length, dtype=torch.bool)
    x = torch.randn(count, length, width)
    return {"main": Stream(x, real, (x[..., :3], -x))}


TEXT = side(5, 3, 6, 1)
AUDIO = side(7, 4, 8, 2) | {"captions": side(7, 5, 6, 4)["main"]}


WIDTHS = Widths({"main": 6}, {"main": 8, "captions": 6}, (3, 6), (3, 8))


def matcher(name, **settings):
    torch.manual_seed(3)
    return new_matcher(name, WIDTHS, width=8, **settings).eval()


def both(one):
    return prepared(one, TEXT, is_text=True), prepared(one, AUDIO, is_text=False)


@pytest.mark.parametrize("direction", ["text to audio", "audio to text"])
def test_where_the_gists_say_it_all_they_are_the_answer(direction):
    one = matcher("pooled")

    found = answers(one, *both(one), direction=direction)

    torch.testing.assert_close(found, one(TEXT, AUDIO).scores.detach())


@pytest.mark.parametrize("name", sorted(MATCHERS))
def test_every_matcher_can_be_asked(name, tmp_path):
    of = [member_run(tmp_path / kind, WIDTHS, (kind, {}), 8) for kind in ("pooled", "words")]
    one = matcher(name, **({"members": of} if name == "ensemble" else {}))

    found = answers(one, *both(one), shortlist=50)

    torch.testing.assert_close(found, one(TEXT, AUDIO).scores.detach(), atol=1e-5, rtol=0)


@pytest.mark.parametrize("direction", ["text to audio", "audio to text"])
def test_with_a_shortlist_of_all_every_pair_is_seen(direction):
    one = matcher("words")

    found = answers(one, *both(one), direction=direction, shortlist=50)

    torch.testing.assert_close(found, one(TEXT, AUDIO).scores.detach(), atol=1e-5, rtol=0)


@pytest.mark.parametrize("direction", ["text to audio", "audio to text"])
def test_only_the_first_are_seen_again_and_they_stay_before_all_others(direction):
    one = matcher("words")
    text, audio = both(one)
    whole = one(TEXT, AUDIO).scores.detach()

    found = answers(one, text, audio, direction=direction, shortlist=2)

    gists, whole = text.gist @ audio.gist.T, whole
    if direction == "audio to text":
        found, gists, whole = found.T, gists.T, whole.T
    for row, gist, right in zip(found, gists, whole, strict=True):
        first = gist.topk(2).indices
        torch.testing.assert_close(row[first], right[first], atol=1e-5, rtol=0)
        others = [place for place in range(len(row)) if place not in first]
        assert row[others].max() < row[first].min()
        assert row[others].argsort().tolist() == gist[others].argsort().tolist()


def test_sides_in_blocks_are_those_at_once(monkeypatch):
    one = matcher("words")
    whole = both(one)
    monkeypatch.setattr("earmark.lab.answers.AT_ONCE", 2)

    for found, wanted in zip(both(one), whole, strict=True):
        torch.testing.assert_close(found.gist, wanted.gist)
        torch.testing.assert_close(found.tokens.x, wanted.tokens.x)


def test_what_is_said_by_gists_alone_cannot_be_seen_again():
    with pytest.raises(ValueError, match="nothing to see again"):
        Prepared(torch.zeros(1, 2), None).some(torch.tensor([0]))
