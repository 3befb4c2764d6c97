# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Users from a file: all users of a list; of a report the users that its run changed or may have changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .._domain._phone_entries import ABSENT, MIXED, PRESENT
from .._domain._states import DISABLED, ENABLED, PREVIOUS, READY
from .._domain._targets import can_be_name, is_object_id, plain_name, positions, visible
from .._errors import InvalidFile
from .._files import LARGEST, read_regular_file, shown_path
from ._html._schema import SCHEMA_VERSION
from ._lists import ListError, Row, Table, key_of, read_table, users_in
from ._outcomes import CHANGED, FAILED, KINDS, PLANNED

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters of a cell that a spreadsheet takes for a formula; a report has a quote before them."""

_COLUMNS = ("user", "id", "outcome", "check_mode", "changed")
"""What a report must have to be trusted."""

_OURS = frozenset(map(key_of, ("outcome", "check_mode", "previous_state", "desired_state", "changed", "written")))
"""Headings that a list of users from elsewhere does not have."""

_OF_AN_AUDIT = "onlypassword"
"""A heading that only audits have."""

_OF_PHONES = "previousphones"
"""A heading that only reports about phone numbers have."""

_NOBODY = "is a report of a run that changed no user, so there is nothing to roll back"
_OPPOSITE = {ENABLED: DISABLED, DISABLED: ENABLED}


class Listed(NamedTuple):
    """Users by name or id. `state` is the state that rolls a report back, None for a list that is no report.

    `labels` are the names that a report has beside ids, by id.
    """

    users: list[str]
    state: str | None
    warnings: list[str]
    labels: Mapping[str, str]


class _Record(NamedTuple):
    """One row of a report. `changed` is as read back, `possible` a write that may have had an effect.

    `label` is what to show instead of an id: a name, which may be masked, or nothing.
    """

    name: str
    label: str
    changed: bool
    possible: bool


def users_from(path: str, state: str | None, tenant: str | None = None, empty_fails: bool = False) -> Listed:
    """The users in a file. `state` is the desired state, None when the task does not give one, PREVIOUS for a report's.
    `tenant` is the `tenant_id` of the task.

    Raises InvalidFile for a file that cannot be read, a list without users to disable or if `empty_fails`, and a report
    that cannot be trusted as a whole, is of another tenant, whose run changed no user, or whose run set the same state.
    """
    file = f"'users_from': {shown_path(path)}"
    try:
        table = read_table(read_regular_file(path, LARGEST), path)
        if _is_report(table):
            _require_tenant(table, tenant)
            return _report_users(table, None if state == PREVIOUS else state, file)
        if state == PREVIOUS:
            raise ListError("is not a report of this collection, so there is no run to roll back")
        return _listed_users(table, empty_fails or state == DISABLED, file)
    except OSError as error:
        raise InvalidFile(f"{file} cannot be read: {error.strerror}.") from None
    except ListError as error:
        raise InvalidFile(f"{file} {error.message}.") from None


def holds_changes(path: str) -> bool:
    """Whether a file is a report with users that its run changed or may have changed, or cannot be read."""
    try:
        table = read_table(read_regular_file(path, LARGEST), path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ListError):
        # It may be a report that was damaged, and that its owner can repair.
        return True
    return _is_report(table) and any(_may_have_changed(_cells(table, row)) for row in table.rows)


def _may_have_changed(cells: Mapping[str, str]) -> bool:
    touched = cells.get("outcome") in (CHANGED, PLANNED) or "true" in (
        cells.get("changed", "").casefold(),
        cells.get("written", "").casefold(),
    )
    return touched and cells.get("checkmode", "").casefold() != "true"


def _listed_users(table: Table, empty_fails: bool, file: str) -> Listed:
    named, without = users_in(table)
    warnings = [f"{file} names no user at {positions(without)}."] if without else []
    if not named:
        if empty_fails:
            raise ListError(f"names no user ({table.form})")
        warnings = [f"{file} names no user ({table.form})."]
    return Listed([_plain_cell(user.name) for user in named], None, warnings, {})


def _report_users(table: Table, state: str | None, file: str) -> Listed:
    if _OF_AN_AUDIT in table.headings:
        raise ListError(
            "is a report of an audit, which changed no user. To use it as a list, keep the column 'user' or 'id' alone"
        )
    if not table.rows:
        raise ListError(_NOBODY)
    if table.head.get("schema_version", SCHEMA_VERSION) != SCHEMA_VERSION:
        raise ListError(f"is a report whose 'schema_version' is not {SCHEMA_VERSION}, so it is not used")
    summary = table.head.get("summary")
    if isinstance(summary, Mapping) and summary.get("total") != len(table.rows):
        raise ListError("is a report whose summary counts another number of users. Give the file as the run wrote it")
    known = {*table.headings, *map(key_of, table.head)}
    for column in _COLUMNS:
        if key_of(column) not in known:
            raise ListError(f"is a report without the column '{column}', so it is not used")
    rows = [(row.place, _cells(table, row)) for row in table.rows if any(visible(cell) for cell in row.cells.values())]
    wanted = _state_of(table, rows)
    records = [_record(place, cells, wanted) for place, cells in rows]
    labels = {record.name: record.label for record in records if record.changed or record.possible}
    if not labels:
        raise ListError(_NOBODY)
    if wanted is None and state is None:
        raise ListError("is a report that does not say which state its run set. Set 'state'")
    if wanted is not None and wanted == state:
        raise ListError(
            f"is a report of a run that {wanted} SMS sign-in. Set 'state' to {_OPPOSITE[wanted]} to roll it back, or"
            " leave it out"
        )
    back = _OPPOSITE[wanted] if wanted else state
    return Listed(list(labels), back, _warnings(table, records, file), labels)


def _require_tenant(table: Table, tenant: str | None) -> None:
    """A report of another tenant rolls nothing back. An id and a domain name of one tenant cannot be compared."""
    theirs = str(table.head.get("tenant") or "").casefold()
    ours = (tenant or "").casefold()
    if theirs and ours and theirs != ours and is_object_id(theirs) is is_object_id(ours):
        raise ListError("is a report of another tenant ('tenant' in the file is not 'tenant_id'), so it is not used")


def _warnings(table: Table, records: list[_Record], file: str) -> list[str]:
    unverified = sum(record.possible for record in records)
    warnings = []
    if table.head.get("finished") is False:
        warnings.append(f"{file} is the report of a run that did not finish.")
    if unverified:
        warnings.append(
            f"{file}: {unverified} users were planned or written to without verification. They are rolled back where"
            " their state is no longer the previous one."
        )
    return warnings


def _is_report(table: Table) -> bool:
    """Whether a file is one of our reports, also one that has lost columns."""
    return not {*_OURS, _OF_AN_AUDIT}.isdisjoint({*table.headings, *map(key_of, table.head)})


def _cells(table: Table, row: Row) -> dict[str, str]:
    """The cells of a report's row without invisible characters; JSON says once whether it was check mode."""
    cells = {key: visible(cell) for key, cell in row.cells.items()}
    if "check_mode" in table.head:
        cells["checkmode"] = str(table.head["check_mode"])
    return cells


