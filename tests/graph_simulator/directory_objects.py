# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/users, /users/{id}, /groups, /groups/{id} and its members, direct or transitive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import permissions
from .directory import User
from .errors import GraphError, bad_request
from .exchange import Call, Reply
from .odata import context, counted, needs_eventual, options, page, refined, select
from .state import State
from .tenant import GroupSpec, Member
from .tokens import Caller

_USER_DEFAULT = (
    "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
    "preferredLanguage", "surname", "userPrincipalName", "id",
)  # fmt: skip
# Properties that every tenant's users have and the simulator has no value for: texts and times, then collections.
_USER_TEXTS = (
    "aboutMe", "ageGroup", "birthday", "city", "companyName", "consentProvidedForMinor", "country", "createdDateTime",
    "creationType", "deletedDateTime", "department", "employeeHireDate", "employeeId", "employeeLeaveDateTime",
    "employeeOrgData", "employeeType", "externalUserState", "externalUserStateChangeDateTime", "faxNumber", "hireDate",
    "isManagementRestricted", "isResourceAccount", "lastPasswordChangeDateTime", "legalAgeGroupClassification",
    "mailNickname", "mySite", "onPremisesDistinguishedName", "onPremisesDomainName", "onPremisesExtensionAttributes",
    "onPremisesImmutableId", "onPremisesLastSyncDateTime", "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier", "onPremisesSyncEnabled", "onPremisesUserPrincipalName", "passwordPolicies",
    "passwordProfile", "postalCode", "preferredDataLocation", "preferredName", "securityIdentifier",
    "showInAddressList", "signInActivity", "signInSessionsValidFromDateTime", "state", "streetAddress",
    "usageLocation",
)  # fmt: skip
_USER_LISTS = (
    "assignedLicenses", "assignedPlans", "identities", "imAddresses", "interests", "licenseAssignmentStates",
    "onPremisesProvisioningErrors", "otherMails", "pastProjects", "provisionedPlans", "proxyAddresses",
    "responsibilities", "schools", "serviceProvisioningErrors", "skills",
)  # fmt: skip
_USER = (*_USER_DEFAULT, "accountEnabled", "userType", *_USER_TEXTS, *_USER_LISTS)
_ALL_OF_USER, _LISTS_OF_USER = frozenset(_USER), frozenset(("businessPhones", *_USER_LISTS))
_GROUP = (
    "id", "displayName", "description", "mailEnabled", "mailNickname", "securityEnabled", "visibility",
    "classification", "createdDateTime", "deletedDateTime", "expirationDateTime", "groupTypes", "isAssignableToRole",
    "mail", "membershipRule", "membershipRuleProcessingState", "onPremisesDomainName", "onPremisesLastSyncDateTime",
    "onPremisesNetBiosName", "onPremisesSamAccountName", "onPremisesSecurityIdentifier", "onPremisesSyncEnabled",
    "preferredDataLocation", "preferredLanguage", "proxyAddresses", "renewedDateTime", "securityIdentifier", "theme",
)  # fmt: skip
_ALL_OF_MEMBERS = frozenset(_USER + _GROUP)
_GROUP_LISTS = ("groupTypes", "proxyAddresses")
_LISTING = ("$filter", "$search", "$orderby", "$select", "$top", "$count", "$skiptoken")
_USER_FILTERS: dict[str, type] = {
    **dict.fromkeys(
        (
            "id", "displayName", "userPrincipalName", "userType", "mail", "mailNickname", "givenName", "surname",
            "jobTitle", "department", "companyName", "city", "country", "state", "officeLocation", "postalCode",
            "streetAddress", "employeeId", "usageLocation", "mobilePhone",
        ),
        str,
    ),
    "accountEnabled": bool,
    "businessPhones": list,
    "otherMails": list,
    "proxyAddresses": list,
}  # fmt: skip
_GROUP_FILTERS = {
    "id": str, "displayName": str, "mailNickname": str, "mail": str, "description": str, "securityEnabled": bool,
    "mailEnabled": bool, "groupTypes": list,
}  # fmt: skip
_USER_SEARCHES = ("displayName", "userPrincipalName")
# A member of another kind has none of these properties.
_ABSENT: dict[str, Any] = dict.fromkeys(_USER_FILTERS)
_MOST_GROUPS = 20
# What a caller with narrow permissions does not get to see.
_NOT_BASIC = frozenset({"accountEnabled", "userType"})


