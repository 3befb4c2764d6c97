# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""An application signing in as itself. The credential is what MSAL calls `client_credential`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._errors import AuthenticationFailed
from ._login import Login, MsalHttp, acquire
from ._refusal import CONSENT_HELPS
from ._token import Token, consent


class Application:
    """What the methods with a client credential share."""

    answers_claims = True

    def __init__(self, login: Login, tenant_id: str, client_id: str, credential: Any) -> None:
        self._login = login
        self._tenant_id = tenant_id
        self._client_id = client_id
        self._credential = credential
        self._http = MsalHttp(login)

    @property
    def sent(self) -> int:
        """HTTP calls made to the login so far."""
        return self._http.sent

    def token(self, claims: str | None = None) -> Token:
        """A new token from the login, with these `claims` if Graph has asked for them.

        Raises AuthenticationFailed, Unreachable or OutOfTime.
        """

        def ask(msal: Any) -> Any:
            # A new application each time: the one before would replay its cached token or refusal.
            application = msal.ConfidentialClientApplication(
                self._client_id,
                authority=f"{self._login.authority}/{self._tenant_id}",
                client_credential=self._credential,
                # Both off: no call to hosts that no option names, and no other host by an environment variable.
                instance_discovery=False,
                azure_region=False,
                http_client=self._http,
            )
            return application.acquire_token_for_client([self._login.scope], claims_challenge=claims)

        try:
            return acquire(self._login, self._http, ask)
        except AuthenticationFailed as refusal:
            code = (refusal.support or {}).get("code")
            raise AuthenticationFailed(" ".join([refusal.message, *self._more(code)]), refusal.support) from None

    def _more(self, code: str | None) -> Iterable[str]:
        """Sentences about a refusal with that code, which the login's answer does not hold."""
        if code in CONSENT_HELPS:
            yield consent(self._login.authority, self._tenant_id, self._client_id)
