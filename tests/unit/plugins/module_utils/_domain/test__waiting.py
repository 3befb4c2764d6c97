# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
import random
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._domain._waiting import (
    back_off,
    parse_retry_after,
    wait_of,
)

NOW = 1_800_000_000.0  # Fri, 15 Jan 2027 08:00:00 GMT


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("-inf", None),
        ("0", 0.0),
        ("-5", 0.0),
        ("12", 12.0),
        (" 12 ", 12.0),
        (12, 12.0),
        ("0.4", 0.4),
        ("1e400", None),
        ("1e308", None),
        ("9" * 400, None),
        ("1_0", None),
        ("\u0663", None),
        ("3, 3", 3.0),
        ("3,11", 11.0),
        ("3, soon", None),
        ("99999999", 99999999.0),
        ("Fri, 15 Jan 2027 08:00:30 GMT", 30.0),
        ("Fri, 15 Jan 2027 07:59:00 GMT", 0.0),
        ("Fri, 15 Jan 2027 09:00:30 +0100", 30.0),
        ("Fri, 99 Jan 2027 08:00:30 GMT", None),
        (["12"], None),
    ],
)
def test_parse_retry_after(value, seconds):
    assert parse_retry_after(value, NOW) == (pytest.approx(seconds) if seconds is not None else None)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize(
    "value",
    [
        "Fri Jan 15 08:00:30 2027",
        "Friday, 15-Jan-27 08:00:30 GMT",
        "Fri, 15 Jan 2027 08:00:30",
        "Fri, 15 Jan 2027 08:00:30 -0000",
        "Fri, 15 Jan 2027 08:00:30 GMT, Fri, 15 Jan 2027 08:00:30 GMT",
    ],
)
def test_a_date_in_an_old_form_does_not_depend_on_the_time_zone_of_the_machine(monkeypatch, zone, value):
    with monkeypatch.context() as environment:
        environment.setenv("TZ", zone)
        time.tzset()
        seconds = parse_retry_after(value, NOW)
    time.tzset()
    assert seconds == 30.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7", "date": "Fri, 15 Jan 2027 10:00:00 GMT"}, 7.0),
        ({"retry-after": "Fri, 15 Jan 2027 08:00:30 GMT"}, 30.0),
        # The clock of the service is two hours ahead.
        ({"retry-after": "Fri, 15 Jan 2027 10:00:30 GMT", "date": "Fri, 15 Jan 2027 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Fri, 15 Jan 2027 08:00:30 GMT", "date": "yesterday"}, 30.0),
    ],
)
def test_a_date_is_compared_with_the_clock_of_the_service(headers, seconds):
    assert wait_of(headers, NOW) == seconds


@given(st.text() | st.floats() | st.integers() | st.none() | st.binary() | st.lists(st.integers(), max_size=2))
@example("Mon, 01 Jan 0001 00:00:00 -0000")
@example("Mon, 01 Jan 0001 00:00:00 +2359")
@example("0 0 0 0 0")
@example(10**400)
def test_any_retry_after_is_a_wait_or_none(value):
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or (math.isfinite(seconds) and seconds >= 0)


@given(st.integers(0, 30), st.randoms(use_true_random=False))
def test_back_off_doubles_up_to_a_minute(failures, jitter):
    pause = back_off(failures, jitter)
    full = min(60.0, 0.5 * 2 ** (failures - 1))
    assert 0.75 * full <= pause <= 1.25 * full


def test_back_off_is_spread():
    jitter = random.Random(1)
    assert len({back_off(3, jitter) for _time in range(20)}) == 20
