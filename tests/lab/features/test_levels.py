"""Earlier levels of frozen towers: where they lie, how they are kept, and who has none."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.experts import EXPERTS, Heard
from earmark.lab.experts.sentence import open_sentence
from earmark.lab.features import featured, kept
from earmark.lab.features.fewer import even, fewer
from earmark.lab.features.kept import Few, Sounds, heard, told
from earmark.lab.features.readers import ExpertReader, in_order, open_reader
from earmark.lab.features.towers import ExpertTower, key_of, open_tower
from earmark.lab.objectives import Places
from earmark.lab.objectives.retrieve import Retrieve
from earmark.lab.recipe import parse_recipe
from earmark.lab.sides import Stream
from earmark.lab.train import train
from lab.experts import tiny_text
from lab.loud import write_told

RATE = 1_000
CPU = torch.device("cpu")


class Steps:
    """Half a second a token: its mean. Below, twice that, thrice; and below the squares' too."""

    rate, names = RATE, ()

    def __init__(self, levels=2):
        self.levels = levels

    def hear(self, waves):
        steps = waves.unfold(1, 500, 500)
        x = steps.mean(dim=2)[..., None]
        low = torch.cat([x, steps.square().mean(dim=2)[..., None]], dim=2)
        real = torch.ones(x.shape[:2], dtype=torch.bool)
        middle = (2 * x).expand(-1, -1, 3)
        return Heard(None, x.mean(dim=1), Stream(x, real, (low, middle)[2 - self.levels :]))


def tower(levels=2):
    return ExpertTower("steps", f"a{levels}", Steps(levels))


def nothing(share):
    pass


def sounds():
    """Three of one, two and three steps."""
    steps = np.repeat(np.array([0.5, 0.25, 0.125], np.float32), 500)
    waves = [lambda rate, end=end: steps[: 500 * end] for end in (1, 2, 3)]
    return Sounds(waves=waves, key="k")


def test_levels_lie_where_their_tokens_lie():
    found = tower().hear(np.repeat(np.array([0.5, 0.25, 0.125], np.float32), 500))

    low, middle = found.levels
    assert low.tolist() == pytest.approx(np.array([[0.5, 0.25], [0.25, 1 / 16], [0.125, 1 / 64]]))
    np.testing.assert_array_equal(middle, 2 * found.x.repeat(3, axis=1))


def test_levels_of_a_long_wave_go_on_from_stretch_to_stretch():
    rng = np.random.default_rng(1)

    found = tower().hear((0.1 * rng.standard_normal(60 * RATE)).astype(np.float32))

    assert len(found.x) > 100
    np.testing.assert_array_equal(found.levels[0][:, :1], found.x)


def test_levels_are_brought_to_the_pieces_of_the_tokens():
    rng = np.random.default_rng(2)
    wave = (0.1 * rng.standard_normal(7 * RATE)).astype(np.float32)
    all_of_it = tower().hear(wave)

    few = fewer(all_of_it, even(wave, RATE, 4), RATE)

    assert [one.shape for one in few.levels] == [(4, 2), (4, 3)]
    np.testing.assert_allclose(few.levels[0][:, :1], few.x, rtol=1e-6)
    np.testing.assert_allclose(few.levels[1][:, 2:], 2 * few.x, rtol=1e-6)


def test_levels_are_kept_beside_the_tokens_and_parted_when_they_are_read(tmp_path):
    with_levels = heard(sounds(), tower(2), Few(most=4), tmp_path, nothing)
    without = heard(sounds(), tower(0), Few(most=4), tmp_path, nothing)

    stream, plain = (one.stream(np.array([2, 0]), CPU) for one in (with_levels, without))

    assert with_levels.widths == (1, 2, 3)
    assert with_levels.kept.tokens.shape == (3, 4, 6)
    assert without.widths == (1,)
    assert stream.x.equal(plain.x)
    assert stream.real.equal(plain.real)
    assert stream.weight.equal(plain.weight)
    assert stream.levels[0][0, :3].tolist() == [[0.5, 0.25], [0.25, 1 / 16], [0.125, 1 / 64]]
    assert stream.levels[1].equal(2 * stream.x.expand(-1, -1, 3))
    assert plain.levels == ()


