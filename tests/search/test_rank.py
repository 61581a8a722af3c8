"""Ranking, on vectors that a person can check."""

import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from earmark.library.nouns import Found, Place, Said
from earmark.library.store.contract import Filter
from earmark.search.rank import Ranker
from earmark.search.wish import Wish
from search.shelf import BELL, DOG, RAIN, FakeModel, put, question, shelve, toward

ALL = Wish(limit=100, unsure=True, duplicates=True)
FOLDED = Wish(limit=100, unsure=True)
NOISE = {f"hum/{n:02d}.wav": [toward((0.01 * n, RAIN), (0.2, BELL))] for n in range(20)}


@pytest.fixture
def made(tmp_path):
    """Makes libraries and closes them."""
    stores = []

    def make(sounds, **said):
        stores.append(shelve(tmp_path / f"library-{len(stores)}", sounds, tmp_path, **said))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


def names(hits):
    return [Path(hit.path).name for hit in hits]


def search(store, asked, wish=ALL, wanted=Filter(), model=None):  # noqa: B008
    return Ranker(store, model or FakeModel()).search(asked, wanted, wish)


def test_recordings_are_ranked_by_their_best_moments(made):
    store = made(
        NOISE
        | {
            "late.wav": [toward((0.1, RAIN)), toward((0.1, RAIN)), toward((0.9, RAIN))],
            "first.wav": [toward((0.95, RAIN)), toward((0.0, RAIN))],
            "even.wav": [toward((0.5, RAIN))],
        }
    )
    hits = search(store, question(RAIN))

    assert names(hits)[:3] == ["first.wav", "late.wav", "even.wav"]
    assert [hit.rank for hit in hits] == list(range(1, 24))
    assert [hit.score for hit in hits[:3]] == pytest.approx([0.95, 0.9, 0.5], abs=1e-3)
    assert hits[1].start >= 4.0  # the third moment begins at 5 s
    levels = [hit.confidence for hit in hits]
    assert levels == sorted(levels, reverse=True)


def test_a_rainy_file_of_three_hours_is_one_answer(made):
    long = [toward((0.9 + 0.0001 * (n % 7), RAIN)) for n in range(4_300)]
    short = {f"{n}.wav": [toward((0.6 - 0.01 * n, RAIN))] for n in range(9)}
    store = made(NOISE | short | {"three hours.wav": long})

    wish = Wish(limit=10, unsure=True, duplicates=True)
    assert names(search(store, question(RAIN), wish)) == [
        "three hours.wav",
        *(f"{n}.wav" for n in range(9)),
    ]


def test_of_a_long_file_at_most_three_moments_are_told(made):
    rain, hum = toward((0.9, RAIN)), toward((0.0, RAIN))
    long = ([rain] * 4 + [hum] * 12) * 6
    store = made(NOISE | {"long.wav": long, "short.wav": [toward((0.8, RAIN))]})
    hits = search(store, question(RAIN), Wish(limit=10, moments=True, unsure=True))

    assert names(hits).count("long.wav") == 3
    assert "short.wav" in names(hits)
    spans = sorted((hit.start, hit.end) for hit in hits if hit.path.endswith("long.wav"))
    assert all(a_end <= start for (_, a_end), (start, _) in pairwise(spans))


def test_a_moment_that_is_less_right_has_less_confidence_than_its_recording(made):
    two = [toward((0.9, RAIN))] * 3 + [toward((0.0, RAIN))] * 12 + [toward((0.6, RAIN))] * 3
    store = made(NOISE | {"two.wav": two})
    hits = search(store, question(RAIN), Wish(limit=10, moments=True, unsure=True))

    first, second = (hit for hit in hits if hit.path.endswith("two.wav"))
    assert first.start < second.start
    assert first.confidence > second.confidence > 0
    assert second.score == pytest.approx(0.6, abs=1e-2)


def test_filters_are_applied_before_anything_is_ranked(made):
    loud = {f"loud/{n}.wav": [toward((0.9, RAIN))] for n in range(150)}
    store = made(NOISE | loud | {"field/faint.wav": [toward((0.3, RAIN))]})
    hits = search(store, question(RAIN), Wish(limit=5, unsure=True), Filter(folders=("field",)))

    assert names(hits) == ["faint.wav"]


