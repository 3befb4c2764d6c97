# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The words for states: Graph's `authenticationMethodSignInState` (phoneAuthenticationMethod page), and ours."""

from __future__ import annotations

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
