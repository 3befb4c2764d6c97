# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The effect of a write is read back, with any answer."""

from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Scope
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.orders import order_of
from driven import World
from integration.tenants import CLIENT_ID, NOT_ENABLED, READY, app, make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    make_user("fred", 6),
    make_user("deaf", 10, by_name="noop"),
    make_user("numb", 11, enable="never"),
    make_user("stuck", 12, sms_sign_in=True, disable="never"),
    make_user("slow", 13, lag=0.6),
    make_user("late", 14, sms_sign_in=True, lag=0.6),
    make_user("moody", 15, flicker=True),
    make_user("moodier", 16, flicker=True, lag=0.6),
)
ANNA = "anna@contoso.example"
ENABLE = {"method": "POST", "path": "enableSmsSignIn"}


@pytest.mark.covers("M1")
@pytest.mark.parametrize("verify_timeout", [1, 2])
def test_a_204_without_effect_by_name_is_repeated_by_id(simulator, module, verify_timeout):
    result = module(users=["deaf@contoso.example"], verify_timeout=verify_timeout)

    assert result["changed"] and result["reason"] is None
    user = result.user("deaf")
    assert (user["state"], user["previous_state"], user["changed"], user["reason"]) == (READY, NOT_ENABLED, True, None)
    identifier = simulator.user_id("deaf@contoso.example")
    assert user["id"] == identifier
    by_name, by_id = simulator.writes()
    assert (by_name.status, by_name.effect, by_name.path.split("/")[2]) == (204, False, "deaf@contoso.example")
    assert (by_id.status, by_id.effect, by_id.path.split("/")[2]) == (204, True, identifier)


@pytest.mark.covers("M1")
def test_a_204_without_effect_by_name_is_reported_when_the_id_is_unreadable(simulator, module):
    token = simulator.token(roles=["UserAuthenticationMethod.ReadWrite.All"])

    result = module(users=["deaf@contoso.example"], verify_timeout=1, client_secret=None, access_token=token)

    assert not result["changed"] and result["reason"] == "some_users_failed"
    user = result.user("deaf")
    assert (user["reason"], user["state"], user["id"]) == ("unverified", NOT_ENABLED, None)
    assert [(write.status, write.effect) for write in simulator.writes()] == [(204, False)]
    assert [entry.status for entry in simulator.requests("$select=id")] == [403]
    assert "User.Read.All" in user["msg"] + result.warned


@pytest.mark.covers("M1", "P8")
@pytest.mark.parametrize(("name", "state", "still"), [("numb", "enabled", NOT_ENABLED), ("stuck", "disabled", READY)])
@pytest.mark.parametrize("by_id", [True, False])
def test_a_204_that_never_takes_effect_is_unverified_after_verify_timeout(simulator, module, name, state, still, by_id):
    user = f"{name}@contoso.example"
    user = simulator.user_id(user) if by_id else user

    result = module(users=[user], state=state, verify_timeout=0.5)

    assert not result["changed"] and result["reason"] == "some_users_failed"
    reported = result.user(user)
    assert (reported["reason"], reported["state"], reported["previous_state"]) == ("unverified", still, still)
    assert reported["failed"] and not reported["changed"] and "verify_timeout" in reported["msg"]
    assert result["requests"]["seconds"] < 6
    # By name it is worth another write, by id.
    assert [(write.status, write.effect) for write in simulator.writes()] == [(204, False)] * (1 if by_id else 2)


@pytest.mark.covers("M1")
def test_a_user_that_never_changes_does_not_delay_the_others(simulator, module):
    result = module(users=["numb@contoso.example", ANNA, "fred@contoso.example"], verify_timeout=1)

    assert result["changed"] and result["reason"] == "some_users_failed"
    assert result.reasons == {"numb@contoso.example": "unverified", ANNA: None, "fred@contoso.example": None}
    assert (result["summary"]["changed"], result["summary"]["failed"]) == (2, 1)
    assert simulator.state(ANNA) == simulator.state("fred@contoso.example") == READY
    assert result["msg"] == "1 of 3 users failed: numb@contoso.example (unverified). 2 enabled."


@pytest.mark.covers("M2", "C2")
@pytest.mark.parametrize(
    ("name", "state", "before", "after"),
    [("slow", "enabled", NOT_ENABLED, READY), ("late", "disabled", READY, NOT_ENABLED)],
)
def test_a_late_state_is_waited_for_with_one_write(simulator, module, name, state, before, after):
    result = module(users=[f"{name}@contoso.example"], state=state, verify_timeout=10)

    assert result["changed"] and result["reason"] is None
    user = result.user(name)
    assert (user["previous_state"], user["state"], user["changed"]) == (before, after, True)
    assert [write.effect for write in simulator.writes()] == [True]
    assert result["requests"]["seconds"] >= 0.6
    assert len(simulator.requests("phoneMethods")) >= 4, "a look before, the write, and looks until it showed"


