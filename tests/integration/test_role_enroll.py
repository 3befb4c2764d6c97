# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role's enroll: policy, numbers, SMS sign-in; the dry run predicts all of it."""

from __future__ import annotations

import pytest

from integration.playing import role_task, statistics, summary, written
from integration.tenants import READY, ROLES, app, make_user, tenant

ENROLL = "frontline.entra.enroll_frontline_workers"
NUMBERS, SWITCH = "Register the phone numbers", "Enable SMS sign-in and verify it"
OF_NUMBERS, OF_SIGN_IN = "Print the summary of the numbers", "Print the summary of SMS sign-in"
ANNA, BEN, CARL, DORA = (f"{name}@contoso.example" for name in ("anna", "ben", "carl", "dora"))
NUMBER = "+1 20655501{:02}"


def TENANT():
    return tenant(
        make_user("anna"),
        make_user("ben", 2),
        make_user("carl"),
        make_user("dora", 4, sms_sign_in=True),
        make_user("2065550123", 7),
        apps=[app(roles=[*ROLES, "AuditLog.Read.All", "Policy.Read.AuthenticationMethod"])],
        groups=[{"name": "Break glass", "members": [CARL]}],
    )


def phones(**numbers):
    return [{"user": f"{name}@contoso.example", "phone_number": NUMBER.format(n)} for name, n in numbers.items()]


SITE = phones(anna=1, ben=2, dora=4)


@pytest.mark.parametrize("automatic", [True, False])
def test_dry_run_apply_again_and_dry_run(simulator, play, secret_file, automatic):
    """With and without an attempt of the service to register sign-in."""
    simulator.switch("auto_registration", automatic)
    dry = play(ENROLL, "--check", phones=SITE)
    assert dry.returncode == 0, dry.output
    assert written(simulator) == []
    real = play(ENROLL, phones=SITE)
    assert real.returncode == 0, real.output
    assert set(written(simulator)) == {ANNA, BEN}
    for again in (play(ENROLL, phones=SITE), play(ENROLL, "--check", phones=SITE)):
        assert role_task(again, NUMBERS)["changed"] is False and role_task(again, SWITCH)["changed"] is False
    assert written(simulator) == []

    assert [simulator.state(user) for user in (ANNA, BEN, DORA)] == [READY] * 3
    reported = summary(dry, OF_SIGN_IN)
    assert reported[0] == "Dry run: nothing is written."
    assert reported[1] == "2 users: 1 would be enabled, 1 already enabled."
    assert reported[-2:] == ["Would be enabled with the new number: 1 user.", f"  {ANNA}"]
    assert summary(dry, OF_NUMBERS)[-1] == summary(real, OF_NUMBERS)[-1] == f"  {ANNA}: ********01"
    assert statistics(dry)["numbers"]["changed"] == 1 and statistics(dry)["predicted"] == 1
    assert statistics(real)["numbers"]["changed"] == 1 and statistics(real)["reason"] is None
    assert statistics(real)["total"] == 3


def test_numbers_from_a_file(simulator, play, secret_file, tmp_path):
    file = tmp_path / "site.csv"
    file.write_text(
        f"User principal name;Mobile phone\n{ANNA};{NUMBER.format(1)}\n{BEN};+12065550102\n", encoding="utf-8"
    )
    report = tmp_path / "site-report.csv"

    played = play(ENROLL, phones_from=str(file), report_path=str(report))

    assert played.returncode == 0, played.output
    assert set(written(simulator)) == {ANNA, BEN}
    assert report.exists() and (tmp_path / "site-report-numbers.csv").exists()


@pytest.mark.parametrize(
    "policy",
    [
        {"state": "disabled"},
        {"include": [{"group": "all_users", "sign_in": False}]},
        {"include": []},
    ],
)
@pytest.mark.parametrize("arguments", [(), ("--check",)])
def test_a_policy_that_permits_no_user_stops_before_any_number(simulator, play, secret_file, policy, arguments):
    simulator.set_policy(policy)

    played = play(ENROLL, *arguments, phones=SITE)

    assert played.returncode == 2
    assert "sms_sign_in_check_policy" in role_task(played, "Require a policy that permits SMS sign-in")["msg"]
    assert not simulator.requests("phoneMethods") and written(simulator) == []


def test_the_check_of_the_policy_can_be_skipped(simulator, play, secret_file):
    """It needs a permission that a run without it does not need."""
    simulator.set_policy({"state": "disabled"})
    played = play(ENROLL, phones=phones(anna=1), check_policy=False)
    assert played.returncode == 2
    (read,) = [task for task in played.tasks if task.task.endswith("Read the SMS policy")]
    assert read.status == "skipped"
    assert written(simulator)[:1] == [ANNA]
    assert role_task(played, SWITCH)["reason"] == "some_users_failed"
    assert statistics(played)["reasons"] == {"not_allowed_by_policy": 1}


def test_one_invalid_number_does_not_stop_other_users(simulator, play, secret_file):
    site = [*SITE, {"user": CARL, "phone_number": "206 555 0103"}]
    played = play(ENROLL, phones=site)
    assert played.returncode == 2
    assert [simulator.state(user) for user in (ANNA, BEN, DORA)] == [READY] * 3
    assert statistics(played)["numbers"]["reasons"] == {"invalid_phone_number": 1}
    assert statistics(played)["total"] == 3 and statistics(played)["reason"] == "some_users_failed"
    assert any(line.startswith("Failed, invalid_phone_number") for line in summary(played, OF_NUMBERS))


