# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines over a common x axis, as SVG: a few panels side by side, each from zero."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 260, 50, 35, 40, 40
"""Of a panel, and its margins."""

STEPS = 5
"""Of each axis."""

COLOURS = ("#1f6feb", "#d1242f", "#57606a")


class Panel(NamedTuple):
    """`lines` by name: a y for each x. `limit` is a y that must not be exceeded."""

    title: str
    lines: Mapping[str, Sequence[float]]
    limit: float | None = None


def svg(comment: Sequence[str], x_title: str, xs: Sequence[float], panels: Sequence[Panel]) -> str:
    size = f'width="{WIDTH * len(panels)}" height="{HEIGHT}"'
    return "\n".join(
        [
            f"<!-- {' '.join(comment)} -->",
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">',
            '<rect width="100%" height="100%" fill="white"/>',
            *(part for place, panel in enumerate(panels) for part in _panel(place, panel, x_title, xs)),
            "</svg>\n",
        ]
    )


def _panel(place: int, panel: Panel, x_title: str, xs: Sequence[float]) -> Iterator[str]:
    right, base = WIDTH - RIGHT, HEIGHT - BOTTOM
    step = _round_step(max([y for ys in panel.lines.values() for y in ys] + [panel.limit or 0.0]) / STEPS)

    def x_of(x: float) -> float:
        return LEFT + (right - LEFT) * x / max(xs)

    def y_of(y: float) -> float:
        return base - (base - TOP) * y / (STEPS * step)

    yield f'<g transform="translate({WIDTH * place} 0)">'
    yield f'<text x="{LEFT}" y="{TOP - 20}" font-size="13">{panel.title}</text>'
    yield f'<path d="M{LEFT} {TOP}V{base}H{right}" fill="none" stroke="black"/>'
    for number in range(STEPS + 1):
        x, y = max(xs) * number / STEPS, step * number
        yield f'<text x="{x_of(x):.0f}" y="{base + 15}" text-anchor="middle">{x:,.0f}</text>'
        yield f'<text x="{LEFT - 5}" y="{y_of(y) + 4:.0f}" text-anchor="end">{y:g}</text>'
    yield f'<text x="{(LEFT + right) / 2:.0f}" y="{base + 32}" text-anchor="middle">{x_title}</text>'
    if panel.limit is not None:
        y = y_of(panel.limit)
        yield f'<path d="M{LEFT} {y:.1f}H{right}" stroke="{COLOURS[-1]}" stroke-dasharray="5 4"/>'
        yield f'<text x="{LEFT + 8}" y="{y - 5:.1f}" fill="{COLOURS[-1]}">at most {panel.limit:g}</text>'
    for number, (name, ys) in enumerate(panel.lines.items()):
        points = [(x_of(x), y_of(y)) for x, y in zip(xs, ys, strict=True)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<g stroke="{COLOURS[number]}" fill="none"><polyline points="{path}" stroke-width="2"/>'
        yield "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="white"/>' for x, y in points) + "</g>"
        yield f'<text x="{points[-1][0]:.0f}" y="{points[-1][1] - 8:.0f}" text-anchor="end">{name}</text>'
    yield "</g>"


def _round_step(least: float) -> float:
    """The next number from `least` on that is 1, 2 or 5 with zeros."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit >= least)
