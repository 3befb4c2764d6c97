# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""M20-M22: guards on what a run may do, its report file, and the size of its result."""

from __future__ import annotations

import csv
import json
import os
import stat
import threading
import time
from pathlib import Path

import pytest

from integration.tenants import NOT_ENABLED, READY, person, tenant

TENANT = tenant(
    person("anna", 1),
    person("ben", 2, sms_sign_in=True),
    person("carl"),
    person("dora", 4, enable="never"),
    person("eve", 5, admin=True),
    *[
        {"name": f"{sign}formula{number}@contoso.example", "mobile": f"+49 3023125{number:03}"}
        for number, sign in enumerate(["=", "+", "-", "=cmd|'calc'!"])
    ],
    {"count": 1200, "name": "worker{n:04}@contoso.example", "mobile": "+44 163296{n:04}"},
    groups=[{"name": "Frontline", "members": ["anna@contoso.example", "ben@contoso.example"]}],
)
ANNA, BEN, CARL, DORA, EVE = (f"{name}@contoso.example" for name in ("anna", "ben", "carl", "dora", "eve"))
WORKERS = [f"worker{number:04}@contoso.example" for number in range(1, 1201)]
MOST_CHARACTERS = 400_000


# -- M20 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.covers("M20")
@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("users", "allowed", "passes"),
    [
        (WORKERS[:3], 3, True),
        (WORKERS[:3], 2, False),
        ([*WORKERS[:3], WORKERS[0].upper(), WORKERS[1]], 3, True),
        ([WORKERS[0], BEN, CARL], 1, True),
        ([WORKERS[0]], 0, False),
        ([BEN], 0, True),
        ([], 0, True),
        (WORKERS[:3], "", True),
    ],
    ids=["exact", "one too many", "duplicates", "others", "0", "0 and nothing to do", "0 and nobody", "blank"],
)
def test_max_changes_is_judged_before_the_first_write(simulator, module, check_mode, users, allowed, passes):
    result = module(users=users, max_changes=allowed, check_mode=check_mode, tolerate=["no_mobile_phone"])

    needed = len({user.lower() for user in users} - {BEN, CARL})
    if passes:
        assert result["reason"] is None and result["summary"]["changed"] == needed
        assert len(simulator.writes()) == (0 if check_mode else needed)
    else:
        assert result["reason"] == "too_many_changes" and not result["changed"]
        assert f"{needed} users" in result["msg"] and "max_changes" in result["msg"] and users[0] in result["msg"]
        assert result["summary"]["skipped"] == needed and set(result.reasons.values()) == {"skipped"}
        assert simulator.writes() == []


@pytest.mark.covers("M20")
def test_max_changes_counts_the_attempts_on_a_number_that_is_taken_too(simulator, module):
    simulator.change(ANNA, state="phoneNumberNotUnique")

    result = module(users=[ANNA], max_changes=0)

    assert result["reason"] == "too_many_changes" and simulator.writes() == []


@pytest.mark.covers("M20")
def test_max_changes_is_judged_for_the_wave_that_change_limit_leaves(simulator, module):
    result = module(users=WORKERS[:10], change_limit="4", max_changes=4)

    assert result["reason"] is None
    assert (result["summary"]["changed"], result["summary"]["deferred"]) == (4, 6)
    assert len(simulator.writes()) == 4


@pytest.mark.covers("M20")
def test_max_failures_stops_the_writes_and_what_is_left_is_skipped(simulator, module):
    simulator.inject({"match": {"method": "POST"}, "times": None, "then": {"status": 400, "code": "generalException"}})

    result = module(users=WORKERS[:400], max_failures=5)

    assert result["reason"] == "incomplete" and "max_failures" in result["msg"] and not result["changed"]
    assert result["summary"]["failed"] + result["summary"]["skipped"] == 400
    assert 5 <= result["summary"]["failed"] <= 160, "those under way when the fifth failed, and no more"
    assert result["summary"]["reasons"].keys() == {"service_error", "skipped"}
    assert len(simulator.writes()) == result["summary"]["failed"], "who is skipped was not written to"


