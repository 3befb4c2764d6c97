# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/reports/authenticationMethods/userRegistrationDetails: who registered which method, and nothing about sign-in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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
_CONTEXT = "reports/authenticationMethods/userRegistrationDetails"
_Test = Callable[..., bool]


def read(state: State, call: Call) -> Reply:
    """E11. Disabled users, and those who never registered anything, are missing."""
    caller = call.authenticated()
    other = state.switches.report_accepts_method_permission and caller.granted & permissions.METHOD_READ
    if not caller.may(permissions.REPORT_READ) and not other:
        raise GraphError(
            403,
            "Authentication_MSGraphPermissionMissing",
            "The principal does not have required Microsoft Graph permission(s).",
            reason="the token lacks the permission",
        )
    given = options(call, "$filter", "$select", "$top", "$skiptoken")
    tests = _tests(given["$filter"]) if "$filter" in given else []
    listed = [
        (user, methods)
        for user in state.directory.users()
        if (methods := _methods(user, stale=state.switches.report_stale)) and all(test(user, methods) for test in tests)
    ]
    names = select(given.get("$select"), tuple(_PROPERTIES), tuple(_PROPERTIES), "userRegistrationDetails")
    frame, some = page(call, listed, state.switches, state.graph_url, _CONTEXT)
    rows = [{name: _PROPERTIES[name](user, methods) for name in names} for user, methods in some]
    return Reply(200, {**frame, "value": rows})


def _methods(user: User, *, stale: bool) -> list[str]:
    """The methods that make the report list a user; none if it does not."""
    source = user.spec if stale else user
    return [name for key, name in _METHODS.items() if getattr(source, key)] if source.enabled else []


def _tests(text: str) -> list[_Test]:
    """The clauses of a $filter; raises GraphError for one that is not understood."""
    tests: list[_Test] = []
    for clause in _AND.split(text):
        if match := _ANY.fullmatch(clause):
            if match[1] != match[2]:
                raise bad_filter(text)
            tests.append(lambda user, methods, wanted=match[3]: wanted in methods)
        else:
            for name, value in equalities(clause, _EQUAL).items():
                tests.append(lambda user, methods, name=name, value=value: _PROPERTIES[name](user, methods) == value)
    return tests


_PROPERTIES: Mapping[str, Callable[[User, list[str]], Any]] = {
    "id": lambda user, methods: user.id,
    "userPrincipalName": lambda user, methods: user.name,
    "userDisplayName": lambda user, methods: user.display_name,
    "userType": lambda user, methods: "guest" if user.spec.guest else "member",
    "isAdmin": lambda user, methods: user.spec.admin,
    "isMfaCapable": lambda user, methods: True,
    "isMfaRegistered": lambda user, methods: True,
    "isPasswordlessCapable": lambda user, methods: False,
    "isSsprCapable": lambda user, methods: False,
    "isSsprEnabled": lambda user, methods: False,
    "isSsprRegistered": lambda user, methods: True,
    "isSystemPreferredAuthenticationMethodEnabled": lambda user, methods: False,
    "systemPreferredAuthenticationMethods": lambda user, methods: [],
    "userPreferredMethodForSecondaryAuthentication": lambda user, methods: "sms",
    "methodsRegistered": lambda user, methods: methods,
    "lastUpdatedDateTime": lambda user, methods: "2026-01-01T00:00:00Z",
}
