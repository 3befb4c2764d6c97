# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import csv
import json
import os
import stat
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._domain._outcomes import (
    CHANGED,
    FAILED,
    SKIPPED,
    UNCHANGED,
    Outcome,
)
from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidOptions
from ansible_collections.frontline.entra.plugins.module_utils._report import (
    SAVE_EVERY,
    ReportFile,
    names_from,
)

SUPPORT = {"status": "403", "code": "accessDenied", "request_id": "r", "client_request_id": "c", "date": "d"}


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
def test_a_report_on_everybody_takes_less_memory_than_its_text(folder, ending):
    path = str(folder / f"report.{ending}")
    everybody = [outcome(f"user{number:05}@contoso.example", msg="SMS sign-in was enabled.") for number in range(5000)]
    report = ReportFile(path, False, "enabled")
    tracemalloc.start()
    try:
        report.save(everybody, finished=True)
        _size, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < os.path.getsize(path) / 2


def test_a_csv_file_has_a_row_for_each_user(folder):
    path = str(folder / "report.CSV")
    ReportFile(path, True, "enabled").save(
        [
            outcome(
                'ben, "the" driver\nx',
                FAILED,
                id="i",
                state="notEnabled",
                previous_state="notEnabled",
                reason="forbidden",
                msg="No.",
                phone_number="+1 2065550142",
                support=SUPPORT,
            ),
            outcome("anna", UNCHANGED),
        ],
        finished=True,
    )
    failed, unchanged = rows(path)
    assert failed == {
        "user": 'ben, "the" driver\nx',
        "id": "i",
        "outcome": "failed",
        "state": "notEnabled",
        "previous_state": "notEnabled",
        "changed": "false",
        "failed": "true",
        "reason": "forbidden",
        "msg": "No.",
        "phone_number": "********42",
        **SUPPORT,
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
def test_a_json_file_says_what_it_is_of(folder, finished, check_mode):
    path = str(folder / "report.json")
    run_outcomes = [outcome("anna", CHANGED, phone_number="+1 2065550142"), outcome("ben", SKIPPED, reason="skipped")]
    ReportFile(path, check_mode, "disabled").save(run_outcomes, finished)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    content = json.loads(text)
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
    [("missing/report.csv", "No such file"), ("folder.csv", "directory"), ("file/report.json", "Not a directory")],
)
def test_a_path_that_cannot_be_written_is_told(folder, path, words):
    (folder / "folder.csv" / "x").mkdir(parents=True)
    (folder / "file").write_text("", encoding="utf-8")
    report = ReportFile(str(folder / path), False, "enabled")
    with pytest.raises(InvalidOptions, match=words):
        report.save([], finished=True)
    assert sorted(os.listdir(folder)) == ["file", "folder.csv"]


def test_a_name_that_no_encoding_holds_is_written_all_the_same(folder):
    for ending in (".csv", ".json"):
        path = str(folder / ("report" + ending))
        ReportFile(path, False, "enabled").save([outcome("b\udce9n"), outcome("anna")], finished=True)
    assert len(rows(str(folder / "report.csv"))) == 2
    assert sorted(os.listdir(folder)) == ["report.csv", "report.json"]


@pytest.mark.parametrize("path", ["report.txt", "report", "report.csv.gz", "report.csv/", ".csv", "report."])
def test_an_ending_that_is_neither_is_refused_at_once(folder, path):
    with pytest.raises(InvalidOptions, match=r"\.csv or \.json"):
        ReportFile(str(folder) + "/" + path, False, "enabled")
    assert os.listdir(folder) == []


def test_it_is_saved_at_first_and_then_now_and_then(folder):
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
    assert row["user"] in (name, "'" + name)


# -- people out of a file

ANNA = Outcome("anna@contoso.example", "a-1", "changed", "ready", "notEnabled")
BEN = Outcome("=ben@contoso.example", None, "changed", "ready", "notEnabled")
OTHERS = [Outcome(f"{kind}@contoso.example", "x", kind) for kind in ("unchanged", "failed", "skipped", "planned")]


def written(folder, name, text):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


@pytest.mark.parametrize(
    ("name", "text", "people"),
    [
        (
            "people.txt",
            " anna@contoso.example \r\n\n#EXT#guest@contoso.example\n",
            ["anna@contoso.example", "#EXT#guest@contoso.example"],
        ),
        ("people", "\ufeffanna@contoso.example", ["anna@contoso.example"]),
        ("people.txt", "", []),
        ("people.csv", "Name,UserPrincipalName\nAnna,anna@contoso.example\nBen,\n", ["anna@contoso.example"]),
        (
            "people.CSV",
            "\ufeffuser, id\nanna@contoso.example, a-1\nben@contoso.example,\n",
            ["a-1", "ben@contoso.example"],
        ),
        ("people.csv", "id\n", []),
        (
            "people.csv",
            "user\n'=ben@contoso.example\n'tis@contoso.example\n",
            ["=ben@contoso.example", "'tis@contoso.example"],
        ),
    ],
)
def test_people_out_of_a_text_or_csv_file(tmp_path, name, text, people):
    assert names_from(written(tmp_path, name, text)) == people


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_those_who_changed_out_of_a_report(tmp_path, ending):
    path = str(tmp_path / f"report.{ending}")
    ReportFile(path, False, "enabled").save([ANNA, BEN, *OTHERS], finished=False)
    assert names_from(path) == ["a-1", "=ben@contoso.example"]


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_the_report_of_a_dry_run_is_refused(tmp_path, ending):
    path = str(tmp_path / f"report.{ending}")
    ReportFile(path, True, "enabled").save([ANNA], finished=True)
    with pytest.raises(InvalidOptions, match="dry run"):
        names_from(path)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("people.csv", "name,number\nanna,1\n", "none of the columns"),
        ("people.csv", "", "none of the columns"),
        ("people.json", "[]", "no report"),
        ("people.json", '{"users": ["anna"], "check_mode": false}', "no report"),
        ("people.json", '{"users": []}', "no report"),
        ("people.json", "{", "its ending promises"),
        ("people.txt", b"\xff\xfe", "its ending promises"),
        ("missing/people.txt", None, "cannot be read"),
    ],
)
def test_a_file_without_people_is_told(tmp_path, name, text, words):
    path = str(tmp_path / name) if text is None else written(tmp_path, name, text)
    with pytest.raises(InvalidOptions, match=f"'users_from' .*{words}"):
        names_from(path)


def test_the_report_of_a_dry_run_that_a_spreadsheet_saved_is_refused(tmp_path):
    path = str(tmp_path / "report.csv")
    ReportFile(path, True, "enabled").save([ANNA], finished=True)
    text = (tmp_path / "report.csv").read_text()
    (tmp_path / "report.csv").write_text(text.replace(",true", ",TRUE"))
    with pytest.raises(InvalidOptions, match="dry run"):
        names_from(path)
