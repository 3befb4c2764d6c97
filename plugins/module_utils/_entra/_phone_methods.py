# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The mobile phone method of a user: read its state, switch SMS sign-in, interpret a refusal."""

from __future__ import annotations

from typing import NamedTuple

from .._domain import _reasons as reasons
from .._domain._states import NO_MOBILE_PHONE
from .._graph._messages import Reply, Request
from ._refusals import reason_of as refusal_of
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
# Wording seen in the field, for answers whose code is generic or says nothing; compared in lower case, in this order.
_REASONS_BY_TEXT = (
    ("credential policy is not enabled", reasons.NOT_ALLOWED_BY_POLICY),
    ("not unique", reasons.PHONE_NUMBER_NOT_UNIQUE),
)


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


def reason_of(reply: Reply) -> str:
    """The reason of a reply that is no success."""
    return refusal_of(reply, _REASONS_BY_CODE, _REASONS_BY_TEXT)
