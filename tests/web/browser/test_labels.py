"""Hits are judged on a page: by mouse, by keys, with the sound; it is readable in both themes."""

import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from earmark.search.judged.labels import labels_so_far
from web.browser.conftest import LONG
from web.browser.test_looks import LARGE, LEAST, MEASURE
from web.shelf import desk_of, running

SOUND = "document.getElementById('sound')"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "my.jsonl"


@pytest.fixture(scope="module")
def served(home, browser, tmp_path_factory):
    """A server that outlives the pages of a test."""
    first = tmp_path_factory.mktemp("judged") / "my.jsonl"
    with desk_of(home, labels=first) as desk, running(desk) as (_, port):
        yield desk, f"http://127.0.0.1:{port}"


@pytest.fixture
def judging(served, file):
    """Where hits are judged; what is judged is kept in a file of the test's own."""
    desk, address = served
    desk.labels = file
    return address


def open_label(open_page, address, query=None, **options):
    page = open_page(address, **options)
    page.goto(f"{address}/label" + (f"?{urlencode({'q': query})}" if query else ""))
    page.wait_for_selector(".verdict" if query else "#state p")
    return page


def judged(file):
    return [(one.query, Path(one.path).name, one.right) for one in labels_so_far(file).judgements]


def names(page):
    return page.locator(".hit .title").all_text_contents()


def told(page, text):
    page.locator("#took", has_text=text).wait_for()


def test_keys_judge_one_hit_after_the_other(open_page, judging, file):
    page = open_label(open_page, judging, "a dog barking")
    first = names(page)[:3]

    page.keyboard.press("y")
    told(page, "1 of 10 hits judged, 1 right")
    page.keyboard.press("n")
    told(page, "2 of 10 hits judged, 1 right")
    page.keyboard.press("j")
    page.keyboard.press("n")
    told(page, "3 of 10 hits judged, 1 right")

    assert [name for _, name, _ in judged(file)] == [*first[:2], names(page)[3]]
    assert [right for _, _, right in judged(file)] == [True, False, False]
    assert page.locator(".hit[aria-current] .title").inner_text() == names(page)[4]
    assert page.locator("#queries [aria-current]").inner_text().split("\n")[0].startswith("a dog")


def test_buttons_judge_and_judge_again(open_page, judging, file):
    page = open_label(open_page, judging, "a rooster")
    row = page.locator(".hit").nth(1)
    name = names(page)[1]

    row.get_by_role("button", name=f"{name} is right").click()
    told(page, "1 of 10 hits judged, 1 right")
    row.get_by_role("button", name=f"{name} is wrong").click()
    told(page, "1 of 10 hits judged, 0 right")

    assert judged(file) == [("a rooster", name, False)]
    assert (
        row.get_by_role("button", name=f"{name} is wrong").get_attribute("aria-pressed") == "true"
    )
    assert (
        row.get_by_role("button", name=f"{name} is right").get_attribute("aria-pressed") == "false"
    )


def test_what_was_judged_is_there_when_the_page_is_opened_again(open_page, judging, file):
    page = open_label(open_page, judging, "an owl")
    page.keyboard.press("y")
    told(page, "1 of 10")
    page.reload()

    told(page, "1 of 10 hits judged, 1 right")
    assert page.locator(".hit").first.get_by_role("button", pressed=True).inner_text() == "Right"
    assert page.locator(".hit[aria-current] .title").inner_text() == names(page)[1]


def test_of_a_long_recording_the_moment_is_kept_that_was_heard(open_page, judging, file):
    page = open_label(open_page, judging, "a dog barking in:field")
    page.keyboard.press(" ")
    page.wait_for_function(f"() => !{SOUND}.paused && {SOUND}.currentTime > 80")

    page.keyboard.press("y")
    told(page, "1 of 1 hit judged")

    [one] = labels_so_far(file).judgements
    assert one.path == LONG
    assert one.moment.start < 92
    assert one.moment.end > 91
    assert page.inner_text("#count") == "All of these are judged"


