# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._errors import OutOfTime
from ansible_collections.frontline.entra.plugins.module_utils._graph._gate import (
    LONGEST_THROTTLING,
    LONGEST_WAIT,
    MOST_FRUITLESS_WAITS,
    Answered,
    Gate,
)

SIZE = 20
NOW = 100.0


def gate(most=8):
    return Gate(most, SIZE, random.Random(3))


def call(tried, now, writes=False, requests=SIZE, took=0.1, served=None, **more):
    """One call, sent and answered. All its requests are served by default."""
    tried.sent(now, writes, requests)
    tried.finished(requests)
    served = requests if served is None else served
    tried.answered(now + took, Answered(now, writes, requests, served, more.pop("throttled", False), **more))


def throttle(tried, now, asked=None, writes=False, limit=None, took=0.0):
    call(tried, now, writes, took=took, served=0, throttled=True, asked=asked, limit=limit)


def round_trip(tried, now):
    """Send all that is permitted at once; it is served after a tenth of a second. Returns the number of calls."""
    calls = []
    while count := tried.permits(now, False, SIZE):
        tried.sent(now, False, count)
        calls.append(count)
    for count in calls:
        tried.finished(count)
        tried.answered(now + 0.1, Answered(now, False, count, count, False))
    return len(calls)


def test_one_batch_is_permitted_at_first():
    fresh = gate()
    assert fresh.permits(NOW, False, SIZE) == SIZE
    fresh.sent(NOW, False, SIZE)
    assert fresh.permits(NOW, False, SIZE) == 0 and fresh.opens_at(NOW, False, SIZE) == math.inf


def test_the_window_grows_with_every_served_round():
    widening = gate()
    widths = [round_trip(widening, NOW + n) for n in range(16)]
    assert widths[:2] == [1, 2] and widths == sorted(widths) and widths[-1] == 8


def test_only_full_batches_are_sent_while_others_are_in_flight():
    widening = gate()
    for n in range(5):
        round_trip(widening, NOW + n)
    counts = []
    while count := widening.permits(NOW + 9, False, SIZE):
        widening.sent(NOW + 9, False, count)
        counts.append(count)
    assert set(counts) == {SIZE}


def test_the_window_does_not_grow_while_calls_take_much_longer():
    crowded = gate()
    call(crowded, NOW)
    for n in range(50):
        call(crowded, NOW + n, took=1.0)
    assert round_trip(crowded, NOW + 60) == 2


def test_after_a_refusal_the_window_starts_with_one_batch():
    narrowed = gate()
    for n in range(16):
        round_trip(narrowed, NOW + n)
    throttle(narrowed, NOW + 20, asked=0.0)
    assert round_trip(narrowed, NOW + 30) == 1


@pytest.mark.parametrize("asked", [LONGEST_WAIT, 0.0, 7.5])
def test_it_closes_for_as_long_as_the_service_asks(asked):
    closed = gate()
    throttle(closed, NOW, asked)
    assert closed.opens_at(NOW, False, SIZE) == closed.opens_at(NOW, True, SIZE) == NOW + asked
    assert not closed.permits(NOW + asked - 0.001, False, SIZE)
    assert closed.permits(NOW + asked, False, SIZE)


def test_the_wait_of_a_service_that_is_down_does_not_change_the_pace():
    closed = gate()
    call(closed, NOW - 1)
    call(closed, NOW, served=0, took=0.0, asked=30.0)
    assert closed.opens_at(NOW, False, SIZE) == NOW + 30 and closed.permits(NOW + 30, False, SIZE) == SIZE


@pytest.mark.parametrize("writes", [False, True])
def test_a_refusal_with_a_scope_stops_only_that_scope(writes):
    closed = gate()
    throttle(closed, NOW, 30.0, writes, limit="Write" if writes else "Read")
    assert closed.permits(NOW, not writes, SIZE) == SIZE
    assert closed.permits(NOW, writes, SIZE) == 0 and closed.opens_at(NOW, writes, SIZE) == NOW + 30


@pytest.mark.parametrize("limit", ["ReadWrite", None, "Something new"])
def test_any_other_refusal_stops_all(limit):
    closed = gate()
    throttle(closed, NOW, 30.0, limit=limit)
    assert not closed.permits(NOW, True, SIZE) and not closed.permits(NOW, False, SIZE)


def test_a_shorter_wait_does_not_shorten_a_longer_one():
    closed = gate()
    throttle(closed, NOW, 30.0)
    throttle(closed, NOW + 0.5, 2.0)
    throttle(closed, NOW + 0.5)
    assert closed.opens_at(NOW + 1, False, SIZE) == NOW + 30


def test_calls_throttled_together_count_once():
    closed = gate()
    for _call in range(10 * MOST_FRUITLESS_WAITS):
        throttle(closed, NOW, 1.0)
    assert closed.opens_at(NOW, False, SIZE) == NOW + 1