@pytest.mark.covers("M20")
def test_max_failures_does_not_count_refusals_known_from_reading(simulator, module):
    result = module(users=[CARL, "nobody@contoso.example", ANNA], max_failures=1)

    assert result["reason"] == "some_users_failed"
    assert result.reasons == {CARL: "no_mobile_phone", "nobody@contoso.example": "user_not_found", ANNA: None}
    assert [write.user for write in simulator.writes()] == [ANNA]


@pytest.mark.covers("M20")
@pytest.mark.parametrize(("name", "reason"), [(DORA, "unverified"), (EVE, "forbidden")])
def test_max_failures_counts_faults_while_writing_and_while_proving(simulator, module, name, reason):
    """The one fault ends the writes: those who are tried again after it are not."""
    simulator.inject({"match": {"method": "POST", "user": ANNA}, "times": None, "then": {"status": 502}})

    result = module(users=[name, ANNA], max_failures=1, verify_timeout=0.2)

    assert result["reason"] == "incomplete" and "max_failures" in result["msg"] and not result["changed"]
    assert result.reasons == {name: reason, ANNA: "service_error"}
    assert len([write for write in simulator.writes() if write.user == ANNA]) == 1


@pytest.mark.covers("M20")
def test_a_tolerated_refusal_of_a_write_is_no_failure(simulator, module):
    refusal = {"status": 400, "code": "phoneNumberNotUnique"}
    simulator.inject({"match": {"method": "POST", "user": WORKERS[0]}, "times": None, "then": refusal})

    result = module(users=WORKERS[:60], max_failures=1, tolerate=["phone_number_not_unique"])

    assert result["reason"] is None
    assert (result["summary"]["refused"], result["summary"]["changed"]) == (1, 59)


@pytest.mark.covers("M20")
@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("limit", "changed"),
    [("4", 4), (4, 4), ("0", 0), ("10", 10), ("99", 10), ("25%", 3), ("1%", 1), ("0%", 0), ("100 %", 10), ("", 10)],
)
def test_change_limit_writes_to_the_first_by_name_and_defers_the_others(simulator, module, check_mode, limit, changed):
    users = [*reversed(WORKERS[:10]), BEN]

    result = module(users=users, change_limit=limit, check_mode=check_mode)

    assert result["reason"] is None and result["changed"] is (changed > 0)
    summary = result["summary"]
    assert (summary["changed"], summary["deferred"], summary["unchanged"]) == (changed, 10 - changed, 1)
    assert sorted(user["user"] for user in result["users"] if user["changed"]) == WORKERS[:changed]
    deferred = [user for user in result["users"] if user["user"] in WORKERS[changed:10]]
    assert all((user["failed"], user["reason"], user["state"]) == (False, None, NOT_ENABLED) for user in deferred)
    assert sorted(write.user for write in simulator.writes()) == ([] if check_mode else WORKERS[:changed])


@pytest.mark.covers("M20")
def test_waves_reach_everybody_and_then_there_is_nothing_left(simulator, module):
    deferred = []
    for _wave in range(4):
        result = module(users=WORKERS[:10], change_limit="40%")
        assert result["reason"] is None
        deferred.append(result["summary"]["deferred"])

    assert deferred == [6, 3, 1, 0] and len(simulator.writes()) == 10
    assert not module(users=WORKERS[:10], change_limit="40%")["changed"]


@pytest.mark.covers("M20")
def test_run_timeout_in_the_middle_of_a_write_tells_what_is_not_known(simulator, module):
    simulator.inject({"match": {"outer": True}, "skip": 1, "then": {"hang": 20}})
    started = time.monotonic()

    result = module(users=WORKERS[:30], run_timeout=1)

    assert time.monotonic() - started < 2
    assert result["reason"] == "incomplete" and not result["changed"] and "run_timeout" in result["msg"]
    assert result["summary"]["failed"] + result["summary"]["skipped"] == 30
    assert set(result.reasons.values()) <= {"unverified", "skipped"}


