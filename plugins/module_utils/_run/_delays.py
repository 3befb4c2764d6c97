# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""When to read a user that was written to: as early as the write is likely to show, then less and less often."""

from __future__ import annotations

import math

from ._case import Case
from ._names import Names

LONGEST_PAUSE = 8.0
"""Seconds between two reads of a user whose write was accepted; the pauses before are 1, 2 and 4."""

LONGEST_DELAY = 4.0
"""At most so many seconds pass from an accepted write to the first read, however late other writes showed. Less than a
stopped run has left for verification.
"""

_LEARNS, _FORGETS = 0.25, 0.001
"""The expected delay grows by 0.25 x (seconds that a write took to show - the delay); a write that shows at the first
read takes 0.001 of the delay off.
"""


class Delays:
    """What a run has learned about the time until writes show. `verify_timeout` in seconds."""

    def __init__(self, verify_timeout: float, names: Names) -> None:
        self._verify_timeout = verify_timeout
        self._names = names
        self._delay = 0.0
        """Expected seconds until a write shows, as far as a first read waits for it (LONGEST_DELAY)."""
        self._lag = 0.0
        """The same without a limit, for the reads after it."""

    def left(self, case: Case, now: float) -> float:
        """Seconds left to verify a write."""
        return _left(case, now, self._verify_timeout)

    def left_by_name(self, case: Case, now: float) -> float:
        """Seconds until an accepted write by name is in doubt."""
        return _left(case, now, self._names.patience)

    def until_first_read(self, case: Case, now: float, deadline: float | None) -> float:
        """Seconds until the first read, early enough for another one if the run has a `deadline`."""
        rest = math.inf if deadline is None else max(0.0, deadline - now) / 2
        return min(self._delay, self._until_decision(case, now), rest)

    def until_next_read(self, case: Case, now: float) -> float:
        """Seconds until the next read. If writes show late, early reads are of no use."""
        usual = max(2.0 ** max(0, case.attempt.reads - 1), self._lag - case.attempt.since(now))
        if self._names.in_question(case) and not self.left_by_name(case, now):
            # The pilots decide; there has to be time left then.
            usual = min(usual, (self._verify_timeout - self._names.patience) / 4)
        return min(usual, LONGEST_PAUSE, self._until_decision(case, now))

    def learn(self, case: Case, now: float) -> None:
        """A write was verified: when to read the next users, so that theirs are likely to show."""
        attempt = case.attempt
        if attempt.writes > 1 or attempt.setback is not None:
            return
        if attempt.reads == 1:
            self._delay *= 1.0 - _FORGETS
            self._lag *= 1.0 - _FORGETS
        else:
            took = attempt.since(now)
            self._delay += _LEARNS * max(0.0, min(took, LONGEST_DELAY) - self._delay)
            self._lag += _LEARNS * (took - self._lag)

    def _until_decision(self, case: Case, now: float) -> float:
        """Seconds until the next decision, which needs a read before it."""
        doubt = self.left_by_name(case, now) if self._names.in_question(case) else 0.0
        return doubt or self.left(case, now)


def _left(case: Case, now: float, time: float) -> float:
    """Seconds left of the `time` for verification; 0 if the rest is too short for the clock to move."""
    left = time - case.attempt.since(now)
    return left if left > 1e-6 else 0.0
