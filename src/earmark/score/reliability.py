"""Whether confidence is what it says, as an SVG: a panel each of some measurements, side by side.

A point is a tenth of the hits: how sure the search was of them, and how many were right. What is
calibrated lies on the diagonal. Both axes are stretched at the low end, where most hits are.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from earmark.score.refusal import Bin

SIDE, LEFT, TOP, GAP, FOOT = 220, 62, 64, 76, 52  # pixels
COLUMNS = 3
TICKS = (0.01, 0.1, 0.25, 0.5, 1.0)  # nearer ones would write over each other

Panel = tuple[str, str, Sequence[Bin]]  # title, what stands below it, bins


def draw(panels: Sequence[Panel]) -> str:
    """Give the picture as SVG text."""
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // COLUMNS)
    width = LEFT + columns * (SIDE + GAP) - GAP // 2
    height = rows * (TOP + SIDE + FOOT)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="system-ui, sans-serif" font-size="12">',
        "<title>Reliability of confidence</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    for number, (title, below, told) in enumerate(panels):
        x = LEFT + number % COLUMNS * (SIDE + GAP)
        y = TOP + number // COLUMNS * (TOP + SIDE + FOOT)
        parts.append(f'<g transform="translate({x} {y})">')
        parts += [*_frame(title, below), *_ticks(), *_points(told), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _at(share: float) -> float:
    """Where a share stands on an axis, in pixels: by its square root."""
    return float(SIDE * max(share, 0.0) ** 0.5)


def _frame(title: str, below: str) -> list[str]:
    return [
        f'<text y="-30" font-size="15" fill="#111">{escape(title)}</text>',
        f'<text y="-12" fill="#555">{escape(below)}</text>',
        f'<rect width="{SIDE}" height="{SIDE}" fill="#f7f9fb" stroke="#bbb"/>',
        f'<path d="M0 {SIDE}L{SIDE} 0" stroke="#999" stroke-dasharray="4 4"/>',
    ]


def _ticks() -> list[str]:
    rows = []
    for share in TICKS:
        x, y, name = _at(share), SIDE - _at(share), f"{share:g}"
        rows.append(f'<path d="M{x:.1f} {SIDE}v5M0 {y:.1f}h-5" stroke="#555"/>')
        rows.append(
            f'<text x="{x:.1f}" y="{SIDE + 18}" text-anchor="middle" fill="#555">{name}</text>'
        )
        rows.append(f'<text x="-8" y="{y + 4:.1f}" text-anchor="end" fill="#555">{name}</text>')
    middle = SIDE / 2
    rows.append(
        f'<text x="{middle:.0f}" y="{SIDE + 36}" text-anchor="middle" fill="#111">confidence</text>'
    )
    rows.append(
        f'<text transform="translate(-42 {middle:.0f}) rotate(-90)" text-anchor="middle" '
        'fill="#111">share of right hits</text>'
    )
    return rows


def _points(told: Sequence[Bin]) -> list[str]:
    places = [(_at(one.confidence), SIDE - _at(one.right)) for one in told]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="#1f5fa8"/>' for x, y in places]
    return [f'<polyline points="{line}" fill="none" stroke="#1f5fa8"/>', *dots]
