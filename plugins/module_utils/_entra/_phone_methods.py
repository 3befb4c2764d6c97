# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The phone methods of a user: read them, change a number, switch SMS sign-in, interpret a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .._domain import _reasons as reasons
from .._domain._numbers import ALTERNATE_MOBILE, MOBILE, OFFICE, PHONE_TYPES
from .._domain._states import NO_MOBILE_PHONE
from .._domain._targets import key
from .._graph._messages import Reply, Request, whole_list
from ._refusals import reason_of as refusal_of
from ._users import user_path

METHOD_IDS = {
    MOBILE: "3179e48a-750b-4051-897c-87b9720928f7",
    ALTERNATE_MOBILE: "b6332ec1-7057-4abe-9331-3d72feddfe41",
    OFFICE: "e37fc753-ff3b-4958-9484-eaa9425c82bc",
}
"""A user has at most one phone of each type, and its id is the same for all users (phoneAuthenticationMethod resource
page).
"""

_TYPES = {method_id: phone_type for phone_type, method_id in METHOD_IDS.items()}
_TYPES_BY_NAME = {phone_type.casefold(): phone_type for phone_type in PHONE_TYPES}

_ACTIONS = {"enable": "enableSmsSignIn", "disable": "disableSmsSignIn"}

_REASONS_BY_CODE = {
    "phonenumbernotunique": reasons.PHONE_NUMBER_NOT_UNIQUE,
    "disabledbypolicy": reasons.NOT_ALLOWED_BY_POLICY,
    "notallowedbypolicy": reasons.NOT_ALLOWED_BY_POLICY,
    "notsupported": reasons.NOT_SUPPORTED,
}
# Wording seen in the field, for answers with a generic code or none; compared in lower case, in this order.
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


class PhoneMethod(NamedTuple):
    """`number` is as the service shows it, which may be masked; `state` is its `smsSignInState`."""

    phone_type: str
    number: str | None = None
    state: str | None = None

    def __repr__(self) -> str:
        return f"PhoneMethod({self.phone_type!r}, {self.state!r})"


class Phones(NamedTuple):
    """All phone methods of a user, in the order of PHONE_TYPES; types that this version does not know come last."""

    methods: tuple[PhoneMethod, ...] = ()

    def get(self, phone_type: str) -> PhoneMethod | None:
        return next((method for method in self.methods if method.phone_type == phone_type), None)

    @property
    def state(self) -> str | None:
        """The `smsSignInState` of the mobile phone, NO_MOBILE_PHONE without one."""
        mobile = self.get(MOBILE)
        return NO_MOBILE_PHONE if mobile is None else mobile.state


def read_request(address: str) -> Request:
    """Lists the phone methods. Unlike a read of one method, this distinguishes no phone from no user."""
    return Request("GET", _path(address))


def write_request(address: str, action: str) -> Request:
    """`action` is `enable` or `disable`. The answer is a 204, which does not show the new state."""
    return Request("POST", f"{_method_path(address, MOBILE)}/{_ACTIONS[action]}")


def add_request(address: str, phone_type: str, number: str) -> Request:
    """Adds a phone of a type that the user does not have. `number` is as `parse_number` gives it.

    The service attempts SMS sign-in with a new mobile number by itself. It can answer 409 although it stored the
    number, so the answer shows less than a read.
    """
    return Request("POST", _path(address), body=_body(phone_type, number))


def change_request(address: str, phone_type: str, number: str) -> Request:
    """Replaces the number of a phone. The service attempts SMS sign-in as it does for a new number."""
    return Request("PATCH", _method_path(address, phone_type), body=_body(phone_type, number))


def remove_request(address: str, phone_type: str) -> Request:
    return Request("DELETE", _method_path(address, phone_type))


def _path(address: str) -> str:
    return f"{user_path(address)}/authentication/phoneMethods"


def _method_path(address: str, phone_type: str) -> str:
    return f"{_path(address)}/{METHOD_IDS[phone_type]}"


def _body(phone_type: str, number: str) -> dict[str, str]:
    return {"phoneNumber": number, "phoneType": phone_type}


def parse_phone(reply: Reply) -> Phone | None:
    """The mobile phone out of an OK reply; None when the body is not a list of phone methods, or has two mobile phones.

    A list without a mobile phone shows that there is none only if all of it can be read.
    """
    methods = _readable(reply)
    mobiles = [method for method in methods or () if method.phone_type == MOBILE]
    if methods is None or len(mobiles) > 1 or not (mobiles or _is_whole(reply)):
        return None
    return Phone(mobiles[0].state, mobiles[0].number) if mobiles else Phone(NO_MOBILE_PHONE)


def parse_phones(reply: Reply) -> Phones | None:
    """All phone methods out of an OK reply; None when the body is not a whole list of phone methods.

    None also for two phones of one type that differ: which of them counts is not known.
    """
    methods = _readable(reply) if _is_whole(reply) else None
    if methods is None or len({method.phone_type for method in methods}) < len(methods):
        return None
    return Phones(methods)


def _is_whole(reply: Reply) -> bool:
    """Whether a reply lists authentication methods of known kinds or types only, and has no next page."""
    methods = whole_list(reply.body)
    return methods is not None and all(
        isinstance(method.get("id"), str) and (_type_of(method) or _is_no_phone(method)) for method in methods
    )


def _is_no_phone(method: Mapping[str, Any]) -> bool:
    """Whether this is another kind of method, which the list of all methods has beside the phones."""
    kind = method.get("@odata.type")
    return isinstance(kind, str) and "phone" not in kind.casefold()


def _readable(reply: Reply) -> tuple[PhoneMethod, ...] | None:
    """The phone methods in a body, equal ones once."""
    given = reply.body.get("value")
    if not isinstance(given, list):
        return None
    found = list(dict.fromkeys(_method(one) for one in given if isinstance(one, dict)))
    known = [method for phone_type in PHONE_TYPES for method in found if method.phone_type == phone_type]
    return (*known, *(method for method in found if method.phone_type not in PHONE_TYPES))


def _method(given: Mapping[str, Any]) -> PhoneMethod:
    number, state = given.get("phoneNumber"), given.get("smsSignInState")
    return PhoneMethod(
        _type_of(given),
        number if isinstance(number, str) else None,
        state if isinstance(state, str) else None,
    )


def _type_of(given: Mapping[str, Any]) -> str:
    """The type by the id, which Graph compares without case, else as given; empty if it is not given."""
    named = given.get("phoneType")
    name = named if isinstance(named, str) else ""
    return _TYPES.get(key(str(given.get("id")))) or _TYPES_BY_NAME.get(key(name), name)


def reason_of(reply: Reply) -> str:
    """The reason of a failed request."""
    return refusal_of(reply, _REASONS_BY_CODE, _REASONS_BY_TEXT)
