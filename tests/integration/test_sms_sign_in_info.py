# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit: states of users, what they could sign in with instead, and nothing written in any case."""

from __future__ import annotations

import csv
import io
import json
import stat

import pytest
import yaml

from ansible_collections.frontline.entra.plugins.module_utils._domain._permissions import with_role_ids
from ansible_collections.frontline.entra.plugins.modules import sms_sign_in_info
from integration.tenants import NEW_TO_METADATA, READY, ROLES, SOMETHING_NEW, TENANT_ID, app, make_user, tenant

PHONES_ONLY = "aaaaaaaa-0000-0000-0000-000000000002"
"""An application that may read phone methods and nothing else."""

TENANT = tenant(
    make_user("key", 1, sms_sign_in=True, methods=["fido2"]),
    make_user("laptop", 2, sms_sign_in=True, methods=["windowsHelloForBusiness"]),
    make_user("password", 3, sms_sign_in=True),
    make_user("app", 4, sms_sign_in=True, methods=["microsoftAuthenticator"]),
    make_user("pass", 5, sms_sign_in=True, methods=["temporaryAccessPass"]),
    make_user("over", 6, sms_sign_in=True, methods=[{"temporaryAccessPass": {"isUsable": False}}]),
    make_user("off", 7),
    make_user("blocked", 8, methods=["email"]),
    make_user("nophone", methods=["fido2"]),
    make_user("office", office="+1 2065550110"),
    make_user("unknown", 11, state=SOMETHING_NEW),
    make_user("null", 12, state="null"),
    make_user("gone", 13, sms_sign_in=True, enabled=False),
    groups=[
        {"name": "No SMS", "members": ["blocked@contoso.example"]},
        {"name": "Shop", "members": ["key@contoso.example", "password@contoso.example", "off@contoso.example"]},
        {"name": "Empty", "members": []},
    ],
    policy={
        "state": "enabled",
        "include": [{"group": "all_users", "sign_in": True}],
        "exclude": [{"group": "No SMS"}],
    },
    apps=[
        app(roles=[*ROLES, "AuditLog.Read.All"]),
        {**app(client_id=PHONES_ONLY), "roles": ["UserAuthMethod-Phone.Read.All"]},
    ],
)
MODULE = "sms_sign_in_info"
STATES = {
    **dict.fromkeys(("key", "laptop", "password", "app", "pass", "over", "gone"), READY),
    "off": "notEnabled",
    "blocked": "notAllowedByPolicy",
    "nophone": "noMobilePhone",
    "office": "noMobilePhone",
}
NAMES = [f"{name}@contoso.example" for name in STATES]
OTHERS = {
    "key": (["fido2", "password"], False),
    "laptop": (["windowsHelloForBusiness", "password"], False),
    "password": (["password"], True),
    "app": (["microsoftAuthenticator", "password"], False),
    "pass": (["temporaryAccessPass", "password"], False),
    "over": (["password"], True),
    "gone": (["password"], True),
    "off": (["password"], True),
    "blocked": (["email", "password"], False),
    "nophone": (["fido2", "password"], False),
    "office": (["password"], True),
}
SMS_ONLY = 5
"""password, app, pass, over and gone."""

REPORT = "/reports/authenticationMethods/userRegistrationDetails"


def by_name(result, *keys):
    return {
        user["user"].partition("@")[0]: tuple(user[key] for key in keys) if len(keys) > 1 else user[keys[0]]
        for user in result["users"]
    }


@pytest.mark.parametrize("check_mode", [False, True])
def test_states_are_read_and_nothing_is_written(simulator, module, check_mode):
    result = module(MODULE, users=NAMES, check_mode=check_mode)

    assert result["reason"] is None and result["changed"] is False and not simulator.writes()
    assert by_name(result, "state") == STATES
    assert set(by_name(result, "other_methods", "only_password").values()) == {(None, None)}
    assert result["summary"] == {
        "total": 11,
        "failed": 0,
        "reasons": {},
        "states": {"ready": 7, "noMobilePhone": 2, "notEnabled": 1, "notAllowedByPolicy": 1},
        "sms_only": None,
    }
    assert result["msg"] == "7 ready, 1 notEnabled, 1 notAllowedByPolicy, 2 noMobilePhone."
    assert result.user("nophone")["failed"] is False and result.user("key")["phone_number"] == "********01"
    keys = {
        "user",
        "id",
        "state",
        "phone_number",
        "other_methods",
        "only_password",
        "failed",
        "reason",
        "msg",
        "support",
    }
    assert set(result["users"][0]) == keys
    # One batch of reads after the login.
    assert len(simulator.requests("phoneMethods")) == len(NAMES) and not simulator.requests("authentication/methods")


