# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""A bearer token that knows its claims."""

from __future__ import annotations

import base64
import json
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .._domain._permissions import with_role_ids
from .._errors import AuthenticationFailed

MICROSOFT_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
"""The application that a user of the Azure CLI signs in to."""

CLI_USERS_CANNOT = (
    "The CLI is Microsoft's own application, so the sign-in of a user to it cannot have the permissions for phone"
    " methods. Sign in to it as an application (az login --service-principal, or --identity), or use a credential of"
    " your own application."
)

GRAPH_ID = "00000003-0000-0000-c000-000000000000"
"""Microsoft Graph as the audience of a token, instead of its address."""

_ROLES_OF_ALL = frozenset(("0997a1d0-0d1d-4acb-b408-d5ca73121e90", "b79fbf4d-3ef9-4689-8143-76b194e85509"))
"""Ids in the claim `wids` of tokens without any Entra role."""

_LATEST = 253402300799
"""The last second that has a date."""


@dataclass(frozen=True)
class Token:
    """`expires_at` in seconds since the epoch, None if unknown. `claims` are empty when the token cannot be read.

    Microsoft calls Graph tokens opaque, so a claim that is not there means nothing. `authority` is the login whose page
    asks for consent.
    """

    value: str = field(repr=False)
    expires_at: float | None = None
    obtained_at: float = field(default_factory=time.time)
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    authority: str = ""

    @property
    def expires_on(self) -> float | None:
        """When Graph stops accepting it, in seconds since the epoch; None if that is unknown."""
        return _moment(self.claims.get("exp")) if self.expires_at is None else self.expires_at

    @property
    def app_only(self) -> bool | None:
        """Whether an application acts by itself; None if the token does not show it."""
        if "scp" in self.claims:
            return False
        return True if self.claims.get("idtyp") == "app" or "roles" in self.claims else None

    @property
    def of_cli_user(self) -> bool:
        """Whether a user signed in to the Azure CLI: then it can hold no permission for phone methods (AADSTS65002)."""
        return self.claims.get("appid") == MICROSOFT_CLI and not self.app_only

    def permits(self, permissions: Iterable[str]) -> bool | None:
        """Whether the token holds one of `permissions`; None if it does not show that.

        An application with an Entra role may do without some, and which ones is not known.
        """
        scopes = self.claims.get("scp")
        held = scopes.split() if isinstance(scopes, str) else self.claims.get("roles")
        if not isinstance(held, list):
            held = [] if self.app_only else None
        if held is None:
            return None
        have = {str(permission).casefold() for permission in held}
        if any(permission.casefold() in have for permission in permissions):
            return True
        return None if self.app_only and self._has_entra_role else False

    @property
    def _has_entra_role(self) -> bool:
        roles = self.claims.get("wids")
        return bool({str(role) for role in roles} - _ROLES_OF_ALL) if isinstance(roles, list) else False

    def how_to_grant(self, permissions: str, role: str) -> str:
        """What to do when Graph refuses for want of `permissions`, or of the Entra `role` of a user."""
        if self.of_cli_user:
            return f"The token is a user's of the Azure CLI. {CLI_USERS_CANNOT}"
        if self.app_only is not False:
            permissions = with_role_ids(permissions)
        if "xms_mirid" in self.claims:
            return (
                f"Assign these app roles of Microsoft Graph to the managed identity: {permissions}."
                " docs/authentication.md has the command."
            )
        user = f"; a signed-in user needs the role {role} too" if role and not self.app_only else ""
        link = f" {self._consent}" if self._consent else ""
        return f"Grant it {permissions} and have an administrator consent{user}.{link}"

    @property
    def _consent(self) -> str:
        tenant, client = (str(self.claims.get(name, "")) for name in ("tid", "appid"))
        return consent(self.authority, tenant, client) if self.authority and tenant and client else ""

    def other_audience(self, resources: Iterable[str]) -> str | None:
        """The audience of the token, if it is none of `resources`; None also if the token does not show it."""
        audience = self.claims.get("aud")
        known = {GRAPH_ID, *(resource.casefold() for resource in resources)}
        mine = isinstance(audience, str) and audience.rstrip("/").casefold() in known
        return None if audience is None or mine else str(audience)[:200]

    def expiring(self, now: float) -> bool:
        """Whether to get another one first: two minutes are left, or a tenth of a short life."""
        if self.expires_at is None:
            return False
        return self.expires_at - now < min(120.0, 0.1 * (self.expires_at - self.obtained_at))

    def expired(self, now: float) -> bool:
        return self.expires_at is not None and self.expires_at <= now


def consent(authority: str, tenant: str, client_id: str) -> str:
    """The sentence with the link that an administrator opens to consent."""
    return f"An administrator consents at {authority}/{tenant}/adminconsent?client_id={client_id}"


def sendable(value: str) -> bool:
    """Whether an HTTP header can carry the token: printable ASCII without blanks."""
    return value.isascii() and value.isprintable() and " " not in value and value != ""


def read_token(value: str, expires_at: float | None = None) -> Token:
    """A Token out of a bearer string; a JWT's claims are read.

    Raises AuthenticationFailed for a value that no HTTP header can carry.
    """
    if not sendable(value):
        raise AuthenticationFailed(
            "The token that was obtained contains blanks, line breaks or non-ASCII characters, so it cannot be sent."
        )
    token = Token(value, expires_at, claims=claims_of(value))
    return replace(token, expires_at=token.expires_on)


def claims_of(value: str) -> dict[str, Any]:
    """The claims of a JWT, none for another text. They are read and not verified."""
    try:
        part = value.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _moment(expiry: Any) -> float | None:
    """Seconds since the epoch, None for anything else."""
    number = isinstance(expiry, (int, float)) and not isinstance(expiry, bool)
    return float(expiry) if number and math.isfinite(min(expiry, _LATEST)) and 0 <= expiry <= _LATEST else None
