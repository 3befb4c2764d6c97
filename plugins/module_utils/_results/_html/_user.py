# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""A user of a JSON report."""

from __future__ import annotations

import re
from sys import intern
from typing import Any, NamedTuple

from ..._domain._redaction import mask_phone_number
from ..._errors import InvalidFile
from .._outcomes import FAILED, KINDS, PLANNED, REFUSED

READ = "read"
"""The outcome of a user whose state an audit has read."""

_OUTCOMES = (*KINDS, PLANNED, READ)
_MASKED = re.compile(r"\*{8}\d{0,2}")


class User(NamedTuple):
    """One user. `support` has the main values for a support case; `methods` is None when they were not read.

    `phones` and `previous_phones` list masked numbers of a report about phone numbers; None when they were not read.
    """

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
    phones: str | None
    previous_phones: str | None


def user_of(entry: Any, place: str) -> User:
    if not isinstance(entry, dict) or not text_of(entry.get("user")):
        raise InvalidFile(f"{place} of 'users' has no 'user'.")
    reason = _shared(entry.get("reason"))
    # An audit has no outcome of its own.
    outcome = entry.get("outcome", FAILED if entry.get("failed") is True else REFUSED if reason else READ)
    if outcome not in _OUTCOMES:
        raise InvalidFile(f"{place} of 'users' has an outcome that this version of the collection does not know.")
    methods = entry.get("other_methods")
    return User(
        user=entry["user"],
        id=text_of(entry.get("id")),
        outcome=outcome,
        state=_shared(entry.get("state")),
        previous_state=_shared(entry.get("previous_state")),
        reason=reason,
        msg=_shared(entry.get("msg")),
        phone_number=_masked(entry.get("phone_number")),
        written=entry.get("written") is True,
        support=_support(entry.get("support")),
        methods=[method for method in methods if text_of(method)] if isinstance(methods, list) else None,
        only_password=entry.get("only_password") is True,
        phones=_phones(entry.get("phones")),
        previous_phones=_phones(entry.get("previous_phones")),
    )


def _masked(value: Any) -> str | None:
    number = text_of(value)
    return number if number and _MASKED.fullmatch(number) else mask_phone_number(number)


def _phones(values: Any) -> str | None:
    if not isinstance(values, list):
        return None
    phones = [phone for phone in values if isinstance(phone, dict)]
    return ", ".join(f"{text_of(phone.get('phone_type'))} {_masked(phone.get('phone_number'))}" for phone in phones)


def _shared(value: Any) -> str | None:
    """A text that many users have: kept once, to save memory."""
    text = text_of(value)
    return intern(text) if text else None


def _support(values: Any) -> str:
    if not isinstance(values, dict):
        return ""
    found = (values.get(key) for key in ("status", "code", "request_id", "date"))
    return " ".join(str(value) for value in found if isinstance(value, (str, int)))


def text_of(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
