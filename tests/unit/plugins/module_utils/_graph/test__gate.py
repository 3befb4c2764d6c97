# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._errors import OutOfTime
from ansible_collections.frontline.entra.plugins.module_utils._graph._gate import (
    LONGEST_WAIT,
    MOST_FRUITLESS_WAITS,
    Gate,
)


def gate(most=8):
    return Gate(most, random.Random(3))


def test_it_is_open_for_one_call_at_first():
    fresh = gate()
    assert (fresh.opens_at, fresh.width) == (0.0, 1)


def test_it_widens_with_every_round_served():
    widening = gate()
    widths = []
    for _round in range(5):
        widths.append(widening.width)
        for _call in range(widening.width):
            widening.served(False)
    assert widths == [1, 2, 4, 8, 8]


def test_beyond_half_of_what_it_was_it_widens_by_one_a_round():
    narrowed = gate()
    for _call in range(20):
        narrowed.served(False)
    narrowed.throttled(100.0, 100.0, 5.0, False)
    widths = []
    for _round in range(6):
        widths.append(narrowed.width)
        for _call in range(narrowed.width):
            narrowed.served(False)
    assert widths[:3] == [1, 2, 4]
    assert all(0 <= later - earlier <= 1 for earlier, later in zip(widths[2:], widths[3:]))
    assert widths[-1] > 4


def test_it_closes_for_as_long_as_the_service_asks():
    closed = gate()
    closed.throttled(100.0, 99.0, 7.5, False)
    assert (closed.opens_at, closed.width) == (107.5, 1)


def test_a_shorter_wait_does_not_shorten_a_longer_one():
    closed = gate()
    closed.throttled(100.0, 99.0, 30.0, False)
    closed.throttled(101.0, 99.5, 2.0, False)
    closed.throttled(101.0, 99.5, None, False)
    assert closed.opens_at == 130.0


def test_calls_throttled_together_count_once():
    closed = gate()
    for _call in range(8):
        closed.served(False)
    for _call in range(100):
        closed.throttled(100.0, 99.0, 1.0, False)
        closed.throttled(100.0, 99.0, None, False)
    for _call in range(4):
        closed.served(False)
    assert closed.width == 4


@pytest.mark.parametrize("asked", [LONGEST_WAIT, 0.0, 1.0])
def test_a_wait_up_to_the_longest_is_kept(asked):
    closed = gate()
    closed.throttled(100.0, 99.0, asked, False)
    assert closed.opens_at == 100.0 + asked


def test_a_service_that_asks_for_more_has_said_no():
    with pytest.raises(OutOfTime, match="901 s"):
        gate().throttled(100.0, 99.0, LONGEST_WAIT + 1, False)


@pytest.mark.parametrize("asked", [1.0, None])
def test_it_gives_up_after_so_many_fruitless_waits(asked):
    closed, now = gate(), 100.0
    for _wait in range(MOST_FRUITLESS_WAITS):
        closed.throttled(now, now, asked, False)
        now = closed.opens_at
    with pytest.raises(OutOfTime, match="too busy"):
        closed.throttled(now, now, asked, False)


@pytest.mark.parametrize("writes", [False, True])
def test_reads_that_are_served_are_no_sign_for_writes_nor_the_other_way_round(writes):
    closed, now = gate(), 100.0
    with pytest.raises(OutOfTime, match="too busy"):
        for _wait in range(MOST_FRUITLESS_WAITS + 1):
            closed.throttled(now, now, 1.0, writes)
            now = closed.opens_at
            closed.served(not writes)
    assert now == 100.0 + MOST_FRUITLESS_WAITS


def test_waits_that_help_do_not_add_up():
    closed, now = gate(), 100.0
    for _wait in range(10 * MOST_FRUITLESS_WAITS):
        closed.throttled(now, now, 1.0, False)
        now = closed.opens_at
        closed.served(False)
    assert closed.opens_at == pytest.approx(100.0 + 10 * MOST_FRUITLESS_WAITS)


def test_without_a_wait_asked_for_it_backs_off_further_each_time():
    closed, now, pauses = gate(), 100.0, []
    for _wait in range(MOST_FRUITLESS_WAITS):
        closed.throttled(now, now, None, False)
        pauses.append(closed.opens_at - now)
        now = closed.opens_at
    assert all(0.75 * 0.5 * 2**number <= pause <= 1.25 * 0.5 * 2**number for number, pause in enumerate(pauses))


events = st.lists(
    st.one_of(
        st.just("served"),
        st.tuples(st.floats(0, 100), st.floats(0, 100), st.none() | st.floats(0, LONGEST_WAIT), st.booleans()),
    ),
    max_size=60,
)


@given(events, st.integers(1, 20))
def test_it_never_opens_early_and_its_width_stays_within_bounds(happenings, most):
    tried, now, promised = gate(most), 0.0, 0.0
    for happening in happenings:
        if happening == "served":
            tried.served(False)
        else:
            passed, ago, asked, writes = happening
            now += passed
            try:
                tried.throttled(now, max(0.0, now - ago), asked, writes)
            except OutOfTime:
                return
            promised = max(promised, now + (asked or 0.0))
        assert tried.opens_at >= promised
        assert 1 <= tried.width <= most
