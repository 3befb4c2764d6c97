# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The progress of a run, in a file for other processes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from .._files import replace_file

SAVE_EVERY = 1.0
"""Seconds between two states of the file."""

FIRST_LINE_AFTER = 10.0
_PAUSES = ((60.0, 5.0), (600.0, 15.0))
_LONGEST_PAUSE = 60.0
"""Seconds until the first line; from each line to the next, up to so many seconds of the run; and after that."""

_PHASE = re.compile(r"[a-z ]{1,40}")
_MOST = 1e9
"""More than any count or time of a run."""


class Step(NamedTuple):
    """The progress of a run: `done` of `total` users, requests throttled and sent. `phase` is a few words.

    `total` is 0 while it is not known.
    `waiting` is the number of seconds that the service makes the run wait.
    """

    phase: str
    done: int
    total: int
    throttled: int
    sent: int
    waiting: int = 0


class ProgressFile:
    """The last Step and the seconds since the phase began, as JSON; mode 0600, replaced as a whole.

    It is for information only: an unwritable file is one warning and ends no run.
    """

    def __init__(self, path: str, clock: Callable[[], float], warn: Callable[[str], None]) -> None:
        self._path: str | None = path
        self._clock = clock
        self._warn = warn
        self._phase = ""
        self._since = 0.0
        self._saved_at: float | None = None

    def show(self, step: Step) -> None:
        """Save at most once in SAVE_EVERY seconds."""
        now = self._clock()
        if self._path is None:
            return
        if step.phase != self._phase:
            self._phase, self._since = step.phase, now
        elif step.done != step.total and self._saved_at is not None and now - self._saved_at < SAVE_EVERY:
            return
        self._saved_at = now
        try:
            replace_file(self._path, [json.dumps({**step._asdict(), "seconds": round(now - self._since, 3)})])
        except OSError as error:
            self._warn(f"'progress_path' cannot be written: {self._path}: {error.strerror}.")
            self._path = None


class ProgressLines:
    """Gives `say` a line about the progress of a run now and then."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._say = say
        self._clock = clock
        self._began = self._since = clock()
        self._next = self._began + pause(0.0)
        self._phase = ""

    def show(self, step: Step) -> None:
        """A line about `step` if it is time for one."""
        now = self._clock()
        if step.phase != self._phase:
            self._phase, self._since = step.phase, now
        if now >= self._next:
            self._next = now + pause(now - self._began)
            self._say(progress_line({**step._asdict(), "seconds": now - self._since}, 0.0))


def pause(elapsed: float) -> float:
    """Seconds until the next line of a run that has taken `elapsed` so far: few lines also in a run of hours."""
    if elapsed < FIRST_LINE_AFTER:
        return FIRST_LINE_AFTER - elapsed
    return next((seconds for limit, seconds in _PAUSES if elapsed < limit), _LONGEST_PAUSE)


def progress_line(step: dict[str, Any], age: float) -> str:
    """One line about a file read `age` seconds after it was saved. Raises ValueError for content that no run saves.

    Others may write to the folder of the file, so the line repeats only numbers and a few letters.
    """
    if not _PHASE.fullmatch(step["phase"]):
        raise ValueError("no phase of a run")
    done, total, throttled, sent = (_bounded(step[name]) for name in ("done", "total", "throttled", "sent"))
    seconds, waiting = _bounded(step["seconds"]) + age, _bounded(step.get("waiting") or 0) - age
    line = f"{step['phase']} {done:.0f}{f' of {total:.0f}' if total else ''} users"
    if seconds >= 1 and done:
        line += f", {done / seconds:.1f} a second" if done < 10 * seconds else f", {done / seconds:.0f} a second"
    if sent:
        line += f", {100 * throttled / sent:.1f}% throttled"
    if waiting >= 1:
        line += f", waiting {_duration(waiting)} for the service"
    if seconds >= 1 and 0 < done < total:
        line += f", {_duration((total - done) * seconds / done)} left"
    return line


def _bounded(value: Any) -> float:
    number = float(value)
    if not 0 <= number < _MOST:
        raise ValueError("no number of a run")
    return number


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"
