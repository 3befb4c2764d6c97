# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Report files: every outcome of a run, and the people in them for another run."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ._domain import _outcomes as outcomes
from ._domain._outcomes import Outcome
from ._domain._targets import entries
from ._errors import InvalidOptions
from ._files import replace_file

SAVE_EVERY = 10.0
"""Seconds between two states of a report file while a run goes on."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

_SUPPORT = ("status", "code", "request_id", "client_request_id", "date")
_COLUMNS = (
    *("user", "id", "outcome", "state", "previous_state", "changed", "failed", "reason", "msg", "phone_number"),
    *_SUPPORT,
    "check_mode",
)


class ReportFile:
    """Every outcome of a run in one file, CSV or JSON by its ending; mode 0600, replaced as a whole each time.

    A reader at any moment, also after the run was killed, finds the last complete state.
    """

    def __init__(self, path: str, check_mode: bool, wanted: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises InvalidOptions for an ending that is neither `.csv` nor `.json`."""
        self._path = path
        self._check_mode = check_mode
        self._wanted = wanted
        self._clock = clock
        self._saved_at: float | None = None
        self._render = {".csv": self._csv, ".json": self._json}.get(os.path.splitext(path)[1].lower())
        if self._render is None:
            raise InvalidOptions(f"'report_path' has to end in .csv or .json: {path}.")

    def save_now_and_then(self, run_outcomes: Callable[[], Sequence[Outcome]]) -> None:
        """Save at the first call, and when the last state is older than SAVE_EVERY. Raises InvalidOptions."""
        if self._saved_at is None or self._clock() - self._saved_at >= SAVE_EVERY:
            self.save(run_outcomes(), finished=False)

    def save(self, run_outcomes: Sequence[Outcome], finished: bool) -> None:
        """Raises InvalidOptions when the file cannot be written."""
        render = self._render
        try:
            replace_file(self._path, render(run_outcomes, finished) if render else ())
        except OSError as error:
            raise InvalidOptions(f"'report_path' cannot be written: {self._path}: {error.strerror}.") from None
        self._saved_at = self._clock()

    # Line by line: the text of a report on everybody would take more memory than all else together.

    def _json(self, run_outcomes: Sequence[Outcome], finished: bool) -> Iterator[str]:
        head = {
            "check_mode": self._check_mode,
            "state": self._wanted,
            "finished": finished,
            "written": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "summary": outcomes.summarise(run_outcomes),
        }
        yield json.dumps(head, indent=1)[: -len("\n}")] + ',\n "users": ['
        for number, outcome in enumerate(run_outcomes):
            yield (",\n  " if number else "\n  ") + json.dumps({"outcome": outcome.kind, **outcome.entry()})
        yield "\n ]\n}\n"

    def _csv(self, run_outcomes: Sequence[Outcome], _finished: bool) -> Iterator[str]:
        writer = csv.writer(_Line())
        yield writer.writerow(_COLUMNS)
        for outcome in run_outcomes:
            row = {
                "outcome": outcome.kind,
                "check_mode": self._check_mode,
                **(outcome.support or {}),
                **outcome.entry(),
            }
            yield writer.writerow([_cell(row.get(column)) for column in _COLUMNS])


class _Line:
    """What csv.writer writes to: its `writerow` returns what this returns."""

    def write(self, line: str) -> str:
        return line


def _cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    text = str(value)
    return "'" + text if text[:1] in _FORMULA else text


def names_from(path: str) -> list[str]:
    """The people in a file, by id where it has one: all in a text or CSV file, those who changed in a report of ours.

    A text file has one name a line. A CSV file needs one of the columns `id`, `user`, `userPrincipalName`. A report is
    known by its columns or keys. Raises InvalidOptions for a report of a dry run, which changed nobody, for a file
    that cannot be read, and for one in which no names are to be found.
    """
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            text = file.read()
        ending = os.path.splitext(path)[1].lower()
        if ending == ".json":
            return _names_from_json(json.loads(text), path)
        return _names_from_csv(text, path) if ending == ".csv" else entries([text])
    except OSError as error:
        raise InvalidOptions(f"'users_from' cannot be read: {path}: {error.strerror}.") from None
    except (ValueError, csv.Error, RecursionError):
        raise InvalidOptions(f"'users_from' is not the text, CSV or JSON that its ending promises: {path}.") from None


def _names_from_json(report: Any, path: str) -> list[str]:
    people = report.get("users") if isinstance(report, dict) else None
    if not isinstance(people, list) or not all(isinstance(one, dict) for one in people) or "check_mode" not in report:
        raise InvalidOptions(f"'users_from' is JSON, and no report of this module: {path}.")
    if report["check_mode"]:
        raise _dry_run(path)
    return entries(one.get("id") or one.get("user") or "" for one in people if one.get("outcome") == outcomes.CHANGED)


def _names_from_csv(text: str, path: str) -> list[str]:
    rows = csv.DictReader(io.StringIO(text, newline=""), skipinitialspace=True)
    columns = rows.fieldnames = [column.strip().lower() for column in rows.fieldnames or ()]
    known = [column for column in ("id", "user", "userprincipalname") if column in columns]
    if not known:
        raise InvalidOptions(f"'users_from' has none of the columns id, user and userPrincipalName: {path}.")
    people = list(rows)
    if {"outcome", "check_mode"} <= set(columns):
        # A spreadsheet that saves the file writes TRUE.
        if any((row["check_mode"] or "").strip().lower() == "true" for row in people):
            raise _dry_run(path)
        people = [row for row in people if row["outcome"] == outcomes.CHANGED]
    found = [next((row[column] for column in known if (row[column] or "").strip()), "") for row in people]
    return entries(_plain(name) for name in found)


def _dry_run(path: str) -> InvalidOptions:
    return InvalidOptions(f"'users_from' is the report of a dry run, which changed nobody: {path}.")


def _plain(cell: str) -> str:
    """What `_cell` made a spreadsheet harmless for, as it was."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA else cell
