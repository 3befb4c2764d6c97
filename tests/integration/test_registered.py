# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`registered`: every user that the registration report lists with a mobile phone."""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.frontline.entra.plugins.modules import sms_sign_in
from integration.tenants import NOT_ENABLED, READY, ROLES, app, make_user, tenant

NO_REPORT = "aaaaaaaa-0000-0000-0000-000000000002"
"""An application that may not read the report."""

TENANT = tenant(
    {"count": 30, "name": "worker{n:02}@contoso.example", "mobile": "+1 206555{n:04}", "start": 100},
    make_user("anna", 31, sms_sign_in=True, methods=["fido2"]),
    make_user("ben", 32, sms_sign_in=True),
    make_user("chief", 33, sms_sign_in=True, admin=True),
    make_user("guest", 34, guest=True),
    make_user("gone", 35, sms_sign_in=True, enabled=False),
    make_user("office", office="+1 2065550136"),
    make_user("key", methods=["fido2"]),
    make_user("nothing"),
    groups=[{"name": "Break glass", "members": ["chief@contoso.example"]}],
    apps=[
        app(roles=[*ROLES, "AuditLog.Read.All"], entra_roles=["Privileged Authentication Administrator"]),
        app(client_id=NO_REPORT),
    ],
)
REPORT = "/reports/authenticationMethods/userRegistrationDetails"
LISTED = 34
"""Users with a mobile phone whose account is not disabled."""

ON = ["anna", "ben", "chief"]
LEFT_OUT = "leaves out disabled accounts and users without a registered method"


def changed(result):
    return sorted(user["user"].partition("@")[0] for user in result["users"] if user["changed"])


def test_check_apply_apply_check(simulator, module):
    def run(check_mode):
        simulator.clear_journal()
        return module(registered=True, state="disabled", max_changes=10, check_mode=check_mode)

    foreseen = run(True)
    assert foreseen["summary"]["total"] == LISTED and changed(foreseen) == ON and not simulator.writes()
    assert len(simulator.requests(REPORT)) == 1 and LEFT_OUT in foreseen.warned
    # Ids and names are in the report: no user is looked up, and none is addressed by name.
    assert all("authentication" in entry.path or "$batch" in entry.path for entry in simulator.calls())
    assert not any("@contoso.example" in entry.path for entry in simulator.requests("phoneMethods"))

    done = run(False)
    assert changed(done) == ON and done["reason"] is None
    assert sorted(write.user.partition("@")[0] for write in simulator.writes()) == ON
    assert all(simulator.state(f"{name}@contoso.example") == NOT_ENABLED for name in ON)
    assert simulator.state("gone@contoso.example") == READY, "the report does not list it"

    for check_mode in (False, True):
        again = run(check_mode)
        assert again["summary"]["total"] == LISTED and not again["changed"] and not simulator.writes()


def test_registered_users_are_added_to_others_and_excludes_take_precedence(simulator, module):
    result = module(
        registered=True,
        users=["gone@contoso.example", "anna@contoso.example", simulator.user_id("ben@contoso.example")],
        exclude_users=["worker100@contoso.example"],
        exclude_groups=["Break glass"],
        state="disabled",
        max_changes=10,
    )
    assert result["summary"]["total"] == LISTED + 1 - 2
    assert len(changed(result)) == 3 and {"anna", "gone"} < set(changed(result))
    assert simulator.state("ben@contoso.example") == NOT_ENABLED
    assert simulator.state("chief@contoso.example") == READY
    assert not [entry for entry in simulator.requests("phoneMethods") if entry.user == "worker100@contoso.example"]


def test_a_name_in_exclude_users_is_looked_up_since_the_report_lags(simulator, module):
    module(registered=True, exclude_users=["chief@contoso.example"], state="disabled", max_changes=10)
    looked_up = [entry for entry in simulator.calls() if re.fullmatch(r"/users/[^/]+", entry.path)]
    assert [entry.user for entry in looked_up] == ["chief@contoso.example"]
    assert simulator.state("chief@contoso.example") == READY


def test_administrators_are_known_from_the_same_report(simulator, module):
    result = module(
        registered=True, exclude_admins=True, tolerate=["privileged_user"], state="disabled", max_changes=10
    )
    assert len(simulator.requests(REPORT)) == 1
    assert result.user("chief")["reason"] == "privileged_user" and changed(result) == ["anna", "ben"]


def test_guests_of_the_report_are_refused_when_they_are_to_be_enabled(simulator, module):
    simulator.switch("guest_state", None)
    result = module(registered=True, state="enabled", max_changes=100, check_mode=True)
    assert result.user("guest")["reason"] == "guest"


@pytest.mark.parametrize("most", [0, 2])
def test_max_changes_applies(simulator, module, most):
    result = module(registered=True, state="disabled", max_changes=most)
    assert result["reason"] == "too_many_changes" and not simulator.writes()


