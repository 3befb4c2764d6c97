# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The users of a report in groups, the worst first: each group becomes a table."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nsmallest
from typing import NamedTuple

from ..._domain._states import READY
from ..._entra._authentication_methods import of_use
from .. import _outcomes as outcomes
from ._counts import reasons
from ._source import AUDIT, Report
from ._user import User
from ._words import UNKNOWN, explanation, in_words, title

MOST_ROWS = 1000
"""Rows of one tenant."""

MOST_REASONS = 20
"""Reasons that get a table of their own."""


class Group(NamedTuple):
    """Users of one table. `users` has the first MOST_ROWS of them by name, `total` counts all."""

    anchor: str
    title: str
    reason: str | None
    text: str
    users: Sequence[User]
    total: int
    urgent: bool


def group(
    anchor: str, heading: str, users: Sequence[User], text: str = "", reason: str | None = None, urgent: bool = False
) -> Group:
    first = nsmallest(MOST_ROWS, users, key=lambda user: (user.user.casefold(), user.user, user.id or ""))
    return Group(anchor, heading, reason, text, first, len(users), urgent)


def groups(report: Report) -> list[Group]:
    """All groups of a report but the unchanged users, who are only counted."""
    found = [*_by_reason(report, outcomes.FAILED), *_plain(report, outcomes.PLANNED, outcomes.SKIPPED)]
    found += [*_by_reason(report, outcomes.REFUSED), *_alone(report)]
    return [*found, *_plain(report, outcomes.CHANGED, outcomes.DEFERRED)]


def _by_reason(report: Report, kind: str) -> list[Group]:
    chosen = [user for user in report.users if user.outcome == kind]
    listed = list(reasons(report, kind))[:MOST_REASONS]
    parts: dict[str | None, list[User]] = {reason: [] for reason in listed}
    for user in chosen:
        reason = user.reason or UNKNOWN
        parts.setdefault(reason if reason in listed else None, []).append(user)
    heading = title(report, kind)
    return [
        group(f"{kind}{number}", heading, users, _text(kind, reason, users), reason or "other reasons", urgent=True)
        for number, (reason, users) in enumerate(parts.items(), 1)
    ]


def _text(kind: str, reason: str | None, users: Sequence[User]) -> str:
    """What the reason means, or the message that all its users have."""
    messages = {user.msg for user in users}
    return explanation(kind, reason) or (messages.pop() or "" if len(messages) == 1 else "")


def _plain(report: Report, *kinds: str) -> list[Group]:
    found = [(kind, [user for user in report.users if user.outcome == kind]) for kind in kinds]
    return [
        group(f"{kind}1", title(report, kind), users, _text(kind, None, users), urgent=kind in _URGENT)
        for kind, users in found
        if users
    ]


_URGENT = (outcomes.SKIPPED, outcomes.PLANNED)


def _alone(report: Report) -> list[Group]:
    """Users of an audit with SMS sign-in on who have nothing but a password and phones, or nothing that is usable."""
    chosen = [user for user in report.users if report.mode == AUDIT and user.state == READY and user.only_password]
    text = "SMS sign-in is on, and nothing but a password and phones is registered. Register another method first."
    found = [group("alone1", "No other method than a password", chosen, text, urgent=True)] if chosen else []
    rest = [user for user in report.users if report.usable is not None and _is_alone(user, report.usable)]
    text = f"SMS sign-in is on, and none of these methods is registered: {in_words(report.usable or ())}."
    return [*found, group("alone2", "Other methods, but no usable one", rest, text, urgent=True)] if rest else found


def _is_alone(user: User, usable: Sequence[str]) -> bool:
    """Whether nothing usable is registered, and yet something besides a password and phones."""
    known = user.state == READY and user.methods is not None and not user.only_password
    return known and not of_use(tuple(user.methods or ()), usable)
