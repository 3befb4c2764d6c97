# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Why a user or a run failed, and what to do about it. Names are part of the modules' contract."""

from __future__ import annotations

NO_MOBILE_PHONE = "no_mobile_phone"
NOT_ALLOWED_BY_POLICY = "not_allowed_by_policy"
PHONE_NUMBER_NOT_UNIQUE = "phone_number_not_unique"
NOT_SUPPORTED = "not_supported"
USER_NOT_FOUND = "user_not_found"
ACCOUNT_DISABLED = "account_disabled"
GUEST = "guest"
FORBIDDEN = "forbidden"
UNVERIFIED = "unverified"
THROTTLED = "throttled"
UNKNOWN_STATE = "unknown_state"
SERVICE_ERROR = "service_error"
SKIPPED = "skipped"

TOLERABLE = (
    NO_MOBILE_PHONE,
    NOT_ALLOWED_BY_POLICY,
    PHONE_NUMBER_NOT_UNIQUE,
    NOT_SUPPORTED,
    USER_NOT_FOUND,
    ACCOUNT_DISABLED,
    GUEST,
)
"""Refusals known from reading, which O(tolerate) accepts; the others are faults."""

SOME_USERS_FAILED = "some_users_failed"
INCOMPLETE = "incomplete"
TOO_MANY_CHANGES = "too_many_changes"
GROUP_NOT_FOUND = "group_not_found"
GROUP_AMBIGUOUS = "group_ambiguous"
GROUP_EMPTY = "group_empty"
EXCLUDE_NOT_FOUND = "exclude_not_found"
PERMISSION_MISSING = "permission_missing"
AUTHENTICATION_FAILED = "authentication_failed"
NOT_AVAILABLE_IN_CLOUD = "not_available_in_cloud"
UNREACHABLE = "unreachable"
INVALID_OPTIONS = "invalid_options"
INVALID_FILE = "invalid_file"
MISSING_LIBRARY = "missing_library"
INTERNAL_ERROR = "internal_error"

SENTENCES = {
    NO_MOBILE_PHONE: "The user has no mobile phone registered. Register one first.",
    NOT_ALLOWED_BY_POLICY: (
        "The tenant's SMS policy does not let this user sign in. Include the user in a target of the SMS authentication"
        " method policy with 'Use for sign-in', and check that the user is in no exclude target."
    ),
    PHONE_NUMBER_NOT_UNIQUE: (
        "Another account signs in with the same number; a deleted account may still hold it."
        " Disable SMS sign-in there or register another number."
    ),
    NOT_SUPPORTED: "This phone method cannot be used to sign in. Only a primary mobile phone can.",
    USER_NOT_FOUND: (
        "No such user in this tenant. Check the user principal name (a mail address can differ from it), or give the"
        " object id."
    ),
    ACCOUNT_DISABLED: "The account is disabled. Enable it, or name the user in 'users' to try anyway.",
    GUEST: "The account is a guest, and SMS sign-in does not support guests. Exclude it, or name it in 'users' to try.",
    FORBIDDEN: (
        "Graph does not let this identity manage this user's phone methods. If the user holds a privileged role, use an"
        " identity with a more privileged role."
    ),
    UNVERIFIED: (
        "The service accepted the change, but did not show it in time. Run again; a longer 'verify_timeout' helps if"
        " the service is slow."
    ),
    THROTTLED: "The service was too busy to take the request in the time allowed. Run again later.",
    UNKNOWN_STATE: (
        "Graph reports a state that this version does not know, so nothing was written. Look at the user in the Entra"
        " admin center."
    ),
    SERVICE_ERROR: "The service failed. Run again; if that fails, open a support case with the values in 'support'.",
    SKIPPED: "Not reached.",
}
"""One sentence or two for each reason of a user; what to do next is in it."""

_FAMILIES = ("UserAuthMethod-Phone", "UserAuthenticationMethod")
"""The two families of permissions that Graph accepts, the narrow one first (tables of the phone method pages)."""

MAY_WRITE = tuple(f"{family}.ReadWrite{reach}" for family in _FAMILIES for reach in (".All", ""))
MAY_READ = MAY_WRITE + tuple(f"{family}.Read{reach}" for family in _FAMILIES for reach in (".All", ""))
"""Any of these will do; those without `.All` reach the signed-in user only."""

TO_WRITE = " or ".join(f"{family}.ReadWrite.All" for family in _FAMILIES)
TO_READ = " or ".join(f"{family}.Read.All" for family in _FAMILIES)
"""What to grant, for a message."""
