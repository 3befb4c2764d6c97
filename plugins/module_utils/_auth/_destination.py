# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""What the token of a task is for. A token for something else is not sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from .._domain._redaction import redact
from .._domain._targets import is_object_id
from .._errors import AuthenticationFailed
from ._token import Token


class Destination(NamedTuple):
    """`resources` are the addresses of Graph, the one to show first. `tenant` is what the option names, or None."""

    authority: str
    resources: Collection[str]
    tenant: str | None = None

    def admit(self, token: Token) -> Token:
        """`token`, which knows the login from then on. Raises AuthenticationFailed for one that is for something else.

        A claim that the token does not show is not judged.
        """
        audience = token.other_audience(self.resources)
        if audience:
            graph = next(iter(self.resources))
            raise AuthenticationFailed(
                f"The token is for '{redact(audience)}' (aud). Get one for Microsoft Graph: {graph}."
            )
        tenant = str(token.claims.get("tid", ""))
        both_ids = self.tenant is not None and is_object_id(self.tenant) and is_object_id(tenant)
        if both_ids and tenant.casefold() != (self.tenant or "").casefold():
            raise AuthenticationFailed(
                f"The token is for the tenant {tenant} (tid), and 'tenant_id' is {self.tenant}. Use a credential of"
                " that tenant, or change 'tenant_id'."
            )
        return replace(token, authority=self.authority)
