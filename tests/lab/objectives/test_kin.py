"""Which sentences are near each other: found, drawn together, and learned."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.objectives import kin as room
from earmark.lab.objectives.kin import Kin, kin, nearest
from earmark.lab.words.corpus import Corpus

# Directions in degrees, so that who is near whom can be seen; lengths must not matter.
DEGREES, LENGTHS = np.array([0.0, 10.0, 25.0, 90.0, 100.0, 180.0]), np.array([1, 3, 2, 5, 1, 4])


def fan():
    angle = np.deg2rad(DEGREES)
    return (np.stack([np.cos(angle), np.sin(angle)], axis=1) * LENGTHS[:, None]).astype(np.float16)


@pytest.mark.parametrize("at_once", [1, 4, 100])
def test_the_nearest_others_come_first(monkeypatch, at_once):
    monkeypatch.setattr(room, "AT_ONCE", at_once)
    shares = []

    found = nearest(fan(), 2, shares.append)

    assert found.tolist() == [[1, 2], [0, 2], [1, 0], [4, 2], [3, 2], [4, 3]]
    assert shares[-1] == 1.0


def test_few_sentences_have_few_others():
    assert nearest(fan()[:2], 8, lambda _: None).tolist() == [[1], [0]]


def test_every_other_sentence_is_near_one_of_the_batch(tmp_path):
    corpus = Corpus(tuple("abcdef"), fan(), "key")

    found = Kin.of(corpus, tmp_path, lambda _: None)
    drawn = found.draw(40, np.random.default_rng(3))

    place = {number: row for row, number in enumerate(corpus.train)}
    for one, beside in zip(drawn[:20], drawn[20:], strict=True):
        assert place[beside] in found.near[place[one]]
    assert len(set(drawn[:20].tolist())) > 2


def test_what_was_found_is_read_again(tmp_path, monkeypatch):
    corpus = Corpus(tuple("abcdef"), fan(), "key")
    first = Kin.of(corpus, tmp_path, lambda _: None)
    monkeypatch.setattr(room, "nearest", None)

    np.testing.assert_array_equal(Kin.of(corpus, tmp_path, lambda _: None).near, first.near)
    assert [path.name for path in tmp_path.iterdir()] == ["kin-key-8.npy"]


def test_the_loss_is_least_where_near_is_near():
    meanings = torch.from_numpy(fan().astype(np.float32))
    turned = meanings @ torch.tensor([[0.0, 1.0], [-1.0, 0.0]])  # all gists turned alike
    shuffled = meanings[[3, 0, 5, 1, 2, 4]]

    assert kin(turned * 7, meanings) == pytest.approx(kin(meanings, meanings).item(), abs=1e-5)
    assert kin(shuffled, meanings) > kin(meanings, meanings) + 1


def test_the_loss_by_hand():
    # Two others each: at cosines 1 and 0 the nearer one has a chance of 1 / (1 + e^-20).
    meanings = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    gists = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])

    # Row 0 finds both others equally near: log 2. Row 1 finds 0 at 0 and 2 at -1, so it is right.
    # Row 2 has no favourite, and finds 0 at 0 and 1 at -1: 10 on average.
    assert kin(gists, meanings).item() == pytest.approx((np.log(2) + 0 + 10) / 3, abs=1e-4)
