# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report rolls back its run, or it is refused; and no run destroys the report of another one."""

from __future__ import annotations

import csv
import io
import json
import os

import pytest

from integration.tenants import NOT_ENABLED, READY, make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2, sms_sign_in=True),
    make_user("carl"),
    make_user("dora", 4),
    make_user("eve", 5),
    make_user("+12065550106", 6),
    groups=[{"name": "Crew", "members": [f"{name}@contoso.example" for name in ("anna", "dora", "+12065550106")]}],
)
NUMBER, MASKED = "+12065550106@contoso.example", "********06@contoso.example"
ANNA, BEN, CARL, DORA = (f"{name}@contoso.example" for name in ("anna", "ben", "carl", "dora"))

ENDING = pytest.mark.parametrize("ending", [".csv", ".json"])


def posts(simulator):
    return [write.user for write in simulator.writes()]


@ENDING
@pytest.mark.parametrize("state", [None, "disabled"])
def test_a_report_rolls_back_its_run_and_no_other_user(simulator, module, tmp_path, ending, state):
    path = str(tmp_path / f"report{ending}")
    module(users=[ANNA, BEN, DORA], report_path=path)

    result = module(users_from=path, state=state)

    assert result["reason"] is None and set(result.reasons) == {ANNA, DORA}
    assert [simulator.state(name) for name in (ANNA, BEN, DORA)] == [NOT_ENABLED, READY, NOT_ENABLED]


@ENDING
def test_the_report_of_a_disable_run_enables(simulator, module, tmp_path, ending):
    path = str(tmp_path / f"report{ending}")
    module(users=[ANNA, BEN], state="disabled", report_path=path)

    same = module(users_from=path, state="disabled")
    result = module(users_from=path)

    assert same["reason"] == "invalid_file" and "enabled" in same["msg"]
    assert result["reason"] is None and simulator.state(BEN) == READY and list(result.reasons) == [BEN]


@ENDING
def test_users_are_shown_by_their_names_in_the_report(simulator, module, tmp_path, ending):
    """Groups and the registration report give ids, which the roll-back uses. Names that are phone numbers stay masked."""
    first, second, third = (str(tmp_path / f"{name}{ending}") for name in ("first", "second", "third"))
    module(groups=["Crew"], report_path=first)
    names = [MASKED, ANNA, DORA]
    simulator.clear_journal()

    preview = module(users_from=first, check_mode=True)
    result = module(users_from=first, report_path=second)

    assert list(result.reasons) == list(preview.reasons) == list(result["diff"]["after"]) == names
    assert [simulator.state(name) for name in (ANNA, DORA, NUMBER)] == [NOT_ENABLED] * 3
    assert all(user["id"] in "".join(entry.path for entry in simulator.writes()) for user in result["users"])
    assert "1206555" not in (tmp_path / f"second{ending}").read_text() + json.dumps(result)
    assert list(module(users_from=second, report_path=third).reasons) == names
    few = module(users_from=third, max_changes=1)
    assert few["reason"] == "too_many_changes" and MASKED in few["msg"] and ANNA in few["msg"]


@ENDING
def test_a_user_who_was_renamed_is_found_by_id(simulator, module, tmp_path, ending):
    path = tmp_path / f"report{ending}"
    module(groups=["Crew"], report_path=str(path))
    # As if Anna had had Ben's name then.
    path.write_text(path.read_text().replace(ANNA, BEN))

    result = module(users_from=str(path), exclude_users=[BEN])

    assert result["reason"] is None and BEN in result.reasons
    assert [simulator.state(name) for name in (ANNA, BEN)] == [NOT_ENABLED, READY]


@ENDING
def test_an_unverified_run_can_be_rolled_back(simulator, module, tmp_path, ending):
    path = str(tmp_path / f"report{ending}")
    simulator.switch("visibility_lag", 3)
    first = module(users=[ANNA, BEN, DORA], report_path=path, verify_timeout=0.5)
    assert first["summary"]["reasons"] == {"unverified": 2} and not first["changed"]
    simulator.advance(60)
    assert simulator.state(ANNA) == READY

    simulator.switch("visibility_lag", 0)
    result = module(users_from=path)

    assert result["reason"] is None and result["summary"]["changed"] == result["summary"]["total"] == 2
    assert "2 users were planned or written to without verification" in result.warned
    assert [simulator.state(name) for name in (ANNA, BEN, DORA)] == [NOT_ENABLED, READY, NOT_ENABLED]