def read_user(state: State, call: Call, key: str) -> Reply:
    """Reads one user, also as ``/me``."""
    caller = call.authenticated()
    given = options(call, "$select")
    user = state.directory.find(key)
    user_id = user.id if user else None
    if not caller.may(permissions.USER_READ, user_id):
        raise _denied("the token may not read users")
    if user is None:
        raise _not_found(key)
    names = select(given.get("$select"), _USER, _USER_DEFAULT, "user")
    head = {"@odata.context": context(state.graph_url, "users", given.get("$select"), entity=True)}
    return Reply(200, head | _user(user, names, _hidden(state, caller, user_id)))


def read_group(state: State, call: Call, key: str) -> Reply:
    group = _group(state, call, key)
    text = options(call, "$select").get("$select")
    head = {"@odata.context": context(state.graph_url, "groups", text, entity=True)}
    return Reply(200, head | _group_body(group, select(text, _GROUP, _GROUP, "group")))


def list_users(state: State, call: Call) -> Reply:
    """Users by ``$filter``, ``$search`` and ``$orderby``."""
    caller = call.authenticated()
    if not caller.may(permissions.USER_READ):
        raise _denied("the token may not read users")
    given = options(call, *_LISTING)
    _advanced_listing(call)
    names = select(given.get("$select"), _USER, _USER_DEFAULT, "user")
    hidden = _hidden(state, caller)
    users = refined(
        call,
        state.directory.users(),
        lambda user: _user(user, tuple(_USER_FILTERS), hidden),
        filters=_USER_FILTERS,
        searches=_USER_SEARCHES,
    )
    frame, some = page(call, users, state.switches, state.graph_url, "users")
    return Reply(200, {**frame, "value": [_user(user, names, hidden) for user in some]})


def list_groups(state: State, call: Call) -> Reply:
    """Groups by ``$filter``, ``$search`` and ``$orderby``."""
    if not call.authenticated().may(permissions.GROUP_READ):
        raise _denied("the token may not read groups")
    given = options(call, *_LISTING)
    _advanced_listing(call)
    names = select(given.get("$select"), _GROUP, _GROUP, "group")
    groups = refined(
        call,
        state.directory.groups.values(),
        lambda group: _group_body(group, _GROUP),
        filters=_GROUP_FILTERS,
        searches=("displayName", "mailNickname"),
    )
    frame, some = page(call, groups, state.switches, state.graph_url, "groups")
    return Reply(200, {**frame, "value": [_group_body(group, names) for group in some]})


def check_member_groups(state: State, call: Call, key: str) -> Reply:
    """Which of the groups in the body a user is in, directly or through other groups."""
    if not call.authenticated().may(permissions.MEMBERSHIP_READ):
        raise _denied("the token may not read memberships")
    options(call)
    user = state.directory.find(key)
    if user is None:
        raise _not_found(key)
    given = call.json()
    asked = given.get("groupIds") if isinstance(given, Mapping) else None
    if not isinstance(asked, list) or not all(isinstance(one, str) for one in asked) or set(given) != {"groupIds"}:
        raise bad_request("The collection 'groupIds' is required.")
    if len(asked) > _MOST_GROUPS:
        raise GraphError(400, "Request_BadRequest", f"At most {_MOST_GROUPS} groups can be checked in one request.")
    found = [one for one in asked if _is_in(state, user, one.lower())]
    return Reply(200, {"@odata.context": context(state.graph_url, "Collection(Edm.String)", None), "value": found})


def _is_in(state: State, user: User, group_id: str) -> bool:
    known = group_id in state.directory.groups
    return known and any(member.id == user.id for member in state.directory.transitive_members(group_id))


def members(state: State, call: Call, key: str) -> Reply:
    """Direct members: users, devices, contacts, service principals and groups."""
    return _members(state, call, key, of="members", cast=False)


def member_users(state: State, call: Call, key: str) -> Reply:
    """Direct members cast to microsoft.graph.user, an advanced query."""
    return _members(state, call, key, of="members", cast=True)


def transitive_members(state: State, call: Call, key: str) -> Reply:
    """All members, those of nested groups too."""
    return _members(state, call, key, of="transitiveMembers", cast=False)


def transitive_users(state: State, call: Call, key: str) -> Reply:
    """All members cast to microsoft.graph.user, an advanced query."""
    return _members(state, call, key, of="transitiveMembers", cast=True)


