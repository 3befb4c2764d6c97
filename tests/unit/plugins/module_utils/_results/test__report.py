# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import stat
import tracemalloc
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._domain._redaction import redact_name
from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidOptions
from ansible_collections.frontline.entra.plugins.module_utils._results._html._page import page
from ansible_collections.frontline.entra.plugins.module_utils._results._html._source import read_report
from ansible_collections.frontline.entra.plugins.module_utils._results._lists import read_table
from ansible_collections.frontline.entra.plugins.module_utils._results._outcomes import (
    CHANGED,
    FAILED,
    PLANNED,
    SKIPPED,
    UNCHANGED,
    Outcome,
)
from ansible_collections.frontline.entra.plugins.module_utils._results._report import (
    SAVE_EVERY,
    ReportFile,
)

SUPPORT = {"status": 403, "code": "accessDenied", "request_id": "r", "client_request_id": "c", "date": "d"}


def outcome(user="anna@contoso.example", kind=CHANGED, **more):
    return Outcome(**{"user": user, "id": None, "kind": kind, **more})


@pytest.fixture(name="folder")
def fixture_folder(tmp_path):
    os.umask(os.umask(0o022))
    return tmp_path


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_large_report_takes_less_memory_than_its_text(folder, ending):
    path = str(folder / f"report.{ending}")
    outcomes = [outcome(f"user{number:05}@contoso.example", msg="SMS sign-in was enabled.") for number in range(5000)]
    report = ReportFile(path, False, "enabled")
    tracemalloc.start()
    try:
        report.save(outcomes, finished=True)
        _size, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < os.path.getsize(path) / 2


def test_a_csv_file_has_a_row_for_each_user(folder):
    path = str(folder / "report.CSV")
    ReportFile(path, True, "enabled").save(
        [
            outcome(
                'ben, "the" driver',
                FAILED,
                id="i",
                state="notEnabled",
                previous_state="notEnabled",
                reason="forbidden",
                msg="No.",
                phone_number="+1 2065550142",
                support=SUPPORT,
                written=True,
            ),
            outcome("anna", UNCHANGED),
        ],
        finished=True,
    )
    failed, unchanged = rows(path)
    assert failed == {
        "user": 'ben, "the" driver',
        "id": "i",
        "outcome": "failed",
        "state": "notEnabled",
        "previous_state": "notEnabled",
        "desired_state": "enabled",
        "changed": "false",
        "written": "true",
        "failed": "true",
        "reason": "forbidden",
        "msg": "No.",
        "phone_number": "********42",
        **SUPPORT,
        "status": "403",
        "check_mode": "true",
    }
    assert (unchanged["user"], unchanged["outcome"], unchanged["reason"], unchanged["status"]) == (
        "anna",
        "unchanged",
        "",
        "",
    )


@pytest.mark.parametrize("finished", [True, False])
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_json_file_describes_its_run(folder, finished, check_mode):
    path = str(folder / "report.json")
    run_outcomes = [outcome("anna", CHANGED, phone_number="+1 2065550142"), outcome("ben", SKIPPED, reason="skipped")]
    ReportFile(path, check_mode, "disabled", {"tenant": "contoso.example"}).save(run_outcomes, finished)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    content = json.loads(text)
    assert (content["schema_version"], content["tenant"]) == (1, "contoso.example")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", content["time"])
    assert [user["written"] for user in content["users"]] == [False, False]
    assert (content["check_mode"], content["finished"], content["state"]) == (check_mode, finished, "disabled")
    assert (content["summary"]["total"], content["summary"]["changed"]) == (2, 1)
    assert [(user["user"], user["outcome"]) for user in content["users"]] == [("anna", "changed"), ("ben", "skipped")]
    assert "2065550142" not in text


def test_a_file_has_every_user_without_a_limit(folder):
    many = [outcome(f"user{number}", UNCHANGED) for number in range(2 * 1000)]
    for ending in (".csv", ".json"):
        path = str(folder / ("report" + ending))
        ReportFile(path, False, "enabled").save(many, finished=True)
        with open(path, encoding="utf-8") as file:
            found = rows(path) if ending == ".csv" else json.load(file)["users"]
        assert [row["user"] for row in found] == [o.user for o in many]