@pytest.mark.covers("M2", "C2")
@pytest.mark.parametrize("name", ["moody", "moodier"])
def test_a_flickering_state_is_verified_by_the_read_that_showed_it(simulator, module, name):
    result = module(users=[f"{name}@contoso.example"], verify_timeout=10)

    assert result["changed"] and result["reason"] is None
    assert result.user(name)["state"] == READY
    assert [write.effect for write in simulator.writes()] == [True]


@pytest.mark.covers("M2")
@pytest.mark.parametrize("lag", [0.0, 0.5, 3.0])
def test_reads_are_delayed_as_long_as_earlier_changes_took(lag):
    """On a driven clock, at a pace of 20 requests a second. The first users are read at once, and repeatedly."""
    world = World(
        tenant(
            {"count": 400, "name": "worker{n:03}@contoso.example", "mobile": "+44 1632{n:06}"},
            apps=[app()],
            switches={"visibility_lag": lag},
            service_time={"per_call": 0.1},
            quota={"phone_methods_per_second": 20, "percentage": True},
        )
    )
    workers = [user.name for user in world.directory.users()]

    run, error = world.reconcile(order_of(Scope(workers)), CLIENT_ID)

    requests = [method for exchange in world.session.exchanges for method, _url in exchange.requests]
    world.close()
    assert error is None and {outcome.kind for outcome in run.outcomes} == {"changed"}
    assert requests.count("POST") == len(workers)
    verifying_reads = requests.count("GET") - len(workers)
    assert verifying_reads == len(workers) if lag == 0.0 else verifying_reads < 1.25 * len(workers)


@pytest.mark.covers("M3", "N1", "C1")
@pytest.mark.parametrize(
    "answer",
    [
        {"drop": "after"},
        {"status": 429, "headers": {"Retry-After": "0.2"}, "apply": True},
        {"status": 429, "apply": True},
        {"status": 503, "apply": True},
        {"status": 504, "body": "<html>Gateway Time-out</html>", "apply": True},
        {"status": 409, "code": "Directory_ConcurrencyViolation", "apply": True},
    ],
    ids=["connection dies", "429", "429 without Retry-After", "503", "504 in HTML", "409 of concurrency"],
)
def test_a_write_with_effect_and_an_error_answer_is_a_change_and_not_repeated(simulator, module, answer):
    simulator.inject({"match": ENABLE, "then": answer})

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None
    assert result.user("anna")["state"] == READY and result["summary"]["changed"] == 1
    assert [(write.effect, write.fault) for write in simulator.writes()] == [(True, "fault")]


@pytest.mark.covers("M3")
@pytest.mark.parametrize(
    "answer", [{"drop": "before"}, {"status": 429, "headers": {"Retry-After": "0.1"}}, {"status": 502}]
)
def test_a_write_without_effect_is_sent_again_once(simulator, module, answer):
    simulator.inject({"match": ENABLE, "then": answer})

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None
    assert [write.effect for write in simulator.writes()] == [False, True]
    assert result["requests"]["retried"] == 1


@pytest.mark.covers("M3")
def test_writes_in_a_batch_that_was_lost_are_reported_one_by_one(simulator, module):
    users = [ANNA, "fred@contoso.example", "numb@contoso.example"]
    simulator.inject({"match": {"outer": True}, "skip": 1, "then": {"drop": "after"}})

    result = module(users=users, verify_timeout=0.5)

    assert result["changed"] and result["reason"] == "some_users_failed"
    assert {user["user"]: user["changed"] for user in result["users"]} == dict(zip(users, [True, True, False]))
    effects = [(write.user, write.effect) for write in simulator.writes() if write.effect]
    assert sorted(effects) == [(ANNA, True), ("fred@contoso.example", True)], "no changed user is written to again"
    assert all(write.user == "numb@contoso.example" for write in simulator.writes()[3:])


@pytest.mark.covers("M3")
def test_a_throttled_item_that_took_effect_is_a_change(simulator, module):
    simulator.inject(
        {
            "match": {**ENABLE, "kind": "item", "user": ANNA},
            "then": {"status": 429, "headers": {"Retry-After": "0.2"}, "apply": True},
        }
    )

    result = module(users=[ANNA, "fred@contoso.example"])

    assert result["changed"] and result["summary"]["changed"] == 2
    assert [(write.user, write.status, write.effect) for write in simulator.writes()] == [
        (ANNA, 429, True),
        ("fred@contoso.example", 204, True),
    ]
    assert result["requests"]["throttled"] == 1


@pytest.mark.covers("M3")
def test_a_repeatedly_lost_write_without_effect_is_no_change(simulator, module):
    simulator.inject({"match": ENABLE, "times": None, "then": {"drop": "before"}})

    result = module(users=[ANNA], verify_timeout=1)

    assert not result["changed"] and result["reason"] == "some_users_failed"
    assert (result.user("anna")["reason"], result.user("anna")["state"]) == ("service_error", NOT_ENABLED)
    assert not any(write.effect for write in simulator.writes())
    assert len(simulator.writes()) <= 5 and result["requests"]["seconds"] < 6
