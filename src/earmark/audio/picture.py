"""One SVG of a recording: waveform, log-mel, cuts, and a time axis that a person can read.

SVG because it holds real text, scales to any screen, and needs no drawing library; the log-mel
stands in it as a PNG.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape

import numpy as np

from earmark.audio.clock import clock
from earmark.audio.png import png
from earmark.audio.sketch import RULE, Sketch
from earmark.types import Moment

WIDTH, WAVE, MEL, LEFT, TOP, GAP = 1200, 130, 260, 64, 60, 14  # pixels
DARKEST_DB = 80  # under the loudest
STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600]  # seconds between ticks


def draw(sketch: Sketch, *, title: str, seconds: float, moments: Sequence[Moment]) -> str:
    """Give the picture as SVG text."""
    height = TOP + WAVE + GAP + MEL + 48
    scale = WIDTH / max(seconds, 1e-9)
    title = "".join(letter if letter.isprintable() else "?" for letter in title)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 24} {height}" '
        'font-family="system-ui, sans-serif" font-size="13">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{LEFT}" y="26" font-size="17" fill="#111">{escape(title)}</text>',
        f'<text x="{LEFT}" y="46" fill="#555">{len(moments)} stretches, cut at quiet places; '
        "hatched: digital silence, left out</text>",
        '<defs><pattern id="gone" width="8" height="8" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="8" height="8" fill="#f4f4f4"/>'
        '<rect width="2" height="8" fill="#bbb"/></pattern></defs>',
        _ground(moments, scale),
        _wave(sketch, seconds),
        _image(sketch, seconds),
        _cuts(moments, scale),
        _times(seconds, scale),
        _hertz(),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _ground(moments: Sequence[Moment], scale: float) -> str:
    """Hatch everything, then paint the stretches over it in two tones in turn."""
    rows = [f'<rect x="{LEFT}" y="{TOP}" width="{WIDTH}" height="{WAVE}" fill="url(#gone)"/>']
    for number, moment in enumerate(moments):
        x, width = LEFT + moment.start * scale, moment.seconds * scale
        tone = "#e8f1fb" if number % 2 else "#d3e4f7"
        rows.append(
            f'<rect x="{x:.2f}" y="{TOP}" width="{width:.2f}" height="{WAVE}" fill="{tone}"/>'
        )
    return "\n".join(rows)


def _wave(sketch: Sketch, seconds: float) -> str:
    """The waveform as one filled outline."""
    step = _column_width(sketch, seconds)
    peak = max(float(np.abs(sketch.low).max(initial=0)), float(sketch.high.max(initial=0)), 1e-9)
    middle, half = TOP + WAVE / 2, WAVE / 2 - 4
    tops = [f"{LEFT + (n + 0.5) * step:.1f},{middle - half * y / peak - 0.3:.1f}"
            for n, y in enumerate(sketch.high)]  # fmt: skip
    floors = [f"{LEFT + (n + 0.5) * step:.1f},{middle - half * y / peak + 0.3:.1f}"
              for n, y in enumerate(sketch.low)]  # fmt: skip
    outline = " ".join(tops + floors[::-1])
    level = 20 * np.log10(peak)
    return (
        f'<polygon points="{outline}" fill="#1f5fa8"/>\n'
        f'<text x="{LEFT - 8}" y="{middle + 4}" text-anchor="end" fill="#555">peak</text>\n'
        f'<text x="{LEFT - 8}" y="{middle + 20}" text-anchor="end" fill="#555">'
        f"{level:.0f} dB</text>"
    )


def _image(sketch: Sketch, seconds: float) -> str:
    """The log-mel, low bands at the bottom, stretched over its part of the picture."""
    level = 10 * np.log10(np.maximum(sketch.mel, 1e-12)).T[::-1]
    shade = (level - level.max(initial=-120)) / DARKEST_DB + 1
    data = b64encode(png(np.clip(shade * 255, 0, 255).astype(np.uint8))).decode("ascii")
    width = len(sketch) * _column_width(sketch, seconds)
    y = TOP + WAVE + GAP
    return (
        f'<clipPath id="mel"><rect x="{LEFT}" y="{y}" width="{WIDTH}" height="{MEL}"/></clipPath>\n'
        f'<image x="{LEFT}" y="{y}" width="{width:.2f}" height="{MEL}" clip-path="url(#mel)" '
        f'preserveAspectRatio="none" href="data:image/png;base64,{data}"/>'
    )


def _column_width(sketch: Sketch, seconds: float) -> float:
    return WIDTH * sketch.span / RULE.rate / max(seconds, 1e-9)


def _cuts(moments: Sequence[Moment], scale: float) -> str:
    """A line over both parts where a stretch starts."""
    bottom = TOP + WAVE + GAP + MEL
    lines = [f'<path d="M{LEFT + moment.start * scale:.2f} {TOP}V{bottom}"/>' for moment in moments]
    strength = min(1.0, 150 / max(len(lines), 1))  # so that hours of cuts do not hide the sound
    return f'<g stroke="#d1495b" stroke-opacity="{strength:.2f}">{"".join(lines)}</g>'


def _times(seconds: float, scale: float) -> str:
    """Ticks at round times, about a dozen."""
    step = next((step for step in STEPS if seconds / step <= 14), 7200)
    y = TOP + WAVE + GAP + MEL
    rows = []
    for number in range(int(seconds / step) + 1):
        x = LEFT + number * step * scale
        rows.append(f'<path d="M{x:.1f} {y}v6" stroke="#555"/>')
        rows.append(
            f'<text x="{x:.1f}" y="{y + 22}" text-anchor="middle" fill="#555">'
            f"{clock(number * step, tenths=step < 1)}</text>"
        )
    return "\n".join(rows)


def _hertz() -> str:
    """Where a few round frequencies stand on the mel scale."""
    ends = [1127 * np.log1p(hertz / 700) for hertz in (RULE.low, RULE.high)]
    rows = []
    for hertz, name in ((100, "100 Hz"), (1000, "1 kHz"), (4000, "4 kHz"), (10_000, "10 kHz")):
        part = (1127 * np.log1p(hertz / 700) - ends[0]) / (ends[1] - ends[0])
        y = TOP + WAVE + GAP + MEL * (1 - part)
        rows.append(
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#555">{name}</text>'
        )
    return "\n".join(rows)
