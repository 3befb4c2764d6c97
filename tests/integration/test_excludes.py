# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An exclude protects its user, or the run stops before the first write."""

from __future__ import annotations

import pytest

from integration.tenants import NOT_ENABLED, READY, app, make_user, tenant

NO_USERS = "bbbbbbbb-0000-0000-0000-000000000002"
TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2),
    make_user("ceo", 8),
    make_user("carl", 3),
    apps=[
        app(),
        {**app(), "client_id": NO_USERS, "roles": ["UserAuthenticationMethod.ReadWrite.All", "GroupMember.Read.All"]},
    ],
    groups=[
        {"name": "Frontline", "members": [f"{name}@contoso.example" for name in ("anna", "ben", "ceo")]},
        {"name": "Sales, EMEA", "members": ["anna@contoso.example"]},
        {"name": "Sales", "members": ["ceo@contoso.example"]},
        {"name": "EMEA", "members": ["ceo@contoso.example"]},
        {"name": "461", "members": ["ceo@contoso.example"]},
        {"name": "0715", "members": ["anna@contoso.example"]},
        {"name": "True", "members": ["ceo@contoso.example"]},
        {"name": "Empty", "members": []},
    ],
)
ANNA, BEN, CARL, CEO = (f"{name}@contoso.example" for name in ("anna", "ben", "carl", "ceo"))
UNKNOWN_ID = "0a000000-0000-4000-8000-0000000000ff"

CHECK_MODE = pytest.mark.parametrize("check_mode", [True, False])


@CHECK_MODE
@pytest.mark.parametrize("state", ["enabled", "disabled"])
@pytest.mark.parametrize(
    "scope", [{"groups": ["Frontline"]}, {"users": [ANNA, CEO]}, {"users": [ANNA], "groups": ["Sales"]}]
)
@pytest.mark.parametrize("exclude", ["ceo@contoso.exmaple", "cleo.chief@contoso.example", UNKNOWN_ID])
def test_an_exclude_that_matches_no_user_stops_the_run(simulator, module, scope, exclude, state, check_mode):
    simulator.change(CEO, sms_sign_in=state == "disabled")

    result = module(**scope, exclude_users=[BEN, exclude], state=state, check_mode=check_mode)

    assert result["reason"] == "exclude_not_found" and not result["changed"]
    assert exclude in result["msg"] and BEN not in result["msg"]
    assert simulator.writes() == [] and simulator.state(CEO) == (READY if state == "disabled" else NOT_ENABLED)


@CHECK_MODE
@pytest.mark.parametrize("scope", [{"users": [CEO]}, {"users": ["ID"], "exclude_users": [CEO]}])
@pytest.mark.parametrize("shown", ["another user", "nothing", "no name", "no id", "portal"])
def test_an_answer_that_does_not_show_the_user_stops_the_run(simulator, module, scope, shown, check_mode):
    carl = {"id": simulator.user_id(CARL), "userPrincipalName": CARL}
    body = {
        "another user": carl,
        "nothing": {},
        "no name": {"id": carl["id"]},
        "no id": {"userPrincipalName": CARL},
        "portal": {"status": "sign in"},
    }[shown]
    match = {"method": "GET", "path": "select=id,userPrincipalName"}
    simulator.inject({"match": match, "times": None, "then": {"status": 200, "body": body}})
    scope = {
        name: [simulator.user_id(CEO) if user == "ID" else user for user in users] for name, users in scope.items()
    }
    scope.setdefault("exclude_users", [simulator.user_id(CEO)])

    result = module(**scope, check_mode=check_mode)

    assert result["reason"] == "incomplete" and "does not show which user" in result["msg"]
    assert simulator.writes() == [] and not result["changed"]


@CHECK_MODE
@pytest.mark.parametrize("exclude", [CARL, CARL.upper(), "ID"])
def test_an_exclude_outside_the_scope_is_accepted(simulator, module, exclude, check_mode):
    exclude = simulator.user_id(CARL) if exclude == "ID" else exclude

    result = module(groups=["Frontline"], exclude_users=[exclude, CEO], check_mode=check_mode)

    assert result["reason"] is None and not result.other_warnings
    assert set(result.reasons) == {ANNA, BEN}
    assert sorted(write.user for write in simulator.writes()) == ([] if check_mode else [ANNA, BEN])


@CHECK_MODE
def test_an_exclude_that_cannot_be_looked_up_stops_the_run_and_names_the_permission(simulator, module, check_mode):
    result = module(users=[ANNA], exclude_users=[CEO], client_id=NO_USERS, check_mode=check_mode)

    assert result["reason"] == "permission_missing" and "User.Read.All" in result["msg"] and CEO in result["msg"]
    assert simulator.writes() == []


