# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Tells one privileged user, whom this identity may not manage, from an identity that may not manage anybody."""

from __future__ import annotations

from ._domain import _reasons as reasons
from ._entra._phone_methods import why
from ._errors import PermissionMissing
from ._graph._client import BATCH_SIZE
from ._graph._messages import LOST, RETRY, THROTTLED, Reply


class PermissionWatch:
    """Looks at the replies of one kind, reads or writes, as they come.

    `total` is how many are expected, `permitted` what the token says of itself (None: nothing), `advice` how to get the
    permission.
    """

    def __init__(self, total: int, permitted: bool | None, advice: str) -> None:
        self._total = total
        self._permitted = permitted
        self._advice = advice
        self._forbidden = 0
        self._let_in = False

    def see(self, reply: Reply) -> None:
        """Raises PermissionMissing once everybody so far was forbidden, and those were a batch full, or all."""
        if reply.verdict in (THROTTLED, RETRY, LOST):
            return
        if why(reply) != reasons.FORBIDDEN:
            self._let_in = True
        if self._let_in:
            return
        self._forbidden += 1
        # One user who is refused may be a privileged one, if the token holds the permission.
        alone = self._forbidden == 1 and self._permitted is True
        if self._forbidden >= min(BATCH_SIZE, self._total) and not alone:
            raise PermissionMissing(
                f"Graph refuses this identity for everybody it was tried on ({reply.said}). {self._advice}",
                reply.support,
            )
