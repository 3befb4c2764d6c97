# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Stopping a run: no new write from then on, a few seconds to verify the writes on their way, then the end."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from ._errors import Interrupted

CHECK_EVERY = 0.5
"""Seconds between two checks whether Ansible still runs."""

_STDOUT = 1
_TO_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_ABANDONED = signal.SIGUSR1
"""The signal from the watching thread to the main thread."""


class Watch(threading.Thread):
    """Calls `react` once, in a thread of its own, as soon as `is_over` holds."""

    def __init__(self, is_over: Callable[[], bool], react: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._is_over = is_over
        self._react = react
        self._stopped = threading.Event()

    def run(self) -> None:
        # A signal to this process must wake its main thread.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while not self._stopped.wait(CHECK_EVERY):
            if self._is_over():
                self._react()
                return

    def stop(self) -> None:
        self._stopped.set()
        if self.is_alive():
            self.join(1.0)


def parent_ended() -> Callable[[], bool]:
    """A check for later: has the current parent of this process ended?"""
    parent = os.getppid()
    return lambda: os.getppid() != parent


def abandoned() -> Callable[[], bool]:
    """A check for later, for a module: has the parent ended, or has the result no reader?

    A shell may stand between this process and the one that waits for the result.
    """
    has_ended = parent_ended()
    return lambda: has_ended() or has_no_reader(_STDOUT)


def has_no_reader(descriptor: int) -> bool:
    """Whether the other end of a pipe, socket or terminal is closed. Of a file it never is."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _descriptor, event in poll.poll(0))


class StopSignals:
    """As a context, turns signals and the end of Ansible into an orderly end of what runs in it, in the main thread.

    `ask` is given a sentence for the first signal and returns how many seconds may still pass; then, or at once for 0,
    Interrupted is raised wherever the thread is. None means that there is nothing to end any more. Later signals
    change nothing: SIGKILL ends the process at once. A signal that is ignored (nohup) stays ignored.

    Ansible is gone when `is_over` holds.
    """

    def __init__(self, is_over: Callable[[], bool]) -> None:
        self.ask: Callable[[str], float | None] = lambda why: 0.0
        self.why = ""
        self._before: dict[signal.Signals, Any] = {}
        main = threading.main_thread().ident or 0
        self._watch = Watch(is_over, lambda: signal.pthread_kill(main, _ABANDONED))

    def __enter__(self) -> StopSignals:
        for number in _TO_STOP:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._on_signal)
        self._before[_ABANDONED] = signal.signal(_ABANDONED, self._on_signal)
        self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._on_alarm)
        with contextlib.suppress(RuntimeError):  # no thread can be started: the run continues unwatched
            self._watch.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._watch.stop()
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self.why:
            return
        cause = "Ansible has ended" if number == _ABANDONED else signal.Signals(number).name
        self.why = f"The task was stopped ({cause})."
        seconds = self.ask(self.why)
        if seconds:
            signal.setitimer(signal.ITIMER_REAL, seconds)
        elif seconds is not None:
            raise Interrupted(self.why)

    def _on_alarm(self, _number: int, _frame: FrameType | None) -> None:
        if self.ask(self.why) is not None:
            raise Interrupted(self.why)
