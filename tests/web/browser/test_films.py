"""Films on the page: a picture beside the hit, the film at the moment, and what is no film."""

import numpy as np
import pytest

from audio.film.test_frame import covered
from audio.films import make_film
from earmark.synth import make
from web.browser.test_looks import LEAST, MEASURE
from web.browser.test_searching import SOUND
from web.shelf import desk_of, index, running
from web.test_film import _spoil

SECONDS, FROM, LASTS = 40.0, 25.0, 5.0
FILMS = {  # kind of film -> what is heard in it
    "mp4": "dog_bark",
    "mkv": "rooster",
    "webm": "church_bell",
    "avi": "police_siren",
    "pcm mov": "owl",
}
WORDS = {"mp4": "a dog", "mkv": "a rooster", "webm": "church bells", "avi": "police siren",
         "pcm mov": "an owl"}  # fmt: skip
SHOWN = """(selector) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
  const pen = canvas.getContext("2d");
  pen.drawImage(document.querySelector(selector), 0, 0, 8, 8);
  return pen.getImageData(4, 4, 1, 1).data[0];
}"""
SURE = 1.0  # seconds; what codecs and screens make of a brightness


@pytest.fixture(scope="module")
def cinema(tmp_path_factory):
    """A library of films, in each a sound that begins at second 25, and a sound with a cover."""
    home = tmp_path_factory.mktemp("cinema")
    (home / "sounds").mkdir()
    for kind, what in FILMS.items():
        wave = 0.03 * make("wind", 3, seconds=SECONDS, rate=48_000)
        first, count = round(FROM * 48_000), round(LASTS * 48_000)
        wave[first : first + count] += make(what, 5, seconds=LASTS, rate=48_000)[:count]
        wave = np.clip(wave, -1, 1).astype(np.float32)
        make_film(home / "sounds", kind, name=what, wave=wave, seconds=SECONDS, size=(160, 90))
    covered(home / "sounds", "mp3")
    index(home)
    return home


@pytest.fixture(scope="module")
def served(cinema, browser):
    with desk_of(cinema) as desk, running(desk) as (_, port):
        yield f"http://127.0.0.1:{port}"


def second(brightness):
    """When a picture is shown, by how bright it is on the screen."""
    return (brightness / 255 * 219 + 16 - 16) / 200 * SECONDS


def told(page):
    return page.evaluate(f"() => [{SOUND}.currentTime, {SOUND}.videoWidth, {SOUND}.src]")


def play(page):
    page.wait_for_selector(".hit .still")
    page.keyboard.press(" ")
    page.wait_for_function(f"() => !{SOUND}.paused && {SOUND}.currentTime > {FROM - 3}")


@pytest.mark.parametrize("kind", ["mp4", "mkv", "webm"])
def test_a_film_is_seen_from_its_moment_on(open_page, served, kind):
    page = open_page(served, WORDS[kind])
    play(page)
    page.wait_for_function(f"() => {SOUND}.videoWidth > 0 && {SOUND}.readyState > 2")

    page.keyboard.press(" ")
    page.wait_for_function(f"() => {SOUND}.paused")
    page.wait_for_timeout(200)

    now, width, _ = told(page)
    assert width == 160
    assert page.locator("#screen video").is_visible()
    assert second(page.evaluate(SHOWN, "#sound")) == pytest.approx(now, abs=SURE)


@pytest.mark.parametrize("kind", ["mp4", "mkv"])
def test_any_place_can_be_sought_and_the_end_is_an_end(open_page, served, kind):
    page = open_page(served, WORDS[kind])
    play(page)

    box = page.locator(".hit .wave").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.1, box["y"] + 5)
    page.wait_for_function(f"() => {SOUND}.currentTime > 4.2 && {SOUND}.currentTime < 8")
    page.keyboard.press(" ")
    page.wait_for_timeout(300)
    now = told(page)[0]
    assert second(page.evaluate(SHOWN, "#sound")) == pytest.approx(now, abs=SURE)

    page.evaluate(f"() => {{ {SOUND}.currentTime = 38.8; {SOUND}.play() }}")
    page.wait_for_function(f"() => {SOUND}.ended")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"() => {SOUND}.currentTime < 38.5")


@pytest.mark.parametrize(
    ("kind", "why"),
    [("avi", "its pictures are mpeg4"), ("pcm mov", "its sound is pcm_s16le")],
)
def test_what_browsers_do_not_play_is_heard_with_single_pictures(open_page, served, kind, why):
    page = open_page(served, WORDS[kind])
    play(page)
    page.wait_for_timeout(1500)
    page.keyboard.press(" ")
    page.wait_for_function("() => document.querySelector('#screen img').complete")
    page.wait_for_timeout(500)

    now, width, source = told(page)
    assert (width, "/audio?" in source) == (0, True)
    assert why in page.inner_text("#screen p")
    assert second(page.evaluate(SHOWN, "#screen img")) == pytest.approx(now, abs=SURE)


