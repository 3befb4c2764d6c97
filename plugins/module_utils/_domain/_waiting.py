# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""How long to wait: as the service requests, or else a back-off."""

from __future__ import annotations

import email.utils
import math
import random
import re
from collections.abc import Mapping
from datetime import timezone
from typing import Any

_SECONDS = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def wait_of(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that an answer asks to wait, None if it names none. `headers` have names in lower case.

    A date is compared with the clock of the service, which the `Date` header shows, else with `now`.
    """
    date = parse_date(headers.get("date"))
    return parse_retry_after(headers.get("retry-after"), now if date is None else date)


def parse_retry_after(value: Any, now: float) -> float | None:
    """Seconds to wait, from a `Retry-After` in seconds (fractions occur) or as an HTTP date; None if it is neither.

    Of several values in seconds, which a proxy may have joined by commas, the longest counts. `now` is in seconds
    since the epoch, for the date form.
    """
    if value is None:
        return None
    parts = [part.strip() for part in str(value).split(",")]
    if all(_SECONDS.fullmatch(part) for part in parts):
        seconds = max(float(part) for part in parts)
    else:
        date = parse_date(value)
        if date is None:
            return None
        seconds = date - now
    return max(0.0, seconds) if math.isfinite(seconds) else None


def parse_date(value: Any) -> float | None:
    """An HTTP date in seconds since the epoch; None if it is none. One without a time zone is in UTC (RFC 9110)."""
    try:
        date = email.utils.parsedate_to_datetime(str(value).strip())
        return (date if date.tzinfo else date.replace(tzinfo=timezone.utc)).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def back_off(failures: int, jitter: random.Random) -> float:
    """Seconds to wait after so many failures in a row: 0.5, 1, 2, ... 60, spread by a quarter to each side."""
    return min(60.0, 0.5 * 2.0 ** (failures - 1)) * jitter.uniform(0.75, 1.25)
