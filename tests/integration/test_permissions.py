# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Missing permissions, and users that may not be changed."""

from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._domain._permissions import ROLE_IDS
from integration.tenants import (
    CLIENT_ID,
    NOT_ENABLED,
    SECRET,
    TENANT_ID,
    app,
    make_user,
    tenant,
)

READER = "bbbbbbbb-0000-0000-0000-000000000002"
UNPRIVILEGED = "cccccccc-0000-0000-0000-000000000003"
MACHINE = "dddddddd-0000-0000-0000-000000000004"
TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2, sms_sign_in=True),
    make_user("boss", 3, admin=True),
    make_user("sealed", 4, forbidden=True),
    make_user("clerk", 7),
    {"count": 240, "name": "worker{n:03}@contoso.example", "mobile": "+44 1632960{n:03}"},
    apps=[
        app(),
        {"client_id": READER, "secrets": [SECRET], "roles": ["UserAuthMethod-Phone.Read.All"]},
        {"client_id": UNPRIVILEGED, "secrets": [SECRET], "roles": ["User.Read.All"]},
        {"client_id": MACHINE, "managed_identity": True},
    ],
    delegated=[
        {
            "user": "clerk@contoso.example",
            "client_id": CLIENT_ID,
            "scopes": ["UserAuthenticationMethod.ReadWrite.All", "User.ReadBasic.All"],
        }
    ],
)
ANNA = "anna@contoso.example"
BEN = "ben@contoso.example"
WORKERS = [f"worker{number:03}@contoso.example" for number in range(1, 241)]
BOTH_TO_WRITE = ("UserAuthMethod-Phone.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All")
BOTH_TO_READ = ("UserAuthMethod-Phone.Read.All", "UserAuthenticationMethod.Read.All")


def given(token):
    return {"client_secret": None, "access_token": token}


@pytest.mark.covers("M11", "A5")
@pytest.mark.parametrize(("name", "state"), [("sealed", None), ("boss", NOT_ENABLED)], ids=["to read", "to write"])
@pytest.mark.parametrize("others", [[], WORKERS[:30]], ids=["alone", "among others"])
def test_one_privileged_user_is_forbidden_and_the_others_continue(simulator, module, name, state, others):
    result = module(users=[f"{name}@contoso.example", *others])

    assert result["reason"] == "some_users_failed" and result["changed"] is bool(others)
    user = result.user(name)
    assert (user["reason"], user["state"], user["failed"]) == ("forbidden", state, True)
    assert "privileged" in user["msg"] and user["support"]["status"] == 403
    assert (result["summary"]["changed"], result["summary"]["failed"]) == (len(others), 1)
    tries = [write.status for write in simulator.writes() if write.user == user["user"]]
    assert tries == ([403] if name == "boss" else [])


@pytest.fixture
def opaque(simulator):
    """No client can read a token, so that only Graph's answers show what it may do."""
    simulator.switch("opaque_tokens", True)


@pytest.mark.covers("M11")
@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("users", [[ANNA], WORKERS], ids=["one user", "many users"])
def test_a_missing_permission_is_reported_before_the_first_request(simulator, module, users, check_mode):
    result = module(users=users, client_id=UNPRIVILEGED, check_mode=check_mode)

    assert result["reason"] == "permission_missing" and not result["changed"] and result["support"] is None
    named = BOTH_TO_READ if check_mode else BOTH_TO_WRITE
    assert all(f"{name} ({ROLE_IDS[name]})" in result["msg"] for name in named)
    assert f"{simulator.login_url}/{TENANT_ID}/adminconsent?client_id={UNPRIVILEGED}" in result["msg"]
    assert result["summary"]["skipped"] == len(users)
    assert simulator.calls() == [] and simulator.tokens_asked() == 1


@pytest.mark.covers("M11")
def test_all_that_the_options_need_is_reported_at_once(simulator, module):
    options = {"groups": ["Frontline"], "exclude_users": [BEN], "exclude_admins": True, "state": "disabled"}

    result = module(**options, require_methods=["fido2"], client_id=UNPRIVILEGED)

    needed = [*BOTH_TO_WRITE, "GroupMember.ReadBasic.All", "AuditLog.Read.All", "UserAuthenticationMethod.Read.All"]
    assert result["reason"] == "permission_missing" and simulator.calls() == []
    assert all(f"{name} ({ROLE_IDS[name]})" in result["msg"] for name in needed)


@pytest.mark.covers("M11")
def test_a_managed_identity_learns_how_to_get_the_permission(simulator, module):
    token = simulator.token(client_id=MACHINE)

    result = module(users=[ANNA], **given(token))

    assert result["reason"] == "permission_missing" and "to the managed identity" in result["msg"]
    assert simulator.calls() == []


