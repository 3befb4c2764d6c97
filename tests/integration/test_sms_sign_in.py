# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job over users in every state: check -> apply -> apply again -> check again, to enable and to disable."""

from __future__ import annotations

import json

import pytest

from integration.tenants import NEW_TO_METADATA, NOT_ENABLED, READY, SOMETHING_NEW, make_user, tenant

TENANT = tenant(
    make_user("ready", 1, sms_sign_in=True),
    make_user("off", 2),
    make_user("notconfigured", 3, state="notConfigured"),
    make_user("blocked", 4),
    # Tried before; another user of the tenant signs in with the number, or a deleted account does.
    make_user("taken", 1, attempted=True),
    make_user("haunted", 6, attempted=True),
    {**make_user("ghost", 6, sms_sign_in=True), "soft_deleted": True},
    # Tried before; the account that held the number has released it, and the state stays.
    make_user("freed", 7, attempted=True),
    make_user("unsupported", 8, state="notSupported"),
    make_user("unknown", 9, state=SOMETHING_NEW),
    make_user("null", 10, state="null"),
    make_user("absent", 11, state="absent"),
    make_user("nophone"),
    make_user("officeonly", office="+1 2065550112"),
    groups=[{"name": "No SMS", "members": ["blocked@contoso.example"]}],
    policy={
        "state": "enabled",
        "include": [{"group": "all_users", "sign_in": True}],
        "exclude": [{"group": "No SMS"}],
    },
    switches={"not_unique_sticks": True},
)
NOT_UNIQUE = "phoneNumberNotUnique"

# For each user: the state found; then state, changed and reason of the run.
TO_ENABLE = {
    "ready": (READY, READY, False, None),
    "off": (NOT_ENABLED, READY, True, None),
    "notconfigured": ("notConfigured", READY, True, None),
    "blocked": ("notAllowedByPolicy", "notAllowedByPolicy", False, "not_allowed_by_policy"),
    "taken": (NOT_UNIQUE, NOT_UNIQUE, False, "phone_number_not_unique"),
    "haunted": (NOT_UNIQUE, NOT_UNIQUE, False, "phone_number_not_unique"),
    "freed": (NOT_UNIQUE, READY, True, None),
    "unsupported": ("notSupported", "notSupported", False, "not_supported"),
    "unknown": (SOMETHING_NEW, SOMETHING_NEW, False, "unknown_state"),
    "null": (None, None, False, "unknown_state"),
    "absent": (None, None, False, "unknown_state"),
    "nophone": ("noMobilePhone", "noMobilePhone", False, "no_mobile_phone"),
    "officeonly": ("noMobilePhone", "noMobilePhone", False, "no_mobile_phone"),
    "nobody": (None, None, False, "user_not_found"),
}
TO_DISABLE = {
    **{name: (found, found, False, None) for name, (found, _state, _changed, _reason) in TO_ENABLE.items()},
    "ready": (READY, NOT_ENABLED, True, None),
    "unknown": (SOMETHING_NEW, SOMETHING_NEW, False, "unknown_state"),
    "null": (None, None, False, "unknown_state"),
    "absent": (None, None, False, "unknown_state"),
    "nobody": (None, None, False, "user_not_found"),
}
FORESEEN = {"freed": (NOT_UNIQUE, NOT_UNIQUE, False, "phone_number_not_unique")}
"""What check mode reports of a past attempt: that the number is free by now shows only when it is tried."""
CHANGED = {"enabled": ["freed", "notconfigured", "off"], "disabled": ["ready"]}
ATTEMPTED = {"enabled": ["haunted", "taken"], "disabled": []}
"""Users whose state shows a past attempt: one more attempt in every run, since the number may be free by now."""


def expected(table):
    """The table by user principal name."""
    return {f"{name}@contoso.example": line for name, line in table.items()}


def reported(result):
    """The result in the form of the tables above."""
    return {
        user["user"]: (user["previous_state"], user["state"], user["changed"], user["reason"])
        for user in result["users"]
    }


def as_left_behind(table):
    """The result of the run after a real one: changed users have the desired state."""
    return {name: (state, state, False, reason) for name, (_found, state, _changed, reason) in table.items()}


def names(writes):
    return sorted(write.user.partition("@")[0] for write in writes)


@NEW_TO_METADATA
@pytest.mark.covers("M7", "P4", "P6", "P7")
@pytest.mark.parametrize(("state", "table"), [("enabled", TO_ENABLE), ("disabled", TO_DISABLE)])
@pytest.mark.parametrize("one_by_one", [False, True], ids=["in batches", "one task each"])
def test_check_apply_apply_check(simulator, module, state, table, one_by_one):
    users = list(expected(table))

    def run(check_mode):
        simulator.clear_journal()
        if not one_by_one:
            result = module(users=users, state=state, check_mode=check_mode, verify_timeout=1)
            assert result["reason"] == "some_users_failed"
            return reported(result)
        every = [module(user=name, state=state, check_mode=check_mode, verify_timeout=1) for name in users]
        return {name: line for result in every for name, line in reported(result).items()}

    before = {name: simulator.state(name) for name in users if "nobody" not in name}
    foreseen = expected({**table, **(FORESEEN if state == "enabled" else {})})
    assert run(check_mode=True) == foreseen
    assert simulator.writes() == [], "no write in check mode, and none inside a batch"
    assert {name: simulator.state(name) for name in before} == before

    assert run(check_mode=False) == expected(table)
    assert names(simulator.writes()) == sorted(CHANGED[state] + ATTEMPTED[state]), "one write per change"
    assert names(write for write in simulator.writes() if write.effect) == CHANGED[state]

    again = run(check_mode=False)
    assert again == expected(as_left_behind(table))
    assert names(simulator.writes()) == ATTEMPTED[state], "nothing the second time, save the attempts"

    assert run(check_mode=True) == again
    assert simulator.writes() == []


