# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SMS policy is merged, written in parts, and read back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
import yaml

from ansible_collections.frontline.entra.plugins.module_utils._domain._permissions import with_role_ids
from ansible_collections.frontline.entra.plugins.modules import sms_policy, sms_policy_info
from integration import tenants
from integration.tenants import app, make_user, tenant

WRITE = "Policy.ReadWrite.AuthenticationMethod"
GROUPS = "GroupMember.Read.All"
READER, NARROW, STRANGER = (f"bbbbbbbb-0000-0000-0000-00000000000{number}" for number in (1, 2, 3))
GONE = "99999999-0000-4000-8000-000000000000"
EXAMPLE_ID = "5d3a1d8e-6f9e-4d9b-8a1f-1f4ab5fdb9a5"
SMS = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/sms"
PROVIDER = {
    "url": "https://sms.contoso.example/secret-path",
    "appId": "77777777-0000-4000-8000-000000000000",
    "isEvaluationModeEnabled": True,
    "migrationPercentage": 20,
}
UNKNOWN = pytest.mark.beyond_metadata("unexpected")

TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2),
    apps=[
        app(roles=[WRITE, GROUPS]),
        {"client_id": READER, "secrets": [tenants.SECRET], "roles": ["Policy.Read.All", GROUPS]},
        {"client_id": NARROW, "secrets": [tenants.SECRET], "roles": [WRITE]},
        {"client_id": STRANGER, "secrets": [tenants.SECRET], "roles": [GROUPS]},
    ],
    delegated=[
        {"user": "ben@contoso.example", "client_id": tenants.CLIENT_ID, "scopes": [WRITE, GROUPS]},
    ],
    groups=[
        {"name": "Frontline", "members": ["anna@contoso.example"]},
        {"name": "Kiosk", "members": ["ben@contoso.example"]},
        {"name": "Break glass"},
        {"name": "Twins"},
        {"name": "Twins"},
    ],
    policy={
        "state": "enabled",
        "include": [{"group": "Frontline", "sign_in": True}],
        "exclude": [{"group": "Break glass"}],
    },
)
START = {"state": "enabled", "include": {"Frontline": True}, "exclude": ["Break glass"]}

Module = Callable[..., Any]


def shown(policy: dict[str, Any]) -> dict[str, Any]:
    """A policy of a result, in short."""
    return {
        "state": policy["state"],
        "include": {target["group"]: target["sign_in"] for target in policy["include"]},
        "exclude": [target["group"] for target in policy["exclude"]],
    }


def now(simulator: Any) -> dict[str, Any]:
    """The policy as Graph has it."""
    answer = requests.get(
        f"{simulator.graph_url}/v1.0{SMS}",
        headers={"Authorization": f"Bearer {simulator.token()}"},
        verify=str(simulator.ca_file),
        timeout=10,
    )
    body: dict[str, Any] = answer.json()
    return body


@pytest.fixture
def policy(module: Module) -> Module:
    """Runs sms_policy."""
    return lambda **given: module("sms_policy", **given)


# -- with Ansible's command


def play(options: dict[str, Any]) -> str:
    """Two dry runs around two real ones, and a read."""
    given = {
        "state": "disabled",
        "include": [{"group": "Kiosk", "sign_in": False}],
        "exclude": [{"group": "Break glass", "state": "absent"}],
    }
    tasks: list[dict[str, Any]] = [
        {"name": name, "frontline.entra.sms_policy": given, "check_mode": name.startswith("check"), "diff": True}
        for name in ("check", "apply", "apply again", "check again")
    ]
    tasks.append({"name": "read", "frontline.entra.sms_policy_info": {}, "check_mode": True})
    defaults = {"group/frontline.entra.graph": options}
    return json.dumps([{"hosts": "localhost", "gather_facts": False, "module_defaults": defaults, "tasks": tasks}])


