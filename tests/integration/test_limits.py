# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of a run: `max_changes`, `max_failures`, `change_limit`, `run_timeout`."""

from __future__ import annotations

import time

import pytest

from integration.tenants import NOT_ENABLED, READY, make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2, sms_sign_in=True),
    make_user("carl"),
    make_user("dora", 4, enable="never"),
    make_user("eve", 5, admin=True),
    {"count": 1200, "name": "worker{n:04}@contoso.example", "mobile": "+44 163296{n:04}"},
)
ANNA, BEN, CARL, DORA, EVE = (f"{name}@contoso.example" for name in ("anna", "ben", "carl", "dora", "eve"))
WORKERS = [f"worker{number:04}@contoso.example" for number in range(1, 1201)]


@pytest.mark.covers("M20")
@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("users", "allowed", "passes"),
    [
        (WORKERS[:3], 3, True),
        (WORKERS[:3], 2, False),
        ([*WORKERS[:3], WORKERS[0].upper(), WORKERS[1]], 3, True),
        ([WORKERS[0], BEN, CARL], 1, True),
        ([WORKERS[0]], 0, False),
        ([BEN], 0, True),
        ([], 0, True),
        (WORKERS[:3], "", True),
    ],
    ids=["exact", "one too many", "duplicates", "others", "0", "0 and nothing to do", "0 and no user", "blank"],
)
def test_max_changes_is_checked_before_the_first_write(simulator, module, check_mode, users, allowed, passes):
    result = module(users=users, max_changes=allowed, check_mode=check_mode, tolerate=["no_mobile_phone"])

    needed = len({user.lower() for user in users} - {BEN, CARL})
    if passes:
        assert result["reason"] is None and result["summary"]["changed"] == needed
        assert len(simulator.writes()) == (0 if check_mode else needed)
    else:
        assert result["reason"] == "too_many_changes" and not result["changed"]
        assert f"{needed} users" in result["msg"] and "max_changes" in result["msg"] and users[0] in result["msg"]
        assert result["summary"]["skipped"] == needed and set(result.reasons.values()) == {"skipped"}
        assert simulator.writes() == []


@pytest.mark.covers("M20")
def test_max_changes_counts_attempts_with_a_taken_number(simulator, module):
    simulator.change(ANNA, state="phoneNumberNotUnique")

    result = module(users=[ANNA], max_changes=0)

    assert result["reason"] == "too_many_changes" and simulator.writes() == []


@pytest.mark.covers("M20")
def test_max_changes_applies_to_the_wave_of_change_limit(simulator, module):
    result = module(users=WORKERS[:10], change_limit="4", max_changes=4)

    assert result["reason"] is None
    assert (result["summary"]["changed"], result["summary"]["deferred"]) == (4, 6)
    assert len(simulator.writes()) == 4


@pytest.mark.covers("M20")
def test_max_failures_stops_the_writes_and_skips_the_rest(simulator, module):
    simulator.inject({"match": {"method": "POST"}, "times": None, "then": {"status": 400, "code": "generalException"}})

    result = module(users=WORKERS[:400], max_failures=5)

    assert result["reason"] == "incomplete" and "max_failures" in result["msg"] and not result["changed"]
    assert result["summary"]["failed"] + result["summary"]["skipped"] == 400
    assert 5 <= result["summary"]["failed"] <= 160, "those under way when the fifth failed, and no more"
    assert result["summary"]["reasons"].keys() == {"service_error", "skipped"}
    assert len(simulator.writes()) == result["summary"]["failed"], "who is skipped was not written to"


@pytest.mark.covers("M20")
def test_max_failures_does_not_count_refusals_known_from_reading(simulator, module):
    result = module(users=[CARL, "nobody@contoso.example", ANNA], max_failures=1)

    assert result["reason"] == "some_users_failed"
    assert result.reasons == {CARL: "no_mobile_phone", "nobody@contoso.example": "user_not_found", ANNA: None}
    assert [write.user for write in simulator.writes()] == [ANNA]


@pytest.mark.covers("M20")
@pytest.mark.parametrize(("name", "reason"), [(DORA, "unverified"), (EVE, "forbidden")])
def test_max_failures_counts_faults_while_writing_and_verifying(simulator, module, name, reason):
    """One fault ends the writes: waiting users are not retried after it."""
    simulator.inject({"match": {"method": "POST", "user": ANNA}, "times": None, "then": {"status": 502}})

    result = module(users=[name, ANNA], max_failures=1, verify_timeout=0.2)

    assert result["reason"] == "incomplete" and "max_failures" in result["msg"] and not result["changed"]
    assert result.reasons == {name: reason, ANNA: "service_error"}
    assert len([write for write in simulator.writes() if write.user == ANNA]) == 1


