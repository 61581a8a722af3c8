"""What the page takes in Chromium: until something is painted, and from Enter to the first hit."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

HOW = (
    "the page is not measured: that needs pip install 'earmark[dev]', and Chromium "
    "(apt-get install chromium, or CHROMIUM=/path/to/it)"
)
WIDE, HIGH = 1280, 800  # of the window
PATIENCE = 60_000  # milliseconds
PAINTED = """() => new Promise((done) => new PerformanceObserver((list) => {
  const [found] = list.getEntriesByName("first-contentful-paint");
  if (found) done(found.startTime);
}).observe({ type: "paint", buffered: true }))"""
# From the key to the frame after that in which the first hit is drawn.
WATCH = """() => {
  let began;
  addEventListener("keydown", ({ key }) => key === "Enter" && (began ??= performance.now()), true);
  const seen = new MutationObserver(() => {
    if (!document.querySelector(".hit")) return;
    seen.disconnect();
    requestAnimationFrame(() => setTimeout(() => (window.enterToHit = performance.now() - began)));
  });
  seen.observe(document.getElementById("hits"), { childList: true });
}"""


def missing() -> bool:
    """Whether there is no Chromium, or nothing to lead it by."""
    return _chromium() is None or find_spec("playwright") is None


@contextmanager
def visits(address: str) -> Iterator[Callable[[str], tuple[float, float]]]:
    """Open Chromium: -> what visits the page as if for the first time and types a query.

    A visit gives milliseconds to the first paint, and from Enter to the first hit.
    """
    from playwright.sync_api import sync_playwright

    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=_chromium(), args=["--no-sandbox"] if is_root else []
        )
        try:
            yield lambda words: _visit(browser, address, words)
        finally:
            browser.close()


def _visit(browser: Any, address: str, words: str) -> tuple[float, float]:  # noqa: ANN401
    context = browser.new_context(viewport={"width": WIDE, "height": HIGH})
    try:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(address)
        painted = page.evaluate(PAINTED)
        page.wait_for_selector("#state p")  # it knows now how the library stands
        page.evaluate(WATCH)
        page.fill("#q", words)
        page.press("#q", "Enter")
        page.wait_for_function("() => window.enterToHit")
        return painted, page.evaluate("() => window.enterToHit")
    finally:
        context.close()


def _chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium")
