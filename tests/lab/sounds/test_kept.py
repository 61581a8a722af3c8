"""What held ears heard is kept once, whole, and given back as a tower gives it."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.sides import Stream
from earmark.lab.sounds.kept import BLOCK, keep

CPU = torch.device("cpu")
SHAPE = (5, 3, 2)  # tokens, width, classes


class Ears:
    """Token j of sound n is n + j / 10 in every number; sound n weighs its tokens n % 4."""

    def __init__(self):
        self.heard = []

    def __call__(self, numbers):
        self.heard += numbers
        number = torch.tensor(list(numbers), dtype=torch.float32)
        x = (number[:, None, None] + torch.arange(4)[:, None] / 10).expand(-1, 4, 3)
        real = torch.ones(len(numbers), 4, dtype=torch.bool)
        real[:, 3] = number < 100
        stream = Stream(x, real, weight=(number % 4)[:, None].expand(-1, 4))
        return stream, torch.stack([number / 1000, torch.full_like(number, 1e-5)], dim=1)


def test_what_was_heard_comes_back(tmp_path):
    kept = keep(150, Ears(), shape=SHAPE, key="a", cache=tmp_path)

    stream = kept.stream(np.array([149, 2, 4]), CPU)

    np.testing.assert_allclose(stream.x[0, 1].numpy(), [149.1] * 3, rtol=1e-3)
    np.testing.assert_allclose(stream.x[1, 3].numpy(), [2.3] * 3, rtol=1e-3)
    assert stream.weight[:, 0].tolist() == [1, 2, 0]
    # The fifth place is padding, the fourth of sound 149 too, and sound 4 weighs nothing.
    assert stream.real.sum(dim=1).tolist() == [3, 4, 0]
    assert not stream.x[:, 4].any()
    scores = kept.classes(np.array([149, 2]), CPU)
    np.testing.assert_allclose(scores.numpy(), [[0.149, 1e-5], [0.002, 1e-5]], rtol=5e-3)


def test_a_second_opening_hears_nothing(tmp_path):
    first, second = Ears(), Ears()

    keep(150, first, shape=SHAPE, key="a", cache=tmp_path)
    kept = keep(150, second, shape=SHAPE, key="a", cache=tmp_path)

    assert first.heard == list(range(150))
    assert second.heard == []
    assert kept.tokens.shape == (150, 5, 3)


@pytest.mark.parametrize(
    ("count", "shape", "key"), [(151, SHAPE, "a"), (150, (5, 3, 1), "a"), (150, SHAPE, "b")]
)
def test_another_number_shape_or_key_is_heard_anew(tmp_path, count, shape, key):
    keep(150, Ears(), shape=SHAPE, key="a", cache=tmp_path)
    again = Ears()

    keep(count, again, shape=shape, key=key, cache=tmp_path)

    assert len(again.heard) == count


def test_what_was_broken_off_is_heard_anew(tmp_path):
    def tires(numbers):
        if numbers.start:
            raise KeyboardInterrupt
        return Ears()(numbers)

    with pytest.raises(KeyboardInterrupt):
        keep(150, tires, shape=SHAPE, key="a", cache=tmp_path)

    assert list(tmp_path.iterdir()) == []
    assert len(keep(150, Ears(), shape=SHAPE, key="a", cache=tmp_path).tokens) == 150


def test_a_token_of_little_weight_stays_one(tmp_path):
    def faint(numbers):
        stream, scores = Ears()(numbers)
        return stream._replace(weight=torch.full((len(numbers), 4), 1e-9)), scores

    kept = keep(2, faint, shape=SHAPE, key="a", cache=tmp_path)

    assert kept.stream(np.array([0]), CPU).real.sum() == 4


def test_progress_is_told_block_by_block(tmp_path):
    told = []

    keep(2 * BLOCK, Ears(), shape=SHAPE, key="a", cache=tmp_path, watch=told.append)

    assert told == [0.5, 1.0]


def test_sounds_without_classes_have_none(tmp_path):
    def hear(numbers):
        return Ears()(numbers)[0], torch.zeros(len(numbers), 0)

    kept = keep(3, hear, shape=(5, 3, 0), key="a", cache=tmp_path)

    assert kept.classes(np.array([0, 1]), CPU).shape == (2, 0)
