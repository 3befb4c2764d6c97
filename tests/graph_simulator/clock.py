# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator's time: the machine's, which can be put forward, or another that a test brings."""

from __future__ import annotations

import asyncio
import threading
import time as machine
from collections.abc import Callable


class Clock:
    """``monotonic`` and ``epoch`` give seconds; an event loop that sleeps has to run on ``monotonic`` too."""

    def __init__(
        self, monotonic: Callable[[], float] = machine.monotonic, epoch: Callable[[], float] = machine.time
    ) -> None:
        self._monotonic = monotonic
        self._epoch = epoch
        self._ahead = 0.0
        self._lock = threading.Lock()
        self._sleepers: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def now(self) -> float:
        """Seconds of a clock that never goes back."""
        return self._monotonic() + self._ahead

    def time(self) -> float:
        """Seconds since the epoch."""
        return self._epoch() + self._ahead

    def advance(self, seconds: float) -> None:
        """Put the clock forward; whoever sleeps until then wakes up. May be called from any thread."""
        if not seconds >= 0:
            raise ValueError("the clock goes forward only")
        with self._lock:
            self._ahead += seconds
            for loop, advanced in self._sleepers:
                loop.call_soon_threadsafe(advanced.set)

    async def sleep(self, seconds: float) -> None:
        until = self.now() + seconds
        advanced = asyncio.Event()
        sleeper = (asyncio.get_running_loop(), advanced)
        with self._lock:
            self._sleepers.add(sleeper)
        try:
            while (left := until - self.now()) > 0:
                try:
                    await asyncio.wait_for(advanced.wait(), left)
                except TimeoutError:
                    return
                advanced.clear()
            await asyncio.sleep(0)
        finally:
            with self._lock:
                self._sleepers.discard(sleeper)