@ENDING
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_check_mode_report_rolls_back_no_user(simulator, module, tmp_path, ending, check_mode):
    path = str(tmp_path / f"report{ending}")
    module(users=[ANNA], report_path=path, check_mode=True)
    simulator.change(ANNA, sms_sign_in=True)

    result = module(users_from=path, check_mode=check_mode)

    assert result["reason"] == "invalid_file" and "check mode" in result["msg"]
    assert posts(simulator) == []


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("lost", ["user", "id", "outcome", "check_mode", "changed"])
def test_a_report_that_lost_a_column_rolls_back_no_user(simulator, module, tmp_path, lost, check_mode):
    path = tmp_path / "report.csv"
    module(users=[ANNA, BEN], report_path=str(path))
    rows = list(csv.DictReader(io.StringIO(path.read_text(), newline="")))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [column for column in rows[0] if column != lost], extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue())
    simulator.clear_journal()

    result = module(users_from=str(path), state="disabled", check_mode=check_mode)

    assert result["reason"] == "invalid_file" and f"'{lost}'" in result["msg"]
    assert simulator.journal() == [] and simulator.state(BEN) == READY


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize(("word", "refused"), [("VERDADERO", True), ("TRUE", True), ("", True), ("FALSE", False)])
def test_a_report_saved_by_a_spreadsheet_rolls_back(simulator, module, tmp_path, separator, word, refused):
    path = tmp_path / "report.csv"
    module(users=[ANNA], report_path=str(path))
    rows = list(csv.DictReader(io.StringIO(path.read_text(), newline="")))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows({**row, "check_mode": word, "changed": row["changed"].upper()} for row in rows)
    path.write_text("\ufeff" + text.getvalue(), encoding="utf-8")

    result = module(users_from=str(path), state="disabled")

    assert (result["reason"] == "invalid_file") is refused
    assert simulator.state(ANNA) == (READY if refused else NOT_ENABLED)


@ENDING
@pytest.mark.parametrize("users", [[BEN], [CARL], []])
def test_a_report_without_changed_users_is_an_error(simulator, module, tmp_path, ending, users):
    path = str(tmp_path / f"report{ending}")
    module(users=users, report_path=path)

    result = module(users_from=path)

    assert result["reason"] == "invalid_file" and "changed no user" in result["msg"]
    assert posts(simulator) == []


# -- no report is destroyed


@ENDING
@pytest.mark.parametrize(
    ("more", "beside"),
    [
        ({"check_mode": True}, "report.check-mode"),
        ({}, "report.unchanged"),
        ({"exclude_groups": ["No such group"]}, "report.unchanged"),
        ({"max_changes": 0, "users": [ANNA, DORA]}, "report.unchanged"),
        ({"client_secret": "wrong-but-long-enough"}, "report.unchanged"),
    ],
    ids=["check mode", "nothing to do", "no such group", "too many", "no token"],
)
def test_a_run_without_changes_keeps_the_earlier_report(simulator, module, tmp_path, ending, more, beside):
    path = tmp_path / f"report{ending}"
    module(users=[ANNA], report_path=str(path))
    record = path.read_bytes()

    again = module(**{"users": [ANNA], "report_path": str(path), **more})

    assert path.read_bytes() == record
    assert sorted(os.listdir(tmp_path)) == sorted([path.name, f"{beside}{ending}"])
    assert f"{beside}{ending}" in again.warned
    assert module(users_from=str(path))["summary"]["changed"] == 1
    assert simulator.state(ANNA) == NOT_ENABLED


@ENDING
def test_the_reports_of_two_runs_roll_back_both(simulator, module, tmp_path, ending):
    path = tmp_path / f"report{ending}"
    module(users=[ANNA], report_path=str(path))
    second = module(users=[ANNA, DORA], report_path=str(path))

    assert sorted(os.listdir(tmp_path)) == sorted([path.name, f"report.1{ending}"])
    assert f"report.1{ending}" in second.warned
    for name, user in ((path.name, DORA), (f"report.1{ending}", ANNA)):
        assert list(module(users_from=str(tmp_path / name)).reasons) == [user]


@ENDING
@pytest.mark.parametrize("spelling", ["same", "relative", "link", "case"])
def test_a_report_cannot_replace_the_list_that_is_read(simulator, module, tmp_path, monkeypatch, ending, spelling):
    path = tmp_path / f"report{ending}"
    module(users=[ANNA], report_path=str(path))
    record = path.read_bytes()
    monkeypatch.chdir(tmp_path)
    other = tmp_path / f"other{ending}"
    other.symlink_to(path)
    given = {"same": path, "relative": path.name, "link": other, "case": tmp_path / f"REPORT{ending}"}[spelling]

    result = module(users_from=str(path), report_path=str(given))

    assert result["reason"] == "invalid_options" and "same file" in result["msg"]
    assert path.read_bytes() == record and simulator.state(ANNA) == READY


@ENDING
@pytest.mark.parametrize("kind", ["link", "dangling link", "fifo", "folder"])
def test_a_report_path_that_is_no_regular_file_is_refused(simulator, module, tmp_path, ending, kind):
    path = tmp_path / f"report{ending}"
    (tmp_path / "target").write_text("precious")
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / ("target" if kind == "link" else "missing"))

    result = module(users=[ANNA], report_path=str(path))

    assert result["reason"] == "invalid_options" and "'report_path'" in result["msg"]
    assert simulator.journal() == [] and (tmp_path / "target").read_text() == "precious"


def test_a_json_report_describes_its_run(module, tmp_path):
    path = tmp_path / "report.json"
    module(users=[ANNA, BEN, DORA], exclude_users=[DORA], report_path=str(path))

    report = json.loads(path.read_text())

    assert (report["schema_version"], report["tenant"], report["cloud"]) == (1, TENANT["tenant_id"], "global")
    scope = {"users": 3, "groups": [], "exclude_users": 1, "exclude_groups": [], "registered": False}
    assert report["scope"] == scope
    assert (report["check_mode"], report["state"], report["finished"]) == (False, "enabled", True)
    assert report["collection_version"].count(".") == 2 and report["time"].endswith("Z")
    assert {user["user"]: user["written"] for user in report["users"]} == {ANNA: True, BEN: False}
