# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""What a JSON report must have, so that it is trusted as a whole or refused."""

from __future__ import annotations

from typing import Any

from ..._domain._phone_entries import ABSENT, MIXED, PRESENT
from ..._domain._states import DISABLED, ENABLED
from ..._errors import InvalidFile

SCHEMA_VERSION = 1
"""Of the JSON report, written and read. It grows when a key changes its meaning."""

_STATES = (ENABLED, DISABLED, PRESENT, ABSENT, MIXED)


def require_ours(document: Any, file: str) -> None:
    if not isinstance(document, dict) or "schema_version" not in document:
        raise InvalidFile(f"{file} is not a JSON report of this collection: it has no schema_version.")
    if document["schema_version"] is True or document["schema_version"] != SCHEMA_VERSION:
        raise InvalidFile(
            f"{file} has a schema_version that this version of the collection does not know; it reads"
            f" {SCHEMA_VERSION}. Use the version of the collection that wrote the file, or a newer one."
        )
    summary, users, state = (document.get(key) for key in ("summary", "users", "state"))
    if not isinstance(summary, dict) or not isinstance(users, list):
        raise InvalidFile(f"{file} is not a JSON report of this collection: 'summary' or 'users' is missing.")
    if state is not None and (state not in _STATES or not isinstance(document.get("check_mode"), bool)):
        raise InvalidFile(f"{file} is not a JSON report of this collection: 'state' or 'check_mode' has another value.")
    if summary.get("total") != len(users):
        raise InvalidFile(f"{file} is not complete: the total of its summary is not the number of its users.")
