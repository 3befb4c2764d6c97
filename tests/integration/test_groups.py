# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members of groups, and groups that stop a run because they cannot be read."""

from __future__ import annotations

import pytest

from integration.tenants import READY, app, make_user, tenant

NARROW = "bbbbbbbb-0000-0000-0000-000000000002"
NO_GROUPS = "cccccccc-0000-0000-0000-000000000003"
LEAST = "dddddddd-0000-0000-0000-000000000004"
LEAST_ROLES = ["UserAuthMethod-Phone.ReadWrite.All", "GroupMember.ReadBasic.All", "User.ReadBasic.All"]
TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2, sms_sign_in=True),
    make_user("carl", 3),
    make_user("gone", 5, enabled=False),
    {**make_user("visitor", 6), "guest": True},
    {"count": 2100, "name": "worker{n:04}@contoso.example", "mobile": "+44 163296{n:04}", "sms_sign_in": True},
    apps=[
        app(),
        {**app(), "client_id": NARROW, "roles": ["UserAuthenticationMethod.ReadWrite.All", "GroupMember.Read.All"]},
        {**app(), "client_id": LEAST, "roles": LEAST_ROLES},
        {**app(), "client_id": NO_GROUPS, "roles": ["UserAuthenticationMethod.ReadWrite.All", "User.Read.All"]},
    ],
    groups=[
        {"name": "Frontline", "members": ["anna@contoso.example", "group:Early shift", "contact:Caterer"]},
        {"name": "Early shift", "members": ["ben@contoso.example", "group:Deep", "device:Kiosk 1"]},
        {"name": "Deep", "members": ["carl@contoso.example", "group:Frontline", "service_principal:Robot"]},
        {"name": "All workers", "members_match": "worker*"},
        {"name": "Empty", "members": []},
        {"name": "Things", "members": ["device:Kiosk 1", "contact:Caterer", "group:Empty"]},
        {"name": "Twins", "members": ["anna@contoso.example"]},
        {"name": "Twins", "members": ["carl@contoso.example"]},
        {"name": "Mail only", "members": ["anna@contoso.example"], "security": False},
        {"name": "Mixed", "members": ["anna@contoso.example"], "security": False},
        {"name": "Mixed", "members": ["carl@contoso.example"]},
        {"name": "It's 100% O'Neill & Co", "members": ["anna@contoso.example"]},
        {"name": "Secret", "members": ["anna@contoso.example"], "hidden": True},
        {"name": "Doubtful", "members": ["anna@contoso.example", "gone@contoso.example", "visitor@contoso.example"]},
    ],
)
ANNA, BEN, CARL = (f"{name}@contoso.example" for name in ("anna", "ben", "carl"))
NOWHERE = "99999999-0000-4000-8000-000000000000"


@pytest.mark.covers("M13")
@pytest.mark.parametrize("users", [[], [""], ["  ", "\n\n"]])
@pytest.mark.parametrize("state", ["enabled", "disabled"])
def test_an_empty_list_of_users_is_accepted_and_changes_nothing(simulator, module, users, state):
    result = module(users=users, state=state)

    assert not result["changed"] and result["reason"] is None and not result.other_warnings
    assert result["users"] == [] and result["summary"]["total"] == 0
    assert simulator.calls() == []


@pytest.mark.covers("M13")
@pytest.mark.parametrize("given", [{}, {"exclude_users": [ANNA]}, {"exclude_groups": ["Frontline"]}, {"users": ""}])
def test_neither_users_nor_groups_is_an_error_before_any_request(simulator, module, given):
    result = module(**given)

    assert result["reason"] == "invalid_options" and "'users'" in result["msg"] and "'groups'" in result["msg"]
    assert simulator.journal() == []


