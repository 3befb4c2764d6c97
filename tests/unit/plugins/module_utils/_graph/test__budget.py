# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._graph._budget import SLOWEST, Budget

MOST = 20
START = 100.0


class Bucket:
    """A service's quota: `rate` requests a second, a bucket of `seconds` worth; a refusal lasts until it is full."""

    def __init__(self, rate, seconds):
        self.rate, self.seconds = rate, seconds
        self.level, self.at, self.blocked_until = rate * seconds, START, 0.0

    def take(self, now):
        """None when the request is served, else the seconds to wait."""
        capacity = self.rate * self.seconds
        self.level = min(capacity, self.level + (now - self.at) * self.rate)
        self.at = now
        if now >= self.blocked_until and self.level >= 1:
            self.level -= 1
            return None
        if now >= self.blocked_until:
            self.blocked_until = now + (capacity - self.level) / self.rate
        return self.blocked_until - now

    @property
    def used(self):
        return 1 - self.level / (self.rate * self.seconds)


class Sender:
    """Sends all requests that a budget permits to a bucket."""

    def __init__(self, bucket, reports_usage):
        self.budget, self.bucket, self.reports_usage, self.now = Budget(), bucket, reports_usage, START
        self.served, self.refused = [], []

    def send_until(self, end):
        while self.now < end:
            opens = self.budget.time_for(self.now, MOST, MOST)
            # A call takes some time, so that a budget without a limit ends too.
            self.now = max(opens, self.now + 0.01)
            if count := self.budget.permits(self.now, MOST):
                self._call(count)

    def _call(self, count):
        self.budget.spend(self.now, count, MOST)
        waits = [self.bucket.take(self.now) for _request in range(count)]
        served = waits.count(None)
        self.served += [self.now] * served
        self.refused += [self.now] * (count - served)
        percentage = self.bucket.used if self.reports_usage and self.bucket.used >= 0.8 else None
        if served:
            self.budget.served(self.now, served, percentage)
        if served < count:
            self.budget.pause(self.now, max(filter(None, waits)), learn=True)

    def rate(self, seconds):
        """Requests served a second over the last `seconds`."""
        return sum(at > self.now - seconds for at in self.served) / seconds


def test_without_a_limit_everything_is_permitted():
    fresh = Budget()
    fresh.spend(START, MOST, MOST)
    fresh.served(START, MOST, None)
    assert fresh.permits(START, MOST) == MOST and fresh.rate(START) is None and fresh.time_for(START, 5, MOST) == START


@settings(max_examples=60, deadline=None)
@given(st.floats(3, 400), st.floats(0.5, 10), st.booleans())
def test_an_unknown_quota_is_learned_and_used(rate, seconds, reports_usage):
    sender = Sender(Bucket(rate, seconds), reports_usage)
    sender.send_until(START + 120)
    assert sender.rate(60) >= 0.8 * rate
    late = [at for at in sender.refused if at > START + 20]
    assert len(late) <= 0.06 * len(sender.served) + 2 * MOST


@pytest.mark.parametrize("reports_usage", [True, False])
@pytest.mark.parametrize("factor", [0.5, 2.0, 4.0])
def test_a_quota_that_changes_is_followed(reports_usage, factor):
    sender = Sender(Bucket(40.0, 1.0), reports_usage)
    sender.send_until(START + 60)
    sender.bucket.rate *= factor
    sender.send_until(START + 180)
    assert sender.rate(60) >= 0.8 * 40 * factor


@pytest.mark.parametrize("reports_usage", [True, False])
def test_no_burst_after_a_wait(reports_usage):
    sender = Sender(Bucket(40.0, 1.0), reports_usage)
    sender.send_until(START + 30)
    sender.budget.pause(sender.now, 20.0, learn=True)
    before = len(sender.served)
    sender.send_until(START + 51.0)
    assert len(sender.served) - before <= 2 * 40


def test_the_reported_percentage_avoids_refusals():
    sender = Sender(Bucket(10.0, 5.0), reports_usage=True)
    sender.send_until(START + 120)
    assert len(sender.refused) <= MOST and sender.rate(60) >= 9.5


def test_trials_become_rarer_while_the_quota_stays_the_same():
    sender = Sender(Bucket(20.0, 1.0), reports_usage=False)
    sender.send_until(START + 600)
    early = [at for at in sender.refused if at < START + 100]
    late = [at for at in sender.refused if at > START + 500]
    assert len(late) < len(early)


def test_the_slowest_pace_is_always_permitted():
    budget = Budget()
    budget.spend(START, 1, MOST)
    budget.served(START, 1, None)
    budget.pause(START + 0.1, 60.0, learn=True)
    assert budget.rate(START + 60) >= SLOWEST


def test_an_early_refusal_is_corrected_soon():
    budget = Budget()
    budget.spend(START, 2, MOST)
    budget.served(START, 2, None)
    budget.pause(START + 0.1, 1.0, learn=True)
    assert budget.rate(START + 2) < 10 < 100 < budget.rate(START + 15)


def test_a_constant_percentage_does_not_slow_down_forever():
    budget, now, rates = Budget(), START, []
    for _call in range(200):
        now = budget.time_for(now, MOST, MOST) + 0.01
        count = budget.permits(now, MOST)
        budget.spend(now, count, MOST)
        budget.served(now, count, 0.9)
        rates.append(budget.rate(now))
    assert rates[-1] > 0.8 * rates[0]