def owners(state: State, call: Call, key: str) -> Reply:
    """Owners, perhaps none."""
    return _members(state, call, key, of="owners", cast=False)


def _members(state: State, call: Call, key: str, *, of: str, cast: bool) -> Reply:
    if cast:
        needs_eventual(call, count=True)
    group = _group(state, call, key)
    given = options(call, *_LISTING)
    needs_eventual(call, "$filter", "$search", "$orderby", count=True)
    caller = call.authenticated()
    direct = {"members": group.members, "owners": group.owners}
    found = direct[of] if of in direct else state.directory.transitive_members(group.id)
    if group.hidden and of != "owners" and permissions.HIDDEN_MEMBERS not in caller.granted:
        if state.switches.hidden_members == "forbidden":
            raise _denied("the members of this group are hidden")
        found = ()
    listed = refined(
        call,
        [member for member in found if member.kind == "user" or not cast],
        lambda member: _ABSENT | _properties(state, caller, member, tuple(_USER_FILTERS)),
        filters=_USER_FILTERS,
        searches=_USER_SEARCHES,
    )
    text = given.get("$select")
    wanted = None if text is None else select(text, _ALL_OF_MEMBERS, (), "directoryObject")
    frame, some = page(call, listed, state.switches, state.graph_url, "directoryObjects")
    return Reply(200, {**frame, "value": [_member(state, caller, one, wanted, typed=not cast) for one in some]})


def _member(
    state: State, caller: Caller, member: Member, wanted: Sequence[str] | None, *, typed: bool
) -> dict[str, Any]:
    body: dict[str, Any] = {"@odata.type": f"#microsoft.graph.{_TYPES[member.kind]}"} if typed else {}
    return body | _properties(state, caller, member, wanted)


def _properties(state: State, caller: Caller, member: Member, wanted: Sequence[str] | None) -> dict[str, Any]:
    """What this caller gets to see of a member: the wanted properties that its kind has, or those shown by default."""
    if member.kind == "user":
        user = state.directory.find(member.id)
        if user is None:
            raise KeyError(member.id)
        narrow = state.switches.narrow_members == "nulls" and not caller.may(permissions.USER_READ, user.id)
        hidden = _ALL_OF_USER if narrow else _hidden(state, caller, user.id)
        return _user(user, _USER_DEFAULT if wanted is None else wanted, hidden)
    if member.kind == "group":
        return _group_body(state.directory.groups[member.id], _GROUP if wanted is None else wanted)
    values = {"id": member.id, "displayName": member.name}
    return {name: values[name] for name in (values if wanted is None else wanted) if name in values}


count_users, count_groups = counted(list_users), counted(list_groups)
count_members, count_member_users = counted(members), counted(member_users)
count_transitive_members, count_transitive_users = counted(transitive_members), counted(transitive_users)

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


def _advanced_listing(call: Call) -> None:
    """What users and groups want ConsistencyLevel for."""
    needs_eventual(call, "$search")
    if "$filter" in call.query:
        needs_eventual(call, "$orderby", count=True)


def _hidden(state: State, caller: Caller, user_id: str | None = None) -> frozenset[str]:
    """The properties of a user that this caller gets as null."""
    full = state.switches.basic_shows_account or caller.may(permissions.USER_READ_FULLY, user_id)
    return frozenset() if full else _NOT_BASIC


def _user(user: User, names: Sequence[str], hidden: frozenset[str]) -> dict[str, Any]:
    """The properties with these names that a user has; of those the simulator has no value for, null or no items."""
    values: Mapping[str, Any] = {
        "id": user.id,
        "userPrincipalName": user.name,
        "displayName": user.display_name,
        "accountEnabled": user.enabled,
        "userType": "Guest" if user.spec.guest else "Member",
        "mail": user.spec.mail,
    }
    return {
        name: None if name in hidden and name != "id" else [] if name in _LISTS_OF_USER else values.get(name)
        for name in names
        if name in _ALL_OF_USER
    }


def _group_body(group: GroupSpec, names: Sequence[str]) -> dict[str, Any]:
    values: Mapping[str, Any] = {
        "id": group.id,
        "displayName": group.name,
        "mailEnabled": not group.security,
        "mailNickname": "".join(character for character in group.name if character.isalnum()),
        "securityEnabled": group.security,
        "visibility": "HiddenMembership" if group.hidden else None,
    }
    return {name: [] if name in _GROUP_LISTS else values.get(name) for name in names if name in _GROUP}


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
