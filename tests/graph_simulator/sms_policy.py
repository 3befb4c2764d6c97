# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/sms."""

from __future__ import annotations

from . import permissions
from .errors import GraphError
from .exchange import Call, Reply
from .odata import options
from .permissions import Rule
from .policy import Policy
from .state import State

_PATH = "policies/authenticationMethodsPolicy/authenticationMethodConfigurations"


def read(state: State, call: Call, key: str) -> Reply:
    """E8."""
    _authorised(call, key, permissions.POLICY_READ)
    options(call)
    root = f"{state.graph_url}/v1.0/$metadata"
    body = {
        "@odata.context": f"{root}#authenticationMethodConfigurations/$entity",
        **state.directory.policy.body(),
        "includeTargets@odata.context": f"{root}#{_PATH}('Sms')/microsoft.graph.smsAuthenticationMethodConfiguration/"
        "includeTargets",
    }
    return Reply(200, {"value": body} if state.switches.policy_wrapped else body)


def change(state: State, call: Call, key: str) -> Reply:
    """E9."""
    _authorised(call, key, permissions.POLICY_WRITE)
    options(call)
    include_allowed = state.switches.policy_include_targets == "replace"
    return _become(state, call, state.directory.policy.patched(call.json(), include_allowed=include_allowed))


def revert(state: State, call: Call, key: str) -> Reply:
    """E10: back to the default, which is off for everybody."""
    _authorised(call, key, permissions.POLICY_WRITE)
    options(call)
    return _become(
        state, call, Policy.parse({"state": "disabled", "include": [{"group": "all_users"}]}, state.directory)
    )


def _become(state: State, call: Call, policy: Policy) -> Reply:
    call.effect = policy.body() != state.directory.policy.body()
    state.directory.set_policy(policy)
    return Reply(204)


def _authorised(call: Call, key: str, rule: Rule) -> None:
    if not call.authenticated().may(rule):
        raise GraphError(403, "accessDenied", "Request Authorization failed", reason="the token lacks the permission")
    if key.lower() != "sms":
        raise GraphError(404, "resourceNotFound", "The authentication method configuration was not found.")
