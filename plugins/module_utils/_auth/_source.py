# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The token of a run: got when first needed, renewed before it expires or when Graph refuses it."""

from __future__ import annotations

import time
from typing import Callable, Protocol

from ._token import Token


class Method(Protocol):
    """One way to become somebody. Its constructor checks the options without any request."""

    @property
    def name(self) -> str: ...

    @property
    def sent(self) -> int:
        """HTTP calls made so far."""

    def token(self) -> Token:
        """A new token. Raises AuthenticationFailed or Unreachable."""


class TokenSource:
    """Hands `Graph` its bearer tokens. `conceal` is told every token, so that Ansible masks it."""

    def __init__(self, method: Method, conceal: Callable[[str], None]) -> None:
        self._method = method
        self._conceal = conceal
        self._token: Token | None = None

    @property
    def sent(self) -> int:
        return self._method.sent

    def token(self) -> Token:
        """The token with its claims. Raises AuthenticationFailed or Unreachable."""
        if self._token is None or self._token.expiring(time.time()):
            self._token = self._obtain()
        return self._token

    def current(self) -> str:
        return self.token().value

    def renew(self, rejected: str) -> None:
        """Replace `rejected`, unless that was done already."""
        if self._token is None or self._token.value == rejected:
            self._token = self._obtain()

    def _obtain(self) -> Token:
        token = self._method.token()
        self._conceal(token.value)
        return token
