# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Writes by name: Graph can accept one without effect where a write by id works."""

from __future__ import annotations

import math

from .._domain._targets import ME
from ._case import Case

BY_NAME = 10.0
"""Seconds, or half of `verify_timeout` if that is less, after which a write accepted by name is repeated by id."""

_PILOTS = 3
"""Users whose write by name is repeated by id to find out whether that helps."""


class Names:
    """The experience of a run with writes by name."""

    def __init__(self, verify_timeout: float) -> None:
        self.patience = min(BY_NAME, verify_timeout / 2)
        """Seconds after which an accepted write by name that does not show is in doubt."""
        self._work = False
        # How many users wait for the effect of a write by id that came after one by name, and after how many seconds in
        # all such a user was verified.
        self._pilots = 0
        self._helped_after = math.inf

    def in_question(self, case: Case) -> bool:
        """Whether a write was accepted that addressed the user by a name, which is not known to work here.

        Where a refusal is expected there is one attempt only, so the name has to do.
        """
        known = self._work or case.target.id or case.identified or case.address == ME
        return case.attempt.setback is None and not (known or case.step.reason)

    def should_try_id(self, waited: float) -> bool:
        """Whether to repeat by id a write that was accepted by name `waited` seconds ago, longer than `patience`.

        The service may only be slow. So the write is repeated for a few users first, the pilots. It is repeated for the
        others once that helped a pilot, and they have waited for as long as that pilot did until it was verified.
        """
        return self._pilots < _PILOTS or waited >= self._helped_after

    def try_id(self, case: Case) -> None:
        case.identified = True
        self._pilots += 1

    def settle(self, case: Case) -> None:
        self._pilots -= case.identified

    def learn(self, case: Case, waited: float) -> None:
        """A write was verified `waited` seconds after it was accepted. By name it works, unless that was by id."""
        if case.identified and case.address != case.target.name:
            self._helped_after = min(self._helped_after, waited)
        elif not case.target.id and case.address != ME:
            self._work = True
