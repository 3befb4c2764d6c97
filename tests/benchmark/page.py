# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The format of figures and their targets on the page."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

DOCS = "https://github.com/frontline-entra/frontline.entra/blob/main/docs"
LICENCE = [line.removeprefix("# ") for line in Path(__file__).read_text(encoding="utf-8").splitlines()[:3]]
"""Of a plot."""


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in Markdown, line by line."""
    return [_row(heads), "|" + "---|" * len(heads), *map(_row, rows)]


def details(summary: str, lines: Sequence[str]) -> list[str]:
    """Lines that are shown when the reader opens them."""
    return ["<details>", f"<summary>{summary}</summary>", "", *lines, "", "</details>"]


def picture(text: str, file: str) -> str:
    return f"![{text}]({DOCS}/{file}?raw=true)"


def _row(cells: Sequence[str]) -> str:
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)


def at_most(most: float, found: float, shown: str = "g") -> str:
    """The target cell of `found`: an upper bound, marked if it was missed."""
    return _target(f"at most {most:{shown}}", found <= most)


def at_least(least: float, found: float, shown: str = "g") -> str:
    """The target cell of `found`: a lower bound, marked if it was missed."""
    return _target(f"at least {least:{shown}}", found >= least)


def _target(bound: str, met: bool) -> str:
    return bound if met else f"{bound}: **missed**"


def ratios(over: Sequence[float], under: Sequence[float]) -> list[float]:
    """Round by round."""
    return [a / b for a, b in zip(over, under, strict=True)]


def with_range(found: Sequence[float], shown: str = ".2f") -> str:
    """The median of the rounds, with their range if there are several."""
    middle = f"{statistics.median(found):{shown}}"
    return middle if len(found) == 1 else f"{middle} ({min(found):{shown}} to {max(found):{shown}})"