@pytest.mark.parametrize("existing", [None, 0o644, 0o400])
def test_only_the_owner_may_read_it(folder, existing):
    path = folder / "report.csv"
    if existing is not None:
        path.write_text("old", encoding="utf-8")
        path.chmod(existing)
    ReportFile(str(path), False, "enabled").save([], finished=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_replaced_as_a_whole(folder):
    path = folder / "report.csv"
    report = ReportFile(str(path), False, "enabled")
    report.save([outcome("anna", CHANGED)], finished=False)
    with open(path, encoding="utf-8") as before:
        report.save([outcome("ben", CHANGED)], finished=True)
        assert "anna" in before.read()
    assert [row["user"] for row in rows(path)] == ["ben"]
    assert os.listdir(folder) == ["report.csv"]


def test_a_failure_leaves_the_last_state_and_nothing_else(folder, monkeypatch):
    path = folder / "report.csv"
    report = ReportFile(str(path), False, "enabled")
    report.save([outcome("anna", CHANGED)], finished=False)

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(InvalidOptions, match="'report_path' cannot be written.*No space left"):
            report.save([outcome("ben", CHANGED)], finished=True)
    assert [row["user"] for row in rows(path)] == ["anna"]
    assert os.listdir(folder) == ["report.csv"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("missing/report.csv", "No such file"),
        ("file/report.json", "Not a directory"),
        ("a\0b.csv", "no file name can have"),
        ("\ud800.csv", "no file name can have"),
    ],
)
def test_an_unwritable_path_is_reported(folder, path, words):
    (folder / "file").write_text("", encoding="utf-8")
    with pytest.raises(InvalidOptions, match=words):
        ReportFile(str(folder / path), False, "enabled").save([], finished=True)
    assert sorted(os.listdir(folder)) == ["file"]


def test_a_name_that_cannot_be_encoded_is_written(folder):
    for ending in (".csv", ".json"):
        path = str(folder / ("report" + ending))
        ReportFile(path, False, "enabled").save([outcome("b\udce9n"), outcome("anna")], finished=True)
    assert len(rows(str(folder / "report.csv"))) == 2
    assert sorted(os.listdir(folder)) == ["report.csv", "report.json"]


@pytest.mark.parametrize("path", ["report.txt", "report", "report.csv.gz", "report.csv/", ".csv", "report."])
def test_an_unknown_ending_is_refused_at_once(folder, path):
    with pytest.raises(InvalidOptions, match=r"\.csv, \.json or \.html"):
        ReportFile(str(folder) + "/" + path, False, "enabled")
    assert os.listdir(folder) == []


def test_it_is_saved_at_first_and_then_at_intervals(folder):
    now = [100.0]
    report = ReportFile(str(folder / "report.csv"), False, "enabled", clock=lambda: now[0])
    asked = []

    def run_outcomes():
        asked.append(now[0])
        return []

    for moment in (
        100.0,
        100.1,
        100.0 + SAVE_EVERY - 0.1,
        100.0 + SAVE_EVERY,
        101.0 + SAVE_EVERY,
        100.0 + 2 * SAVE_EVERY,
    ):
        now[0] = moment
        report.save_now_and_then(run_outcomes)
    assert asked == [100.0, 100.0 + SAVE_EVERY, 100.0 + 2 * SAVE_EVERY]


# Python 3.9 cannot read back a NUL, which it writes.
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1),
    st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", ""]),
)
def test_no_cell_is_a_formula(tmp_path_factory, text, first):
    path = str(tmp_path_factory.getbasetemp() / "formula.csv")
    name = first + text
    ReportFile(path, False, "enabled").save([outcome(name, msg=name, reason=name, id=name, state=name)], finished=True)
    (row,) = rows(path)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row.values())
    assert row["user"] in (redact_name(name), "'" + redact_name(name))


def test_every_cell_is_quoted_against_formulas_behind_other_separators(folder):
    path = str(folder / "report.csv")
    ReportFile(path, False, "enabled").save([outcome("a;=1+1@x", msg='He said "no";=2')], finished=True)
    with open(path, encoding="utf-8", newline="") as file:
        for line in file:
            assert re.fullmatch(r'("(?:[^"]|"")*",)*"(?:[^"]|"")*"\r\n', line)


# -- the record of an earlier run

PLANNED_ANNA = outcome("anna@contoso.example", PLANNED)
CHANGED_ANNA = outcome("anna@contoso.example", CHANGED)
SAME_ANNA = outcome("anna@contoso.example", UNCHANGED)
SENT_ANNA = outcome("anna@contoso.example", FAILED, reason="unverified", written=True)
FAILED_ANNA = outcome("anna@contoso.example", FAILED, reason="forbidden")
RECORDS = [CHANGED_ANNA, PLANNED_ANNA, SENT_ANNA]


def recorded(path, run_outcomes, check_mode=False):
    report = ReportFile(str(path), check_mode, "enabled")
    for number, moment in enumerate(run_outcomes, start=1):
        report.save(moment, finished=number == len(run_outcomes))
    return report


