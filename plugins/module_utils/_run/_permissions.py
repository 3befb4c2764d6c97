# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Distinguishes users that this identity may not manage from an identity that may not manage any user."""

from __future__ import annotations

import math
from collections.abc import Callable

from .._auth._token import Token
from .._domain import _reasons as reasons
from .._errors import PermissionMissing
from .._goals._goal import Permission
from .._graph._client import BATCH_SIZE
from .._graph._messages import LOST, RETRY, THROTTLED, Reply


class PermissionWatch:
    """Watches the replies of one kind, reads or writes.

    `total`: the number of expected replies; `permission`: what they need, and `token`, which may hold it; `reason_of`:
    the reason of a reply that is no success; `grant`: what to ask for, if not the grant of `permission`.
    """

    def __init__(
        self,
        total: int,
        permission: Permission,
        token: Token,
        reason_of: Callable[[Reply], str],
        grant: str | None = None,
    ) -> None:
        self._permission = permission
        permitted = token.permits(permission.names)
        self._advice = token.how_to_grant(grant or permission.grant, permission.role)
        if permitted and not token.app_only:
            self._advice = _held(permission)
        self._enough = _enough(total, permitted, token.app_only, permission.role_varies)
        self._reason_of = reason_of
        self._forbidden = 0
        self._let_in = False

    def see(self, reply: Reply) -> None:
        """Raises PermissionMissing once it is certain that Graph refuses this identity for all subjects."""
        if reply.verdict in (THROTTLED, RETRY, LOST):
            return
        if self._reason_of(reply) != reasons.FORBIDDEN:
            self._let_in = True
        if self._let_in:
            return
        self._forbidden += 1
        if self._forbidden >= self._enough:
            whom = "this identity for all users" if self._permission.role_varies else "this identity"
            raise PermissionMissing(f"Graph refuses {whom} ({reply.said}). {self._advice}", reply.support)


def _held(permission: Permission) -> str:
    """The advice for a signed-in user whose token holds the permission."""
    others = ", or all these users have privileged roles" if permission.role_varies else ""
    return f"The token holds the permission, so the signed-in user lacks the role {permission.role}{others}."


def _enough(total: int, permitted: bool | None, app_only: bool | None, role_varies: bool) -> float:
    """How many users Graph must refuse, from the first one on, until it certainly refuses all.

    Where the role does not vary, one refusal is enough. Elsewhere the first users may all be privileged ones. For a
    token that lacks the permission one batch of refusals is enough. With a token that holds it, it is never
    certain for an application, which may manage all but privileged users, nor in a run with one user, who may be
    privileged. Otherwise all users have to be refused.
    """
    if not role_varies:
        return 1
    if permitted is False:
        return min(BATCH_SIZE, total)
    if permitted and (app_only or total == 1):
        return math.inf
    return total
