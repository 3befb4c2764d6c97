# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""SMS sign-in as an audit reads it, alone or with all other methods of a user.

The list of all methods holds the phones with their states, so one request for each user is enough for both.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import NamedTuple

from .._domain import _reasons as reasons
from .._entra._authentication_methods import (
    MAY_READ_METHODS,
    TO_READ_METHODS,
    Methods,
    methods_request,
    only_password,
    parse_methods,
)
from .._entra._phone_methods import Phone, parse_phone, read_request, reason_of
from .._graph._messages import OK, Reply, Request
from ._goal import Facts, Permission
from ._sms_sign_in import says_of


class Audited(NamedTuple):
    """`methods` is None where they were not read."""

    phone: Phone
    methods: Methods | None = None


class SmsSignInAudit:
    """`other_methods`: whether all methods of a user are read, which takes another permission."""

    unread = Audited(Phone(None))

    def __init__(self, other_methods: bool, now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> None:
        self._other_methods = other_methods
        self._now = now
        self.may_read = (
            Permission(MAY_READ_METHODS, TO_READ_METHODS)
            if other_methods
            else Permission(reasons.MAY_READ, reasons.TO_READ)
        )

    def read(self, address: str) -> Request:
        return methods_request(address) if self._other_methods else read_request(address)

    def parse(self, reply: Reply) -> Audited | None:
        """None also for a mobile phone without a state: then it is not known whether SMS sign-in is on."""
        phone = parse_phone(reply)
        if phone is None or phone.state is None:
            return None
        return Audited(phone, parse_methods(reply, self._now()) if self._other_methods else None)

    def reason_of(self, reply: Reply) -> str:
        return reasons.UNKNOWN_STATE if reply.verdict == OK else reason_of(reply)

    def facts(self, before: Audited, now: Audited) -> Facts:
        methods = now.methods
        return Facts(
            now.phone.state,
            before.phone.state,
            now.phone.number,
            {
                "other_methods": None if methods is None else list(methods),
                "only_password": None if methods is None else only_password(methods),
            },
            says_of(now.phone.state) if now.phone.state else "",
        )
