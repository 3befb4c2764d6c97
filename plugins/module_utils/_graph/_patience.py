# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""When the failures of one request are final.

A request can fail because of its user, or because the service fails for all. The difference is whether others are
served at the same time. Reads and writes are counted separately.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from .._domain._waiting import back_off

MOST_READS = 5
MOST_WRITES = 4
"""Attempts of a read and of a write before their failure may be final."""

LEAST_THROTTLED = 45.0
"""Seconds that a request must be throttled before that may be final."""

LONGEST_OUTAGE = 120.0
"""Seconds without a served request, after the first one, until failures are final and silence ends the run."""

LONGEST_PAUSE = 10.0
"""Seconds between two attempts while the service fails, at most."""

_MOST_THROTTLED = 5
_OFTEN = 3
"""Times that others must be served in between: fewer can be calls that were already under way."""


@dataclass
class Served:
    """How many requests of a kind (reads or writes) were served, and when the last one was."""

    count: int = 0
    at: float = 0.0


@dataclass
class Failures:
    """The failures of one request so far.

    `since` is a time of the clock. `served` is Served.count at the last failure, or before the first one.
    """

    since: float
    served: int
    times: int = 0
    others_served: int = 0
    """Failures during which, or since the last of which, others were served."""

    def note(self, served: Served, beside: bool = False) -> None:
        """Count one more failure. `beside`: whether the same call served others."""
        self.times += 1
        self.others_served += beside or served.count > self.served
        self.served = served.count

    def singled_out(self) -> bool:
        """Whether others are served repeatedly while this request is not."""
        return self.others_served >= _OFTEN

    def pause(self, throttled: bool, jitter: random.Random) -> float:
        """Seconds until the next attempt.

        A throttled request waits at the gate with all others. One that is singled out waits longer, so that the others
        continue.
        """
        if throttled and not self.singled_out():
            return 0.0
        return min(LONGEST_PAUSE, back_off(self.times, jitter))

    def is_conclusive(self, now: float, served: Served, writes: bool, alone: Callable[[], bool]) -> bool:
        """Whether the error is specific to this request. `alone`: whether every waiting request has failed before."""
        tried = self.times >= (MOST_WRITES if writes else MOST_READS)
        if not served.count or self.singled_out():
            return tried
        if now - served.at >= LONGEST_OUTAGE:
            return tried or (self.others_served > 0 and alone())
        return tried and self.others_served > 0 and alone()

    def throttled_for_good(self, now: float, served: Served, alone: Callable[[], bool]) -> bool:
        """Whether the service throttles only this request."""
        lasted = now - self.since
        if self.times < _MOST_THROTTLED or lasted < LEAST_THROTTLED or not served.count:
            return False
        if self.others_served >= _MOST_THROTTLED:
            return True
        return (self.others_served > 0 or lasted >= LONGEST_OUTAGE) and alone()
