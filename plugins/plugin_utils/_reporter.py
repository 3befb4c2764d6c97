# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Lines of progress about work in this process and about a module in its own."""

from __future__ import annotations

import json
import os
import signal
import threading
import time

from ansible.utils.display import Display

from ..module_utils._results._progress import pause, progress_line

MOST_BYTES = 10_000
"""A progress file has about 150."""


class Reporter(threading.Thread):
    """As a context, reads the progress file at intervals and prints a line about it."""

    def __init__(self, path: str, host: str) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._host = host
        self._over = threading.Event()

    def run(self) -> None:
        # A signal that stops this process must wake its main thread, which waits for the module.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        began = time.monotonic()
        while not self._over.wait(pause(time.monotonic() - began)):
            try:
                line = _read(self._path)
            except (OSError, ValueError, KeyError, TypeError):
                continue
            say(f"{self._host}: {line}")

    def __enter__(self) -> Reporter:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self.join(1.0)


def _read(path: str) -> str:
    """The line about the file at `path`. Does not block if the path is a pipe."""
    with open(path, encoding="utf-8", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        step = json.loads(file.read(MOST_BYTES))
        # A run that waits writes nothing.
        return progress_line(step, max(0.0, time.time() - os.fstat(file.fileno()).st_mtime))


def say(line: str) -> None:
    """Pass a line to the process that prints, through the queue of this worker, which threads may share.

    Not with `display`: ansible-runner replaces that method by one that takes locks, which this process may have
    inherited locked. Standard error is not buffered when it is a pipe, and programs read results on standard output.
    """
    queue = Display()._final_q
    if queue is not None:
        queue.send_display("display", line, stderr=True)
