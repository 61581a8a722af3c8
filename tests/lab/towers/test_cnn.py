import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.sides import mean
from earmark.lab.towers.cnn import ConvTower

torch.set_num_threads(1)

SMALL = {"bands": 32, "widths": (4, 6, 8), "depths": (1, 2, 2), "width": 12, "looks": 2}
REACH = 8  # tokens; 126 frames: 2 + 4 * (2) + 4 + 8 * (3) + 8 + 16 * (3) + 16 * (2)


@pytest.fixture
def tower():
    """A small tower that has seen a batch, so that its norms are not those of the start."""
    torch.manual_seed(1)
    made = ConvTower(**SMALL)
    made.train()(torch.randn(4, 64, 32) * 2 + 1)
    return made.eval()


@pytest.mark.parametrize(("frames", "tokens"), [(608, 38), (256, 16), (271, 16), (16, 1)])
def test_a_token_stands_for_sixteen_frames(tower, frames, tokens):
    stream = tower(torch.randn(2, frames, 32))

    assert stream.x.shape == (2, tokens, 12)
    assert stream.real.shape == stream.weight.shape == (2, tokens)
    assert stream.real.all()


def test_its_tokens_last_as_long_as_it_says():
    assert ConvTower().token_seconds == pytest.approx(0.32)
    assert ConvTower(frame_seconds=0.01).token_seconds == pytest.approx(0.16)
    assert ConvTower().width == 384


def test_weights_are_above_nothing_and_levels_are_as_long_as_the_tokens(tower):
    torch.nn.init.constant_(tower.weigh.bias, -3.0)
    stream = tower(torch.randn(3, 100, 32))

    assert (stream.weight > 0).all()
    assert (stream.weight < 1).any()
    assert [level.shape for level in stream.levels] == [(3, 6, 12)] * 3
    assert mean(stream).shape == (3, 12)


def test_what_is_left_over_behind_the_last_token_is_not_heard(tower):
    mel = torch.randn(1, 60, 32)
    other = mel.clone()
    other[:, 48:] = 9.0

    torch.testing.assert_close(tower(mel).x, tower(other).x, atol=0, rtol=0)


def test_a_sound_is_heard_alone_as_in_a_batch(tower):
    batch = torch.randn(5, 96, 32)

    alone, together = tower(batch[2:3]), tower(batch)

    for one, all_ in ((alone.x, together.x), (alone.weight, together.weight)):
        torch.testing.assert_close(one, all_[2:3], atol=1e-5, rtol=1e-5)


def test_a_token_does_not_depend_on_what_lies_farther_than_its_reach(tower):
    mel = torch.randn(1, 16 * 30, 32)
    other = mel.clone()
    other[:, 16 * 20 :] += 5.0
    before, after = tower(mel).x[0], tower(other).x[0]

    changed = (before - after).abs().amax(dim=1) > 1e-6

    assert not changed[: 20 - REACH].any()
    assert changed[20 - REACH + 2 :].all()


@pytest.mark.parametrize(
    ("frame", "seen_by"), [(1, {0}), (2, {0, 1}), (9, {1, 2}), (10, {2, 3}), (11, {2, 3})]
)
def test_a_frame_is_seen_by_its_own_patch_and_by_the_one_that_is_nearer(tower, frame, seen_by):
    mel = torch.zeros(1, 1, 32, 32)
    mel[:, :, frame] = 1.0

    change = tower.stem[0](mel).abs().sum(dim=(0, 1, 3))

    assert set(change.nonzero()[:, 0].tolist()) == seen_by


@pytest.mark.parametrize(
    ("band", "seen_by"), [(0, {0}), (1, {0, 1}), (6, {2, 3}), (7, {3, 4}), (31, {15})]
)
def test_so_is_a_band(tower, band, seen_by):
    mel = torch.zeros(1, 1, 32, 32)
    mel[..., band] = 1.0

    change = tower.stem[0](mel).abs().sum(dim=(0, 1, 2))

    assert set(change.nonzero()[:, 0].tolist()) == seen_by


@pytest.mark.parametrize("bands", [32, 96, 128])
def test_however_many_bands_there_are_the_network_behind_the_stem_is_the_same(bands):
    made = ConvTower(**(SMALL | {"bands": bands})).eval()

    assert made.fold.weight.shape == (12, 8 * 4)
    assert made.stem[0].weight.shape == (4, 1, 8, bands // 8)
    assert made(torch.randn(2, 40, bands)).x.shape == (2, 2, 12)


def test_its_inner_weights_are_the_matrices_from_the_stem_to_the_tokens(tower):
    names = {id(one): name for name, one in tower.named_parameters()}

    told = [names[id(one)] for one in tower.inner_weights()]

    blocks = [f"blocks.{n}.{half}.weight" for n in range(5) for half in ("first", "second")]
    assert told == [*blocks, "fold.weight"]


def test_time_runs_forward_through_it(tower):
    mel = torch.zeros(1, 16 * 30, 32)
    mel[:, 16 * 25] = 20.0

    change = (tower(mel).x - tower(torch.zeros_like(mel)).x).abs().sum(dim=2)[0]

    assert change.argmax().item() in (24, 25, 26)


def test_every_weight_learns():
    torch.manual_seed(1)
    made = ConvTower(**SMALL)
    stream = made(torch.randn(4, 64, 32))

    (mean(stream).square().sum() + stream.x[:, 0].sum()).backward()

    still = [name for name, one in made.named_parameters() if one.grad is None]
    assert still == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"widths": (4, 8)}, "widths [4, 8]"),
        ({"widths": ()}, "widths []"),
        ({"widths": (4, 0, 8)}, "widths [4, 0, 8]"),
        ({"depths": (1, 2, 0)}, "depths [1, 2, 0]"),
        ({"depths": (1, 2, 2, 2)}, "depths [1, 2, 2, 2]"),
        ({"width": 0}, "tokens of 0"),
        ({"looks": -1}, "-1 looks"),
        ({"bands": 40}, "40 bands"),
        ({"bands": 16}, "16 bands"),
        ({"bands": 0}, "0 bands"),
    ],
)
def test_impossible_sizes_get_two_lines(change, said):
    with pytest.raises(UsageError) as error:
        ConvTower(**(SMALL | change))

    assert said in error.value.problem
    assert len(str(error.value).splitlines()) == 2


def test_the_layout_of_its_weights_stays_as_trained_ones_have_it():
    shapes = {name: tuple(one.shape) for name, one in ConvTower(**SMALL).state_dict().items()}

    assert shapes["stem.0.weight"] == (4, 1, 8, 4)
    assert shapes["stem.1.running_mean"] == (4,)
    assert shapes["blocks.1.first.weight"] == (6, 4, 3, 3)
    assert shapes["blocks.1.around.1.weight"] == (6, 4, 1, 1)
    assert shapes["fold.weight"] == (12, 8 * 16 // 4)
    assert shapes["looks.1.near.weight"] == (12, 12, 3)
    assert shapes["weigh.weight"] == (1, 12)
    assert len(shapes) == 86
