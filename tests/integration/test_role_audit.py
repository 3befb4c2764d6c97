# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role's audit: states and other methods of users, without any write."""

from __future__ import annotations

import json

import pytest

from integration.playing import role_task, statistics, summary, written
from integration.tenants import ROLES, app, make_user, tenant

AUDIT = "frontline.entra.audit_sms_sign_in"
READ, FAIL = "Read SMS sign-in", "Fail when a user could not be read"
ANNA, BEN, CARL, DORA = (f"{name}@contoso.example" for name in ("anna", "ben", "carl", "dora"))


def TENANT():
    return tenant(
        make_user("anna", 1),
        make_user("ben", 2, sms_sign_in=True),
        make_user("carl"),
        make_user("dora", 4, sms_sign_in=True, methods=["fido2"]),
        apps=[app(roles=[*ROLES, "AuditLog.Read.All"])],
        groups=[{"name": "Frontline", "members": [ANNA, BEN, CARL, DORA]}],
    )


@pytest.mark.parametrize("arguments", [(), ("--check",)])
def test_all_registered_users_are_read_and_none_is_changed(simulator, play, secret_file, arguments):
    played = play(AUDIT, *arguments, other_methods=True)

    assert played.returncode == 0, played.output
    assert written(simulator) == []
    result = role_task(played, READ)
    assert result["summary"]["states"] == {"notEnabled": 1, "ready": 2} and result["summary"]["sms_only"] == 1
    assert statistics(played)["sms_only"] == 1 and statistics(played)["reason"] is None
    assert statistics(played)["check_mode"] is bool(arguments)
    reported = "\n".join(summary(played))
    assert "Limited by" not in reported
    assert reported.startswith("3 users: ") and "Locked out without SMS sign-in: 1 user" in reported
    assert summary(played)[-3:] == [
        "ready: 2 users. SMS sign-in is enabled.",
        f"  {BEN}: No usable other method.",
        f"  {DORA}",
    ]


def test_a_group_replaces_the_registered_users(simulator, play, secret_file):
    """Carl has no phone, so the report does not list him."""
    played = play(AUDIT, groups=["Frontline"])
    assert played.returncode == 0, played.output
    assert role_task(played, READ)["summary"]["states"] == {"noMobilePhone": 1, "notEnabled": 1, "ready": 2}
    assert not simulator.requests("userRegistrationDetails")
    assert summary(played)[1] == "Limited by sms_sign_in_groups: other users can have SMS sign-in too."
    assert "DEPRECATION" not in played.output


def test_a_user_that_cannot_be_read_fails_the_audit(simulator, play, secret_file):
    simulator.inject(
        {"match": {"kind": "item", "user": BEN}, "times": None, "then": {"status": 403, "code": "accessDenied"}}
    )
    played = play(AUDIT, groups=["Frontline"])

    assert played.returncode == 2
    assert [task.task for task in played.tasks if task.status == "failed"] == [f"frontline.entra.sms_sign_in : {FAIL}"]
    assert role_task(played, FAIL)["msg"] == role_task(played, READ)["msg"]
    assert statistics(played)["reason"] == "some_users_failed" and statistics(played)["failed"] == 1
    assert any(line.startswith("Failed, forbidden: 1 user.") for line in summary(played))


def test_states_filter_the_list_and_not_the_counts(simulator, play, secret_file, tmp_path):
    path = tmp_path / "audit.json"
    played = play(AUDIT, states=["ready"], report_path=str(path))
    result = role_task(played, READ)
    assert sorted(user["user"] for user in result["users"]) == [BEN, DORA] and result["summary"]["total"] == 3
    assert len(json.loads(path.read_text("utf-8"))["users"]) == 3


def test_an_unknown_state_or_an_empty_report_stops_it(simulator, play, secret_file):
    played = play(AUDIT, states=["redy"])
    assert played.returncode == 2 and role_task(played, READ)["reason"] == "invalid_options"
    simulator.inject({"match": {"path": "userRegistrationDetails"}, "then": {"body": {"value": []}}})
    played = play(AUDIT)
    assert played.returncode == 2 and role_task(played, READ)["reason"] == "report_empty"
    assert summary(played)[0].startswith("Stopped, report_empty: ")


def test_excluded_users_are_left_out(simulator, play, secret_file):
    played = play(AUDIT, registered=True, groups=["Frontline"], exclude_users=BEN, exclude_groups=" \n", users=[])
    assert role_task(played, READ)["summary"]["total"] == 3
    assert summary(played)[1] == "Limited by sms_sign_in_exclude_users: other users can have SMS sign-in too."


def test_variables_of_other_entry_points_do_not_matter(simulator, play, secret_file):
    """One inventory works for all of them; a misspelt variable fails."""
    assert play(AUDIT, state="disabled", waves=[1], max_changes=3, confirm=True).returncode == 0
    simulator.clear_journal()
    played = play(AUDIT, other_method=True)
    assert played.returncode == 2
    assert "Did you mean sms_sign_in_other_methods?" in role_task(played, "Check the variables of the role")["msg"]
    assert simulator.journal() == []
