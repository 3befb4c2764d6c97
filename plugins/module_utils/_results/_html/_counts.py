# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""How many users: by state and by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from ._source import Report
from ._user import User
from ._words import UNKNOWN

MOST_LINES = 12
"""Lines of a table beside a chart; the rest is one line."""

_REST = "other"


def reasons(report: Report, *kinds: str) -> Counter[str]:
    """How many users of these outcomes have which reason, the most frequent first."""
    counted = Counter(user.reason or UNKNOWN for user in report.users if user.outcome in kinds)
    return Counter(dict(sorted(counted.items(), key=lambda item: (-item[1], item[0]))))


def states(report: Report, read: Callable[[User], str | None]) -> Counter[str]:
    """How many users are in which state; UNKNOWN is a state that was not read."""
    return Counter(read(user) or UNKNOWN for user in report.users)


def few(counts: Counter[str]) -> Counter[str]:
    """The most frequent ones and the sum of the rest."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    found = Counter(dict(ranked[:MOST_LINES]))
    rest = sum(number for _key, number in ranked[MOST_LINES:])
    if rest:
        found[_REST] += rest
    return found
