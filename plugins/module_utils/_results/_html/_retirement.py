# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The facts about the retirement of SMS sign-in, as Microsoft prints them."""

from __future__ import annotations

from datetime import date

from ._source import Report
from ._text import count

DELIVERY_ENDS = date(2027, 2, 1)
"""In the public cloud (Microsoft's retirement FAQ)."""


def retirement(report: Report) -> str:
    """The facts about the retirement for the tenant's cloud, with the days left when the report was made."""
    if report.cloud in ("usgov", "usgov_dod"):
        return (
            "SMS sign-in is being retired in the public cloud. US Government clouds follow later; no date is printed."
        )
    if report.cloud != "global":
        return ""
    left = days_left(report)
    over = left is not None and left <= 0
    when = "" if left is None or over else f", {count(left, 'day', 'days')} after this report"
    return (
        f"Microsoft's own delivery of text messages in the public cloud {'ended' if over else 'ends'} on"
        f" {DELIVERY_ENDS}{when}. SMS sign-in as a first factor is retired as well, also for customers with a telephony"
        " provider of their own; Microsoft prints no separate date for that."
    )


def days_left(report: Report) -> int | None:
    """From the time of the report to the end of delivery in the public cloud; None where that does not apply."""
    if report.cloud != "global" or report.time is None:
        return None
    try:
        return (DELIVERY_ENDS - date.fromisoformat(report.time[:10])).days
    except ValueError:
        return None