def test_a_wait_beyond_the_longest_one_ends_the_run():
    with pytest.raises(OutOfTime, match="901 s"):
        throttle(gate(), NOW, LONGEST_WAIT + 1)
    with pytest.raises(OutOfTime, match="more than a million seconds"):
        throttle(gate(), NOW, 1e300)


def waits_until_given_up(tried, asked, writes=False, between=lambda now: None):
    """The fruitless waits until the run ends, and their seconds."""
    now = NOW
    for waits in range(10_000):
        try:
            throttle(tried, now, asked, writes)
        except OutOfTime as error:
            assert "throttled every request" in error.message
            return waits, now - NOW
        now = tried.opens_at(now, writes, 1)
        between(now)
    raise AssertionError("never given up")


@pytest.mark.parametrize("asked", [0.0, 0.1, 1.0, 3.0, 60.0, 600.0, None])
def test_the_run_ends_after_a_time_and_some_waits(asked):
    waits, seconds = waits_until_given_up(gate(), asked)
    assert waits >= MOST_FRUITLESS_WAITS and seconds >= LONGEST_THROTTLING
    assert waits == MOST_FRUITLESS_WAITS or seconds < LONGEST_THROTTLING + 75


@pytest.mark.parametrize("asked", [0.0, 0.1])
def test_a_short_wait_is_kept_once_and_then_grows(asked):
    closed, now, pauses = gate(), NOW, []
    for _wait in range(6):
        throttle(closed, now, asked)
        pauses.append(closed.opens_at(now, False, SIZE) - now)
        now = closed.opens_at(now, False, SIZE)
    assert pauses[0] == pytest.approx(asked)
    assert all(0.75 * 2**number <= pause <= 1.25 * 2**number for number, pause in enumerate(pauses[1:]))


def test_suspending_stops_all_and_one_batch_is_sent_first():
    suspended = gate()
    for n in range(16):
        round_trip(suspended, NOW + n)
    suspended.suspend(NOW + 20, 5.0)
    assert suspended.opens_at(NOW + 20, False, SIZE) == suspended.opens_at(NOW + 20, True, SIZE) == NOW + 25
    assert round_trip(suspended, NOW + 25) == 1
    assert round_trip(suspended, NOW + 26) == 2, "no pace was learned from it"


@pytest.mark.parametrize("writes", [False, True])
def test_served_reads_do_not_count_for_writes_and_vice_versa(writes):
    closed = gate()
    _waits, seconds = waits_until_given_up(closed, 1.0, writes, lambda now: call(closed, now, not writes, took=0.0))
    assert seconds == pytest.approx(LONGEST_THROTTLING, abs=2)


def test_successful_waits_are_not_added_up():
    closed, now = gate(), NOW
    for _wait in range(10 * MOST_FRUITLESS_WAITS):
        throttle(closed, now, 1.0)
        now = closed.opens_at(now, False, 1)
        call(closed, now, requests=1, took=0.0)


def test_without_retry_after_the_back_off_grows():
    closed, now, pauses = gate(), NOW, []
    for _wait in range(MOST_FRUITLESS_WAITS):
        throttle(closed, now)
        pauses.append(closed.opens_at(now, False, SIZE) - now)
        now = closed.opens_at(now, False, SIZE)
    assert all(0.75 * 0.5 * 2**number <= pause <= 1.25 * 0.5 * 2**number for number, pause in enumerate(pauses))


events = st.lists(
    st.tuples(
        st.floats(0, 100),
        st.booleans(),
        st.sampled_from(["served", "throttled", "down"]),
        st.none() | st.floats(0, LONGEST_WAIT),
        st.none() | st.floats(0.8, 1.8),
        st.sampled_from([None, "Read", "Write", "ReadWrite"]),
    ),
    max_size=60,
)


@given(events, st.integers(1, 20), st.integers(1, SIZE))
def test_nothing_is_permitted_during_a_wait_and_something_after_it(happenings, most, waiting):
    tried, now, promised = gate(most), NOW, {False: 0.0, True: 0.0}
    for passed, writes, what, asked, percentage, limit in happenings:
        now += passed
        count = tried.permits(now, writes, waiting)
        assert 0 <= count <= waiting and (count == 0 or now >= promised[writes])
        for _look in range(10):
            if count:
                break
            # The pace may have grown by then, and with it what is sent at once.
            opens = tried.opens_at(now, writes, waiting)
            assert now <= opens < math.inf
            now = opens + 1e-6
            count = tried.permits(now, writes, waiting)
        assert 1 <= count <= waiting
        tried.sent(now, writes, count)
        tried.finished(count)
        served = count if what == "served" else 0
        answer = Answered(now, writes, count, served, what == "throttled", asked, percentage, limit)
        try:
            tried.answered(now, answer)
        except OutOfTime:
            return
        if what == "throttled" or asked is not None:
            concerned = {"Read": [False], "Write": [True]}.get(limit, [False, True])
            for kind in concerned:
                promised[kind] = max(promised[kind], now + (asked or 0.0))