@pytest.mark.parametrize("in_process", [True, False])
def test_check_apply_apply_check(
    simulator: Any, options: dict[str, Any], playbook: Callable[..., Any], in_process: bool
) -> None:
    played = playbook(play(options), "-e", json.dumps({"frontline_entra_in_process": in_process}))
    assert played.returncode == 0, played.output
    results = {task.task: task.result for task in played.tasks}
    after = {"state": "disabled", "include": {"Frontline": True, "Kiosk": False}, "exclude": []}
    assert {name: result["changed"] for name, result in results.items()} == {
        "check": True, "apply": True, "apply again": False, "check again": False, "read": False,
    }  # fmt: skip
    assert {name: shown(result["policy"]) for name, result in results.items()} == dict.fromkeys(results, after)
    assert [shown(results[name]["previous_policy"]) for name in ("check", "apply", "apply again")] == [
        START, START, after,
    ]  # fmt: skip
    assert results["check"]["msg"] == "The SMS policy would be changed: state, include and exclude."
    assert results["apply"]["msg"] == "The SMS policy was changed: state, include and exclude."
    assert results["apply again"]["msg"] == "The SMS policy is as desired."
    for name in ("check", "apply"):
        assert [shown(results[name]["diff"][side]) for side in ("before", "after")] == [START, after]
    assert results["apply again"]["diff"] == {"before": {}, "after": {}}
    (write,) = simulator.writes()
    assert (write.method, write.effect, write.status) == ("PATCH", True, 204)
    assert set(results["check"]) - {"diff", "diff_omitted"} >= set(results["apply"]) - {"diff", "diff_omitted"}


def test_both_adapters_refuse_the_same_options(
    simulator: Any, options: dict[str, Any], playbook: Callable[..., Any]
) -> None:
    bad: list[dict[str, Any]] = [
        {},
        {"include": "Kiosk"},
        {"include": [{"group": "Kiosk", "all_users": True, "sign_in": True}]},
        {"include": [{"group": "Kiosk", "sign_in": True, "colour": "red"}]},
        {"include": [{"group": 461, "sign_in": "yes"}]},
        {"exclude": [{"state": "absent"}]},
        {"exclude": [{"group": ["Kiosk"]}]},
        {"exclude": [], "replace": "yes"},
    ]
    tasks = [{"name": str(given), "frontline.entra.sms_policy": given, "ignore_errors": True} for given in bad]
    defaults = {"group/frontline.entra.graph": options}
    text = json.dumps([{"hosts": "localhost", "gather_facts": False, "module_defaults": defaults, "tasks": tasks}])
    found = []
    for in_process in (True, False):
        played = playbook(text, "-e", json.dumps({"frontline_entra_in_process": in_process}))
        assert [task.result["reason"] for task in played.tasks] == ["invalid_options"] * len(bad)
        found.append([{key: task.result[key] for key in ("msg", "policy", "invocation")} for task in played.tasks])
    assert found[0] == found[1]
    assert simulator.journal() == []


def test_the_examples_of_the_documentation_run(
    simulator: Any, options: dict[str, Any], playbook: Callable[..., Any]
) -> None:
    simulator.set_policy({"include": [{"group": "Kiosk"}, {"group": EXAMPLE_ID}], "exclude": []})
    simulator.switch("policy_checks_targets", False)
    tasks = [*yaml.safe_load(sms_policy.EXAMPLES), *yaml.safe_load(sms_policy_info.EXAMPLES)]
    assert EXAMPLE_ID in sms_policy.EXAMPLES
    # After the last change no user can sign in, as the last task reports.
    tasks[-1]["ignore_errors"] = True
    given = {f"entra_{name}": options[name] for name in ("tenant_id", "client_id", "client_secret")}
    hosts = {name: options[name] for name in ("graph_url", "authority_host", "ca_path")}
    defaults = {"group/frontline.entra.graph": hosts}
    play = {"hosts": "localhost", "gather_facts": False, "vars": given, "module_defaults": defaults, "tasks": tasks}
    played = playbook(json.dumps([play]))
    assert played.returncode == 0, played.output
    assert [task.result["changed"] for task in played.tasks] == [True, True, False, True, False, False]
    assert played.tasks[-1].status == "failed"
    after = {"state": "disabled", "include": {"all_users": False}, "exclude": ["Break glass"]}
    assert shown(played.tasks[-2].result["policy"]) == after


# -- merging


