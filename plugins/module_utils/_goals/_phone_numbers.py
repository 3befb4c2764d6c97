# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Phone numbers, present or absent: which ones to add, change and remove for a user, and in which order.

Adding or changing a mobile number makes the service attempt SMS sign-in by itself. Its answer can be a refusal although
the number was stored, so only what is read back counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .._domain import _reasons as reasons
from .._domain._numbers import ALTERNATE_MOBILE, MOBILE, OFFICE, PHONE_TYPES, same_number
from .._domain._phone_entries import PhoneList, Wish
from .._domain._redaction import mask_phone_number
from .._domain._states import NOT_ALLOWED_BY_POLICY, NOT_SUPPORTED, PHONE_NUMBER_NOT_UNIQUE, READY
from .._domain._targets import Target, positions
from .._domain._words import Words
from .._entra._phone_methods import (
    PhoneMethod,
    Phones,
    add_request,
    change_request,
    parse_phones,
    read_request,
    reason_of,
    remove_request,
)
from .._graph._messages import REFUSED, UNAUTHORIZED, Reply, Request
from ._goal import REFUSE, SATISFIED, WRITE, Facts, Permission, Step

ADD, CHANGE, REMOVE = "add", "change", "remove"

_DONE = {ADD: "added", CHANGE: "changed", REMOVE: "removed"}
_CALLED = {MOBILE: "mobile", ALTERNATE_MOBILE: "alternate mobile", OFFICE: "office"}

_CONFLICT = 409
_REFUSED_AS: Mapping[bool, Mapping[int, str]] = {
    # By whether a number is removed: the codes of these refusals are not published, only the request differs.
    True: {400: reasons.DEFAULT_METHOD, _CONFLICT: reasons.DEFAULT_METHOD},
    False: {400: reasons.INVALID_PHONE_NUMBER, _CONFLICT: reasons.PHONE_NUMBER_NOT_UNIQUE},
}


class Action(NamedTuple):
    """One write. `verb` is ADD, CHANGE or REMOVE; `number` is None for a removal."""

    verb: str
    phone_type: str
    number: str | None = None

    def __repr__(self) -> str:
        return f"Action({self.verb!r}, {self.phone_type!r})"


class Plan(NamedTuple):
    """All writes that fulfil the wishes for a user, in order; or the reason why none of them is sent."""

    actions: tuple[Action, ...] = ()
    reason: str | None = None


def plan(wishes: Mapping[str, Wish], phones: Phones) -> Plan:
    """Numbers are put before others are removed, so that the user can be reached all the time.

    The mobile comes first of those to put and last of those to remove, since an alternate needs one.
    """
    put: list[Action] = []
    removed: list[Action] = []
    for phone_type in PHONE_TYPES:
        wish, method = wishes.get(phone_type), phones.get(phone_type)
        if wish is None or (method is None and not wish.present):
            continue
        same = same_number(method.number, wish.number) if method is not None and wish.number else False
        if same is None:
            return Plan(reason=reasons.PHONE_NUMBER_UNREADABLE)
        if wish.present and not same:
            put.append(Action(CHANGE if method else ADD, phone_type, wish.number))
        elif not wish.present and (same or wish.number is None):
            removed.insert(0, Action(REMOVE, phone_type))
    actions = (*put, *removed)
    return Plan(actions, _forbidden(phones, actions))


def _forbidden(phones: Phones, actions: Sequence[Action]) -> str | None:
    """The reason for which the service would refuse one of the `actions`: an alternate mobile needs a mobile."""
    types = {method.phone_type for method in phones.methods}
    added = {action.phone_type for action in actions if action.verb == ADD}
    removed = {action.phone_type for action in actions if action.verb == REMOVE}
    after = (types | added) - removed
    if ALTERNATE_MOBILE not in after or MOBILE in after:
        return None
    if ALTERNATE_MOBILE in added:
        return reasons.NEEDS_MOBILE_PHONE
    return reasons.ALTERNATE_PHONE_EXISTS if MOBILE in removed else None


class PhonesView:
    """What is read of a user: Phones, None if that failed."""

    may_read = Permission(reasons.MAY_READ, reasons.TO_READ)
    unread = None
    read = staticmethod(read_request)
    parse = staticmethod(parse_phones)
    reason_of = staticmethod(reason_of)

    def facts(self, before: Phones | None, now: Phones | None) -> Facts:
        mobile = mobile_number(now) or mobile_number(before)
        more = {"phones": shown(now), "previous_phones": shown(before), "holder": None}
        return Facts(now and now.state, before and before.state, mobile, more)


class PhoneAudit(PhonesView):
    """The same, for reading only. With `show_numbers` nothing is masked."""

    def __init__(self, show_numbers: bool) -> None:
        self._show: Callable[[str], str | None] = str if show_numbers else mask_phone_number

    def facts(self, before: Phones | None, now: Phones | None) -> Facts:
        mobile = mobile_number(now)
        more = {"phone_number": mobile and self._show(mobile), "phones": shown(now, self._show)}
        return Facts(now and now.state, before and before.state, mobile, more)


def shown(phones: Phones | None, show: Callable[[str], str | None] = mask_phone_number) -> list[dict[str, Any]] | None:
    """The phones of a user for a result; `show` makes of a number what is shown of it."""
    if phones is None:
        return None
    return [
        {"phone_type": phone_type, "phone_number": number and show(number)}
        for phone_type, number, _state in phones.methods
    ]


def mobile_number(phones: Phones | None) -> str | None:
    mobile = phones.get(MOBILE) if phones is not None else None
    return mobile.number if mobile is not None else None


