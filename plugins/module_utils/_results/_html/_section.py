# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""One report as a section of the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ._bar_lists import method_chart, reason_chart
from ._compare import compare
from ._groups import groups
from ._prose import summary
from ._retirement import retirement
from ._scope import scope
from ._since import since
from ._source import APPLIED, AUDIT, DRY_RUN, Report
from ._states_figure import state_charts
from ._table import Block, block
from ._text import escaped, moment, name
from ._tiles import tiles
from ._words import UNKNOWN

BADGES = {
    DRY_RUN: "Dry run: nothing was changed",
    APPLIED: "Applied",
    AUDIT: "Audit: read only",
}
UNNAMED = "Tenant not given"


class Section(NamedTuple):
    """`parts` are texts, and tables that may be cut."""

    report: Report
    parts: Sequence[str | Block]

    @property
    def blocks(self) -> list[Block]:
        return [part for part in self.parts if isinstance(part, Block)]

    def text(self, shown: Callable[[Block], int]) -> str:
        return "".join(part if isinstance(part, str) else part.text(shown(part)) for part in self.parts)


def section(report: Report, earlier: Report | None, number: int) -> Section:
    prefix, listed = f"r{number}-", groups(report)
    blocks = [block(report, group, f"{prefix}{group.anchor}") for group in listed]
    charts = state_charts(report, prefix) + method_chart(report, prefix) + reason_chart(report, prefix)
    anchors = {group.anchor for group in listed} | {"scope", "states", "retirement", "methods"}
    facts = retirement(report)
    parts: list[str | Block] = [
        _head(report, number),
        f'<p class="lead">{escaped(summary(report))}</p>{tiles(report, anchors, prefix)}',
        f'<p class="fact" id="{prefix}retirement">{escaped(facts)}</p>' if facts else "",
        f'<div class="charts">{charts}</div>',
        *blocks,
        *(since(report, compare(report, earlier), prefix) if earlier else ()),
        f"{scope(report, prefix)}</section>",
    ]
    return Section(report, parts)


def _head(report: Report, number: int) -> str:
    tenant = name(report.tenant) if report.tenant else UNNAMED
    facts = [
        f"cloud {escaped(report.cloud or UNKNOWN)}",
        f"state as read at {moment(report.time)}",
        *([f"desired state {escaped(report.desired)}"] if report.desired else []),
    ]
    return (
        f'<section class="report {report.mode.replace(" ", "")}" aria-labelledby="r{number} r{number}-about">'
        f'<h2 id="r{number}">{tenant} <span class="badge">{BADGES[report.mode]}</span></h2>'
        f'<p class="meta" id="r{number}-about">{" &middot; ".join(facts)}</p>'
    )
