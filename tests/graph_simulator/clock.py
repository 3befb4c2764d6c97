# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock of the simulator: real time or that of another loop, put forward on demand."""

from __future__ import annotations

import asyncio
import math
import threading
import time as machine
from collections.abc import Callable
from contextlib import suppress

# The rest of a sleep may be too short to change a float of seconds.
_NOTHING = 1e-6


class Clock:
    """Follows ``monotonic`` and ``epoch``, both in seconds, and is ahead of them by what it was advanced.

    A test whose event loop has a virtual time gives ``loop.time``: sleeps are timers of the running loop.
    All methods may be called from any thread.
    """

    def __init__(
        self, monotonic: Callable[[], float] = machine.monotonic, epoch: Callable[[], float] = machine.time
    ) -> None:
        self._monotonic = monotonic
        self._epoch = epoch
        self._ahead = 0.0
        self._lock = threading.Lock()
        self._sleepers: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def now(self) -> float:
        """Monotonic seconds."""
        return self._monotonic() + self._ahead

    def time(self) -> float:
        """Seconds since the epoch."""
        return self._epoch() + self._ahead

    async def sleep(self, seconds: float) -> None:
        """Return when the clock is ``seconds`` further, by itself or by an advance."""
        until = self.now() + seconds
        advanced = asyncio.Event()
        with self._lock:
            self._sleepers[advanced] = asyncio.get_running_loop()
        try:
            await asyncio.sleep(0)
            while (rest := until - self.now()) > _NOTHING:
                advanced.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(rest):
                        await advanced.wait()
        finally:
            with self._lock:
                del self._sleepers[advanced]

    def advance(self, seconds: float) -> None:
        """Push the clock forward and wake the sleepers it has reached. Raises ValueError for a step back."""
        if not 0 <= seconds < math.inf:
            raise ValueError(f"the clock goes forward only, not by {seconds}")
        with self._lock:
            self._ahead += seconds
            for advanced, loop in self._sleepers.items():
                loop.call_soon_threadsafe(advanced.set)
