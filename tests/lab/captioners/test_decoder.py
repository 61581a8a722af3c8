"""A network that says what it hears: what it sees, what it learns, and how its words are found."""

import itertools
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.captioners import asked_of
from earmark.lab.captioners import decoder as decoders
from earmark.lab.captioners.decoder import Decoder, miss
from earmark.lab.captioners.teller import LONGEST, Teller, search
from earmark.lab.sides import Stream
from earmark.lab.towers.tokenizer import END, PAD, START, encode, train_tokenizer
from lab.captioners import made

SAID = [f"{one} {two}" for one in ("a loud", "a soft") for two in ("bell", "dog", "horn", "drum")]


def stream(lengths, width=6):
    real = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    return Stream(torch.randn(*real.shape, width), real)


def teller(width=6):
    return Teller(width, train_tokenizer(SAID, vocabulary=300, longest=LONGEST)).eval()


def test_what_comes_later_is_not_seen():
    one, sound = teller(), stream([4])
    ids = torch.tensor([[START, 9, 30, 17, END]])
    changed = ids.clone()
    changed[0, 3:] = 40

    plain, other = one(ids, sound), one(changed, sound)

    torch.testing.assert_close(other[:, :3], plain[:, :3])
    assert (other[:, 3] - plain[:, 3]).abs().max() > 1e-4


def test_what_is_said_depends_on_the_sound_and_not_on_padding():
    one, sound = teller(), stream([5, 3])
    ids = torch.tensor([[START, 9, 30], [START, 9, 30]])
    junk = sound._replace(x=sound.x.masked_fill(~sound.real[..., None], 99.0))

    plain = one(ids, sound)

    torch.testing.assert_close(one(ids, junk), plain)
    assert (plain[0] - plain[1]).abs().max() > 1e-4


class Chances(torch.nn.Module):
    """Says what comes next by the last piece alone: [V, V] logits."""

    def __init__(self, table):
        super().__init__()
        self.table = table

    def forward(self, ids, sound):
        return self.table[ids] + sound.x[:, :1, :1]  # one sound prefers nothing to another


def slow_search(table, count):
    """Every sentence of up to three pieces and its mean log likelihood, the best first."""
    table = table.clone()
    table[:, [PAD, START]] = -torch.inf
    chance, found = table.log_softmax(dim=1), {}
    inner = range(END + 1, len(table))
    for length in range(4):
        for said in itertools.product(inner, repeat=length):
            steps = list(itertools.pairwise((START, *said, END)))
            found[said] = sum(chance[a, b].item() for a, b in steps) / len(steps)
    return sorted(found, key=found.get, reverse=True)[:count]


def test_the_likeliest_sentences_are_found():
    """With many beams nothing good is lost, so they are the best of all, in their order."""
    table = torch.full((5, 5), -4.0)
    table[START, 3], table[3, 4], table[4, END], table[3, END] = 3.0, 2.0, 2.5, 1.0

    found = search(Chances(table), stream([2], width=1), 8)[0]

    said = [tuple(one for one in row if one > END) for row in found]
    assert said[:2] == slow_search(table, 2)
    assert said[0] == (3, 4)
    assert len(set(said)) == 8


def test_sounds_are_searched_each_by_itself():
    one, sound = teller(), stream([5, 3, 4])

    together = one.tell(sound, 2)
    alone = [one.tell(Stream(sound.x[n : n + 1], sound.real[n : n + 1]), 2)[0] for n in range(3)]

    assert together == alone
    assert all(len(row) == 2 for row in together)


def test_it_learns_to_say_eight_sounds_by_heart():
    tokenizer = train_tokenizer(SAID, vocabulary=300, longest=LONGEST)
    one, sound = Teller(6, tokenizer), stream([4, 2, 5, 3, 4, 4, 2, 5])
    ids, _ = encode(tokenizer, SAID)
    optimiser = torch.optim.Adam(one.parameters(), lr=0.003)
    first = miss(one, sound, ids).item()

    for _ in range(120):
        optimiser.zero_grad()
        loss = miss(one, sound, ids)
        loss.backward()
        optimiser.step()

    assert loss.item() < first / 10
    assert [row[0] for row in one.eval().tell(sound, 2)] == SAID


def test_a_miss_does_not_count_padding():
    one, sound = teller(), stream([4])
    ids = torch.tensor([[START, 9, 30, END]])
    longer = torch.tensor([[START, 9, 30, END, PAD, PAD]])

    torch.testing.assert_close(miss(one, sound, longer), miss(one, sound, ids))


@pytest.fixture
def lesson(places, monkeypatch):
    monkeypatch.setattr(decoders, "open_tower", made.Bands)
    return made.lesson_of(places, "decoder")


def test_it_learns_once_and_is_opened_again(lesson, places, monkeypatch):
    asked = asked_of(made.opened(places, "dev"))
    first = Decoder(lesson, tower="bands", steps=30).write(asked)

    monkeypatch.setattr(Decoder, "_taught", lambda *_: pytest.fail("it had learned already"))

    assert Decoder(lesson, tower="bands", steps=30).write(asked) == first


def test_other_lessons_have_other_keys(lesson, places):
    plain = Decoder(lesson, tower="bands", steps=30).key
    other = replace(lesson, train=made.opened(places, "dev"))

    keys = {
        plain,
        Decoder(lesson, tower="bands", steps=31).key,
        Decoder(lesson, tower="other bands", steps=30).key,
        Decoder(other, tower="bands", steps=30).key,
    }

    assert len(keys) == 4


def test_its_word_pieces_are_those_of_train(lesson):
    one = Decoder(lesson, tower="bands", steps=1)._teller

    from earmark.lab.objectives.read import tokenizer_of

    vocabulary = tokenizer_of(one.state_dict()).get_vocab()
    assert any("again" in piece for piece in vocabulary)
    assert not any(made.SECRET[:2] in piece for piece in vocabulary)
