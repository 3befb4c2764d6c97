# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The course of every run: its progress, and the reason for an early end."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator

from .._errors import EntraError, InternalError, Interrupted
from .._graph._client import Graph
from .._results._progress import Step as Position

Show = Callable[[Position], None]

LISTING = "listing"
CHECKING = "checking"
"""Phases: groups or the registration report are read; doubts are asked."""


class Course:
    """`show` gets the progress after every reply, and while the run waits. `cause` is why the run ended early."""

    def __init__(self, graph: Graph, show: Show) -> None:
        self._graph = graph
        self._show = show
        self._position: Position | None = None
        self.over = False
        self.cause = ""

    def report(self, phase: str, done: int, total: int) -> None:
        self._position = Position(phase, done, total, self._graph.throttled, self._graph.asked)
        self._show(self._position)

    def list_more(self, users: int) -> None:
        """A page with `users` more users has come. How many there are in all is not known before the last one."""
        listed = self._position.done if self._position is not None and self._position.phase == LISTING else 0
        self.report(LISTING, listed + users, 0)

    def check(self, done: int, total: int) -> None:
        """A doubt has read `done` of `total` users."""
        self.report(CHECKING, done, total)

    def wait(self, seconds: float) -> None:
        """The run waits `seconds` more because the service asks for it, or 0 for a slow response."""
        if self._position is not None:
            self._show(self._position._replace(waiting=math.ceil(seconds)))

    @contextlib.contextmanager
    def ending(self) -> Iterator[None]:
        """Around all that a run does: notes its end and the cause. Raises EntraError or Interrupted as they come, and
        InternalError for any other exception.
        """
        try:
            yield
        except (EntraError, Interrupted) as error:
            self.cause = error.message
            raise
        except Exception as unforeseen:  # noqa: BLE001 - the outcomes of the other users are still good
            failure = InternalError(unforeseen)
            self.cause = failure.message
            raise failure from unforeseen
        finally:
            self.over = True
