# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Tables of users."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ._groups import Group
from ._source import DRY_RUN, Report, User
from ._text import escaped, name
from ._words import METHODS, REASONS_PAGE, UNKNOWN


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


class _Column(NamedTuple):
    heading: str
    show: Callable[[User], str]
    css: str = ""


def block(report: Report, group: Group, anchor: str, level: int = 3) -> Block:
    """A group of users: heading, explanation and table, open or closed."""
    reason = f": <code>{escaped(group.reason)}</code>" if group.reason else ""
    link = f' <a href="{REASONS_PAGE}">All reasons</a>' if group.reason else ""
    text = f"<p>{escaped(group.text)}{link}</p>" if group.text or link else ""
    columns = _columns(report, group)
    heads = "".join(f'<th scope="col">{column.heading}</th>' for column in columns)
    label = f"{group.title}{': ' + group.reason if group.reason else ''}"
    foot = f"{report.tenant or 'tenant not given'} | {report.mode} | {report.time or 'time not given'}"
    return Block(
        before=f"<details{' open' if group.urgent else ''}><summary><h{level}>{escaped(group.title)}{reason}"
        f' <span class="count">{group.total:,}</span></h{level}></summary><div id="{anchor}">{text}',
        opening=f'<div class="scroll" role="region" aria-label="{escaped(label)}" tabindex="0"><table class="users">'
        f"<caption>{escaped(label)}</caption><thead><tr>{heads}</tr></thead>"
        f'<tfoot><tr><td colspan="{len(columns)}">{name(foot)}</td></tr></tfoot><tbody>',
        rows=[_row(columns, user) for user in group.users],
        closing="</tbody></table></div>",
        after="</div></details>",
        total=group.total,
        urgent=group.urgent,
    )


def _row(columns: Sequence[_Column], user: User) -> str:
    first, *others = columns
    cells = "".join(_cell(column, user) for column in others)
    return f'<tr><th scope="row">{first.show(user)}</th>{cells}</tr>'


def _cell(column: _Column, user: User) -> str:
    return f"<td{column.css}>{column.show(user)}</td>"


def _columns(report: Report, group: Group) -> list[_Column]:
    """The columns in which a user of the group has something to show."""
    moved = any(user.previous_state not in (None, user.state) for user in group.users)
    now = "Expected" if report.mode == DRY_RUN else "After"
    told = any(user.msg not in (None, group.text) for user in group.users)
    wanted = [
        (True, _Column("User", lambda user: name(user.user))),
        (moved, _Column("Before", lambda user: escaped(user.previous_state or UNKNOWN))),
        (True, _Column(now if moved else "State", lambda user: escaped(user.state or UNKNOWN))),
        (any(user.phone_number for user in group.users), _Column("Phone", _phone)),
        (any(user.methods is not None for user in group.users), _Column("Other methods", _methods)),
        (any(user.written for user in group.users), _Column("Written to", _written)),
        (told, _Column("Message", lambda user: name(user.msg or ""))),
        (any(user.support for user in group.users), _Column("Support", _support, ' class="id"')),
    ]
    return [column for present, column in wanted if present]


def _phone(user: User) -> str:
    return escaped(user.phone_number or "")


def _written(user: User) -> str:
    return "yes" if user.written else "no"


def _support(user: User) -> str:
    return escaped(user.support)


def _methods(user: User) -> str:
    if user.methods is None:
        return UNKNOWN
    return escaped(", ".join(METHODS.get(method, method) for method in user.methods) or "none")
