"""What classes are called: phrases for those that are heard, and which ones a sentence means."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.experts.composed import by_names
from earmark.lab.objectives.naming import Naming
from earmark.lab.objectives.targets import expected
from earmark.lab.words.labels import Labels


def test_one_clear_class_of_a_mixture_is_said_of_all_that_hold_it():
    naming = Naming([["a bark"], [], ["rain", "a shower"]], torch.eye(3), Labels({}, classes=3))
    scores = torch.tensor([[0.5, 0.9, 0.1], [0.3, 0.0, 0.6], [0.1, 0.9, 0.3]])

    texts, match = naming.phrases_for(scores, np.random.default_rng(1))

    assert texts[0] == "a bark"  # of the second class nobody says anything
    assert texts[1] in {"rain", "a shower"}
    assert len(texts) == 2
    assert match.tolist() == [[True, True, False], [False, True, True]]


def test_sentences_are_scored_as_the_composed_baseline_scores_them():
    rng = np.random.default_rng(0)
    texts, names = (rng.standard_normal((n, 8)).astype(np.float32) for n in (3, 4))
    texts, names = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (texts, names))
    scores = rng.uniform(0.01, 1, (5, 4)).astype(np.float32)
    naming = Naming([], torch.from_numpy(names), Labels({}, classes=4))

    near = naming.classes_of("abc", torch.from_numpy(texts))
    found = expected(near, torch.from_numpy(scores))

    np.testing.assert_allclose(found.numpy(), by_names(texts, names, scores), rtol=1e-4)


def test_the_labels_of_a_caption_have_half_a_say():
    naming = Naming([], torch.eye(4), Labels({"labelled": (2, 3)}, classes=4))
    meanings = torch.tensor([[1.0, 0, 0, 0]]).repeat(2, 1)
    scores = torch.tensor([[0.9, 0.1, 0.2, 0.4]])

    found = expected(naming.classes_of(["labelled", "plain"], meanings), scores)

    by_name, by_label = found[1, 0], (math.log(0.2) + math.log(0.4)) / 2
    assert float(by_name) == pytest.approx(math.log(0.9), abs=1e-3)
    assert float(found[0, 0]) == pytest.approx((float(by_name) + by_label) / 2, abs=1e-4)
