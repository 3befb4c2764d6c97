# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Distinguishes users that this identity may not manage from an identity that may not manage any user."""

from __future__ import annotations

import math
from collections.abc import Callable

from .._domain import _reasons as reasons
from .._errors import PermissionMissing
from .._graph._client import BATCH_SIZE
from .._graph._messages import LOST, RETRY, THROTTLED, Reply


class PermissionWatch:
    """Watches the replies of one kind, reads or writes.

    `total`: the number of expected replies; `permitted`: whether the token holds the permission; `app_only`: whether an
    application acts by itself (both None if the token does not show it); `advice`: how to get the permission;
    `reason_of`: the reason of a reply that is no success; `role`: as in Permission.
    """

    def __init__(
        self,
        total: int,
        permitted: bool | None,
        app_only: bool | None,
        advice: str,
        reason_of: Callable[[Reply], str],
        role: str | None = None,
    ) -> None:
        self._reason_of = reason_of
        self._permitted = permitted
        self._advice = advice
        self._role = role
        # Where one role is enough for all subjects, one refusal is enough as well.
        self._enough = 1 if role else _enough(total, permitted, app_only)
        self._forbidden = 0
        self._let_in = False

    def see(self, reply: Reply) -> None:
        """Raises PermissionMissing once it is certain that Graph refuses this identity for all users."""
        if reply.verdict in (THROTTLED, RETRY, LOST):
            return
        if self._reason_of(reply) != reasons.FORBIDDEN:
            self._let_in = True
        if self._let_in:
            return
        self._forbidden += 1
        if self._forbidden >= self._enough:
            held = (
                _HELD
                if self._role is None
                else f"The token holds the permission. A user needs the role {self._role} too."
            )
            advice = held if self._permitted else self._advice
            whom = "this identity" if self._role else "this identity for all users"
            message = f"Graph refuses {whom} ({reply.said}). {advice}"
            raise PermissionMissing(message, reply.support)


_HELD = (
    "The token holds the permission, so the signed-in user lacks the role Authentication Administrator, or all these"
    " users have privileged roles."
)


def _enough(total: int, permitted: bool | None, app_only: bool | None) -> float:
    """Refused users in a row, from the first one, that leave no doubt.

    Privileged users may come first in any number. A token that lacks the permission is sure after one batch. An
    application that holds it may manage all but privileged users. Otherwise all users have to be refused; one user
    alone may be privileged if the token holds the permission.
    """
    if permitted is False:
        return min(BATCH_SIZE, total)
    if permitted and (app_only or total == 1):
        return math.inf
    return total
