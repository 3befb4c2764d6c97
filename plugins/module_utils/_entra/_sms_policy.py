# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The SMS authentication method policy: read it, change parts of it.

A change names what it changes and nothing else (smsAuthenticationMethodConfiguration: update page). So members that are
not known here, and the settings of a telephony provider, stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from .._domain import _reasons as reasons
from .._graph._messages import Reply, Request, whole_list
from ._refusals import reason_of as refusal_of

ALL_USERS = "all_users"
"""Represents all users in place of the id of a group."""

ENABLED = "enabled"
"""The `state` of a policy that is on."""

TO_READ_POLICY = "Policy.Read.AuthenticationMethod or Policy.Read.All"
"""What to grant for reading the policy, the least first."""
TO_WRITE_POLICY = "Policy.ReadWrite.AuthenticationMethod"
MAY_READ_POLICY = ("Policy.Read.AuthenticationMethod", TO_WRITE_POLICY, "Policy.Read.All")
"""Any of these will do."""

_WHOLE = "/policies/authenticationMethodsPolicy"
_PATH = f"{_WHOLE}/authenticationMethodConfigurations/sms"
_TYPE = "#microsoft.graph.smsAuthenticationMethodConfiguration"

_NO_MEMBERS: Mapping[str, Any] = MappingProxyType({})

_OWN = {True: ("id", "targetType", "isUsableForSignIn"), False: ("id", "targetType")}
"""The members of an include target and of an exclude target that a PolicyTarget has fields for."""


class PolicyTarget(NamedTuple):
    """Users that the policy includes or excludes. `id` is that of a group, of a user, or ALL_USERS, in lower case.

    `kind` is Graph's `group` or `user`. `sign_in` is `isUsableForSignIn`: None on an exclude target, and on an include
    target that Graph shows without it. `more` are the other members, which a change sends back as they came.
    """

    id: str
    kind: str = "group"
    sign_in: bool | None = None
    more: Mapping[str, Any] = _NO_MEMBERS


class Provider(NamedTuple):
    """A telephony provider of the tenant's own. `percentage`: the share of messages that it delivers."""

    evaluation_mode: bool | None
    percentage: int | None


class Policy(NamedTuple):
    """What a read showed. Targets are ordered by id, since Graph's order means nothing. `state` is Graph's word."""

    state: str
    include: tuple[PolicyTarget, ...] = ()
    exclude: tuple[PolicyTarget, ...] = ()
    provider: Provider | None = None


class Change(NamedTuple):
    """The parts of the policy to write, None for those that stay. A list replaces the list in the policy."""

    state: str | None = None
    include: tuple[PolicyTarget, ...] | None = None
    exclude: tuple[PolicyTarget, ...] | None = None


def ordered(targets: Iterable[PolicyTarget]) -> tuple[PolicyTarget, ...]:
    return tuple(sorted(targets, key=lambda target: (target.id, target.kind)))


def policy_request() -> Request:
    return Request("GET", _PATH)


def migration_request() -> Request:
    """Reads the policy of all methods, which alone shows the state of the migration."""
    return Request("GET", _WHOLE)


def change_request(change: Change) -> Request:
    body: dict[str, Any] = {"@odata.type": _TYPE}
    if change.state is not None:
        body["state"] = change.state
    if change.include is not None:
        body["includeTargets"] = [_body(target) for target in change.include]
    if change.exclude is not None:
        body["excludeTargets"] = [_body(target) for target in change.exclude]
    return Request("PATCH", _PATH, body=body)


def new_target(identifier: str, include: bool) -> PolicyTarget:
    """A group that the policy does not have yet; an include target still needs its `sign_in`."""
    return PolicyTarget(identifier, more={"isRegistrationRequired": False} if include else _NO_MEMBERS)


def _body(target: PolicyTarget) -> dict[str, Any]:
    body = {"targetType": target.kind, "id": target.id, **target.more}
    if target.sign_in is not None:
        body["isUsableForSignIn"] = target.sign_in
    return body


def parse_policy(reply: Reply) -> Policy | None:
    """The policy out of an OK reply, with or without the `value` around it that one documentation page shows.

    None if the body is not a policy with both lists: a list that is not shown cannot be merged.
    """
    body = reply.body
    if isinstance(body, dict) and isinstance(body.get("value"), dict):
        body = body["value"]
    if not isinstance(body, dict) or not isinstance(body.get("state"), str):
        return None
    include, exclude = _targets(body, "includeTargets"), _targets(body, "excludeTargets")
    if include is None or exclude is None:
        return None
    return Policy(body["state"], include, exclude, _provider(body.get("telecomProviderSettings")))


def _targets(body: Mapping[str, Any], name: str) -> tuple[PolicyTarget, ...] | None:
    given, include = whole_list(body, name), name == "includeTargets"
    if given is None:
        return None
    targets = []
    for one in given:
        if not isinstance(one.get("id"), str) or not isinstance(one.get("targetType"), str):
            return None
        usable = one.get("isUsableForSignIn") if include else None
        more = {name: value for name, value in one.items() if name not in _OWN[include] and not name.startswith("@")}
        targets.append(
            PolicyTarget(one["id"].lower(), one["targetType"], usable if isinstance(usable, bool) else None, more)
        )
    return ordered(targets)


def _provider(given: Any) -> Provider | None:
    """Neither its URL nor its application: both help only an attacker."""
    if not isinstance(given, dict):
        return None
    mode, share = given.get("isEvaluationModeEnabled"), given.get("migrationPercentage")
    return Provider(mode if isinstance(mode, bool) else None, share if isinstance(share, int) else None)


def parse_migration_state(reply: Reply) -> str | None:
    """Graph's `policyMigrationState` out of an OK reply, None if it is not there."""
    state = reply.body.get("policyMigrationState") if isinstance(reply.body, dict) else None
    return state if isinstance(state, str) else None


def reason_of(reply: Reply) -> str:
    """The reason of a reply that is no success. The policy always exists, so a 404 is a failure of the service."""
    reason = refusal_of(reply)
    return reasons.SERVICE_ERROR if reason == reasons.USER_NOT_FOUND else reason
