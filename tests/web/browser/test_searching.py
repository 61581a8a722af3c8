"""Words are typed, hits come, a moment is played: with the mouse, and with the keyboard alone."""

import json
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest

from web.browser.conftest import DOG_FROM, DOG_SECONDS, LONG

SOUND = "document.getElementById('sound')"
PLAYED = "document.getElementById('sound').currentTime"
COLOURED = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((value, n) => n % 4 === 3 && value > 0).length * 4 / data.length;
}"""


def names(page):
    return page.locator(".hit .title").all_text_contents()


def asked(page):
    return parse_qs(urlsplit(page.url).query)


def api(address, path):
    with urlopen(f"{address}/api/v1{path}") as answer:
        return json.load(answer)


def plays(page):
    return page.wait_for_function(f"() => !{SOUND}.paused && {SOUND}.currentTime > 0")


def test_hits_of_the_page_are_those_of_the_api(open_page, address):
    page = open_page(address)
    page.fill("#q", "a dog barking")
    page.press("#q", "Enter")
    page.wait_for_selector(".hit")

    told = api(address, "/search?q=a+dog+barking&limit=20")
    assert names(page) == [hit["path"].rpartition("/")[2] for hit in told["hits"]]
    shown = page.locator(".hit .sure .number").all_text_contents()
    assert shown == [f"{hit['confidence']:.2f}" for hit in told["hits"]]
    assert asked(page) == {"q": ["a dog barking"]}


def test_what_is_typed_is_searched_without_a_key(open_page, address):
    page = open_page(address)

    page.locator("#q").press_sequentially("rooster")
    page.wait_for_selector(".hit")

    assert names(page)[0] == "rooster.wav"
    assert page.evaluate("document.activeElement.id") == "q"


def test_what_is_typed_while_the_page_still_asks_how_the_library_stands_is_kept(open_page, address):
    page = open_page(address)
    waiting = []
    page.route("**/api/v1/status", lambda route: waiting.append(route))
    page.reload()
    page.locator("#q").press_sequentially("roos")

    waiting.pop().continue_()
    page.locator("#status", has_text="recordings").wait_for()
    page.locator("#q").press_sequentially("ter")
    page.wait_for_selector(".hit")

    assert page.input_value("#q") == "rooster"
    assert names(page)[0] == "rooster.wav"


def test_going_back_leads_to_what_was_asked_before(open_page, address):
    page = open_page(address, "owl")
    page.fill("#q", "rooster")
    page.press("#q", "Enter")
    page.wait_for_function("() => document.querySelector('.title')?.textContent === 'rooster.wav'")

    page.go_back()

    page.wait_for_function("() => document.querySelector('.title')?.textContent === 'owl.wav'")
    assert page.input_value("#q") == "owl"


def test_a_moment_plays_from_where_it_begins(open_page, address):
    page = open_page(address, "a dog barking")
    row = page.locator(".hit", has_text=LONG.rpartition("/")[2])
    hit = next(h for h in api(address, "/search?q=a+dog+barking")["hits"] if LONG in h["path"])

    row.get_by_role("button", name="Play").click()
    plays(page)

    assert abs(hit["start"] - DOG_FROM) < DOG_SECONDS
    assert hit["start"] - 0.1 < page.evaluate(PLAYED) < hit["start"] + 5


def test_what_is_heard_stands_below_the_waveform_for_who_cannot_hear(open_page, address):
    page = open_page(address, "a dog barking")
    row = page.locator(".hit", has_text=LONG.rpartition("/")[2])
    hits = api(address, "/search?q=a+dog+barking")
    link = next(k for h, k in zip(hits["hits"], hits["links"], strict=True) if LONG in h["path"])
    lines = api(address, f"{link['self'].removeprefix('/api/v1')}/description")["lines"]

    line = row.locator(".heard", has_text="Heard: ")
    line.wait_for()

    # The stretch about the moment is shown, 30 s of two minutes, and what is heard in it.
    told = line.inner_text().removeprefix("Heard: ").split("; ")
    texts = [one["text"] for one in lines if one["end"] > 80 and one["start"] < 100]
    assert [one.partition(" ")[2] for one in told if "dog" in one] == [
        t for t in texts if "dog" in t
    ]
    assert any("dog" in one for one in told)
    assert row.locator("canvas.wave").get_attribute("aria-describedby") == line.get_attribute("id")
    described = page.evaluate(
        "(id) => document.querySelectorAll(`#${id}`).length", line.get_attribute("id")
    )
    assert described == 1


def test_another_part_of_a_long_recording_has_other_words(open_page, address):
    page = open_page(address, "a dog barking")
    row = page.locator(".hit", has_text=LONG.rpartition("/")[2])
    line = row.locator(".heard", has_text="dog")
    line.wait_for()

    box = row.locator("canvas.heat").bounding_box()
    page.mouse.click(box["x"] + 2, box["y"] + box["height"] / 2)
    line.wait_for(state="detached")

    assert "dog" not in row.locator(".heard").inner_text()


@pytest.mark.parametrize("name", ["piano.wma", "siren.aiff", "vacuum.opus", "bell.m4a", "dogs.mp3"])
def test_every_format_plays_also_those_that_browsers_do_not_know(open_page, address, name):
    page = open_page(address, name.partition(".")[0], unsure="true")
    row = page.locator(".hit", has=page.get_by_role("button", name=name, exact=True))

    row.get_by_role("button", name="Play").click()
    plays(page)

    assert page.evaluate("document.getElementById('sound').duration") == pytest.approx(3.0, abs=0.1)


def test_the_keyboard_alone_finds_plays_and_picks(open_page, address):
    page = open_page(address)
    page.keyboard.press("/")
    page.keyboard.type("a dog barking")
    page.keyboard.press("Enter")
    # Where typing takes longer than a pause, the first half of it was asked as well.
    page.wait_for_selector("#answer:not([aria-busy]) .hit")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    second = page.locator(".hit").nth(1)
    assert second.get_attribute("aria-current") == "true"
    assert page.evaluate("document.activeElement.textContent") == names(page)[1]

    page.keyboard.press(" ")
    plays(page)
    page.keyboard.press("x")
    page.keyboard.press(" ")

    assert page.evaluate("document.getElementById('sound').paused")
    assert second.get_by_role("checkbox").is_checked()
    assert page.inner_text("#export-what") == "Export 1 selected"
    page.keyboard.press("k")
    assert page.locator(".hit").first.get_attribute("aria-current") == "true"


def test_arrows_go_on_in_the_sound(open_page, address):
    page = open_page(address, "a dog barking")
    page.locator(".hit", has_text="evening.wav").get_by_role("button", name="Play").click()
    plays(page)
    page.keyboard.press("Escape")
    before = page.evaluate(PLAYED)

    page.keyboard.press("ArrowRight")

    page.wait_for_function(f"() => document.getElementById('sound').currentTime > {before + 1.5}")


def test_the_waveform_and_the_heat_are_drawn(open_page, address):
    page = open_page(address, "a dog barking")
    row = page.locator(".hit").first
    row.locator("canvas.heat[aria-label*=strongest]").wait_for()
    page.wait_for_timeout(300)

    assert row.locator("canvas.wave").evaluate(COLOURED) > 0.05
    assert row.locator("canvas.heat").evaluate(COLOURED) > 0.3


def test_the_heat_of_a_long_recording_is_hot_where_the_dog_is(open_page, address):
    page = open_page(address, "a dog barking")
    heat = page.locator(".hit", has_text="evening.wav").locator("canvas.heat")
    page.wait_for_function(
        "() => document.querySelectorAll('canvas.heat[aria-label*=strongest]').length > 1"
    )
    heat.and_(page.locator("[aria-label*=strongest]")).wait_for()

    minutes, _, rest = heat.get_attribute("aria-label").rpartition(" ")[2].partition(":")
    at = 60 * int(minutes) + float(rest)
    assert DOG_FROM - 1 < at < DOG_FROM + DOG_SECONDS + 1


def test_why_it_matched_is_shown_for_each_word(open_page, address):
    page = open_page(address, "a dog barking + wind - music")

    page.wait_for_selector("#detail .map .line")

    told = page.locator("#detail .map .name").all_text_contents()
    assert told[0] == "all of it"
    assert {"a dog barking", "wind", "− music"} <= set(told)
    assert page.locator("#detail .says li").count() >= 3
    hottest = page.locator("#detail .map .line.query canvas")
    assert "strongest at" in hottest.get_attribute("aria-label")


def test_a_spectrogram_comes_on_demand(open_page, address):
    page = open_page(address, "owl")
    assert page.locator(".spectrogram").count() == 0

    page.keyboard.press("s")

    page.wait_for_function("() => document.querySelector('.spectrogram')?.naturalWidth === 1000")


def test_more_and_not_like_this_edit_the_query(open_page, address):
    page = open_page(address, "a dog barking")
    first = page.locator(".hit").first
    like = api(address, "/search?q=a+dog+barking")["links"][0]["like"]

    first.get_by_role("button", name="More like").click()
    page.wait_for_function("() => location.search.includes('%2B')")
    assert asked(page)["q"] == [f"a dog barking + {like}"]

    page.go_back()
    page.wait_for_selector("#answer:not([aria-busy]) .hit")
    page.locator(".hit").first.get_by_role("button", name="Not like").click()
    page.wait_for_function("() => location.search.includes('+-+')")
    assert asked(page)["q"] == [f"a dog barking - {like}"]


def test_filters_are_fields_that_edit_the_query(open_page, address):
    page = open_page(address, "rain")
    page.get_by_role("button", name="Filters").click()

    page.fill("#filter-longer", "1:30")
    page.press("#filter-longer", "Tab")
    page.wait_for_function("() => location.search.includes('longer')")
    page.get_by_role("button", name="Below the line", exact=True).click()
    page.wait_for_selector("#answer:not([aria-busy]) .hit")

    assert asked(page) == {"q": ["rain longer:1:30"], "unsure": ["true"]}
    assert names(page) == ["evening.wav"]


def test_filters_alone_list_what_they_let_through(open_page, address):
    page = open_page(address, "in:yard")

    told = api(address, "/recordings?filter=in:yard&limit=20")
    assert names(page) == [one["path"].rpartition("/")[2] for one in told["recordings"]]
    assert page.locator(".hit .number").count() == 0  # nothing was asked, so that nothing is sure


def test_what_was_only_typed_is_no_step_back(open_page, address):
    page = open_page(address, "owl")
    page.fill("#q", "rain")
    page.wait_for_function("() => location.search === '?q=rain'")
    page.fill("#q", "rooster")
    page.wait_for_function("() => location.search === '?q=rooster'")
    page.press("#q", "Enter")

    page.go_back()

    page.wait_for_function("() => document.querySelector('.title')?.textContent === 'owl.wav'")
    assert asked(page) == {"q": ["owl"]}


def test_where_there_is_no_room_what_is_known_opens_below_its_row(open_page, address):
    page = open_page(address, "a dog barking", width=600, unsure="true")
    titles = page.locator(".hit .title")
    assert page.locator("#detail").count() == 0

    for row in (0, 2):
        titles.nth(row).click()
        page.locator(".hit").nth(row).locator("#detail").wait_for()
    titles.nth(2).click()

    page.locator("#detail").wait_for(state="detached")


def test_more_hits_come_when_they_are_asked_for(open_page, address):
    page = open_page(address, "in:sounds")
    page.route("**/recordings?**", lambda route: route.continue_(url=few(route.request.url)))
    page.reload()
    page.wait_for_selector(".hit")
    assert page.locator(".hit").count() == 5

    page.get_by_role("button", name="Show more").click()
    page.wait_for_function("() => document.querySelectorAll('.hit').length === 10")
    page.locator(".hit .title").last.focus()
    page.keyboard.press("j")  # beyond the last one lies the next page

    page.wait_for_function("() => document.querySelectorAll('.hit').length === 14")
    assert page.locator(".hit .rank").all_text_contents() == [str(n + 1) for n in range(14)]
    assert page.locator("#next").is_hidden()


def few(address):
    """Ask for pages of five, so that a small library has several."""
    return address.replace("limit=20", "limit=5")


def test_a_moment_can_be_repeated(open_page, address):
    page = open_page(address, "a dog barking longer:1:30")
    hit = api(address, "/search?q=a+dog+barking+longer:1:30")["hits"][0]
    page.keyboard.press(" ")
    page.keyboard.press("l")
    plays(page)

    page.evaluate(f"() => {{ {SOUND}.currentTime = {hit['end'] - 0.2}; }}")
    page.wait_for_timeout(900)

    assert hit["start"] - 0.1 < page.evaluate(PLAYED) < hit["end"] - 0.2
