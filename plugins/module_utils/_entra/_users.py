# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Users as Graph addresses them."""

from __future__ import annotations

from urllib.parse import quote

from .._domain._targets import ME, Target, is_object_id, key
from .._graph._messages import Reply, Request


def user_path(address: str) -> str:
    """The path of a user. All but letters, digits and `_.-~` is encoded, so that no name leads elsewhere.

    Graph takes a name that begins with `$` in quotes only (user: get page).
    """
    if address == ME:
        return "/me"
    if address.startswith("$"):
        return "/users('" + quote(address.replace("'", "''"), safe="") + "')"
    return "/users/" + quote(address, safe="")


def identity_request(address: str) -> Request:
    """Reads id and name of a user."""
    return Request("GET", user_path(address) + "?$select=id,userPrincipalName")


def parse_identity(name: str, reply: Reply) -> Target:
    """The user of that name, with id and user principal name, from an OK reply.

    An answer about another user shows neither: what is asked for by id has that id, and by name that name.
    """
    identifier, principal_name = str(reply.body.get("id")), reply.body.get("userPrincipalName")
    target = Target(
        name=name,
        id=identifier.lower() if is_object_id(identifier) else None,
        principal_name=principal_name if isinstance(principal_name, str) and principal_name else None,
    )
    answered = target.id if is_object_id(name) else target.principal_name
    same = key(name) in (ME, key(answered or name))
    return target if same else Target(name)
