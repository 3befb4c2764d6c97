# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Time, and calls in other threads. Tests replace both, so that hours pass at once."""

from __future__ import annotations

import queue
import threading
import time
from typing import Any, Callable, Protocol


class Workers(Protocol):
    """Runs calls in parallel, and has the time in seconds."""

    def now(self) -> float:
        """The time in seconds, from a start of its own."""

    def submit(self, call: Callable[[], Any]) -> None:
        """Run `call`. Raises RuntimeError when there is no thread and none can be started."""

    def wait(self, seconds: float | None) -> Any:
        """The result of the next call to end; None when none ended in `seconds`. `seconds=None` waits without limit."""


class Threads:
    """Daemon threads, started as needed: a call that hangs blocks neither the others nor the end of the run."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], Any] | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._under_way = 0
        self._threads = 0

    def now(self) -> float:
        return time.monotonic()

    def submit(self, call: Callable[[], Any]) -> None:
        if self._under_way >= self._threads:
            self._start()
        self._under_way += 1
        self._calls.put(call)

    def _start(self) -> None:
        """Start one more thread. If the system permits no more, the existing ones run all calls."""
        try:
            threading.Thread(target=self._work, daemon=True).start()
        except RuntimeError:
            if not self._threads:
                raise
        else:
            self._threads += 1

    def wait(self, seconds: float | None) -> Any:
        try:
            result = self._results.get(timeout=seconds)
        except queue.Empty:
            return None
        self._under_way -= 1
        if isinstance(result, Exception):
            raise result
        return result

    def close(self) -> None:
        """End all threads, each after its current call."""
        for _thread in range(self._threads):
            self._calls.put(None)
        self._threads = 0

    def _work(self) -> None:
        while True:
            call = self._calls.get()
            if call is None:
                return
            try:
                self._results.put(call())
            except Exception as error:  # noqa: BLE001 - carried to the thread that waits
                self._results.put(error)
