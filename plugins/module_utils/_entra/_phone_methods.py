# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The mobile phone method of a user: read its state, switch SMS sign-in, understand a refusal."""

from __future__ import annotations

from typing import NamedTuple

from .._domain import _reasons as reasons
from .._goals._sms_sign_in import NO_MOBILE_PHONE
from .._graph._messages import LOST, OK, RETRY, THROTTLED, Reply, Request
from ._users import user_path

MOBILE = "3179e48a-750b-4051-897c-87b9720928f7"
"""The id of every user's mobile phone method (phoneAuthenticationMethod resource page)."""

_ACTIONS = {"enable": "enableSmsSignIn", "disable": "disableSmsSignIn"}

_REASONS_BY_CODE = {
    "phonenumbernotunique": reasons.PHONE_NUMBER_NOT_UNIQUE,
    "disabledbypolicy": reasons.NOT_ALLOWED_BY_POLICY,
    "notallowedbypolicy": reasons.NOT_ALLOWED_BY_POLICY,
    "notsupported": reasons.NOT_SUPPORTED,
}
_REASONS_BY_GENERIC_CODE = {
    "accessdenied": reasons.FORBIDDEN,
    "authorization_requestdenied": reasons.FORBIDDEN,
    "request_resourcenotfound": reasons.USER_NOT_FOUND,
}
# Wording seen in the field, for answers whose code is generic or says nothing; compared in lower case, in this order.
_REASONS_BY_TEXT = (
    ("credential policy is not enabled", reasons.NOT_ALLOWED_BY_POLICY),
    ("not unique", reasons.PHONE_NUMBER_NOT_UNIQUE),
)
_BACK_END = "no http resource was found"
"""A 404 of the service behind Graph, which does not depend on the user."""


class Phone(NamedTuple):
    """What a read showed. `state` is Graph's word, NO_MOBILE_PHONE, or None when Graph gave none."""

    state: str | None
    number: str | None = None

    def __repr__(self) -> str:
        return f"Phone({self.state!r})"


def read_request(address: str) -> Request:
    """Lists the phone methods. Unlike a read of one method, this distinguishes no phone from no user."""
    return Request("GET", user_path(address) + "/authentication/phoneMethods")


def write_request(address: str, action: str) -> Request:
    """`action` is `enable` or `disable`. The answer is a 204, which does not show the new state."""
    return Request("POST", f"{user_path(address)}/authentication/phoneMethods/{MOBILE}/{_ACTIONS[action]}")


def parse_phone(reply: Reply) -> Phone | None:
    """The mobile phone out of an OK reply; None when the body is not a list of phone methods."""
    methods = reply.body.get("value")
    if not isinstance(methods, list):
        return None
    for method in methods:
        if isinstance(method, dict) and (method.get("id") == MOBILE or method.get("phoneType") == "mobile"):
            state, number = method.get("smsSignInState"), method.get("phoneNumber")
            return Phone(state if isinstance(state, str) else None, number if isinstance(number, str) else None)
    return Phone(NO_MOBILE_PHONE)


def explain(reason: str, reply: Reply | None) -> str:
    """What `reason` means for a user, and what `reply` said. A service that was not reached needs no support case."""
    if reply is None or reply.verdict == OK:
        return reasons.SENTENCES[reason]
    if reason == reasons.SERVICE_ERROR and reply.verdict == LOST:
        return f"No answer came from Microsoft Graph. {reply.quoted} Run again."
    return f"{reasons.SENTENCES[reason]} {reply.quoted}"


def why(reply: Reply) -> str:
    """The reason of a reply that is no success: by specific code, then wording, then generic code, then status.

    The status alone says something about the user only if Graph itself answered.
    """
    if reply.verdict == THROTTLED:
        return reasons.THROTTLED
    if reply.verdict in (RETRY, LOST) or not reply.genuine:
        return reasons.SERVICE_ERROR
    text = reply.text.casefold()
    known = (
        *(_REASONS_BY_CODE[code] for code in reply.codes if code in _REASONS_BY_CODE),
        *(reason for wording, reason in _REASONS_BY_TEXT if wording in text),
        *(_REASONS_BY_GENERIC_CODE[code] for code in reply.codes if code in _REASONS_BY_GENERIC_CODE),
    )
    if known:
        return known[0]
    if reply.status in (401, 403):
        return reasons.FORBIDDEN
    if reply.status == 404 and _BACK_END not in text:
        return reasons.USER_NOT_FOUND
    return reasons.SERVICE_ERROR
