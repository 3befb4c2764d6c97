# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A2-A6: a login that has its troubles, and a service that takes no token. What it refuses is in test_m16_login.py."""

from __future__ import annotations

import json

import pytest

from integration.tenants import NOT_ENABLED, SLACK, anna_and_workers, workers

TENANT = anna_and_workers(60)
ANNA = "anna@contoso.example"
WORKERS = workers(60)


@pytest.mark.covers("A2")
@pytest.mark.parametrize("name", ["a2_login_busy", "a2_login_failing"])
def test_a_login_that_puts_off_is_asked_again_when_it_says(simulator, module, scenario, name):
    scenario(name)

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None
    asked = [entry for entry in simulator.calls("login") if entry.method == "POST"]
    assert len(asked) == 3
    assert all(later.at - earlier.done >= 0.2 for earlier, later in zip(asked, asked[1:]))


@pytest.mark.covers("A2", "A3")
def test_one_request_at_a_time_asks_a_busy_login_for_the_new_token_of_all(simulator, module, scenario):
    scenario("a2_login_busy_in_the_middle")

    result = module(users=WORKERS)

    assert result["reason"] is None and result["summary"]["changed"] == 60
    first, put_off, second = [entry for entry in simulator.calls("login") if entry.method == "POST"]
    assert put_off.fault and second.at - put_off.done >= 0.2
    # What was on its way when the login was asked may arrive a moment later.
    during = [entry for entry in simulator.calls() if put_off.done + SLACK < entry.at < second.done]
    assert during == [], "nothing is sent without a token"
    assert sum(write.effect for write in simulator.writes()) == 60


@pytest.mark.covers("A3")
def test_a_token_that_is_not_accepted_any_more_is_replaced_once(simulator, module, scenario):
    scenario("a3_token_expires_in_the_middle")

    result = module(users=WORKERS)

    assert result["reason"] is None and result["summary"]["changed"] == 60
    assert simulator.tokens_asked() == 2 and 401 in {entry.status for entry in simulator.journal()}
    assert sum(write.effect for write in simulator.writes()) == 60


@pytest.mark.covers("A3")
def test_a_second_token_that_is_not_accepted_is_final(simulator, module, scenario):
    scenario("a3_token_never_accepted")

    result = module(users=WORKERS)

    assert result["reason"] == "authentication_failed" and not result["changed"]
    assert simulator.tokens_asked() == 2 and len(simulator.calls()) == 2
    assert result["summary"]["skipped"] == 60


@pytest.mark.covers("A4")
@pytest.mark.parametrize("users", [[ANNA], WORKERS], ids=["one user", "many users"])
@pytest.mark.parametrize("name", ["a4_claims_challenge_401", "a4_claims_challenge_403"])
def test_a_claims_challenge_is_final_and_told_with_what_to_do(simulator, module, scenario, users, name):
    scenario(name)

    result = module(users=users)

    assert not result["changed"] and simulator.writes() == []
    if name.endswith("401"):
        assert result["reason"] == "authentication_failed" and simulator.tokens_asked() == 2
        assert "Conditional Access policy" in result["msg"] and len(simulator.calls()) <= 2
    else:
        # The token holds the permission, so the refusal can be that of some users only: all are tried, once.
        assert result["reason"] == "some_users_failed" and len(simulator.calls()) <= 1 + len(users) // 20
        assert all("Conditional Access policy" in user["msg"] for user in result["users"])
    assert "eyJ" not in json.dumps(result)


@pytest.mark.covers("A5")
@pytest.mark.parametrize("code", ["access_denied", "request_denied"])
@pytest.mark.parametrize(("verb", "method"), [("read", "GET"), ("write", "POST")])
def test_an_application_with_the_permission_that_is_refused_for_all_users_tries_each_once(
    simulator, module, scenario, code, verb, method
):
    names = {
        ("read", "access_denied"): "a5_nobody_may_read_access_denied",
        ("read", "request_denied"): "a5_nobody_may_read_request_denied",
        ("write", "access_denied"): "a5_nobody_may_write_access_denied",
        ("write", "request_denied"): "a5_nobody_may_write_request_denied",
    }
    scenario(names[verb, code])

    result = module(users=WORKERS)

    assert result["reason"] == "some_users_failed" and not result["changed"]
    assert set(result.reasons.values()) == {"forbidden"} and len(simulator.struck()) == len(WORKERS)
    assert all("privileged" in user["msg"] for user in result["users"])


@pytest.mark.covers("A5")
def test_what_one_user_is_refused_is_theirs_alone(simulator, module, scenario):
    scenario("a5_one_may_not_be_read")

    result = module(users=[ANNA, *WORKERS])

    assert result["reason"] == "some_users_failed" and result["summary"]["changed"] == 60
    assert result.user("anna")["reason"] == "forbidden" and "privileged" in result.user("anna")["msg"]
    assert [entry.status for entry in simulator.journal() if entry.user == ANNA] == [403]


@pytest.mark.covers("A6")
def test_a_host_of_a_cloud_without_the_action_changes_nobody(simulator, module, scenario):
    scenario("a6_no_such_action")

    result = module(users=[ANNA, WORKERS[0]])

    assert result["reason"] == "some_users_failed" and not result["changed"]
    assert set(result.reasons.values()) == {"service_error"}
    assert {user["state"] for user in result["users"]} == {NOT_ENABLED}
    assert len(simulator.writes()) == 2, "final: nobody is tried twice"
