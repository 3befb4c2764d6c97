# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SMS policy: unknown members, its lags, and who may read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graph_simulator.policy import ODATA_TYPE, PolicyError

WHOLE = "/policies/authenticationMethodsPolicy"
SMS = f"{WHOLE}/authenticationMethodConfigurations/sms"
PROVIDER = {"url": "https://sms.contoso.example/", "isEvaluationModeEnabled": True, "migrationPercentage": 20}
UNKNOWN = pytest.mark.beyond_metadata("were unexpected|was unexpected")


def patch(graph: Any, **members: Any) -> Any:
    return graph.call("PATCH", SMS, json={"@odata.type": ODATA_TYPE, **members})


@UNKNOWN
def test_a_change_keeps_members_that_it_does_not_name(simulator: Any, graph: Any) -> None:
    simulator.set_policy({"more": {"telecomProviderSettings": PROVIDER, "colour": "red"}})
    assert patch(graph, state="disabled").status_code == 204
    body = graph.call("GET", SMS).json()
    assert (body["state"], body["telecomProviderSettings"], body["colour"]) == ("disabled", PROVIDER, "red")
    assert [entry.reason for entry in simulator.journal() if entry.write] == [""]


@UNKNOWN
@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"telecomProviderSettings": None}, "telecomProviderSettings"),
        ({"telecomProviderSettings": {**PROVIDER, "migrationPercentage": 100}}, "telecomProviderSettings"),
        ({"includeTargets": [{"targetType": "group", "id": "all_users"}]}, "include target all_users: colour"),
    ],
)
def test_a_change_that_drops_a_member_is_journaled(
    simulator: Any, graph: Any, change: dict[str, Any], lost: str
) -> None:
    simulator.set_policy(
        {
            "include": [{"group": "all_users", "more": {"colour": "red"}}],
            "more": {"telecomProviderSettings": PROVIDER},
        }
    )
    assert graph.call("GET", SMS).json()["telecomProviderSettings"] == PROVIDER
    assert patch(graph, **change).status_code == 204
    assert simulator.journal()[-1].reason == f"the policy lost {lost}"


@UNKNOWN
def test_a_revert_drops_the_provider(simulator: Any, graph: Any) -> None:
    simulator.set_policy({"more": {"telecomProviderSettings": PROVIDER}})
    assert graph.call("GET", SMS).json()["telecomProviderSettings"] == PROVIDER
    assert graph.call("DELETE", SMS).status_code == 204
    assert simulator.journal()[-1].reason == "the policy lost telecomProviderSettings"
    assert "telecomProviderSettings" not in graph.call("GET", SMS).json()


@UNKNOWN
def test_a_target_keeps_a_member_that_is_sent_back(simulator: Any, graph: Any) -> None:
    simulator.set_policy({"include": [{"group": "all_users", "more": {"colour": "red"}}]})
    (target,) = graph.call("GET", SMS).json()["includeTargets"]
    assert patch(graph, includeTargets=[{**target, "isUsableForSignIn": False}]).status_code == 204
    assert simulator.journal()[-1].reason == ""
    assert graph.call("GET", SMS).json()["includeTargets"] == [{**target, "isUsableForSignIn": False}]


@pytest.mark.parametrize(("becomes", "usable"), [("on", True), ("off", False)])
def test_an_omitted_sign_in_gets_a_default(simulator: Any, graph: Any, becomes: str, usable: bool) -> None:
    simulator.switch("policy_omitted_sign_in", becomes)
    assert patch(graph, includeTargets=[{"targetType": "group", "id": "all_users"}]).status_code == 204
    assert graph.call("GET", SMS).json()["includeTargets"][0]["isUsableForSignIn"] is usable


def test_an_omitted_sign_in_may_be_refused(simulator: Any, graph: Any) -> None:
    simulator.switch("policy_omitted_sign_in", "refuse")
    assert patch(graph, includeTargets=[{"targetType": "group", "id": "all_users"}]).status_code == 400


def test_a_target_may_outlive_its_group(simulator: Any, graph: Any) -> None:
    gone = "99999999-0000-4000-8000-000000000000"
    simulator.set_policy({"include": [{"group": gone}, {"group": "Nested"}]})
    targets = graph.call("GET", SMS).json()["includeTargets"]
    assert targets[0]["id"] == gone
    assert simulator.state("nested@contoso.example") == "notEnabled"
    assert simulator.state("bob@contoso.example") == "notAllowedByPolicy"
    assert patch(graph, includeTargets=targets).status_code == 400
    simulator.switch("policy_checks_targets", False)
    assert patch(graph, includeTargets=targets).status_code == 204


def test_reads_may_show_an_edit_late(simulator: Any, graph: Any) -> None:
    simulator.switch("policy_read_lag", 60)
    assert patch(graph, state="disabled").status_code == 204
    assert graph.call("GET", SMS).json()["state"] == "enabled"
    assert simulator.state("anna@contoso.example") == "notAllowedByPolicy"
    simulator.advance(61)
    assert graph.call("GET", SMS).json()["state"] == "disabled"


@pytest.mark.parametrize("state", ["preMigration", "migrationInProgress", "migrationComplete", None])
def test_the_policy_of_all_methods_has_the_migration_state(simulator: Any, graph: Any, state: str | None) -> None:
    simulator.set_policy({"migration_state": state})
    patch(graph, state="disabled")
    body = graph.call("GET", WHOLE).json()
    assert body["policyMigrationState"] == state
    assert [one["state"] for one in body["authenticationMethodConfigurations"]] == ["disabled"]


@pytest.mark.parametrize("given", [{"migration_state": "soon"}, {"more": ["colour"]}])
def test_an_invalid_policy_is_refused(simulator: Any, given: dict[str, Any]) -> None:
    with pytest.raises(PolicyError):
        simulator.set_policy(given)


@pytest.mark.parametrize(
    ("role", "alone", "of_all", "narrow"),
    [
        ("Policy.Read.AuthenticationMethod", 200, 200, 200),
        ("Policy.ReadWrite.AuthenticationMethod", 200, 200, 200),
        ("Policy.Read.All", 200, 200, 403),
        ("User.Read.All", 403, 403, 403),
    ],
)
def test_permissions_to_read_the_policy(
    simulator: Any, client: Callable[..., Any], role: str, alone: int, of_all: int, narrow: int
) -> None:
    graph = client(roles=[role])
    assert (graph.call("GET", SMS).status_code, graph.call("GET", WHOLE).status_code) == (alone, of_all)
    simulator.switch("policy_read_all", False)
    assert (graph.call("GET", SMS).status_code, graph.call("GET", WHOLE).status_code) == (narrow, of_all)