def test_the_picture_beside_a_hit_is_that_of_its_moment(open_page, served):
    page = open_page(served, WORDS["mkv"])
    image = page.wait_for_selector(".hit .still")
    page.wait_for_function("() => document.querySelector('.hit .still').naturalWidth > 0")

    start = page.evaluate("() => document.querySelector('.hit .still').src").rpartition("at=")[2]
    shown = second(page.evaluate(SHOWN, ".hit .still"))
    assert shown == pytest.approx(float(start.partition("&")[0]), abs=SURE)
    assert image.get_attribute("alt").startswith("Picture at 0:2")


def test_a_cover_is_no_film(open_page, served):
    page = open_page(served, "in:sounds", unsure="true")
    row = page.locator(".hit", has_text="sound.mp3")
    page.wait_for_selector(".hit .still")

    row.get_by_role("button", name="Play").click()
    page.wait_for_function(f"() => {SOUND}.src.includes('/audio?') && !{SOUND}.paused")

    assert row.locator(".still").count() == 0
    assert page.locator("#screen").is_hidden()


def test_the_picture_goes_and_comes_back_and_fills_the_screen(open_page, served):
    page = open_page(served, WORDS["mp4"])
    play(page)
    switch = page.locator("#dock").get_by_role("button", name="Picture")

    switch.click()
    assert page.locator("#screen").is_hidden()
    assert page.evaluate(f"() => !{SOUND}.paused")
    switch.click()
    assert page.locator("#screen").is_visible()
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement?.id === 'screen'")
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement === null")


def test_a_sound_after_a_film_leaves_no_picture(open_page, served):
    page = open_page(served, "in:sounds", unsure="true")
    page.wait_for_selector(".hit .still")
    film = page.locator(".hit", has_text="dog_bark.mp4")
    film.get_by_role("button", name="Play").click()
    page.wait_for_selector("#screen:not([hidden])")

    page.locator(".hit", has_text="sound.mp3").get_by_role("button", name="Play").click()

    page.wait_for_selector("#screen", state="hidden")


def test_a_press_counts_though_another_sound_begins_meanwhile(open_page, served):
    """Buttons are drawn anew when a sound begins or ends, also between a press and its release."""
    page = open_page(served, "in:sounds", unsure="true")
    # Stills that come in move the rows below them, and the press has to hit.
    page.wait_for_load_state("networkidle")
    film = page.locator(".hit", has_text="dog_bark.mp4")
    film.get_by_role("button", name="Play").click()
    page.wait_for_function(f"() => !{SOUND}.paused")

    page.locator(".hit", has_text="sound.mp3").get_by_role("button", name="Play").hover()
    page.mouse.down()
    page.evaluate(f"() => {SOUND}.dispatchEvent(new Event('play'))")
    page.mouse.up()

    page.wait_for_function(f"() => {SOUND}.src.includes('/audio?')", timeout=5_000)


def test_a_stretch_of_a_film_is_downloaded(open_page, served):
    page = open_page(served, WORDS["mkv"])
    page.wait_for_selector("#take-film")

    with page.expect_download(timeout=90_000) as waiting:
        page.click("#take-film")

    assert waiting.value.suggested_filename.startswith("rooster 0m2")
    assert waiting.value.suggested_filename.endswith(".mkv")


def test_damaged_pictures_leave_the_sound(open_page, browser, tmp_path):
    (tmp_path / "sounds").mkdir()
    wave = make("dog_bark", 5, seconds=5.0, rate=48_000)
    _spoil(make_film(tmp_path / "sounds", "mkv", wave=wave, seconds=5.0))
    index(tmp_path)
    with desk_of(tmp_path) as desk, running(desk) as (_, port):
        page = open_page(f"http://127.0.0.1:{port}", "a dog", excused=("422",), unsure="true")
        page.keyboard.press(" ")

        page.wait_for_function(f"() => !{SOUND}.paused && {SOUND}.currentTime > 0.5")
        assert page.locator(".hit .still").count() == 0
        page.context.close()


@pytest.mark.parametrize("width", [380, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_with_a_film_is_readable(open_page, served, screens, width, theme):
    page = open_page(served, WORDS["avi"], width=width, theme=theme)
    play(page)
    page.wait_for_timeout(1200)
    page.screenshot(path=screens / f"film-{width}-{theme}.png")

    faint = [
        one for one in page.evaluate(MEASURE) if one["contrast"] < (3 if one["large"] else LEAST)
    ]
    assert faint == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