@pytest.mark.covers("M20")
def test_a_tolerated_refusal_of_a_write_is_no_failure(simulator, module):
    refusal = {"status": 400, "code": "phoneNumberNotUnique"}
    simulator.inject({"match": {"method": "POST", "user": WORKERS[0]}, "times": None, "then": refusal})

    result = module(users=WORKERS[:60], max_failures=1, tolerate=["phone_number_not_unique"])

    assert result["reason"] is None
    assert (result["summary"]["refused"], result["summary"]["changed"]) == (1, 59)


@pytest.mark.covers("M20")
@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("limit", "changed"),
    [("4", 4), (4, 4), ("0", 0), ("10", 10), ("99", 10), ("25%", 3), ("1%", 1), ("0%", 0), ("100 %", 10), ("", 10)],
)
def test_change_limit_writes_to_the_first_by_name_and_defers_the_others(simulator, module, check_mode, limit, changed):
    users = [*reversed(WORKERS[:10]), BEN]

    result = module(users=users, change_limit=limit, check_mode=check_mode)

    assert result["reason"] is None and result["changed"] is (changed > 0)
    summary = result["summary"]
    assert (summary["changed"], summary["deferred"], summary["unchanged"]) == (changed, 10 - changed, 1)
    assert sorted(user["user"] for user in result["users"] if user["changed"]) == WORKERS[:changed]
    deferred = [user for user in result["users"] if user["user"] in WORKERS[changed:10]]
    assert all((user["failed"], user["reason"], user["state"]) == (False, None, NOT_ENABLED) for user in deferred)
    assert sorted(write.user for write in simulator.writes()) == ([] if check_mode else WORKERS[:changed])


@pytest.mark.covers("M20")
def test_waves_reach_all_users_in_the_end(simulator, module):
    deferred = []
    for _wave in range(4):
        result = module(users=WORKERS[:10], change_limit="40%")
        assert result["reason"] is None
        deferred.append(result["summary"]["deferred"])

    assert deferred == [6, 3, 1, 0] and len(simulator.writes()) == 10
    assert not module(users=WORKERS[:10], change_limit="40%")["changed"]


@pytest.mark.covers("M20")
def test_run_timeout_during_a_write_reports_it_as_unverified(simulator, module):
    simulator.inject({"match": {"outer": True}, "skip": 1, "then": {"hang": 20}})
    started = time.monotonic()

    result = module(users=WORKERS[:30], run_timeout=1)

    assert time.monotonic() - started < 10
    assert result["reason"] == "incomplete" and not result["changed"] and "run_timeout" in result["msg"]
    assert result["summary"]["failed"] + result["summary"]["skipped"] == 30
    assert set(result.reasons.values()) <= {"unverified", "skipped"}


@pytest.mark.covers("M20")
def test_run_timeout_while_a_single_write_hangs(simulator, module):
    simulator.inject({"match": {"method": "POST"}, "then": {"hang": 20}})

    result = module(users=[ANNA], run_timeout=1)

    assert result["reason"] == "incomplete" and not result["changed"]
    assert (result.user("anna")["reason"], result.user("anna")["state"]) == ("unverified", NOT_ENABLED)
    assert "run_timeout" in result.user("anna")["msg"]
    assert len(simulator.writes()) == 1 and result["requests"]["seconds"] < 10


@pytest.mark.covers("M20", "M3")
def test_run_timeout_before_a_lost_write_could_be_read_back(simulator, module):
    simulator.inject({"match": {"method": "POST"}, "then": {"drop": "after"}})
    simulator.inject({"match": {"method": "GET"}, "skip": 1, "times": None, "then": {"hang": 20}})

    result = module(users=[ANNA], run_timeout=1)

    assert result["reason"] == "incomplete" and not result["changed"]
    assert result.user("anna")["reason"] == "unverified", "it may have taken effect, and here it has"
    assert simulator.state(ANNA) == READY and len(simulator.writes()) == 1


@pytest.mark.covers("M20")
def test_run_timeout_keeps_changed_users_and_skips_the_rest(simulator, module):
    """The writes of the first users are answered, of the others none: more than the calls that are sent at a time."""
    answered, silent = WORKERS[:100], WORKERS[100:400]
    for user in silent:
        simulator.inject({"match": {"method": "POST", "user": user}, "times": None, "then": {"hang": 60}})

    result = module(users=WORKERS[:400], run_timeout=5)

    assert result["reason"] == "incomplete" and result["changed"]
    assert [user["user"] for user in result["users"] if user["changed"]] == answered
    assert {user: result.reasons[user] for user in answered} == dict.fromkeys(answered)
    assert {result.reasons[user] for user in silent} == {"unverified", "skipped"}
    assert all(simulator.state(user) == READY for user in answered)
    assert all(simulator.state(user) == NOT_ENABLED for user in silent)


@pytest.mark.covers("M20")
def test_an_unreached_run_timeout_changes_nothing(module):
    assert module(users=[ANNA], run_timeout=30)["reason"] is None
