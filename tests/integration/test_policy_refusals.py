# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A refusal by the SMS policy names the part of the policy that refuses."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from integration import tenants
from integration.tenants import app, make_user, tenant

READS_POLICY = "bbbbbbbb-0000-0000-0000-000000000001"
READS_NOTHING = "bbbbbbbb-0000-0000-0000-000000000002"
PHONES = "UserAuthMethod-Phone.ReadWrite.All"
TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2),
    make_user("cleo", 3),
    make_user("dora", 4),
    {"count": 150, "name": "worker{n:03}@contoso.example", "mobile": "+44 1632960{n:03}"},
    apps=[
        app(roles=[PHONES, "Policy.Read.All", "GroupMember.ReadBasic.All"]),
        {"client_id": READS_POLICY, "secrets": [tenants.SECRET], "roles": [PHONES, "Policy.Read.All"]},
        {"client_id": READS_NOTHING, "secrets": [tenants.SECRET], "roles": [PHONES]},
    ],
    groups=[
        {"name": "Frontline", "members": ["anna@contoso.example", "group:Barred"]},
        {"name": "Second factor", "members": ["ben@contoso.example"]},
        {"name": "No SMS", "members": ["group:Barred"]},
        {"name": "Barred", "members": ["cleo@contoso.example"]},
    ],
    policy={
        "state": "enabled",
        "include": [{"group": "Frontline"}, {"group": "Second factor", "sign_in": False}],
        "exclude": [{"group": "No SMS"}],
    },
)
REFUSED = [f"{name}@contoso.example" for name in ("ben", "cleo", "dora")]
Module = Callable[..., Any]


def warnings_about_the_policy(result: Any) -> list[str]:
    return [str(warning) for warning in result.get("warnings", []) if "SMS policy" in str(warning)]


@pytest.mark.parametrize("check_mode", [False, True])
def test_each_refused_user_has_the_cause(simulator: Any, module: Module, check_mode: bool) -> None:
    result = module(users=["anna@contoso.example", *REFUSED], check_mode=check_mode)
    assert result.user("anna")["changed"]
    assert {result.user(name)["reason"] for name in REFUSED} == {"not_allowed_by_policy"}
    ben, cleo, dora = (result.user(name)["msg"] for name in REFUSED)
    assert "only in the include target 'Second factor' of the SMS policy, not for sign-in" in ben
    assert "in the exclude target 'No SMS' of the SMS policy" in cleo
    assert "in no include target of the SMS policy" in dora
    assert warnings_about_the_policy(result) == []
    assert simulator.requests("transitiveMembers") == simulator.requests("/members") == []
    asked = simulator.requests("checkMemberGroups")
    assert sorted(str(entry.user) for entry in asked) == REFUSED
    assert not any(entry.write for entry in asked)


@pytest.mark.parametrize("wrapped", [False, pytest.param(True, marks=pytest.mark.beyond_metadata("unexpected"))])
@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({"state": "disabled"}, "The SMS policy is off (state disabled)."),
        ({"include": []}, "no include target with 'Use for sign-in'"),
        ({"include": [{"group": "Frontline", "sign_in": False}]}, "no include target with 'Use for sign-in'"),
        ({"exclude": [{"group": "all_users"}]}, "All users are in an exclude target"),
    ],
)
def test_a_cause_for_all_users_takes_one_read(
    simulator: Any, module: Module, policy: dict[str, Any], words: str, wrapped: bool
) -> None:
    simulator.switch("policy_wrapped", wrapped)
    simulator.set_policy(policy)
    result = module(users=["anna@contoso.example", *REFUSED])
    assert all(words in entry["msg"] for entry in result["users"])
    assert len(simulator.requests("authenticationMethodConfigurations")) == 1
    assert simulator.requests("checkMemberGroups") == []


def test_an_edit_not_in_effect_yet_is_reported(simulator: Any, module: Module) -> None:
    simulator.switch("policy_lag", 600)
    simulator.set_policy({"include": [{"group": "all_users"}], "exclude": []})
    result = module(users=["dora@contoso.example"])
    assert "'policy_timeout'" in result.user("dora")["msg"]


def test_a_tolerated_refusal_is_explained_too(module: Module) -> None:
    result = module(users=["cleo@contoso.example"], tolerate=["not_allowed_by_policy"])
    assert result["reason"] is None
    assert "'No SMS'" in result.user("cleo")["msg"]


@pytest.mark.parametrize(
    ("client_id", "permission"),
    [
        (READS_NOTHING, "Policy.Read.AuthenticationMethod or Policy.Read.All"),
        (READS_POLICY, "GroupMember.ReadBasic.All or GroupMember.Read.All"),
    ],
)
def test_a_missing_permission_is_one_warning(simulator: Any, module: Module, client_id: str, permission: str) -> None:
    result = module(client_id=client_id, users=["anna@contoso.example", *REFUSED])
    assert result["reason"] == "some_users_failed"
    assert result.user("anna")["changed"]
    (warning,) = warnings_about_the_policy(result)
    assert permission in warning


def test_the_number_of_lookups_for_refused_users_is_limited(simulator: Any, module: Module) -> None:
    workers = [f"worker{number:03}@contoso.example" for number in range(1, 151)]
    result = module(users=workers, tolerate=["not_allowed_by_policy"])
    explained = [entry["user"] for entry in result["users"] if "in no include target" in entry["msg"]]
    assert explained == workers[:100]
    assert len(simulator.requests("checkMemberGroups")) == 100
    (warning,) = warnings_about_the_policy(result)
    assert "refuses 150 users" in warning and "first 100" in warning


@pytest.mark.parametrize("given", [{"users": ["anna@contoso.example"]}, {"users": REFUSED, "state": "disabled"}])
def test_without_a_refusal_the_policy_is_not_read(simulator: Any, module: Module, given: dict[str, Any]) -> None:
    assert module(**given)["reason"] is None
    assert simulator.requests("policies") == []


def test_a_policy_that_fails_does_not_fail_the_task(simulator: Any, module: Module) -> None:
    simulator.inject({"match": {"path": "policies"}, "times": None, "then": {"status": 400}})
    result = module(users=REFUSED, tolerate=["not_allowed_by_policy"])
    assert result["reason"] is None
    assert "The SMS policy could not be read. Graph said: 400" in result.warned


def test_a_policy_that_does_not_answer_does_not_delay_the_run(simulator: Any, module: Module) -> None:
    simulator.inject({"match": {"path": "policies"}, "times": None, "then": {"status": 503}})
    began = time.monotonic()
    result = module(users=["anna@contoso.example", *REFUSED], tolerate=["not_allowed_by_policy"])
    assert (result["reason"], result["summary"]["changed"]) == (None, 1)
    (warning,) = warnings_about_the_policy(result)
    assert "could not be read. The service was too busy." in warning
    assert time.monotonic() - began < 40
