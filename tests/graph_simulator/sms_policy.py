# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/policies/authenticationMethodsPolicy, and its authenticationMethodConfigurations/sms."""

from __future__ import annotations

from . import permissions
from .errors import GraphError
from .exchange import Call, Reply
from .odata import options
from .permissions import Rule
from .policy import Policy
from .state import State

LOST = "the policy lost "
"""How the journal's reason begins for a change that drops a member of which its author knows nothing."""

_PATH = "policies/authenticationMethodsPolicy/authenticationMethodConfigurations"


def read(state: State, call: Call, key: str) -> Reply:
    """Reads the SMS policy."""
    alone = permissions.POLICY_READ if state.switches.policy_read_all else permissions.POLICY_READ_NARROWLY
    _authorised(call, alone)
    _known(key)
    options(call)
    root = f"{state.graph_url}/v1.0/$metadata"
    body = {
        "@odata.context": f"{root}#authenticationMethodConfigurations/$entity",
        **state.directory.shown_policy.body(),
        "includeTargets@odata.context": f"{root}#{_PATH}('Sms')/microsoft.graph.smsAuthenticationMethodConfiguration/"
        "includeTargets",
    }
    return Reply(200, {"value": body} if state.switches.policy_wrapped else body)


def read_whole(state: State, call: Call) -> Reply:
    """Reads the policy for all methods, of which one is simulated."""
    _authorised(call, permissions.POLICY_READ)
    options(call)
    policy = state.directory.shown_policy
    body = {
        "@odata.context": f"{state.graph_url}/v1.0/$metadata#policies/authenticationMethodsPolicy/$entity",
        "id": "authenticationMethodsPolicy",
        "displayName": "Authentication Methods Policy",
        "policyVersion": "1.5",
        "policyMigrationState": policy.migration_state,
        "authenticationMethodConfigurations": [policy.body()],
    }
    return Reply(200, body)


def change(state: State, call: Call, key: str) -> Reply:
    """Changes the SMS policy."""
    _authorised(call, permissions.POLICY_WRITE)
    _known(key)
    options(call)
    return _become(state, call, state.directory.policy.patched(call.json(), state.switches))


def revert(state: State, call: Call, key: str) -> Reply:
    """Reverts the SMS policy to the default, which is off for all users and has no provider."""
    _authorised(call, permissions.POLICY_WRITE)
    _known(key)
    options(call)
    return _become(
        state, call, Policy.parse({"state": "disabled", "include": [{"group": "all_users"}]}, state.directory)
    )


def _become(state: State, call: Call, policy: Policy) -> Reply:
    before = state.directory.policy
    call.effect = policy.body() != before.body()
    if lost := ", ".join(before.lost(policy)):
        call.reason = f"{LOST}{lost}"
    state.directory.set_policy(policy)
    return Reply(204)


def _authorised(call: Call, rule: Rule) -> None:
    if not call.authenticated().may(rule):
        raise GraphError(403, "accessDenied", "Request Authorization failed", reason="the token lacks the permission")


def _known(key: str) -> None:
    if key.lower() != "sms":
        raise GraphError(404, "resourceNotFound", "The authentication method configuration was not found.")