def test_users_blocked_by_policy_are_reported_as_blocked_and_not_as_disabled(simulator, module):
    result = module(users=["blocked@contoso.example"], state="disabled")

    assert result["reason"] is None and not result["changed"]
    assert "blocked by policy" in result.user("blocked")["msg"] and simulator.writes() == []


@pytest.mark.parametrize("tolerable", [True, False])
def test_refusals_can_be_tolerated_and_faults_cannot(simulator, module, tolerable):
    refused = ["blocked", "taken", "unsupported", "nophone", "nobody"]
    users = [f"{name}@contoso.example" for name in (*refused, "off", *([] if tolerable else ["null"]))]
    reasons = ["no_mobile_phone", "not_allowed_by_policy", "phone_number_not_unique", "not_supported", "user_not_found"]

    result = module(users=users, tolerate=reasons)

    assert result["reason"] == (None if tolerable else "some_users_failed") and result["changed"]
    assert (result["summary"]["refused"], result["summary"]["failed"]) == (5, 0 if tolerable else 1)
    assert [user["failed"] for user in result["users"] if user["reason"] in reasons] == [False] * 5
    assert sum(result["summary"]["reasons"].values()) == len(users) - 1


def test_every_result_has_the_same_keys_and_counts_that_add_up(module):
    results = [
        module(users=["off@contoso.example", "nophone@contoso.example"], check_mode=True),
        module(users=["off@contoso.example", "nophone@contoso.example"]),
        module(users=[]),
        module(users=["off@contoso.example"], client_secret="no-valid-secret"),
        module(groups=["Nowhere"]),
        module(),
    ]

    keys = {"changed", "msg", "reason", "support", "users", "users_omitted", "summary", "requests", "auth", "diff"}
    for result in results:
        assert keys <= result.keys()
        assert result.keys() - keys <= {"diff_omitted", "failed", "invocation", "warnings"}
        summary = dict(result["summary"])
        total, _reasons = summary.pop("total"), summary.pop("reasons")
        assert sum(summary.values()) == total
        assert bool(result.get("failed")) is (result["reason"] is not None)
        for user in result["users"]:
            assert user.keys() == {
                *("user", "id", "state", "previous_state", "changed", "failed", "reason", "msg"),
                *("phone_number", "other_methods", "support"),
            }


def test_the_message_of_a_failing_run_names_the_users_that_failed_first(module):
    users = ["off@contoso.example", "notconfigured@contoso.example", "nophone@contoso.example"]

    dry, real, again = (module(users=users, check_mode=check_mode) for check_mode in (True, False, False))

    failed = "1 of 3 users failed: nophone@contoso.example (no_mobile_phone)."
    assert [dry["msg"], real["msg"]] == [f"{failed} 2 would be enabled.", f"{failed} 2 enabled."]
    assert again["msg"] == f"{failed} 2 already enabled."
    assert {result["reason"] for result in (dry, real, again)} == {"some_users_failed"}


@NEW_TO_METADATA
@pytest.mark.parametrize(("state", "table"), [("enabled", TO_ENABLE), ("disabled", TO_DISABLE)])
def test_check_apply_apply_check_with_ansible(simulator, playbook, options, state, table):
    def step(name, check_mode):
        given = {**options, "users": list(expected(table)), "state": state, "verify_timeout": 1}
        return {
            "name": name,
            "frontline.entra.sms_sign_in": given,
            "check_mode": check_mode,
            "ignore_errors": True,
        }

    tasks = [step("check", True), step("apply", False), step("apply again", False), step("check again", True)]

    played = playbook(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), "--diff")

    assert played.returncode == 0, played.output
    results = {task.task: task.result for task in played.tasks}
    assert reported(results["check"]) == expected({**table, **(FORESEEN if state == "enabled" else {})})
    assert reported(results["apply"]) == expected(table)
    assert reported(results["apply again"]) == reported(results["check again"]) == expected(as_left_behind(table))
    assert [task.status for task in played.tasks] == ["failed"] * 4, "some users cannot be helped"
    assert [task.result["changed"] for task in played.tasks] == [True, True, False, False]
    writes = names(simulator.writes())
    assert writes == sorted(CHANGED[state] + 2 * ATTEMPTED[state])
    assert names(write for write in simulator.writes() if write.effect) == CHANGED[state]