@pytest.mark.covers("M20")
def test_run_timeout_while_a_single_write_hangs(simulator, module):
    simulator.inject({"match": {"method": "POST"}, "then": {"hang": 20}})

    result = module(users=[ANNA], run_timeout=1)

    assert result["reason"] == "incomplete" and not result["changed"]
    assert (result.user("anna")["reason"], result.user("anna")["state"]) == ("unverified", NOT_ENABLED)
    assert "run_timeout" in result.user("anna")["msg"]
    assert len(simulator.writes()) == 1 and result["requests"]["seconds"] < 2


@pytest.mark.covers("M20", "M3")
def test_run_timeout_before_a_lost_write_could_be_read_back(simulator, module):
    simulator.inject({"match": {"method": "POST"}, "then": {"drop": "after"}})
    simulator.inject({"match": {"method": "GET"}, "skip": 1, "times": None, "then": {"hang": 20}})

    result = module(users=[ANNA], run_timeout=1)

    assert result["reason"] == "incomplete" and not result["changed"]
    assert result.user("anna")["reason"] == "unverified", "it may have taken effect, and here it has"
    assert simulator.state(ANNA) == READY and len(simulator.writes()) == 1


@pytest.mark.covers("M20")
def test_run_timeout_leaves_those_who_changed_changed_and_skips_the_rest(simulator, module):
    simulator.inject({"match": {"kind": "item", "method": "POST"}, "times": None, "then": {"delay": 0.15}})

    result = module(users=WORKERS[:400], run_timeout=2)

    summary = result["summary"]
    assert result["reason"] == "incomplete" and result["changed"]
    assert summary["changed"] + summary["failed"] + summary["skipped"] == 400
    assert 0 < summary["changed"] < 400 and summary["skipped"] > 0
    for user in result["users"]:
        if user["changed"]:
            assert simulator.state(user["user"]) == READY
        elif user["reason"] == "skipped":
            assert simulator.state(user["user"]) == NOT_ENABLED
    assert result["requests"]["seconds"] < 3
    while any(entry.status == 0 for entry in simulator.journal()):
        time.sleep(0.05)  # batches under way when the time was over are still being carried out


@pytest.mark.covers("M20")
def test_run_timeout_that_is_not_needed_changes_nothing(module):
    assert module(users=[ANNA], run_timeout=30)["reason"] is None


