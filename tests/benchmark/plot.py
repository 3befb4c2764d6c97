# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plots as SVG: panels of lines over a common x axis, and rows of dots on a logarithmic one.

Panels and rows stand below each other: a plot as wide as two panels cannot be read on a phone. The background is white,
because the page around it may be dark.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 420, 260, 50, 25, 50, 40
"""Of a panel, and its margins."""

ROW = 38
"""Height of a row of dots."""

STEPS = 5
"""Of each axis."""

COLOURS = ("#1f6feb", "#d1242f")
SPACE = "\u2003"
"""Between names; other spaces collapse."""


class Panel(NamedTuple):
    """`lines` by name: a y for each x. `limits` by the same names: a y that must not be exceeded."""

    title: str
    lines: Mapping[str, Sequence[float]]
    limits: Mapping[str, float] = {}


def svg(comment: Sequence[str], x_title: str, xs: Sequence[float], panels: Sequence[Panel]) -> str:
    parts = (_panel(place, panel, x_title, xs) for place, panel in enumerate(panels))
    return _image(comment, HEIGHT * len(panels), chain.from_iterable(parts))


def dots(comment: Sequence[str], title: str, series: Sequence[str], rows: Mapping[str, Sequence[float]]) -> str:
    """A row for each name, with a value for each of the series; the axis begins at 1."""
    base = TOP + ROW * len(rows)
    decades = math.ceil(math.log10(max(chain.from_iterable(rows.values()))))

    def x_of(value: float) -> float:
        return 15 + (WIDTH - 60) * max(0.0, math.log10(value)) / decades

    def parts() -> Iterator[str]:
        yield f'<text x="15" y="{TOP - 30}" font-size="13">{title}</text>'
        yield _legend(15, series)
        for power in range(decades + 1):
            x = x_of(10.0**power)
            yield f'<path d="M{x:.0f} {TOP}V{base}" stroke="#d0d7de"/>'
            yield f'<text x="{x:.0f}" y="{base + 15}" text-anchor="middle">{10**power:,}</text>'
        for number, (name, values) in enumerate(rows.items()):
            y = TOP + ROW * number
            yield f'<text x="15" y="{y + 14}">{name}</text>'
            for value, colour in zip(values, COLOURS, strict=False):
                yield f'<circle cx="{x_of(value):.1f}" cy="{y + 25}" r="5" fill="{colour}" fill-opacity="0.8"/>'
            right = max(values)
            shown = ", ".join(f"{value:,.1f}" if value < 100 else f"{value:,.0f}" for value in values)
            anchor, x = ("end", x_of(min(values)) - 9) if x_of(right) > WIDTH - 140 else ("start", x_of(right) + 9)
            yield f'<text x="{x:.0f}" y="{y + 29}" text-anchor="{anchor}">{shown}</text>'

    return _image(comment, base + 25, parts())


def _image(comment: Sequence[str], height: int, parts: Iterator[str]) -> str:
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return "\n".join(
        [
            f"<!-- {' '.join(comment)} -->",
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">',
            '<rect width="100%" height="100%" fill="white"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _legend(x: float, names: Sequence[str]) -> str:
    shown = (
        f'<tspan fill="{colour}">\u25cf {name}</tspan>' for name, colour in zip(names, COLOURS, strict=False) if name
    )
    return f'<text x="{x:g}" y="{TOP - 12}">{SPACE.join(shown)}</text>'


def _panel(place: int, panel: Panel, x_title: str, xs: Sequence[float]) -> Iterator[str]:
    right, base = WIDTH - RIGHT, HEIGHT - BOTTOM
    x_step = _round_step(max(xs) / STEPS)
    step = _round_step(max(chain(chain.from_iterable(panel.lines.values()), panel.limits.values())) / STEPS)

    def x_of(x: float) -> float:
        return LEFT + (right - LEFT) * x / (STEPS * x_step)

    def y_of(y: float) -> float:
        return base - (base - TOP) * y / (STEPS * step)

    yield f'<g transform="translate(0 {HEIGHT * place})">'
    yield f'<text x="{LEFT}" y="{TOP - 30}" font-size="13">{panel.title}</text>'
    bounds = {name: f"at most {limit:g}" for name, limit in panel.limits.items()}
    yield _legend(LEFT, [", ".join(filter(None, (name, bounds.get(name)))) for name in panel.lines])
    yield f'<path d="M{LEFT} {TOP}V{base}H{right}" fill="none" stroke="black"/>'
    for number in range(STEPS + 1):
        x, y = x_step * number, step * number
        yield f'<text x="{x_of(x):.0f}" y="{base + 15}" text-anchor="middle">{x:,.0f}</text>'
        yield f'<text x="{LEFT - 5}" y="{y_of(y) + 4:.0f}" text-anchor="end">{y:g}</text>'
    yield f'<text x="{(LEFT + right) / 2:.0f}" y="{base + 32}" text-anchor="middle">{x_title}</text>'
    for colour, (name, ys) in zip(COLOURS, panel.lines.items(), strict=False):
        if name in panel.limits:
            y = y_of(panel.limits[name])
            yield f'<path d="M{LEFT} {y:.1f}H{right}" stroke="{colour}" stroke-dasharray="5 4"/>'
        points = [(x_of(x), y_of(y)) for x, y in zip(xs, ys, strict=True)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<g stroke="{colour}" fill="none"><polyline points="{path}" stroke-width="2"/>'
        yield "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="white"/>' for x, y in points) + "</g>"
    yield "</g>"


def _round_step(least: float) -> float:
    """The next number from `least` on that is 1, 2, 2.5, 4, 5 or 8 with zeros."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * digit for digit in (1, 2, 2.5, 4, 5, 8, 10) if power * digit >= least)
