# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Columns of tables of users: which ones a table has, and their cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ._groups import Group
from ._source import DRY_RUN, Report
from ._text import escaped, name
from ._user import User
from ._words import UNKNOWN, in_words


class Column(NamedTuple):
    heading: str
    show: Callable[[User], str]
    css: str = ""


def row(chosen: Sequence[Column], user: User) -> str:
    first, *others = chosen
    cells = "".join(_cell(column, user) for column in others)
    return f'<tr><th scope="row">{first.show(user)}</th>{cells}</tr>'


def _cell(column: Column, user: User) -> str:
    return f"<td{column.css}>{column.show(user)}</td>"


def columns(report: Report, group: Group) -> list[Column]:
    """The columns in which a user of the group has something to show."""
    moved = any(user.previous_state not in (None, user.state) for user in group.users)
    now = "Expected" if report.mode == DRY_RUN else "After"
    messages = any(user.msg not in (None, group.text) for user in group.users)
    phones = any(user.phones is not None for user in group.users)
    wanted = [
        (True, Column("User", lambda user: name(user.user))),
        (moved, Column("Before", lambda user: escaped(user.previous_state or UNKNOWN))),
        (True, Column(now if moved else "State", lambda user: escaped(user.state or UNKNOWN))),
        (any(user.phone_number for user in group.users) and not phones, Column("Phone", _phone)),
        (phones, Column("Numbers before", lambda user: _numbers(user.previous_phones))),
        (
            phones,
            Column(f"Numbers {'expected' if report.mode == DRY_RUN else 'after'}", lambda user: _numbers(user.phones)),
        ),
        (any(user.methods is not None for user in group.users), Column("Other methods", _methods)),
        (any(user.written for user in group.users), Column("Written to", _written)),
        (messages, Column("Message", lambda user: name(user.msg or ""))),
        (any(user.support for user in group.users), Column("Support", _support, ' class="id"')),
    ]
    return [column for present, column in wanted if present]


def _phone(user: User) -> str:
    return escaped(user.phone_number or "")


def _numbers(phones: str | None) -> str:
    return UNKNOWN if phones is None else escaped(phones or "none")


def _written(user: User) -> str:
    return "yes" if user.written else "no"


def _support(user: User) -> str:
    return escaped(user.support)


def _methods(user: User) -> str:
    if user.methods is None:
        return UNKNOWN
    return escaped(in_words(user.methods) or "none")