# -- M21 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.covers("M21")
@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("ending", [".csv", ".json"])
@pytest.mark.parametrize(
    "place", ["missing folder", "a file as folder", "a folder of that name", "a folder that takes none"]
)
def test_a_report_that_cannot_be_written_stops_the_run_before_the_first_write(
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
def test_a_name_like_a_formula_is_text_to_a_spreadsheet(simulator, module, tmp_path, check_mode):
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
def test_a_report_never_sets_changed(module, tmp_path):
    path = tmp_path / "report.json"

    result = module(users=[BEN], report_path=str(path))

    assert not result["changed"] and path.exists()


@pytest.mark.covers("M21")
@pytest.mark.parametrize("ending", [".csv", ".json"])
def test_the_plan_is_in_the_report_before_the_first_write(simulator, module, tmp_path, ending):
    """As a run that is killed leaves it: looked at while its first write hangs."""
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
def test_a_run_that_is_stopped_by_a_guard_still_reports_everybody(simulator, module, tmp_path):
    path = tmp_path / "report.csv"

    result = module(users=[ANNA, BEN, *WORKERS[:5]], report_path=str(path), max_changes=1)

    assert result["reason"] == "too_many_changes" and simulator.writes() == []
    assert len(rows(path)) == 7 and {row["outcome"] for row in rows(path)} == {"skipped", "unchanged"}


# -- M22 ---------------------------------------------------------------------------------------------------------------


def assert_within_its_size(result, total):
    assert len(json.dumps(result)) < MOST_CHARACTERS
    assert result["summary"]["total"] == total
    assert len(result["users"]) + result["users_omitted"] == total
    assert len(result["users"]) <= 1000 and len(result["diff"]["before"]) <= 200
    arguments = result["invocation"]["module_args"]
    assert not any(isinstance(value, (list, dict)) for value in arguments.values())
    assert len(json.dumps(arguments)) < 10_000


@pytest.mark.covers("M22")
def test_a_hundred_thousand_users_fit_into_a_result(simulator, module, tmp_path):
    users = [f"person{number:06}@{'long-name-of-a-subsidiary.' * 3}contoso.example" for number in range(100_000)]
    path = tmp_path / "report.csv"

    result = module(users=users, run_timeout=2, report_path=str(path))

    assert result["reason"] == "incomplete" and not result["changed"]
    assert_within_its_size(result, 100_000)
    assert result["invocation"]["module_args"]["users"] == 100_000
    assert result["summary"]["failed"] + result["summary"]["skipped"] == 100_000
    assert result["users_omitted"] >= 99_000
    with open(path, encoding="utf-8") as file:
        assert sum(1 for _line in file) == 100_001, "the report has no limit"
    assert simulator.writes() == []


@pytest.mark.covers("M22")
@pytest.mark.parametrize("many", ["exclude_users", "groups", "exclude_groups", "tolerate"])
def test_long_lists_in_other_options_are_counts_too(simulator, module, many):
    names = {"tolerate": ["guest"] * 20_000, "exclude_users": WORKERS[:20] * 1000}
    given = names.get(many, ["Frontline"] * 50)

    result = module(**{"users": [BEN], many: given}, check_mode=True)

    assert len(json.dumps(result)) < MOST_CHARACTERS
    assert result["invocation"]["module_args"][many] == len(given)
    assert result["reason"] is None


@pytest.mark.covers("M22")
@pytest.mark.parametrize("how", ["not found", "refused", "unverified in the end"])
def test_a_thousand_failures_fit_into_a_result(simulator, module, how):
    people = WORKERS[:1000]
    if how == "not found":
        people = [f"{'no-such-person' * 4}{number:04}@contoso.example" for number in range(1000)]
    elif how == "refused":
        message = "The service explains at length, with +44 1632960123 and more. " * 40
        answer = {"status": 400, "code": "generalException" * 5, "message": message}
        simulator.inject({"match": {"kind": "item", "method": "GET"}, "times": None, "then": answer})
    else:
        simulator.inject({"match": {"kind": "item", "method": "POST"}, "times": None, "then": {"status": 204}})

    result = module(users=people, verify_timeout=0)

    assert result["reason"] == "some_users_failed" and result["summary"]["failed"] == 1000
    assert_within_its_size(result, 1000)
    assert all(user["failed"] and user["reason"] for user in result["users"])
    assert len(result["users"]) >= 200, "a good many are told"


@pytest.mark.covers("M22")
def test_a_thousand_changes_fit_into_a_result_and_the_failed_come_first(simulator, module):
    result = module(users=[*WORKERS, CARL, BEN])

    assert result["changed"] and result["summary"]["changed"] == 1200
    assert_within_its_size(result, 1202)
    assert result["users"][0]["user"] == CARL and result["users"][1]["changed"]
    assert len(result["diff"]["before"]) + result["diff_omitted"] == 1200
    assert len(simulator.writes()) == 1200
    counts = "1200 enabled, 1 already enabled."
    assert result["msg"] == f"1 of 1202 users failed: {CARL} (no_mobile_phone). {counts}"


@pytest.mark.covers("M22")
@pytest.mark.parametrize(
    ("returned", "listed"), [("all", {ANNA, BEN, CARL}), ("changed", {ANNA, CARL}), ("none", set())]
)
def test_the_result_lists_whom_it_is_asked_for(module, returned, listed):
    result = module(users=[ANNA, BEN, CARL], return_users=returned)

    assert {user["user"] for user in result["users"]} == listed and result["users_omitted"] == 0
    assert result["summary"]["total"] == 3


@pytest.mark.covers("M22")
@pytest.mark.parametrize("option", ["users", "groups", "exclude_users", "exclude_groups"])
def test_a_name_without_end_does_not_burst_the_result(simulator, module, option):
    result = module(**{"users": [ANNA], option: ["x" * 600_000 + "@contoso.example", ANNA]})

    assert len(json.dumps(result)) < MOST_CHARACTERS
    assert result["reason"] == "invalid_options" and simulator.journal() == []
