# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""SMS sign-in as an audit reads it, alone or with all other methods of a user.

The list of all methods holds the phones with their states, so one request for each user is enough for both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any, NamedTuple

from .._domain import _reasons as reasons
from .._domain._states import READY
from .._entra._authentication_methods import (
    MAY_READ_METHODS,
    TO_READ_METHODS,
    Methods,
    caveat,
    methods_request,
    of_use,
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
    """`usable` are the methods that count as another way to sign in; None if other methods are not read.

    Reading them takes another permission.
    """

    unread = Audited(Phone(None))

    def __init__(
        self, usable: Sequence[str] | None, now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    ) -> None:
        self._usable = usable
        self._now = now
        # One mapping for all users with the same methods, since there may be many users.
        self._more: dict[Methods | None, Mapping[str, Any]] = {}
        self.may_read = (
            Permission(reasons.MAY_READ, reasons.TO_READ)
            if usable is None
            else Permission(MAY_READ_METHODS, f"{TO_READ_METHODS} (for 'other_methods')")
        )

    def read(self, address: str) -> Request:
        return read_request(address) if self._usable is None else methods_request(address)

    def parse(self, reply: Reply) -> Audited | None:
        """None also for a mobile phone without a state, and for other methods that are not listed as a whole.

        Then it is not known whether SMS sign-in is on, or whether the user has another method.
        """
        phone = parse_phone(reply)
        methods = None if self._usable is None else parse_methods(reply, self._now())
        if phone is None or phone.state is None or (self._usable is not None and methods is None):
            return None
        return Audited(phone, methods)

    def reason_of(self, reply: Reply) -> str:
        return reasons.UNKNOWN_STATE if reply.verdict == OK else reason_of(reply)

    def facts(self, before: Audited, now: Audited) -> Facts:
        state = now.phone.state
        more = self._more.get(now.methods)
        if more is None:
            more = self._more[now.methods] = _more(now.methods)
        return Facts(state, before.phone.state, now.phone.number, more, self._says(state, now.methods))

    def _says(self, state: str | None, methods: Methods | None) -> str:
        if state != READY or methods is None:
            return says_of(state)
        useful = of_use(methods, self._usable or ())
        return " ".join(filter(None, (says_of(state), caveat(useful) if useful else "No usable other method.")))


def _more(methods: Methods | None) -> Mapping[str, Any]:
    if methods is None:
        return MappingProxyType({"other_methods": None, "only_password": None})
    return MappingProxyType({"other_methods": list(methods), "only_password": only_password(methods)})
