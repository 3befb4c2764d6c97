# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""When the failures of one request are believed.

A request can fail because of its user, or because the service fails for all. The difference: whether others are served
meanwhile. Reads and writes are counted apart.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from .._domain._waiting import back_off

MOST_READS = 5
MOST_WRITES = 4
"""Times that a read and a write are tried before their failure may be believed."""

LEAST_THROTTLED = 45.0
"""Seconds that a request is throttled before that may be believed."""

LONGEST_OUTAGE = 120.0
"""Seconds without a served request, once one was served, after which failures are believed and silence ends a run."""

LONGEST_PAUSE = 10.0
"""Seconds between two tries while the service fails, at most: it may be back at any moment."""

_MOST_THROTTLED = 5
_OFTEN = 3
"""Times that others were served in between, beyond chance: calls that were under way may still be served."""


@dataclass
class Served:
    """How many requests of a kind, reads or writes, got a real answer, and when the last one did."""

    count: int = 0
    at: float = 0.0


@dataclass
class Trouble:
    """The failures of one request so far.

    `since` is a time of the clock. `served` is Served.count at the last failure, or before the first one.
    """

    since: float
    served: int
    times: int = 0
    passed_over: int = 0
    """Failures beside which, or since the last one, others were served."""

    def note(self, served: Served, beside: bool = False) -> None:
        """The request failed once more. `beside`: whether the same call served others."""
        self.times += 1
        self.passed_over += beside or served.count > self.served
        self.served = served.count

    def singled_out(self) -> bool:
        """Whether others are served again and again while this request is not."""
        return self.passed_over >= _OFTEN

    def pause(self, throttled: bool, jitter: random.Random) -> float:
        """Seconds until the next try.

        A throttled request waits at the gate with all others. One that is singled out waits longer, so that the others
        go on.
        """
        if throttled and not self.singled_out():
            return 0.0
        return min(LONGEST_PAUSE, back_off(self.times, jitter))

    def believed(self, now: float, served: Served, writes: bool, alone: Callable[[], bool]) -> bool:
        """Whether an error is specific to this request. `alone`: whether every waiting request is in trouble."""
        tried = self.times >= (MOST_WRITES if writes else MOST_READS)
        if not served.count or self.singled_out():
            return tried
        if now - served.at >= LONGEST_OUTAGE:
            return tried or (self.passed_over > 0 and alone())
        return tried and self.passed_over > 0 and alone()

    def throttled_for_good(self, now: float, served: Served, alone: Callable[[], bool]) -> bool:
        """Whether the service throttles this request and no other."""
        lasted = now - self.since
        if self.times < _MOST_THROTTLED or lasted < LEAST_THROTTLED or not served.count:
            return False
        if self.passed_over >= _MOST_THROTTLED:
            return True
        return (self.passed_over > 0 or lasted >= LONGEST_OUTAGE) and alone()