def test_many_excludes_take_few_calls(simulator, module):
    result = module(users=[ANNA], exclude_users=[BEN, CARL, CEO, simulator.user_id(BEN)])

    assert result["reason"] is None
    assert len([call for call in simulator.calls() if call.method == "POST" and "batch" in call.path]) <= 1


@CHECK_MODE
@pytest.mark.parametrize("option", ["groups", "exclude_groups"])
def test_an_empty_group_names_hidden_membership(simulator, module, option, check_mode):
    result = module(**{"users": [ANNA], option: ["Empty"]}, state="disabled", check_mode=check_mode)

    assert result["reason"] == "group_empty" and "Member.Read.Hidden" in result["msg"]
    assert "emove" not in result["msg"] and simulator.writes() == []


@CHECK_MODE
@pytest.mark.parametrize("entry", [None, CEO, {"id": UNKNOWN_ID, "userPrincipalName": CEO}])
def test_a_member_of_an_exclude_group_that_cannot_be_read_stops_the_run(simulator, module, entry, check_mode):
    ben = {"@odata.type": "#microsoft.graph.user", "id": simulator.user_id(BEN), "userPrincipalName": BEN}
    match = {"method": "GET", "path": f"{simulator.group_id('Sales')}/transitiveMembers"}
    simulator.inject({"match": match, "then": {"status": 200, "body": {"value": [entry, ben]}}})

    result = module(groups=["Frontline"], exclude_groups=["Sales"], check_mode=check_mode)

    assert result["reason"] == "incomplete" and "'Sales'" in result["msg"] and not result["changed"]
    assert simulator.writes() == [] and simulator.state(CEO) == NOT_ENABLED


@CHECK_MODE
@pytest.mark.parametrize("body", [{"id": ["x"], "userPrincipalName": 7}, {"id": "x", "userPrincipalName": CEO}])
def test_an_exclude_whose_lookup_cannot_be_read_stops_the_run(simulator, module, body, check_mode):
    simulator.inject({"match": {"method": "GET", "path": "^/users/carl"}, "then": {"status": 200, "body": body}})

    result = module(groups=["Frontline"], exclude_users=[CARL], check_mode=check_mode)

    assert result["reason"] == "incomplete" and CARL in result["msg"]
    assert simulator.writes() == []


# -- names of groups that were altered


@pytest.mark.parametrize("option", ["group", "groups"])
@pytest.mark.parametrize("given", ["Sales, EMEA", ["Sales, EMEA"], " Sales, EMEA\n"])
def test_a_group_name_with_a_comma_is_one_group(simulator, module, option, given):
    result = module(**{option: given})

    assert result["reason"] is None and list(result.reasons) == [ANNA]
    assert [write.user for write in simulator.writes()] == [ANNA]


def test_an_exclude_group_name_with_a_comma_is_one_group(simulator, module):
    result = module(groups=["Frontline"], exclude_groups="Sales, EMEA")

    assert result["reason"] is None and set(result.reasons) == {BEN, CEO}


@CHECK_MODE
@pytest.mark.parametrize("value", [461, True, None, 4.5, ["Sales"], {"name": "Sales"}])
@pytest.mark.parametrize("option", ["users", "groups", "exclude_users", "exclude_groups"])
def test_a_name_that_is_no_text_is_refused_with_the_reason(simulator, module, option, value, check_mode):
    result = module(**{"users": [ANNA], option: ["x@contoso.example", value]}, check_mode=check_mode)

    assert result["reason"] == "invalid_options" and f"'{option}' entry 2 is" in result["msg"]
    assert simulator.journal() == []


def test_yaml_does_not_turn_a_name_into_another_group(simulator, playbook, options):
    play = """
- hosts: localhost
  gather_facts: false
  vars:
    sms_sign_in_groups: [0715]
  tasks:
    - frontline.entra.sms_sign_in:
        groups: {groups}
        {options}
"""
    lines = "\n        ".join(f"{name}: '{value}'" for name, value in options.items())
    for groups in (
        "0715",
        "[0715]",
        "[Yes]",
        "'{{ sms_sign_in_groups }}'",
        "[2026-01-01 10:00:00]",
        "\"['Sales', 'EMEA']\"",
    ):
        played = playbook(play.format(groups=groups, options=lines))
        assert played.of("frontline.entra.sms_sign_in").result["reason"] == "invalid_options", groups
    assert simulator.journal() == []

    played = playbook(play.format(groups="['0715']", options=lines))
    assert played.returncode == 0 and [write.user for write in simulator.writes()] == [ANNA]
