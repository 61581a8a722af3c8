"""How long a person waits at the page: until it is there, and from Enter to the hits and pictures.

    python tools/page_speed.py DEMO      DEMO is the folder of `earmark demo`

Chromium runs without a window on this machine, beside the server. *first paint* is its own figure
of a fresh browser context with nothing cached. *hits* are painted in the second frame after they
are in the page. *waveforms* are all that are in sight, with the match over time.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from browser import browser, served
from earmark.library.library import Library

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LOADS = 10
QUERIES = (
    "rain on a metal roof", "a dog barking outside", "someone playing the piano", "church bells",
    "thunder - rain", "wind", "footsteps on gravel", "an engine idles", "birds at dawn", "applause",
    "a door slams", "water running", "people talking", "a siren far away", "glass breaks",
)  # fmt: skip
PAINT = """async () => {
  const found = () => performance.getEntriesByName("first-contentful-paint")[0];
  while (!found()) await new Promise(requestAnimationFrame);
  return found().startTime;
}"""
WAIT = """async (query) => {
  const frame = () => new Promise(requestAnimationFrame);
  const seen = (row) => row.getBoundingClientRect().top < innerHeight;
  const isDrawn = (row) => row.querySelector("canvas.heat[aria-label*=strongest]");
  const field = document.getElementById("q");
  const old = document.querySelector(".hit");
  field.focus();
  field.value = query;
  const began = performance.now();
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  while (!document.querySelector(".hit") || document.querySelector(".hit") === old) await frame();
  await frame();
  const hits = performance.now() - began;
  while (![...document.querySelectorAll(".hit")].filter(seen).every(isDrawn)) await frame();
  return [hits, performance.now() - began];
}"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("demo", type=Path, metavar="DEMO")
    folder: Path = parser.parse_args().demo
    with Library.open(folder / "library") as library:
        held = library.status()
    print(f"{held.recordings} recordings, {held.moments:,} moments; milliseconds: median (p90)")
    with browser() as opened, served(folder) as address:
        show("first paint", [paint(opened, address) for _ in range(LOADS)])
        page = opened.new_page()
        page.goto(address)
        page.wait_for_selector(".examples")
        searches(page)  # a round that does not count
        waits = searches(page)
    show("Enter to hits", [hits for hits, _ in waits])
    show("Enter to waveforms", [drawn for _, drawn in waits])


def paint(opened: Browser, address: str) -> float:
    """Open the page as if for the first time."""
    context = opened.new_context()
    page = context.new_page()
    page.goto(address)
    took = float(page.evaluate(PAINT))
    context.close()
    return took


def searches(page: Page) -> list[tuple[float, float]]:
    """Ask every query."""
    return [tuple(page.evaluate(WAIT, f"{query} ")) for query in QUERIES]


def show(name: str, took: Sequence[float]) -> None:
    """Print one line."""
    print(f"{name:20} {median(took):5.0f} ({quantiles(took, n=10)[-1]:.0f})")


if __name__ == "__main__":
    main()
