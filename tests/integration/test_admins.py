# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`exclude_admins` leaves out users that the registration report lists as administrators, or does not list."""

from __future__ import annotations

import pytest

from integration.tenants import READY, ROLES, app, make_user, tenant

NO_REPORT = "aaaaaaaa-0000-0000-0000-000000000002"
"""An application that may not read the report."""

CREW = {"count": 8, "name": "crew{n:02}@contoso.example", "mobile": "+1 20655501{n:02}", "sms_sign_in": True}
TENANT = tenant(
    CREW,
    make_user("chief", 20, sms_sign_in=True, admin=True),
    make_user("unclear", 21, sms_sign_in=True, admin=None),
    make_user("gone", 22, sms_sign_in=True, enabled=False),
    make_user("off", 23, admin=True),
    make_user("plain", 24),
    make_user("new"),
    apps=[app(roles=[*ROLES, "AuditLog.Read.All"]), {**app(client_id=NO_REPORT)}],
)
CREW_NAMES = [f"crew{number:02}@contoso.example" for number in range(1, 9)]
OTHERS = [f"{name}@contoso.example" for name in ("chief", "unclear", "gone", "off", "plain")]
REPORT = "/reports/authenticationMethods/userRegistrationDetails"
LEFT_ALONE = {
    "chief@contoso.example": "privileged_user",
    "unclear@contoso.example": "not_in_report",
    "gone@contoso.example": "not_in_report",
}
TOLERATE = ["privileged_user", "not_in_report"]


def reasons(result):
    return {user["user"]: user["reason"] for user in result["users"] if user["reason"]}


def ids(simulator, names):
    return [simulator.user_id(name) for name in names]


@pytest.mark.parametrize("by_id", [False, True], ids=["by name", "by id"])
@pytest.mark.parametrize("crew", [[], CREW_NAMES[:1], CREW_NAMES], ids=["looked up singly", "five", "whole report"])
def test_check_apply_apply_check(simulator, module, crew, by_id):
    names = [*crew, *OTHERS]
    users = ids(simulator, names) if by_id else names
    left_alone = {simulator.user_id(name) if by_id else name: reason for name, reason in LEFT_ALONE.items()}

    def run(check_mode):
        simulator.clear_journal()
        return module(users=users, state="disabled", exclude_admins=True, tolerate=TOLERATE, check_mode=check_mode)

    foreseen = run(True)
    assert not simulator.writes() and reasons(foreseen) == left_alone
    asked = simulator.requests(REPORT)
    whole = len(crew) + len(LEFT_ALONE) > 5
    assert len(asked) == (1 if whole else len(crew) + len(LEFT_ALONE))
    assert not any("isAdmin%20eq" in entry.path or "isAdmin eq" in entry.path for entry in asked)

    done = run(False)
    assert reasons(done) == left_alone and done["reason"] is None
    assert sorted(write.user for write in simulator.writes()) == crew
    assert all(simulator.state(name) == READY for name in LEFT_ALONE)

    for check_mode in (False, True):
        again = run(check_mode)
        assert not again["changed"] and not simulator.writes() and reasons(again) == left_alone


@pytest.mark.parametrize("state", ["enabled", "disabled"])
def test_administrators_are_excluded_for_both_states(simulator, module, state):
    result = module(users=OTHERS, state=state, exclude_admins=True, tolerate=TOLERATE)
    expected = {"off@contoso.example": "privileged_user"} if state == "enabled" else LEFT_ALONE
    assert reasons(result) == expected
    assert [write.user for write in simulator.writes()] == (["plain@contoso.example"] if state == "enabled" else [])


def test_administrators_fail_the_task_unless_tolerated(simulator, module):
    result = module(users=OTHERS, state="disabled", exclude_admins=True)
    assert result["reason"] == "some_users_failed" and reasons(result) == LEFT_ALONE
    assert "leaves alone" in result.user("chief")["msg"]
    assert "does not show whether" in result.user("gone")["msg"]


REFUSALS = [
    ({"client_id": NO_REPORT}, {}, "permission_missing", "AuditLog.Read.All"),
    ({"client_id": NO_REPORT}, {"report_refusal_code": "accessDenied"}, "permission_missing", "AuditLog.Read.All"),
    (
        {"client_id": NO_REPORT},
        {"report_refusal_code": "Authorization_RequestDenied"},
        "permission_missing",
        "AuditLog",
    ),
    ({}, {"premium": False}, "licence_missing", "Entra ID P1"),
]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("crew", [[], CREW_NAMES], ids=["singly", "whole report"])
@pytest.mark.parametrize(("given", "switches", "reason", "words"), REFUSALS)
def test_without_permission_or_licence_the_run_stops(
    simulator, module, check_mode, crew, given, switches, reason, words
):
    for name, value in {"opaque_tokens": True, **switches}.items():
        simulator.switch(name, value)
    result = module(users=[*crew, *OTHERS], state="disabled", exclude_admins=True, check_mode=check_mode, **given)
    assert result["reason"] == reason and words in result["msg"]
    assert not simulator.writes() and not result["changed"] and result["support"]["status"] == 403


@pytest.mark.parametrize("value", [False, True])
@pytest.mark.parametrize("switch", ["report_lists_unregistered", "report_filters_unlisted"])
@pytest.mark.parametrize("crew", [[], CREW_NAMES], ids=["singly", "whole report"])
def test_quirks_of_the_report_do_not_matter(simulator, module, switch, value, crew):
    simulator.switch(switch, value)
    result = module(users=[*crew, *OTHERS], state="disabled", exclude_admins=True, check_mode=True)
    assert reasons(result) == LEFT_ALONE


@pytest.mark.parametrize(("lag", "reason"), [(0.0, None), (3600.0, "not_in_report")])
def test_a_lagging_report_leaves_out_a_newly_registered_user(simulator, module, lag, reason):
    simulator.switch("report_lag", lag)
    simulator.change("new@contoso.example", mobile="+1 2065550130")
    result = module(users=["new@contoso.example"], state="enabled", exclude_admins=True)
    assert reasons(result).get("new@contoso.example") == reason


def test_the_quota_of_the_report_is_respected(simulator, module):
    simulator.set_quota({"reports_per_second": 1.0, "reports_window": 2.0})
    simulator.switch("report_page_size", 2)
    result = module(users=[*CREW_NAMES, *OTHERS], state="disabled", exclude_admins=True, tolerate=TOLERATE)
    assert reasons(result) == LEFT_ALONE and result["summary"]["changed"] == len(CREW_NAMES)
    assert result["requests"]["throttled"] > 0
