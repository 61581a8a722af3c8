"""A picture of the page for the documents, small enough to be read over a slow line.

    python tools/screenshot.py DEMO OUT.webp      DEMO is the folder of `earmark demo`

The browser that takes the picture also makes a WebP of it. The whole path of a hit is seen in it,
so the demo should lie in a folder that anybody may read of.
"""

from __future__ import annotations

import argparse
from base64 import b64decode, b64encode
from pathlib import Path
from typing import TYPE_CHECKING

from browser import browser, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

QUERY = "thunder + rain"
SIZE = {"width": 1280, "height": 800}
LARGEST = 150_000  # bytes
AS_WEBP = """async ([png, quality]) => {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext("2d").drawImage(image, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/webp", quality });
  const reader = new FileReader();
  const read = new Promise((done) => (reader.onload = done));
  reader.readAsDataURL(blob);
  await read;
  return reader.result.split(",")[1];
}"""


def main() -> None:
    """Take it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("demo", type=Path, metavar="DEMO")
    parser.add_argument("out", type=Path, metavar="OUT.webp")
    parser.add_argument("--query", default=QUERY)
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    args = parser.parse_args()
    with browser() as opened, served(args.demo) as address:
        page = opened.new_page(viewport=SIZE, color_scheme=args.theme)
        png = picture(page, address, args.query)
        args.out.write_bytes(small(opened, png))
    print(f"{args.out}: {args.out.stat().st_size:,} bytes")


def picture(page: Page, address: str, query: str) -> bytes:
    """Search, show the spectrogram of the first hit, and look at the page."""
    page.goto(address)
    page.fill("#q", query)
    page.press("#q", "Enter")
    page.wait_for_selector(".hit")
    page.press("#q", "Escape")
    page.keyboard.press("s")
    page.wait_for_selector("#detail .facts-list dd")
    page.wait_for_load_state("networkidle")
    taken: bytes = page.screenshot()
    return taken


def small(opened: Browser, png: bytes) -> bytes:
    """Make it a WebP, as good as the size allows."""
    page = opened.new_page()
    for quality in (0.9, 0.8, 0.7, 0.6, 0.5):
        told = page.evaluate(AS_WEBP, [b64encode(png).decode(), quality])
        content = b64decode(told)
        if len(content) <= LARGEST:
            return content
    raise ValueError(f"{len(content):,} bytes at the lowest quality")


if __name__ == "__main__":
    main()