def test_reading_other_methods_takes_no_more_requests(simulator, module):
    result = module(MODULE, users=NAMES, other_methods=True)

    assert by_name(result, "state") == STATES and by_name(result, "other_methods", "only_password") == OTHERS
    assert result["summary"]["sms_only"] == SMS_ONLY and result["reason"] is None
    assert list(by_name(result, "state"))[:SMS_ONLY] == ["app", "gone", "over", "pass", "password"]
    assert result["msg"].endswith(" 5 of the users in ready have no usable other method.")
    assert len(simulator.requests("authentication/methods")) == len(NAMES) and not simulator.requests("phoneMethods")
    assert "Bound to the device where it was registered: windowsHelloForBusiness." in result.user("laptop")["msg"]
    assert result.user("password")["msg"] == "SMS sign-in is enabled. No usable other method."
    assert result.user("key")["msg"] == "SMS sign-in is enabled."


@pytest.mark.parametrize(
    ("usable", "alone"),
    [
        (["microsoftAuthenticator"], 6),
        (["fido2", "microsoftAuthenticator", "temporaryAccessPass"], 4),
        (["password"], 0),
    ],
)
def test_usable_methods_are_an_option(simulator, module, usable, alone):
    assert module(MODULE, users=NAMES, other_methods=True, usable_methods=usable)["summary"]["sms_only"] == alone


@pytest.mark.parametrize(
    ("states", "names"),
    [
        (["ready"], ["key", "laptop", "password", "app", "pass", "over", "gone"]),
        (["noMobilePhone", "notEnabled"], ["off", "nophone", "office"]),
        (["notConfigured"], []),
    ],
)
def test_states_filter_users_and_never_the_counts(simulator, module, tmp_path, states, names):
    path = tmp_path / "audit.json"
    result = module(MODULE, users=NAMES, states=states, report_path=str(path))
    assert sorted(by_name(result, "state")) == sorted(names)
    assert result["summary"]["total"] == 11 and result["summary"]["states"]["ready"] == 7
    assert result["users_omitted"] == 0
    assert len(json.loads(path.read_text("utf-8"))["users"]) == 11


@NEW_TO_METADATA
def test_an_unknown_state_is_shown_and_a_missing_state_fails(simulator, module):
    users = ["unknown@contoso.example", "null@contoso.example", "key@contoso.example"]
    for other_methods in (False, True):
        result = module(MODULE, users=users, states=["ready"], other_methods=other_methods)
        assert result["summary"]["states"] == {"ready": 1, SOMETHING_NEW: 1}
        assert by_name(result, "state", "reason") == {"key": (READY, None), "null": (None, "unknown_state")}
        assert result["reason"] == "some_users_failed" and "null@contoso.example (unknown_state)" in result["msg"]
    found = module(MODULE, users=users[:1])
    assert found["reason"] is None and "does not know (somethingNew)" in found.user("unknown")["msg"]


def test_users_that_cannot_be_read_fail_unless_tolerated(simulator, module):
    simulator.inject({"name": "x", "times": None, "match": {"user": "off@contoso.example"}, "then": {"status": 403}})
    users = [*NAMES, "nobody@contoso.example"]
    result = module(MODULE, users=users)
    assert result["reason"] == "some_users_failed"
    assert result["summary"]["failed"] == 2
    assert result["summary"]["reasons"] == {"forbidden": 1, "user_not_found": 1}
    assert [user["user"] for user in result["users"][:2]] == ["nobody@contoso.example", "off@contoso.example"]
    assert result.user("off")["support"]["status"] == 403

    result = module(MODULE, users=users, tolerate=["user_not_found"])
    assert result["summary"]["failed"] == 1 and result.user("nobody")["failed"] is False
    assert result.user("nobody")["reason"] == "user_not_found"


@NEW_TO_METADATA
def test_all_registered_users(simulator, module):
    result = module(
        MODULE, registered=True, other_methods=True, exclude_users=["key@contoso.example"], states=["ready"]
    )
    # Without the disabled account, and without users that have no mobile phone.
    assert sorted(by_name(result, "state")) == ["app", "laptop", "null", "over", "pass", "password"]
    assert result["summary"]["sms_only"] == 4 and "leaves out disabled accounts" in result.warned
    assert len(simulator.requests(REPORT)) == 1 and not simulator.writes()


