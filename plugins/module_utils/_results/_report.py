# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Report files: every outcome of a run, written so that the record of an earlier run is never lost."""

from __future__ import annotations

import csv
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .._errors import SUPPORT_KEYS, InvalidOptions
from .._files import replace_file, require_replaceable, shown_path
from . import _outcomes as outcomes
from ._html._schema import SCHEMA_VERSION
from ._outcomes import OF_A_RUN, Outcome
from ._undo import FORMULA, holds_changes

SAVE_EVERY = 10.0
"""Seconds between two attempts to save a report during a run."""

_COLUMNS = (
    *("user", "id", "outcome", "state", "previous_state", "desired_state", "changed", "written", "failed", "reason"),
    *("msg", "phone_number"),
)
_LAST_COLUMNS = (*SUPPORT_KEYS, "check_mode")
"""Between them are the further keys of entries, such as the numbers of all phones."""

_OF_A_RUN = frozenset({*OF_A_RUN, "outcome", "desired_state", "written", "check_mode"})
"""Keys that the report of an audit lacks: a report that has them is one of a run, which can be rolled back."""


class ReportFile:
    """Every outcome of a run in one file, CSV, JSON or HTML by its ending; mode 0600, replaced as a whole each time.

    A reader finds the last complete state at any moment, also after the run was killed.

    A report of an earlier run that changed users can roll it back, so it is never overwritten. A run that writes
    to users moves it to `NAME.1.csv` (the first free number) before it saves its own plan. A run in check mode, or one
    that changed no user, leaves it in place and is saved as `NAME.check-mode.csv` or `NAME.unchanged.csv`.
    """

    def __init__(
        self,
        path: str,
        check_mode: bool,
        wanted: str | None,
        head: Mapping[str, Any] | None = None,
        warn: Callable[[str], None] = lambda text: None,
        summarise: Callable[[Sequence[Outcome]], Mapping[str, Any]] = outcomes.summarise,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`wanted` is the desired state, None for an audit. `head` is what JSON says about the run besides.

        `summarise` makes its summary.

        Raises InvalidOptions for another ending and for a path that is anything but a regular or a new file.
        """
        self._path = path
        self._check_mode = check_mode
        self._wanted = wanted
        self._head = head or {}
        self._warn = warn
        self._summarise = summarise
        self._clock = clock
        self._planned = False
        self._warned = False
        self._tried_at: float | None = None
        # Where the report of an earlier run was moved to, and where this one was saved last.
        self._moved: str | None = None
        self._saved_as = path
        self._render = {".csv": self._csv, ".json": self._json, ".html": self._html}.get(
            os.path.splitext(path)[1].lower()
        )
        if self._render is None:
            raise InvalidOptions(f"'report_path' must end in .csv, .json or .html: {shown_path(path)}.")
        try:
            require_replaceable(path)
        except OSError as error:
            raise self._not_written(error) from None
        # What was at the path when this run looked last; the path, if another run writes there too; and whether the
        # report of an earlier run is there, which must be kept.
        self._seen = _identity(path)
        self._shared: str | None = None
        self._keeps = holds_changes(path)

    @property
    def notice(self) -> str | None:
        """Where the report is, or the earlier one, if not where the option says."""
        if self._shared is not None:
            return (
                f"Another run writes its report to {shown_path(self._shared)} too. The report of this run is"
                f" {shown_path(self._saved_as)}. Give each run and each tenant a 'report_path' of its own."
            )
        if self._moved is not None:
            return (
                "'report_path' was the report of a run that changed users. It is kept as"
                f" {shown_path(self._moved)}; to roll that run back, use that file."
            )
        if self._saved_as != self._path:
            return (
                "'report_path' is the report of a run that changed users, so it is kept. The report of this run is"
                f" {shown_path(self._saved_as)}."
            )
        return None

    def save_now_and_then(self, run_outcomes: Callable[[], Sequence[Outcome]]) -> None:
        """Save at the first call, which has the plan, and when the last attempt is older than SAVE_EVERY.

        Raises InvalidOptions when the plan cannot be written. A later failure is one warning and ends no run.
        """
        if self._tried_at is not None and self._clock() - self._tried_at < SAVE_EVERY:
            return
        try:
            self.save(run_outcomes(), finished=False)
        except InvalidOptions as error:
            if not self._planned:
                raise
            if not self._warned:
                self._warn(error.message)
            self._warned = True
        self._planned = True

    def finish(self, run_outcomes: Sequence[Outcome]) -> InvalidOptions | None:
        """Save the last state, and warn if the report is not where the option says. What went wrong, if anything."""
        try:
            self.save(run_outcomes, finished=True)
        except InvalidOptions as unsaved:
            return unsaved
        if self.notice:
            self._warn(self.notice)
        return None

    def save(self, run_outcomes: Sequence[Outcome], finished: bool) -> None:
        """Raises InvalidOptions when the file cannot be written."""
        self._tried_at = self._clock()
        render = self._render
        try:
            path = self._place(run_outcomes)
            replace_file(path, render(run_outcomes, finished) if render else ())
        except OSError as error:
            raise self._not_written(error) from None
        self._saved_as = path
        if path == self._path:
            self._seen = _identity(path)

    def _place(self, run_outcomes: Sequence[Outcome]) -> str:
        """The file for this state of the run; moves the record of an earlier run out of the way, and back.

        What another run has put there meanwhile is left to that run.
        """
        if self._shared is None and _identity(self._path) != self._seen and holds_changes(self._path):
            self._shared = self._path
            self._path, self._keeps, self._moved = _first_free(self._path), False, None
        if not self._keeps:
            return self._path
        if not self._check_mode and any(_may_have_changed(outcome) for outcome in run_outcomes):
            if self._moved is None:
                moved = _first_free(self._path)
                os.replace(self._path, moved)
                self._moved = moved
            return self._path
        if self._moved is not None:
            os.replace(self._moved, self._path)
            self._moved, self._seen = None, _identity(self._path)
        beside = _beside(self._path, "check-mode" if self._check_mode else "unchanged")
        return _first_free(beside) if holds_changes(beside) else beside

    def _not_written(self, error: OSError) -> InvalidOptions:
        return InvalidOptions(f"'report_path' cannot be written: {shown_path(self._path)}: {error.strerror}.")

    # Line by line: the text of a report on many users would take more memory than everything else together.

    def _json(self, run_outcomes: Sequence[Outcome], finished: bool) -> Iterator[str]:
        yield json.dumps(self._headed(run_outcomes, finished), indent=1)[: -len("\n}")] + ',\n "users": ['
        for number, outcome in enumerate(run_outcomes):
            yield (",\n  " if number else "\n  ") + json.dumps(self._entry(outcome))
        yield "\n ]\n}\n"

    def _html(self, run_outcomes: Sequence[Outcome], finished: bool) -> Iterator[str]:
        # Imported where asked for: few runs need it.
        from ._html._page import page
        from ._html._source import report_of

        document = {**self._headed(run_outcomes, finished), "users": [self._entry(outcome) for outcome in run_outcomes]}
        yield page([report_of(document)]).text

    def _headed(self, run_outcomes: Sequence[Outcome], finished: bool) -> dict[str, Any]:
        return {
            "schema_version": SCHEMA_VERSION,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "check_mode": self._check_mode,
            "state": self._wanted,
            "finished": finished,
            **self._head,
            "summary": self._summarise(run_outcomes),
        }

    def _csv(self, run_outcomes: Sequence[Outcome], _finished: bool) -> Iterator[str]:
        # All cells are quoted: a spreadsheet that splits at semicolons must not find a formula behind one.
        writer = csv.writer(_Line(), quoting=csv.QUOTE_ALL)
        more = dict.fromkeys(key for outcome in run_outcomes for key in outcome.more)
        columns = [
            column
            for column in dict.fromkeys((*_COLUMNS, *more, *_LAST_COLUMNS))
            if self._wanted is not None or column not in _OF_A_RUN
        ]
        yield writer.writerow(columns)
        same = {"check_mode": self._check_mode, "desired_state": self._wanted}
        for outcome in run_outcomes:
            entry = self._entry(outcome)
            row = {**same, **(entry["support"] or {}), **entry}
            yield writer.writerow([_cell(row.get(column)) for column in columns])

    def _entry(self, outcome: Outcome) -> dict[str, Any]:
        entry = {"outcome": outcome.kind, "written": outcome.written, **outcome.entry()}
        if self._wanted is None:
            entry = {key: value for key, value in entry.items() if key not in _OF_A_RUN}
        return entry


class _Line:
    """What csv.writer writes to: its `writerow` returns what this returns."""

    def write(self, line: str) -> str:
        return line


def _may_have_changed(outcome: Outcome) -> bool:
    return outcome.kind in (outcomes.CHANGED, outcomes.PLANNED) or outcome.written


def _identity(path: str) -> tuple[int, int] | None:
    """What differs between a file at a path and another that replaced it; None without a file."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    # Not the inode, which some network file systems change.
    return found.st_size, found.st_mtime_ns


def _beside(path: str, word: str) -> str:
    root, ending = os.path.splitext(path)
    return f"{root}.{word}{ending}"


def _first_free(path: str) -> str:
    number = 1
    while os.path.lexists(_beside(path, str(number))):
        number += 1
    return _beside(path, str(number))


def _cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    text = _text(value)
    return "'" + text if text[:1] in FORMULA else text


def _text(value: Any) -> str:
    """Lists in one cell: `mobile ********01, office ********99`."""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value))
    if isinstance(value, Mapping):
        return " ".join(_text(part) for part in value.values() if part is not None)
    return str(value)
