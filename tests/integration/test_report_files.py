# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of report files, and files that cannot be written. Roll-back is in test_roll_back.py."""

from __future__ import annotations

import csv
import json
import os
import stat
import threading
import time
from pathlib import Path

import pytest

from integration.tenants import NOT_ENABLED, make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2, sms_sign_in=True),
    make_user("carl"),
    make_user("dora", 4, enable="never"),
    make_user("eve", 5, admin=True),
    *[
        {"name": f"{sign}formula{number}@contoso.example", "mobile": f"+49 3023125{number:03}"}
        for number, sign in enumerate(["=", "+", "-", "=cmd|'calc'!"])
    ],
    {"count": 1200, "name": "worker{n:04}@contoso.example", "mobile": "+44 163296{n:04}"},
)
ANNA, BEN, CARL = (f"{name}@contoso.example" for name in ("anna", "ben", "carl"))
WORKERS = [f"worker{number:04}@contoso.example" for number in range(1, 1201)]


@pytest.mark.covers("M21")
@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("ending", [".csv", ".json"])
@pytest.mark.parametrize(
    "place", ["missing folder", "a file as folder", "a folder of that name", "a folder that takes none"]
)
def test_an_unwritable_report_stops_the_run_before_the_first_write(
    simulator, module, tmp_path, place, ending, check_mode
):
    path = tmp_path / f"report{ending}"
    if place == "missing folder":
        path = tmp_path / "missing" / path.name
    elif place == "a file as folder":
        (tmp_path / "file").touch()
        path = tmp_path / "file" / path.name
    elif place == "a folder of that name":
        path.mkdir()
    else:
        path = Path("/proc") / path.name

    result = module(users=[ANNA], report_path=str(path), check_mode=check_mode)

    assert result["reason"] == "invalid_options" and not result["changed"]
    assert "'report_path'" in result["msg"] and str(path) in result["msg"]
    assert simulator.writes() == [] and simulator.state(ANNA) == NOT_ENABLED
    assert [name for name in os.listdir(tmp_path) if name.startswith(".")] == []


@pytest.mark.covers("M21")
@pytest.mark.parametrize("name", ["report.txt", "report", "report.csv.gz", ".csv"])
def test_a_report_of_an_unknown_kind_is_refused_before_any_request(simulator, module, tmp_path, name):
    result = module(users=[ANNA], report_path=str(tmp_path / name))

    assert result["reason"] == "invalid_options" and "'report_path'" in result["msg"]
    assert simulator.journal() == [] and os.listdir(tmp_path) == []


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.covers("M21", "L2")
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_name_like_a_formula_is_text_in_a_spreadsheet(simulator, module, tmp_path, check_mode):
    path = tmp_path / "report.csv"
    names = [user["name"] for user in TENANT["users"] if "formula" in user.get("name", "")]

    result = module(users=names, report_path=str(path), check_mode=check_mode)

    assert result["reason"] is None and result["summary"]["changed"] == len(names)
    cells = [value for row in rows(path) for value in row.values()]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert [row["user"] for row in rows(path)] == ["'" + name for name in names]


@pytest.mark.covers("M21")
@pytest.mark.parametrize("ending", [".csv", ".json"])
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_report_has_every_outcome_masked_and_is_private(simulator, module, tmp_path, ending, check_mode):
    path = tmp_path / f"report{ending}"
    path.write_text("[]")
    os.chmod(path, 0o644)
    users = [ANNA, BEN, CARL, "nobody@contoso.example"]

    result = module(users=users, report_path=str(path), check_mode=check_mode, return_users="none")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and os.listdir(tmp_path) == [path.name]
    if ending == ".csv":
        found = rows(path)
        assert {row["check_mode"] for row in found} == {"true" if check_mode else "false"}
    else:
        report = json.loads(path.read_text())
        assert (report["check_mode"], report["finished"], report["state"]) == (check_mode, True, "enabled")
        assert report["summary"] == result["summary"]
        found = report["users"]
    assert {row["user"]: (row["outcome"], row["reason"] or None) for row in found} == {
        ANNA: ("changed", None),
        BEN: ("unchanged", None),
        CARL: ("failed", "no_mobile_phone"),
        "nobody@contoso.example": ("failed", "user_not_found"),
    }
    assert "2065550101" not in path.read_text().replace(" ", "")
    assert result["users"] == [] and result["users_omitted"] == 0


@pytest.mark.covers("M21")
def test_writing_a_report_is_not_a_change(module, tmp_path):
    path = tmp_path / "report.json"

    result = module(users=[BEN], report_path=str(path))

    assert not result["changed"] and path.exists()


@pytest.mark.covers("M21")
@pytest.mark.parametrize("ending", [".csv", ".json"])
def test_the_plan_is_in_the_report_before_the_first_write(simulator, module, tmp_path, ending):
    """As a killed run leaves it: read while its first write hangs."""
    path = tmp_path / f"report{ending}"
    simulator.inject({"match": {"method": "POST"}, "then": {"hang": 20}})
    planned = []

    def look():
        started = time.monotonic()
        while not path.exists() and time.monotonic() - started < 10:
            time.sleep(0.005)
        planned.append(path.read_text())
        assert not any(write.effect for write in simulator.writes())

    watcher = threading.Thread(target=look)
    watcher.start()
    module(users=[ANNA, BEN], report_path=str(path), run_timeout=1)
    watcher.join()

    (text,) = planned
    if ending == ".json":
        report = json.loads(text)
        assert report["finished"] is False
        assert {user["user"]: user["outcome"] for user in report["users"]} == {ANNA: "planned", BEN: "unchanged"}
    else:
        assert f'"{ANNA}",' in text and "planned" in text
    assert "planned" not in path.read_text(), "and in the end it says what became of the plan"


@pytest.mark.covers("M21", "M20")
def test_a_run_stopped_by_a_limit_reports_all_users(simulator, module, tmp_path):
    path = tmp_path / "report.csv"

    result = module(users=[ANNA, BEN, *WORKERS[:5]], report_path=str(path), max_changes=1)

    assert result["reason"] == "too_many_changes" and simulator.writes() == []
    assert len(rows(path)) == 7 and {row["outcome"] for row in rows(path)} == {"skipped", "unchanged"}
