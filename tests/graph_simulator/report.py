# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/reports/authenticationMethods/userRegistrationDetails: who registered which method, and nothing about sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from . import permissions
from .directory import User, registered_as
from .errors import GraphError
from .exchange import Call, Reply
from .odata import context, options, page, refined, select
from .state import State

_PATH = "reports/authenticationMethods/userRegistrationDetails"
_FLAGS = (
    "isMfaCapable", "isMfaRegistered", "isPasswordlessCapable", "isSsprCapable", "isSsprEnabled", "isSsprRegistered",
    "isSystemPreferredAuthenticationMethodEnabled",
)  # fmt: skip
_FILTERS: dict[str, type] = {
    **dict.fromkeys(_FLAGS, bool),
    **dict.fromkeys(
        ("id", "userPrincipalName", "userDisplayName", "userPreferredMethodForSecondaryAuthentication"), str
    ),
    "methodsRegistered": list,
    "systemPreferredAuthenticationMethods": list,
}
# The page promises no $filter on these; released clients send it.
_UNLISTED_FILTERS: dict[str, type] = {"userType": str, "isAdmin": bool}
_PROPERTIES = (
    "id", "userPrincipalName", "userDisplayName", "userType", "isAdmin", "isMfaCapable", "isMfaRegistered",
    "isPasswordlessCapable", "isSsprCapable", "isSsprEnabled", "isSsprRegistered",
    "isSystemPreferredAuthenticationMethodEnabled", "systemPreferredAuthenticationMethods",
    "userPreferredMethodForSecondaryAuthentication", "methodsRegistered", "lastUpdatedDateTime",
)  # fmt: skip


def read(state: State, call: Call) -> Reply:
    """Lists registrations. Disabled users are missing, and users without methods unless a switch says otherwise."""
    _authorised(state, call)
    given = options(call, "$filter", "$select", "$top", "$skiptoken")
    names = select(given.get("$select"), _PROPERTIES, _PROPERTIES, "userRegistrationDetails")
    listed = refined(
        call,
        [
            (user, methods)
            for user in state.directory.users()
            if (methods := _methods(state, user)) or _listed_without(state, user)
        ],
        lambda entry: _row(state, *entry),
        filters=_FILTERS | (_UNLISTED_FILTERS if state.switches.report_filters_unlisted else {}),
        searches=(),
    )
    frame, some = page(call, listed, state.switches, state.graph_url, _PATH, state.switches.report_page_size)
    rows = [_row(state, user, methods) for user, methods in some]
    return Reply(200, {**frame, "value": [{name: row[name] for name in names} for row in rows]})


def read_one(state: State, call: Call, key: str) -> Reply:
    """One user's registration, by object id."""
    _authorised(state, call)
    names = select(options(call, "$select").get("$select"), _PROPERTIES, _PROPERTIES, "userRegistrationDetails")
    user = state.directory.find(key)
    methods = _methods(state, user) if user and user.id == key.lower() else ()
    if user is None or not (methods or _listed_without(state, user)):
        raise GraphError(404, "NotFound", f"No record found for key: {key}", reason="not in the report")
    row = _row(state, user, methods)
    head = {"@odata.context": context(state.graph_url, _PATH, call.query.get("$select"), entity=True)}
    return Reply(200, {**head, **{name: row[name] for name in names}})


def _authorised(state: State, call: Call) -> None:
    caller = call.authenticated()
    other = state.switches.report_accepts_method_permission and caller.granted & permissions.METHOD_READ
    if not caller.may(permissions.REPORT_READ) and not other:
        raise GraphError(
            403,
            state.switches.report_refusal_code,
            "The principal does not have required Microsoft Graph permission(s).",
            reason="the token lacks the permission",
        )
    if not state.switches.premium:
        raise GraphError(
            403,
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
            "Neither tenant is B2C or tenant doesn't have premium license",
            reason="the tenant has no premium licence",
        )


def _methods(state: State, user: User) -> Sequence[str]:
    """The methods that make the report list a user; none if it does not."""
    if state.switches.report_stale:
        return registered_as(user.spec, user.spec.methods) if user.spec.enabled else ()
    return state.directory.registered(user, state.switches.report_lag)


def _listed_without(state: State, user: User) -> bool:
    """Whether the report lists this user even without a method."""
    return state.switches.report_lists_unregistered and user.enabled


def _row(state: State, user: User, methods: Sequence[str]) -> dict[str, Any]:
    updated = state.date() - timedelta(seconds=state.switches.report_lag)
    return {
        "id": user.id,
        "userPrincipalName": user.name,
        "userDisplayName": user.display_name,
        "userType": "guest" if user.spec.guest else "member",
        "isAdmin": user.spec.admin,
        "isMfaCapable": True,
        "isMfaRegistered": True,
        "isPasswordlessCapable": False,
        "isSsprCapable": False,
        "isSsprEnabled": False,
        "isSsprRegistered": True,
        "isSystemPreferredAuthenticationMethodEnabled": False,
        "systemPreferredAuthenticationMethods": [],
        "userPreferredMethodForSecondaryAuthentication": "sms",
        "methodsRegistered": list(methods),
        "lastUpdatedDateTime": updated.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