def test_a_filter_that_lets_nothing_through_finds_nothing(made):
    assert search(made(NOISE), question(RAIN), wanted=Filter(folders=("none",))) == []


def test_an_empty_library_finds_nothing(made):
    assert search(made({}), question(RAIN, words="rain")) == []


def test_a_name_brings_a_recording_in_whatever_it_scores(made):
    near = {f"{n:03d}.wav": [toward((0.5, RAIN))] for n in range(150)}
    store = made(near | {"Rain on leaves.wav": [toward((0.0, RAIN), (0.9, BELL))]})
    asked = question(RAIN, words="rain on leaves")
    wish = Wish(limit=1000, unsure=True)

    plain = search(store, asked, Wish(limit=10, unsure=True, keywords=False))
    named = search(store, asked, Wish(limit=10, unsure=True))
    assert "Rain on leaves.wav" not in names(plain)
    assert "Rain on leaves.wav" in names(named)
    hit = next(h for h in search(store, asked, wish) if h.path.endswith("leaves.wav"))
    assert 0.3 < hit.confidence < 0.8
    assert hit.why.place == 0 or hit.why.place > 100
    assert hit.why.evidence == 1.0


def test_tags_count_as_names_do(made):
    store = made(
        NOISE | {"a.wav": [toward((0.6, RAIN))], "b.wav": [toward((0.61, RAIN))]},
        **{"a.wav": Said(tags={"title": "Rain"})},
    )
    asked = question(RAIN, words="rain")

    assert names(search(store, asked))[:2] == ["a.wav", "b.wav"]
    assert (
        names(search(store, asked, Wish(limit=9, unsure=True, keywords=False, duplicates=True)))[0]
        == "b.wav"
    )


def test_what_is_unwanted_sends_a_recording_back(made):
    store = made(
        NOISE
        | {
            "rain and dog.wav": [toward((0.7, RAIN), (0.7, DOG))],
            "rain.wav": [toward((0.68, RAIN))],
        }
    )
    with_dogs = question(RAIN)
    without = question(RAIN, unwanted=[("dog", 1.0, DOG)])

    assert names(search(store, with_dogs))[:2] == ["rain and dog.wav", "rain.wav"]
    hits = search(store, without)
    assert names(hits)[0] == "rain.wav"
    assert hits[0].why.unwanted["dog"] < 0.5


def test_where_sounds_are_unwanted_the_moment_free_of_them_is_the_hit(made):
    both, alone = toward((0.72, RAIN), (0.69, DOG)), toward((0.7, RAIN))
    store = made(NOISE | {"mixed.wav": [both] * 6 + [alone] * 6})
    hits = search(store, question(RAIN, unwanted=[("dog", 1.0, DOG)]))

    hit = next(h for h in hits if h.path.endswith("mixed.wav"))
    assert hit.start >= 12.5


def test_a_heavier_unwanted_sound_weighs_more(made):
    store = made(NOISE | {"both.wav": [toward((0.7, RAIN), (0.5, DOG))]})
    light, heavy = (
        next(
            h.confidence
            for h in search(store, question(RAIN, unwanted=[("dog", weight, DOG)]))
            if h.path.endswith("both.wav")
        )
        for weight in (0.5, 3.0)
    )
    assert heavy < light


def test_the_network_that_sees_both_sides_orders_the_first(made):
    sounds = {f"{n}.wav": [toward((0.9 - 0.05 * n, RAIN), (0.08 * n, BELL))] for n in range(6)}
    store = made(NOISE | sounds)
    model = FakeModel(candidates=4, verdict=lambda tokens: float(tokens.mean(axis=0) @ BELL))
    plain = search(store, question(RAIN, sentence="rain"))
    hits = search(store, question(RAIN, sentence="rain"), model=model)

    assert names(plain)[:6] == [f"{n}.wav" for n in range(6)]
    assert names(hits)[:6] == ["3.wav", "2.wav", "1.wav", "0.wav", "4.wav", "5.wav"]
    assert [h.confidence for h in hits] == [h.confidence for h in plain]
    assert [h.why.reranked for h in hits[:5]] == [1, 2, 3, 4, 0]
    assert model.asked[0][0] == "rain"