def test_groups_and_excludes(simulator, module):
    result = module(MODULE, groups=["Shop"], exclude_users=["off@contoso.example"])
    assert by_name(result, "state") == {"key": READY, "password": READY}


REFUSED = [
    ({"registered": True, "client_id": PHONES_ONLY}, {}, "permission_missing", "AuditLog.Read.All"),
    ({"registered": True}, {"premium": False}, "licence_missing", "Entra ID P1"),
    (
        {"users": NAMES, "other_methods": True, "client_id": PHONES_ONLY},
        {},
        "permission_missing",
        f"{with_role_ids('UserAuthenticationMethod.Read.All')} (for 'other_methods')",
    ),
    ({"groups": ["Empty"]}, {}, "group_empty", "shows no users"),
    ({"users": NAMES, "states": ["ready", "on"]}, {}, "invalid_options", "'states' cannot take 'on'"),
    ({"users": NAMES, "usable_methods": ["sms"]}, {}, "invalid_options", "'usable_methods' cannot take 'sms'"),
    ({}, {}, "invalid_options", "set 'users', 'groups', 'users_from' or 'registered'"),
    ({"users": NAMES, "exclude_users": ["x@contoso.example"]}, {}, "exclude_not_found", "x@contoso.example"),
]


@pytest.mark.parametrize(("given", "switches", "reason", "words"), REFUSED)
def test_errors_that_stop_an_audit(simulator, module, given, switches, reason, words):
    for name, value in switches.items():
        simulator.switch(name, value)
    result = module(MODULE, **given)
    assert (result["reason"], result["failed"], result["changed"]) == (reason, True, False)
    assert words in result["msg"] and result["summary"]["states"] == {}
    assert {"users", "users_omitted", "summary", "requests", "auth", "support", "invocation"} <= set(result)


def test_an_empty_report_is_an_error(simulator, module):
    for name in (*(name for name in STATES if name != "gone"), "unknown", "null"):
        simulator.change(f"{name}@contoso.example", mobile=None)
    assert module(MODULE, registered=True)["reason"] == "report_empty"


def test_an_empty_list_reads_no_user(simulator, module):
    result = module(MODULE, users=[])
    assert (result["reason"], result["msg"], result["summary"]["total"]) == (None, "No users selected.", 0)


def test_files_of_users(simulator, module, tmp_path):
    (tmp_path / "empty.csv").write_text("user\n", encoding="utf-8")
    (tmp_path / "list.csv").write_text("user\nkey@contoso.example\n", encoding="utf-8")
    refused = module(MODULE, users_from=str(tmp_path / "empty.csv"))
    assert refused["reason"] == "invalid_file" and "names no user" in refused["msg"] and not simulator.calls()
    given = {"users_from": str(tmp_path / "list.csv"), "users": ["off@contoso.example"]}
    assert by_name(module(MODULE, **given), "state") == {"key": READY, "off": "notEnabled"}

    run = str(tmp_path / "run.json")
    module(users=["key@contoso.example", "off@contoso.example"], state="disabled", report_path=run)
    found = module(MODULE, users_from=run, users=["laptop@contoso.example"])
    assert found["reason"] is None and sorted(user["state"] for user in found["users"]) == ["notEnabled", READY]


