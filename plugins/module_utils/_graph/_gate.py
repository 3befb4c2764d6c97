# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The one gate for all requests to Graph: when the next one may be sent, and how many at once."""

from __future__ import annotations

import math
import random
from typing import NamedTuple

from .._domain._waiting import back_off
from .._errors import OutOfTime
from ._budget import Budget

LONGEST_WAIT = 900.0
"""Seconds. A run ends if the service asks for a longer wait; a shorter one is always kept."""

MOST_FRUITLESS_WAITS = 8
LONGEST_THROTTLING = 180.0
"""Consecutive waits, and seconds, without a served request. The run ends when both are exceeded."""

_SHORT = 1.0
"""Seconds. A shorter `Retry-After` is kept once; the next waits in a row grow (exponential back-off)."""

_DOUBLING_BATCHES = 3
"""Batches. Below so many, the window doubles with each round trip: growth = 1.0 per served request."""

_GROWTH = 0.1
"""Growth of the window for each served request above that. Everything in flight is refused when the bucket of the quota
is empty, so the last steps have to be small.
"""

_QUEUEING = 2.0
"""Factor. A call that takes longer than this times the shortest one shows that the service is queueing requests."""


class Answered(NamedTuple):
    """The result of a call, or of all its items. Times in seconds.

    `requests` were sent, `served` of them got a real answer. `throttled`: a quota refused some. `asked` is the longest
    wait that the service requested, for that or because it is down. `percentage` is the used share of the quota,
    `limit` the quota that refused: Read, Write or ReadWrite; None if the service did not report it.
    """

    sent_at: float
    writes: bool
    requests: int
    served: int
    throttled: bool
    asked: float | None = None
    percentage: float | None = None
    limit: str | None = None


class Gate:
    """Pauses, pace and width for all workers.

    The pace is that of three budgets, as Graph's throttle scopes name them: one for reads, one for writes, one for
    both. A refusal that names its scope stops only that scope, so reads go on while writes wait. Any other refusal
    counts for the common budget.

    The width is TCP's congestion window (RFC 5681) counted in requests. It starts with one batch, doubles with each
    served round, later grows by a tenth a round, and stops growing while calls take much longer than the shortest one.
    After a refusal it starts again with one batch.

    `most` is the limit of calls in flight, `size` the limit of requests in one call. Not thread-safe: only the loop of
    an exchange uses it. All times are seconds of one clock.
    """

    def __init__(self, most: int, size: int, jitter: random.Random | None = None) -> None:
        self._most = most
        self._size = size
        self._jitter = jitter or random.Random()
        self._window = float(size)
        self._in_flight = 0
        self._calls = 0
        self._shortest: dict[int, float] = {}
        self._both, self._reads, self._writes = Budget(), Budget(), Budget()
        # Reads and writes separately: one may be served while the other is not.
        self._fruitless = {False: 0, True: 0}
        self._fruitless_since = {False: 0.0, True: 0.0}

    def fresh(self) -> Gate:
        """A new gate of the same size, for a separate quota."""
        return Gate(self._most, self._size, self._jitter)

    def _budgets(self, writes: bool) -> tuple[Budget, Budget]:
        return self._both, self._writes if writes else self._reads

    def permits(self, now: float, writes: bool, waiting: int) -> int:
        """How many of the `waiting` requests may be sent in one call now."""
        if self.opens_at(now, writes, waiting) > now:
            return 0
        budgets = self._budgets(writes)
        return min(waiting, self._room(now, budgets), *(budget.permits(now, self._size) for budget in budgets))

    def opens_at(self, now: float, writes: bool, waiting: int) -> float:
        """When some of the `waiting` requests may be sent; infinite while that depends on an answer."""
        budgets = self._budgets(writes)
        if self._room(now, budgets) < 1:
            return math.inf
        return max(budget.time_for(now, waiting, self._size) for budget in budgets)

    def _room(self, now: float, budgets: tuple[Budget, Budget]) -> int:
        """Requests that may be sent in addition to those in flight: at least a grain, or none."""
        room = min(self._size, int(self._window) - self._in_flight)
        grain = min(budget.grain(now, self._size) for budget in budgets)
        full = self._calls >= self._most or (self._calls > 0 and room < min(grain, self._size))
        return 0 if full else max(1, room)

    def sent(self, now: float, writes: bool, requests: int) -> None:
        """A call with so many requests is sent."""
        self._in_flight += requests
        self._calls += 1
        for budget in self._budgets(writes):
            budget.spend(now, requests, self._size)

    def finished(self, requests: int) -> None:
        """A call with so many requests is no longer in flight, or its result is no longer needed."""
        self._in_flight -= requests
        self._calls -= 1

    def answered(self, now: float, answered: Answered) -> None:
        """Learn from the result of a finished call.

        Raises OutOfTime when the service asks for more than LONGEST_WAIT, or has served no request for
        LONGEST_THROTTLING and MOST_FRUITLESS_WAITS.
        """
        if answered.served:
            self._fruitless[answered.writes] = 0
            for budget in self._budgets(answered.writes):
                budget.served(now, answered.served, answered.percentage if budget is self._both else None)
            if answered.percentage is None and not self._is_queueing(now - answered.sent_at, answered.requests):
                growth = 1.0 if self._window < _DOUBLING_BATCHES * self._size else _GROWTH
                self._window = min(float(self._most * self._size), self._window + growth * answered.served)
        if answered.throttled or answered.asked is not None:
            self._pause(now, answered)

    def suspend(self, now: float, seconds: float) -> None:
        """Send nothing for so long, then start with one batch: the service fails."""
        self._both.pause(now, seconds, learn=False)
        self._window = float(min(self._window, self._size))

    def _is_queueing(self, took: float, requests: int) -> bool:
        shortest = min(took, self._shortest.get(requests, took))
        self._shortest[requests] = shortest
        return took > max(_QUEUEING * shortest, shortest + 0.1)

    def _pause(self, now: float, answered: Answered) -> None:
        asked = answered.asked
        if asked is not None and asked > LONGEST_WAIT:
            shown = f"{asked:.0f} s" if asked < 1e6 else "more than a million seconds"
            raise OutOfTime(
                f"The service asks to wait {shown}, and this module waits {LONGEST_WAIT:.0f} s at most."
                " Run again later."
            )
        budget = {"Read": self._reads, "Write": self._writes}.get(answered.limit or "", self._both)
        fruitless = self._fruitless[answered.writes] + 1
        pause = asked or 0.0
        if asked is None or (asked < _SHORT and fruitless > 1):
            pause = max(pause, back_off(fruitless, self._jitter))
        news = answered.sent_at >= budget.opens_at
        budget.pause(now, pause, learn=news and answered.throttled)
        if news:
            if fruitless == 1:
                self._fruitless_since[answered.writes] = now
            self._fruitless[answered.writes] = fruitless
            self._window = float(min(self._window, self._size))
        lasted = now - self._fruitless_since[answered.writes]
        if self._fruitless[answered.writes] > MOST_FRUITLESS_WAITS and lasted >= LONGEST_THROTTLING:
            raise OutOfTime(f"The service has throttled every request for {lasted:.0f} s. Run again later.")