def test_names_have_their_say_after_the_network(made):
    sounds = {f"{n}.wav": [toward((0.9 - 0.02 * n, RAIN), (0.08 * n, BELL))] for n in range(4)}
    store = made(NOISE | sounds, **{"1.wav": Said(tags={"title": "Rain"})})
    model = FakeModel(candidates=4, verdict=lambda tokens: float(tokens.mean(axis=0) @ BELL))
    asked = question(RAIN, words="rain", sentence="rain")

    unnamed = search(store, asked, replace(ALL, keywords=False), model=model)
    hits = search(store, asked, model=model)

    assert names(unnamed)[:4] == ["3.wav", "2.wav", "1.wav", "0.wav"]
    assert names(hits)[:4] == ["1.wav", "3.wav", "2.wav", "0.wav"]
    assert hits[0].why.reranked == 3  # by sound
    assert hits[0].why.alone == unnamed[2].confidence < hits[0].confidence
    levels = [hit.confidence for hit in hits]
    assert levels == sorted(levels, reverse=True)
    assert [hit.why.alone for hit in hits[1:4]] == [unnamed[n].confidence for n in (0, 1, 3)]


def test_who_is_asked_is_chosen_by_sound(made):
    sounds = {f"{n}.wav": [toward((0.9 - 0.05 * n, RAIN))] for n in range(6)}
    store = made(NOISE | sounds, **{"5.wav": Said(tags={"title": "Rain"})})
    model = FakeModel(candidates=2, verdict=lambda _: 1.0)

    hits = search(store, question(RAIN, words="rain", sentence="rain"), model=model)

    assert {Path(h.path).name: h.why.reranked for h in hits[:6]} == {
        "0.wav": 1, "1.wav": 2, "2.wav": 0, "3.wav": 0, "4.wav": 0, "5.wav": 0,
    }  # fmt: skip


@pytest.mark.parametrize("seconds", [10.0, 20.0])
def test_it_is_asked_about_as_much_as_it_can_judge(made, seconds):
    quiet = [toward((0.1, RAIN))] * 9
    store = made(NOISE | {"long.wav": [*quiet, toward((0.9, RAIN)), *quiet]})
    model = FakeModel(candidates=1, judged=seconds, verdict=len)

    search(store, question(RAIN, sentence="rain"), model=model)

    (_, (tokens,)), *_ = model.asked
    assert tokens == pytest.approx(seconds / 0.5, abs=1)  # of half a second, about 25 s


def test_a_combination_is_not_reranked(made):
    model = FakeModel(candidates=4, verdict=lambda tokens: 1 / 0)

    assert search(made(NOISE), question(RAIN, sentence=""), model=model)


def test_ties_go_by_path_whatever_the_order_of_indexing(made):
    sounds = {f"{n}.wav": [toward((0.5, RAIN))] for n in range(30)}
    rankings = []
    for seed in range(3):
        items = list(sounds.items())
        random.Random(seed).shuffle(items)
        hits = search(
            made(dict(items)), question(RAIN), Wish(limit=7, unsure=True, duplicates=True)
        )
        rankings.append(names(hits))

    assert rankings[0] == rankings[1] == rankings[2]


def test_copies_are_folded_into_one_hit(made, tmp_path):
    store = made(NOISE | {"b.wav": [toward((0.9, RAIN))]})
    with store.writing("a test"):
        place = Place(tmp_path, "a copy.wav")
        store.share(Found(place, 1, 1), "digest of b.wav", Said())

    hit = search(store, question(RAIN), FOLDED)[0]
    assert Path(hit.path).name == "a copy.wav"
    assert [Path(path).name for path in hit.copies] == ["b.wav"]
    apart = search(store, question(RAIN), Wish(limit=3, unsure=True, duplicates=True))
    assert names(apart)[:2] == ["a copy.wav", "b.wav"]
    assert apart[0].copies == ()


