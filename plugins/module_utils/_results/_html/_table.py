# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Tables of users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ._columns import columns, row
from ._groups import Group
from ._source import Report
from ._text import escaped, name
from ._words import reason_page


class Block(NamedTuple):
    """Text with a table in it that may show fewer rows than there are users."""

    before: str
    opening: str
    rows: Sequence[str]
    closing: str
    after: str
    total: int
    urgent: bool

    def text(self, shown: int) -> str:
        table = "".join((self.opening, *self.rows[:shown], self.closing)) if shown else ""
        return f"{self.before}{table}{self._omitted(self.total - shown, shown)}{self.after}"

    def _omitted(self, number: int, shown: int) -> str:
        if not number:
            return ""
        more = f"{number:,} {'more ' if shown else ''}{'user is' if number == 1 else 'users are'}"
        return f'<p class="more">{more} not listed here. The JSON report has every user.</p>'


def block(report: Report, group: Group, anchor: str, level: int = 3) -> Block:
    """A group of users: heading, explanation and table, open or closed."""
    reason = f": <code>{escaped(group.reason)}</code>" if group.reason else ""
    page = reason_page(group.reason)
    link = f' <a href="{page}">Cause and what to do</a>' if page else ""
    text = f"<p>{escaped(group.text)}{link}</p>" if group.text or link else ""
    shown = columns(report, group)
    heads = "".join(f'<th scope="col">{column.heading}</th>' for column in shown)
    label = f"{group.title}{': ' + group.reason if group.reason else ''}"
    foot = f"{report.tenant or 'tenant not given'} | {report.mode} | {report.time or 'time not given'}"
    return Block(
        before=f"<details{' open' if group.urgent else ''}><summary><h{level}>{escaped(group.title)}{reason}"
        f' <span class="count">{group.total:,}</span></h{level}></summary><div id="{anchor}">{text}',
        opening=f'<div class="scroll" role="group" aria-label="{escaped(label)}" tabindex="0"><table class="users">'
        f"<caption>{escaped(label)}</caption><thead><tr>{heads}</tr></thead>"
        f'<tfoot><tr><td colspan="{len(shown)}">{name(foot)}</td></tr></tfoot><tbody>',
        rows=[row(shown, user) for user in group.users],
        closing="</tbody></table></div>",
        after="</div></details>",
        total=group.total,
        urgent=group.urgent,
    )