@pytest.mark.parametrize("ending", ["csv", "json"])
@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize(
    ("check_mode", "course", "beside"),
    [
        (True, [[PLANNED_ANNA], [CHANGED_ANNA]], "check-mode"),
        (False, [[SAME_ANNA], [SAME_ANNA]], "unchanged"),
        (False, [[]], "unchanged"),
        # A plan without sent writes.
        (False, [[PLANNED_ANNA], [FAILED_ANNA]], "unchanged"),
    ],
)
def test_a_run_without_changes_is_saved_beside_the_earlier_record(folder, ending, record, check_mode, course, beside):
    path = folder / f"report.{ending}"
    recorded(path, [[record]])
    before = path.read_bytes()
    for _again in range(2):
        report = recorded(path, course, check_mode)
        assert path.read_bytes() == before
        assert sorted(os.listdir(folder)) == sorted([path.name, f"report.{beside}.{ending}"])
        assert f"report.{beside}.{ending}" in report.notice


@pytest.mark.parametrize("ending", ["csv", "json"])
@pytest.mark.parametrize("end", RECORDS)
def test_a_run_that_may_have_changed_users_moves_the_earlier_record(folder, ending, end):
    path = folder / f"report.{ending}"
    for number in range(3):
        report = recorded(path, [[outcome(f"user{number}", PLANNED)], [end._replace(user=f"user{number}")]])
    names = {name: (folder / name).read_text() for name in os.listdir(folder)}
    assert sorted(names) == sorted([path.name, f"report.1.{ending}", f"report.2.{ending}"])
    for name, user in ((path.name, "user2"), (f"report.1.{ending}", "user0"), (f"report.2.{ending}", "user1")):
        assert user in names[name]
    assert f"report.2.{ending}" in report.notice


@pytest.mark.parametrize("ending", ["csv", "json"])
@pytest.mark.parametrize("together", [True, False])
def test_two_runs_with_one_path_lose_no_record(folder, ending, together):
    """Hosts are tenants and run in parallel: the run that finds the file of another uses a new name."""
    path = str(folder / f"report.{ending}")
    first = ReportFile(path, False, "enabled")
    second = ReportFile(path, False, "enabled") if together else None
    first.save([PLANNED_ANNA], finished=False)
    second = second or ReportFile(path, False, "enabled")
    for finished in (False, True):
        second.save([outcome("ben@contoso.example", CHANGED)], finished)
        first.save([CHANGED_ANNA], finished)
    last = [read_table((folder / name).read_bytes(), name).rows[-1].cells for name in sorted(os.listdir(folder))]
    assert {("anna@contoso.example", "changed"), ("ben@contoso.example", "changed")} <= {
        (cells["user"], cells["outcome"]) for cells in last
    }
    (noticed,) = [report.notice for report in (first, second) if "Another run" in (report.notice or "")]
    assert "of its own" in noticed


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_the_plan_is_at_the_path_of_the_report_before_the_first_write(folder, ending):
    path = folder / f"report.{ending}"
    recorded(path, [[CHANGED_ANNA]])
    report = ReportFile(str(path), False, "enabled")
    report.save_now_and_then(lambda: [outcome("ben@contoso.example", PLANNED)])
    assert "ben@contoso.example" in path.read_text()
    assert "anna@contoso.example" in (folder / f"report.1.{ending}").read_text()


@pytest.mark.parametrize(
    "before",
    [
        [[SAME_ANNA]],
        [[FAILED_ANNA]],
        [[]],
    ],
)
def test_a_record_without_changes_is_replaced(folder, before):
    recorded(folder / "report.csv", before)
    assert recorded(folder / "report.csv", [[SAME_ANNA]]).notice is None
    assert os.listdir(folder) == ["report.csv"]


def test_a_check_mode_report_is_replaced(folder):
    recorded(folder / "report.csv", [[CHANGED_ANNA]], check_mode=True)
    assert recorded(folder / "report.csv", [[SAME_ANNA]]).notice is None
    assert os.listdir(folder) == ["report.csv"]


def test_a_record_under_the_name_for_unchanged_runs_is_kept(folder):
    for name in ("report.csv", "report.unchanged.csv"):
        recorded(folder / name, [[CHANGED_ANNA]])
    recorded(folder / "report.csv", [[SAME_ANNA]])
    assert sorted(os.listdir(folder)) == ["report.csv", "report.unchanged.1.csv", "report.unchanged.csv"]
    assert rows(folder / "report.unchanged.csv")[0]["outcome"] == "changed"


