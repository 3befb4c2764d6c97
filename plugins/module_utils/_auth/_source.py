# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The token of a run: obtained when first needed, renewed before it expires or when Graph refuses it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Callable, Protocol

from .._errors import EntraError, OutOfTime
from ._token import Token

PAUSE = 15.0
"""Seconds until an early renewal that failed is tried again, while the token is still valid."""


class Method(Protocol):
    """One way to sign in. Its constructor checks the options without any request."""

    @property
    def sent(self) -> int:
        """HTTP calls made so far."""

    @property
    def answers_claims(self) -> bool:
        """Whether it can ask for a token with the claims of a challenge."""

    def token(self, claims: str | None = None) -> Token:
        """A new token; with `claims`, JSON, if it can. Raises AuthenticationFailed, Unreachable or OutOfTime."""


class TokenSource:
    """Hands `Graph` its bearer tokens. `conceal` gets every token, so that Ansible masks it.

    `admit` may raise AuthenticationFailed for a new one.
    """

    def __init__(
        self, method: Method, conceal: Callable[[str], None], admit: Callable[[Token], Token] = lambda token: token
    ) -> None:
        self._method = method
        self._conceal = conceal
        self._admit = admit
        self._token: Token | None = None
        self._renew_from = 0.0

    @property
    def sent(self) -> int:
        return self._method.sent

    @property
    def answers_claims(self) -> bool:
        return self._method.answers_claims

    def token(self) -> Token:
        """The token with its claims. Raises AuthenticationFailed, Unreachable or OutOfTime."""
        now = time.time()
        if self._token is None or self._token.expired(now):
            self._token = self._obtain()
        elif self._token.expiring(now) and now >= self._renew_from:
            self._token = self._obtain_early(self._token)
        return self._token

    def current(self) -> str:
        return self.token().value

    def renew(self, rejected: str, claims: str | None = None) -> None:
        """Replace `rejected`, unless that was done already. `claims` are those that Graph asks for."""
        if self._token is None or self._token.value == rejected:
            self._token = self._obtain(claims)

    def _obtain_early(self, valid: Token) -> Token:
        """Another token, or `valid` when there is none to be had now."""
        try:
            return self._obtain()
        except OutOfTime:
            raise
        except EntraError:
            self._renew_from = time.time() + PAUSE
            return valid

    def _obtain(self, claims: str | None = None) -> Token:
        token = self._method.token(claims)
        self._conceal(token.value)
        token = self._admit(token)
        # A new token is valid, so the clock of this machine is wrong: Graph says when the token has expired.
        return replace(token, expires_at=None) if token.expired(time.time()) else token
