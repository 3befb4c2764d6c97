# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""JSON reports in files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from .._errors import InvalidFile
from .._files import LARGEST, read_regular_file, shown_path
from ._html._source import Report, read_report


def read_reports(option: str, paths: Sequence[str]) -> dict[str, Report]:
    """Reports by path; a file with the bytes of another one counts once. Raises InvalidFile."""
    known: dict[bytes, str] = {}
    reports = {}
    for path in paths:
        file = f"'{option}': {shown_path(path)}"
        try:
            data = read_regular_file(path, LARGEST)
        except OSError as error:
            raise InvalidFile(f"{file} cannot be read: {error.strerror}.") from None
        digest = hashlib.sha256(data).digest()
        if digest not in known:
            known[digest] = path
            reports[path] = read_report(data, file)
    return reports
