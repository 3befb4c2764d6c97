# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""A bearer token that knows its claims."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Token:
    """`expires_at` in seconds since the epoch, None if unknown. `claims` are empty when the token cannot be read.

    Microsoft calls Graph tokens opaque, so a claim is a hint: it makes a message better, it never replaces an answer.
    """

    value: str = field(repr=False)
    expires_at: float | None = None
    obtained_at: float = field(default_factory=time.time)
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def app_only(self) -> bool | None:
        """Whether an application acts by itself; None if the token does not tell."""
        if "scp" in self.claims:
            return False
        return True if self.claims.get("idtyp") == "app" or "roles" in self.claims else None

    def permits(self, permissions: Iterable[str]) -> bool | None:
        """Whether the token holds one of `permissions`; None if it does not tell."""
        scopes = self.claims.get("scp")
        held = scopes.split() if isinstance(scopes, str) else self.claims.get("roles")
        if not isinstance(held, list):
            return False if self.app_only else None
        have = {str(permission).casefold() for permission in held}
        return any(permission.casefold() in have for permission in permissions)

    def expiring(self, now: float) -> bool:
        """Whether to get another one first: two minutes are left, or a tenth of a short life."""
        if self.expires_at is None:
            return False
        return self.expires_at - now < min(120.0, 0.1 * (self.expires_at - self.obtained_at))


def read_token(value: str, expires_at: float | None = None) -> Token:
    """A Token out of a bearer string; a JWT's claims are read, and not verified, since only Graph can."""
    claims: Any = {}
    try:
        part = value.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError, RecursionError):
        pass
    claims = claims if isinstance(claims, dict) else {}
    expiry = claims.get("exp")
    if expires_at is None and isinstance(expiry, (int, float)):
        expires_at = float(expiry)
    return Token(value, expires_at, claims=claims)