def test_reports_have_all_users_and_are_not_accepted_as_lists(simulator, module, tmp_path):
    paths = {ending: tmp_path / f"audit.{ending}" for ending in ("json", "csv", "html")}
    for path in paths.values():
        given = {"users": [*NAMES, "nobody@contoso.example"], "tolerate": ["user_not_found"], "other_methods": True}
        result = module(MODULE, report_path=str(path), states=["notEnabled"], **given)
        assert result["reason"] is None and stat.S_IMODE(path.stat().st_mode) == 0o600

    document = json.loads(paths["json"].read_text("utf-8"))
    assert document["summary"] == result["summary"] and document["finished"] is True and document["tenant"] == TENANT_ID
    assert document["scope"]["registered"] is False and document["state"] is None
    entries = {user["user"].partition("@")[0]: user for user in document["users"]}
    assert {name: (entry["other_methods"], entry["only_password"]) for name, entry in entries.items()} == {
        **OTHERS,
        "nobody": (None, None),
    }
    rows = list(csv.DictReader(io.StringIO(paths["csv"].read_text("utf-8"))))
    expected = {f"{name}@contoso.example": state for name, state in STATES.items()}
    assert {row["user"]: row["state"] for row in rows} == {**expected, "nobody@contoso.example": ""}
    (laptop,) = [row for row in rows if row["user"].startswith("laptop")]
    assert (laptop["other_methods"], laptop["only_password"]) == ("windowsHelloForBusiness, password", "false")
    assert not {"outcome", "changed", "previous_state", "written", "check_mode"} & set(laptop)
    page = paths["html"].read_text("utf-8")
    assert "Audit: read only" in page and "SMS sign-in is on for 7 of 12 users. 5 of these have no usable other" in page
    assert "No other method than a password" in page and "Windows Hello for Business" in page
    assert "Other methods, but no usable one" in page

    for ending in ("json", "csv"):
        simulator.clear_journal()
        for state in ("disabled", "previous"):
            refused = module(users_from=str(paths[ending]), state=state)
            assert refused["reason"] == "invalid_file" and "a report of an audit" in refused["msg"]
        assert not simulator.calls()


def test_the_report_of_a_run_is_kept(simulator, module, tmp_path):
    path = tmp_path / "run.json"
    assert module(users=["key@contoso.example"], state="disabled", report_path=str(path))["changed"]
    before = path.read_bytes()
    result = module(MODULE, users=NAMES, report_path=str(path))
    assert path.read_bytes() == before and "run.unchanged.json" in result.warned
    assert module(users_from=str(path), state="previous")["changed"]


@NEW_TO_METADATA
def test_no_number_is_in_any_output(simulator, module, tmp_path):
    for ending in ("json", "csv", "html"):
        path = tmp_path / f"audit.{ending}"
        result = module(MODULE, registered=True, other_methods=True, report_path=str(path))
        for text in (json.dumps(result), path.read_text("utf-8")):
            assert "password@contoso.example" in text
            assert "20655501" not in text.replace(" ", "") and "someone@example.com" not in text


@pytest.mark.parametrize(
    "name", ["s1_reads_fail_for_a_moment", "t1_reads_throttled_by_resource_units", "b4_item_missing"]
)
def test_temporary_faults_are_retried(simulator, module, scenario, name):
    scenario(name)
    result = module(MODULE, users=NAMES, other_methods=True)
    assert result["reason"] is None and by_name(result, "state") == STATES


def test_a_run_that_ends_early_lists_unread_users(simulator, module):
    simulator.inject({"name": "x", "times": None, "match": {"path": "phoneMethods"}, "then": {"hang": 30}})
    result = module(MODULE, groups=["Shop"], run_timeout=1)
    assert result["reason"] == "incomplete" and result["summary"]["reasons"] == {"skipped": 3}
    assert result["summary"]["failed"] == 3 and "3 skipped" in result["msg"]


@NEW_TO_METADATA
@pytest.mark.parametrize("in_process", [True, False])
def test_the_examples_run_with_the_commands_of_ansible(simulator, playbook, options, tmp_path, in_process):
    tasks = yaml.safe_load(sms_sign_in_info.EXAMPLES)
    audit, shop = (task["frontline.entra.sms_sign_in_info"] for task in tasks)
    audit["exclude_users"] = ["null@contoso.example"]
    shop["groups"] = ["Shop"]
    variables = {f"entra_{name}": options[name] for name in ("tenant_id", "client_id", "client_secret")}
    hosts = {name: options[name] for name in ("graph_url", "authority_host", "ca_path")}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {**variables, "report_folder": str(tmp_path), "frontline_entra_in_process": in_process},
        "module_defaults": {"group/frontline.entra.graph": hosts},
        "tasks": tasks,
    }
    for on, arguments in ((True, []), (False, ["--check", "--diff"])):
        for name in ("key", "password"):
            simulator.change(f"{name}@contoso.example", sms_sign_in=on)
        played = playbook(yaml.safe_dump([play]), "-vvv", *arguments)
        assert [task.status for task in played.tasks] == ["ok", "failed" if on else "ok"], played.output
        assert all(task.result["changed"] is False for task in played.tasks)
        assert "20655501" not in played.output.replace(" ", "") and options["client_secret"] not in played.output
        assert (tmp_path / "audit.html").exists() and not simulator.writes()