@pytest.mark.parametrize(
    ("given", "after"),
    [
        ({"state": "disabled"}, {**START, "state": "disabled"}),
        ({"include": [{"group": "Frontline", "sign_in": False}]}, {**START, "include": {"Frontline": False}}),
        (
            {"include": [{"group": "Kiosk", "sign_in": True}]},
            {**START, "include": {"Frontline": True, "Kiosk": True}},
        ),
        (
            {"include": [{"all_users": True, "sign_in": False}]},
            {**START, "include": {"Frontline": True, "all_users": False}},
        ),
        ({"include": [{"group": "Kiosk", "sign_in": False}], "replace": True}, {**START, "include": {"Kiosk": False}}),
        ({"exclude": [{"group": "Kiosk"}], "replace": True}, {**START, "exclude": ["Kiosk"]}),
        ({"include": [{"group": "Frontline", "state": "absent"}]}, {**START, "include": {}}),
        ({"exclude": [{"group": "all_users"}]}, {**START, "exclude": ["Break glass", "all_users"]}),
    ],
)
def test_merged_policies(simulator: Any, policy: Module, given: dict[str, Any], after: dict[str, Any]) -> None:
    result = policy(**given)
    assert result["changed"] and result["reason"] is None, result
    found = shown(result["policy"])
    assert {**found, "exclude": sorted(found["exclude"])} == after
    assert len(simulator.writes()) == 1
    again = policy(**given)
    assert not again["changed"] and again["reason"] is None
    assert len(simulator.writes()) == 1


@pytest.mark.parametrize("wrapped", [False, pytest.param(True, marks=UNKNOWN)])
def test_wrapped_and_unwrapped_reads(simulator: Any, policy: Module, wrapped: bool) -> None:
    simulator.switch("policy_wrapped", wrapped)
    assert policy(state="disabled")["changed"]
    assert not policy(state="disabled")["changed"]
    assert len(simulator.writes()) == 1


@UNKNOWN
def test_unknown_members_are_kept_and_not_shown(simulator: Any, policy: Module) -> None:
    simulator.set_policy(
        {
            "include": [{"group": "Frontline", "more": {"colour": "red"}}],
            "more": {"telecomProviderSettings": PROVIDER, "shape": [1, 2]},
        }
    )
    result = policy(state="disabled", include=[{"group": "Kiosk", "sign_in": True}], exclude=[{"group": "Kiosk"}])
    assert result["changed"]
    body = now(simulator)
    assert (body["telecomProviderSettings"], body["shape"]) == (PROVIDER, [1, 2])
    assert sorted(target.get("colour") or "" for target in body["includeTargets"]) == ["", "red"]
    assert result["policy"]["telephony_provider"] == {"evaluation_mode": True, "percentage": 20}
    assert not any(str(secret) in json.dumps(result) for secret in (PROVIDER["url"], PROVIDER["appId"], "colour"))
    assert {entry.method for entry in simulator.requests("authenticationMethodConfigurations")} == {"GET", "PATCH"}


@pytest.mark.parametrize("omitted", ["on", "off", "refuse"])
def test_each_target_is_sent_with_sign_in(simulator: Any, policy: Module, omitted: str) -> None:
    simulator.switch("policy_omitted_sign_in", omitted)
    simulator.set_policy({"include": [{"group": "Frontline", "sign_in": False}, {"group": "Kiosk", "sign_in": True}]})
    result = policy(include=[{"group": "Break glass", "sign_in": True}, {"group": "Kiosk"}])
    assert shown(result["policy"])["include"] == {"Frontline": False, "Kiosk": True, "Break glass": True}


def test_sign_in_of_a_target_is_not_guessed(simulator: Any, policy: Module) -> None:
    simulator.set_policy({"include": [{"group": "Frontline", "sign_in": None}]})
    result = policy(include=[{"group": "Kiosk", "sign_in": True}])
    assert (result["reason"], result["changed"]) == ("invalid_options", False)
    assert "'Frontline'" in result["msg"] and "sign_in" in result["msg"]
    assert simulator.writes() == []
    result = policy(include=[{"group": "Kiosk", "sign_in": True}, {"group": "Frontline", "sign_in": False}])
    assert shown(result["policy"])["include"] == {"Frontline": False, "Kiosk": True}


def test_an_edit_between_read_and_write_is_not_overwritten(simulator: Any, policy: Module) -> None:
    other = {"include": [{"group": "Frontline", "sign_in": True}, {"group": "Break glass"}]}
    simulator.inject(
        {"match": {"method": "GET", "path": "Configurations/sms$"}, "skip": 2, "then": {"state": {"policy": other}}}
    )
    result = policy(include=[{"group": "Kiosk", "sign_in": True}])
    assert simulator.affected()
    assert shown(result["policy"])["include"] == {"Frontline": True, "Break glass": True, "Kiosk": True}
    assert shown(result["previous_policy"])["include"] == {"Frontline": True, "Break glass": True}
    assert len(simulator.writes()) == 1


