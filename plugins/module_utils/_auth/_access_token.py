# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""A token that was obtained elsewhere. It is used as it is and never replaced."""

from __future__ import annotations

import time
from dataclasses import replace

from .._errors import AuthenticationFailed, InvalidOptions
from ._token import Token, read_token, sendable
from ._way import Option, Way


class AccessToken:
    sent = 0
    answers_claims = False

    def __init__(self, access_token: str) -> None:
        """Raises InvalidOptions for a text that is no token."""
        token = read_token(bearer(access_token))
        self._expires_at = token.expires_at
        # It is used to its end, since there is no other.
        self._token = replace(token, expires_at=None)
        self._handed_out = False

    def token(self, claims: str | None = None) -> Token:
        """The token, once. Raises AuthenticationFailed when another is asked for: Graph has refused this one."""
        if self._handed_out:
            raise AuthenticationFailed(f"Graph does not accept the 'access_token' that was given.{self._why()}")
        self._handed_out = True
        return self._token

    def _why(self) -> str:
        if self._expires_at is not None and self._expires_at < time.time():
            when = time.strftime("%H:%M:%S UTC on %Y-%m-%d", time.gmtime(self._expires_at))
            return f" It expired at {when}. Get a new one for Microsoft Graph."
        return " Get a new one for Microsoft Graph."


def bearer(text: str) -> str:
    """The token in the option `access_token`. Raises InvalidOptions for anything else, which is not shown."""
    text = text.lstrip("\ufeff")
    scheme, _blank, rest = text.partition(" ")
    token = (rest.strip() if scheme.casefold() == "bearer" else text).strip("\"'")
    if token[:1] in ("{", "["):
        raise InvalidOptions("'access_token' holds JSON, not a token. Give only the value of its field accessToken.")
    if not sendable(token):
        raise InvalidOptions("'access_token' is not a bearer token: it contains blanks or non-ASCII characters.")
    return token


ACCESS_TOKEN = Way(
    name="access_token",
    options=(Option("access_token", {"type": "str", "no_log": True}, ("AZURE_ACCESS_TOKEN",), credential=True),),
    libraries=("requests",),
    build=lambda login, value: AccessToken(value["access_token"]),
)