def test_what_is_known_of_features_without_levels_is_known_as_before(tmp_path):
    """Keys as they were before there were levels: else all that is kept would be heard again."""
    (tmp_path / "net.onnx").write_bytes(b"weights")

    plain = key_of(tmp_path / "net.onnx")

    assert plain == "634d5b352657792eac37170789dc0bcd"
    assert kept._key("sounds", plain, Few(most=32)) == "19f93abec0baef3542569eed"
    assert kept._key("a dog\nrain", plain, 32) == "5550bc4662de895cdbf23454"
    assert len({plain, *(key_of(tmp_path / "net.onnx", levels) for levels in (1, 2))}) == 3


@pytest.mark.parametrize(("levels", "layers"), [(0, []), (1, [1]), (2, [0, 1])])
def test_a_sentence_model_tells_what_comes_out_after_thirds_of_its_layers(levels, layers, tmp_path):
    tiny_text.save(tmp_path)  # two layers, whose thirds are what goes in and the first one
    expert = open_sentence(tmp_path, levels)
    ids = torch.tensor([[1, 9, 10, 2]])
    with torch.no_grad():
        climbed = expert.model.climb(ids, ids > 0)

    found = ExpertReader("tiny", "k", expert).read("dog barks")

    np.testing.assert_array_equal(found.x, climbed[-1][0].numpy())
    assert len(found.levels) == levels
    for level, layer in zip(found.levels, layers, strict=True):
        np.testing.assert_array_equal(level, climbed[layer][0].numpy())


def test_levels_of_sentences_are_cut_with_their_tokens(tmp_path):
    class Letters:
        name, key = "letters", "x"

        def read(self, sentence):
            x = np.array([[ord(letter)] for letter in sentence], np.float32)
            return in_order(x, np.concatenate([-x, x], axis=1))

    found = told(["ab", "cdefg"], Letters(), 3, tmp_path, nothing).stream(np.array([1]), CPU)

    assert found.x[0, :, 0].tolist() == [99, 100, 101]
    assert found.levels[0][0].tolist() == [[-99, 99], [-100, 100], [-101, 101]]


def test_a_bundle_that_hears_has_no_levels():
    with pytest.raises(UsageError) as error:
        open_tower("earmark-small", Path(), 2)

    assert str(error.value) == (
        "levels is 2, and the tower 'earmark-small' has none\n"
        "lower levels in [features], or name a tower that has them: "
        "bert, clap, efficientat_mn04, minilm, roberta, yamnet"
    )


def test_a_bundle_that_reads_has_no_levels():
    with pytest.raises(UsageError, match="levels is 1, and the tower 'earmark-small' has none"):
        open_reader("earmark-small", 1)


@pytest.mark.parametrize(
    ("name", "wanted", "has"), [("yamnet", 3, 2), ("whisper", 1, "none"), ("minilm", 4, 2)]
)
def test_a_network_that_has_fewer_says_how_many(name, wanted, has, tmp_path, monkeypatch):
    monkeypatch.setenv(EXPERTS[name].home, str(tmp_path))
    place = tmp_path / EXPERTS[name].file
    place.parent.mkdir(exist_ok=True)
    place.touch()
    opened = (
        open_reader if name == "minilm" else lambda *rest: open_tower(rest[0], tmp_path, *rest[1:])
    )

    with pytest.raises(UsageError, match=f"levels is {wanted}, and the tower '{name}' has {has}"):
        opened(name, wanted)


SAID = ("a low hum", "a dog barking", "rain on a roof", "a high whistle", "a door", "thunder")
RECIPE = """
name = "tiny"
task = "retrieve"
seed = 3
[data]
train = ["manifest:{data}/m.csv#train"]
dev = ["manifest:{data}/m.csv#dev"]
[features]
tokens = 8
levels = 2
[matcher]
name = "hierarchy"
width = 16
[loss]
levels = 1.0
[train]
device = "cpu"
batch = 4
steps = 2
dev_every = 2
"""


