# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Waits for states that pass by themselves, such as that of users that an edit of a policy has not reached yet."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 30.0
"""Seconds between two reads of one subject. Each pause is twice the one before it."""

_GRID = 1.0
"""Seconds. Reads wait for a multiple of it, so that subjects read at about the same time fill batches again."""


class Patience(NamedTuple):
    """What to wait for: states that `passes` says may end by themselves, for so many `seconds`. `option` names it."""

    seconds: float
    option: str
    passes: Callable[[Any], bool]

    def unwaited(self, states: Iterable[Any]) -> str | None:
        """What to say of a run in check mode, which does not wait; None if there is nothing to wait for."""
        count = sum(map(self.passes, states))
        if not count:
            return None
        users = "user is" if count == 1 else "users are"
        return (
            f"Check mode does not wait for '{self.option}': {count} {users} in a state that may pass by itself, and the"
            " prediction takes it as it is."
        )


class Rereads:
    """When to read each subject again, by name. `now` is the clock of `deadline`, after which the run ends."""

    def __init__(self, patience: Patience, now: Callable[[], float], deadline: float | None) -> None:
        self._patience = patience
        self._now = now
        self._deadline = deadline
        # Until when each waits, and its next pause.
        self._waits: dict[str, tuple[float, float]] = {}

    def moment(self, name: str, state: Any) -> float | None:
        """The time of the next read of a subject that is in `state` now. None if the state counts."""
        if not self._patience.passes(state):
            return None
        now = self._now()
        until, pause = self._waits.get(name) or (self._until(now), FIRST_PAUSE)
        if now >= until:
            return None
        self._waits[name] = until, min(2 * pause, LONGEST_PAUSE)
        return min(until, _on_grid(now + pause))

    def _until(self, now: float) -> float:
        """A run with a timeout keeps half of the time that is left for its writes."""
        until = _on_grid(now + self._patience.seconds)
        return until if self._deadline is None else min(until, now + max(0.0, self._deadline - now) / 2)


def _on_grid(moment: float) -> float:
    return math.ceil(moment / _GRID) * _GRID
