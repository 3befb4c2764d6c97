# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidFile
from ansible_collections.frontline.entra.plugins.module_utils._results._outcomes import KINDS, Outcome
from ansible_collections.frontline.entra.plugins.module_utils._results._report import ReportFile
from ansible_collections.frontline.entra.plugins.module_utils._results._undo import holds_changes, users_from

ID = "0a000000-0000-4000-8000-000000000001"
ANNA = Outcome("anna@contoso.example", ID, "changed", "ready", "notEnabled", written=True)
BEN = Outcome("=ben@contoso.example", None, "changed", "ready", "notConfigured", written=True)
PLANNED = Outcome("planned@contoso.example", None, "planned", "notEnabled", "notEnabled")
SENT = Outcome("sent@contoso.example", None, "failed", "notEnabled", "notEnabled", "unverified", written=True)
SKIPPED = Outcome("skipped@contoso.example", None, "skipped", "notEnabled", "notEnabled", "skipped")
SAME = Outcome("same@contoso.example", None, "unchanged", "ready", "ready")
FAILED = Outcome("failed@contoso.example", None, "failed", "notEnabled", "notEnabled", "forbidden")
OFF = Outcome("off@contoso.example", None, "changed", "notEnabled", "ready", written=True)
OFF_SENT = Outcome("off-sent@contoso.example", None, "failed", "ready", "ready", "unverified", written=True)

LABELS = {ID: ANNA.user, BEN.user: BEN.user}

ENDINGS = pytest.mark.parametrize("ending", ["csv", "json"])


def report(folder, ending, run_outcomes, check_mode=False, wanted="enabled", finished=True):
    path = str(folder / f"report.{ending}")
    ReportFile(path, check_mode, wanted).save(run_outcomes, finished)
    return path


