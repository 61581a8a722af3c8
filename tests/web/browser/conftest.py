"""A real browser, a real server, and a library in which a moment lies far from a beginning."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest

from earmark.audio.write import write
from earmark.synth import make
from web.shelf import RATE, desk_of, fill, index, running

LONG = "field/evening.wav"  # wind, and in it a dog
LONG_SECONDS, DOG_FROM, DOG_SECONDS = 120.0, 90.0, 4.0
GET = "apt-get install chromium, or name one with CHROMIUM=/path/to/it"
ARGS = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
ANSWERED = "#answer:not([aria-busy]) :is(.hit, .state p)"
REPORTS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`));
"""


@pytest.fixture(scope="module")
def browser():
    """Chromium as Debian packs it; without, every test here is skipped and says how to get it.

    It ends with each file: while it runs no other test of this process can run a loop of asyncio.
    """
    reason = "an extra for tests: pip install 'earmark[dev]'"
    api = pytest.importorskip("playwright.sync_api", reason=reason)
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not found:
        pytest.skip(f"there is no Chromium: {GET}")
    pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with api.sync_playwright() as started:
        args = [*ARGS, *(["--no-sandbox"] if is_root else [])]
        browser = started.chromium.launch(executable_path=found, args=args)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A folder with `sounds`, one of them long, and a `library` of them; tests only read it."""
    home = fill(tmp_path_factory.mktemp("browser"))
    wave = 0.1 * make("wind", 3, seconds=LONG_SECONDS, rate=RATE)
    first, count = round(DOG_FROM * RATE), round(DOG_SECONDS * RATE)
    wave[first : first + count] += make("dog_bark", 5, seconds=DOG_SECONDS, rate=RATE)[:count]
    path = home / "sounds" / LONG
    path.parent.mkdir()
    write(path, np.clip(wave, -1.0, 1.0).astype(np.float32), RATE, tags={"title": "Evening"})
    index(home)
    return home


@pytest.fixture(scope="module")
def address(home, browser):
    """Where the library is served."""
    with desk_of(home) as desk, running(desk) as (_, port):
        yield f"http://127.0.0.1:{port}"


@dataclass
class Watch:
    """What a page complains about, and whom it asks."""

    address: str
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    excused: tuple[str, ...] = ()  # parts of complaints that a test brings about

    def over(self, page):
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._see)

    def _hear(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location.get('url')})")

    def _see(self, request):
        if not request.url.startswith((self.address, "blob:", "data:")):
            self.strangers.append(request.url)

    def check(self):
        rest = [one for one in self.complaints if not any(part in one for part in self.excused)]
        assert rest == []
        assert self.strangers == []


@pytest.fixture
def open_page(browser, tmp_path):
    """Open pages; at the end none of them may have complained or asked a stranger."""
    opened = []

    def open_(address, query=None, *, width=1280, height=800, theme="light", excused=(), **values):
        size = {"width": width, "height": height}
        context = browser.new_context(viewport=size, color_scheme=theme, accept_downloads=True)
        context.set_default_timeout(30_000)
        context.add_init_script(REPORTS)
        page = context.new_page()
        watch = Watch(address, excused=excused)
        watch.over(page)
        opened.append((context, watch))
        asked = ({} if query is None else {"q": query}) | values
        page.goto(f"{address}/?{urlencode(asked)}" if asked else address)
        if query is not None:
            page.wait_for_selector(ANSWERED)
        return page

    yield open_
    for context, watch in opened:
        context.close()
        watch.check()


@pytest.fixture(scope="session")
def screens(tmp_path_factory):
    """Where pictures of the page are kept; EARMARK_SCREENSHOTS names a folder to look at them."""
    named = os.environ.get("EARMARK_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screens")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def dog(tmp_path):
    """A sound that is in no library."""
    path = tmp_path / "my dog.wav"
    write(path, make("dog_bark", 77, seconds=2.0, rate=RATE), RATE)
    return path
