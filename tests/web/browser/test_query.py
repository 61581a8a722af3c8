"""What the page takes for a filter is what the query language takes for one."""

import pytest

from earmark.search.query import parse
from earmark.search.tokens import tokens_of

QUERIES = [
    "rain",
    "rain in:field longer:5s",
    'rain in:"Field Recordings" - music',
    'rain - "in:field is no filter"',
    "IN:field rain tag:night",
    'a bin:full of "tag:x" words ucs:AMB',
    '@"/sounds/in:here.wav"@3-5.5 + rain newer:7d',
    "tag:“hand held” door",
    "- music rain shorter:1:30",
]
IMPORT = "async (given) => (await import('/static/page/query.js'))"
FILTERS, REST = f"{IMPORT}.filtersOf(given)", f"{IMPORT}.withoutFilters(given)"
OTHER = f"{IMPORT}.withFilter(...given)"


@pytest.fixture
def page(open_page, address):
    return open_page(address)


@pytest.mark.parametrize("query", QUERIES)
def test_filters_are_found_where_the_search_finds_them(page, query):
    told = [(t.text, t.value) for t in tokens_of(query, alone=True) if t.kind == "filter"]

    assert [(one["name"], one["value"]) for one in page.evaluate(FILTERS, query)] == told


@pytest.mark.parametrize("query", QUERIES[:-1])
def test_without_its_filters_a_query_means_the_same(page, query):
    rest = parse(page.evaluate(REST, query))

    whole = parse(query)
    assert (rest.wanted, rest.unwanted) == (whole.wanted, whole.unwanted)
    assert not rest.filter


@pytest.mark.parametrize(
    ("query", "name", "value", "wanted"),
    [
        ("rain", "longer", "5s", "rain longer:5s"),
        ("rain longer:5s - music", "longer", "2:30", "rain - music longer:2:30"),
        ("in:field rain", "in", "My Sounds", 'rain in:"My Sounds"'),
        ("rain in:field", "in", "", "rain"),
        ('rain "in:field"', "in", "x", 'rain "in:field" in:x'),
    ],
)
def test_a_field_changes_one_filter_and_nothing_else(page, query, name, value, wanted):
    assert page.evaluate(OTHER, [query, name, value]) == wanted


def test_heat_is_counted_from_what_other_sounds_get(page):
    heats = "async (curve) => (await import('/static/page/heat.js')).heats(curve)"
    values = [0.1, 0.3, None, 0.5, 0.9, -0.2]

    told = page.evaluate(heats, {"values": values, "usual": [0.1, 0.1]})
    bare = page.evaluate(heats, {"values": [0.2, None, 0.6, 0.3], "usual": None})

    assert told == [pytest.approx(0.0), pytest.approx(0.5), None, pytest.approx(1.0), 1.0, 0.0]
    assert bare == [0.0, None, 1.0, pytest.approx(0.25)]


@pytest.mark.parametrize(
    ("hit", "wanted"),
    [
        ({"start": 3.0, "end": 5.0, "duration": 60.0}, [0, 60]),
        ({"start": 100.0, "end": 104.0, "duration": 3600.0}, [87, 117]),
        ({"start": 1.0, "end": 4.0, "duration": 3600.0}, [0, 30]),
        ({"start": 3590.0, "end": 3600.0, "duration": 3600.0}, [3570, 3600]),
        ({"start": 100.0, "end": 120.0, "duration": 3600.0}, [80, 140]),
    ],
)
def test_a_long_recording_is_shown_around_its_moment(page, hit, wanted):
    view = page.evaluate(
        "async (hit) => Object.values((await import('/static/page/wave.js')).viewOf(hit))", hit
    )

    assert view == wanted