def test_an_edit_with_the_same_content_is_no_change(simulator: Any, policy: Module) -> None:
    simulator.inject(
        {
            "match": {"method": "GET", "path": "Configurations/sms$"},
            "skip": 2,
            "then": {"state": {"policy": {"state": "disabled"}}},
        }
    )
    result = policy(state="disabled")
    assert (result["changed"], result["reason"], result["policy"]["state"]) == (False, None, "disabled")
    assert simulator.writes() == []


def test_options_made_invalid_by_another_edit_stop_before_the_write(simulator: Any, policy: Module) -> None:
    simulator.inject(
        {
            "match": {"method": "GET", "path": "Configurations/sms$"},
            "skip": 2,
            "then": {"state": {"policy": {"include": [{"group": "Kiosk"}]}}},
        }
    )
    result = policy(state="disabled", include=[{"group": "Frontline"}])
    assert (result["changed"], result["reason"]) == (False, "invalid_options")
    assert "'Frontline' is a new target" in result["msg"]
    assert simulator.writes() == []


# -- groups


def test_an_id_and_a_name_are_the_same_target(simulator: Any, policy: Module) -> None:
    same = [{"group": "Kiosk", "sign_in": True}, {"group": simulator.group_id("Kiosk").upper(), "sign_in": True}]
    assert shown(policy(include=same)["policy"])["include"] == {"Frontline": True, "Kiosk": True}


@pytest.mark.parametrize(("name", "reason"), [("Frontlin", "group_not_found"), ("Twins", "group_ambiguous")])
@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_missing_or_ambiguous_group_name_is_refused(
    simulator: Any, policy: Module, name: str, reason: str, state: str
) -> None:
    result = policy(state="disabled", exclude=[{"group": name, "state": state}])
    assert (result["reason"], result["changed"]) == (reason, False)
    assert name in result["msg"]
    assert result["policy"] is None and simulator.writes() == []


def test_an_absent_target_given_by_id_needs_no_directory_access(simulator: Any, policy: Module) -> None:
    simulator.set_policy({"include": [{"group": "Frontline"}, {"group": GONE}]})
    frontline = simulator.group_id("Frontline")
    result = policy(client_id=NARROW, include=[{"group": GONE, "state": "absent"}])
    assert (result["changed"], result["reason"]) == (True, None)
    assert shown(result["policy"])["include"] == {frontline: True}
    assert result.warned.count("GroupMember.ReadBasic.All or GroupMember.Read.All") == 1
    named = policy(client_id=NARROW, include=[{"group": "Frontline", "state": "absent"}])
    assert named["reason"] == "permission_missing"
    assert with_role_ids("GroupMember.ReadBasic.All or GroupMember.Read.All") in named["msg"]


def test_the_target_of_a_deleted_group_stays(simulator: Any, policy: Module) -> None:
    simulator.switch("policy_checks_targets", False)
    simulator.set_policy({"include": [{"group": "Frontline"}, {"group": GONE}]})
    result = policy(include=[{"group": "Kiosk", "sign_in": True}])
    assert shown(result["policy"])["include"] == {"Frontline": True, "Kiosk": True, GONE: True}
    assert "could not be read" not in result.warned


def test_a_group_that_graph_refuses_is_named_in_the_message(simulator: Any, policy: Module) -> None:
    result = policy(include=[{"group": GONE, "sign_in": True}])
    assert (result["reason"], result["changed"]) == ("service_error", False)
    assert f"The group '{GONE}' does not exist" in result["msg"]
    assert shown(result["policy"]) == shown(result["previous_policy"]) == START


def test_single_users_stay_targets(simulator: Any, policy: Module) -> None:
    simulator.set_policy({"include": [{"group": "Frontline"}, {"user": "anna@contoso.example"}]})
    anna = simulator.user_id("anna@contoso.example")
    result = policy(include=[{"group": "Kiosk", "sign_in": True}])
    assert shown(result["policy"])["include"] == {"Frontline": True, "Kiosk": True, anna: True}
    assert {target["id"]: target["type"] for target in result["policy"]["include"]}[anna] == "user"
    result = policy(include=[{"group": anna, "state": "absent"}])
    assert shown(result["policy"])["include"] == {"Frontline": True, "Kiosk": True}


# -- options


