# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits that `Retry-After` requests, as numbers, dates and invalid values."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from integration.tenants import SLACK, make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2, sms_sign_in=True),
    make_user("carl"),
    {"count": 60, "name": "worker{n:02}@contoso.example", "mobile": "+44 1632960{n:03}"},
)
ANNA = "anna@contoso.example"
WORKERS = [f"worker{number:02}@contoso.example" for number in range(1, 61)]
READ = {"method": "GET", "path": "phoneMethods$"}
WRITE = {"method": "POST", "path": "enableSmsSignIn$"}
BATCH = {"outer": True}


def in_two_seconds():
    """An HTTP date knows whole seconds only: this one is more than one second away, and less than two."""
    return formatdate(int(time.time()) + 2, usegmt=True)


def assert_nothing_sent(simulator, seconds):
    """No request arrived in the `seconds` after the throttled answer."""
    assert simulator.affected() and simulator.early(seconds) == []


@pytest.mark.covers("M9", "T1", "S2")
@pytest.mark.parametrize(
    ("match", "users", "status"),
    [
        (READ, [ANNA], 429),
        (READ, [ANNA], 503),
        (READ, [ANNA], 509),
        (WRITE, [ANNA], 429),
        (BATCH, [ANNA, WORKERS[0]], 429),
        (BATCH, [ANNA, WORKERS[0]], 503),
        ({**READ, "kind": "item", "user": ANNA}, [ANNA, *WORKERS[:30]], 429),
        ({**READ, "kind": "item", "user": ANNA}, [ANNA, *WORKERS[:30]], 503),
        ({**WRITE, "kind": "item", "user": ANNA}, [ANNA, *WORKERS[:30]], 429),
    ],
)
def test_nothing_is_sent_during_the_requested_wait(simulator, module, match, users, status):
    simulator.inject({"match": match, "then": {"status": status, "headers": {"Retry-After": "0.375"}}})

    result = module(users=users)

    assert result["reason"] is None and result["summary"]["changed"] == len(users)
    assert_nothing_sent(simulator, 0.375)
    assert sum(write.effect for write in simulator.writes()) == len(users)
    assert result["requests"]["throttled"] == (0 if status == 503 else len(users) if match is BATCH else 1)


@pytest.mark.covers("M9", "T3")
def test_a_retry_after_can_be_a_date(simulator, module):
    # Right after the turn of a second there are most of two left.
    simulator.inject({"match": READ, "then": {"status": 429, "headers": {"Retry-After": in_two_seconds()}}})

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None
    assert_nothing_sent(simulator, 0.9)
    assert result["requests"]["seconds"] < 5


@pytest.mark.covers("M9", "T3")
@pytest.mark.parametrize(
    "header",
    [None, "", "soon", "NaN", "1e999", "Tue, 99 Foo 2026 00:00:00 GMT"],
)
def test_an_invalid_retry_after_is_replaced_by_the_back_off(simulator, module, header):
    headers = {} if header is None else {"Retry-After": header}
    simulator.inject({"match": READ, "then": {"status": 429, "headers": headers}})

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None
    assert_nothing_sent(simulator, 0.37)
    assert result["requests"]["seconds"] < 5


@pytest.mark.covers("M9", "T3")
@pytest.mark.parametrize("header", ["0", "-5", "Thu, 01 Jan 2015 00:00:00 GMT"])
def test_a_retry_after_in_the_past_is_no_wait(simulator, module, header):
    simulator.inject({"match": READ, "then": {"status": 429, "headers": {"Retry-After": header}}})

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None and result["requests"]["throttled"] == 1
    assert result["requests"]["seconds"] < 3


