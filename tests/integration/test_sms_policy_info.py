# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SMS policy is read and shown with names."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._domain._permissions import with_role_ids
from integration import tenants
from integration.tenants import app, make_user, tenant

STRANGER, NARROW = (f"bbbbbbbb-0000-0000-0000-00000000000{number}" for number in (1, 2))
UNKNOWN = pytest.mark.beyond_metadata("unexpected")
TENANT = tenant(
    make_user("anna", 1),
    apps=[
        app(roles=["Policy.Read.All", "GroupMember.ReadBasic.All"]),
        {"client_id": STRANGER, "secrets": [tenants.SECRET], "roles": tenants.ROLES},
        {"client_id": NARROW, "secrets": [tenants.SECRET], "roles": ["Policy.Read.AuthenticationMethod"]},
    ],
    groups=[{"name": "Frontline"}, {"name": "Break glass"}],
    policy={
        "state": "enabled",
        "include": [{"group": "Frontline"}, {"group": "all_users", "sign_in": False}],
        "exclude": [{"group": "Break glass"}],
    },
)


@pytest.fixture
def info(module: Callable[..., Any]) -> Callable[..., Any]:
    return lambda **given: module("sms_policy_info", **given)


@pytest.mark.covers("L3")
@pytest.mark.parametrize("wrapped", [False, pytest.param(True, marks=UNKNOWN)])
@pytest.mark.parametrize("check_mode", [False, True])
def test_the_policy_is_shown_with_names(
    simulator: Any, info: Callable[..., Any], wrapped: bool, check_mode: bool
) -> None:
    simulator.switch("policy_wrapped", wrapped)
    frontline, break_glass = simulator.group_id("Frontline"), simulator.group_id("Break glass")
    result = info(check_mode=check_mode)
    policy = result["policy"]
    assert sorted(policy.pop("include"), key=lambda target: target["group"]) == [
        {"group": "Frontline", "id": frontline, "type": "group", "sign_in": True},
        {"group": "all_users", "id": "all_users", "type": "group", "sign_in": False},
    ]
    assert policy == {
        "state": "enabled",
        "exclude": [{"group": "Break glass", "id": break_glass, "type": "group"}],
        "policy_migration_state": "migrationComplete",
        "telephony_provider": None,
    }
    assert (result["changed"], result["reason"], result["support"]) == (False, None, None)
    assert result["msg"] == "The SMS policy is enabled: 2 include and 1 exclude targets."
    assert "warnings" not in result
    assert simulator.writes() == []
    assert not {"users", "summary", "users_omitted", "previous_policy", "diff"} & set(result)


@UNKNOWN
def test_only_the_stage_of_a_provider_is_shown(simulator: Any, info: Callable[..., Any]) -> None:
    secret = {"url": "https://sms.contoso.example/secret", "appId": "77777777-0000-4000-8000-000000000000"}
    provider = {**secret, "isEvaluationModeEnabled": False, "migrationPercentage": 100}
    simulator.set_policy({"more": {"telecomProviderSettings": provider}})
    result = info()
    assert result["policy"]["telephony_provider"] == {"evaluation_mode": False, "percentage": 100}
    assert not any(value in json.dumps(result) for value in secret.values())


def test_groups_without_readable_names_are_shown_by_id(simulator: Any, info: Callable[..., Any]) -> None:
    result = info(client_id=NARROW)
    assert result["reason"] is None
    assert [target["group"] for target in result["policy"]["exclude"]] == [simulator.group_id("Break glass")]
    assert len(result["warnings"]) == 1
    assert "GroupMember.ReadBasic.All or GroupMember.Read.All" in result.warned


@pytest.mark.parametrize("state", ["preMigration", "migrationInProgress"])
def test_older_settings_are_one_warning(simulator: Any, info: Callable[..., Any], state: str) -> None:
    simulator.set_policy({"migration_state": state})
    result = info()
    assert result["policy"]["policy_migration_state"] == state
    assert len(result["warnings"]) == 1 and state in result.warned


def test_an_unreadable_migration_state_is_unknown(simulator: Any, info: Callable[..., Any]) -> None:
    simulator.inject({"match": {"path": "authenticationMethodsPolicy$"}, "times": None, "then": {"status": 403}})
    result = info()
    assert (result["reason"], result["policy"]["policy_migration_state"]) == (None, None)
    assert len(result["warnings"]) == 1 and "Policy.Read.AuthenticationMethod or Policy.Read.All" in result.warned


@pytest.mark.covers("L3")
def test_the_missing_permission_is_named(simulator: Any, info: Callable[..., Any]) -> None:
    for opaque in (True, False):
        simulator.switch("opaque_tokens", opaque)
        result = info(client_id=STRANGER)
        assert (result["changed"], result["reason"], result["policy"]) == (False, "permission_missing", None)
        assert with_role_ids("Policy.Read.AuthenticationMethod or Policy.Read.All") in result["msg"]
        assert (result["support"] or {}).get("status") == (403 if opaque else None)


def test_a_cloud_without_the_policy_gets_no_request(simulator: Any, info: Callable[..., Any]) -> None:
    assert info(cloud="china")["reason"] == "not_available_in_cloud"
    assert simulator.journal() == []


@pytest.mark.parametrize(
    ("then", "start"),
    [
        ({"status": 400, "code": "badRequest"}, "The service failed."),
        ({"status": 404, "code": "resourceNotFound"}, "The service failed."),
        ({"body": {"id": "Sms"}}, "The answer is not what Graph sends."),
    ],
)
def test_an_unreadable_policy_fails(simulator: Any, info: Callable[..., Any], then: dict[str, Any], start: str) -> None:
    simulator.inject({"match": {"path": "Configurations/sms$"}, "times": None, "then": then})
    result = info()
    assert (result["reason"], result["policy"], result["changed"]) == ("service_error", None, False)
    assert result["msg"].startswith(start)


def test_a_short_fault_is_retried(simulator: Any, info: Callable[..., Any]) -> None:
    simulator.inject(
        {
            "match": {"path": "Configurations/sms$"},
            "times": 2,
            "then": {"status": 429, "headers": {"Retry-After": "0.5"}},
        }
    )
    assert info()["reason"] is None
