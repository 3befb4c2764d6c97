# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Charts as inline SVG. Every figure of a chart is text in the table beside it."""

from __future__ import annotations

from collections.abc import Sequence

from ._text import count, escaped, share

_WIDTH = 1000
_GAP = 3
_LEAST = 4
"""Units of the width of a bar: the gap between two parts, and the smallest part that can be seen."""


def stacked_bar(anchor: str, title: str, parts: Sequence[tuple[str, str, int]]) -> str:
    """One bar of parts (class, label, number), as wide as its box."""
    total = sum(number for _css, _label, number in parts)
    present = [part for part in parts if part[2]]
    scale = (_WIDTH - (_LEAST + _GAP) * len(present)) / max(total, 1)
    rectangles, left = [], 0.0
    for css, _label, number in present:
        width = _LEAST + number * scale
        rectangles.append(f'<rect class="{css}" x="{left:.1f}" width="{width:.1f}" height="10"/>')
        left += width + _GAP
    desc = ", ".join(f"{label} {number:,}" for _css, label, number in present)
    return _svg(anchor, title, desc, f'class="bar" viewBox="0 0 {_WIDTH} 10"', "".join(rectangles))


def bar_list(anchor: str, title: str, one: str, rows: Sequence[tuple[str, int]], total: int) -> str:
    """A table of labels (HTML) and numbers of users, and a bar for each row beside it; `one` heads the labels."""
    most = max((number for _label, number in rows), default=1)
    lines = "".join(f'<tr><th scope="row">{label}</th>{figures(number, total)}</tr>' for label, number in rows)
    bars = "".join(
        f'<rect class="s1" y="{position * 10 + 2}" width="{max(number * 100 / most, 0.5):.1f}" height="6"/>'
        for position, (_label, number) in enumerate(rows, 1)
        if number
    )
    height = 2 * (len(rows) + 1)
    desc = f"{count(len(rows), 'row', 'rows')}; the table beside it has the figures"
    return (
        f'<figure id="{anchor}"><figcaption>{escaped(title)}</figcaption><div class="beside"><table class="lines">'
        f'<thead><tr><th scope="col">{escaped(one)}</th><th scope="col" class="n">Users</th>'
        f'<th scope="col" class="n share">Share</th></tr></thead><tbody>{lines}</tbody></table>'
        + _svg(f"{anchor}-bars", title, desc, f'viewBox="0 0 100 {len(rows) * 10 + 10}" height="{height}em"', bars)
        + "</div></figure>"
    )


def figures(number: int, total: int) -> str:
    """The cells of a number of users and its share."""
    return f'<td class="n">{number:,}</td><td class="n share">{share(number, total)}</td>'


def _svg(anchor: str, title: str, desc: str, attributes: str, content: str) -> str:
    return (
        f'<svg role="img" aria-labelledby="{anchor}-t {anchor}-d" preserveAspectRatio="none" {attributes}>'
        f'<title id="{anchor}-t">{escaped(title)}</title><desc id="{anchor}-d">{escaped(desc)}</desc>{content}</svg>'
    )