OPENING = {"include": [{"all_users": True, "sign_in": True}]}


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(
    ("before", "given"),
    [
        ({}, OPENING),
        ({}, {"include": [{"group": "ALL_USERS", "sign_in": True}]}),
        ({"state": "disabled"}, OPENING),
        ({"state": "disabled", "include": [{"group": "all_users"}]}, {"state": "enabled"}),
        (
            {"include": [{"group": "all_users"}], "exclude": [{"group": "all_users"}]},
            {"exclude": [{"group": "all_users", "state": "absent"}]},
        ),
    ],
)
def test_opening_sign_in_to_all_users_has_to_be_allowed(
    simulator: Any, policy: Module, before: dict[str, Any], given: dict[str, Any], check_mode: bool
) -> None:
    simulator.set_policy(before)
    result = policy(**given, check_mode=check_mode)
    assert (result["reason"], result["changed"]) == ("invalid_options", False)
    assert "allow_all_users" in result["msg"]
    assert simulator.writes() == []
    result = policy(**given, allow_all_users=True, check_mode=check_mode)
    assert (result["reason"], result["changed"]) == (None, True)


def test_an_already_open_policy_needs_no_allow_all_users(simulator: Any, policy: Module) -> None:
    simulator.set_policy({"include": [{"group": "all_users"}]})
    result = policy(**OPENING, exclude=[{"group": "Kiosk"}])
    assert (result["reason"], result["changed"]) == (None, True)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Nothing to manage: set 'state', 'include' or 'exclude'."),
        ({"replace": True}, "Nothing to manage"),
        ({"include": [{"group": "Kiosk"}]}, "'sign_in' must say"),
        ({"include": [], "replace": True}, "'include' is empty"),
        ({"exclude": [], "replace": True}, "'exclude' is empty"),
        ({"exclude": [{"group": "Kiosk", "state": "absent"}], "replace": True}, "'exclude' names absent targets only"),
        ({"include": [{"group": 461, "sign_in": True}]}, "'include' entry 1 is the number 461"),
        ({"exclude": [{"group": "Kiosk"}, {"group": True}]}, "'exclude' entry 2 is the boolean true"),
        ({"exclude": [{"group": "2026-11-26"}]}, "'exclude' entry 1 is a date"),
        ({"include": [{"group": "Kiosk", "all_users": True, "sign_in": True}]}, "mutually exclusive"),
        ({"include": [{"sign_in": True}]}, "group, all_users"),
        ({"include": [{"all_users": False, "sign_in": True}]}, "'include' entry 1 is null"),
        ({"exclude": [{"group": "  "}]}, "no name of a group at entry 1"),
        ({"exclude": [{"group": "x" * 300}]}, "no name of a group at entry 1"),
        ({"exclude": [{"group": "Kiosk", "sign_in": True}]}, "sign_in"),
        (
            {"include": [{"group": "Kiosk", "sign_in": True}, {"group": "Kiosk", "sign_in": False}]},
            "'include' names one target twice, with different settings: entries 1 and 2",
        ),
        ({"state": "on"}, "state"),
        ({"state": "disabled", "verify_timeout": -1}, "'verify_timeout' must be a number"),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_invalid_options_are_refused(
    simulator: Any, policy: Module, given: dict[str, Any], words: str, check_mode: bool
) -> None:
    result = policy(**given, check_mode=check_mode)
    assert (result["reason"], result["changed"]) == ("invalid_options", False)
    assert words in result["msg"]
    assert {"policy", "previous_policy", "support", "requests", "auth"} <= set(result)
    assert simulator.writes() == []


def test_an_empty_list_changes_nothing(simulator: Any, policy: Module) -> None:
    result = policy(include=[], exclude=[])
    assert (result["reason"], result["changed"], shown(result["policy"])) == (None, False, START)


def test_a_cloud_without_the_policy_gets_no_request(simulator: Any, policy: Module) -> None:
    result = policy(state="disabled", cloud="china")
    assert result["reason"] == "not_available_in_cloud"
    assert simulator.journal() == []


# -- permissions


def test_check_mode_with_read_permission_names_the_permission_to_apply(simulator: Any, policy: Module) -> None:
    result = policy(client_id=READER, state="disabled", check_mode=True)
    assert (result["changed"], result["reason"]) == (True, None)
    assert result.warned.count(WRITE) == 1
    result = policy(client_id=READER, state="disabled")
    assert (result["changed"], result["reason"]) == (False, "permission_missing")
    assert with_role_ids(WRITE) in result["msg"] and simulator.writes() == []
    simulator.switch("opaque_tokens", True)
    result = policy(client_id=READER, state="disabled")
    assert (result["changed"], result["reason"]) == (False, "permission_missing")
    assert WRITE in result["msg"] and result["support"]["status"] == 403
    assert [entry.status for entry in simulator.writes()] == [403]


