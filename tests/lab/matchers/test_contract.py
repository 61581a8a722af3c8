"""What every matcher owes, whatever it compares; new rows of the table are tested by themselves."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

import numpy as np

from earmark.errors import UsageError
from earmark.lab.losses import Batch, nt_xent
from earmark.lab.matchers import MATCHERS, Widths, matcher_class, new_matcher
from earmark.lab.matchers.pairs import chosen
from earmark.lab.recipe import read_recipe
from earmark.lab.sides import Matched, Stream, mean
from lab.matchers.members import member_run

RECIPES = sorted((Path(__file__).parents[3] / "recipes").rglob("*.toml"))
TEXT, AUDIO, EXPERT, WIDTH = 10, 14, 9, 8
LEVELS = [(5, TEXT - 3), (5, AUDIO - 3)]  # of `main`, as `levels_of` makes them
WIDTHS = Widths({"main": TEXT}, {"main": AUDIO, "expert": EXPERT, "captions": TEXT}, *LEVELS)
CLOSE = {"atol": 1e-5, "rtol": 0}
VARIANTS = {name: (name, {}) for name in MATCHERS} | {  # and what their settings make of them
    "coattention-none": ("coattention", {"kind": "none"}),
    "coattention-single": ("coattention", {"kind": "single"}),
    "coattention-stacking": ("coattention", {"kind": "stacking"}),
    "coattention-unshared": ("coattention", {"shared": False}),
    "hierarchy-single": ("hierarchy", {"levels": 0}),
    "hierarchy-one": ("hierarchy", {"levels": 1}),
    "factors-levels": ("factors", {"levels": 2}),
    "factors-free": ("factors", {"confidence": "free"}),
    "factors-uniform": ("factors", {"confidence": "uniform", "levels": 1}),
    "factors-1": ("factors", {"factors": 1}),
    "interaction-sentence": ("interaction", {"levels": "sentence"}),
    "interaction-phrase": ("interaction", {"levels": "phrase"}),
    "captions-interaction-within": ("captions-interaction", {"inner": "interaction"}),
    "captions-branch-within": ("captions-branch", {"inner": "interaction"}),
    "captions-both-within": ("captions-both", {"inner": "interaction"}),
    "refine-alone": ("refine", {"attention": False}),
    "refine-attention": ("refine", {"projection": False, "mapping": False}),
    "ensemble": ("ensemble", {"members": ["pooled", "interaction-sentence"]}),  # variants, here
    "ensemble-seen": ("ensemble", {"members": ["captions-branch", "words"]}),
    "ensemble-tokenless": ("ensemble", {"members": ["moee", "pooled", "hierarchy"]}),
}


OTHER_PARTS = (  # of others each is in some default too
    "factors-levels",
    "captions-both-within",
    "ensemble-seen",
)


@pytest.fixture(autouse=True)
def _same_every_time():
    torch.set_num_threads(1)
    torch.manual_seed(9)


@pytest.fixture
def new(tmp_path):
    """A function that makes a variant; what an ensemble holds may learn, for the tests of that."""

    def made(variant, width=WIDTH):
        name, settings = VARIANTS[variant]
        if "members" in settings:
            members = [
                member_run(tmp_path / one, WIDTHS, VARIANTS[one], width + 4 * place)
                for place, one in enumerate(settings["members"])
            ]
            settings = {"members": members}
        return new_matcher(name, WIDTHS, width=width, **settings).requires_grad_(requires_grad=True)

    return made


@pytest.fixture(params=sorted(VARIANTS))
def matcher(request, new):
    matcher = new(request.param)
    for parameter in matcher.parameters():  # as after training: nothing is nearly constant
        parameter.data += 0.5 * torch.randn_like(parameter)
    return matcher.eval()


@pytest.fixture
def timed(matcher):
    if not matcher.timed:
        pytest.skip("it makes one vector of a whole clip, and has no tokens")
    return matcher


@pytest.fixture
def reranker(matcher):
    if matcher.separable:
        pytest.skip("its gists say it all, so there is nothing to score again")
    return matcher


def stream(lengths, width):
    """Random tokens; on padding, too, with weights there, as a careless tower would leave them."""
    real = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    x = torch.randn(*real.shape, width) + 0.3
    return Stream(x, real, levels_of(x), torch.rand(real.shape) + 0.1)


def levels_of(x):
    """What earlier layers said at the same places, each of a width of its own."""
    return x[..., :5] * 2, x[..., 3:].square()


def texts(*lengths):
    return {"main": stream(lengths or (5, 2, 4), TEXT)}


def audios(*lengths):
    """What two networks heard, the second one in fewer steps, and what somebody wrote of it."""
    lengths = lengths or (7, 7, 3, 6)
    return {
        "main": stream(lengths, AUDIO),
        "expert": stream([(n + 1) // 2 for n in lengths], EXPERT),
        "captions": stream([n // 2 + 1 for n in lengths], TEXT),
    }


def only(side, rows):
    """The same side with these rows alone, in this order."""
    return {name: chosen(one, torch.tensor(rows)) for name, one in side.items()}


def padded(side, by=3):
    """The same side with junk behind it that is not real."""
    return {name: _padded(one, by) for name, one in side.items()}


def _padded(stream, by):
    more = torch.full((len(stream.x), by), 99.0)
    x, *levels = (
        torch.cat([one, more[..., None].expand(-1, -1, one.shape[2])], dim=1)
        for one in (stream.x, *stream.levels)
    )
    return Stream(
        x,
        torch.cat([stream.real, torch.zeros(more.shape, dtype=torch.bool)], dim=1),
        tuple(levels),
        torch.cat([stream.weight, more], dim=1),
    )


def without(side, row, names=()):
    """The same side, but in these streams, or in all, a row has nothing that is real."""
    out = dict(side)
    for name in names or side:
        real = side[name].real.clone()
        real[row] = False
        out[name] = side[name]._replace(real=real)
    return out


def loss_of(matcher, text, audio, match):
    """What the lab learns by: the scores, and the gists too where they do not say it all."""
    loss = nt_xent(matcher(text, audio).scores, match)
    if matcher.separable:
        return loss
    return loss + nt_xent(matcher.text_gist(text) @ matcher.audio_gist(audio).T, match)


def all_pairs(matcher, text, audio):
    """Scores by `pair` from stored tokens, one pair after another, unpadded: [T, A]."""
    t, a = matcher.text_tokens(text), matcher.audio_tokens(audio)
    rows = [
        torch.cat([matcher.pair(*_stored(t, i), *_stored(a, j)) for j in range(len(a.x))])
        for i in range(len(t.x))
    ]
    return torch.stack(rows)


def _stored(tokens, row):
    kept = tokens.x[row][tokens.real[row]]
    return kept[None], torch.ones(1, len(kept), dtype=torch.bool)


def refuse_a_leak(matcher):
    """Raise if a score knows which audio stood at the same place as its text."""
    text, audio = texts(5, 2, 4, 3), audios(7, 7, 3, 6)
    wrong = [2, 0, 3, 1]  # every text stands beside an audio that is not its own

    scores, moved = matcher(text, audio).scores, matcher(text, only(audio, wrong)).scores

    torch.testing.assert_close(moved, scores[:, wrong], atol=1e-6, rtol=0)


def test_scores_are_texts_by_audios(matcher):
    matched = matcher(texts(), audios())

    assert matched.scores.shape == (3, 4)
    assert matched.scores.abs().max() <= 1 + 1e-6


@pytest.mark.parametrize("variant", sorted(VARIANTS))
def test_the_losses_that_it_brings_are_those_of_its_row_and_it_learns_by_them(variant, new):
    matcher, text, audio = new(variant), texts(), audios()
    match, temperature = torch.eye(3, 4, dtype=torch.bool), torch.tensor(0.1)
    gists = matcher.text_gist(text), matcher.audio_gist(audio)

    matched = matcher(text, audio)

    assert tuple(matched.terms) == MATCHERS[VARIANTS[variant][0]].terms
    batch = Batch(
        matched.scores, gists, match, match.roll(1, 1), temperature, separable=matcher.separable
    )
    found = [term(batch) for term in matched.terms.values()]
    assert all(one.dim() == 0 and one.isfinite() for one in found)
    if found:
        sum(found).backward()
        assert all(p.grad.isfinite().all() for p in matcher.parameters() if p.grad is not None)
        assert any(p.grad is not None and p.grad.any() for p in matcher.parameters())


def test_separable_means_that_the_gists_say_it_all(matcher):
    text, audio = texts(), audios()
    products = matcher.text_gist(text) @ matcher.audio_gist(audio).T

    gap = (matcher(text, audio).scores - products).abs().max().item()

    assert (gap <= 1e-5) == matcher.separable


def test_gists_are_of_unit_length(matcher):
    asked, heard = matcher.text_gist(texts()), matcher.audio_gist(audios())

    assert asked.shape == (3, matcher.width)
    assert heard.shape == (4, matcher.width)
    torch.testing.assert_close(heard.norm(dim=1), torch.ones(4))
    if matcher.timed:
        torch.testing.assert_close(asked.norm(dim=1), torch.ones(3))


def test_an_audio_gist_is_the_weighted_mean_of_its_tokens(timed):
    matcher, audio = timed, audios()
    tokens = matcher.audio_tokens(audio)

    made_later = torch.nn.functional.normalize(mean(tokens), dim=1)

    assert tokens.x.shape == (4, 7, matcher.width)
    assert (tokens.weight[tokens.real] > 0).all()
    torch.testing.assert_close(matcher.audio_gist(audio), made_later, **CLOSE)


def test_padding_changes_nothing(matcher):
    text, audio = texts(), audios()
    plain = matcher(text, audio).scores

    torch.testing.assert_close(matcher(padded(text), padded(audio)).scores, plain, **CLOSE)
    torch.testing.assert_close(matcher.text_gist(padded(text)), matcher.text_gist(text))
    torch.testing.assert_close(matcher.audio_gist(padded(audio)), matcher.audio_gist(audio))


def test_the_order_of_the_batch_changes_nothing(matcher):
    text, audio = texts(), audios()

    mixed = matcher(only(text, [2, 0, 1]), only(audio, [3, 1, 0, 2])).scores

    torch.testing.assert_close(mixed, matcher(text, audio).scores[[2, 0, 1]][:, [3, 1, 0, 2]])


def test_a_score_alone_is_the_same_as_in_a_batch(matcher):
    text, audio = texts(), audios()

    alone = matcher(only(text, [1]), only(audio, [2])).scores

    torch.testing.assert_close(alone, matcher(text, audio).scores[1:2, 2:3], **CLOSE)


def test_no_score_knows_which_pairs_were_fed(matcher):
    refuse_a_leak(matcher)


def test_the_test_for_leaks_sees_one(matcher):
    def leaky(text, audio):
        known = text["main"].x.mean((1, 2))[:, None, None]
        hint = {name: one._replace(x=one.x + known) for name, one in audio.items()}
        return Matched(matcher(text, hint).scores, {})

    with pytest.raises(AssertionError):
        refuse_a_leak(leaky)


def test_texts_that_differ_get_scores_that_differ(matcher):
    scores = matcher(texts(), audios()).scores

    assert scores.std(dim=0).min() > 1e-3
    assert scores.std(dim=1).min() > 1e-3


def test_a_missing_clip_scores_zero_and_hurts_no_other(matcher):
    text, audio = texts(), audios()
    gone = without(audio, 1)

    scores = matcher(text, gone).scores

    assert scores[:, 1].tolist() == [0, 0, 0]
    assert not matcher.audio_gist(gone)[1].any()
    kept = [0, 2, 3]
    torch.testing.assert_close(scores[:, kept], matcher(text, audio).scores[:, kept], **CLOSE)


@pytest.mark.parametrize("name", ["main", "expert", "captions"])
def test_a_clip_that_one_network_did_not_hear_hurts_no_other(matcher, name):
    text, audio = texts(), audios()

    scores = matcher(text, without(audio, 1, [name])).scores

    assert scores.isfinite().all()
    kept = [0, 2, 3]
    torch.testing.assert_close(scores[:, kept], matcher(text, audio).scores[:, kept], **CLOSE)


def test_a_missing_clip_or_caption_leaves_every_gradient_finite(matcher):
    text, audio = without(texts(), 1), without(audios(), 1)
    streams = [*text.values(), *audio.values()]
    inputs = [part.requires_grad_() for one in streams for part in (one.x, one.weight)]

    (matcher(text, audio).scores * 100 * torch.randn(3, 4)).sum().backward()

    found = [part.grad for part in [*matcher.parameters(), *inputs] if part.grad is not None]
    assert all(gradient.isfinite().all() for gradient in found)


def test_a_gradient_reaches_every_parameter(matcher):
    loss_of(matcher, texts(), audios(), torch.eye(3, 4, dtype=torch.bool)).backward()

    idle = [n for n, p in matcher.named_parameters() if p.grad is None or not p.grad.any()]
    assert idle == []


@pytest.mark.parametrize("variant", sorted(VARIANTS))
def test_it_learns_eight_pairs(variant, new):
    lengths = (4, 2, 5, 3, 4, 4, 2, 5)
    text, audio, match = texts(*lengths), audios(*lengths), torch.eye(8, dtype=torch.bool)
    matcher = new(variant, width=16)
    optimiser = torch.optim.Adam(matcher.parameters(), lr=0.006)
    first = recall(matcher.eval()(text, audio).scores)
    matcher.train()

    for _ in range(30):
        optimiser.zero_grad()
        loss_of(matcher, text, audio, match).backward()
        optimiser.step()

    matcher.eval()
    assert first < 1
    assert recall(matcher(text, audio).scores) == 1
    assert recall(matcher.text_gist(text) @ matcher.audio_gist(audio).T) == 1


def recall(scores):
    """The lower recall@1 of both directions."""
    right = torch.arange(len(scores))
    return min((scores.argmax(dim=axis) == right).float().mean().item() for axis in (0, 1))


def test_stored_tokens_alone_give_the_same_score(reranker):
    text, audio = texts(), audios()

    torch.testing.assert_close(
        all_pairs(reranker, text, audio), reranker(text, audio).scores, **CLOSE
    )


def test_pairs_with_padding_score_as_without(reranker):
    text, audio = padded(only(texts(), [2, 0, 1, 1])), padded(audios())
    t, a = reranker.text_tokens(text), reranker.audio_tokens(audio)

    together = reranker.pair(t.x, t.real, a.x, a.real)

    wanted = reranker(text, audio).scores.diagonal()
    torch.testing.assert_close(together, wanted, **CLOSE)


class Faces(torch.nn.Module):
    """All that an export needs of a matcher, as one graph."""

    def __init__(self, matcher):
        super().__init__()
        self.matcher = matcher

    def forward(
        self, text, text_real, main, main_real, expert, expert_real, captions, captions_real
    ):
        words, audio = side(text, text_real), side(main, main_real)
        audio["expert"] = side(expert, expert_real)["main"]
        text, audio["captions"] = words, side(captions, captions_real)["main"]
        asked = self.matcher.text_gist(text)
        if not self.matcher.timed:
            return asked, self.matcher.audio_gist(audio)
        read, stored = self.matcher.text_tokens(text), self.matcher.audio_tokens(audio)
        faces = asked, read.x, stored.x, stored.weight  # whose mean is the gist
        if self.matcher.separable:
            return faces
        return *faces, self.matcher.pair(read.x, text_real, stored.x, stored.real)


def side(x, real):
    """A side of one stream, weighed by something that shapes cannot tell."""
    return {"main": Stream(x, real, levels_of(x), x.abs().sum(2))}


def inputs(text, audio):
    """Tensors of both sides by name, as `Faces` takes them."""
    streams = {"text": text["main"]} | audio
    return {
        name + end: part
        for name, one in streams.items()
        for end, part in (("", one.x), ("_real", one.real))
    }


@pytest.mark.parametrize("matcher", [*sorted(MATCHERS), *OTHER_PARTS], indirect=True)
def test_onnx_says_the_same(matcher):
    from lab.towers.exported import exported

    faces = Faces(matcher)
    run = exported(faces, inputs(texts(), audios(7, 3, 5)))

    for text, audio in [(texts(1), audios(9)), (texts(6, 2, 3, 6), audios(2, 1, 4, 3))]:
        given = tuple(inputs(text, audio).values())
        for found, wanted in zip(run(*given), faces(*given), strict=True):
            np.testing.assert_allclose(found, wanted.detach().numpy(), atol=1e-5, rtol=1e-5)


def test_every_recipe_names_a_matcher_and_settings_that_it_has():
    assert len(RECIPES) > 100
    for rule in (read_recipe(path)[0].matcher for path in RECIPES):
        matcher_class(rule.name, width=rule.width, **rule.settings)


def test_an_unknown_matcher_is_refused_with_the_nearest():
    with pytest.raises(UsageError) as error:
        new_matcher("poled", WIDTHS)

    assert str(error.value) == "there is no matcher 'poled'\ndid you mean 'pooled'?"


@pytest.mark.parametrize("name", sorted(MATCHERS))
def test_an_unknown_setting_is_refused_with_the_nearest(name):
    with pytest.raises(UsageError) as error:
        new_matcher(name, WIDTHS, widht=3)

    assert error.value.problem == f"the matcher {name!r} has no setting 'widht'"
    assert error.value.hint == "did you mean 'width'?"


@pytest.mark.parametrize("name", sorted(MATCHERS))
@pytest.mark.parametrize("value", ["8", 8.0, True, None])
def test_a_setting_of_the_wrong_kind_is_refused(name, value):
    with pytest.raises(UsageError) as error:
        new_matcher(name, WIDTHS, width=value)

    assert error.value.problem == f"the matcher {name!r}: width is {value!r}"
    assert error.value.hint == "it should be a whole number"


@pytest.mark.parametrize("name", sorted(MATCHERS))
def test_a_width_that_cannot_be_is_refused(name):
    with pytest.raises(UsageError) as error:
        new_matcher(name, WIDTHS, width=0)

    assert str(error.value) == "a matcher cannot have width = 0\nmake it 1 or more"
