# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/users/{id}, /groups and /groups/{id}/transitiveMembers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import permissions
from .directory import User
from .errors import GraphError
from .exchange import Call, Reply
from .odata import equalities, options, page, select
from .state import State
from .tenant import GroupSpec, Member
from .tokens import Caller

_USER_DEFAULT = (
    "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
    "preferredLanguage", "surname", "userPrincipalName", "id",
)  # fmt: skip
_USER = (*_USER_DEFAULT, "accountEnabled", "userType")
_GROUP = ("id", "displayName", "description", "mailEnabled", "mailNickname", "securityEnabled", "visibility")
_OTHER = ("id", "displayName")
_PAGING = ("$select", "$top", "$count", "$skiptoken")
# What a caller with narrow permissions does not get to see.
_NOT_BASIC = ("accountEnabled", "userType")


def read_user(state: State, call: Call, key: str) -> Reply:
    """E13, and GET /me."""
    caller = call.authenticated()
    given = options(call, "$select")
    user = state.directory.find(key)
    user_id = user.id if user else None
    if not caller.may(permissions.USER_READ, user_id):
        raise _denied("the token may not read users")
    if user is None:
        raise _not_found(key)
    names = select(given.get("$select"), _USER, _USER_DEFAULT, "user")
    hidden = () if caller.may(permissions.USER_READ_FULLY, user_id) else _NOT_BASIC
    context = f"{state.graph_url}/v1.0/$metadata#users/$entity"
    return Reply(200, {"@odata.context": context, **_user(user, names, hidden)})


def read_group(state: State, call: Call, key: str) -> Reply:
    group = _group(state, call, key)
    names = select(options(call, "$select").get("$select"), _GROUP, _GROUP, "group")
    return Reply(
        200, {"@odata.context": f"{state.graph_url}/v1.0/$metadata#groups/$entity", **_group_body(group, names)}
    )


def list_groups(state: State, call: Call) -> Reply:
    """Groups by ``$filter=displayName eq '...'``, which ignores case, and ``securityEnabled eq true``."""
    if not call.authenticated().may(permissions.GROUP_READ):
        raise _denied("the token may not read groups")
    given = options(call, "$filter", *_PAGING)
    _count_needs_eventual(call)
    names = select(given.get("$select"), _GROUP, _GROUP, "group")
    groups = list(state.directory.groups.values())
    if (text := given.get("$filter")) is not None:
        wanted = equalities(text, {"displayName": str, "securityEnabled": bool})
        if (name := wanted.get("displayName")) is not None:
            groups = [group for group in groups if group.name.lower() == str(name).lower()]
        if (security := wanted.get("securityEnabled")) is not None:
            groups = [group for group in groups if group.security is security]
    frame, some = page(call, groups, state.switches, state.graph_url, "groups")
    return Reply(200, {**frame, "value": [_group_body(group, names) for group in some]})


def transitive_members(state: State, call: Call, key: str) -> Reply:
    """E12 without a cast: users, devices, contacts, service principals and nested groups."""
    return _members(state, call, key, cast=False)


def transitive_users(state: State, call: Call, key: str) -> Reply:
    """E12 cast to microsoft.graph.user, an advanced query."""
    if call.headers.get("consistencylevel", "").lower() != "eventual" or (
        "$skiptoken" not in call.query and call.query.get("$count") != "true"
    ):
        raise GraphError(
            400,
            "Request_UnsupportedQuery",
            "OData cast requires the ConsistencyLevel header set to eventual and $count=true.",
            reason="cast without ConsistencyLevel: eventual and $count=true",
        )
    return _members(state, call, key, cast=True)


def _members(state: State, call: Call, key: str, *, cast: bool) -> Reply:
    group = _group(state, call, key)
    given = options(call, *_PAGING)
    _count_needs_eventual(call)
    caller = call.authenticated()
    members = state.directory.transitive_members(group.id, users_only=cast)
    if group.hidden and permissions.HIDDEN_MEMBERS not in caller.granted:
        if state.switches.hidden_members == "forbidden":
            raise _denied("the members of this group are hidden")
        members = ()
    text = given.get("$select")
    if text is not None:
        select(text, tuple(dict.fromkeys(_USER + _GROUP)), (), "directoryObject")
    frame, some = page(call, members, state.switches, state.graph_url, "directoryObjects")
    return Reply(200, {**frame, "value": [_member(state, caller, one, text, typed=not cast) for one in some]})


def _member(state: State, caller: Caller, member: Member, text: str | None, *, typed: bool) -> dict[str, Any]:
    wanted = None if text is None else tuple(name.strip() for name in text.split(","))
    body: dict[str, Any] = {"@odata.type": f"#microsoft.graph.{_TYPES[member.kind]}"} if typed else {}
    if member.kind == "user":
        user = state.directory.find(member.id)
        if user is None:
            raise KeyError(member.id)
        names = wanted or _USER_DEFAULT
        narrow = state.switches.narrow_members == "nulls" and not caller.may(permissions.USER_READ, user.id)
        hidden = _USER if narrow else () if caller.may(permissions.USER_READ_FULLY, user.id) else _NOT_BASIC
        return body | _user(user, names, hidden)
    if member.kind == "group":
        return body | _group_body(state.directory.groups[member.id], wanted or _GROUP)
    values = {"id": member.id, "displayName": member.name}
    return body | {name: values[name] for name in wanted or _OTHER if name in values}


_TYPES = {
    "user": "user",
    "group": "group",
    "device": "device",
    "contact": "orgContact",
    "servicePrincipal": "servicePrincipal",
}


def _group(state: State, call: Call, key: str) -> GroupSpec:
    if not call.authenticated().may(permissions.GROUP_READ):
        raise _denied("the token may not read groups")
    group = state.directory.groups.get(key.lower())
    if group is None:
        raise _not_found(key)
    return group


def _count_needs_eventual(call: Call) -> None:
    if "$count" in call.query and call.headers.get("consistencylevel", "").lower() != "eventual":
        raise GraphError(
            400,
            "Request_UnsupportedQuery",
            "Request with $count query parameter only works through MSGraph with ConsistencyLevel header set to "
            "eventual.",
            reason="$count without ConsistencyLevel: eventual",
        )


def _user(user: User, names: tuple[str, ...], hidden: tuple[str, ...]) -> dict[str, Any]:
    values: Mapping[str, Any] = {
        "id": user.id,
        "userPrincipalName": user.name,
        "displayName": user.display_name,
        "accountEnabled": user.enabled,
        "userType": "Guest" if user.spec.guest else "Member",
        "businessPhones": [],
    }
    return {name: None if name in hidden and name != "id" else values.get(name) for name in names if name in _USER}


def _group_body(group: GroupSpec, names: tuple[str, ...]) -> dict[str, Any]:
    values = {
        "id": group.id,
        "displayName": group.name,
        "description": None,
        "mailEnabled": not group.security,
        "mailNickname": "".join(character for character in group.name if character.isalnum()),
        "securityEnabled": group.security,
        "visibility": "HiddenMembership" if group.hidden else None,
    }
    return {name: values[name] for name in names if name in values}


def _denied(reason: str) -> GraphError:
    message = "Insufficient privileges to complete the operation."
    return GraphError(403, "Authorization_RequestDenied", message, reason=reason)


def _not_found(key: str) -> GraphError:
    return GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{key}' does not exist or one of its queried reference-property objects are not present.",
        reason="no such object",
    )
