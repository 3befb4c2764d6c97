# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""A call that may hang, abandoned in time. Time-outs of sockets bound each piece of an answer and not its head."""

from __future__ import annotations

import queue
import threading
from typing import Any, Callable


class Overdue(Exception):
    """The call had not ended in time. It may still be under way."""


def bounded(call: Callable[[], Any], seconds: float) -> Any:
    """What `call` returns or raises. Raises Overdue after so many seconds."""
    ended: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            ended.put((call(), None))
        except BaseException as error:  # noqa: BLE001 - carried to the thread that waits
            ended.put((None, error))

    try:
        # A daemon, so that a call that hangs does not keep the process alive.
        threading.Thread(target=work, daemon=True).start()
    except RuntimeError:
        # The system has no thread left. The time-outs of the call itself still hold.
        return call()
    try:
        result, error = ended.get(timeout=seconds)
    except queue.Empty:
        raise Overdue from None
    if error is not None:
        raise error
    return result
