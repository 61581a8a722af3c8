"""Networks are checked before they run; a window's tokens are told from its times."""

from dataclasses import replace

import numpy as np
import pytest

from earmark.audio.chunk import CutRule, Stretch
from earmark.audio.mel import log_mel
from earmark.errors import EarmarkError, UsageError
from earmark.model.model import Model
from earmark.model.run import Ears, Judge, Words, moved, tokens_of
from earmark.model.stretches import Plan
from model.tiny import MATRIX, PAGE, TABLE, audio_graph, rerank_graph, text_graph, tokenizer

SMALL = Plan(
    rate=32_000, samples=389_120, before=30_720, token=10_240, rule=CutRule()
)  # the times of earmark-small: 12.16 s, 0.96 s, 0.32 s


def kept(start, stop, plan=SMALL, count=38):
    part, spans = tokens_of(Stretch(start, stop), count, plan)
    return range(38)[part], spans


def test_tokens_of_a_whole_stretch_by_hand():
    # 10 s hold the centres 0.16 + 0.32 n for n = 0 .. 30 (9.76 s); 31 would be at 10.08 s.
    tokens, spans = kept(64_000, 64_000 + 320_000)

    assert tokens == range(3, 34)
    assert spans[0].tolist() == [64_000, 74_240]
    assert spans[-1].tolist() == [64_000 + 30 * 10_240, 64_000 + 31 * 10_240]


def test_what_a_token_stands_for_ends_with_its_stretch():
    # 0.5 s: centres at 0.16 and 0.48 s; the second token would reach 0.64 s.
    tokens, spans = kept(0, 16_000)

    assert tokens == range(3, 5)
    assert spans.tolist() == [[0, 10_240], [10_240, 16_000]]


@pytest.mark.parametrize("stop", [5120, 5119, 100, 1])
def test_the_shortest_sounds_keep_one_token(stop):
    tokens, spans = kept(0, stop)

    assert tokens == range(3, 4)
    assert spans.tolist() == [[0, stop]]


def test_a_centre_on_the_edge_belongs_to_the_later_stretch():
    edge = 5120 + 3 * 10_240

    assert kept(0, edge)[0] == range(3, 6)
    assert kept(0, edge + 1)[0] == range(3, 7)


def test_tokens_need_not_begin_with_the_stretch():
    # 10 samples before it and tokens of 8: starts at -10, -2, 6 ... and centres at -6, 2, 10 ...
    plan = Plan(rate=1000, samples=80, before=10, token=8, rule=CutRule())

    tokens, spans = kept(0, 17, plan, count=10)

    assert tokens == range(1, 3)
    assert spans.tolist() == [[0, 6], [6, 14]]
    assert kept(0, 2, plan, count=10)[1].tolist() == [[0, 2]]


def ears(page=PAGE, **changes):
    return Ears(page, audio_graph(page, **changes))


@pytest.mark.parametrize(
    ("page", "graph", "said"),
    [
        (PAGE, b"", "audio.onnx cannot be run: "),
        (PAGE, b"not a graph at all", "audio.onnx cannot be run: "),
        (PAGE, text_graph(), "it takes ids, mask, not logmel"),
        (PAGE, audio_graph(width=5), r"tokens is \[any, 15, 5\], not \[1, any, 6\]"),
        (PAGE, audio_graph(weight="loudness"), "but not weight"),
        (PAGE, audio_graph(replace(PAGE, classes=())), "but not classes"),
        (
            replace(PAGE, classes=("a", "b", "c")),
            audio_graph(),
            r"classes is \[any, 2\], not \[1, 3\]",
        ),
        (
            replace(PAGE, fronts=(replace(PAGE.fronts[0], frames=256),)),
            audio_graph(),
            r"logmel is \[any, 240, 8\], not \[1, 256, 8\]",
        ),
        (
            replace(PAGE, seconds=replace(PAGE.seconds, token=0.16)),
            audio_graph(),
            "15 tokens of 0.16 s do not fit",
        ),
        (
            replace(PAGE, seconds=replace(PAGE.seconds, token=0.4)),
            audio_graph(),
            "15 tokens of 0.4 s do not fit",
        ),
    ],
)
def test_a_graph_that_is_not_what_the_page_says_is_refused(page, graph, said):
    with pytest.raises(EarmarkError, match=said) as caught:
        Ears(page, graph)

    assert len(str(caught.value).splitlines()) == 2


