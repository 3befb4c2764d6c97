# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The order of reports on a page."""

from __future__ import annotations

from collections.abc import Sequence

from .. import _outcomes as outcomes
from ._source import Report


def ordered_by_trouble(reports: Sequence[Report]) -> list[Report]:
    """The tenants with most failures first, the reports of one tenant together, by time."""
    worst: dict[str, int] = {}
    for report in reports:
        troubled = sum(user.outcome in _TROUBLE for user in report.users)
        worst[tenant_key(report)] = max(worst.get(tenant_key(report), 0), troubled)
    return sorted(reports, key=lambda one: (-worst[tenant_key(one)], tenant_key(one), one.time or "", one.mode))


_TROUBLE = (outcomes.FAILED, outcomes.SKIPPED, outcomes.PLANNED)


def tenant_key(report: Report) -> str:
    return (report.tenant or "").casefold()
