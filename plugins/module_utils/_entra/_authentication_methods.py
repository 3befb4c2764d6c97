# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""All authentication methods of a user, with which the user could sign in besides SMS.

Graph does not list certificates, federated sign-in or hardware tokens here: a user with only these seems to have
nothing (authenticationMethod resource page).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from sys import intern
from typing import Any

from .._domain._redaction import redact_name
from .._graph._messages import Reply, Request, whole_list
from ._users import user_path

PASSWORD = "password"
TEMPORARY_ACCESS_PASS = "temporaryAccessPass"
MICROSOFT_AUTHENTICATOR = "microsoftAuthenticator"

METHODS = (
    *("fido2", "windowsHelloForBusiness", "platformCredential", "qrCodePin", MICROSOFT_AUTHENTICATOR),
    *(TEMPORARY_ACCESS_PASS, "softwareOath", "email", PASSWORD, "external"),
)
"""The words for methods other than phones, in the order in which entries list them."""

USABLE = ("fido2", "windowsHelloForBusiness", "platformCredential", "qrCodePin")
"""Methods that sign a user in and that no phone network is needed for."""

BOUND_TO_A_DEVICE = ("windowsHelloForBusiness", "platformCredential")

MAY_READ_METHODS = tuple(
    f"UserAuthenticationMethod.{verb}{reach}" for reach in (".All", "") for verb in ("Read", "ReadWrite")
)
TO_READ_METHODS = "UserAuthenticationMethod.Read.All"
"""What to grant; permissions for phone methods do not cover this."""

Methods = tuple[str, ...]
"""Words of METHODS, and raw names of types that this version does not know; phones are left out."""

_NAMESPACE = "#microsoft.graph."
_SUFFIX = "AuthenticationMethod"
_PHONE = "phone"
_UNTYPED = "unknown"
_LONGEST_NAME = 100


def methods_request(address: str) -> Request:
    return Request("GET", user_path(address) + "/authentication/methods")


def parse_methods(reply: Reply, now: datetime) -> Methods | None:
    """The methods in an OK reply, each word once; None when the body is not a whole list of methods.

    A temporary access pass is listed only while it is usable, by the service's clock or else at `now`.
    """
    items = whole_list(reply.body)
    if items is None:
        return None
    at = _time_of(reply) or now
    found = {word for item in items for word in _word(item, at)}
    known = [word for word in METHODS if word in found]
    return (*known, *sorted(found.difference(METHODS)))


def _word(item: Mapping[str, Any], now: datetime) -> Iterator[str]:
    kind = item.get("@odata.type")
    if not isinstance(kind, str) or not kind:
        yield _UNTYPED
        return
    word = kind[len(_NAMESPACE) : -len(_SUFFIX)] if kind.startswith(_NAMESPACE) and kind.endswith(_SUFFIX) else ""
    if word not in (*METHODS, _PHONE):
        yield intern(redact_name(kind.lstrip("#"))[:_LONGEST_NAME])
    elif word != _PHONE and (word != TEMPORARY_ACCESS_PASS or _usable(item, now)):
        yield intern(word)


def _usable(item: Mapping[str, Any], now: datetime) -> bool:
    """Whether a temporary access pass can be used now. What Graph does not say counts against it."""
    if item.get("isUsable") is not True:
        return False
    start, minutes = _moment(item.get("startDateTime")), item.get("lifetimeInMinutes")
    if start is None or isinstance(minutes, bool) or not isinstance(minutes, int):
        return item.get("startDateTime") is None
    try:
        return start <= now < start + timedelta(minutes=minutes)
    except OverflowError:
        return False


def _moment(text: Any) -> datetime | None:
    """An OData time in UTC, to the second."""
    try:
        return datetime.strptime(str(text)[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    except ValueError:
        return None


def _time_of(reply: Reply) -> datetime | None:
    try:
        found = parsedate_to_datetime(reply.headers["date"])
    except (KeyError, TypeError, ValueError):
        return None
    return found if found.tzinfo else None


def only_password(methods: Methods) -> bool:
    """Whether nothing but a password and phones is registered."""
    return set(methods) <= {PASSWORD}


def of_use(methods: Methods, wanted: Collection[str]) -> list[str]:
    """Those of `methods` that are wanted. A type that this version does not know never counts."""
    return [word for word in methods if word in wanted and word in METHODS]


def caveat(useful: Collection[str]) -> str:
    """What to know about `useful` methods where no better one is among them; empty if one is."""
    if not set(useful) <= set().union(*_CAVEATS):
        return ""
    return " ".join(
        text.format(" and ".join(word for word in group if word in useful))
        for group, text in _CAVEATS.items()
        if not set(group).isdisjoint(useful)
    )


_CAVEATS: Mapping[tuple[str, ...], str] = {
    BOUND_TO_A_DEVICE: "Bound to the device where it was registered: {}.",
    (MICROSOFT_AUTHENTICATOR,): "Microsoft Authenticator may be registered for push only, which needs a password too.",
    (TEMPORARY_ACCESS_PASS,): "A temporary access pass expires.",
    ("softwareOath", "email", "external"): "Cannot sign the user in alone: {}.",
}
"""What is said of methods that replace SMS sign-in in part (authentication overview page)."""