def test_near_copies_are_folded_too(made):
    kinds = [RAIN, BELL, DOG, RAIN, BELL]
    flac = [toward((0.9, kind)) for kind in kinds]
    mp3 = [toward((0.899, kind), (0.02, DOG)) for kind in kinds]
    other = [toward((0.9, kind)) for kind in reversed(kinds[1:])] + [toward((0.9, RAIN))]
    store = made(NOISE | {"a.flac": flac, "a.mp3": mp3, "other.wav": other})
    hits = search(store, question(RAIN), FOLDED)

    folded = next(hit for hit in hits if hit.path.endswith("a.flac"))
    assert [Path(path).name for path in folded.copies] == ["a.mp3"]
    assert "other.wav" in names(hits)
    assert "a.mp3" not in names(hits)


def test_an_example_is_no_answer_to_itself(made, tmp_path):
    store = made(NOISE | {"a.wav": [toward((0.9, RAIN))], "b.wav": [toward((0.8, RAIN))]})
    hits = search(store, question(RAIN, examples=[tmp_path / "a.wav"]))

    assert names(hits)[0] == "b.wav"
    assert "a.wav" not in names(hits)


def test_a_drive_that_is_not_there_is_told(tmp_path, made):
    store = made(NOISE)
    (tmp_path / "empty").mkdir()
    put(store, {"gone.wav": [toward((0.9, RAIN))]}, tmp_path / "unplugged")
    put(store, {"bare.wav": [toward((0.8, RAIN))]}, tmp_path / "empty")
    hits = search(store, question(RAIN))

    assert [(Path(h.path).name, h.away) for h in hits[:3]] == [
        ("gone.wav", True),
        ("bare.wav", True),
        (names(hits)[2], False),
    ]


def test_a_copy_that_is_there_is_named_before_one_that_is_away(tmp_path, made):
    store = made(NOISE | {"z.wav": [toward((0.9, RAIN))]})
    with store.writing("a test"):
        place = Place(tmp_path / "a drive", "a.wav")
        store.share(Found(place, 1, 1), "digest of z.wav", Said())
    hit = search(store, question(RAIN), FOLDED)[0]

    assert (Path(hit.path).name, hit.away) == ("z.wav", False)
    assert [Path(path).name for path in hit.copies] == ["a.wav"]


def test_a_limit_beyond_the_shortlist_ranks_the_whole_library(made):
    rng = np.random.default_rng(0)
    sounds = {
        f"{n}.wav": [toward((float(s), RAIN))] for n, s in enumerate(rng.uniform(0, 0.9, 300))
    }
    hits = search(made(sounds), question(RAIN), Wish(limit=300, unsure=True, duplicates=True))

    assert len(hits) == 300
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    levels = [hit.confidence for hit in hits]
    assert levels == sorted(levels, reverse=True)


def test_below_the_line_nothing_is_told_unless_it_is_asked_for(made):
    store = made(NOISE | {"rain.wav": [toward((0.9, RAIN))]})
    ranker = Ranker(store, FakeModel())
    levels = [hit.confidence for hit in ranker.search(question(RAIN), Filter(), ALL)]
    between = (levels[0] + levels[1]) / 2
    object.__setattr__(ranker.calibration, "line", between)

    assert names(ranker.search(question(RAIN), Filter(), Wish())) == ["rain.wav"]
    assert len(ranker.search(question(RAIN), Filter(), ALL)) == 21
    object.__setattr__(ranker.calibration, "line", 1.0)
    assert ranker.search(question(RAIN), Filter(), Wish()) == []
    assert ranker.search(question(RAIN), Filter(), Wish(moments=True)) == []


def test_a_hit_says_how_it_came_about(made):
    store = made(NOISE | {"rain.wav": [toward((0.9, RAIN))]})
    hit = search(store, question(RAIN, words="rain"))[0]
    text = "\n".join(hit.why.lines())

    assert "place 1 by score alone" in text
    assert "100%" in text
    assert "not calibrated" in text
