# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/reports/authenticationMethods/userRegistrationDetails: who registered which method, and nothing about sign-in."""

from __future__ import annotations

import re
from typing import Any

from . import permissions
from .directory import User
from .errors import GraphError
from .exchange import Call, Reply
from .odata import bad_filter, equalities, options, page, select
from .state import State

_ANY = re.compile(r"\s*methodsRegistered/any\(\s*(\w+)\s*:\s*(\w+)\s+eq\s+'(\w+)'\s*\)\s*")
_AND = re.compile(r"\s+and\s+")
_EQUAL = {"userType": str, "isAdmin": bool, "id": str, "userPrincipalName": str}
_METHODS = {"mobile": "mobilePhone", "alternate_mobile": "alternateMobilePhone", "office": "officePhone"}
_STALE_SINCE = "2026-01-01T00:00:00Z"


def read(state: State, call: Call) -> Reply:
    """E11. Disabled users, and those who never registered anything, are missing."""
    caller = call.authenticated()
    other = state.switches.report_accepts_method_permission and caller.granted & permissions.METHOD_READ
    if not caller.may(permissions.REPORT_READ) and not other:
        raise GraphError(
            403, "Authentication_MSGraphPermissionMissing", "The principal does not have required Microsoft Graph permission(s).",
            reason="the token lacks the permission",
        )  # fmt: skip
    given = options(call, "$filter", "$select", "$top", "$skiptoken")
    rows = [row for user in state.directory.users() if (row := _row(user, stale=state.switches.report_stale))]
    if (text := given.get("$filter")) is not None:
        rows = [row for row in rows if _matches(row, text)]
    frame, some = page(
        call, rows, state.switches, state.graph_url, "reports/authenticationMethods/userRegistrationDetails"
    )
    if (text := given.get("$select")) is not None:
        known = tuple(_row_of("", "", "", False, False, ["x"]))
        names = select(text, known, known, "userRegistrationDetails")
        some = [{name: row[name] for name in names} for row in some]
    return Reply(200, {**frame, "value": some})


def _row(user: User, *, stale: bool) -> dict[str, Any] | None:
    source = user.spec if stale else user
    methods = [name for key, name in _METHODS.items() if getattr(source, key)]
    if not source.enabled or not methods:
        return None
    name = user.spec.display_name or user.name.partition("@")[0]
    return _row_of(user.id, user.name, name, user.spec.guest, user.spec.admin, methods)


def _row_of(user_id: str, upn: str, name: str, guest: bool, admin: bool, methods: list[str]) -> dict[str, Any]:
    return {
        "id": user_id,
        "userPrincipalName": upn,
        "userDisplayName": name,
        "userType": "guest" if guest else "member",
        "isAdmin": admin,
        "isMfaCapable": True,
        "isMfaRegistered": True,
        "isPasswordlessCapable": False,
        "isSsprCapable": False,
        "isSsprEnabled": False,
        "isSsprRegistered": True,
        "isSystemPreferredAuthenticationMethodEnabled": False,
        "systemPreferredAuthenticationMethods": [],
        "userPreferredMethodForSecondaryAuthentication": "sms",
        "methodsRegistered": methods,
        "lastUpdatedDateTime": _STALE_SINCE,
    }


def _matches(row: dict[str, Any], text: str) -> bool:
    for clause in _AND.split(text):
        if match := _ANY.fullmatch(clause):
            if match[1] != match[2]:
                raise bad_filter(text)
            if match[3] not in row["methodsRegistered"]:
                return False
        elif any(row[name] != value for name, value in equalities(clause, _EQUAL).items()):
            return False
    return True