def test_the_last_message_names_users_that_fail_in_either_step(simulator, play, secret_file):
    site = [{"user": CARL, "phone_number": "206 555 0103"}, *phones(anna=4)]
    played = play(ENROLL, phones=site)
    assert played.returncode == 2
    message = role_task(played, "Fail when the run failed")["msg"]
    parts = (f"{CARL} (invalid_phone_number)", " SMS sign-in: ", f"{ANNA} (phone_number_not_unique)")
    assert sorted(parts, key=message.index) == list(parts)


@pytest.mark.parametrize("other", [{"phone_type": "office"}, {"state": "absent"}])
def test_a_removed_number_or_another_type_enables_no_user(simulator, play, secret_file, other):
    played = play(ENROLL, phones=[*SITE, {"user": CARL, "phone_number": "+1 2065550103", **other}])
    assert played.returncode == 2 and "Take the 1 entries" in played.output
    assert written(simulator) == []


@pytest.mark.parametrize("blank", [{}, {"require_unique": None}, {"require_unique": " "}])
def test_a_number_that_two_users_share_is_refused(simulator, play, secret_file, blank):
    shared = phones(anna=1, carl=1, ben=2)
    for arguments in (("--check",), ()):
        played = play(ENROLL, *arguments, phones=shared, **blank)
        assert played.returncode == 2
        assert statistics(played)["numbers"]["reasons"] == {"phone_number_not_unique": 2}
    assert written(simulator) == [BEN]


@pytest.mark.parametrize("tolerated", [None, "not_allowed_by_policy, guest"])
def test_the_dry_run_predicts_a_refusal_by_the_policy(simulator, play, secret_file, tolerated):
    """For a user whose current number shows it; the target of the policy is another group."""
    simulator.set_policy({"include": [{"group": "Break glass", "sign_in": True}]})
    given = {"phones": phones(ben=9), "tolerate": tolerated}

    for arguments in (("--check",), ()):
        played = play(ENROLL, *arguments, **given)
        assert played.returncode == (0 if tolerated else 2), played.output
        if arguments:
            assert f"Would be refused, not_allowed_by_policy: 1 user.\n  {BEN}" in "\n".join(
                summary(played, OF_SIGN_IN)
            )
    assert statistics(played)["reasons"] == {"not_allowed_by_policy": 1}
    assert written(simulator) == [BEN]


def test_a_user_with_a_masked_name_is_enrolled(simulator, play, secret_file):
    """A result cannot name such a user, so the list is used as given. The dry run reports that it predicts less."""
    user = "2065550123@contoso.example"
    site = [{"user": user, "phone_number": NUMBER.format(7)}, *phones(anna=1)]
    dry = play(ENROLL, "--check", phones=site)
    assert dry.returncode == 0, dry.output
    assert summary(dry, OF_SIGN_IN)[-1].startswith("The result does not name 1 user,")
    assert play(ENROLL, phones=site).returncode == 0
    assert [simulator.state(name) for name in (user, ANNA)] == [READY] * 2


def test_a_masked_name_does_not_enable_users_whose_number_failed(simulator, play, secret_file):
    user = "2065550123@contoso.example"
    site = [{"user": user, "phone_number": NUMBER.format(7)}, *phones(ben=5), *phones(ben=6)]
    played = play(ENROLL, phones=site)
    assert played.returncode == 2
    assert statistics(played)["numbers"]["reasons"] == {"conflicting_entries": 1}
    assert simulator.state(user) == READY and BEN not in written(simulator)


def test_a_number_that_signs_in_another_user_fails_the_user(simulator, play, secret_file):
    played = play(ENROLL, phones=phones(anna=4, ben=2))
    assert played.returncode == 2
    assert simulator.state(BEN) == READY and simulator.state(ANNA) != READY


@pytest.mark.parametrize(
    "variable",
    [
        {"exclude_groups": ["Break glass"]},
        {"exclude_users": [CARL]},
        {"exclude_users": False},
        {"waves": [1]},
        {"waves": 0},
        {"change_limit": 0},
        {"exclude_admins": True},
        {"exclude_admins": "y"},
    ],
)
def test_variables_that_exclude_users_are_refused(simulator, play, secret_file, variable):
    (name,) = variable
    played = play(ENROLL, phones=SITE, **variable)
    said = role_task(played, "Require that no variable leaves out users")["msg"]
    assert played.returncode == 2 and f"sms_sign_in_{name}" in said
    assert simulator.journal() == []


def test_the_scope_of_the_inventory_does_not_matter(simulator, play, secret_file):
    """Blank limits count as not given."""
    played = play(ENROLL, phones=phones(anna=1), users=[DORA], groups=["Break glass"], waves="", exclude_users=[])
    assert played.returncode == 0, played.output
    assert set(written(simulator)) == {ANNA}


def test_more_users_than_max_changes_stop_before_the_first_number(simulator, play, secret_file):
    played = play(ENROLL, phones=phones(anna=1, carl=3), max_changes=1)
    assert played.returncode == 2 and statistics(played)["reason"] == "too_many_changes"
    assert written(simulator) == []


def test_no_number_is_shown(simulator, play, secret_file, tmp_path):
    file = tmp_path / "site.csv"
    file.write_text(
        "user,phone\n" + "".join(f"{one['user']},{one['phone_number']}\n" for one in SITE), encoding="utf-8"
    )
    report = tmp_path / "report.csv"

    played = play(ENROLL, "-vvvv", "--diff", phones_from=str(file), report_path=str(report))

    assert played.returncode == 0
    for text in (played.output, *(file.read_text("utf-8") for file in tmp_path.glob("report*.csv"))):
        assert "2065550" not in text and "206 555" not in text


def test_without_numbers_it_fails(simulator, play, secret_file):
    played = play(ENROLL)
    assert played.returncode == 2 and "Set 'sms_sign_in_phones_from'" in played.output
    assert simulator.journal() == []