@pytest.mark.parametrize("opaque", [True, False])
def test_the_permission_to_read_is_named(simulator: Any, policy: Module, opaque: bool) -> None:
    simulator.switch("opaque_tokens", opaque)
    result = policy(client_id=STRANGER, state="disabled", check_mode=True)
    assert (result["changed"], result["reason"]) == (False, "permission_missing")
    assert with_role_ids("Policy.Read.AuthenticationMethod or Policy.Read.All") in result["msg"]
    result = policy(client_id=STRANGER, state="disabled")
    assert WRITE in result["msg"]
    assert simulator.writes() == []


def test_the_undocumented_permission_may_be_insufficient(simulator: Any, policy: Module) -> None:
    simulator.switch("policy_read_all", False)
    result = policy(client_id=READER, state="disabled", check_mode=True)
    assert result["reason"] == "permission_missing"
    assert "Policy.Read.AuthenticationMethod" in result["msg"]


def test_the_message_for_a_signed_in_user_without_the_role_names_it(simulator: Any, policy: Module) -> None:
    token = simulator.token(user="ben@contoso.example", scopes=[WRITE, GROUPS])
    result = policy(client_secret=None, access_token=token, state="disabled")
    assert result["reason"] == "permission_missing"
    assert "the role Global Reader" in result["msg"]
    assert simulator.writes() == []


# -- verification and faults


@pytest.mark.parametrize(("lag", "timeout", "reason"), [(1.5, 30, None), (60, 1, "unverified")])
def test_a_change_that_shows_late(
    simulator: Any, policy: Module, lag: float, timeout: float, reason: str | None
) -> None:
    simulator.switch("policy_read_lag", lag)
    result = policy(state="disabled", verify_timeout=timeout)
    assert (result["changed"], result["reason"]) == (reason is None, reason)
    assert result["policy"]["state"] == ("disabled" if reason is None else "enabled")
    assert len(simulator.writes()) == 1


@pytest.mark.parametrize(
    "then",
    [
        {"status": 429, "headers": {"Retry-After": "1"}},
        {"status": 503},
        {"status": 503, "apply": True},
        {"drop": "after"},
        {"drop": "before"},
    ],
)
def test_a_write_without_a_clear_answer_is_verified(simulator: Any, policy: Module, then: dict[str, Any]) -> None:
    simulator.inject({"match": {"method": "PATCH"}, "then": then})
    result = policy(include=[{"group": "Kiosk", "sign_in": True}])
    assert (result["changed"], result["reason"]) == (True, None)
    assert shown(result["policy"])["include"] == {"Frontline": True, "Kiosk": True}
    applied = then.get("apply") or then.get("drop") == "after"
    assert len(simulator.writes()) == (1 if applied else 2)


def test_a_refused_write_is_no_change(simulator: Any, policy: Module) -> None:
    simulator.switch("policy_include_targets", "refuse")
    result = policy(include=[{"group": "Kiosk", "sign_in": True}])
    assert (result["changed"], result["reason"]) == (False, "service_error")
    assert "'includeTargets' cannot be updated" in result["msg"]
    assert result["support"]["status"] == 400 and result["support"]["request_id"]
    assert len(simulator.writes()) == 1


def test_an_invalid_policy_is_not_written_to(simulator: Any, policy: Module) -> None:
    body = {"id": "Sms", "state": "enabled", "excludeTargets": []}
    simulator.inject({"match": {"method": "GET", "path": "Configurations/sms$"}, "times": None, "then": {"body": body}})
    result = policy(exclude=[{"group": "Kiosk"}])
    assert (result["changed"], result["reason"]) == (False, "service_error")
    assert result["policy"] is None and simulator.writes() == []


@pytest.mark.parametrize("state", ["preMigration", "migrationInProgress", None])
def test_older_settings_may_allow_text_messages_too(simulator: Any, policy: Module, state: str | None) -> None:
    simulator.set_policy({"migration_state": state})
    result = policy(state="disabled")
    assert (result["changed"], result["policy"]["policy_migration_state"]) == (True, state)
    assert result.warned.count("older settings") == 1
    simulator.set_policy({"migration_state": "migrationComplete"})
    result = policy(state="disabled")
    assert result["policy"]["policy_migration_state"] == "migrationComplete"
    assert "older settings" not in result.warned