class PhoneNumbers(PhonesView):
    """The numbers of a list. With `require_unique` a mobile number that several users have in it is refused."""

    may_write = Permission(reasons.MAY_WRITE, reasons.TO_WRITE)
    clash = None
    words = Words(
        changed="changed",
        unchanged="already as requested",
        would="would be changed",
        planned="To be changed.",
        phase="writing",
    )

    def __init__(self, entries: PhoneList, require_unique: bool = False, find_holder: bool = False) -> None:
        self._entries = entries
        self._require_unique = require_unique
        self._find_holder = find_holder

    @property
    def desired(self) -> str:
        return self._entries.state

    @property
    def reads_again(self) -> bool:
        """A removal names the type of phone only, so the number has to be the given one until right before it."""
        return self._entries.removes_given_numbers

    def mobile_number_for(self, target: Target) -> str | None:
        """The mobile number that a user is to get."""
        wish = self._entries.wishes(target.keys).by_type.get(MOBILE)
        return wish.number if wish is not None and wish.present else None

    def decide(self, target: Target, state: Phones) -> Step:
        keys = target.keys
        wishes, flaw = self._entries.wishes(keys)
        if flaw is not None:
            return Step(REFUSE, reason=flaw.reason, says=flaw.says)
        actions, reason = plan(wishes, state)
        if reason is not None:
            return Step(REFUSE, reason=reason)
        if not actions:
            return Step(SATISFIED, says=_as_requested(wishes, state), note=self._note(wishes, state))
        first, others = actions[0], self._others(actions, keys)
        if others and self._require_unique:
            return Step(REFUSE, reason=reasons.PHONE_NUMBER_NOT_UNIQUE, says=others)
        return Step(
            WRITE,
            first,
            refused_as=_REFUSED_AS[first.verb == REMOVE],
            says=f"The {_CALLED[first.phone_type]} number was {_DONE[first.verb]}.",
            would=" ".join(filter(None, (*map(_would, actions), others))),
            foreseen=_foreseen(state, actions),
        )

    def _others(self, actions: Sequence[Action], user_keys: Sequence[str]) -> str:
        """A sentence about entries that give the mobile number to other users too."""
        number = next((action.number for action in actions if action.phone_type == MOBILE), None)
        places = self._entries.others_with(number, user_keys) if number else []
        if not places:
            return ""
        return f"Another user gets the same mobile number ({positions(places)}), and a number signs in one user only."

    def _note(self, wishes: Mapping[str, Wish], state: Phones) -> str:
        """A sentence about a mobile number that is stored and does not sign in its user."""
        if state.state == READY or MOBILE not in wishes or not wishes[MOBILE].present:
            return ""
        if state.state != PHONE_NUMBER_NOT_UNIQUE:
            return f"SMS sign-in is not enabled for the mobile number ({state.state or 'no state given'})."
        return "Another account signs in with the mobile number, so SMS sign-in is not enabled for it." + (
            " 'holder' names it if it was found. Deleted and disabled accounts are not seen."
            if self._find_holder
            else ""
        )

    def write(self, address: str, action: Action) -> Request:
        if action.number is None:
            return remove_request(address, action.phone_type)
        put = add_request if action.verb == ADD else change_request
        return put(address, action.phone_type, action.number)

    def had_no_effect(self, reply: Reply) -> bool:
        """A conflict can come after the number was stored."""
        return reply.verdict in (REFUSED, UNAUTHORIZED) and not (
            reply.status == _CONFLICT or reason_of(reply) == reasons.PHONE_NUMBER_NOT_UNIQUE
        )

    def moved(self, before: Phones | None, now: Phones | None) -> bool:
        """A write can end SMS sign-in without storing its number."""
        if before is None or now is None:
            return False
        return _numbers(before) != _numbers(now) or (before.state == READY) is not (now.state == READY)

    def claim(self, state: Phones) -> None:
        """Several users can have one number. Which of them signs in with it is another setting."""
        return None

    def still(self, state: Phones) -> str:
        return "The service still shows the numbers of before."

    def difference(self, entry: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        return _shown_side(entry, "previous_"), _shown_side(entry, "")


def _shown_side(entry: Mapping[str, Any], when: str) -> dict[str, Any]:
    phones = {phone["phone_type"]: phone["phone_number"] for phone in entry[f"{when}phones"] or ()}
    return {**phones, "smsSignInState": entry[f"{when}state"]}


def _numbers(phones: Phones) -> dict[str, str]:
    """Numbers by type, however they are spelt."""
    return {method.phone_type: "".join((method.number or "").split()) for method in phones.methods}


def _as_requested(wishes: Mapping[str, Wish], state: Phones) -> str:
    kept = [
        f"The {_CALLED[phone_type]} number is another one, so it stays."
        for phone_type, wish in wishes.items()
        if not wish.present and state.get(phone_type)
    ]
    return " ".join(kept or ["The numbers are as requested."])


def _would(action: Action) -> str:
    return f"The {_CALLED[action.phone_type]} number would be {_DONE[action.verb]}."


def _foreseen(state: Phones, actions: Sequence[Action]) -> Phones:
    """The phones after all `actions`. Whether a first mobile number can sign in its user is not known before."""
    methods = {method.phone_type: method for method in state.methods}
    for verb, phone_type, number in actions:
        if verb == REMOVE:
            del methods[phone_type]
        elif phone_type != MOBILE:
            methods[phone_type] = PhoneMethod(phone_type, number, NOT_SUPPORTED)
        else:
            before = methods[MOBILE].state if MOBILE in methods else None
            known = before is None or before in (NOT_ALLOWED_BY_POLICY, NOT_SUPPORTED)
            methods[MOBILE] = PhoneMethod(MOBILE, number, before if known else READY)
    order = [*PHONE_TYPES, *(phone_type for phone_type in methods if phone_type not in PHONE_TYPES)]
    return Phones(tuple(methods[phone_type] for phone_type in order if phone_type in methods))
