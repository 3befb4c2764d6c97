# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""One report as a section of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ._compare import TITLES, Comparison, compare
from ._figures import method_chart, reason_chart, state_charts
from ._groups import groups, states
from ._prose import retirement, summary
from ._source import APPLIED, AUDIT, DRY_RUN, Report
from ._table import Block, block
from ._text import count, escaped, name, names
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
    charts = method_chart(report, prefix) + state_charts(report, prefix) + reason_chart(report, prefix)
    anchors = {group.anchor for group in listed} | {"scope", "states", "retirement", "methods"}
    facts = retirement(report)
    parts: list[str | Block] = [
        f'<section class="report {report.mode.replace(" ", "")}" aria-labelledby="r{number}">{_head(report, number)}',
        f'<p class="lead">{escaped(summary(report))}</p>{tiles(report, anchors, prefix)}',
        f'<p class="fact" id="{prefix}retirement">{escaped(facts)}</p>' if facts else "",
        f'<div class="charts">{charts}</div>',
        *blocks,
        *(_since(report, compare(report, earlier), prefix) if earlier else ()),
        f'<div id="{prefix}scope"><h3>Scope and method</h3><dl>{"".join(_scope(report))}</dl></div></section>',
    ]
    return Section(report, parts)


def _head(report: Report, number: int) -> str:
    tenant = name(report.tenant) if report.tenant else UNNAMED
    facts = [
        f"cloud {escaped(report.cloud or UNKNOWN)}",
        f"state as read at {moment(report)}",
        *([f"desired state {escaped(report.desired)}"] if report.desired else []),
    ]
    return (
        f'<h2 id="r{number}">{tenant} <span class="badge">{BADGES[report.mode]}</span></h2>'
        f'<p class="meta">{" &middot; ".join(facts)}</p>'
    )


def moment(report: Report) -> str:
    return report.time.replace("T", " ").replace("Z", " UTC") if report.time else "a time that is not given"


def _since(report: Report, comparison: Comparison, prefix: str) -> Iterator[str | Block]:
    rows = "".join(
        f'<tr><th scope="row">{TITLES[kind]}</th><td class="n">{number:,}</td></tr>'
        for kind, number in comparison.counts.items()
    )
    earlier = escaped((comparison.earlier or UNKNOWN).replace("T", " ").replace("Z", " UTC"))
    yield (
        f'<div id="{prefix}since"><h3>Since the report of {earlier}</h3><p>Users are matched by object id. On and off'
        " are states of SMS sign-in as read. A user outside the scope of one of the two reports counts as only in the"
        f' other.</p><table class="lines"><thead><tr><th scope="col">State now and before</th>'
        f'<th scope="col" class="n">Users</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )
    for group in comparison.groups:
        yield block(report, group, f"{prefix}{group.anchor}", level=4)


def _scope(report: Report) -> Iterator[str]:
    for label, key, one, many in (
        ("Users", "users", "user", "users"),
        ("Excluded users", "exclude_users", "user", "users"),
    ):
        number = report.scope.get(key)
        if isinstance(number, int):
            yield _fact(label, f"{count(number, one, many)} given by name or object id" if number else "none")
    for label, key in (("Groups", "groups"), ("Excluded groups", "exclude_groups")):
        listed = report.scope.get(key)
        if isinstance(listed, list):
            yield _fact(label, names([text for text in listed if isinstance(text, str)]) or "none")
    unread = states(report, report.state_read)[UNKNOWN]
    yield _fact(
        "Not read", f"the state of {count(unread, 'user', 'users')}" if unread else "nothing: every state was read"
    )
    yield _fact("Collection", f"frontline.entra {escaped(report.version or UNKNOWN)}")


def _fact(label: str, value: str) -> str:
    return f"<div><dt>{label}</dt><dd>{value}</dd></div>"
