# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Why a user or a run failed, and what to do about it. Names are part of the modules' contract.

Each reason is defined once, here; `docs/reasons.md` and the pages in `docs/reasons` show the same texts.
"""

from __future__ import annotations

from typing import NamedTuple

USER, PHONES, RUN = "user", "phones", "run"


class Reason(NamedTuple):
    """`of` is USER, PHONES (of a user too, and only where phone numbers are managed) or RUN.

    `message` says what is wrong, `next_step` what to do; options in them are in single quotes. A `tolerable` one is a
    refusal known from reading, which `tolerate` can accept; the others are faults.
    """

    name: str
    of: str
    message: str
    next_step: str
    tolerable: bool


ALL: dict[str, Reason] = {}
"""By name, in the order of the documentation."""


def _reason(of: str, name: str, message: str, next_step: str, tolerable: bool = False) -> str:
    ALL[name] = Reason(name, of, message, next_step, tolerable)
    return name


NO_MOBILE_PHONE = _reason(
    USER, "no_mobile_phone", "The user has no mobile phone registered.", "Register one first.", tolerable=True
)
NOT_ALLOWED_BY_POLICY = _reason(
    USER,
    "not_allowed_by_policy",
    "The tenant's SMS policy does not let this user sign in.",
    "Include the user in a target of the SMS authentication method policy with 'Use for sign-in', and check that the"
    " user is in no exclude target.",
    tolerable=True,
)
PHONE_NUMBER_NOT_UNIQUE = _reason(
    USER,
    "phone_number_not_unique",
    "Another account signs in with the same number; a deleted account may still hold it.",
    "Disable SMS sign-in there or register another number.",
    tolerable=True,
)
NOT_SUPPORTED = _reason(
    USER,
    "not_supported",
    "This phone method cannot be used to sign in.",
    "Only a primary mobile phone can.",
    tolerable=True,
)
USER_NOT_FOUND = _reason(
    USER,
    "user_not_found",
    "No such user in this tenant.",
    "Check the user principal name (a mail address can differ from it), or give the object id.",
    tolerable=True,
)
ACCOUNT_DISABLED = _reason(
    USER,
    "account_disabled",
    "The account is disabled.",
    "Enable it, or name the user in 'users' to try anyway.",
    tolerable=True,
)
GUEST = _reason(
    USER,
    "guest",
    "The account is a guest, and SMS sign-in does not support guests.",
    "Exclude it, or name it in 'users' to try.",
    tolerable=True,
)
PRIVILEGED_USER = _reason(
    USER,
    "privileged_user",
    "The registration report lists the user as an administrator, whom 'exclude_admins' leaves alone.",
    "Change administrators one at a time, in a task of their own.",
    tolerable=True,
)
NOT_IN_REPORT = _reason(
    USER,
    "not_in_report",
    "The registration report does not show whether the user is an administrator, as 'exclude_admins' has to know.",
    "The report lags and leaves out disabled accounts: run again later, or check the roles of the user and change it in"
    " a task of its own.",
    tolerable=True,
)
NO_OTHER_METHOD = _reason(
    USER,
    "no_other_method",
    "The user has registered none of the methods in 'require_methods', so nothing was disabled.",
    "Have the user register one of them first.",
    tolerable=True,
)
FORBIDDEN = _reason(
    USER,
    "forbidden",
    "Graph does not let this identity manage this user's phone methods.",
    "If the user holds a privileged role, use an identity with a more privileged role.",
)
UNVERIFIED = _reason(
    USER,
    "unverified",
    "The change was sent, but Graph did not show it in time.",
    "Run again; a longer 'verify_timeout' helps if the service is slow.",
)
THROTTLED = _reason(
    USER, "throttled", "The service was too busy to take the request in the time allowed.", "Run again later."
)
UNKNOWN_STATE = _reason(
    USER,
    "unknown_state",
    "Graph reports a state that this version does not know, so nothing was written.",
    "Look at the user in the Entra admin center.",
)
SERVICE_ERROR = _reason(
    USER,
    "service_error",
    "The service failed.",
    "Run again; if that fails, open a support case with the values in 'support'.",
)
SKIPPED = _reason(USER, "skipped", "The run ended before it reached this user.", "See the reason of the task.")

PHONE_NUMBER_UNREADABLE = _reason(
    PHONES,
    "phone_number_unreadable",
    "Graph shows the phone number masked, so it cannot be compared and is never replaced.",
    "Use an identity that sees whole numbers, such as an application.",
    tolerable=True,
)
DEFAULT_METHOD = _reason(
    PHONES,
    "default_method",
    "The phone is the user's default method for multifactor authentication, so it cannot be removed.",
    "Have the user choose another default method first.",
    tolerable=True,
)
NEEDS_MOBILE_PHONE = _reason(
    PHONES,
    "needs_mobile_phone",
    "An alternate mobile phone needs a mobile phone, and the user has none.",
    "Add the mobile phone too.",
    tolerable=True,
)
ALTERNATE_PHONE_EXISTS = _reason(
    PHONES,
    "alternate_phone_exists",
    "The mobile phone cannot be removed while the user has an alternate mobile phone.",
    "Remove the alternate mobile phone too, or change the mobile number to the one to keep and remove the alternate.",
    tolerable=True,
)
INVALID_PHONE_NUMBER = _reason(
    PHONES,
    "invalid_phone_number",
    "The phone number is not valid, so nothing was written.",
    "Give it in quotes: a plus sign, the country code, a blank and the number.",
)
CONFLICTING_ENTRIES = _reason(
    PHONES,
    "conflicting_entries",
    "The input contradicts itself about a phone of this user: two numbers, or present and absent.",
    "Keep one of the entries.",
)

SOME_USERS_FAILED = _reason(
    RUN, "some_users_failed", "The run is complete, and some users failed.", "See 'users' and 'summary.reasons'."
)
INCOMPLETE = _reason(
    RUN,
    "incomplete",
    "'run_timeout' or 'max_failures' ended the run, or the service was too busy for too long.",
    "Run again; finished users are not written to again.",
)
TOO_MANY_CHANGES = _reason(
    RUN,
    "too_many_changes",
    "More users would be written to than 'max_changes' allows, so nothing was written.",
    "Look at the users in check mode without 'max_changes'.",
)
AUTHENTICATION_FAILED = _reason(
    RUN,
    "authentication_failed",
    "There is no token, or Graph does not accept it.",
    "Follow the message, which has the AADSTS code.",
)
PERMISSION_MISSING = _reason(
    RUN,
    "permission_missing",
    "The token lacks a permission that the options need, or Graph refuses this identity for all users that the run"
    " tried.",
    "Grant the permissions in the message, with the consent of an administrator.",
)
LICENCE_MISSING = _reason(
    RUN,
    "licence_missing",
    "The tenant has no licence for the registration report, which the options need.",
    "Get Microsoft Entra ID P1 or P2 for the tenant, or use options that do not need the report.",
)
REPORT_EMPTY = _reason(
    RUN,
    "report_empty",
    "The registration report lists no user with a mobile phone.",
    "The report lags: run again later, or set 'users', 'groups' or 'users_from'.",
)
GROUP_NOT_FOUND = _reason(
    RUN, "group_not_found", "No security group has that name or id.", "Check the spelling, or give the object id."
)
GROUP_AMBIGUOUS = _reason(RUN, "group_ambiguous", "More than one security group has that name.", "Give the object id.")
GROUP_EMPTY = _reason(
    RUN,
    "group_empty",
    "An exclude group, or a group to disable, shows no users.",
    "Check the group; if its membership is hidden, grant 'Member.Read.Hidden'.",
)
EXCLUDE_NOT_FOUND = _reason(
    RUN,
    "exclude_not_found",
    "A user in 'exclude_users' does not exist in this tenant, so nothing was written.",
    "Check the spelling (a mail address can differ from the user principal name), or give the object id.",
)
NOT_AVAILABLE_IN_CLOUD = _reason(
    RUN, "not_available_in_cloud", "The cloud has no SMS sign-in actions, so nothing was sent.", "Check 'cloud'."
)
UNREACHABLE = _reason(
    RUN,
    "unreachable",
    "A host did not answer, or its certificate is not trusted.",
    "Check the network, the proxy variables and 'ca_path'.",
)
INVALID_OPTIONS = _reason(
    RUN,
    "invalid_options",
    "The options or the environment variables are not valid, so nothing was written.",
    "Follow the message.",
)
INVALID_FILE = _reason(
    RUN,
    "invalid_file",
    "A file that an option names cannot be used: it is not a list of users, is a damaged report, or is a report of a"
    " run that changed no user. Nothing was written.",
    "Follow the message; it gives the line and does not repeat the content.",
)
MISSING_LIBRARY = _reason(
    RUN, "missing_library", "A Python library is missing or too old.", "Run the command in the message."
)
INTERNAL_ERROR = _reason(
    RUN,
    "internal_error",
    "There is a bug in the collection. The result and the report show what was done before.",
    "Report it with the message, and run again.",
)

SENTENCES = {reason.name: f"{reason.message} {reason.next_step}" for reason in ALL.values()}
"""Message and next step, to show next to a reason."""

REFUSALS = tuple(reason.name for reason in ALL.values() if reason.tolerable)
"""All that `tolerate` of any module accepts."""

TOLERABLE = tuple(name for name in REFUSALS if ALL[name].of == USER)
"""What `tolerate` accepts where sign-in is managed."""

TOLERABLE_FOR_PHONES = tuple(name for name in REFUSALS if ALL[name].of in (USER, PHONES))
"""What it accepts where phone numbers are managed."""

_FAMILIES = ("UserAuthMethod-Phone", "UserAuthenticationMethod")
"""The two families of permissions that Graph accepts, the narrow one first (tables of the phone method pages)."""

MAY_WRITE = tuple(f"{family}.ReadWrite{reach}" for family in _FAMILIES for reach in (".All", ""))
MAY_READ = MAY_WRITE + tuple(f"{family}.Read{reach}" for family in _FAMILIES for reach in (".All", ""))
"""Any of these will do; those without `.All` reach the signed-in user only."""

TO_WRITE = " or ".join(f"{family}.ReadWrite.All" for family in _FAMILIES)
TO_READ = " or ".join(f"{family}.Read.All" for family in _FAMILIES)
"""What to grant, for a message."""
