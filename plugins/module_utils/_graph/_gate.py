# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The one gate through which every call to Graph goes: when the next may be sent, and how many at once."""

from __future__ import annotations

import random

from .._domain._waiting import back_off
from .._errors import OutOfTime

LONGEST_WAIT = 900.0
"""Seconds. A service that asks for more has said no for this run; a shorter wait is never cut short."""

MOST_FRUITLESS_WAITS = 8
"""Waits in a row, after none of which one request was served: about two minutes of exponential back-off."""


class Gate:
    """Pauses for all at once, and a width that feels its way.

    The width is TCP's congestion window (RFC 5681) counted in calls. It starts at one and doubles with every round
    that is served. After a throttling it starts at
    one again, so that the end of a wait is no burst; beyond half of what it had been it grows by one a round. Calls
    throttled together count once.
    Not thread-safe: only the loop of an exchange asks it. All times are seconds of one clock.
    """

    def __init__(self, most: int, jitter: random.Random | None = None) -> None:
        self._most = float(most)
        self._jitter = jitter or random.Random()
        self._width = 1.0
        self._threshold = float(most)
        # Reads and writes apart: that the one is served is no sign for the other.
        self._fruitless = {False: 0, True: 0}
        self.opens_at = 0.0

    @property
    def width(self) -> int:
        """How many calls may be in flight."""
        return int(self._width)

    def served(self, writes: bool) -> None:
        """A call came back with something served in it; `writes` tells reads and writes apart."""
        self._fruitless[writes] = 0
        growth = 1.0 if self._width < self._threshold else 1.0 / self._width
        self._width = min(self._most, self._width + growth)

    def throttled(self, now: float, sent_at: float, retry_after: float | None, writes: bool) -> None:
        """A call, or an item of it, was told to come later. `retry_after` is what the service asked for, in seconds.

        Raises OutOfTime when it asks for more than LONGEST_WAIT, or has refused MOST_FRUITLESS_WAITS times in a row.
        """
        if retry_after is not None and retry_after > LONGEST_WAIT:
            raise OutOfTime(
                f"The service asks to wait {retry_after:.0f} s, and this module waits {LONGEST_WAIT:.0f} s at most."
                " Run again later."
            )
        if sent_at >= self.opens_at:
            # News: sent after the last wait was over. Anything else left before we knew of that wait.
            self._fruitless[writes] += 1
            self._threshold = max(1.0, self._width / 2)
            self._width = 1.0
        if self._fruitless[writes] > MOST_FRUITLESS_WAITS:
            raise OutOfTime("The service has been too busy for too long. Run again later.")
        pause = back_off(self._fruitless[writes], self._jitter) if retry_after is None else retry_after
        self.opens_at = max(self.opens_at, now + pause)
