# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpublished facts about Graph: the result is the same for every value of the simulator's switches.

check -> apply -> apply again -> check again, over users in every state and such whose state moves between read and
write; all at once in batches, and one by one.
"""

from __future__ import annotations

from dataclasses import fields

import pytest

from graph_simulator.switches import CHOICES, Switches
from integration.tenants import NEW_TO_METADATA, READY, SECRET, SOMETHING_NEW, app, make_user, tenant

NARROW = "bbbbbbbb-0000-0000-0000-000000000002"
TENANT = tenant(
    make_user("ready", 1, sms_sign_in=True),
    make_user("off", 2),
    make_user("notconfigured", 3, state="notConfigured"),
    make_user("blocked", 4),
    make_user("taken", 1, attempted=True),
    make_user("doubled", 1),
    make_user("freed", 7, attempted=True),
    make_user("unsupported", 8, state="notSupported"),
    make_user("unknown", 9, state=SOMETHING_NEW),
    make_user("null", 10, state="null"),
    make_user("absent", 11, state="absent"),
    make_user("nophone"),
    make_user("officeonly", office="+1 2065550112"),
    make_user("guest", 13, guest=True),
    # These change between read and write.
    make_user("raced", 20),
    make_user("closing", 21),
    make_user("unplugged", 22),
    make_user("busy", 23),
    make_user("racedoff", 24, sms_sign_in=True),
    make_user("busyoff", 25, sms_sign_in=True),
    groups=[
        {"name": "No SMS", "members": ["blocked@contoso.example"]},
        {
            "name": "Frontline",
            "members": [f"{name}@contoso.example" for name in ("ready", "off", "blocked", "taken", "raced", "busyoff")],
        },
        {"name": "Twins", "members": ["off@contoso.example"]},
        {"name": "Twins", "members": ["off@contoso.example"]},
        {"name": "Secret", "members": ["off@contoso.example"], "hidden": True},
        {"name": "With a guest", "members": ["off@contoso.example", "guest@contoso.example"]},
    ],
    policy={
        "state": "enabled",
        "include": [{"group": "all_users", "sign_in": True}],
        "exclude": [{"group": "No SMS"}],
    },
    apps=[
        app(),
        {
            "client_id": NARROW,
            "secrets": [SECRET],
            "roles": ["UserAuthenticationMethod.ReadWrite.All", "GroupMember.Read.All"],
        },
    ],
)
MEANWHILE = {
    "raced": {"state": {"user": "raced@contoso.example", "sms_sign_in": True}},
    "closing": {"state": {"user": "closing@contoso.example", "state": "notAllowedByPolicy"}},
    "unplugged": {"state": {"user": "unplugged@contoso.example", "mobile": None}},
    "racedoff": {"state": {"user": "racedoff@contoso.example", "sms_sign_in": False}},
}
"""The event of a user when its first write arrives."""
THROTTLED = {"status": 429, "headers": {"Retry-After": "0.02"}}
"""The answer to a throttled write. Waiting takes time, so only BUSY users get it."""
BUSY = {"busy", "busyoff"}

TAKEN = "phone_number_not_unique"
FAILS = {
    "enabled": {
        "blocked": "not_allowed_by_policy",
        "taken": TAKEN,
        "doubled": TAKEN,
        "unsupported": "not_supported",
        "unknown": "unknown_state",
        "null": "unknown_state",
        "absent": "unknown_state",
        "nophone": "no_mobile_phone",
        "officeonly": "no_mobile_phone",
        "guest": "not_supported",
        "nobody": "user_not_found",
        "closing": "not_allowed_by_policy",
        "unplugged": "no_mobile_phone",
    },
    "disabled": {
        "unknown": "unknown_state",
        "null": "unknown_state",
        "absent": "unknown_state",
        "nobody": "user_not_found",
    },
}
"""The reason of each user that cannot reach the desired state."""
CHANGES = {
    "enabled": {"off", "notconfigured", "freed", "raced", "busy"},
    "disabled": {"ready", "racedoff", "busyoff"},
}
UNFORESEEN = {"closing", "unplugged"}
"""Users that check mode predicts to be enabled, and the run finds out otherwise."""
ATTEMPTED = {"taken", "doubled"}
"""Users whose number may be free by the next run, so that it is tried again."""
ALONE = {
    "enabled": ["off", "doubled", "raced", "closing", "unplugged"],
    "disabled": ["ready", "racedoff"],
}

LAG = 0.1
ALTERNATIVES = {
    "policy_refusal_status": [403, 405, 409],
    "policy_refusal_code": ["", "policyDoesNotAllow"],
    "policy_refusal_message": [
        "Can not enable Sms sign in on phone auth method as the credential policy is not enabled on user."
    ],
    "unique_refusal_status": [400, 403],
    "unique_refusal_code": ["", "conflict"],
    "unique_refusal_message": ["The phone number {number} is not unique."],
    "unsupported_refusal_status": [409],
    "unsupported_refusal_code": ["badRequest"],
    "refusal_code_form": ["inner", "nested", "details", "empty", "backend"],
    "inner_error_name": ["innererror"],
    "missing_method_code": ["itemNotFound"],
    "missing_user_code": ["resourceNotFound"],
    "existing_method_status": [409],
    "existing_method_code": ["phoneMethodExists"],
    "phone_created": [200],
    "phone_rule_status": [409],
    "phone_rule_code": ["methodRequired"],
    "phone_rule_message": [False],
    "bad_number_code": ["badRequest"],
    "cut_off": [30],
    "wrong_method_id": ["clean"],
    "enable_when_ready": [400, 409],
    "disable_when_off": [400, 409],
    "action_success": [200],
    "action_body": ["refuse", "any"],
    "by_name": ["noop"],
    "visibility_lag": [LAG],
    "release_lag": [LAG],
    "guest_state": [None],
    "phone_query_options": [False],
    "auto_registration": [False],
    "taken_number_saved": [False],
    "not_unique_sticks": [True],
    "masks_for_all": [True],
    "mask_character": ["*"],
    "fresh_mfa": [True],
    "narrow_members": ["full"],
    "hidden_members": ["empty"],
    "basic_shows_account": [True],
    "page_size": [1],
    "top_over_limit": ["clamp", "ignore"],
    "empty_page": [True],
    "policy_wrapped": [True],
    "policy_include_targets": ["refuse"],
    "policy_lag": [LAG],
    "batch_order_seed": [None, 7],
    "batch_action_body": ["optional"],
    "batch_throttled_outer": [424],
    "batch_no_content_body": ["absent", "empty"],
    "report_accepts_method_permission": [True],
    "report_filters_unlisted": [False],
    "report_lists_unregistered": [True],
    "report_stale": [True],
    "report_lag": [LAG],
    "premium": [False],
    "token_lifetime": [1],
    "opaque_tokens": [True],
    "request_id_header": [False],
}
"""The other values of every switch. They must not matter, except as in OTHERWISE."""

NOT_IN_METADATA = {
    # An older page has it.
    "action_success": pytest.mark.beyond_metadata("no answer with status 200"),
}

OTHERWISE = {
    # Guests are like members then.
    "guest_state": {"changes": {"guest"}},
    # Check mode reports the past attempt; that the number is free shows only when it is tried.
    "not_unique_sticks": {"refused_when_foreseen": {"freed": TAKEN}},
    # Masked numbers cannot be compared, so that another user of the run has one shows only when it is tried.
    "masks_for_all": {"surprised": {"doubled"}},
}
"""Switches that change outcomes by their meaning: the users that a run enables, or that check mode refuses."""

NOT_OF_THE_MAIN_JOB = {
    "report_refusal_code": "of the registration report: test_admins.py",
    "report_page_size": "of the registration report: test_registered.py",
    "policy_omitted_sign_in": "of a change of the SMS policy: test_sms_policy.py",
    "policy_checks_targets": "of a change of the SMS policy: test_sms_policy.py",
    "policy_read_all": "of a read of the SMS policy: test_sms_policy.py",
    "policy_read_lag": "of a change of the SMS policy: test_sms_policy.py",
    "cloud": "no user can be changed then: test_clouds.py, A6",
}


def expected(name, state):
    """(changed, reason) of all users after a run, and in check mode before it."""
    special = OTHERWISE.get(name, {}) if state == "enabled" else {}
    changes = CHANGES[state] | special.get("changes", set())
    fails = {user: reason for user, reason in FAILS[state].items() if user not in changes}
    users = [user["name"].partition("@")[0] for user in TENANT["users"]] + ["nobody"]
    real = {user: (user in changes, fails.get(user)) for user in users}
    surprised = UNFORESEEN | special.get("surprised", set()) if state == "enabled" else set()
    refused = special.get("refused_when_foreseen", {})
    foreseen = {user: (True, None) if user in surprised else reported for user, reported in real.items()}
    return real, {**foreseen, **{user: (False, reason) for user, reason in refused.items()}}


def reported(result):
    return {user["user"].partition("@")[0]: (user["changed"], user["reason"]) for user in result["users"]}


def only(table, users):
    return {user: table[user] for user in users}


def signed_in(simulator, name):
    """Options with a given token, except where the lifetime of tokens is tested: each sign-in takes time."""
    return {} if name == "token_lifetime" else {"client_secret": None, "access_token": simulator.token()}


def journey(simulator, name, run, state, real, foreseen):
    """Runs it on the users in `real`; `run(check_mode)` gives a result."""
    happens = {**MEANWHILE, **(dict.fromkeys(BUSY, THROTTLED) if name in (None, "batch_throttled_outer") else {})}
    for user in happens.keys() & real.keys():
        match = {"method": "POST", "user": f"{user}@contoso.example"}
        simulator.inject({"match": match, "then": happens[user]})
    simulator.clear_journal()
    left = {user: (False, reason) for user, (_changed, reason) in real.items()}

    assert reported(run(check_mode=True)) == foreseen
    assert simulator.writes() == []
    assert reported(run(check_mode=False)) == real
    simulator.clear_journal()
    simulator.advance(LAG)
    assert reported(run(check_mode=False)) == left
    again = {write.user.partition("@")[0] for write in simulator.writes()}
    assert again == (ATTEMPTED & real.keys() if state == "enabled" else set())
    simulator.clear_journal()
    simulator.advance(LAG)
    assert reported(run(check_mode=True)) == left
    assert simulator.writes() == []
    for user, (changed, _reason) in real.items():
        if changed:
            assert (simulator.state(f"{user}@contoso.example") == READY) is (state == "enabled")


def cases():
    return [
        pytest.param(name, value, marks=NOT_IN_METADATA.get(name, ()))
        for name, values in ALTERNATIVES.items()
        for value in values
    ]


@NEW_TO_METADATA
@pytest.mark.parametrize("state", ["enabled", "disabled"])
@pytest.mark.parametrize(("name", "value"), [(None, None), *cases()])
def test_unpublished_facts_do_not_change_a_run_over_many_users(simulator, module, name, value, state):
    if name:
        simulator.switch(name, value)
    real, foreseen = expected(name, state)
    users = [f"{user}@contoso.example" for user in real]

    def run(check_mode):
        given = {"users": users, "groups": ["Frontline"], "state": state, "check_mode": check_mode}
        return module(**given, verify_timeout=1.5, **signed_in(simulator, name))

    journey(simulator, name, run, state, real, foreseen)


@pytest.mark.parametrize("state", ["enabled", "disabled"])
@pytest.mark.parametrize(("name", "value"), [(None, None), *cases()])
def test_unpublished_facts_do_not_change_runs_over_one_user(simulator, module, name, value, state):
    if name:
        simulator.switch(name, value)
    real, foreseen = expected(name, state)
    # The user who holds the number is not read then.
    foreseen["doubled"] = (state == "enabled", None)
    for user in ALONE[state]:

        def run(check_mode, user=f"{user}@contoso.example"):
            given = {"users": [user], "state": state, "check_mode": check_mode}
            return module(**given, verify_timeout=1.5, **signed_in(simulator, name))

        journey(simulator, name, run, state, only(real, [user]), only(foreseen, [user]))


def test_every_switch_is_tested():
    defaults = {field.name: field.default for field in fields(Switches)}

    assert ALTERNATIVES.keys() | NOT_OF_THE_MAIN_JOB.keys() == defaults.keys()
    for name, values in ALTERNATIVES.items():
        assert values and defaults[name] not in values
        assert name not in CHOICES or {defaults[name], *values} == set(CHOICES[name])


# -- facts that this sequence does not reach


@pytest.mark.parametrize(("value", "reason"), [("forbidden", "permission_missing"), ("empty", "group_empty")])
def test_an_exclude_group_with_hidden_members_stops_the_run(simulator, module, value, reason):
    simulator.switch("hidden_members", value)

    result = module(users=["off@contoso.example"], exclude_groups=["Secret"])

    assert result["reason"] == reason and simulator.writes() == []


@pytest.mark.parametrize("value", ["nulls", "full"])
def test_members_are_reported_by_name_or_else_by_id(simulator, module, value):
    simulator.switch("narrow_members", value)
    names = ["off@contoso.example", "guest@contoso.example"]

    result = module(groups=["With a guest"], client_id=NARROW)

    assert set(result.reasons) == set(names if value == "full" else map(simulator.user_id, names))
    assert result["summary"]["changed"] == 1 and result["summary"]["reasons"] == {"not_supported": 1}
    assert [write.user for write in simulator.writes()] == names[:1]


@pytest.mark.parametrize("size", [1, 100])
def test_two_groups_of_one_name_are_ambiguous_on_one_page_and_on_two(simulator, module, size):
    simulator.switch("page_size", size)

    assert module(groups=["Twins"])["reason"] == "group_ambiguous"
