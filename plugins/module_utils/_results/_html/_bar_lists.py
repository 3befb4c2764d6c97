# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The bar lists of a report: reasons, and what is left without SMS sign-in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ..._domain._states import READY
from .. import _outcomes as outcomes
from ._charts import bar_list
from ._counts import few, reasons
from ._source import AUDIT, Report
from ._text import escaped
from ._user import User
from ._words import METHODS, UNKNOWN

_NONE, _ONLY_PASSWORD = "none", "only a password and phones"
_WORST = (_NONE, _ONLY_PASSWORD, UNKNOWN)


def reason_chart(report: Report, prefix: str) -> str:
    """How often each reason was met; empty without any."""
    counts = reasons(report, outcomes.FAILED, outcomes.REFUSED, outcomes.SKIPPED)
    rows = [(f"<code>{escaped(reason)}</code>", number) for reason, number in few(counts).items()]
    title = "Reasons of refused, failed and skipped users"
    return bar_list(f"{prefix}reasons", title, "Reason", rows, len(report.users)) if rows else ""


def method_chart(report: Report, prefix: str) -> str:
    """What users with SMS sign-in on could use instead; a user counts once for each method."""
    on = [user for user in report.users if user.state == READY]
    if report.mode != AUDIT or not on:
        return ""
    counts = few(_methods_of(on))
    rows = [(escaped(label), counts[label]) for label in sorted(counts, key=lambda label: label not in _WORST)]
    title = "What users with SMS sign-in on have besides (a user can have several)"
    return bar_list(f"{prefix}methods", title, "Other method", rows, len(on))


def _methods_of(users: Iterable[User]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for user in users:
        if user.methods is None:
            counts[UNKNOWN] += 1
        elif user.only_password:
            counts[_ONLY_PASSWORD] += 1
        else:
            counts.update(METHODS.get(method, method) for method in set(user.methods) or {_NONE})
    return counts
