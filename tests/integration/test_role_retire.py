# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role's retire: all registered users outside the excludes, in check mode until it is confirmed."""

from __future__ import annotations

import pytest

from integration.playing import role_task, statistics, summary, written
from integration.tenants import NOT_ENABLED, READY, ROLES, app, make_user, tenant

RETIRE = "frontline.entra.retire_sms_sign_in"
AUDIT = "frontline.entra.audit_sms_sign_in"
SWITCH = "Enable or disable SMS sign-in"
ANNA, BEN, DORA, EMIL, KEY, ROOT = (
    f"{name}@contoso.example" for name in ("anna", "ben", "dora", "emil", "key", "root")
)
EXCLUDE = {"exclude_groups": ["Break glass"]}
CONFIRMED = {"confirm": True, "max_changes": 10, **EXCLUDE}


def TENANT():
    return tenant(
        make_user("anna", 1),
        make_user("ben", 2, sms_sign_in=True),
        make_user("dora", 4, sms_sign_in=True, methods=["fido2"]),
        make_user("emil", 5, sms_sign_in=True, methods=["qrCodePin"]),
        make_user("root", 6, sms_sign_in=True, methods=["fido2"]),
        apps=[app(roles=[*ROLES, "AuditLog.Read.All"])],
        groups=[
            {"name": "Break glass", "members": [ROOT]},
            {"name": "Frontline", "members": [ANNA, BEN, DORA]},
        ],
    )


def test_without_confirmation_every_task_runs_in_check_mode(simulator, play, secret_file):
    played = play(RETIRE, tolerate=["no_other_method"], **EXCLUDE)

    assert played.returncode == 0, played.output
    assert written(simulator) == []
    first, second, refused, ben, would, *users = summary(played)
    assert first == "Dry run: nothing is written. Set 'sms_sign_in_confirm' to true to disable SMS sign-in."
    assert second == "4 users: 2 would be disabled, 1 already disabled, 1 refused."
    assert refused.startswith("Refused, no_other_method: 1 user.") and ben.strip() == BEN
    assert would.startswith("Would change: 2 users.") and [user.strip() for user in users] == [DORA, EMIL]
    assert statistics(played)["check_mode"] is True and statistics(played)["changed"] == 2


@pytest.mark.parametrize("confirm", [False, "", None, "no", "ture"])
def test_only_true_confirms(simulator, play, secret_file, confirm):
    played = play(RETIRE, tolerate=["no_other_method"], **{**CONFIRMED, "confirm": confirm})
    assert played.returncode == 0 and written(simulator) == []


def test_dry_run_apply_again_and_dry_run(simulator, play, secret_file):
    """All users with another method outside the excludes; a user with none is refused and unchanged."""
    more = {"tolerate": ["no_other_method"], **CONFIRMED}
    assert play(RETIRE, "--check", **more).returncode == 0
    assert written(simulator) == []
    real = play(RETIRE, **more)
    assert written(simulator) == [DORA, EMIL]
    for again in (play(RETIRE, **more), play(RETIRE, "--check", **more)):
        assert role_task(again, SWITCH)["changed"] is False
    assert written(simulator) == []

    assert real.returncode == 0 and "Dry run" not in summary(real)[0]
    assert statistics(real)["check_mode"] is False
    assert [simulator.state(user) for user in (BEN, DORA, EMIL, ROOT)] == [READY, NOT_ENABLED, NOT_ENABLED, READY]


def test_a_user_without_another_method_fails_the_run_unless_tolerated(simulator, play, secret_file):
    played = play(RETIRE, **CONFIRMED)
    assert played.returncode == 2 and statistics(played)["reasons"] == {"no_other_method": 1}
    assert written(simulator) == [DORA, EMIL]


def test_other_methods_can_be_required_or_none(simulator, play, secret_file):
    required = play(RETIRE, **CONFIRMED, tolerate=["no_other_method"], require_methods=["qrCodePin"])
    assert required.returncode == 0 and written(simulator) == [EMIL]
    assert play(RETIRE, **CONFIRMED, require_methods=[]).returncode == 0
    assert written(simulator) == [BEN, DORA]


