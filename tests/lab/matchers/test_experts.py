"""MoEE, CE and MMT: sizes of the papers, experts that are missing, and the order they stand in."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from torch.nn.functional import mish, normalize

from earmark.errors import UsageError
from earmark.lab.matchers import Widths, new_matcher
from earmark.lab.matchers.ce import Advice
from earmark.lab.recipe import parse_recipe
from earmark.lab.sides import Stream

EXPERTS = ("moee", "ce", "mmt")
TEXT, WIDTHS = 10, {"bat": 6, "owl": 6, "cat": 5}
ALL = tuple(WIDTHS)
VGGISH, VGGSOUND = {"vggish": 128}, {"vggsound": 512}
PAPER = {"clusters": 16, "text_clusters": 20, "ghosts": 1}


@pytest.fixture(autouse=True)
def _same_every_time():
    torch.set_num_threads(1)
    torch.manual_seed(6)


def of(name, widths=WIDTHS, **settings):
    """A matcher as after training: nothing is nearly constant."""
    matcher = new_matcher(name, Widths({"main": TEXT}, widths), width=8, **settings)
    for parameter in matcher.parameters():
        parameter.data += 0.5 * torch.randn_like(parameter)
    return matcher.eval()


def stream(lengths, width):
    real = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    return Stream(torch.randn(*real.shape, width), real)


def texts(*lengths):
    return {"main": stream(lengths or (5, 2, 4), TEXT)}


def audios(*lengths):
    lengths = lengths or (4, 3, 5, 2)
    return {name: stream(lengths, width) for name, width in WIDTHS.items()}


def without(side, row, *names, junk=None):
    """The same side, but of this row these experts heard nothing; junk may lie there."""
    out = dict(side)
    for name in names:
        real, x = side[name].real.clone(), side[name].x.clone()
        real[row] = False
        x[row] = x[row] if junk is None else junk
        out[name] = Stream(x, real)
    return out


def size_of(matcher):
    return round(sum(one.numel() for one in matcher.parameters()) / 1e6, 2)


@pytest.mark.parametrize(
    ("audio", "millions"), [(VGGISH, 7.39), (VGGSOUND, 12.12), (VGGISH | VGGSOUND, 21.86)]
)
def test_collaborative_experts_have_as_many_parameters_as_in_the_paper(audio, millions):
    matcher = new_matcher("ce", Widths({"main": 300}, audio), width=768, **PAPER)

    assert size_of(matcher) == millions


def test_a_mixture_has_as_many_parameters_as_in_the_paper():
    widths = Widths({"main": 300}, VGGISH | VGGSOUND)

    matcher = new_matcher("moee", widths, expert_widths=VGGISH | VGGSOUND, **PAPER)

    assert size_of(matcher) == 8.9
    assert matcher.width == 128 + 512


def test_the_transformer_has_as_many_parameters_as_in_the_paper():
    bert = 108_310_272  # bert-base-cased, which is a tower of its own here
    unread = 512 * 512 + 512 + 7 * 512  # a pooler, and seven types of experts that nothing uses
    look, think = 4 * (512 * 512 + 512), 512 * 3072 + 3072 + 3072 * 512 + 512
    tokens = 128 * 512 + 512 + 512 * 512 + 512 + (1 + 2 + 102) * 512 + 2 * 512
    text = 2 * (768 * 512 + 512 + 512 * 512 + 512 + 2 * 512) + 2 * 768 + 2
    widths = Widths({"main": 768}, VGGISH | VGGSOUND)

    matcher = new_matcher("mmt", widths, width=512, depth=4, heads=4, inner=6)

    count = sum(one.numel() for one in matcher.parameters())
    assert count == 4 * (look + think + 2 * 2 * 512) + tokens + text
    assert round((count + bert + unread) / 1e6, 2) == 127.08


@pytest.mark.parametrize("name", EXPERTS)
def test_a_clip_scores_by_the_experts_that_it_has(name):
    matcher, text = of(name), texts()
    audio = without(audios(), 1, "cat", "owl")  # what is left is the first by name

    score = matcher(text, audio).scores[:, 1]

    looked_for = normalize(matcher.text_gist(text)[:, :8], dim=1)  # without the trust in it
    heard = matcher.audio_gist(audio)[1]
    torch.testing.assert_close(score, looked_for @ heard[:8], atol=1e-5, rtol=0)
    assert not heard[8:].any()


@pytest.mark.parametrize("name", EXPERTS)
@pytest.mark.parametrize("gone", [("cat",), ("bat", "owl"), ALL])
def test_what_lies_where_an_expert_is_missing_changes_nothing_while_learning(name, gone):
    settings = {"dropout": 0.0} if name == "mmt" else {}
    matcher, text, audio = of(name, **settings), texts(), audios()

    matcher.train()
    clean, dirty = (without(audio, 1, *gone, junk=junk) for junk in (0.0, 99.0))

    torch.testing.assert_close(matcher(text, dirty).scores, matcher(text, clean).scores)


@pytest.mark.parametrize("name", EXPERTS)
@pytest.mark.parametrize(
    ("rows", "gone"),
    [((0, 1, 2, 3), ALL), ((1,), ALL), ((0, 1, 3), ("cat",)), ((0, 1, 2, 3), ("cat", "owl"))],
)
def test_gradients_are_finite_whoever_is_missing_while_learning(name, rows, gone):
    matcher, text, audio = of(name).train(), texts(), audios()
    for row in rows:
        audio = without(audio, row, *gone)

    (100 * matcher(text, audio).scores * torch.randn(3, 4)).sum().backward()

    found = [one.grad for one in matcher.parameters() if one.grad is not None]
    assert all(one.isfinite().all() for one in found)
    assert any(one.any() for one in found) == (len(rows) < 4 or gone != ALL)


@pytest.mark.parametrize("name", EXPERTS)
@pytest.mark.parametrize("learning", [True, False])
def test_a_clip_that_no_expert_heard_scores_zero(name, learning):
    matcher = of(name).train(learning)

    scores = matcher(texts(), without(audios(), 1, *ALL)).scores

    assert scores.all(dim=0).tolist() == [True, False, True, True]
    assert not scores[:, 1].any()


@pytest.mark.parametrize("name", EXPERTS)
def test_a_text_without_words_scores_zero(name):
    matcher, text = of(name), texts()
    text["main"].real[2] = False

    scores = matcher(text, audios()).scores

    assert scores[2].tolist() == [0, 0, 0, 0]
    assert scores[:2].all()


@pytest.mark.parametrize("name", EXPERTS)
def test_the_order_in_which_experts_are_listed_changes_nothing(name):
    one, other = of(name), of(name, dict(reversed(WIDTHS.items())))
    other.load_state_dict(one.state_dict())
    text, audio = texts(), audios()

    torch.testing.assert_close(other.audio_gist(audio), one.audio_gist(audio))
    torch.testing.assert_close(other(text, audio).scores, one(text, audio).scores)


@pytest.mark.parametrize("name", EXPERTS)
def test_an_expert_may_have_any_name(name):
    widths = {"./models/bat-1.2": 6, "main": 5}
    audio = {stream_name: stream((4, 3), width) for stream_name, width in widths.items()}

    scores = of(name, widths)(texts(), audio).scores

    assert scores.shape == (3, 2)
    assert scores.all()


@pytest.mark.parametrize("name", EXPERTS)
def test_while_learning_no_score_knows_which_pairs_were_fed(name):
    settings = {"dropout": 0.0} if name == "mmt" else {}
    matcher, text, audio = of(name, **settings).train(), texts(5, 2, 4, 3), audios()
    wrong = [2, 0, 3, 1]
    moved = {key: Stream(one.x[wrong], one.real[wrong]) for key, one in audio.items()}

    found = matcher(text, moved).scores

    torch.testing.assert_close(found, matcher(text, audio).scores[:, wrong])


@pytest.mark.parametrize("name", EXPERTS)
def test_experts_that_change_places_with_all_that_belongs_to_them_score_the_same(name):
    # What was first by name comes to be last: an expert that is gated before it advises would show.
    matcher, moved = of(name), of(name)
    moved.load_state_dict(with_places_changed(matcher.state_dict()))
    text, audio = texts(), audios()
    audio = without(audio, 2, "cat")
    swapped = audio | {"bat": audio["owl"], "owl": audio["bat"]}

    found = moved(text, swapped).scores

    torch.testing.assert_close(found, matcher(text, audio).scores, atol=1e-5, rtol=0)


def with_places_changed(weights):
    """The weights of a matcher whose bat is its owl, and its owl its bat."""
    names = {"bat": "owl", "owl": "bat"}
    out = {
        ".".join(names.get(part, part) for part in key.split(".")): weights[key] for key in weights
    }
    for key in ("ask.trust.weight", "ask.trust.bias"):
        out[key] = weights[key][[2, 1, 0]]  # bat, cat, owl
    if "kinds.weight" in weights:
        out["kinds.weight"] = weights["kinds.weight"][[0, 3, 2, 1]]
    return out


def test_advice_is_the_mean_over_the_pairs_that_are_there():
    advice = Advice(3, 2).eval()
    experts = torch.randn(2, 4, 3)
    there = torch.tensor([[True, True, True, True], [True, False, True, True]])

    def g(one, other):
        x = advice.first(torch.cat([one, other]))
        return advice.layers[0](mish(advice.norms[0](x[None], torch.tensor([True]))[0]))

    found = advice(experts, there)

    for clip, expert in [(0, 0), (0, 3), (1, 2)]:
        others = [n for n in range(4) if there[clip, n]]
        wanted = sum(g(experts[clip, expert], experts[clip, n]) for n in others) / len(others)
        torch.testing.assert_close(found[clip, expert], wanted)
    assert not found[1, 1].any()


@pytest.mark.parametrize("name", ["ce", "mmt"])
def test_what_one_expert_heard_changes_what_is_made_of_another(name):
    matcher, audio = of(name), audios()
    changed = audio | {"owl": stream((4, 3, 5, 2), WIDTHS["owl"])}

    gap = (matcher.audio_gist(changed) - matcher.audio_gist(audio))[:, :8].abs()  # of the bat

    assert gap.amax(dim=1).min() > 1e-3


def test_experts_of_a_mixture_know_nothing_of_each_other():
    matcher, audio = of("moee"), audios()
    changed = audio | {"owl": stream((4, 3, 5, 2), WIDTHS["owl"])}

    gap = matcher.audio_gist(changed) - matcher.audio_gist(audio)

    assert not gap[:, :16].any()
    assert gap[:, 16:].any()


def test_an_expert_alone_is_advised_by_nobody():
    matcher = of("ce", {"bat": 6})
    text, audio = texts(), {"bat": stream((4, 3), 6)}

    products = matcher.text_gist(text) @ matcher.audio_gist(audio).T

    assert matcher.advise is None
    torch.testing.assert_close(matcher(text, audio).scores, products, atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", ["moee", "ce"])
def test_spaces_and_centres_are_as_many_as_the_recipe_says(name):
    matcher = of(name, clusters=3, text_clusters=5, ghosts=2)

    assert matcher.read.assign.shape == (TEXT, 5 + 2)
    assert matcher.pool["cat"].centres.shape == (3, WIDTHS["cat"])
    assert matcher.pool["cat"].assign.shape == (WIDTHS["cat"], 3)
    assert matcher.width == 3 * 8


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("moee", {"ghosts": -1}, "this cannot be: ghosts = -1\nmake it 0 or more"),
        ("ce", {"ghosts": -1}, "this cannot be: ghosts = -1\nmake it 0 or more"),
        ("ce", {"depth": 0}, "a matcher cannot have depth = 0\nmake it 1 or more"),
        ("moee", {"clusters": 0}, "a matcher cannot have clusters = 0\nmake it 1 or more"),
        (
            "moee",
            {"expert_widths": {"cat": 0}},
            "a matcher cannot have expert_widths.cat = 0\nmake it 1 or more",
        ),
        (
            "moee",
            {"expert_widths": {"rat": 7}},
            "expert_widths: there is no audio stream 'rat'\ndid you mean 'cat'?",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(name, settings, said):
    with pytest.raises(UsageError) as error:
        of(name, **settings)

    assert str(error.value) == said


def test_a_width_of_one_expert_must_be_a_whole_number():
    with pytest.raises(UsageError) as error:
        of("moee", expert_widths={"cat": "wide"})

    assert error.value.problem == "the matcher 'moee': expert_widths.cat is 'wide'"
    assert error.value.hint == "it should be a whole number"


def test_a_recipe_tells_the_width_of_each_expert():
    text = """
name = "sizes"
task = "match"
[matcher]
name = "moee"
width = 8
clusters = 2
expert_widths = { cat = 3 }
"""
    rule = parse_recipe(text, "here").matcher

    matcher = new_matcher(
        rule.name, Widths({"main": TEXT}, WIDTHS), width=rule.width, **rule.settings
    )

    assert matcher.width == 8 + 8 + 3
    assert matcher.pool["bat"].centres.shape == (2, 6)


@pytest.mark.parametrize("name", EXPERTS)
def test_a_run_for_search_refuses_what_has_no_moments(name, tmp_path):
    from lab.tiny_runs import both_run

    with pytest.raises(UsageError) as error:
        both_run(tmp_path / "run", name)

    assert error.value.problem == (
        f"the matcher {name!r} makes one vector of a whole clip, "
        "and search must find the moment in it"
    )
    assert error.value.hint == "name one that has tokens under [matcher], such as 'pooled'"