@pytest.mark.covers("M11")
def test_a_missing_permission_of_an_application_with_an_entra_role_is_for_graph_to_judge(simulator, module):
    token = simulator.token(client_id=UNPRIVILEGED, entra_roles=["Global Reader"])

    result = module(users=WORKERS, **given(token))

    assert result["reason"] == "permission_missing" and result["support"]["status"] == 403
    assert simulator.writes() == []


@pytest.mark.covers("M11", "A5")
@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("users", [[ANNA], WORKERS[:30]], ids=["one user", "some users"])
def test_a_run_that_may_read_no_user_stops_and_names_both_families(simulator, module, opaque, users, check_mode):
    result = module(users=users, client_id=UNPRIVILEGED, check_mode=check_mode)

    assert result["reason"] == "permission_missing" and not result["changed"]
    named = BOTH_TO_READ if check_mode else BOTH_TO_WRITE
    assert all(permission in result["msg"] for permission in named)
    assert (result["support"]["status"], result["support"]["code"]) == (403, "accessDenied")
    assert result["summary"]["failed"] + result["summary"]["skipped"] == len(users)
    assert simulator.writes() == []


@pytest.mark.covers("M11", "A5")
@pytest.mark.parametrize("users", [[ANNA], WORKERS], ids=["one user", "many users"])
def test_a_run_that_may_write_to_no_user_stops_and_names_both_families(simulator, module, opaque, users):
    result = module(users=[*users, BEN], client_id=READER)

    assert result["reason"] == "permission_missing" and not result["changed"]
    assert all(permission in result["msg"] for permission in BOTH_TO_WRITE)
    assert result["support"]["status"] == 403
    assert result.user("ben")["reason"] is None, "who needs no change is fine"
    assert result["summary"]["failed"] + result["summary"]["skipped"] == len(users)
    assert result["summary"]["reasons"].get("forbidden", 0) >= 1
    assert {write.status for write in simulator.writes()} == {403}


@pytest.mark.covers("M11")
def test_check_mode_needs_only_the_permission_to_read_and_warns(simulator, module):
    result = module(users=[ANNA, BEN], client_id=READER, check_mode=True)

    assert result["reason"] is None and result["summary"]["changed"] == 1
    assert all(permission in result.warned for permission in BOTH_TO_WRITE)
    assert simulator.writes() == []


@pytest.mark.covers("M11")
def test_the_permission_to_read_is_not_enough_outside_check_mode(simulator, module):
    result = module(users=[BEN], client_id=READER)

    assert result["reason"] == "permission_missing" and simulator.calls() == []


@pytest.mark.covers("M11")
@pytest.mark.parametrize("family", [*BOTH_TO_WRITE])
def test_either_family_of_permissions_is_sufficient(simulator, module, family):
    result = module(users=[ANNA], **given(simulator.token(roles=[family])))

    assert result["changed"] and result["reason"] is None
    assert [write.status for write in simulator.writes()] == [204]


@pytest.mark.covers("M11")
def test_a_signed_in_user_without_the_administrator_role_gets_advice(simulator, module):
    result = module(users=WORKERS, **given(simulator.token(user="clerk@contoso.example")))

    assert result["reason"] == "permission_missing" and "Authentication Administrator" in result["msg"]
    assert result["summary"]["failed"] + result["summary"]["skipped"] == len(WORKERS) and simulator.writes() == []


@pytest.mark.covers("A5")
@pytest.mark.parametrize("code", ["access_denied", "request_denied"])
@pytest.mark.parametrize(("verb", "method"), [("read", "GET"), ("write", "POST")])
def test_an_application_refused_for_all_users_tries_each_once(simulator, module, scenario, code, verb, method):
    names = {
        ("read", "access_denied"): "a5_nobody_may_read_access_denied",
        ("read", "request_denied"): "a5_nobody_may_read_request_denied",
        ("write", "access_denied"): "a5_nobody_may_write_access_denied",
        ("write", "request_denied"): "a5_nobody_may_write_request_denied",
    }
    scenario(names[verb, code])

    result = module(users=WORKERS[:60])

    assert result["reason"] == "some_users_failed" and not result["changed"]
    assert set(result.reasons.values()) == {"forbidden"} and len(simulator.affected()) == 60
    assert all("privileged" in user["msg"] for user in result["users"])


@pytest.mark.covers("A5")
def test_a_refusal_of_one_user_does_not_affect_others(simulator, module, scenario):
    scenario("a5_one_may_not_be_read")

    result = module(users=[ANNA, *WORKERS[:60]])

    assert result["reason"] == "some_users_failed" and result["summary"]["changed"] == 60
    assert result.user("anna")["reason"] == "forbidden" and "privileged" in result.user("anna")["msg"]
    assert [entry.status for entry in simulator.journal() if entry.user == ANNA] == [403]
