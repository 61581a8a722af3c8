"""Orders in time, asked of the packaged model: two sounds, in both orders, and one alone."""

from pathlib import Path

import numpy as np
import pytest

from earmark.audio.write import write
from earmark.library.library import Library
from earmark.search.one import moments_in
from earmark.synth import make

RATE = 32_000
SILENT = 2.0  # seconds between sounds


def line(*kinds):
    """Sounds of three seconds, one after the other."""
    gap = np.zeros(round(SILENT * RATE), np.float32)
    parts = [make(kind, 7, seconds=3.0, rate=RATE) for kind in kinds]
    return np.concatenate([one for part in parts for one in (gap, part)] + [gap])


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    place = tmp_path_factory.mktemp("orders")
    sounds = {
        "rooster-bell": ("rooster", "church_bell"),
        "bell-rooster": ("church_bell", "rooster"),
        "rooster": ("rooster",),
        "bell": ("church_bell",),
        "rain": ("heavy_rain", "wind"),
    }
    (place / "sounds").mkdir()
    for name, kinds in sounds.items():
        write(place / "sounds" / f"{name}.wav", line(*kinds), RATE)
    with Library.create(place / "library") as library:
        library.index([place / "sounds"], jobs=1)
        yield library


def first(library, query, **more):
    hit = library.search(query, keywords=False, unsure=True, **more)[0]
    return Path(hit.path).stem, hit


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ('"a rooster crowing" then "a church bell"', "rooster-bell"),
        ('"a church bell" then "a rooster crowing"', "bell-rooster"),
        ("a church bell after a rooster crowing", "rooster-bell"),
        ("a church bell, then a rooster crowing", "bell-rooster"),
    ],
)
def test_the_right_one_of_two_orders_is_found(library, query, name):
    assert first(library, query)[0] == name


def test_a_hit_reaches_over_both_sounds(library):
    _, hit = first(library, '"a rooster crowing" then "a church bell"')

    assert hit.start == pytest.approx(2.0, abs=1.0)
    assert 7.0 < hit.end < 11.0
    assert [what for what, _ in hit.why.steps] == ["a rooster crowing", "a church bell"]


def test_what_should_not_follow_is_not_followed(library):
    query = '"a rooster crowing" then not "a church bell" within 20s'
    hits = library.search(query, keywords=False, unsure=True)
    at = {Path(hit.path).stem: hit.confidence for hit in hits}

    assert at["rooster-bell"] < 0.5 * min(at["rooster"], at["bell-rooster"])


def test_too_late_is_no_answer(library):
    hits = library.search('"a rooster crowing" then "a church bell" within 1s', keywords=False)

    assert all(hit.confidence < 0.5 for hit in hits)


def test_an_order_is_found_in_one_file_too(library, tmp_path):
    path = tmp_path / "long.wav"
    write(path, line("wind", "church_bell", "wind", "rooster", "church_bell", "wind"), RATE)

    hits = moments_in(path, '"a rooster crowing" then "a church bell"', library.model, unsure=True)

    assert hits[0].start == pytest.approx(17.0, abs=1.5)
    assert hits[0].end == pytest.approx(25.0, abs=1.5)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))


def test_what_a_sentence_was_read_as_is_told(library):
    from earmark.search.query import parse
    from earmark.search.wish import Wish

    told = library.answer(parse("a church bell after a rooster"), Wish(unsure=True)).as_dict()
    plain = library.answer(parse("a church bell"), Wish(unsure=True)).as_dict()

    assert told["read_as"] == '"a rooster" then "a church bell" within 60s'
    assert "read_as" not in plain
