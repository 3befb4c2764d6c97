# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""A JSON report, checked as a whole: what the page knows of a run or an audit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..._domain._outcomes import FAILED, KINDS, PLANNED, REFUSED
from ..._domain._redaction import mask_phone_number
from ..._domain._states import DISABLED, ENABLED
from ..._errors import InvalidFile

SCHEMA_VERSION = 1
"""The version of the JSON report that is written and read."""

READ = "read"
"""The outcome of a user whose state an audit has read."""

AUDIT, DRY_RUN, APPLIED = "audit", "dry run", "applied"

_OUTCOMES = (*KINDS, PLANNED, READ)
_MASKED = re.compile(r"\*{8}\d{0,2}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class User(NamedTuple):
    """One user. `support` has the main values for a support case; `methods` is None when they were not read."""

    user: str
    id: str | None
    outcome: str
    state: str | None
    previous_state: str | None
    reason: str | None
    msg: str | None
    phone_number: str | None
    written: bool
    support: str
    methods: list[str] | None
    only_password: bool


class Report(NamedTuple):
    """`mode` is AUDIT, DRY_RUN or APPLIED, `desired` the desired state of a run; None is unknown."""

    tenant: str | None
    cloud: str | None
    time: str | None
    mode: str
    desired: str | None
    finished: bool
    version: str | None
    scope: Mapping[str, Any]
    sms_only: int | None
    users: list[User]

    def state_read(self, user: User) -> str | None:
        """The last state that was read; a dry run has a predicted state besides."""
        return user.previous_state if self.mode == DRY_RUN else user.state


def read_report(data: bytes, file: str) -> Report:
    """The report in the bytes of a file; `file` begins the message. Raises InvalidFile."""
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise InvalidFile(f"{file} is not a JSON report: it is not valid JSON.") from None
    return checked(document, file)


def checked(document: Any, file: str) -> Report:
    """The report in a JSON document. Raises InvalidFile for what no module of this collection has written."""
    _require_ours(document, file)
    desired, sms_only, scope = _text(document.get("state")), document["summary"].get("sms_only"), document.get("scope")
    time = _text(document.get("time"))
    return Report(
        tenant=_text(document.get("tenant")),
        cloud=_text(document.get("cloud")),
        time=time if time and _TIME.fullmatch(time) else None,
        mode=AUDIT if desired is None else DRY_RUN if document["check_mode"] else APPLIED,
        desired=desired,
        finished=document.get("finished") is not False,
        version=_text(document.get("collection_version")),
        scope=scope if isinstance(scope, dict) else {},
        sms_only=sms_only if isinstance(sms_only, int) else None,
        users=[_user(entry, f"{file}: entry {number}") for number, entry in enumerate(document["users"], 1)],
    )


def _require_ours(document: Any, file: str) -> None:
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
    if state is not None and (state not in (ENABLED, DISABLED) or not isinstance(document.get("check_mode"), bool)):
        raise InvalidFile(f"{file} is not a JSON report of this collection: 'state' or 'check_mode' has another value.")
    if not users:
        raise InvalidFile(f"{file} lists no user, so there is nothing to show.")
    if summary.get("total") != len(users):
        raise InvalidFile(f"{file} is not complete: the total of its summary is not the number of its users.")


def _user(entry: Any, place: str) -> User:
    if not isinstance(entry, dict) or not _text(entry.get("user")):
        raise InvalidFile(f"{place} of 'users' has no 'user'.")
    reason = _text(entry.get("reason"))
    # An audit has no outcome of its own.
    outcome = entry.get("outcome", FAILED if entry.get("failed") is True else REFUSED if reason else READ)
    if outcome not in _OUTCOMES:
        raise InvalidFile(f"{place} of 'users' has an outcome that this version of the collection does not know.")
    number, methods = _text(entry.get("phone_number")), entry.get("other_methods")
    return User(
        user=entry["user"],
        id=_text(entry.get("id")),
        outcome=outcome,
        state=_text(entry.get("state")),
        previous_state=_text(entry.get("previous_state")),
        reason=reason,
        msg=_text(entry.get("msg")),
        phone_number=number if number and _MASKED.fullmatch(number) else mask_phone_number(number),
        written=entry.get("written") is True,
        support=_support(entry.get("support")),
        methods=[method for method in methods if _text(method)] if isinstance(methods, list) else None,
        only_password=entry.get("only_password") is True,
    )


def _support(values: Any) -> str:
    if not isinstance(values, dict):
        return ""
    found = (values.get(key) for key in ("status", "code", "request_id", "date"))
    return " ".join(str(value) for value in found if isinstance(value, (str, int)))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
