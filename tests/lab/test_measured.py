"""What was measured is told in words, each kind of examination with its own lines."""

import pytest

pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import DataError
from earmark.lab.measured import told


def figure(value, **more):
    return {"value": value, "low": value - 0.1, "high": value + 0.05, **more}


def systems(own, composed):
    return {
        "small": {"mAP": figure(own, more=own - composed)},
        "composed": {"mAP": figure(composed)},
    }


SEARCH = {
    "protocol": "search",
    "command": "earmark evaluate search DATA#check --seed 0",
    "model": "small",
    "sets": {
        "esc-check": {
            "texts": 22,
            "clips": 408,
            "chance": {"mAP": 0.059},
            "systems": systems(0.8, 0.7),
            "free": {
                "queries": 110,
                "systems": systems(0.75, 0.65),
                "worst": {
                    "small": {"caption": "wind blowing", "precision": 0.25},
                    "composed": {"caption": "rain falling", "precision": 0.5},
                },
            },
        },
        "urban-check": {
            "texts": 10,
            "clips": 318,
            "chance": {"mAP": 0.11},
            "systems": systems(0.6, 0.7),
            "free": None,
        },
    },
    "variants": {
        "queries": 200,
        "ways": {"typo": {"small": figure(0.57, **{"of plain": 0.95}), "composed": figure(0.5)}},
    },
    "noise": {"set": "esc-check", "pink": {"5": {"small": 0.6, "composed": 0.5}}},
    "texts": {
        "small": [{"text": "rain falling", "clips": 32, "precision": 0.5, "instead": {"fire": 3}}]
    },
}
SCENERY = {
    "protocol": "scenes",
    "command": "earmark evaluate scenes DATA --size 500 --seed 0",
    "model": "small",
    "texts": 1489,
    "scenes": 500,
    "chance": {"mAP": 0.01},
    "systems": systems(0.4, 0.3),
    "order": {"small": {"pairs": 40, **figure(0.6)}, "composed": {"pairs": 0}},
    "moments": {"scenes": 100, "R1@0.5": {"small": figure(0.55), "composed": figure(0.25)}},
}
SIBLINGS = {
    "protocol": "siblings",
    "command": "earmark evaluate siblings DATA",
    "model": "small",
    "captions": 5225,
    "clips": 1045,
    "chance": {"R@10": 0.002},
    "systems": {"small": {"R@10": figure(0.48)}, "minilm": {"R@10": figure(0.5)}},
    "share of R@10": 0.96,
}


def test_a_search_is_told_set_by_set_then_wording_noise_and_texts():
    assert told([SEARCH])["search"] == {
        "command": "earmark evaluate search DATA#check --seed 0",
        "esc-check: captions, clips": "22, 408",
        "esc-check: mAP": "0.800 (0.700 to 0.850); composed 0.700, chance 0.059",
        "esc-check, 110 free queries: mAP": "0.750 (0.650 to 0.800); composed 0.650",
        "esc-check, worst of them": "0.250 (wind blowing)",
        "urban-check: captions, clips": "10, 318",
        "urban-check: mAP": "0.600 (0.500 to 0.650); composed 0.700, chance 0.110",
        "200 queries, typo: mAP": "0.570 (0.470 to 0.620), 0.950 of plain",
        "esc-check, pink 5 dB below: mAP": "0.600 (0.75 of clean)",
        "precision, rain falling": "0.500 (32 clips; instead: fire 3)",
    }


def test_scenes_of_clips_are_told_with_order_and_moments():
    assert told([SCENERY])["scenes"] == {
        "command": "earmark evaluate scenes DATA --size 500 --seed 0",
        "captions, scenes": "1489, 500",
        "scenes: mAP": "0.400 (0.300 to 0.450); composed 0.300, chance 0.010",
        "order, small (chance 0.5)": "0.600 (0.500 to 0.650) of 40 pairs",
        "moments, small: R1@0.5": "0.550 (0.450 to 0.600)",
        "moments, composed: R1@0.5": "0.250 (0.150 to 0.300)",
    }


def test_siblings_are_told_beside_the_sentence_model():
    found = told([SIBLINGS])["siblings"]

    assert found["small: R@10"] == "0.480 (0.380 to 0.530); chance 0.0020"
    assert found["share of the sentence model's R@10"] == "0.960"


def test_two_results_of_one_name_both_stay():
    other = SCENERY | {"command": "earmark evaluate scenes DATA --size 100 --seed 0"}

    assert list(told([SCENERY, other])) == ["scenes", f"scenes, {other['command']}"]


def test_what_no_card_can_hold_is_refused():
    with pytest.raises(DataError, match="no figures that a card can hold: confidence"):
        told([{"protocol": "confidence", "command": "earmark evaluate confidence"}])
