"""What the page looks like, and what it is to whoever does not see it: measured in both themes."""

from itertools import product
from pathlib import Path

import pytest

SIZES = {380: 800, 1280: 800, 2560: 1300}
LEAST, LARGE = 4.5, 3.0  # contrast of text, and of what is drawn or large (WCAG 2.2, AA)
MEASURE = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
DRAWN = """() => {
  const colour = (name) => {
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.color = `var(--${name})`;
    const text = getComputedStyle(probe).color;
    probe.remove();
    return text.match(/[\\d.]+/g).slice(0, 3).map(Number);
  };
  const names = ["paper", "chosen", "wave", "mark", "heat", "heat-less", "edge", "accent"];
  return Object.fromEntries(names.map((name) => [name, colour(name)]));
}"""


def luminance(rgb):
    parts = [value / 255 for value in rgb]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted([luminance(one), luminance(other)], reverse=True)
    return (high + 0.05) / (low + 0.05)


def ready(page):
    page.wait_for_selector(".hit canvas.heat[aria-label*=strongest]")
    if page.viewport_size["width"] < 1000:
        page.locator(".hit .title").first.click()
    page.wait_for_selector("#detail .facts-list dd")
    page.wait_for_timeout(400)
    return page


def faint(page):
    measured = page.evaluate(MEASURE)
    assert len(measured) > 10
    return [one for one in measured if one["contrast"] < (LARGE if one["large"] else LEAST)]


@pytest.mark.parametrize(("width", "theme"), [*product(SIZES, ("light", "dark"))])
def test_every_size_and_theme_is_readable_and_never_scrolls_sideways(
    open_page, address, screens, width, theme
):
    page = ready(
        open_page(
            address,
            "a dog barking + wind",
            width=width,
            height=SIZES[width],
            theme=theme,
            unsure="true",
        )
    )

    picture = screens / f"hits-{width}-{theme}.png"
    page.screenshot(path=picture)

    assert picture.stat().st_size > 10_000
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    assert faint(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_dialogs_and_messages_are_readable(open_page, address, screens, theme):
    page = open_page(address, "rooster", theme=theme, width=380, excused=("400",))
    page.get_by_role("button", name="Filters").click()
    page.fill("#q", 'rain "tin')
    page.press("#q", "Enter")
    page.wait_for_selector("#wrong:not([hidden])")
    assert faint(page) == []

    for opener, inside in (("#keys", "dl.help"), ("#status", ".failed li")):
        page.click(opener)
        page.locator(f"dialog[open] {inside}").first.wait_for()
        page.screenshot(path=screens / f"dialog-{opener[1:]}-{theme}.png")
        assert faint(page) == []
        assert page.evaluate(
            "() => document.querySelector('dialog[open]').scrollWidth <= innerWidth"
        )
        page.keyboard.press("Escape")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_drawn_stands_out(open_page, address, theme):
    colours = open_page(address, theme=theme).evaluate(DRAWN)

    for name, ground in product(
        ("wave", "mark", "heat", "heat-less", "edge", "accent"), ("paper", "chosen")
    ):
        assert contrast(colours[name], colours[ground]) >= LARGE, (name, ground)


def test_contrast_is_measured_as_it_is_defined():
    assert contrast([255, 255, 255], [0, 0, 0]) == pytest.approx(21.0)
    assert contrast([119, 119, 119], [255, 255, 255]) == pytest.approx(4.48, abs=0.01)


def test_a_theme_can_be_chosen_and_is_kept(open_page, address):
    page = open_page(address, theme="light")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    bright = page.evaluate(ground)
    assert page.inner_text("#theme") == "System"

    page.click("#theme")
    assert page.evaluate(ground) == bright
    page.click("#theme")
    assert page.inner_text("#theme") == "Dark"
    dark = page.evaluate(ground)
    page.reload()

    assert dark != bright
    assert page.evaluate(ground) == dark
    assert page.inner_text("#theme") == "Dark"


@pytest.mark.parametrize("width", [380, 1280])
def test_everything_that_can_be_used_has_a_name_and_a_role(open_page, address, width):
    page = ready(open_page(address, "a dog barking", width=width))
    page.locator(".hit").first.locator(".left .round").click()
    page.get_by_role("button", name="Filters").click()

    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    wanted = {
        "button",
        "link",
        "textbox",
        "checkbox",
        "slider",
        "spinbutton",
        "searchbox",
        "combobox",
        "image",
        "img",
        "meter",
    }
    found = [
        one for one in tree if one.get("role", {}).get("value") in wanted and not one["ignored"]
    ]
    nameless = [one for one in found if not one.get("name", {}).get("value", "").strip()]
    assert len(found) > 40
    assert [one["role"]["value"] for one in nameless] == []
    assert {"search", "main", "status"} <= {one.get("role", {}).get("value") for one in tree}


def test_what_happens_is_said_to_who_does_not_see_it(open_page, address):
    page = open_page(address, "a dog barking")
    page.wait_for_function("() => /hits?$/.test(document.getElementById('say').textContent)")

    page.keyboard.press(" ")

    page.wait_for_function("() => /^Playing /.test(document.getElementById('say').textContent)")


def test_tab_leads_through_the_page_and_every_stop_is_seen(open_page, address):
    page = ready(open_page(address, "a dog barking"))
    stops = []
    for _ in range(24):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate("""() => {
          const e = document.activeElement;
          const style = getComputedStyle(e);
          const box = e.getBoundingClientRect();
          return {
            id: e.id || e.className || e.tagName,
            ring: style.outlineStyle !== "none" || e.id === "q",
            on: box.bottom > 0 && box.top < innerHeight,
          };
        }""")
        )

    assert [one for one in stops if not (one["ring"] and one["on"])] == []
    names = [one["id"] for one in stops]
    assert [
        name for name in ("q", "file", "mic", "go", "status", "title") if name not in names
    ] == []


def test_letters_alone_can_be_switched_off(open_page, address):
    page = open_page(address, "a dog barking")
    page.keyboard.press("?")
    page.get_by_label("Letters alone are keys").uncheck()
    page.keyboard.press("Escape")

    page.keyboard.press("j")
    page.keyboard.press("x")

    assert page.locator(".hit input:checked").count() == 0
    page.keyboard.press("ArrowDown")
    assert page.evaluate("() => document.activeElement.className") == "title"
