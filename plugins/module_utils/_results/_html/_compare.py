# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""What changed since an earlier report of the same tenant, user by user, matched by object id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..._domain._states import READY
from ._groups import Group, group
from ._source import Report
from ._user import User

OFF, ON, OTHER, SAME, UNKNOWN, NEW, GONE = "off", "on", "other", "same", "unknown", "new", "gone"

TITLES = {
    ON: "On now, not on before",
    OFF: "Not on now, on before",
    OTHER: "In another state, on neither time",
    SAME: "In the same state",
    UNKNOWN: "Not comparable: a state is unknown",
    NEW: "Only in this report",
    GONE: "Only in the earlier report",
}
_LISTED = (ON, OFF, NEW, GONE)


class Comparison(NamedTuple):
    """`counts` adds up to the users of both reports; `groups` lists those that moved."""

    earlier: str | None
    counts: dict[str, int]
    groups: list[Group]


def earlier_report(report: Report, candidates: Sequence[Report]) -> Report | None:
    """The newest of the same tenant that is older than the report."""
    tenant, time = (report.tenant or "").casefold(), report.time or ""
    older = [one for one in candidates if tenant and (one.tenant or "").casefold() == tenant and _before(one, time)]
    return max(older, key=lambda one: one.time or "", default=None)


def compare(report: Report, earlier: Report) -> Comparison:
    by_id = {user.id.casefold(): user for user in earlier.users if user.id}
    by_name = {user.user.casefold(): user for user in earlier.users}
    found: dict[str, list[User]] = {kind: [] for kind in TITLES}
    seen = set()
    for user in report.users:
        match = by_id.get((user.id or "").casefold()) or by_name.get(user.user.casefold())
        if match and user.id and match.id and user.id.casefold() != match.id.casefold():
            match = None  # another account under the same name
        seen.add(id(match))
        found[_kind(report, user, earlier, match)].append(user)
    found[GONE] = [user for user in earlier.users if id(user) not in seen]
    listed = [group(f"since-{kind}", TITLES[kind], found[kind]) for kind in _LISTED if found[kind]]
    return Comparison(earlier.time, {kind: len(users) for kind, users in found.items()}, listed)


def _before(report: Report, time: str) -> bool:
    return report.time is not None and report.time < time


def _kind(report: Report, user: User, earlier: Report, match: User | None) -> str:
    if match is None:
        return NEW
    now, before = report.state_read(user), earlier.state_read(match)
    if now is None or before is None:
        return UNKNOWN
    if now == before:
        return SAME
    return ON if now == READY else OFF if before == READY else OTHER