def _state_of(table: Table, rows: list[tuple[str, dict[str, str]]]) -> str | None:
    """The state that the run set. JSON says it once, CSV in every row; else the users that it changed show it."""
    bad: list[str] = []
    states: set[str | None]
    if "desiredstate" in table.headings:
        bad = [place for place, cells in rows if cells.get("desiredstate") not in _OPPOSITE]
        states = {cells.get("desiredstate") for _place, cells in rows}
    elif "state" in table.head:
        states = {str(table.head["state"])}
    else:
        shown = [cells.get("state") for _place, cells in rows if cells.get("changed", "").casefold() == "true"]
        states = {ENABLED if state == READY else DISABLED for state in shown if state}
    if _OF_PHONES in table.headings or not states.isdisjoint((PRESENT, ABSENT, MIXED)):
        raise ListError("is a report about phone numbers, which says nothing about SMS sign-in to roll back")
    if not bad and not states <= set(_OPPOSITE):
        raise ListError("is a report whose 'state' is neither enabled nor disabled, so it is not used")
    if bad:
        raise ListError(f"is a report without a desired state at {positions(bad)}, so it is not used")
    if len(states) > 1:
        raise ListError("is a report with two desired states, so it is not used")
    return next(iter(states), None)


def _record(place: str, cells: Mapping[str, str], wanted: str | None) -> _Record:
    """A row that can be trusted. Raises ListError for a check mode run and for anything that is not plain."""
    if _truth("check_mode", cells, place):
        raise ListError("is a report of a check mode run, which changed no user")
    changed = _truth("changed", cells, place)
    outcome = cells.get("outcome")
    if "written" not in cells and outcome == FAILED and not changed:
        # The run may have changed this user without verification.
        raise ListError(f"is a report without the column 'written' for the failed user at {place}, so it is not used")
    written = "written" in cells and _truth("written", cells, place)
    fitting = outcome in (CHANGED, FAILED) if changed else outcome in (*KINDS, PLANNED) and outcome != CHANGED
    if not fitting:
        raise ListError(f"is a report with an outcome at {place} that no run writes, so it is not used")
    possible = not changed and (written or outcome == PLANNED) and _was_other(cells.get("previousstate"), wanted)
    user = _plain_cell(cells.get("user", ""))
    name = next((text for text in (cells.get("id", ""), user) if _addresses(text)), "")
    if not name and (changed or possible):
        raise ListError(f"is a report with neither an id nor a user at {place}, so it is not used")
    label = user if "@" in user and can_be_name(user) else ""
    return _Record(plain_name(name), label, changed, possible)


def _truth(column: str, cells: Mapping[str, str], place: str) -> bool:
    word = cells.get(key_of(column), "").casefold()
    if word not in ("true", "false"):
        raise ListError(f"is a report in which '{column}' is neither true nor false at {place}, so it is not used")
    return word == "true"


def _was_other(previous: str | None, wanted: str | None) -> bool:
    """Whether the user was in the other state before the run, as far as the report says."""
    if previous is None or wanted is None:
        return True
    return (previous == READY) is (wanted == DISABLED)


def _addresses(text: str) -> bool:
    """Whether a user can be found by it later: a name may be masked, and `me` may be another user by then."""
    return is_object_id(text) or ("@" in text and "********" not in text and can_be_name(text))


def _plain_cell(cell: str) -> str:
    """A cell without the quote that keeps a spreadsheet from taking it for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA else cell
