# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The page: a pure function of reports, with a limit for its size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ._budget import fitting
from ._compare import earlier_report
from ._media import MEDIA
from ._order import ordered_by_trouble, tenant_key
from ._overview import overview
from ._rows import around_rows, rows_shown
from ._schema import SCHEMA_VERSION
from ._section import UNNAMED, section
from ._source import Report
from ._style import STYLE
from ._text import count, escaped, moment

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
    """The same reports give the same text; reports of several tenants and times do in any order."""
    ordered = ordered_by_trouble(reports)
    sections = [section(report, earlier_report(report, earlier), number) for number, report in enumerate(ordered, 1)]
    frames = [len(one.text(lambda block: 0).encode()) + around_rows(one) for one in sections]
    kept = sections[: fitting(frames, _BYTES_WITHOUT_ROWS)]
    head = _head(ordered) + (overview(ordered, len(kept)) if len(ordered) > 1 else "")
    foot = _foot()
    shown = rows_shown(kept, MOST_BYTES - len((head + foot).encode()) - sum(frames[: len(kept)]))
    text = "".join([head, *(one.text(lambda block: shown[id(block)]) for one in kept), foot])
    return Page(text, sum(block.total - shown.get(id(block), 0) for one in sections for block in one.blocks))


def _head(reports: Sequence[Report]) -> str:
    tenants = count(len({tenant_key(report) for report in reports}), "tenant", "tenants")
    first = reports[0]
    about = f"{first.tenant or UNNAMED} ({first.mode}, {moment(first.time)})" if len(reports) == 1 else tenants
    lead = "" if len(reports) == 1 else f'<p class="lead">{count(len(reports), "report", "reports")} of {tenants}.</p>'
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>SMS sign-in report: {escaped(about)}</title>\n<style>\n{STYLE}{MEDIA}</style>\n</head>\n<body>\n"
        f"<header><h1>SMS sign-in report</h1>{lead}</header>\n<main>\n"
    )


def _foot() -> str:
    return (
        "\n</main>\n<footer><p>Made from JSON reports of the Ansible collection frontline.entra, schema version"
        f" {SCHEMA_VERSION}. The JSON reports list every user. Phone numbers are masked. Unknown means not read, never"
        " zero.</p></footer>\n</body>\n</html>\n"
    )
