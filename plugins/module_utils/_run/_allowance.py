# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""How many users may be written to and not verified yet, and when faults stop the writing."""

from __future__ import annotations

from .._domain import _reasons as reasons
from .._results import _outcomes as outcomes
from .._results._outcomes import Outcome

UNVERIFIED_AT_FIRST = 20
UNVERIFIED_PER_VERIFIED = 2
"""With `max_failures`: users that are written to and not verified yet are at most 20 + 2 for each verified one."""

_IN_DOUBT = (reasons.UNVERIFIED, reasons.SERVICE_ERROR)
"""Reasons after which a write may still take effect."""


class Allowance:
    """Counts users of a run with `max_failures`, None for no limit. `settled` is how many have an outcome."""

    def __init__(self, max_failures: int | None) -> None:
        self._most = max_failures
        self._drawn = 0
        self._verified = 0
        self._given_up = 0
        self._faults = 0
        self.settled = 0
        self.no_more: str | None = None
        """Why nothing is written any more, for a message."""
        self._check()

    def stop(self, why: str) -> None:
        """Permit no further write."""
        self.no_more = self.no_more or why

    def may_draw(self) -> bool:
        """Whether another user may be drawn, which counts it. Always without a limit, and once nothing more is written:
        then the rest is drawn only to be skipped.

        A user that was given up after a write stays unverified. There can be more of them than the allowance only if
        `max_failures` itself is larger.
        """
        under_way = self._drawn - self.settled
        allowance = UNVERIFIED_AT_FIRST + UNVERIFIED_PER_VERIFIED * self._verified
        if self._most is not None and self.no_more is None:
            most = max(allowance, self._most)
            if under_way >= allowance or under_way + self._given_up >= most:
                return False
        self._drawn += 1
        return True

    def settle(self, outcome: Outcome) -> None:
        """A user that was drawn has an outcome."""
        self.settled += 1
        self._verified += outcome.kind == outcomes.CHANGED
        self._given_up += outcome.reason in _IN_DOUBT

    def fault(self) -> None:
        """A user failed, and that was not expected."""
        self._faults += 1
        self._check()

    def _check(self) -> None:
        if self._most is not None and self._faults >= self._most:
            self.stop(f"Writing stopped after {self._faults} failures ('max_failures').")
