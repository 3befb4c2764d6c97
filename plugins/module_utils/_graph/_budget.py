# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""What one quota of the service permits, found out by using it.

A service that throttles holds a bucket: it fills at the rate of the quota, and every request takes from it. Neither the
rate nor the size of the bucket is published for phone methods, and both may change during a run. The service
reports that the bucket is empty (429); some services also report how much is used (`x-ms-throttle-limit-percentage`).

The rate follows from that without knowing the size: **between two moments at which the bucket stood alike, as much was
served as flowed in.** So the requests served between two refusals, or between two answers with the same percentage,
divided by the time between them, are the quota. That is how BBR finds the rate of a token-bucket policer ("long-term
bandwidth sampling", Cardwell and others, BBR in Linux: delivered packets over the time between two losses), with the
percentage as a second source, which needs no loss.

What is known is used: requests are paced at that rate, a little below it after a refusal. What may have changed is
tried: without a sign for a while the pace grows with the cube of the time since, as CUBIC grows its window (RFC 9438):
hardly at first, then fast. Each time the old quota shows again, the next trial waits twice as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

GRAIN = 0.25
"""Seconds whose requests are sent at once: few of them at a slow pace, a full batch at a fast one."""

HOLD = 2.0
LONGEST_HOLD = 64.0
"""Seconds without a sign until more is tried, at first and at most."""

TRIAL = 8.0
TRIAL_WHEN_TOLD = 4.0
TRIAL_OF_A_GUESS = 2.0
"""Seconds of a trial after which twice the known pace is asked for. It is bolder where the service tells in time, and
where too few were served to know: a first refusal among few may be a mood of the service.
"""

_FEW = 40
"""Requests served, up to which the first quota that is learned is a guess: two full batches."""

SLOWEST = 2.0
"""Requests a second that are sent whatever was found out."""

_AFTER_REFUSAL = 0.95
_AFTER_PERCENTAGE: Mapping[float, float] = MappingProxyType({0.8: 1.0, 0.9: 1.0, 1.0: 0.85})
_BEYOND = 0.6
"""The pace as a share of the quota, by the share of the bucket that is used."""

_SHORTEST_SAMPLE = 0.5
"""Seconds between two like moments for their rate to be believed."""


class Budget:
    """Requests that one quota permits. All times are seconds of one clock, amounts are requests, inside batches too.

    As long as no limit was met, everything is permitted. Not thread-safe.
    """

    def __init__(self) -> None:
        self.opens_at = 0.0
        self._quota: float | None = None
        self._share = 1.0
        self._since: float | None = None
        self._served = 0
        self._marks: dict[str, tuple[float, int]] = {}
        self._enough = 0
        self._guess = False
        self._blind = True
        self._sign_at = 0.0
        self._hold = HOLD
        self._credit = 0.0
        self._credit_at = 0.0

    # -- how much may go

    def rate(self, now: float) -> float | None:
        """Requests a second to send now; None while no limit was met."""
        if self._quota is None:
            return None
        length = TRIAL_OF_A_GUESS if self._guess else TRIAL if self._blind else TRIAL_WHEN_TOLD
        trial = self._tried_for(now) / length
        return max(SLOWEST, self._quota * self._share) * (1.0 + trial**3)

    def _tried_for(self, now: float) -> float:
        """Seconds since a trial began. If the service reports usage before it refuses, there is nothing to hold."""
        return max(0.0, now - self._sign_at - (self._hold if self._blind else 0.0))

    def grain(self, now: float, most: int) -> int:
        """Requests to send together, `most` at the most."""
        rate = self.rate(now)
        return most if rate is None else max(1, min(most, int(rate * GRAIN)))

    def opening(self, now: float, wanted: int, most: int) -> float:
        """When so many requests, or a grain of them, may be sent; `now` if they may go at once."""
        rate = self.rate(now)
        if rate is None:
            return max(now, self.opens_at)
        missing = min(wanted, self.grain(now, most)) - self._refilled(now, rate, most)
        return max(now, self.opens_at) if missing <= 1e-9 else max(self.opens_at, now + missing / rate)

    def permits(self, now: float, most: int) -> int:
        """Requests that may be sent now, `most` at the most."""
        if now < self.opens_at:
            return 0
        rate = self.rate(now)
        return most if rate is None else min(most, int(self._refilled(now, rate, most) + 1e-9))

    def spend(self, now: float, requests: int, most: int) -> None:
        """They were sent."""
        if self._since is None:
            self._since = now
        rate = self.rate(now)
        if rate is not None:
            if self._tried_for(now) > 0.0:
                self._marks.setdefault("trial", (now, self._served))
            self._credit = self._refilled(now, rate, most) - requests
            self._credit_at = now

    def _refilled(self, now: float, rate: float, most: int) -> float:
        # Twice a grain: what was missed by a moment may be caught up with, a wait is no reason for a burst.
        start = max(self._credit_at, self.opens_at)
        return min(2.0 * self.grain(now, most), self._credit + max(0.0, now - start) * rate)

    # -- results

    def served(self, now: float, requests: int, percentage: float | None) -> None:
        """So many were served; `percentage` is the used share of the quota, if the service reported it."""
        self._served += requests
        if percentage is None:
            return
        self._blind = False
        trial = self._sign(now)
        if self._quota is None:
            # The bucket was full at the start, so more was served than flowed in, and it may hold a lot.
            self._learn(0.7 * self._served / max(1.0, self._elapsed(now)), now)
            self._enough = self._served // 2
        else:
            self._sample(f"{percentage:.1f}", now, self._enough, trial)
        self._share = _AFTER_PERCENTAGE.get(round(percentage, 1), _BEYOND)

    def pause(self, now: float, seconds: float, learn: bool) -> None:
        """Send nothing for so long. `learn`: whether the quota was reached just now.

        A request that was sent before the end of an earlier pause was known teaches nothing.
        """
        if learn:
            trial = self._sign(now)
            if "refused" not in self._marks and self._served:
                # From a full bucket through an empty one to one that is full again.
                self._learn(self._served / max(GRAIN, self._elapsed(now) + seconds), now)
            self._sample("refused", now, 0, trial)
            self._share = _AFTER_REFUSAL
        self.opens_at = self._sign_at = max(self.opens_at, now + seconds)
        # One may go as soon as the wait is over, the others at their pace.
        self._credit = 1.0

    def _elapsed(self, now: float) -> float:
        return now - (now if self._since is None else self._since)

    def _sign(self, now: float) -> tuple[float, int] | None:
        """The quota shows. The trial that ends with that, if there was one: its start, and what was served by then."""
        self._sign_at = now
        return self._marks.pop("trial", None)

    def _sample(self, moment: str, now: float, enough: int, trial: tuple[float, int] | None) -> None:
        """Learn from what was served since the bucket stood as it does now: more than `enough`, as shares are rounded.

        With a trial in between, that is the least: the bucket may have run over before. What was served in the trial
        is the most: it took what the bucket held. What was known stands if it lies between the two.
        """
        since, served = self._marks.setdefault(moment, (now, self._served))
        if now - since < _SHORTEST_SAMPLE or self._served - served <= enough:
            return
        found = (self._served - served) / (now - since)
        if trial is not None and now - trial[0] >= _SHORTEST_SAMPLE and self._quota is not None:
            most = (self._served - trial[1]) / (now - trial[0])
            known = self._quota
            found = min(max(known, found), most)
            self._hold = HOLD if found > known else min(LONGEST_HOLD, 2.0 * self._hold)
        self._learn(found, now)
        self._marks[moment] = (now, self._served)

    def _learn(self, found: float, now: float) -> None:
        self._guess = self._quota is None and self._served <= _FEW
        if self._quota is None:
            self._credit, self._credit_at = 0.0, now
        self._quota = found
