"""What stands where no hits are: helpful words, and a way on."""

import pytest

pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")

from earmark.library.library import Library
from earmark.web.guard import Rules
from earmark.web.token import Token
from web.browser.test_searching import asked, names
from web.shelf import desk_of, fill, index, running, until

NOTHING = "the square root of a tax law"


def test_in_an_empty_library_the_next_step_is_told(open_page, browser, tmp_path):
    Library.create(tmp_path / "library").close()

    with desk_of(tmp_path) as desk, running(desk) as (_, port):
        page = open_page(f"http://127.0.0.1:{port}")
        page.wait_for_selector("#state pre")

        assert page.inner_text("#count") == "No sounds yet"
        assert page.inner_text("#state pre").startswith("earmark index FOLDER")
        assert page.inner_text("#status") == "Empty library"
        page.context.close()


def test_the_page_begins_with_examples_that_work(open_page, address):
    page = open_page(address)
    page.wait_for_selector("#state .examples")

    page.get_by_role("button", name="rain on a roof").click()

    page.wait_for_selector(".hit")
    assert asked(page) == {"q": ["rain on a roof"]}


def test_where_nothing_matches_what_is_below_the_line_can_be_shown(open_page, address):
    page = open_page(address, f"{NOTHING} in:yard")
    assert page.inner_text("#count") == "Nothing here matches"
    assert page.locator(".hit").count() == 0

    page.get_by_role("button", name="Show what is below the line").click()

    page.wait_for_selector(".hit")
    assert page.locator(".below").count() == 1
    assert asked(page)["unsure"] == ["true"]


def test_where_nothing_matches_filters_can_be_left_out(open_page, address):
    page = open_page(address, "a dog barking in:yard shorter:1s")

    page.get_by_role("button", name="Search without the filters").click()

    page.wait_for_selector(".hit")
    assert asked(page)["q"] == ["a dog barking"]


@pytest.mark.parametrize("query", ['rain "tin', "rain longer:x", "rain -"])
def test_what_cannot_be_understood_is_said_with_a_hint(open_page, address, query):
    page = open_page(address, "rooster", excused=("400",))

    page.fill("#q", query)
    page.press("#q", "Enter")

    page.wait_for_selector("#wrong:not([hidden])")
    assert "; " in page.inner_text("#wrong")
    assert names(page)[0] == "rooster.wav"  # what was found before stays
    page.fill("#q", "owl")
    page.press("#q", "Enter")
    page.wait_for_function("() => document.querySelector('.title')?.textContent === 'owl.wav'")
    assert page.locator("#wrong").is_hidden()


def test_what_is_no_sound_is_said_so(open_page, address, tmp_path):
    page = open_page(address, excused=("422",))
    (tmp_path / "notes.wav").write_bytes(b"not a sound " * 50)

    page.set_input_files("#pick", tmp_path / "notes.wav")

    page.wait_for_selector("#state .problem")
    assert "notes.wav" in page.inner_text("#state .problem")


def test_when_the_server_has_gone_the_page_says_so_and_goes_on_when_it_is_back(open_page, address):
    page = open_page(address, "rooster", excused=("ERR_",))
    page.route("**/api/**", lambda route: route.abort("connectionrefused"))
    page.fill("#q", "owl")
    page.press("#q", "Enter")

    page.wait_for_selector("#gone:not([hidden])")
    assert "earmark serve" in page.inner_text("#gone")
    assert names(page)[0] == "rooster.wav"
    page.unroute("**/api/**")

    page.wait_for_function("() => document.querySelector('.title')?.textContent === 'owl.wav'")
    assert page.locator("#gone").is_hidden()


def test_the_library_is_told_with_its_failed_files(open_page, address):
    page = open_page(address)

    page.wait_for_function("() => /recording/.test(document.getElementById('status').textContent)")
    page.click("#status")
    page.wait_for_selector("#status-dialog .failed li")

    assert "broken.wav" in page.inner_text("#status-dialog .failed")
    assert "sounds" in page.inner_text("#status-dialog .roots")
    page.keyboard.press("Escape")
    assert page.locator("#status-dialog").is_hidden()


def test_an_index_run_is_followed_to_its_end(open_page, browser, tmp_path):
    fill(tmp_path)
    late = tmp_path / "sounds" / "yard" / "owl.wav"
    content = late.read_bytes()
    late.unlink()
    index(tmp_path)

    with desk_of(tmp_path) as desk, running(desk) as (_, port):
        page = open_page(f"http://127.0.0.1:{port}")
        late.write_bytes(content)
        page.wait_for_selector("#state .examples")
        before = page.inner_text("#status")
        page.click("#status")
        page.click("#start-run")
        until(lambda: [job.state for job in desk.jobs.all()] == ["done"])
        page.wait_for_function("() => /1 indexed/.test(document.getElementById('run').textContent)")
        page.wait_for_function(
            f"() => document.getElementById('status').textContent !== '{before}'"
        )
        assert page.inner_text("#status").startswith("13 recordings")
        page.context.close()


def test_a_server_that_only_reads_offers_no_run(open_page, browser, home):
    with desk_of(home, read_only=True) as desk, running(desk) as (_, port):
        page = open_page(f"http://127.0.0.1:{port}")
        page.wait_for_selector("#state .examples")
        page.click("#status")
        page.wait_for_selector("#run")

        assert "only reads" in page.inner_text("#run")
        assert page.locator("#start-run").count() == 0
        page.context.close()


def test_a_sound_that_cannot_be_played_is_said_so(open_page, address):
    page = open_page(address, "rooster", excused=("404",))
    told = {"detail": "rooster.wav is not there now", "hint": "plug its drive in"}
    page.route("**/audio?**", lambda route: route.fulfill(status=404, json=told))

    page.keyboard.press(" ")

    page.wait_for_selector("#dock .problem:not(:empty)")
    assert "rooster.wav is not there now" in page.inner_text("#dock .problem")


def test_with_a_token_the_page_opens_after_it_was_told(open_page, browser, home):
    rules = Rules(token=Token("correct horse battery staple"))
    with desk_of(home) as desk, running(desk, rules) as (_, port):
        page = open_page(f"http://127.0.0.1:{port}")
        assert page.url.endswith("/login")

        page.fill("input", "correct horse battery staple")
        page.keyboard.press("Enter")
        page.wait_for_selector("#state .examples")
        page.get_by_role("button", name="rain on a roof").click()

        page.wait_for_selector("canvas.heat[aria-label*=strongest]")
        page.context.close()