def test_other_graphs_are_refused_too():
    with pytest.raises(EarmarkError, match=r"text\.onnx cannot be run: it takes logmel, not ids"):
        Words(PAGE, tokenizer(), audio_graph(), 12)
    with pytest.raises(EarmarkError, match=r"gist is \[any, 6\], not \[1, 7\]"):
        Words(replace(PAGE, width=7), tokenizer(), text_graph(), 12)
    with pytest.raises(
        EarmarkError, match=r"rerank\.onnx cannot be run: it takes ids, mask, not au"
    ):
        Judge(text_graph())


@pytest.mark.parametrize("content", [b"", b"{}", b'{"version": "1.0"}', b"\xff\xfe"])
def test_a_tokenizer_that_is_none_is_refused(content):
    with pytest.raises(EarmarkError, match=r"tokenizer\.json cannot be run: "):
        Words(PAGE, content, text_graph(), 12)


def test_a_sentence_by_hand():
    words = Words(PAGE, tokenizer(), text_graph(), 12)

    gist, tokens = words.read("!#")  # bytes 33 and 35, the first and third of the alphabet

    rows = TABLE[[256, 0, 2, 257]]
    assert np.array_equal(tokens, rows)
    np.testing.assert_allclose(gist, rows.sum(0) / np.linalg.norm(rows.sum(0)), rtol=1e-5)


def test_a_long_text_ends_at_the_longest_with_its_closing_mark():
    words = Words(PAGE, tokenizer(), text_graph(), 12)

    tokens = words.read("rain on a tin roof and thunder")[1]

    assert len(tokens) == 12
    assert np.array_equal(tokens[-1], TABLE[257])
    assert np.array_equal(tokens, words.read("rain on a ")[1])


def test_a_text_of_which_nothing_is_left_is_refused():
    from tokenizers import Tokenizer, models

    nothing = Tokenizer(models.BPE(vocab={"a": 0}, merges=[])).to_str().encode()

    with pytest.raises(UsageError, match="nothing in 'bcd' that the model can read"):
        Words(PAGE, nothing, text_graph(), 12).read("bcd")


def test_a_score_of_the_reranker_by_hand():
    text = np.zeros((2, 6), np.float32)
    text[0, 0], text[1, 1] = 1, 2
    audio = np.zeros((4, 6), np.float32)
    audio[0, 0], audio[1, 0], audio[3, 1] = 5, 7, 4

    # The best for the first is 7, for the second 2 * 4.
    assert Judge(rerank_graph()).score(text, audio) == pytest.approx((7 + 8) / 2)


def test_moved_tokens_mean_what_all_of_them_meant():
    tokens = np.array([[1, 0], [3, 2], [0, 10], [0, 4]], np.float32)
    weights = np.array([1, 3, 1, 1], np.float32)
    # All: (1 + 9, 0 + 6 + 10 + 4) / 6. The first two: (1 + 9, 6) / 4.
    whole, part = np.array([10, 20]) / 6, np.array([10, 6]) / 4

    found = moved(tokens, weights, slice(0, 2))

    assert found.dtype == np.float32
    np.testing.assert_allclose(found[:2], tokens[:2] + whole - part, rtol=1e-6)
    np.testing.assert_allclose((found[0] + 3 * found[1]) / 4, whole, rtol=1e-6)


def test_a_repeated_sound_counts_whole_and_a_long_one_by_its_own_tokens():
    front = replace(PAGE.fronts[0], frames=240)
    times = replace(PAGE.seconds, before=0.0, stretch=4.8)
    page = replace(PAGE, fronts=(front,), seconds=times, fill="repeat", text=None, classes=())
    contents = {"audio.onnx": audio_graph(page)}
    model = Model(page, contents.__getitem__)
    wave = np.random.default_rng(2).uniform(-1, 1, 9000).astype(np.float32)

    line = model.hear_wave(wave, rate=8000)

    copies = np.pad(np.tile(wave, 4), (0, 38_400 - 36_000))
    logmel = log_mel(copies, front.rule)[:240].reshape(15, 16, 8).mean(axis=1)
    heaviness = 1 / (1 + np.exp(-logmel.mean(axis=1)))
    tokens = logmel @ MATRIX
    assert len(line.tokens) == 4  # of 15: centres at 0.16, 0.48, 0.8 and 1.12 s of 1.125
    mean = np.average(line.tokens, axis=0, weights=line.weights)
    np.testing.assert_allclose(mean, np.average(tokens, axis=0, weights=heaviness), atol=1e-4)
