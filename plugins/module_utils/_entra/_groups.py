# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Groups: found by id or by a unique name, and the users in them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

from .._domain import _reasons as reasons
from .._domain._permissions import TO_READ_MEMBERS
from .._domain._redaction import redact
from .._domain._targets import Target, is_object_id, key, unseen
from .._errors import EntraError, PermissionMissing
from .._graph._client import Graph, Job
from .._graph._messages import OK, Reply, Request
from ._users import user_path

MOST_GROUPS_ASKED = 20
"""Groups in one question about a user (checkMemberGroups page)."""

_USER = "#microsoft.graph.user"


def find_group(graph: Graph, name: str) -> str:
    """The id of the security group with that id or display name.

    Raises EntraError with GROUP_NOT_FOUND or GROUP_AMBIGUOUS, PermissionMissing, or when Graph fails.
    """
    if is_object_id(name):
        return name.lower()
    clause = "displayName eq '{}' and securityEnabled eq true".format(name.replace("'", "''"))
    found: list[str] = []
    for page in graph.pages(Request("GET", f"/groups?$filter={quote(clause, safe='')}&$select=id,displayName")):
        found += [_found(group, name) for group in _items(page, name)]
    if not found:
        raise EntraError(
            f"No security group is called '{redact(name)}'{unseen(name)}. Check the spelling, or give the group's"
            " object id.",
            reason=reasons.GROUP_NOT_FOUND,
        )
    if len(found) > 1:
        raise EntraError(
            f"{len(found)} security groups are called '{redact(name)}'. Give the object id of the right one: "
            + ", ".join(found[:5]),
            reason=reasons.GROUP_AMBIGUOUS,
        )
    return found[0]


def _found(group: dict[str, object], name: str) -> str:
    """The id of a group that a search for `name` has found. Raises EntraError for a group of another name."""
    shown = group.get("displayName")
    if isinstance(shown, str) and _alike(shown) != _alike(name):
        raise EntraError(
            f"Graph's answer to the search for the group '{redact(name)}' has a group of another name, so it cannot be"
            " used. Check what is between here and Graph, or give the group's object id.",
            reason=reasons.INCOMPLETE,
        )
    return _object_id(group, name)


def _alike(name: str) -> str:
    """What names have in common that a directory may take for one: letters and digits, without accents and case."""
    letters = (one for one in unicodedata.normalize("NFKD", name) if one.isalnum())
    return "".join(letters).casefold()


def group_names(
    graph: Graph, ids: Iterable[str], admit: Callable[[Job], bool] | None = None
) -> tuple[dict[str, str], list[Reply | None]]:
    """The display names of groups by id, and the replies about groups whose names are not shown.

    A reply is None where `admit`, which is that of `Graph.exchange`, ended the retries. A deleted group is in neither.
    """
    names: dict[str, str] = {}
    unread: dict[str, Reply | None] = dict.fromkeys(ids)

    def keep(job: Job, reply: Reply) -> tuple[()]:
        name = reply.body.get("displayName") if reply.verdict == OK else None
        if isinstance(name, str) and name:
            names[job.tag] = name
        if job.tag in names or reply.status == 404:
            del unread[job.tag]
        else:
            unread[job.tag] = reply
        return ()

    path = "/groups/{}?$select=id,displayName"
    graph.exchange([Job(Request("GET", path.format(quote(one, safe=""))), one) for one in list(unread)], keep, admit)
    return names, list(unread.values())


def membership_request(address: str, ids: Sequence[str]) -> Request:
    """Asks which of the groups, MOST_GROUPS_ASKED at most, a user is in, directly or through other groups."""
    return Request("POST", user_path(address) + "/checkMemberGroups", body={"groupIds": list(ids)}, asks=True)


def parse_memberships(reply: Reply) -> set[str] | None:
    """The ids of groups in an OK reply; None when the body is no list of them."""
    found = reply.body.get("value") if isinstance(reply.body, dict) else None
    return {str(one).lower() for one in found} if isinstance(found, list) else None


def members(graph: Graph, name: str, group_id: str) -> list[Target]:
    """All users in the group and in groups within it, by id. Devices and the like are left out.

    Without the OData cast, which would ask an index that lags behind; properties that the permission does not
    show are None. Raises as find_group.
    """
    path = f"/groups/{group_id}/transitiveMembers?$select=id,userPrincipalName,accountEnabled,userType&$top=999"
    found: list[Target] = []
    for page in graph.pages(Request("GET", path)):
        users = [item for item in _items(page, name) if _is_user(item, name)]
        graph.on_listed(len(users))
        found += [_member(item, name) for item in users]
    return found


def _is_user(item: dict[str, object], group: str) -> bool:
    kind = item.get("@odata.type")
    if not isinstance(kind, str):
        raise _unusable(group, "a member without a type")
    return key(kind) == _USER


def _member(item: dict[str, object], group: str) -> Target:
    name, kind, enabled = item.get("userPrincipalName"), item.get("userType"), item.get("accountEnabled")
    identifier = _object_id(item, group)
    return Target(
        name=str(name) if name else identifier,
        id=identifier,
        principal_name=str(name) if name else None,
        account_enabled=enabled if isinstance(enabled, bool) else None,
        guest=str(kind).casefold() == "guest" if kind else None,
    )


def _object_id(item: dict[str, object], group: str) -> str:
    identifier = str(item.get("id")).lower()
    if not is_object_id(identifier):
        raise _unusable(group, "an entry without an object id")
    return identifier


def _unusable(group: str, has: str) -> EntraError:
    """Ignoring an entry could leave an excluded user in the run."""
    return EntraError(
        f"Graph's list about the group '{redact(group)}' has {has}, so it cannot be used. Run again.",
        reason=reasons.INCOMPLETE,
    )


def _items(page: Reply, name: str) -> list[dict[str, object]]:
    if page.verdict == OK and isinstance(page.body.get("value"), list):
        items: list[dict[str, object]] = page.body["value"]
        if not all(isinstance(item, dict) for item in items):
            raise _unusable(name, "an entry that is no object")
        return items
    if page.status == 404:
        raise EntraError(
            f"No group has the id '{redact(name)}'. Check it, or give the name.",
            page.support,
            reasons.GROUP_NOT_FOUND,
        )
    if page.status == 403:
        raise PermissionMissing(
            f"Graph does not let this identity read the group '{redact(name)}'. Grant {TO_READ_MEMBERS}, and for a"
            f" group with hidden members Member.Read.Hidden too. {page.quoted}",
            page.support,
        )
    said = "the answer holds no list" if page.verdict == OK else page.said
    raise EntraError(f"The group '{redact(name)}' could not be read: {said}.", page.support, reasons.INCOMPLETE)
