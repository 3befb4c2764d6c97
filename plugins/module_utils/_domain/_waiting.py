# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""How long to wait: what a service asks for, and what to do when it asks for nothing."""

from __future__ import annotations

import email.utils
import math
import random
from typing import Any


def parse_retry_after(value: Any, now: float) -> float | None:
    """Seconds to wait, from a `Retry-After` in seconds (fractions occur) or as an HTTP date; None if it is neither.

    `now` is in seconds since the epoch, for the date form.
    """
    if value is None:
        return None
    text = str(value).strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(text).timestamp() - now
        except (TypeError, ValueError, IndexError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def back_off(failures: int, jitter: random.Random) -> float:
    """Seconds to wait after so many failures in a row: 0.5, 1, 2, ... 60, spread by a quarter to each side."""
    return min(60.0, 0.5 * 2.0 ** (failures - 1)) * jitter.uniform(0.75, 1.25)