def test_what_plays_goes_on_with_the_next_hit(open_page, judging):
    page = open_label(open_page, judging, "a dog barking")
    page.keyboard.press(" ")
    page.wait_for_function(f"() => !{SOUND}.paused")
    before = page.evaluate(f"{SOUND}.src")

    page.keyboard.press("n")

    page.wait_for_function(f"(before) => {SOUND}.src !== before && !{SOUND}.paused", arg=before)


def test_queries_are_typed_kept_and_gone_back_to(open_page, judging, file):
    kept = [{"query": "a bee"}, {"query": "wind", "right": True, "path": "weather/wind.flac"}]
    file.write_text("".join(json.dumps(one) + "\n" for one in kept), encoding="utf-8")
    page = open_label(open_page, judging)
    chips = page.locator("#queries button")
    assert chips.all_inner_texts() == ["a bee0 right, 0 wrong", "wind1 right, 0 wrong"]

    chips.nth(1).click()
    told(page, "1 of 10 hits judged, 1 right")
    page.fill("#q", "  church   bells")
    page.press("#q", "Enter")
    page.wait_for_function("() => location.search === '?q=church+bells'")
    told(page, "0 of 10")
    assert chips.count() == 3
    page.go_back()

    told(page, "1 of 10 hits judged, 1 right")
    assert page.input_value("#q") == "wind"


def test_ten_more_can_be_judged(open_page, judging):
    page = open_label(open_page, judging, "a dog barking")
    page.keyboard.press("y")
    told(page, "1 of 10")

    page.get_by_role("button", name="Ten more").click()

    told(page, "1 of 13 hits judged")
    assert page.locator("#next").is_hidden()


def test_letters_that_are_typed_judge_nothing(open_page, judging, file):
    page = open_label(open_page, judging, "a dog barking")
    page.keyboard.press("/")

    page.keyboard.type("yny")

    assert page.input_value("#q") == "yny"
    assert judged(file) == []


def test_a_query_that_is_none_is_told(open_page, judging):
    page = open_label(open_page, judging, "a dog barking", excused=("400",))

    page.fill("#q", "rain - ")
    page.press("#q", "Enter")

    page.locator("#wrong", has_text="nothing stands after -").wait_for()


def test_a_file_that_was_damaged_meanwhile_is_told(open_page, judging, file):
    page = open_label(open_page, judging, "a dog barking", excused=("500",))
    file.write_text("{\n", encoding="utf-8")

    page.keyboard.press("y")

    page.locator("#state .problem", has_text="line 1: it is not JSON").wait_for()
    assert file.read_text(encoding="utf-8").count("\n") == 2  # it is kept all the same


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 1280])
def test_the_page_is_readable_and_never_scrolls_sideways(
    open_page, judging, file, screens, width, theme
):
    for query in ("heavy rain on a roof", "church bells", "an owl at night"):
        said = {"query": query, "right": True, "path": "weather/wind.flac"}
        with file.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(said) + "\n")
    page = open_label(open_page, judging, "a dog barking", width=width, theme=theme)
    page.keyboard.press(" ")
    for number, key in enumerate("ynn", start=1):
        page.keyboard.press(key)
        told(page, f"{number} of 10")
    page.evaluate("() => scrollTo(0, 0)")
    page.wait_for_timeout(400)

    page.screenshot(path=screens / f"label-{width}-{theme}.png")

    measured = page.evaluate(MEASURE)
    faint = [one for one in measured if one["contrast"] < (LARGE if one["large"] else LEAST)]
    assert len(measured) > 10
    assert faint == []
    assert page.evaluate("() => document.documentElement.scrollWidth") == width


def test_everything_that_can_be_used_has_a_name(open_page, judging):
    page = open_label(open_page, judging, "a dog barking")

    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    wanted = {"button", "link", "textbox", "searchbox", "checkbox", "slider", "progressbar"}
    found = [one for one in tree if one.get("role", {}).get("value") in wanted]
    shown = [one for one in found if not one["ignored"]]
    assert len(shown) > 40
    assert [one for one in shown if not one.get("name", {}).get("value", "").strip()] == []
