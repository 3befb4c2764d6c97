# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""JSON reports in files -> one HTML file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from typing import Any

from .._errors import EntraError, InvalidOptions
from .._files import read_regular_file, replace_file, require_replaceable, same_file, shown_path
from ._html._compare import earlier_report
from ._html._page import MOST_BYTES, page
from ._html._text import count
from ._read_reports import read_reports


def render(
    sources: Sequence[str], dest: str, earlier: Sequence[str], check_mode: bool, warn: Callable[[str], None]
) -> dict[str, Any]:
    """What the result of the module `report` has of its own; writes `dest` outside check mode when its content differs.

    Raises InvalidOptions for paths that cannot be used, InvalidFile for files that are no reports.
    """
    _require_usable(sources, dest, earlier)
    reports = list(read_reports("src", sources).values())
    older = read_reports("compare", earlier)
    for path, one in older.items():
        if not any(earlier_report(report, [one]) for report in reports):
            warn(f"'compare': {shown_path(path)} is not used: no report in 'src' is of its tenant and newer.")
    made = page(reports, list(older.values()))
    before, after = _content(dest), made.text.encode("utf-8")
    changed = before != after
    if changed and not check_mode:
        try:
            replace_file(dest, [made.text])
        except OSError as error:
            raise _not_written(dest, error) from None
    users = sum(len(report.users) for report in reports)
    what = f"{count(len(reports), 'report', 'reports')} with {count(users, 'user', 'users')}"
    return {
        "changed": changed,
        "msg": _message(changed, check_mode, what),
        "reports": len(reports),
        "users": users,
        "users_omitted": made.omitted,
        "diff": {side: _described(content) for side, content in (("before", before), ("after", after))},
    }


def _require_usable(sources: Sequence[str], dest: str, earlier: Sequence[str]) -> None:
    if not sources:
        raise InvalidOptions("'src' names no file. Set it to one or more JSON reports.")
    if os.path.splitext(dest)[1].lower() != ".html":
        raise InvalidOptions(f"'dest' must end in .html: {shown_path(dest)}.")
    for path in (*sources, *earlier):
        if same_file(path, dest):
            raise InvalidOptions(f"'dest' is one of the reports to read: {shown_path(dest)}.")
    try:
        require_replaceable(dest)
        os.stat(os.path.dirname(os.path.abspath(dest)))
    except OSError as error:
        raise _not_written(dest, error) from None


def _content(path: str) -> bytes | None:
    """What is in a file that may be replaced; None when there is nothing that could be the same."""
    try:
        return read_regular_file(path, MOST_BYTES)
    except OSError:
        return None


def _described(content: bytes | None) -> str:
    """For a diff: the page itself would be too much."""
    return "" if content is None else f"{len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}\n"


def _message(changed: bool, check_mode: bool, what: str) -> str:
    if not changed:
        return f"The page already shows {what}."
    return f"The page {'would show' if check_mode else 'shows'} {what}."


def _not_written(dest: str, error: OSError) -> EntraError:
    return InvalidOptions(f"'dest' cannot be written: {shown_path(dest)}: {error.strerror}.")
