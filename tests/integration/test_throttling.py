# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service throttles in all its ways. Values of `Retry-After` are in test_retry_after.py."""

from __future__ import annotations

import pytest

from integration.tenants import NOT_ENABLED, READY, make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    {"count": 60, "name": "worker{n:03}@contoso.example", "mobile": "+44 1632960{n:03}"},
)
ANNA = "anna@contoso.example"
WORKERS = [f"worker{number:03}@contoso.example" for number in range(1, 61)]


@pytest.mark.covers("T1", "T4")
@pytest.mark.parametrize(
    "name",
    ["t1_writes_throttled", "t1_reads_throttled_by_resource_units", "t1_reads_throttled_by_processor_time"],
)
def test_the_wait_of_one_request_applies_to_all(simulator, module, scenario, name):
    scenario(name)

    result = module(users=WORKERS)

    assert result["reason"] is None and result["summary"]["changed"] == 60
    assert simulator.affected() and simulator.early(0.6) == []
    assert result["requests"]["throttled"] == result["requests"]["retried"] == len(simulator.affected())
    assert sum(write.effect for write in simulator.writes()) == 60


@pytest.mark.covers("T2")
def test_without_retry_after_the_pauses_grow_and_vary(simulator, module, scenario):
    scenario("t2_throttled_without_retry_after")

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None
    first, second, third = simulator.requests("phoneMethods")[:3]
    assert 0.375 <= second.at - first.done <= 0.625 + 0.1
    assert 0.75 <= third.at - second.done <= 1.25 + 0.25


@pytest.mark.covers("T3")
@pytest.mark.parametrize(("name", "least"), [("t3_wait_of_nothing", 0), ("t3_wait_that_is_no_number", 0.37)])
def test_an_odd_retry_after_is_handled(simulator, module, scenario, name, least):
    scenario(name)

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None
    assert least <= result["requests"]["seconds"] < least + 3


@pytest.mark.covers("T3")
@pytest.mark.parametrize(
    ("name", "given", "limit"),
    [
        ("t3_wait_of_315_seconds", {"run_timeout": 20}, "run_timeout"),
        ("t3_wait_of_900_seconds", {"run_timeout": 20}, "run_timeout"),
        ("t3_wait_of_a_day", {"run_timeout": 20}, "asks to wait"),
        ("t3_wait_of_a_day", {}, "asks to wait"),
        ("t3_wait_until_a_far_date", {}, "asks to wait"),
    ],
)
def test_a_wait_beyond_the_limit_ends_the_run_at_once(simulator, module, scenario, name, given, limit):
    scenario(name)

    result = module(users=[ANNA], **given)

    assert (result["reason"], result.user("anna")["reason"]) == ("incomplete", "skipped")
    assert limit in result["msg"]
    assert result["requests"]["seconds"] < 10 and len(simulator.calls()) == 1
    assert simulator.writes() == [] and not result["changed"]


@pytest.mark.covers("T4")
def test_no_call_is_early_where_that_would_restart_the_wait(simulator, module, scenario):
    scenario("t4_early_calls_start_the_wait_anew")

    result = module(users=WORKERS)

    assert result["reason"] is None and result["summary"]["changed"] == 60
    answers = {}
    for write in simulator.writes():
        answers.setdefault(write.batch or write.seq, []).append(write)
    refused = [max(write.done for write in call) for call in answers.values() if 429 in [w.status for w in call]]
    later = [call for call in answers.values() if call[0].at > min(refused) + 0.05]
    assert refused and later
    assert all(204 in [write.status for write in call] for call in later), "an early call is refused as a whole"


@pytest.mark.covers("T5")
def test_reads_continue_while_writes_are_throttled(simulator, module, scenario):
    scenario("t5_writes_throttled_while_reads_pass")

    result = module(users=WORKERS[:20])

    assert result["reason"] is None and result["summary"]["changed"] == 20
    assert [entry.path for entry in simulator.early(0.5) if entry.write] == [], "no write before its time"
    answered = max(entry.done for entry in simulator.affected())
    retried = min(write.at for write in simulator.writes() if write.at > answered)
    looks = [entry for entry in simulator.requests("phoneMethods") if answered < entry.at < retried]
    assert sorted(look.user for look in looks) == WORKERS[:20]
    assert max(look.at for look in looks) - answered < 0.4 < retried - answered, "read back during the wait"


@pytest.mark.covers("T6")
def test_requests_go_slower_when_the_limit_is_near(simulator, module, scenario):
    took = {}
    for name in ("t6_far_from_the_limit", "t6_near_the_limit"):
        simulator.reset()
        scenario(name)

        result = module(users=WORKERS[:40], check_mode=True)

        assert result["reason"] is None and result["requests"]["throttled"] == 0
        took[name] = result["requests"]["seconds"]
    assert took["t6_near_the_limit"] > 1.3 * took["t6_far_from_the_limit"], took


@pytest.mark.covers("T7")
def test_throttling_is_recognised_by_status_with_any_wording(simulator, module, scenario):
    scenario("t7_throttled_in_other_words")

    result = module(users=[ANNA])

    assert result["changed"] and result["requests"]["throttled"] == 1
    assert [write.status for write in simulator.writes()] == [429, 204]
    first, second = simulator.writes()
    assert second.at - first.done >= 0.3


@pytest.mark.covers("T7")
def test_the_wording_of_throttling_without_its_status_is_ignored(simulator, module, scenario):
    scenario("t7_refused_in_words_of_throttling")

    result = module(users=[ANNA])

    assert (result.user("anna")["reason"], result.user("anna")["state"]) == ("service_error", NOT_ENABLED)
    assert result["requests"]["throttled"] == 0 and result["requests"]["seconds"] < 3
    assert [write.status for write in simulator.writes()] == [400]
    assert simulator.state(ANNA) != READY