@pytest.mark.parametrize("limit", [None, ""])
def test_the_default_scope_requires_max_changes(simulator, play, secret_file, limit):
    played = play(RETIRE, confirm=True, max_changes=limit, **EXCLUDE)

    assert played.returncode == 2
    assert role_task(played, SWITCH)["reason"] == "invalid_options"
    assert "max_changes" in role_task(played, SWITCH)["msg"]
    assert written(simulator) == []


def test_more_users_than_max_changes_stop_the_run_before_the_first_write(simulator, play, secret_file):
    played = play(RETIRE, **{**CONFIRMED, "max_changes": 1}, tolerate=["no_other_method"])
    assert played.returncode == 2 and statistics(played)["reason"] == "too_many_changes"
    assert written(simulator) == []


@pytest.mark.parametrize(("scope", "changed"), [({"groups": ["Frontline"]}, [DORA]), ({"users": [EMIL]}, [EMIL])])
def test_a_scope_replaces_the_default(simulator, play, secret_file, scope, changed):
    """It needs no limit."""
    played = play(RETIRE, confirm=True, tolerate=["no_other_method"], **scope)
    assert played.returncode == 0, played.output
    assert written(simulator) == changed


@pytest.mark.parametrize("scope", [{"groups": "None"}, {"groups": ["null"]}, {"users": [None]}])
def test_a_scope_of_words_for_nothing_is_not_the_default(simulator, play, secret_file, scope):
    played = play(RETIRE, **CONFIRMED, **scope)
    assert played.returncode == 2 and statistics(played)["reason"] in ("group_not_found", "invalid_options")
    assert written(simulator) == []


@pytest.mark.parametrize("scope", [{"groups": [""]}, {"users": [" ", ""]}, {"registered": False}, {"registered": "no"}])
def test_a_scope_that_selects_no_user_is_not_the_default(simulator, play, secret_file, scope):
    """A list of blank texts: what was to fill it was blank. And the answer no."""
    played = play(RETIRE, **CONFIRMED, **scope)
    assert played.returncode == 2 and "No users selected" in played.output
    assert simulator.journal() == []


@pytest.mark.parametrize("scope", [{"groups": "", "registered": ""}, {"users": " , ", "registered": None}])
def test_a_blank_scope_is_the_default(simulator, play, secret_file, scope):
    assert role_task(play(RETIRE, "--check", **scope), SWITCH)["summary"]["total"] > 2


def test_an_empty_list_of_users_is_accepted(simulator, play, secret_file):
    assert play(RETIRE, users=[], confirm=True).returncode == 0
    assert simulator.journal() == []


def test_waves(simulator, play, secret_file):
    played = play(RETIRE, **CONFIRMED, tolerate=["no_other_method"], waves=[1, "100%"])
    assert played.returncode == 0, played.output
    assert written(simulator) == [DORA, EMIL] and statistics(played)["wave"] == 2


def test_state_enabled_is_refused(simulator, play, secret_file):
    played = play(RETIRE, **CONFIRMED, state="enabled")
    assert (
        played.returncode == 2
        and "'sms_sign_in_state' is 'enabled'" in played.of("Refuse the opposite state").result["msg"]
    )
    assert simulator.journal() == []


def test_a_misspelt_variable_fails_before_the_first_call(simulator, play, secret_file):
    played = play(RETIRE, confirmed=True, max_changes=10)
    said = role_task(played, "Check the variables of the role")["msg"]
    assert played.returncode == 2
    assert said == "sms_sign_in_confirmed is not a variable of this role. Did you mean sms_sign_in_confirm?"
    assert simulator.journal() == []


def test_an_exclude_that_matches_no_group_stops_the_run(simulator, play, secret_file):
    played = play(RETIRE, confirm=True, max_changes=10, exclude_groups=["Breek glass"])
    assert played.returncode == 2 and role_task(played, SWITCH)["reason"] == "group_not_found"
    assert written(simulator) == []


def test_its_report_rolls_back(simulator, play, secret_file, tmp_path):
    report = str(tmp_path / "retire.csv")
    assert play(RETIRE, **CONFIRMED, tolerate=["no_other_method"], report_path=report).returncode == 0
    assert written(simulator) == [DORA, EMIL]
    # The variables of the inventory that only disabling knows do not matter.
    played = play("frontline.entra.roll_back_sms_sign_in", users_from=report, require_methods=["fido2"], **CONFIRMED)
    assert played.returncode == 0, played.output
    assert [simulator.state(user) for user in (DORA, EMIL)] == [READY] * 2
