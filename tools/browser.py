"""The page of a library in a real browser, for the tools that look at it and measure it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

from earmark.cli.demo import LIBRARY
from earmark.errors import EarmarkError
from earmark.library.library import Library
from earmark.web.app import new_app
from earmark.web.desk import Desk
from earmark.web.guard import Rules
from earmark.web.server import Server, listen

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium without a window."""
    from playwright.sync_api import sync_playwright

    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not found:
        raise EarmarkError("there is no Chromium", hint="apt-get install chromium, or set CHROMIUM")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as started:
        args = ["--no-sandbox"] if is_root else []
        opened = started.chromium.launch(executable_path=found, args=args)
        yield opened
        opened.close()


@contextmanager
def served(demo: Path) -> Iterator[str]:
    """Serve the library of `earmark demo`: -> its address."""
    sock = listen("127.0.0.1", 0)
    with Library.open(demo / LIBRARY) as library:
        desk = Desk.of(library, demo / LIBRARY, read_only=True)
        desk.warm()
        server = Server(new_app(desk, Rules()), desk)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        try:
            while not server.started:
                sleep(0.01)
            yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        finally:
            desk.closing.set()
            server.should_exit = True
            thread.join()
            desk.close()
            sock.close()