class Bands:
    """Hears eight bands, half a second a token; what is below them is four of them, then six."""

    rate = 32_000

    def __init__(self, name, _, levels=0):
        self.name, self.key, self.levels = name, f"{name} {levels}", levels

    def hear(self, wave):
        parts = np.array_split(wave, max(1, len(wave) // 16_000))
        x = [[band.mean() for band in np.array_split(np.abs(np.fft.rfft(p)), 8)] for p in parts]
        low = in_order(*(np.array(x, np.float32)[:, :size] for size in (8, 4, 6)))
        return low._replace(levels=low.levels[2 - self.levels :], middle=low.middle / 2 + 0.25)


class Words:
    """Reads a word as its letters, and below as some of them."""

    def __init__(self, name, levels=0):
        self.name, self.key, self.levels = name, f"{name} {levels}", levels

    def read(self, sentence):
        words = [[word.count(chr(97 + n)) for n in range(26)] for word in sentence.split()]
        found = in_order(*(np.array(words, np.float32)[:, :size] for size in (26, 9, 12)))
        return found._replace(levels=found.levels[2 - self.levels :])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    told = [[caption] for caption in SAID]
    write_told(folder, {"train": told, "dev": told})
    return folder


@pytest.fixture
def places(folder, monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setattr(featured, "open_tower", Bands)
    monkeypatch.setattr(featured, "open_reader", Words)
    return Places(folder, folder / "cache")


def recipe(*changes):
    text = RECIPE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_recipe(text, "tiny.toml")


def test_a_side_has_levels_of_its_first_towers(places):
    head = ("levels = 2\n[matcher]", 'levels = 2\naudio = ["one", "other"]\n[matcher]')
    objective = Retrieve(recipe(head), places, CPU)

    widths = objective._sources[0].featured.widths
    audio = objective._sources[0].featured.audio(np.arange(3), CPU)
    text = objective._sources[0].featured.text(np.arange(2), CPU)["main"]

    assert widths.text_levels == (9, 12)
    assert widths.audio_levels == (4, 6)
    assert widths.audio == {"main": 8, "other": 8}
    assert [one.shape[2] for one in (*audio["main"].levels, *text.levels)] == [4, 6, 9, 12]
    torch.testing.assert_close(audio["main"].levels[1], audio["main"].x[..., :6])
    torch.testing.assert_close(text.levels[0], text.x[..., :9])
    assert audio["other"].levels == ()


def test_levels_are_heard_in_noise_as_their_tokens_are(places):
    objective = Retrieve(recipe(("tokens = 8", "tokens = 8\nnoisy = 0.5")), places, CPU)
    numbers, some = np.arange(4), np.array([True, False, True, False])

    plain = objective._sources[0].featured.audio(numbers, CPU)["main"]
    mixed = objective._sources[0].featured.audio(numbers, CPU, some)["main"]

    for before, after in zip((plain.x, *plain.levels), (mixed.x, *mixed.levels), strict=True):
        assert (before != after).flatten(1).any(dim=1).tolist() == some.tolist()


@pytest.mark.parametrize(
    "more",
    [
        [],
        [("levels = 1.0", "levels = 0.0"), ('"hierarchy"', '"hierarchy"\nlevels = 0')],
        [
            ("levels = 1.0", "levels = 1.0\nalign = 0.01\ndisentangle = 0.005"),
            ('"hierarchy"', '"factors"\nlevels = 2'),
        ],
    ],
    ids=["hierarchy", "single", "factors"],
)
def test_a_matcher_is_trained_on_levels_and_asked(more, places, tmp_path):
    made = recipe(*more)

    found = train(made, RECIPE, tmp_path, places, lambda progress: None)
    losses = Retrieve(made, places, CPU)
    losses = losses.losses(losses.draw(0))

    assert 0 <= found["R@1"] <= 1
    assert {name for name, weight in made.loss.items() if weight} <= set(losses)
    assert all(loss.isfinite() for loss in losses.values())


def test_a_matcher_that_wants_levels_says_where_they_are_asked_for(places):
    with pytest.raises(UsageError) as error:
        Retrieve(recipe(("levels = 2\n", "")), places, CPU)

    assert str(error.value) == (
        "the matcher 'hierarchy' is to align levels = 2, and the features have 0\n"
        "say levels = 2 in [features] too, or levels = 0 in [matcher]"
    )


def test_a_loss_of_another_matcher_is_refused_before_anything_is_heard(places, monkeypatch):
    monkeypatch.setattr(featured, "open_tower", None)

    with pytest.raises(UsageError) as error:
        Retrieve(recipe(('"hierarchy"', '"pooled"')), places, CPU)

    assert error.value.problem == "the matcher 'pooled' has no loss 'levels' of its own"


def test_less_than_no_levels_cannot_be():
    with pytest.raises(UsageError, match="-1 levels"):
        recipe(("levels = 2\n[matcher]", "levels = -1\n[matcher]"))