def test_a_real_run_needs_a_limit_and_check_mode_warns(simulator, module):
    result = module(registered=True, state="disabled")
    assert result["reason"] == "invalid_options" and "'registered' needs 'max_changes'" in result["msg"]
    assert not simulator.calls()
    result = module(registered=True, state="disabled", check_mode=True)
    assert result["reason"] is None and "A real run needs 'max_changes'" in result.warned
    assert changed(result) == ON
    assert module(registered=False, users=["anna@contoso.example"], state="disabled")["reason"] is None


def without_phones(simulator):
    for name in [*(f"worker{number}" for number in range(100, 130)), *ON, "guest"]:
        simulator.change(f"{name}@contoso.example", mobile=None)


@pytest.mark.parametrize("check_mode", [True, False])
def test_an_empty_report_is_an_error_for_disabled_and_a_warning_for_enabled(simulator, module, check_mode):
    without_phones(simulator)
    result = module(registered=True, state="disabled", max_changes=10, check_mode=check_mode)
    assert result["reason"] == "report_empty" and "lists no user with a mobile phone" in result["msg"]
    assert LEFT_OUT in result["msg"]
    result = module(registered=True, state="enabled", max_changes=10, check_mode=check_mode)
    assert result["reason"] is None and result["summary"]["total"] == 0
    assert "lists no user with a mobile phone" in result.warned


@pytest.mark.parametrize("state", ["enabled", "disabled"])
@pytest.mark.parametrize(
    ("given", "premium", "reason"),
    [({"client_id": NO_REPORT}, True, "permission_missing"), ({}, False, "licence_missing")],
)
def test_without_permission_or_licence_the_run_stops(simulator, module, state, given, premium, reason):
    simulator.switch("premium", premium)
    result = module(registered=True, users=["anna@contoso.example"], state=state, max_changes=10, **given)
    assert result["reason"] == reason and not simulator.writes()


@pytest.mark.parametrize("empty_page", [False, True])
def test_all_pages_are_read(simulator, module, empty_page):
    simulator.switch("report_page_size", 7)
    simulator.switch("empty_page", empty_page)
    result = module(registered=True, state="disabled", max_changes=10, check_mode=True)
    assert result["summary"]["total"] == LISTED and len(simulator.requests(REPORT)) == 5 + empty_page


@pytest.mark.parametrize(
    ("then", "reason"),
    [
        ({"status": 403, "body": {"page": "blocked"}}, "unreachable"),
        ({"status": 400, "code": "badRequest"}, "incomplete"),
        ({"body": {"value": None}}, "incomplete"),
        ({"body": {"value": [{"userPrincipalName": "anna@contoso.example"}]}}, "incomplete"),
    ],
)
def test_a_report_that_cannot_be_read_as_a_whole_stops_the_run(simulator, module, then, reason):
    simulator.inject({"name": "x", "times": None, "match": {"path": "userRegistrationDetails"}, "then": then})
    result = module(registered=True, users=["anna@contoso.example"], state="disabled", max_changes=10)
    assert result["reason"] == reason and not simulator.writes()


def test_a_throttled_page_is_retried(simulator, module):
    then = {"status": 429, "headers": {"Retry-After": "0.5"}}
    simulator.inject({"name": "x", "times": 2, "match": {"path": "userRegistrationDetails"}, "then": then})
    result = module(registered=True, state="disabled", max_changes=10)
    assert result["reason"] is None and changed(result) == ON and result["requests"]["throttled"] == 2


@pytest.mark.parametrize("value", [False, True])
@pytest.mark.parametrize("switch", ["report_lists_unregistered", "report_stale", "report_filters_unlisted"])
def test_quirks_of_the_report_do_not_matter(simulator, module, switch, value):
    simulator.switch(switch, value)
    result = module(registered=True, state="disabled", max_changes=10, check_mode=True)
    assert result["summary"]["total"] == LISTED and changed(result) == ON


def test_the_example_runs(simulator, playbook, options):
    """All three precautions at once: check -> apply -> apply -> check."""
    examples = yaml.safe_load(sms_sign_in.EXAMPLES)
    (task,) = [task for task in examples if "registered" in task["frontline.entra.sms_sign_in"]]
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {f"entra_{name}": options[name] for name in ("tenant_id", "client_id", "client_secret")},
        "module_defaults": {
            "group/frontline.entra.graph": {name: options[name] for name in ("graph_url", "authority_host", "ca_path")}
        },
        "tasks": [task],
    }
    left = {"ben@contoso.example": "no_other_method", "chief@contoso.example": "privileged_user"}
    for arguments, changes in ((["--check"], True), ([], True), ([], False), (["--check"], False)):
        simulator.clear_journal()
        played = playbook(yaml.safe_dump([play]), "-vvv", "--diff", *arguments)
        (done,) = played.tasks
        assert done.status == "ok", played.output
        assert changed(done.result) == (["anna"] if changes else [])
        assert {name: reason for name, reason in done.result.reasons.items() if reason} == left
        assert [write.user for write in simulator.writes()] == (
            ["anna@contoso.example"] if changes and not arguments else []
        )
        assert "2065550131" not in played.output.replace(" ", "") and options["client_secret"] not in played.output
    assert simulator.state("anna@contoso.example") == NOT_ENABLED and simulator.state("ben@contoso.example") == READY
