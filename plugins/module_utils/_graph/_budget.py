# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""What one quota of the service permits, learned by using it.

A service that throttles holds a bucket: it fills at the rate of the quota, and every request takes from it. Neither the
rate nor the size of the bucket is published for phone methods, and both may change during a run. The service
reports that the bucket is empty (429); some services also report how much is used (`x-ms-throttle-limit-percentage`).

The rate follows from that without knowing the size: **between two moments with the same level of the bucket, as much
was served as flowed in.** So the quota is the requests served between two refusals, or between two answers with the
same percentage, divided by the time between them. That is how BBR finds the rate of a token-bucket policer ("long-term
bandwidth sampling", Cardwell and others, BBR in Linux: delivered packets over the time between two losses), with the
percentage as a second source, which needs no loss.

Requests are paced at that rate, a little below it after a refusal. Without a sign of the quota for a while, a trial
begins: the pace grows with the cube of the time since, as CUBIC grows its window (RFC 9438), slowly at first, then
fast. Each time the old quota shows again, the next trial begins twice as late.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

GRAIN = 0.25
"""Seconds. So many seconds' worth of requests is sent together: a few at a slow pace, a full batch at a fast one."""

HOLD = 2.0
LONGEST_HOLD = 64.0
"""Seconds without a sign of the quota until a trial begins, at first and at most."""

TRIAL = 8.0
TRIAL_WITH_PERCENTAGE = 4.0
TRIAL_AFTER_GUESS = 2.0
"""Seconds until a trial asks for twice the known pace: pace * (1 + (seconds / TRIAL)**3).

A trial is faster if the service reports the used percentage, and if the quota is a guess from few requests.
"""

_GUESS_BELOW = 40
"""Requests served, up to which the first learned quota is a guess: two full batches."""

SLOWEST = 2.0
"""Requests a second that are always permitted."""

_AFTER_REFUSAL = 0.95
_AFTER_PERCENTAGE: Mapping[float, float] = MappingProxyType({0.8: 1.0, 0.9: 1.0, 1.0: 0.85})
_ABOVE_LIMIT = 0.6
"""The pace as a share of the quota: after a refusal, and by the reported used share of the bucket."""

_SHORTEST_SAMPLE = 0.5
"""Seconds between two moments of equal level, at least, for a sample to count."""


class Budget:
    """Requests that one quota permits. All times are seconds of one clock, amounts are requests, inside batches too.

    Everything is permitted until a limit was met. Not thread-safe.
    """

    def __init__(self) -> None:
        self.opens_at = 0.0
        # Requests a second, the share of them that is the pace, and whether the quota comes from few requests.
        self._quota: float | None = None
        self._share = 1.0
        self._guess = False
        # When the first request was sent, and how many were served since.
        self._since: float | None = None
        self._served = 0
        # By level of the bucket ("refused", or a percentage), and for the start of a "trial": when it was there last,
        # and how many requests had been served by then. A sample by percentage needs more than `_enough` requests.
        self._marks: dict[str, tuple[float, int]] = {}
        self._enough = 0
        # Whether the service has reported no percentage so far; when the quota showed last; how long to hold the pace.
        self._blind = True
        self._sign_at = 0.0
        self._hold = HOLD
        # Requests that might be sent at once, and when that was so.
        self._credit = 0.0
        self._credit_at = 0.0

    # -- how much may be sent

    def rate(self, now: float) -> float | None:
        """Requests a second to send now; None while no limit was met."""
        if self._quota is None:
            return None
        length = TRIAL_AFTER_GUESS if self._guess else TRIAL if self._blind else TRIAL_WITH_PERCENTAGE
        trial = self._trial_seconds(now) / length
        return max(SLOWEST, self._quota * self._share) * (1.0 + trial**3)

    def _trial_seconds(self, now: float) -> float:
        """Seconds since a trial began. It begins at once if the service reports usage before it refuses."""
        return max(0.0, now - self._sign_at - (self._hold if self._blind else 0.0))

    def grain(self, now: float, most: int) -> int:
        """Requests to send together, `most` at the most."""
        rate = self.rate(now)
        return most if rate is None else max(1, min(most, int(rate * GRAIN)))

    def time_for(self, now: float, wanted: int, most: int) -> float:
        """When `wanted` requests, or a grain of them, may be sent; `now` if that is at once."""
        rate = self.rate(now)
        if rate is None:
            return max(now, self.opens_at)
        missing = min(wanted, self.grain(now, most)) - self._credit_now(now, rate, most)
        return max(now, self.opens_at) if missing <= 1e-9 else max(self.opens_at, now + missing / rate)

    def permits(self, now: float, most: int) -> int:
        """Requests that may be sent now, `most` at the most."""
        if now < self.opens_at:
            return 0
        rate = self.rate(now)
        return most if rate is None else min(most, int(self._credit_now(now, rate, most) + 1e-9))

    def spend(self, now: float, requests: int, most: int) -> None:
        """So many requests were sent."""
        if self._since is None:
            self._since = now
        rate = self.rate(now)
        if rate is not None:
            if self._trial_seconds(now) > 0.0:
                self._marks.setdefault("trial", (now, self._served))
            self._credit = self._credit_now(now, rate, most) - requests
            self._credit_at = now

    def _credit_now(self, now: float, rate: float, most: int) -> float:
        # At most twice a grain: a short delay may be caught up with, but a wait must not lead to a burst.
        start = max(self._credit_at, self.opens_at)
        return min(2.0 * self.grain(now, most), self._credit + max(0.0, now - start) * rate)

    # -- results

    def served(self, now: float, requests: int, percentage: float | None) -> None:
        """So many requests were served; `percentage` is the used share of the quota, if the service reported it."""
        self._served += requests
        if percentage is None:
            return
        self._blind = False
        trial = self._note_sign(now)
        if self._quota is None:
            # The bucket was full at the start, so more was served than flowed in.
            self._learn(0.7 * self._served / max(1.0, self._elapsed(now)), now)
            self._enough = self._served // 2
        else:
            self._sample(f"{percentage:.1f}", now, self._enough, trial)
        self._share = _AFTER_PERCENTAGE.get(round(percentage, 1), _ABOVE_LIMIT)

    def pause(self, now: float, seconds: float, learn: bool) -> None:
        """Send nothing for so long. `learn`: whether the quota was reached just now.

        `learn` is false for a request that was sent before the end of an earlier pause: it shows nothing new.
        """
        if learn:
            trial = self._note_sign(now)
            if "refused" not in self._marks and self._served:
                # From a full bucket through an empty one to one that is full again.
                self._learn(self._served / max(GRAIN, self._elapsed(now) + seconds), now)
            self._sample("refused", now, 0, trial)
            self._share = _AFTER_REFUSAL
        self.opens_at = self._sign_at = max(self.opens_at, now + seconds)
        # One request may be sent as soon as the wait is over, the others at their pace.
        self._credit = 1.0

    def _elapsed(self, now: float) -> float:
        return now - (now if self._since is None else self._since)

    def _note_sign(self, now: float) -> tuple[float, int] | None:
        """The quota showed. Returns the trial that this ends, if any: its start and the requests served by then."""
        self._sign_at = now
        return self._marks.pop("trial", None)

    def _sample(self, moment: str, now: float, enough: int, trial: tuple[float, int] | None) -> None:
        """Learn from the requests served since the bucket had the same level, if they are more than `enough`.

        With a trial in between, that rate is a lower bound, because the bucket may have overflowed. The rate in the
        trial is an upper bound, because it used what the bucket held. The known quota stays if it lies between the two.
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
        self._guess = self._quota is None and self._served <= _GUESS_BELOW
        if self._quota is None:
            self._credit, self._credit_at = 0.0, now
        self._quota = found
