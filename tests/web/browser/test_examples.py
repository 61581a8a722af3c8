"""A sound is dropped, chosen or recorded; hits are taken elsewhere."""

import csv
import io
import wave
from pathlib import Path

import pytest

from web.browser.test_searching import api, asked, names

DROP = """async ([bytes, name]) => {
  const file = new File([new Uint8Array(bytes)], name, { type: "audio/wav" });
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(file);
  const told = { dataTransfer, bubbles: true, cancelable: true };
  for (const kind of ["dragenter", "dragover", "drop"])
    document.body.dispatchEvent(new DragEvent(kind, told));
}"""
FORMATS = {
    "CSV": ("earmark.csv", "rank,path,start"),
    "M3U": ("earmark.m3u8", "#EXTM3U"),
    "Audacity": ("earmark.txt", ""),
    "Raven": ("earmark.selections.txt", "Selection\tView"),
    "Reaper": ("earmark.csv", "#,Name,Start"),
}


def taken(page, click):
    with page.expect_download() as waiting:
        click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_a_sound_that_is_dropped_is_searched_by(open_page, address, dog):
    page = open_page(address)

    page.evaluate(DROP, [[*dog.read_bytes()], dog.name])
    page.wait_for_selector(".hit")

    assert "dogs.mp3" in names(page)[:2]
    assert page.inner_text("#example strong") == "my dog.wav"
    assert page.locator("#drop").is_hidden()
    assert asked(page) == {}


def test_a_sound_that_is_chosen_can_be_cut_and_left_again(open_page, address, dog):
    page = open_page(address, "rooster")
    page.set_input_files("#pick", dog)
    page.wait_for_function("() => document.querySelector('.title')?.textContent !== 'rooster.wav'")

    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_label("to, in seconds").fill("0.7")
        page.get_by_label("to, in seconds").press("Tab")
    assert "end=0.7" in sent.value.url
    page.get_by_role("button", name="Back to words").click()

    page.wait_for_selector("#state .examples")
    assert page.locator("#example").is_hidden()


def test_the_microphone_is_searched_by(open_page, address):
    page = open_page(address, unsure="true")
    page.get_by_label("Search by a recording from the microphone").click()
    page.wait_for_timeout(1200)

    page.get_by_role("button", name="Stop, and search").click()
    page.wait_for_selector(".hit")

    assert page.inner_text("#example strong") == "microphone.webm"


def test_more_like_a_hit_of_a_sound_goes_on_in_words(open_page, address, dog):
    page = open_page(address)
    page.set_input_files("#pick", dog)
    page.wait_for_selector(".hit")
    assert page.get_by_role("button", name="Not like").count() == 0

    page.locator(".hit").first.get_by_role("button", name="More like").click()

    page.wait_for_function("() => location.search.startsWith('?q=%40')")
    assert page.locator("#example").is_hidden()


@pytest.mark.parametrize("name", FORMATS)
def test_hits_are_exported_for_other_programs(open_page, address, name):
    page = open_page(address, "a dog barking", unsure="true")

    file, content = taken(page, page.get_by_role("button", name=name, exact=True).click)

    wanted, begins = FORMATS[name]
    assert file == wanted
    assert content.decode().startswith(begins)
    assert content.count(b"\n") >= 10


def test_hits_that_are_picked_are_exported_and_no_others(open_page, address):
    page = open_page(address, "a dog barking", unsure="true")
    page.locator(".hit").nth(1).get_by_role("checkbox").check()
    page.locator(".hit").nth(3).get_by_role("checkbox").check()

    _, content = taken(page, page.get_by_role("button", name="CSV").click)

    rows = [*csv.DictReader(io.StringIO(content.decode()))]
    assert [row["rank"] for row in rows] == ["2", "4"]
    assert [row["path"].rpartition("/")[2] for row in rows] == [names(page)[1], names(page)[3]]


def test_hits_of_a_sound_that_was_sent_are_exported(open_page, address, dog):
    page = open_page(address)
    page.set_input_files("#pick", dog)
    page.wait_for_selector(".hit")

    _, content = taken(page, page.get_by_role("button", name="CSV").click)

    rows = [*csv.DictReader(io.StringIO(content.decode()))]
    assert [row["path"].rpartition("/")[2] for row in rows] == names(page)


def test_the_stretch_and_the_file_are_downloaded(open_page, address):
    page = open_page(address, "a dog barking longer:1:30")
    hit = api(address, "/search?q=a+dog+barking+longer:1:30")["hits"][0]
    page.wait_for_selector("#take-part")

    _, part = taken(page, lambda: page.keyboard.press("d"))
    name, whole = taken(page, page.get_by_role("link", name="Download the file").click)

    with wave.open(io.BytesIO(part)) as sound:
        assert sound.getnframes() / sound.getframerate() == pytest.approx(
            hit["end"] - hit["start"], abs=0.05
        )
    assert name == "evening.wav"
    assert whole == Path(hit["path"]).read_bytes()


def test_a_path_is_copied(open_page, address):
    page = open_page(address, "rooster")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.wait_for_selector("#copy")

    page.keyboard.press("c")

    page.wait_for_function("() => document.getElementById('copy').textContent === 'Copied'")
    path = api(address, "/search?q=rooster")["hits"][0]["path"]
    assert page.evaluate("() => navigator.clipboard.readText()") == path
