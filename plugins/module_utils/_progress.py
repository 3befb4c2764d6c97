# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""How far a run is, in a file that somebody else looks at while it goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from ._files import replace_file

SAVE_EVERY = 1.0
"""Seconds between two states of the file."""


class Step(NamedTuple):
    """Where a run is. `phase` is `reading` or `switching`; `done` of `total` users; requests put off and sent."""

    phase: str
    done: int
    total: int
    throttled: int
    sent: int


class ProgressFile:
    """The last Step and the seconds since the phase began, as JSON; mode 0600, replaced as a whole."""

    def __init__(self, path: str, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock
        self._phase = ""
        self._since = 0.0
        self._saved_at: float | None = None

    def show(self, step: Step) -> None:
        """Save now and then. Raises OSError when the file cannot be written."""
        now = self._clock()
        if step.phase != self._phase:
            self._phase, self._since = step.phase, now
        elif step.done < step.total and self._saved_at is not None and now - self._saved_at < SAVE_EVERY:
            return
        self._saved_at = now
        replace_file(self._path, [json.dumps({**step._asdict(), "seconds": round(now - self._since, 3)})])


def tell(step: dict[str, Any]) -> str:
    """One line for a person out of the file: phase, done of total, rate, what was put off, and the time left."""
    done, total, seconds = int(step["done"]), int(step["total"]), float(step["seconds"])
    line = f"{step['phase']} {done} of {total} users"
    if seconds >= 1 and done:
        line += f", {done / seconds:.1f} a second" if done < 10 * seconds else f", {done / seconds:.0f} a second"
    if step["sent"]:
        line += f", {100 * step['throttled'] / step['sent']:.1f}% put off"
    if seconds >= 1 and 0 < done < total:
        line += f", {_duration((total - done) * seconds / done)} left"
    return line


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else time.strftime("%-H h %M min", time.gmtime(seconds))
