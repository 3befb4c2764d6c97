# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The page: a pure function of reports, with a limit for its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..._domain import _outcomes as outcomes
from ._budget import fitting, shared
from ._compare import earlier_report
from ._groups import MOST_ROWS
from ._overview import overview
from ._section import UNNAMED, Section, moment, section
from ._source import SCHEMA_VERSION, Report
from ._style import STYLE
from ._table import Block
from ._text import count, escaped

MOST_BYTES = 1_000_000
_BYTES_WITHOUT_ROWS = 600_000
"""What sections may take besides their rows, so that there is room for rows."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Enforced by the browser: no script, no network."""


class Page(NamedTuple):
    """`omitted` counts users that have a table and are not listed in it."""

    text: str
    omitted: int


def page(reports: Sequence[Report], earlier: Sequence[Report] = ()) -> Page:
    """The same reports give the same text, in any order."""
    ordered = _ordered(reports)
    sections = [section(report, earlier_report(report, earlier), number) for number, report in enumerate(ordered, 1)]
    frames = [len(one.text(lambda block: 0).encode()) + _tables(one) for one in sections]
    kept = sections[: fitting(frames, _BYTES_WITHOUT_ROWS)]
    head = _head(ordered) + (overview(ordered, len(kept)) if len(ordered) > 1 else "")
    foot = _foot()
    shown = _rows_shown(kept, MOST_BYTES - len((head + foot).encode()) - sum(frames[: len(kept)]))
    text = "".join([head, *(one.text(lambda block: shown[id(block)]) for one in kept), foot])
    return Page(text, sum(block.total - shown.get(id(block), 0) for one in sections for block in one.blocks))


def _tables(one: Section) -> int:
    """Bytes of what stands around rows, and of the words about omitted ones when there are rows."""
    return sum(len((block.opening + block.closing).encode()) + len(" more ") for block in one.blocks)


def _ordered(reports: Sequence[Report]) -> list[Report]:
    """The tenants with most failures first, the reports of one tenant together, by time."""
    worst: dict[str, int] = {}
    for report in reports:
        troubled = sum(user.outcome in _TROUBLE for user in report.users)
        worst[_tenant(report)] = max(worst.get(_tenant(report), 0), troubled)
    return sorted(reports, key=lambda one: (-worst[_tenant(one)], _tenant(one), one.time or "", one.mode))


_TROUBLE = (outcomes.FAILED, outcomes.SKIPPED, outcomes.PLANNED)


def _tenant(report: Report) -> str:
    return (report.tenant or "").casefold()


def _rows_shown(sections: Sequence[Section], budget: int) -> Mapping[int, int]:
    """How many rows each block shows, by its identity: equal parts of the budget for tenants, urgent blocks first."""
    tenants: dict[str, list[Block]] = {}
    for one in sections:
        tenants.setdefault(_tenant(one.report), []).extend(one.blocks)
    listed = [sorted(blocks, key=lambda block: not block.urgent) for blocks in tenants.values()]
    sizes = [[len(row.encode()) for block in blocks for row in block.rows][:MOST_ROWS] for blocks in listed]
    shown = {}
    for blocks, rows, given in zip(listed, sizes, shared([sum(rows) for rows in sizes], budget)):
        left = fitting(rows, given)
        for block in blocks:
            shown[id(block)] = min(left, len(block.rows))
            left -= shown[id(block)]
    return shown


def _head(reports: Sequence[Report]) -> str:
    tenants = count(len({_tenant(report) for report in reports}), "tenant", "tenants")
    first = reports[0]
    about = f"{first.tenant or UNNAMED} ({first.mode}, {moment(first)})" if len(reports) == 1 else tenants
    lead = "" if len(reports) == 1 else f'<p class="lead">{count(len(reports), "report", "reports")} of {tenants}.</p>'
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>SMS sign-in report: {escaped(about)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>SMS sign-in report</h1>{lead}</header>\n<main>\n"
    )


def _foot() -> str:
    return (
        "\n</main>\n<footer><p>Made from JSON reports of the Ansible collection frontline.entra, schema version"
        f" {SCHEMA_VERSION}. The JSON reports list every user. Phone numbers are masked. Unknown means not read, never"
        " zero.</p></footer>\n</body>\n</html>\n"
    )