@pytest.mark.covers("M13")
@pytest.mark.parametrize("option", ["groups", "exclude_groups"])
@pytest.mark.parametrize(
    ("group", "reason"),
    [
        ("Nowhere", "group_not_found"),
        (NOWHERE, "group_not_found"),
        ("Mail only", "group_not_found"),
        ("Twins", "group_ambiguous"),
        ("Secret", "permission_missing"),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_an_unreadable_group_stops_the_run_before_the_first_write(simulator, module, option, group, reason, check_mode):
    result = module(**{"users": [ANNA], option: [group]}, check_mode=check_mode)

    assert result["reason"] == reason and not result["changed"]
    assert group in result["msg"]
    assert result.user("anna")["reason"] == "skipped"
    assert simulator.writes() == [] and simulator.requests("phoneMethods") == []


@pytest.mark.covers("M13")
def test_an_ambiguous_group_is_reported_with_the_ids_to_choose_from(simulator, module):
    result = module(groups=["Twins"])

    ids = {entry for entry in result["msg"].replace(",", " ").replace(".", " ").split() if entry.count("-") == 4}
    assert result["reason"] == "group_ambiguous" and len(ids) == 2
    chosen = module(groups=[sorted(ids)[0].upper()])
    assert chosen["reason"] is None and chosen["summary"]["changed"] == 1


@pytest.mark.covers("M13")
def test_the_least_permissions_are_sufficient(simulator, module):
    ben = simulator.user_id(BEN)

    result = module(groups=["Frontline"], exclude_users=[ben], client_id=LEAST)

    assert result["reason"] is None and [user["user"] for user in result["users"]] == [ANNA, CARL]
    assert [write.user for write in simulator.writes()] == [ANNA, CARL]


@pytest.mark.covers("M13")
@pytest.mark.parametrize("option", ["groups", "exclude_groups"])
def test_a_forbidden_group_names_the_missing_permission(simulator, module, option):
    simulator.switch("opaque_tokens", True)
    result = module(**{"users": [ANNA], option: ["Frontline"]}, client_id=NO_GROUPS)

    assert result["reason"] == "permission_missing" and "GroupMember.ReadBasic.All" in result["msg"]
    assert (result["support"]["status"], result["support"]["code"]) == (403, "Authorization_RequestDenied")
    assert simulator.writes() == []


@pytest.mark.covers("M13")
@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.parametrize("option", ["groups", "exclude_groups"])
def test_a_temporary_failure_to_read_members_is_retried(simulator, module, option, status):
    simulator.inject({"match": {"path": "transitiveMembers"}, "then": {"status": status}})

    result = module(**{"users": [CARL], option: ["Early shift"]})

    assert result["reason"] is None
    assert result["summary"]["total"] == (3 if option == "groups" else 0)


@pytest.mark.covers("M13")
@pytest.mark.parametrize("group", ["Empty", "Things"])
def test_a_group_without_users_is_a_warning_to_enable_and_an_error_to_disable(simulator, module, group):
    enabling = module(users=[ANNA], groups=[group])
    disabling = module(users=[ANNA], groups=[group], state="disabled")

    assert enabling["reason"] is None and enabling["summary"]["changed"] == 1 and group in enabling.warned
    assert disabling["reason"] == "group_empty" and group in disabling["msg"] and not disabling["changed"]
    assert [write.path.rpartition("/")[2] for write in simulator.writes()] == ["enableSmsSignIn"]


@pytest.mark.covers("M13")
@pytest.mark.parametrize("group", ["Empty", "Things"])
@pytest.mark.parametrize("state", ["enabled", "disabled"])
def test_an_exclude_group_without_users_stops_the_run(simulator, module, group, state):
    result = module(users=[ANNA, BEN], exclude_groups=[group], state=state)

    assert result["reason"] == "group_empty" and group in result["msg"]
    assert simulator.writes() == []


@pytest.mark.covers("M13")
@pytest.mark.parametrize("by_id", [True, False])
def test_members_of_nested_groups_are_selected_and_devices_are_not(simulator, module, by_id):
    group = simulator.group_id("Frontline") if by_id else "frontline"

    result = module(groups=[group])

    assert result["changed"] and result["reason"] is None
    assert result.reasons == {ANNA: None, BEN: None, CARL: None}
    assert {user["id"] for user in result["users"]} == {simulator.user_id(name) for name in (ANNA, BEN, CARL)}
    writes = simulator.writes()
    assert sorted(write.user for write in writes) == [ANNA, CARL]
    assert all(simulator.user_id(write.user) in write.path for write in writes), "members are addressed by id"


@pytest.mark.covers("M13")
def test_nested_members_are_excluded(simulator, module):
    result = module(users=[ANNA, BEN, CARL, "visitor@contoso.example"], exclude_groups=["Deep"], check_mode=True)

    assert [user["user"] for user in result["users"]] == ["visitor@contoso.example"]


@pytest.mark.covers("M13", "L1")
@pytest.mark.parametrize("empty_page", [True, False])
def test_members_on_later_pages_are_selected(simulator, module, empty_page):
    simulator.switch("empty_page", empty_page)
    last = [f"worker{number:04}@contoso.example" for number in (999, 1000, 2099, 2100)]

    result = module(users=[*last, BEN], exclude_groups=["All workers"], state="disabled")

    assert result["reason"] is None and [user["user"] for user in result["users"]] == [BEN]
    assert [write.user for write in simulator.writes()] == [BEN]
    pages = simulator.requests("transitiveMembers")
    assert len(pages) == (4 if empty_page else 3) and {page.status for page in pages} == {200}


@pytest.mark.covers("M13")
def test_all_members_of_a_paged_group_are_selected(simulator, module):
    result = module(groups=["All workers"], check_mode=True)

    assert result["reason"] is None and result["summary"]["unchanged"] == result["summary"]["total"] == 2100
    assert len(result["users"]) == 1000 and result["users_omitted"] == 1100


@pytest.mark.covers("M13", "L1")
@pytest.mark.parametrize("status", [429, 503])
def test_a_page_that_fails_once_is_retried_alone(simulator, module, status):
    match = {"path": "transitiveMembers"}
    simulator.inject({"match": match, "skip": 1, "then": {"status": status, "headers": {"Retry-After": "0.1"}}})

    result = module(users=[BEN], exclude_groups=["All workers"], check_mode=True)

    assert result["reason"] is None
    assert [page.status for page in simulator.requests("transitiveMembers")] == [200, status, 200, 200]


@pytest.mark.covers("M13")
@pytest.mark.parametrize(
    ("status", "reason"), [(403, "permission_missing"), (404, "group_not_found"), (501, "incomplete")]
)
def test_a_page_that_always_fails_stops_the_run_before_the_first_write(simulator, module, status, reason):
    simulator.inject({"match": {"path": "transitiveMembers"}, "skip": 1, "times": None, "then": {"status": status}})

    result = module(users=[ANNA], exclude_groups=["All workers"])

    assert result["reason"] == reason and "All workers" in result["msg"]
    assert simulator.writes() == [] and not result["changed"]


@pytest.mark.covers("M13")
def test_groups_of_other_kinds_do_not_make_a_name_ambiguous(simulator, module):
    result = module(groups=["Mixed"])

    assert result["reason"] is None and list(result.reasons) == [CARL]


@pytest.mark.covers("M13", "M6")
def test_a_group_name_with_special_characters_is_found(simulator, module):
    result = module(groups=["It's 100% O'Neill & Co"])

    assert result["reason"] is None and list(result.reasons) == [ANNA]


@pytest.mark.covers("M13")
def test_members_with_unreadable_names_are_reported_by_id_and_not_refused(simulator, module):
    result = module(groups=["Doubtful"], client_id=NARROW)

    names = (ANNA, "gone@contoso.example", "visitor@contoso.example")
    assert set(result.reasons) == {simulator.user_id(name) for name in names}
    assert "account_disabled" not in result["summary"]["reasons"] and "guest" not in result["summary"]["reasons"]
    assert simulator.state(ANNA) == simulator.state("gone@contoso.example") == READY


@pytest.mark.covers("M13")
def test_disabled_accounts_and_guests_among_members_are_refused_unless_named(simulator, module):
    doubtful = ["gone@contoso.example", "visitor@contoso.example"]

    refused = module(groups=["Doubtful"], check_mode=True)
    tolerated = module(groups=["Doubtful"], tolerate=["account_disabled", "guest"], check_mode=True)
    named = module(groups=["Doubtful"], users=doubtful[:1], tolerate=["guest"])

    assert refused["reason"] == "some_users_failed"
    assert refused.reasons == {ANNA: None, doubtful[0]: "account_disabled", doubtful[1]: "guest"}
    assert tolerated["reason"] is None and tolerated["summary"]["refused"] == 2
    assert {user["failed"] for user in tolerated["users"]} == {False}
    assert named["reason"] is None and named.user("gone")["state"] == READY
    assert sorted(write.user for write in simulator.writes()) == [ANNA, doubtful[0]]


@pytest.mark.covers("M13")
def test_disabling_includes_disabled_accounts(simulator, module):
    simulator.change("gone@contoso.example", sms_sign_in=True)

    result = module(groups=["Doubtful"], state="disabled")

    assert result["reason"] is None and result["summary"]["changed"] == 1
    assert [write.user for write in simulator.writes()] == ["gone@contoso.example"]


@pytest.mark.covers("M13")
@pytest.mark.parametrize("option", ["groups", "exclude_groups"])
def test_a_search_that_finds_a_group_of_another_name_stops_the_run(simulator, module, option):
    """Something on the way drops the query, or answers another one from its cache."""
    other = {"id": simulator.group_id("Doubtful"), "displayName": "Doubtful"}
    simulator.inject({"match": {"path": r"/groups\?"}, "then": {"status": 200, "body": {"value": [other]}}})

    result = module(**{"users": [ANNA], option: ["Frontline"]})

    assert result["reason"] == "incomplete" and "give the group's object id" in result["msg"]
    assert simulator.writes() == [] and not result["changed"]