def edited(path, edit):
    """Change a CSV report as `edit` changes its rows, each a dict; the columns are those of the first row."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = edit(list(csv.DictReader(file)))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())
    return path


def without(column):
    return lambda rows: [{name: cell for name, cell in row.items() if name != column} for row in rows]


def refused(path, words, state="disabled"):
    with pytest.raises(InvalidFile, match=words) as caught:
        users_from(path, state)
    assert caught.value.reason == "invalid_file"
    assert not any(name in caught.value.message for name in ("anna@", "ben@"))


# -- lists


@pytest.mark.parametrize("state", [None, "enabled", "disabled"])
def test_all_users_of_a_list(tmp_path, state):
    (tmp_path / "list.csv").write_text("user,x\nanna@contoso.example,1\n'=ben@contoso.example,2\n")
    listed = users_from(str(tmp_path / "list.csv"), state)
    assert listed == (["anna@contoso.example", "=ben@contoso.example"], None, [], {})


@pytest.mark.parametrize("text", ["", "user\n", "# nobody\n"])
def test_an_empty_list_is_an_error_for_disabled_and_a_warning_for_enabled(tmp_path, text):
    path = str(tmp_path / "list.csv")
    (tmp_path / "list.csv").write_text(text)
    refused(path, "names no user")
    for state in (None, "enabled"):
        listed = users_from(path, state)
        assert (listed.users, len(listed.warnings)) == ([], 1)
        assert "names no user" in listed.warnings[0]


def test_an_empty_list_is_an_error_with_empty_fails(tmp_path):
    (tmp_path / "list.csv").write_text("user\n")
    with pytest.raises(InvalidFile, match="names no user"):
        users_from(str(tmp_path / "list.csv"), None, empty_fails=True)


def test_rows_without_a_user_are_a_warning(tmp_path):
    (tmp_path / "list.csv").write_text("user,x\nanna@contoso.example,1\n,kiosk\n")
    assert users_from(str(tmp_path / "list.csv"), None).warnings == [
        f"'users_from': {tmp_path}/list.csv names no user at line 3."
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [("missing", "No such file"), ("folder", "it is a folder"), ("fifo", "it is a FIFO"), ("a\0b", "no file name")],
)
def test_an_unreadable_file_is_reported(tmp_path, name, words):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    refused(f"{tmp_path}/{name}", f"'users_from': .*cannot be read: .*{words}")


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null"])
def test_a_device_is_refused(path):
    refused(path, "it is a device")


# -- reports


@ENDINGS
@pytest.mark.parametrize("state", [None, "disabled", "previous"])
def test_the_users_that_a_run_changed(tmp_path, ending, state):
    path = report(tmp_path, ending, [ANNA, BEN, SKIPPED, SAME, FAILED])
    assert users_from(path, state) == ([ID, BEN.user], "disabled", [], LABELS)


@ENDINGS
@pytest.mark.parametrize(
    ("user", "label"),
    [
        ("anna@contoso.example", "anna@contoso.example"),
        ("=anna@contoso.example", "=anna@contoso.example"),
        ("+12065550101@contoso.example", "********01@contoso.example"),
        # Of another user by then, no name, or nothing that could be one.
        ("me", ""),
        (ID, ""),
        ("anna@contoso.example, Welcome1", ""),
    ],
)
def test_the_name_beside_an_id_is_its_label(tmp_path, ending, user, label):
    listed = users_from(report(tmp_path, ending, [ANNA._replace(user=user)]), None)
    assert (listed.users, listed.labels) == ([ID], {ID: label})


@ENDINGS
def test_users_that_were_planned_or_written_to_without_verification_are_rolled_back_with_a_warning(tmp_path, ending):
    path = report(tmp_path, ending, [ANNA, PLANNED, SENT, SKIPPED, SAME], finished=False)
    listed = users_from(path, "disabled")
    assert listed.users == [ID, "planned@contoso.example", "sent@contoso.example"]
    assert "2 users were planned or written to without verification" in listed.warnings[-1]
    assert [warning for warning in listed.warnings if "did not finish" in warning] == (
        listed.warnings[:1] if ending == "json" else []
    )


@ENDINGS
@pytest.mark.parametrize("outcome", [PLANNED, SENT])
def test_a_killed_or_unverified_run_can_be_rolled_back(tmp_path, ending, outcome):
    assert users_from(report(tmp_path, ending, [outcome, SAME], finished=False), None).users == [outcome.user]


@ENDINGS
def test_the_report_of_a_disable_run_enables(tmp_path, ending):
    path = report(tmp_path, ending, [OFF, OFF_SENT, SAME], wanted="disabled")
    listed = users_from(path, None)
    assert (listed.users, listed.state) == (["off@contoso.example", "off-sent@contoso.example"], "enabled")
    refused(path, "disabled SMS sign-in. Set 'state' to enabled", state="disabled")


@ENDINGS
def test_a_user_who_was_in_the_desired_state_before_is_not_rolled_back(tmp_path, ending):
    ready = PLANNED._replace(user="ready@contoso.example", previous_state="ready")
    assert users_from(report(tmp_path, ending, [ANNA, ready]), None).users == [ID]
    off = OFF_SENT._replace(user="was-off@contoso.example", previous_state="notEnabled")
    assert users_from(report(tmp_path, ending, [OFF, off], wanted="disabled"), None).users == ["off@contoso.example"]


@ENDINGS
def test_a_roll_back_to_the_same_state_is_refused(tmp_path, ending):
    refused(report(tmp_path, ending, [ANNA]), "run that enabled SMS sign-in", state="enabled")


@ENDINGS
@pytest.mark.parametrize("run_outcomes", [[], [SAME], [FAILED, SKIPPED]])
def test_a_report_without_changed_users_is_refused(tmp_path, ending, run_outcomes):
    refused(report(tmp_path, ending, run_outcomes), "changed no user")


@ENDINGS
def test_a_check_mode_report_is_refused(tmp_path, ending):
    refused(report(tmp_path, ending, [ANNA], check_mode=True), "check mode run")


@pytest.mark.parametrize(
    ("theirs", "ours", "accepted"),
    [
        ("contoso.example", "contoso.example", True),
        ("Contoso.example", "contoso.example", True),
        ("contoso.example", "fabrikam.example", False),
        (ID, ID.upper(), True),
        (ID, ID.replace("1", "2"), False),
        # An id and a name may belong to one tenant.
        (ID, "contoso.example", True),
        (None, "contoso.example", True),
        ("contoso.example", None, True),
    ],
)
def test_a_report_of_another_tenant_is_refused(tmp_path, theirs, ours, accepted):
    path = str(tmp_path / "report.json")
    ReportFile(path, False, "enabled", {"tenant": theirs}).save([ANNA], True)
    if accepted:
        assert users_from(path, None, ours).users == [ID]
    else:
        with pytest.raises(InvalidFile, match="of another tenant"):
            users_from(path, None, ours)


@pytest.mark.parametrize("text", ["user\na@x.example\n", "a@x.example\n", '["a@x.example"]', ""])
def test_a_list_is_no_report_to_roll_back(tmp_path, text):
    path = tmp_path / "list.csv"
    path.write_text(text)
    refused(str(path), "is not a report of this collection", state="previous")


@pytest.mark.parametrize(
    "kept",
    [["user", "id", "changed", "previous_state"], ["user", "desired_state"], ["user", "changed"], ["id", "written"]],
)
def test_a_report_that_lost_most_columns_is_no_list(tmp_path, kept):
    path = report(tmp_path, "csv", [ANNA])
    edited(path, lambda rows: [{name: row[name] for name in kept} for row in rows])
    refused(path, "is a report without the column")


@pytest.mark.parametrize("column", ["user", "id", "outcome", "check_mode", "changed"])
def test_a_csv_report_that_lost_a_column_is_refused(tmp_path, column):
    path = edited(report(tmp_path, "csv", [ANNA]), without(column))
    refused(path, f"without the column '{column}'")


@pytest.mark.parametrize("column", ["user", "id", "outcome", "check_mode", "changed"])
def test_a_json_report_that_lost_a_key_is_refused(tmp_path, column):
    path = report(tmp_path, "json", [ANNA])
    content = json.loads((tmp_path / "report.json").read_text())
    content.pop(column, None)
    content["users"] = [{k: v for k, v in user.items() if k != column} for user in content["users"]]
    (tmp_path / "report.json").write_text(json.dumps(content))
    refused(path, f"without the column '{column}'")


def test_the_required_columns_of_a_report_are_sufficient(tmp_path):
    columns = ("user", "id", "outcome", "check_mode", "changed")
    path = edited(report(tmp_path, "csv", [ANNA]), lambda rows: [{k: row[k] for k in columns} for row in rows])
    assert users_from(path, "disabled") == ([ID], "disabled", [], {ID: ANNA.user})
    refused(path, "does not say which state", state=None)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("check_mode", "VERDADERO", "'check_mode' is neither true nor false at line 3"),
        ("check_mode", "", "'check_mode' is neither"),
        ("check_mode", "no", "'check_mode' is neither"),
        ("check_mode", "TRUE", "check mode run"),
        ("changed", "WAHR", "'changed' is neither"),
        ("changed", "", "'changed' is neither"),
        ("changed", "false", "outcome at line 3 that no run writes"),
        ("written", "FAUX", "'written' is neither"),
        ("outcome", "geändert", "outcome at line 3 that no run writes"),
        ("outcome", "", "outcome at line 3 that no run writes"),
        ("outcome", "unchanged", "outcome at line 3 that no run writes"),
        ("outcome", "deferred", "outcome at line 3 that no run writes"),
        ("desired_state", "disabled", "two desired states"),
        ("desired_state", "", "without a desired state at line 3"),
        ("desired_state", "on", "without a desired state at line 3"),
        ("user", "********@contoso.example", "neither an id nor a user at line 3"),
        ("user", "me", "neither an id nor a user at line 3"),
        ("user", "", "neither an id nor a user at line 3"),
    ],
)
def test_one_invalid_cell_refuses_the_whole_report(tmp_path, column, value, words):
    path = edited(report(tmp_path, "csv", [ANNA, BEN]), lambda rows: [rows[0], {**rows[1], column: value}])
    refused(path, words)


@pytest.mark.parametrize("value", [True, "VERDADERO", None, 1, "", []])
def test_a_json_report_whose_check_mode_is_not_false_is_refused(tmp_path, value):
    path = report(tmp_path, "json", [ANNA])
    content = json.loads((tmp_path / "report.json").read_text())
    (tmp_path / "report.json").write_text(json.dumps({**content, "check_mode": value}))
    refused(path, "check mode run|'check_mode' is neither")


@pytest.mark.parametrize("value", ["on", None, []])
def test_a_json_report_without_a_desired_state_is_refused(tmp_path, value):
    path = report(tmp_path, "json", [ANNA])
    content = json.loads((tmp_path / "report.json").read_text())
    (tmp_path / "report.json").write_text(json.dumps({**content, "state": value}))
    refused(path, "neither enabled nor disabled")


@pytest.mark.parametrize("version", [2, 0, "1", None])
def test_a_json_report_of_another_version_is_refused(tmp_path, version):
    path = report(tmp_path, "json", [ANNA])
    content = json.loads((tmp_path / "report.json").read_text())
    (tmp_path / "report.json").write_text(json.dumps({**content, "schema_version": version}))
    refused(path, "'schema_version' is not 1")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_report_saved_by_a_spreadsheet_is_read(tmp_path, separator, encoding):
    path = report(tmp_path, "csv", [ANNA, BEN, SAME])
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    for row in rows:
        writer.writerow([cell.upper() if cell in ("true", "false") else cell for cell in row])
    (tmp_path / "report.csv").write_bytes((text.getvalue() + separator * 5 + "\r\n").encode(encoding))
    assert users_from(path, None) == ([ID, BEN.user], "disabled", [], LABELS)


def test_a_user_who_changed_and_failed_later_is_rolled_back(tmp_path):
    path = edited(report(tmp_path, "csv", [SENT]), lambda rows: [{**rows[0], "changed": "true"}])
    assert users_from(path, None) == ([SENT.user], "disabled", [], {SENT.user: SENT.user})


# -- what a report at the path of a new one holds


@ENDINGS
@pytest.mark.parametrize(
    ("outcome", "check_mode", "expected"),
    [
        *((Outcome("a@x", None, kind), False, kind == "changed") for kind in KINDS),
        (PLANNED, False, True),
        (SENT, False, True),
        (ANNA, True, False),
        (PLANNED, True, False),
    ],
)
def test_a_report_with_changed_users_is_kept(tmp_path, ending, outcome, check_mode, expected):
    assert holds_changes(report(tmp_path, ending, [SAME, outcome], check_mode)) is expected


@pytest.mark.parametrize("text", ["", "user\na@x\n", "{", '{"users": []}', "a;b\n1;2\n"])
def test_any_other_file_is_not_kept(tmp_path, text):
    (tmp_path / "x.csv").write_text(text)
    assert holds_changes(str(tmp_path / "x.csv")) is False
    assert holds_changes(str(tmp_path / "missing.csv")) is False


@pytest.mark.parametrize("end", ["", '"'])
def test_a_report_that_is_damaged_is_kept(tmp_path, end):
    path = report(tmp_path, "csv", [ANNA])
    (tmp_path / "report.csv").write_text((tmp_path / "report.csv").read_text()[:-3] + end)
    assert holds_changes(path) is True


def test_a_report_that_lost_columns_is_kept(tmp_path):
    path = edited(
        report(tmp_path, "csv", [ANNA]), lambda rows: [{"user": row["user"], "outcome": row["outcome"]} for row in rows]
    )
    assert holds_changes(path) is True


@ENDINGS
@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: data.replace(b"anna", b"\xe4nna")])
def test_a_report_that_was_damaged_is_kept(tmp_path, ending, damage):
    path = report(tmp_path, ending, [ANNA])
    Path(path).write_bytes(damage(Path(path).read_bytes()))
    assert holds_changes(path) is True


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"outcome": "failed", "changed": "TRUE", "check_mode": "false"}, True),
        ({"outcome": "failed", "written": "TRUE", "check_mode": "false"}, True),
        ({"outcome": "failed", "changed": "false", "written": "false", "check_mode": "false"}, False),
        ({"outcome": "failed", "check_mode": "false"}, False),
        ({"outcome": "changed"}, True),
        ({"outcome": "changed", "check_mode": "TRUE"}, False),
    ],
)
def test_every_trace_of_a_change_keeps_a_report(tmp_path, cells, expected):
    path = tmp_path / "report.csv"
    path.write_text(",".join(cells) + "\n" + ",".join(cells.values()) + "\n")
    assert holds_changes(str(path)) is expected


def test_a_file_that_cannot_be_read_is_kept(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    assert holds_changes(str(tmp_path / "folder.csv")) is True
    (tmp_path / "noise.csv").write_bytes(b"\xff\xff")
    assert holds_changes(str(tmp_path / "noise.csv")) is True
    (tmp_path / "file").write_text("")
    assert holds_changes(str(tmp_path / "file" / "report.csv")) is False


# -- the whole message


def message_of(path, state):
    with pytest.raises(InvalidFile) as caught:
        users_from(path, state)
    assert caught.value.message.startswith(f"'users_from': {path} ")
    return caught.value.message[len(f"'users_from': {path} ") :]


def test_every_refusal_describes_the_problem_of_the_file(tmp_path):
    (tmp_path / "list.csv").write_text("user\na@x.example\n")
    assert message_of(str(tmp_path / "list.csv"), "previous") == (
        "is not a report of this collection, so there is no run to roll back."
    )
    columns = ("user", "id", "outcome", "check_mode", "changed")
    path = edited(report(tmp_path, "csv", [ANNA]), lambda rows: [{k: row[k] for k in columns} for row in rows])
    unsaid = "is a report that does not say which state its run set. Set 'state'."
    assert message_of(path, None) == message_of(path, "previous") == unsaid
    assert message_of(report(tmp_path, "csv", [ANNA]), "enabled") == (
        "is a report of a run that enabled SMS sign-in. Set 'state' to disabled to roll it back, or leave it out."
    )
    (tmp_path / "report.csv").unlink()
    assert message_of(report(tmp_path, "csv", [ANNA], check_mode=True), None) == (
        "is a report of a check mode run, which changed no user."
    )
    path = edited(report(tmp_path, "csv", [ANNA]), lambda rows: [{**rows[0], "changed": "WAHR"}])
    assert "'changed' is neither true nor false at line 2" in message_of(path, None)
    path = edited(report(tmp_path, "csv", [ANNA]), lambda rows: [{**rows[0], "written": "WAHR"}])
    assert "'written' is neither true nor false at line 2" in message_of(path, None)
    path = report(tmp_path, "json", [ANNA])
    content = json.loads((tmp_path / "report.json").read_text())
    (tmp_path / "report.json").write_text(json.dumps({**content, "state": "on"}))
    assert message_of(path, None) == "is a report whose 'state' is neither enabled nor disabled, so it is not used."


def test_every_warning_names_the_file(tmp_path):
    path = report(tmp_path, "json", [SENT], finished=False)
    assert users_from(path, None).warnings == [
        f"'users_from': {path} is the report of a run that did not finish.",
        f"'users_from': {path}: 1 users were planned or written to without verification. They are rolled back where"
        " their state is no longer the previous one.",
    ]


# -- reports that lost something


@pytest.mark.parametrize("kept", [[0], [0, 1, 1, 2]])
def test_a_json_report_with_another_number_of_users_is_refused(tmp_path, kept):
    path = report(tmp_path, "json", [ANNA, BEN, SAME])
    content = json.loads((tmp_path / "report.json").read_text())
    content["users"] = [content["users"][place] for place in kept]
    (tmp_path / "report.json").write_text(json.dumps(content))
    refused(path, "summary counts another number of users")


@pytest.mark.parametrize("sent", [SENT, FAILED])
def test_a_failed_user_without_a_note_whether_a_write_was_sent_refuses_the_report(tmp_path, sent):
    refused(
        edited(report(tmp_path, "csv", [ANNA, sent]), without("written")), "'written' for the failed user at line 3"
    )


@pytest.mark.parametrize(
    ("outcome", "wanted", "opposite"), [(ANNA, "enabled", "disabled"), (OFF, "disabled", "enabled")]
)
def test_the_changed_users_show_a_lost_state_of_the_run(tmp_path, outcome, wanted, opposite):
    path = edited(report(tmp_path, "csv", [SAME, outcome], wanted=wanted), without("desired_state"))
    listed = users_from(path, None)
    assert listed == users_from(path, opposite)
    assert (listed.users, listed.state, listed.warnings) == ([outcome.id or outcome.user], opposite, [])
    refused(path, f"run that {wanted} SMS sign-in", state=wanted)


def test_a_report_without_the_written_column_rolls_back_changed_users(tmp_path):
    path = edited(report(tmp_path, "csv", [ANNA, SAME, SKIPPED, PLANNED]), without("written"))
    assert users_from(path, None).users == [ID, "planned@contoso.example"]


@pytest.mark.parametrize("lost", ["previous_state", "desired_state"])
def test_an_unverified_write_counts_if_the_previous_state_is_unknown(tmp_path, lost):
    path = edited(report(tmp_path, "csv", [SENT]), without(lost))
    assert users_from(path, "disabled").users == ["sent@contoso.example"]


def test_a_write_of_a_disable_run_counts_if_the_previous_state_is_unknown(tmp_path):
    path = edited(
        report(tmp_path, "csv", [OFF_SENT], wanted="disabled"),
        without("previous_state"),
    )
    listed = users_from(path, None)
    assert (listed.users, listed.state) == ([OFF_SENT.user], "enabled")


def test_a_row_that_ends_early_is_refused(tmp_path):
    path = report(tmp_path, "csv", [ANNA])
    (tmp_path / "report.csv").write_text("outcome,check_mode,changed,id,user\nchanged,false\n")
    refused(path, "'changed' is neither true nor false at line 2")
    (tmp_path / "report.csv").write_text("outcome,check_mode,changed,id,user\nchanged,false,true\n")
    refused(path, "neither an id nor a user at line 2")


def test_only_the_quote_before_a_formula_is_removed(tmp_path):
    names = ("'o'neil@contoso.example", "'=ben@contoso.example", "=carl@contoso.example")
    (tmp_path / "list.json").write_text(json.dumps([{"user": name} for name in names]))
    listed = users_from(str(tmp_path / "list.json"), None)
    assert listed.users[1:] == ["=ben@contoso.example", "=carl@contoso.example"]


@ENDINGS
@pytest.mark.parametrize("state", ["present", "absent", "mixed"])
def test_a_report_about_phone_numbers_is_refused(tmp_path, ending, state):
    path = report(tmp_path, ending, [ANNA])
    (tmp_path / f"report.{ending}").write_text((tmp_path / f"report.{ending}").read_text().replace("enabled", state))

    refused(path, "about phone numbers")


@ENDINGS
def test_a_report_about_phone_numbers_that_lost_its_state_is_refused(tmp_path, ending):
    path = report(tmp_path, ending, [ANNA._replace(more={"phones": [], "previous_phones": []})], wanted="present")
    if ending == "csv":
        edited(path, without("desired_state"))
    else:
        content = json.loads((tmp_path / "report.json").read_text())
        (tmp_path / "report.json").write_text(json.dumps({k: v for k, v in content.items() if k != "state"}))

    refused(path, "about phone numbers")


AUDIT = [
    ("csv", "user,id,state,other_methods,only_password\na@x,,ready,password,true\n"),
    ("csv", "user;only_password\na@x;true\n"),
    ("json", '{"schema_version": 1, "check_mode": false, "users": [{"user": "a@x", "only_password": null}]}'),
    ("json", '[{"user": "a@x", "only_password": null}]'),
]


@pytest.mark.parametrize("state", ["enabled", "disabled", "previous", None])
@pytest.mark.parametrize(("ending", "text"), AUDIT)
def test_an_audit_is_neither_a_list_nor_a_run(tmp_path, ending, text, state):
    path = tmp_path / f"audit.{ending}"
    path.write_text(text)
    refused(str(path), "is a report of an audit, which changed no user", state)
    assert holds_changes(str(path)) is False


def test_the_names_in_an_audit_are_a_list(tmp_path):
    path = tmp_path / "names.csv"
    path.write_text("user,state\na@x,ready\n")
    assert users_from(str(path), "disabled").users == ["a@x"]
