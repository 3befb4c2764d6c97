# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/users/{id}/authentication/methods: all registered methods of a user, phones among them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from . import permissions
from .directory import User
from .exchange import Call, Reply
from .odata import context, options
from .phone_methods import authorised, shown
from .state import State

_PASSWORD = {
    "@odata.type": "#microsoft.graph.passwordAuthenticationMethod",
    "id": "28c10230-6103-485e-b985-444c60001490",
    "password": None,
    "createdDateTime": None,
}
# Properties that distinguish methods of a type, beside the id.
_PROPERTIES: Mapping[str, Mapping[str, Any]] = {
    "fido2": {"displayName": "Security key", "passkeyType": "deviceBound"},
    "microsoftAuthenticator": {"displayName": "Phone"},
    "windowsHelloForBusiness": {"displayName": "Laptop", "keyStrength": "normal"},
    "platformCredential": {"displayName": "Mac", "platform": "macOS"},
    "temporaryAccessPass": {"isUsable": True, "isUsableOnce": False, "lifetimeInMinutes": 60},
    "email": {"emailAddress": "someone@example.com"},
    "external": {"displayName": "Another provider"},
}


def read_all(state: State, call: Call, key: str) -> Reply:
    """Lists all methods of a user. Every user has a password; a method of an unknown type shows only its id."""
    user = authorised(state, call, key, permissions.METHODS_READ)
    options(call)
    phones = shown(state, call, user, state.directory.visible_methods(user))
    value = [
        _PASSWORD,
        *({"@odata.type": "#microsoft.graph.phoneAuthenticationMethod", **phone} for phone in phones),
        *(method for number, spec in enumerate(user.spec.methods) for method in _methods(user, spec, number)),
    ]
    return Reply(200, {"@odata.context": context(state.graph_url, f"users('{user.id}')/authentication/methods", None),
                       "value": value})  # fmt: skip


def _methods(user: User, spec: str | Mapping[str, Mapping[str, Any]], number: int) -> Iterator[dict[str, Any]]:
    for kind, own in ({spec: {}} if isinstance(spec, str) else spec).items():
        yield {
            "@odata.type": f"#microsoft.graph.{kind}AuthenticationMethod",
            "id": str(uuid.uuid5(uuid.UUID(user.id), f"{kind} {number}")),
            **_PROPERTIES.get(kind, {}),
            **own,
        }
