"""A bank inside a network: near captions, never one's own, the same whoever is heard beside."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from torch import nn

from earmark.errors import DataError, UsageError
from earmark.lab.captioners.constants import PART, Constants, Own, held, like, open_constants
from earmark.lab.objectives.read import Reader
from earmark.lab.recipe import parse_recipe
from earmark.lab.sides import Stream
from earmark.lab.sounds.spool import Entry
from earmark.lab.start import read_weights
from earmark.lab.towers.tokenizer import train_tokenizer
from earmark.scenes.truth import Background, Event, Scene
from lab.tiny_runs import CAPTIONS, MATCH, SENTENCES, bank_run, both_run, save_run

NEAR = 0.9, 0.1, -0.4, 0.6  # of the only sound and four captions, below


class Look(nn.Module):
    """A matcher whose gist is what was heard first."""

    width = 2

    def audio_gist(self, side):
        return side["main"].x[:, 0]


class Aloud(nn.Module):
    """Read a piece as its number, three times."""

    def forward(self, ids, mask):
        return Stream(ids[..., None].float().expand(-1, -1, 3), mask)


def bank_of(count):
    bank = Constants(Look(), captions=4, pieces=3, count=count)
    bank.gists.copy_(torch.tensor([[one, 7.0] for one in NEAR]))
    bank.pieces.copy_(torch.tensor([[1, 11, 2], [1, 22, 2], [1, 33, 2], [1, 2, 0]]))
    return bank


def heard(*sounds):
    return Stream(torch.tensor([[[one, 0.0]] for one in sounds]), torch.ones(len(sounds), 1) > 0)


def pieces_of(stream):
    return [
        [int(x) for x, real in zip(row[:, 2], reals, strict=True) if real]
        for row, reals in zip(stream.x, stream.real, strict=True)
    ]


def test_the_nearest_captions_stand_one_behind_the_other():
    found = bank_of(2)(heard(1.0, -1.0), Aloud())

    assert found.x.shape == (2, 6, 3)
    assert pieces_of(found) == [[1, 11, 2, 1, 2], [1, 33, 2, 1, 22, 2]]


def test_what_is_away_is_not_given_even_where_nothing_else_is_there():
    away = torch.tensor([[True, False, False, True], [True, True, True, True]])

    found = bank_of(2)(heard(1.0, 1.0), Aloud(), away)

    assert pieces_of(found) == [[1, 22, 2, 1, 33, 2], []]


def test_a_bank_with_fewer_captions_gives_all():
    assert len(pieces_of(bank_of(9)(heard(1.0), Aloud()))[0]) == 11


def test_whoever_is_heard_beside_changes_nothing():
    bank = bank_of(3)
    together = bank(heard(0.3, -0.7, 1.0), Aloud())

    for place, one in enumerate((0.3, -0.7, 1.0)):
        alone = bank(heard(one), Aloud())
        assert torch.equal(together.x[place], alone.x[0])


def test_it_looks_as_it_has_learned():
    bank = bank_of(1)
    bank.look.drop = nn.Dropout(0.5)

    bank.train()

    assert bank.training
    assert not bank.look.training
    assert not bank.look.drop.training


def test_captions_are_held_once_however_they_are_written():
    assert held(CAPTIONS) == [CAPTIONS[0], *CAPTIONS[2:]]
    assert held(["...", ""]) == []


def entry(name, *captions):
    return Entry(name, 0, 9, -20.0, "", captions)


ENTRIES = [
    entry("dog.wav", "a dog", "Rain!"),
    entry("tone.wav"),
    entry("rain.wav", "rain", "it rains"),
    entry("dog.wav|mp3", "a dog", "Rain!"),
]


def test_whose_captions_are_whose():
    found = Own(ENTRIES).of([(0,), (1,), (1, 2), (3,)])

    assert held(text for one in ENTRIES for text in one.captions) == ["a dog", "Rain!", "it rains"]
    assert found.tolist() == [[True, True, False], [False] * 3, [False, True, True],
                              [True, True, False]]  # fmt: skip


def test_a_scene_is_told_nothing_of_its_own_sounds():
    event = Event(
        label="dog", group="dog", start=1.0, end=2.0, snr_db=5.0, distant=False, sound="dog.wav",
        recording="dog.wav", cut=(0.0, 1.0),
    )  # fmt: skip
    behind = Background(label="rain", group="rain", sound="rain.wav", recording="rain.wav")
    made = Background(label="wind", group="wind", sound="wind 3", recording="wind 3")
    told = {"id": "s", "seconds": 9.0, "seed": 1, "level_db": -30.0}
    scenes = [
        Scene(**told, background=behind, events=(event,)),
        Scene(**told, background=made, events=()),
    ]

    assert Own(ENTRIES).of_scenes(scenes).tolist() == [[True, True, True], [False] * 3]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("constants")
    bank_run(folder, "captions-branch")
    return folder


def recipe_of(place, captions="", matcher="captions-branch", held='held = ["ears"]'):
    text = MATCH.replace("NAME", matcher).replace("START", str(place / "plain"))
    text = text.replace('held = ["ears"]', held)
    plain = f'captioner = "bank"\nrun = "{place / "plain"}"'
    return parse_recipe(f"{text}\n[captions]\n{captions or plain}\n", "here")


def words_of(recipe):
    tokenizer = train_tokenizer(SENTENCES, vocabulary=300, longest=16)
    return Reader(recipe.words, tokenizer, taught_width=384)


def test_a_bank_holds_what_the_run_says_of_each_caption(place):
    recipe = recipe_of(place)
    both = both_run(place / "again")
    bank = open_constants(recipe, CAPTIONS, words_of(recipe))

    assert bank.gists.shape == (4, 40)
    torch.testing.assert_close(bank.gists.norm(dim=1), torch.ones(4))
    for row, ids, text in zip(bank.gists, bank.pieces, held(CAPTIONS), strict=True):
        pieces = ids[ids > 0].long()[None]
        with torch.no_grad():
            said = both.matcher.text_gist(both.read(pieces, pieces > 0))[0]
        torch.testing.assert_close(row, said, atol=1e-5, rtol=1e-4)
        tokenizer = train_tokenizer(SENTENCES, vocabulary=300, longest=16)
        assert tokenizer.decode(pieces[0, 1:-1].tolist()).strip() == text.lower()
    assert not any(one.requires_grad for one in bank.parameters())


def test_what_was_kept_is_what_was_made(place):
    weights = read_weights(place / "run")
    recipe = recipe_of(place)

    again = like(recipe, weights)
    again.load_state_dict({k.removeprefix(PART): v for k, v in weights.items() if PART in k})

    made = open_constants(recipe, CAPTIONS, words_of(recipe))
    for name, value in made.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name


def test_without_captions_in_a_recipe_there_is_no_bank(place):
    plain = parse_recipe(MATCH.replace("NAME", "pooled"), "here")

    assert open_constants(plain, CAPTIONS, words_of(plain)) is None
    assert like(plain, {}) is None


def refused(recipe, captions=CAPTIONS):
    with pytest.raises((UsageError, DataError)) as caught:
        open_constants(recipe, captions, words_of(recipe))
    assert len(str(caught.value).splitlines()) == 2
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"captions": 'captioner = "decoder"'}, "cannot hold the captioner 'decoder'"),
        ({"captions": 'captioner = "bank"'}, "the captioner 'bank' needs 'run'"),
        ({"captions": 'captioner = "bank"\nrun = "nowhere"'}, "nowhere"),
        ({"matcher": "words"}, "the matcher 'words' reads no captions"),
        ({"held": 'held = ["words"]'}, "these learn"),
    ],
)
def test_what_cannot_be_is_refused_by_name(place, changes, said):
    assert said in refused(recipe_of(place, **changes))


def test_a_share_of_captions_is_refused(place):
    told = f'captioner = "bank"\nrun = "{place / "plain"}"\nshare = 0.3'

    assert "share says nothing" in refused(recipe_of(place, told))


def test_data_without_captions_is_refused(place):
    assert "no clip of [data] train has a caption" in refused(recipe_of(place), ["", "..."])


def test_a_run_with_a_bank_is_not_looked_through(place):
    told = f'captioner = "bank"\nrun = "{place / "run"}"'

    assert "has a bank itself" in refused(recipe_of(place, told))


def test_a_run_that_hears_otherwise_is_refused(place):
    other = both_run(place / "other")
    other.ears.tower.fold.weight.data[0] += 0.1
    save_run(place / "other", other)
    told = f'captioner = "bank"\nrun = "{place / "other"}"'

    assert "are not those of" in refused(recipe_of(place, told))