@pytest.mark.covers("M9", "T3")
@pytest.mark.parametrize("header", ["86400", "999999999999", "Fri, 31 Dec 2100 00:00:00 GMT"])
@pytest.mark.parametrize(
    ("match", "users", "reason"),
    [
        (READ, [ANNA], "skipped"),
        (BATCH, WORKERS[:2], "skipped"),
        (WRITE, [ANNA], "throttled"),
    ],
    ids=["on the call", "on the batch", "on a write"],
)
def test_a_too_long_wait_ends_the_run_at_once(simulator, module, match, users, reason, header):
    simulator.inject({"match": match, "times": None, "then": {"status": 429, "headers": {"Retry-After": header}}})

    result = module(users=users)

    assert result["reason"] == "incomplete" and not result["changed"]
    assert set(result.reasons.values()) == {reason}
    assert "wait" in result["msg"] and result["requests"]["seconds"] < 10
    assert not any(write.effect for write in simulator.writes())
    last = max(entry.at for entry in simulator.journal() if entry.fault)
    assert [entry for entry in simulator.journal() if entry.at > last + SLACK] == []


@pytest.mark.covers("M9", "T3")
@pytest.mark.parametrize("match", [READ, WRITE], ids=["read", "write"])
def test_a_too_long_wait_for_one_user_of_a_batch_stops_no_other(simulator, module, match):
    match = {**match, "kind": "item", "user": WORKERS[1]}
    simulator.inject({"match": match, "times": None, "then": {"status": 429, "headers": {"Retry-After": "901"}}})

    result = module(users=WORKERS[:25])

    assert result["reason"] == "some_users_failed" and result["summary"]["changed"] == 24
    assert {name for name, reason in result.reasons.items() if reason} == {WORKERS[1]}
    assert result.reasons[WORKERS[1]] == "throttled" and result["requests"]["seconds"] < 10


@pytest.mark.covers("M9", "B5")
def test_the_longest_of_several_waits_counts(simulator, module):
    for user, wait in ((WORKERS[0], "0.1"), (WORKERS[1], "0.5"), (WORKERS[2], "0.3")):
        match = {**READ, "kind": "item", "user": user}
        simulator.inject({"match": match, "then": {"status": 429, "headers": {"Retry-After": wait}}})

    result = module(users=WORKERS[:10])

    assert result["reason"] is None and result["summary"]["changed"] == 10
    throttled = max(entry.done for entry in simulator.journal() if entry.fault)
    later = [entry.at for entry in simulator.journal() if entry.at > throttled + SLACK]
    assert min(later) - throttled >= 0.5
    assert result["requests"]["throttled"] == result["requests"]["retried"] == 3


@pytest.mark.covers("M9", "T1")
def test_a_wait_applies_to_parallel_calls(simulator, module):
    """No worker sends a request during the wait of one of them."""
    match = {**WRITE, "kind": "item"}
    simulator.inject({"match": match, "skip": 25, "then": {"status": 429, "headers": {"Retry-After": "0.4"}}})

    result = module(users=WORKERS)

    assert result["reason"] is None and result["summary"]["changed"] == 60
    assert_nothing_sent(simulator, 0.4)
    assert sum(write.effect for write in simulator.writes()) == 60


@pytest.mark.covers("M9")
@pytest.mark.parametrize("match", [READ, WRITE], ids=["reads", "writes while reads pass"])
def test_an_always_busy_service_gets_few_requests_until_run_timeout(simulator, module, match):
    simulator.inject({"match": match, "times": 100, "then": {"status": 429, "headers": {"Retry-After": "0.01"}}})

    result = module(users=[ANNA], verify_timeout=1, run_timeout=5)

    assert not result["changed"]
    assert (result["reason"], result.user("anna")["reason"]) in (
        ("incomplete", "skipped"),
        ("some_users_failed", "throttled"),
        ("incomplete", "throttled"),
    )
    assert not any(write.effect for write in simulator.writes())
    assert len(simulator.calls()) < 20 and result["requests"]["seconds"] < 6


@pytest.mark.covers("M9", "T3")
def test_a_wait_beyond_run_timeout_ends_the_run(simulator, module):
    simulator.inject({"match": READ, "then": {"status": 429, "headers": {"Retry-After": "30"}}})

    result = module(users=[ANNA], run_timeout=20)

    assert result["reason"] == "incomplete" and result.user("anna")["reason"] == "skipped"
    assert result["requests"]["seconds"] < 10, "known at once"
    assert simulator.writes() == []
