# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The identity that Azure gives to a machine, a container or an app."""

from __future__ import annotations

from typing import Any

from ._login import Login, MsalHttp, acquire
from ._token import Token


class ManagedIdentity:
    """The system's own identity, or with `client_id` the user-assigned one."""

    name = "managed_identity"

    def __init__(self, login: Login, client_id: str | None) -> None:
        self._login = login
        self._client_id = client_id
        self._http = MsalHttp(login.session)

    @property
    def sent(self) -> int:
        """HTTP calls made to the identity endpoint so far."""
        return self._http.sent

    def token(self) -> Token:
        """A new token. Raises AuthenticationFailed or Unreachable."""

        def ask(msal: Any) -> Any:
            identity = (
                msal.UserAssignedManagedIdentity(client_id=self._client_id)
                if self._client_id
                else msal.SystemAssignedManagedIdentity()
            )
            client = msal.ManagedIdentityClient(identity, http_client=self._http)
            return client.acquire_token_for_client(resource=self._login.resource)

        return acquire(self._login, self._http, ask)
