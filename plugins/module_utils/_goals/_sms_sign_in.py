# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""What a state means for what is wanted: the one place where it is decided whether a user is written to.

The states are Graph's `authenticationMethodSignInState` (phoneAuthenticationMethod resource page).
"""

from __future__ import annotations

from typing import NamedTuple, Optional

from .._domain import _reasons as reasons

READY = "ready"
NOT_ENABLED = "notEnabled"
NOT_CONFIGURED = "notConfigured"
NOT_ALLOWED_BY_POLICY = "notAllowedByPolicy"
PHONE_NUMBER_NOT_UNIQUE = "phoneNumberNotUnique"
NOT_SUPPORTED = "notSupported"
NO_MOBILE_PHONE = "noMobilePhone"
"""Ours: the user has no mobile phone method at all."""

ENABLED = "enabled"
DISABLED = "disabled"
PREVIOUS = "previous"
"""The desired state of a roll-back: the opposite of the state that the run of a report set."""

_Row = dict[Optional[str], tuple[str, Optional[str]]]

_WHEN_ENABLED: _Row = {
    READY: ("nothing", None),
    NOT_ENABLED: ("enable", None),
    NOT_CONFIGURED: ("enable", None),
    # From a past attempt; the account that held the number may have released it.
    PHONE_NUMBER_NOT_UNIQUE: ("enable", reasons.PHONE_NUMBER_NOT_UNIQUE),
    NOT_ALLOWED_BY_POLICY: ("refuse", reasons.NOT_ALLOWED_BY_POLICY),
    NOT_SUPPORTED: ("refuse", reasons.NOT_SUPPORTED),
    NO_MOBILE_PHONE: ("refuse", reasons.NO_MOBILE_PHONE),
}
_WHEN_DISABLED: _Row = {state: ("nothing", None) for state in _WHEN_ENABLED}
_WHEN_DISABLED[READY] = ("disable", None)
_TABLE = {ENABLED: _WHEN_ENABLED, DISABLED: _WHEN_DISABLED}


class Decision(NamedTuple):
    """`action` is `nothing`, `enable`, `disable` or `refuse`.

    `reason` says why a user is refused; on an `enable` it is the refusal to expect if the one attempt does not take.
    """

    action: str
    reason: str | None = None

    @property
    def writes(self) -> bool:
        return self.action in ("enable", "disable")


def decide(state: str | None, wanted: str) -> Decision:
    """What to do about a user in `state` (Graph's word, NO_MOBILE_PHONE, or None if Graph gave none)."""
    action, reason = _TABLE[wanted].get(state, ("refuse", reasons.UNKNOWN_STATE))
    return Decision(action, reason)


def reached(state: str | None, wanted: str) -> bool:
    """Whether a read of `state` verifies the `wanted` one. An unknown state verifies nothing."""
    return decide(state, wanted).action == "nothing"


def predicted(wanted: str) -> str:
    """The state that a check mode run foresees of a user who would be written to."""
    return READY if wanted == ENABLED else NOT_ENABLED
