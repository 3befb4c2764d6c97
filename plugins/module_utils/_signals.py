# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Being told to stop: no new write from then on, a few seconds to prove the writes on their way, then the end."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

from ._errors import Interrupted

_TO_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class StopSignals:
    """As a context, turns signals into an orderly end of what runs in it, which has to be the main thread.

    `ask` is given a sentence for the first signal and returns how many seconds may still pass; then, or at once for 0,
    Interrupted is raised wherever the thread is. None means that there is nothing to end any more. Later signals
    change nothing: whoever does not want to wait has SIGKILL. A signal that is ignored (nohup) stays ignored.
    """

    def __init__(self) -> None:
        self.ask: Callable[[str], float | None] = lambda why: 0.0
        self._why = ""
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> StopSignals:
        for number in _TO_STOP:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._told)
        self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._over)
        return self

    def __exit__(self, *exception: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _told(self, number: int, _frame: FrameType | None) -> None:
        if self._why:
            return
        self._why = f"The task was told to stop ({signal.Signals(number).name})."
        seconds = self.ask(self._why)
        if seconds:
            signal.setitimer(signal.ITIMER_REAL, seconds)
        elif seconds is not None:
            raise Interrupted(self._why)

    def _over(self, _number: int, _frame: FrameType | None) -> None:
        if self.ask(self._why) is not None:
            raise Interrupted(self._why)