def test_a_failed_attempt_waits_as_long_as_a_successful_one(folder, monkeypatch):
    now = [0.0]
    report = ReportFile(str(folder / "report.csv"), False, "enabled", clock=lambda: now[0])
    asked = []

    def run_outcomes():
        asked.append(now[0])
        return []

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    for moment in (0.0, 1.0, SAVE_EVERY - 0.1, SAVE_EVERY, SAVE_EVERY + 1.0):
        now[0] = moment
        with contextlib.suppress(InvalidOptions):
            report.save_now_and_then(run_outcomes)
    assert asked == [0.0, SAVE_EVERY]


@pytest.mark.parametrize("kind", ["link", "dangling", "fifo", "folder"])
@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_path_that_is_no_regular_file_is_refused_at_once(folder, kind, ending):
    (folder / "target").write_text("precious")
    path = folder / f"report.{ending}"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(folder / ("target" if kind == "link" else "missing"))
    with pytest.raises(InvalidOptions, match="'report_path' cannot be written.*it is a"):
        ReportFile(str(path), False, "enabled")
    assert (folder / "target").read_text() == "precious"


@pytest.mark.parametrize("finished", [False, True])
def test_an_html_file_is_the_page_of_the_json_file(folder, finished, monkeypatch):
    monkeypatch.setattr("time.gmtime", lambda: datetime(2026, 11, 26, 18).timetuple())
    found = [outcome(kind=PLANNED if not finished else CHANGED, state="ready"), outcome("ben", FAILED, support=SUPPORT)]
    head = {"tenant": "contoso.example", "cloud": "global"}
    for ending in ("json", "HTML"):
        ReportFile(str(folder / f"report.{ending}"), False, "enabled", head).save(found, finished)
    json_report = read_report((folder / "report.json").read_bytes(), "the file")
    html = (folder / "report.HTML").read_text("utf-8")
    assert html == page([json_report]).text
    assert ("The run did not finish" in html) is not finished
    assert stat.S_IMODE((folder / "report.HTML").stat().st_mode) == 0o600


def test_an_html_file_without_users_is_a_page(folder):
    ReportFile(str(folder / "report.html"), True, "disabled").save([], finished=True)
    assert "for 0 of 0 users" in (folder / "report.html").read_text("utf-8")


def test_further_keys_of_entries_are_columns(folder):
    path = str(folder / "report.csv")
    phones = [{"phone_type": "mobile", "phone_number": "********01"}, {"phone_type": "office", "phone_number": None}]
    outcomes = [
        outcome(more={"phones": phones, "holder": None, "phone_number": "********01"}),
        outcome("ben@contoso.example", more={"phones": [], "holder": "=cmd@contoso.example", "other": ["a", "b"]}),
        outcome("carl@contoso.example", SKIPPED),
    ]

    ReportFile(path, False, "present").save(outcomes, finished=True)

    anna, ben, carl = rows(path)
    assert list(anna)[11:17] == ["phone_number", "phones", "holder", "other", "status", "code"]
    assert (anna["phones"], anna["holder"], anna["other"]) == ("mobile ********01, office", "", "")
    assert (ben["phones"], ben["holder"], ben["other"]) == ("", "'=cmd@contoso.example", "a, b")
    assert (carl["phones"], carl["holder"]) == ("", "")


# -- audits


def audited(user="anna@contoso.example", state="ready", methods=("fido2", "password")):
    more = {"other_methods": list(methods), "only_password": False}
    return outcome(user, UNCHANGED, state=state, previous_state=state, more=more)


def saved_audit(path, *found):
    report = ReportFile(
        str(path), False, None, {"tenant": "contoso.example"}, summarise=lambda found: {"own": len(found)}
    )
    report.save(found, finished=True)


def test_an_audit_has_its_own_summary_and_no_keys_of_a_run(folder):
    path = folder / "audit.json"
    saved_audit(path, audited())
    document = json.loads(path.read_text())
    assert (document["state"], document["summary"]) == (None, {"own": 1})
    (entry,) = document["users"]
    assert not {"outcome", "written", "changed", "previous_state"} & set(entry)
    assert (entry["state"], entry["other_methods"], entry["only_password"]) == ("ready", ["fido2", "password"], False)


def test_an_audit_as_csv_has_other_methods_in_one_cell(folder):
    path = folder / "audit.csv"
    saved_audit(path, audited(), audited("ben@contoso.example", methods=()))
    first, second = rows(path)
    assert (first["other_methods"], first["only_password"], second["other_methods"]) == ("fido2, password", "false", "")
    assert not {"outcome", "written", "changed", "previous_state", "desired_state", "check_mode"} & set(first)
    assert list(first)[:2] == ["user", "id"]
