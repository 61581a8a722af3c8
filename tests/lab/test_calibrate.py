"""Confidence learns from made-up hits what they were made by, and a bundle takes it along."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

pytest.importorskip("torch", reason="the lab needs torch: pip install 'earmark[lab]'")

from earmark.data import open_data
from earmark.errors import DataError, UsageError
from earmark.lab import calibrate as room
from earmark.lab.calibrate import (
    Asked,
    Hits,
    bank_of,
    calibrate,
    dev_rows,
    fit,
    gather,
    line_of,
    recalibrate,
)
from earmark.model.bundle import read_bundle
from earmark.model.model import Model
from earmark.scenes import bank_from_kinds
from earmark.score import crowds
from earmark.score.crowds import Moments
from earmark.score.questions import Questions
from earmark.score.refusal import bins, ece
from earmark.search.confidence import Calibration, Slopes, logit, read_fitted, usual
from earmark.synth import KINDS
from model.tiny import PAGE, RATE, write_tiny

TRUE = Slopes(base=-1.0, bank=1.0, library=0.0, score=3.0, size=-0.25)


def made(slopes=TRUE, count=50_000, seed=1):
    rng = np.random.default_rng(seed)
    columns = [rng.normal(size=count), rng.normal(size=count), rng.normal(0, 0.3, count)]
    features = np.stack([*columns, rng.uniform(3, 9, count)], axis=1)
    chance = 1 / (1 + np.exp(-logit(features, slopes)))
    right = (rng.random(count) < chance).astype(float)
    first = rng.random(count) < 0.1
    return Hits(features, right, np.full(count, 1 / count), first)


def test_what_hits_were_made_by_is_found_again():
    found = fit(made())

    for name in ("base", "bank", "library", "score", "size"):
        assert getattr(found, name) == pytest.approx(getattr(TRUE, name), abs=0.2)


def test_a_slope_that_would_fall_is_left_out_and_the_others_fitted_again():
    found = fit(made(replace(TRUE, library=-1.0)))

    assert found.library == 0
    assert found.bank > 0.5


def test_scores_that_mean_nothing_are_refused():
    with pytest.raises(UsageError, match="does not mean a better hit"):
        fit(made(Slopes(base=-2.0, bank=-1.0, library=-1.0, score=-3.0, size=0.0)))


def test_a_tenth_of_the_questions_that_were_answered_lies_below_the_line():
    hits = made()
    best = 1 / (1 + np.exp(-logit(hits.features[hits.first], TRUE)))

    line = line_of(hits, TRUE)

    assert (best < line).mean() == pytest.approx(0.1, abs=0.001)


def world(seed, kinds=150, each=6, width=16, blur=0.2):
    """Recordings of some kinds, and a question for each kind that is not quite at its place."""
    rng = np.random.default_rng(seed)
    unit = lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True)  # noqa: E731
    centres = unit(rng.standard_normal((kinds, width)))
    sounds = unit(
        np.repeat(centres, each, axis=0) + blur * rng.standard_normal((kinds * each, width))
    )
    texts = unit(centres + blur * rng.standard_normal((kinds, width)))
    right = np.repeat(np.eye(kinds, dtype=bool), each, axis=1)
    nothing = np.zeros_like(right)
    names = tuple(map(str, range(kinds)))
    heard = Moments(sounds.astype(np.float16), np.ones(kinds * each, np.int64))
    return Asked(Questions(names, names, right, nothing, nothing), texts.astype(np.float32), heard)


def test_confidence_fitted_in_one_world_is_true_in_another(monkeypatch):
    monkeypatch.setattr(room, "SIZES", (30, 200, 2_000))
    here, there = world(1), world(2)
    bank = bank_of([here.heard.first], 512)

    slopes = fit(gather([here], bank))
    hits = gather([there], bank)

    chance = 1 / (1 + np.exp(-logit(hits.features, slopes)))
    assert hits.right.mean() == pytest.approx(chance.mean(), abs=0.03)
    assert ece(bins(chance, hits.right > 0)) < 0.05
    assert hits.weight.sum() == pytest.approx(1)


def test_the_bank_is_as_much_of_each_group():
    groups = [np.full((100, 2), 1.0, np.float32), np.full((7, 2), 2.0, np.float32)]

    bank = bank_of(groups, most=20)

    assert [int((bank == n).all(axis=1).sum()) for n in (1, 2)] == [10, 7]


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A tiny bundle, a data set, and crowds of a size for tests."""
    from earmark.audio.write import write
    from earmark.synth import make

    monkeypatch.setattr(room, "MANY", 32)
    monkeypatch.setattr(room, "SIZES", (12, 24))
    monkeypatch.setattr(room, "BANK", 16)
    monkeypatch.setattr(room, "TAKES", 2)
    monkeypatch.setattr(crowds, "KINDS", {name: KINDS[name] for name in QUICK[:2]})
    few = partial(bank_from_kinds, kinds={name: KINDS[name] for name in QUICK})
    monkeypatch.setattr(crowds, "bank_from_kinds", few)
    monkeypatch.setattr(crowds, "CAPTIONED", 12)
    monkeypatch.setattr(crowds, "TAKES", 1)
    monkeypatch.setattr(room, "fit", lambda hits: TRUE)  # a model without training shows nothing
    kinds = ("dog_bark", "heavy_rain", "piano", "church_bell", "hammer", "birds")
    lines = ["path,role,caption,label,freesound_id"]
    for kind in kinds:
        for take in range(3):
            path = f"{kind}{take}.wav"
            (tmp_path / "data" / "audio").mkdir(parents=True, exist_ok=True)
            write(
                tmp_path / "data" / "audio" / path, make(kind, take, seconds=2.0, rate=RATE), RATE
            )
            lines.append(f"{path},train,{kind.replace('_', ' ')},{kind},")
    (tmp_path / "data" / "clips.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_tiny(tmp_path / "tiny", replace(PAGE, recipe=RECIPE))
    return tmp_path


QUICK = (  # kinds that are made in a moment, of which scenes can be told apart
    "dog_bark", "piano", "church_bell", "beep", "hammer", "mains_hum", "car_horn", "guitar",
    "cow_moo", "owl", "cat_meow", "rooster",
)  # fmt: skip
RECIPE = """
name = "tiny"
task = "hear"
[data]
train = ["clips:{data}#train"]
dev = ["clips:{data}#train+dev"]
"""


def rows_of(folder):
    return open_data(f"clips:{folder / 'data'}")


def test_a_bundle_is_written_anew_with_the_same_networks(small):
    noted = []

    recalibrate(small / "tiny", small / "new", rows_of(small), note=noted.append)

    pages = [read_bundle(small / name).page for name in ("tiny", "new")]
    for name in ("audio.onnx", "text.onnx", "tokenizer.json", "golden.npz"):
        assert pages[0].files[name] == pages[1].files[name]
    told = read_fitted(pages[1].calibration)
    assert told.fitted["clips"] == 18
    assert told.fitted["mixes"] == 14
    found = Calibration.of(Model.load(small / "new"))
    assert found.calibrated
    assert 0 < found.line < 1
    assert len(found.bank) == 16
    assert "fitted on 18 clips and 32 scenes" in (small / "new" / "README.md").read_text("utf-8")
    assert noted[-1] == "heard 4 of 4"
    again, bank = calibrate(Model.load(small / "tiny"), rows_of(small))
    assert again == pages[1].calibration  # the same rows give the same
    np.testing.assert_allclose(bank, found.bank, atol=1e-6)


def test_the_dev_part_is_read_from_the_recipe(small):
    assert len(dev_rows(RECIPE, small / "data")) == 18
    with pytest.raises(DataError, match="names no dev part"):
        dev_rows(
            RECIPE.replace("dev =", "train2 =").replace('train2 = ["clips:{data}#train+dev"]', ""),
            small,
        )
    with pytest.raises(DataError, match="nowhere"):
        dev_rows(RECIPE, small / "nowhere")


def test_a_bank_says_what_a_query_usually_gets():
    bank = np.array([[1, 0], [0, 1]] * 4, np.float32)

    assert usual(bank, np.array([1, 0], np.float32)) == (0.5, 0.5)
