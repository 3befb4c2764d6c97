# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The facts about the retirement of SMS sign-in, with the days left when a report was made."""

from __future__ import annotations

from datetime import date

from ..._domain import _retirement
from ._source import Report


def retirement(report: Report) -> str:
    """The facts for the tenant's cloud, empty where nothing is printed."""
    return _retirement.facts(report.cloud, _day_of(report), "after this report")


def days_left(report: Report) -> int | None:
    """From the time of the report to the end of delivery in the public cloud; None where that does not apply."""
    day = _day_of(report)
    return None if day is None else _retirement.days_left(report.cloud, day)


def _day_of(report: Report) -> date | None:
    try:
        return date.fromisoformat(report.time[:10]) if report.time else None
    except ValueError:
        return None
