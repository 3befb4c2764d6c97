# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""SMS sign-in, enabled or disabled: the one place where it is decided whether a user is written to.

The states are Graph's `authenticationMethodSignInState` (phoneAuthenticationMethod resource page).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Optional

from .._domain import _reasons as reasons
from .._domain._numbers import digits_of
from .._domain._states import (
    DISABLED,
    ENABLED,
    NO_MOBILE_PHONE,
    NOT_ALLOWED_BY_POLICY,
    NOT_CONFIGURED,
    NOT_ENABLED,
    NOT_SUPPORTED,
    PHONE_NUMBER_NOT_UNIQUE,
    READY,
)
from .._domain._targets import Target
from .._domain._words import Words
from .._entra._phone_methods import Phone, parse_phone, read_request, reason_of, write_request
from .._graph._messages import REFUSED, UNAUTHORIZED, Reply
from ._goal import REFUSE, SATISFIED, WRITE, Facts, Permission, Step

_Row = dict[str, tuple[str, Optional[str]]]

# For each state the verdict and a reason: why it is REFUSE, or the refusal to expect if a WRITE has no effect.
_WHEN_ENABLED: _Row = {
    READY: (SATISFIED, None),
    NOT_ENABLED: (WRITE, None),
    NOT_CONFIGURED: (WRITE, None),
    # From a past attempt; the account that held the number may have released it.
    PHONE_NUMBER_NOT_UNIQUE: (WRITE, reasons.PHONE_NUMBER_NOT_UNIQUE),
    NOT_ALLOWED_BY_POLICY: (REFUSE, reasons.NOT_ALLOWED_BY_POLICY),
    NOT_SUPPORTED: (REFUSE, reasons.NOT_SUPPORTED),
    NO_MOBILE_PHONE: (REFUSE, reasons.NO_MOBILE_PHONE),
}
_WHEN_DISABLED: _Row = {state: (SATISFIED, None) for state in _WHEN_ENABLED}
_WHEN_DISABLED[READY] = (WRITE, None)
_TABLE = {ENABLED: _WHEN_ENABLED, DISABLED: _WHEN_DISABLED}
_ACTIONS = {ENABLED: "enable", DISABLED: "disable"}
_FORESEEN = {ENABLED: READY, DISABLED: NOT_ENABLED}

_SATISFIED = {
    READY: "SMS sign-in is enabled.",
    NO_MOBILE_PHONE: "There is no mobile phone to sign in with.",
    NOT_ALLOWED_BY_POLICY: "SMS sign-in is blocked by policy. It may work again if the policy changes.",
}

BLOCKED = "blocked by policy"
STATES = tuple(_WHEN_ENABLED)
"""All states that this version knows."""


def says_of(state: str | None) -> str:
    """A sentence about SMS sign-in of a user in `state`."""
    if state not in STATES:
        return f"Graph reports a state that this version does not know ({state})."
    return _SATISFIED.get(state, f"SMS sign-in is not enabled ({state}).")


_UNREAD: Mapping[str, Any] = MappingProxyType({"other_methods": None})


class SmsSignInView:
    """What is read of a user: a Phone."""

    may_read = Permission(reasons.MAY_READ, reasons.TO_READ)
    unread = Phone(None)
    read = staticmethod(read_request)
    parse = staticmethod(parse_phone)
    reason_of = staticmethod(reason_of)

    def facts(self, before: Phone, now: Phone) -> Facts:
        return Facts(now.state, before.state, now.number or before.number, _UNREAD)


class SmsSignIn(SmsSignInView):
    """`desired` is ENABLED or DISABLED."""

    may_write = Permission(reasons.MAY_WRITE, reasons.TO_WRITE)
    reads_again = False
    clash = reasons.PHONE_NUMBER_NOT_UNIQUE

    def __init__(self, desired: str) -> None:
        self.desired = desired
        self.words = Words(
            changed=desired,
            unchanged=f"already {desired}",
            would=f"would be {desired}",
            planned=f"To be {desired}.",
            phase="switching",
        )

    def decide(self, target: Target, state: Phone) -> Step:
        verdict, reason = _TABLE[self.desired].get(state.state or "", (REFUSE, reasons.UNKNOWN_STATE))
        if verdict == SATISFIED:
            # The policy blocks it, which does not confirm that it is disabled.
            blocked = state.state == NOT_ALLOWED_BY_POLICY
            return Step(SATISFIED, says=says_of(state.state), counts_as=BLOCKED if blocked else "")
        if verdict == REFUSE:
            return Step(REFUSE, reason=reason)
        return Step(
            WRITE,
            _ACTIONS[self.desired],
            reason,
            says=f"SMS sign-in was {self.desired}.",
            would=f"SMS sign-in would be {self.desired}.",
            foreseen=state._replace(state=_FORESEEN[self.desired]),
        )

    @staticmethod
    def blocked(state: Phone) -> bool:
        """Whether the policy refuses the user in `state`, which may pass when an edit of it has arrived."""
        return state.state == NOT_ALLOWED_BY_POLICY

    write = staticmethod(write_request)

    def had_no_effect(self, reply: Reply) -> bool:
        return reply.verdict in (REFUSED, UNAUTHORIZED)

    def moved(self, before: Phone, now: Phone) -> bool:
        """An unknown state is no evidence of a change."""
        known = now.state in _WHEN_ENABLED
        return known and (before.state == READY) is not (now.state == READY)

    def claim(self, state: Phone) -> str | None:
        """A number signs in one user only."""
        return digits_of(state.number) if state.state == READY else None

    def still(self, state: Phone) -> str:
        return f"The state is still {state.state}."

    def difference(self, entry: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        number = entry["phone_number"]
        return (
            {"smsSignInState": entry["previous_state"], "phone_number": number},
            {"smsSignInState": entry["state"], "phone_number": number},
        )
