"""Line charts as SVG, a panel each, side by side: what the pages of figures are drawn with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from math import ceil, floor, log2, log10

SIDE, LEFT, TOP, GAP, FOOT, KEY = 250, 64, 44, 92, 62, 15  # pixels
COLUMNS = 2
LABELS = 6  # across, at most
COLOURS = ("#1f5fa8", "#c0392b", "#2e8b57", "#8e5aa8", "#b8860b", "#555555")

APART = 3.0  # pixels between lines whose points have bounds, so that these can be told apart
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One chart; its lines have a name each."""

    title: str
    across: str
    up: str
    lines: Mapping[str, Points]
    bounds: Mapping[str, Points] = field(default_factory=dict)  # least and most of each point
    doubling: bool = False  # each step to the right is twice as much


def draw(title: str, panels: Sequence[Panel]) -> str:
    """Give the picture as SVG text."""
    keys = max(len(panel.lines) for panel in panels) * KEY
    high = TOP + SIDE + FOOT + keys
    columns, rows = min(COLUMNS, len(panels)), -(-len(panels) // COLUMNS)
    width, height = LEFT + columns * (SIDE + GAP) - GAP // 2, rows * high
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="system-ui, sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    for number, panel in enumerate(panels):
        x = LEFT + number % COLUMNS * (SIDE + GAP)
        y = TOP + number // COLUMNS * high
        parts += [f'<g transform="translate({x} {y})">', *_panel(panel), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(panel: Panel) -> list[str]:
    ticks_x = _ticks([x for line in panel.lines.values() for x, _ in line], panel.doubling)
    heights = [y for line in panel.lines.values() for _, y in line]
    heights += [y for line in panel.bounds.values() for pair in line for y in pair]
    ticks_y = _ticks(heights, doubling=False)
    parts = [
        f'<text y="-14" font-size="15" fill="#111">{escape(panel.title)}</text>',
        f'<rect width="{SIDE}" height="{SIDE}" fill="#f7f9fb" stroke="#bbb"/>',
    ]
    for number, tick in enumerate(ticks_x):
        x = _place(tick, ticks_x, panel.doubling)
        parts.append(f'<path d="M{x:.1f} {SIDE}v5" stroke="#555"/>')
        if number % ceil(len(ticks_x) / LABELS) == 0:
            parts.append(_word(x, SIDE + 18, _short(tick), "middle"))
    for tick in ticks_y:
        y = SIDE - _place(tick, ticks_y, doubling=False)
        parts.append(f'<path d="M0 {y:.1f}h{SIDE}" stroke="#ddd"/>')
        parts.append(_word(-8, y + 4, _short(tick), "end"))
    parts.append(_word(SIDE / 2, SIDE + 36, panel.across, "middle"))
    parts.append(
        f'<text transform="translate(-48 {SIDE / 2:.0f}) rotate(-90)" text-anchor="middle" '
        f'fill="#111">{escape(panel.up)}</text>'
    )
    for number, (name, line) in enumerate(panel.lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        aside = (number - (len(panel.lines) - 1) / 2) * APART if panel.bounds else 0.0
        places = [
            (_place(x, ticks_x, panel.doubling) + aside, SIDE - _place(y, ticks_y, doubling=False))
            for x, y in line
        ]
        for (x, _), pair in zip(places, panel.bounds.get(name, ()), strict=False):
            low, high = (SIDE - _place(y, ticks_y, doubling=False) for y in pair)
            parts.append(
                f'<path d="M{x:.1f} {low:.1f}V{high:.1f}" stroke="{colour}" stroke-opacity=".45"/>'
            )
        told = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(
            f'<polyline points="{told}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        )
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        y = SIDE + FOOT + KEY * number
        parts.append(f'<path d="M0 {y - 4}h18" stroke="{colour}" stroke-width="3"/>')
        parts.append(_word(24, y, name, "start"))
    return parts


def _ticks(values: Sequence[float], doubling: bool) -> list[float]:
    """Round numbers that hold all values between the first and the last."""
    low, high = min(values), max(values)
    if doubling:
        unit = 1000.0 ** floor(log10(low) / 3)  # so that ticks are 1, 2, 4 of thousands, millions
        first, last = floor(log2(low / unit)), ceil(log2(high / unit))
        return [unit * 2.0**power for power in range(first, last + 1)]
    step = next(
        size * 10.0**power
        for power in range(-4, 7)
        for size in (1, 2, 5)
        if size * 10.0**power * 6 >= (high - low or abs(high) or 1)
    )
    return [n * step for n in range(floor(low / step + 1e-9), ceil(high / step - 1e-9) + 1)] or [
        low
    ]


def _place(value: float, ticks: Sequence[float], doubling: bool) -> float:
    first, last = ticks[0], ticks[-1]
    if first == last:
        return SIDE / 2
    if doubling:
        return SIDE * (log2(value) - log2(first)) / (log2(last) - log2(first))
    return SIDE * (value - first) / (last - first)


def _short(value: float) -> str:
    if abs(value) >= 1e6:
        return f"{value / 1e6:.3g} M"
    return f"{value / 1e3:.4g} k" if abs(value) >= 4e3 else f"{value:.6g}"


def _word(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#555">{escape(text)}</text>'
