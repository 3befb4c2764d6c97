# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""A token that somebody else got. It is used as it is and never replaced."""

from __future__ import annotations

import time
from dataclasses import replace

from .._errors import AuthenticationFailed, InvalidOptions
from ._token import Token, read_token


class AccessToken:
    name = "access_token"
    sent = 0

    def __init__(self, access_token: str) -> None:
        """Raises InvalidOptions for a text that no HTTP header can carry."""
        if not access_token.isascii() or any(character.isspace() for character in access_token):
            raise InvalidOptions("'access_token' is not a bearer token: it holds blanks or characters beyond ASCII.")
        token = read_token(access_token)
        self._expires_at = token.expires_at
        # Nobody is to replace it because it is about to expire.
        self._token = replace(token, expires_at=None)
        self._handed_out = False

    def token(self) -> Token:
        """The token, once. Raises AuthenticationFailed when another is asked for: Graph has refused this one."""
        if self._handed_out:
            expired = self._expires_at is not None and self._expires_at < time.time()
            when = time.strftime(" It expired at %H:%M:%S UTC.", time.gmtime(self._expires_at)) if expired else ""
            raise AuthenticationFailed(
                f"Graph does not accept the 'access_token' that was given.{when} Get a new one for Microsoft Graph."
            )
        self._handed_out = True
        return self._token
