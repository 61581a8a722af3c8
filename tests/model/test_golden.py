"""A bundle proves that it hears here what it heard where it was made, or is found out."""

import io

import numpy as np
import pytest

from earmark.errors import EarmarkError
from earmark.model.golden import Figure, record, verify
from earmark.model.model import Model
from earmark.synth import make
from model import tiny
from model.tiny import EARS, PAGE, RATE, RERANKS, SENTENCE, WAVES, contents_of, new_model

WAVE = make("dog_bark", 3, seconds=2.5, rate=RATE)


def arrays(golden):
    with np.load(io.BytesIO(golden)) as file:
        return dict(file)


def packed(found):
    file = io.BytesIO()
    np.savez(file, **found)
    return file.getvalue()


@pytest.mark.parametrize("page", [PAGE, RERANKS, EARS, WAVES], ids=lambda page: page.name)
def test_what_was_recorded_is_heard_again(page):
    model = new_model(page)

    figures = verify(model, record(model, WAVE, SENTENCE if page.text else ""))

    assert all(figure.met for figure in figures)
    assert all(
        figure.value == pytest.approx(float(figure.measure == "cosine")) for figure in figures
    )


def test_everything_that_a_bundle_makes_is_compared():
    model = new_model(RERANKS)

    figures = verify(model, record(model, WAVE, SENTENCE))

    assert [(figure.what, figure.measure, figure.limit) for figure in figures] == [
        ("input.logmel", "difference", 1e-4),
        ("tokens", "cosine", 0.9999),
        ("weight", "cosine", 0.9999),
        ("gist.audio", "cosine", 0.9999),
        ("classes", "difference", 1e-3),
        ("gist.text", "cosine", 0.9999),
        ("score", "difference", 1e-3),
    ]


def test_nothing_of_it_is_pickled():
    found = arrays(contents_of(PAGE)["golden.npz"])

    assert str(found["sentence"]) == SENTENCE
    assert not any(array.dtype.hasobject for array in found.values())


def missed(model, found):
    return {figure.what for figure in verify(model, packed(found)) if not figure.met}


def test_each_value_is_held_to_its_limit():
    model = new_model(RERANKS)
    found = arrays(record(model, WAVE, SENTENCE))
    one_token = found["tokens"].copy()
    one_token[3] = np.roll(one_token[3], 1)

    assert missed(model, found | {"tokens": one_token}) == {"tokens"}
    assert missed(model, found | {"input.logmel": found["input.logmel"] + 2e-4}) == {"input.logmel"}
    assert missed(model, found | {"classes": found["classes"] + 2e-3}) == {"classes"}
    assert missed(model, found | {"score": found["score"] - 2e-3}) == {"score"}
    assert missed(model, found | {"gist.text": found["gist.text"][::-1]}) == {"gist.text"}
    assert missed(model, found | {"input.logmel": found["input.logmel"] + 5e-5}) == set()


def test_one_vector_or_one_number_that_is_off_is_enough():
    model = new_model()
    found = arrays(record(model, WAVE, SENTENCE))
    tokens, logmel = found["tokens"].copy(), found["input.logmel"].copy()
    across = np.roll(tokens[3], 1)
    across -= tokens[3] * (across @ tokens[3]) / (tokens[3] @ tokens[3])
    # A fiftieth of its length at a right angle: a cosine of 1 / sqrt(1 + 1 / 2500) = 0.9998.
    tokens[3] += across * np.linalg.norm(tokens[3]) / np.linalg.norm(across) / 50
    logmel[7, 2] -= 2e-4

    [off] = [one for one in verify(model, packed(found | {"tokens": tokens})) if not one.met]

    assert (off.what, off.value) == ("tokens", pytest.approx(0.9998, abs=1e-5))
    assert missed(model, found | {"input.logmel": logmel}) == {"input.logmel"}


def test_another_network_is_found_out(monkeypatch):
    golden = record(new_model(), WAVE, SENTENCE)
    monkeypatch.setattr(tiny, "MATRIX", tiny.MATRIX + np.float32(0.05))
    other = Model(PAGE, contents_of(PAGE).__getitem__)

    assert {figure.what for figure in verify(other, golden) if not figure.met} >= {"tokens"}


def test_a_cosine_may_not_be_less_and_a_difference_not_more():
    assert Figure("x", 0.99991, 0.9999, "cosine").met
    assert not Figure("x", 0.99989, 0.9999, "cosine").met
    assert Figure("x", 0.9e-4, 1e-4, "difference").met
    assert not Figure("x", 1.1e-4, 1e-4, "difference").met
    assert not Figure("x", float("nan"), 0.9999, "cosine").met
    assert not Figure("x", float("nan"), 1e-4, "difference").met


def refusal(golden):
    with pytest.raises(EarmarkError) as caught:
        verify(new_model(), golden)
    assert len(str(caught.value).splitlines()) == 2
    return str(caught.value)


@pytest.mark.parametrize("golden", [b"", b"garbage", b"PK\x03\x04 cut short", np.zeros(3).dumps()])
def test_what_is_no_golden_file_is_refused(golden):
    assert "golden.npz does not fit its bundle: it cannot be read" in refusal(golden)


def test_a_single_array_is_no_golden_file():
    file = io.BytesIO()
    np.save(file, np.zeros(3))

    assert "it cannot be read" in refusal(file.getvalue())


def test_a_golden_file_of_another_bundle_is_refused():
    found = arrays(record(new_model(), WAVE, SENTENCE))
    without = {name: array for name, array in found.items() if name != "gist.text"}

    assert "gist.text is not what this bundle makes" in refusal(packed(without))
    assert "score is not what this bundle makes" in refusal(packed(found | {"score": np.zeros(1)}))
    assert "tokens is not what" in refusal(packed(found | {"tokens": found["tokens"][:-1]}))
    assert "there is no wave in it" in refusal(packed({"sentence": np.array("a")}))
