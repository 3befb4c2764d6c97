# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The facts about the retirement of SMS sign-in, as Microsoft prints them."""

from __future__ import annotations

from datetime import date

DELIVERY_ENDS = date(2027, 2, 1)
"""In the public cloud (Microsoft's retirement FAQ)."""

PUBLIC = "global"
_GOVERNMENT = ("usgov", "usgov_dod")

_FACTOR = (
    "SMS sign-in as a first factor is retired as well, also for customers with a telephony provider of their own;"
    " Microsoft prints no separate date for that."
)


def days_left(cloud: str | None, today: date) -> int | None:
    """From `today` to the end of delivery; None in a cloud for which no date is printed."""
    return (DELIVERY_ENDS - today).days if cloud == PUBLIC else None


def facts(cloud: str | None, today: date | None, after: str) -> str:
    """What is printed for a cloud, empty where nothing is. `after` says what the days are counted from."""
    if cloud in _GOVERNMENT:
        return (
            "SMS sign-in is being retired in the public cloud. US Government clouds follow later; no date is printed."
        )
    if cloud != PUBLIC:
        return ""
    left = None if today is None else days_left(cloud, today)
    over = left is not None and left <= 0
    when = "" if left is None or over else f", {left:,} {'day' if left == 1 else 'days'} {after}"
    return (
        f"Microsoft's own delivery of text messages in the public cloud {'ended' if over else 'ends'} on"
        f" {DELIVERY_ENDS}{when}. {_FACTOR}"
    )


def warning(cloud: str | None, today: date) -> str | None:
    """What to say to a user who enables SMS sign-in; None in a cloud for which no date is printed."""
    if cloud != PUBLIC:
        return None
    return f"{facts(cloud, today, 'from today')} It names passkeys, FIDO2 security keys and QR codes instead."
