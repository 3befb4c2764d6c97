# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""One run: select -> read -> decide -> doubt -> limit -> write and verify. It only moves forward."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .._auth._source import TokenSource
from .._auth._token import Token
from .._domain._targets import Target
from .._goals._goal import Goal
from .._graph._client import Graph
from .._graph._messages import Reply
from .._results._outcomes import Outcome
from ._book import Book
from ._case import Case
from ._course import Course, Show
from ._doubts import Doubt
from ._limits import Limits
from ._permissions import PermissionWatch
from ._plan import Plan
from ._preflight import lacking, require_permissions
from ._reader import read_all
from ._rereads import Patience, Rereads
from ._selection import Subjects, Warn
from ._verifier import Verifier

GRACE = 5.0
"""Seconds to verify the writes that are under way when a run is stopped, or its time ends."""

Save = Callable[[Callable[[], Sequence[Outcome]]], None]


class Unusable(NamedTuple):
    """An entry of the input that names no subject: where it stands, and the reason with a sentence about it."""

    place: str
    reason: str
    says: str


class Order(NamedTuple):
    """The order of a run. With `patience` it waits for states that may pass by themselves before it decides."""

    goal: Goal
    subjects: Subjects
    limits: Limits = Limits()
    check_mode: bool = False
    doubts: Sequence[Doubt] = ()
    patience: Patience | None = None
    unusable: Sequence[Unusable] = ()


class Run:
    """One run. `outcomes` is complete at any time: after `execute` has raised it still has an entry for each user."""

    def __init__(
        self,
        order: Order,
        graph: Graph,
        tokens: TokenSource,
        warn: Warn,
        save: Save,
        show: Show = lambda position: None,
    ) -> None:
        """`show` gets the progress after every reply, and every second while the run waits.

        `save` is called once all is planned, before the first write, then after every reply and every second while
        the run waits. It can ask for all outcomes. That costs time with many users, so it should ask rarely.
        """
        self._order = order
        self._goal = order.goal
        self._graph = graph
        self._tokens = tokens
        self._warn = warn
        self._save = save
        self._course = Course(graph, show)
        self._book = Book(order.goal, order.limits.tolerate)
        self._unusable = [
            self._book.refused(Target(place), reason, order.goal.unread, says=says)
            for place, reason, says in order.unusable
        ]
        self._targets: list[Target] = []
        self._plan = Plan(order.goal, order.doubts, order.limits, self._book)
        self._verifier: Verifier | None = None
        self.stopped: str | None = None
        """Why users were skipped although no error was raised."""

    @property
    def outcomes(self) -> list[Outcome]:
        """One for each user, in the order in which they came, and those of entries that name none."""
        cases = {case.target.name: case for case in self._plan.cases}
        return [*(self._outcome(target, cases.get(target.name)) for target in self._targets), *self._unusable]

    def execute(self) -> None:
        """Raises EntraError when the run cannot continue, InternalError for an unexpected exception.

        `outcomes` has what was done by then.

        Interrupted, raised by a signal while it runs, ends it in the same way.
        """
        self._graph.on_wait, self._graph.on_listed = self._wait, self._course.list_more
        try:
            with self._course.ending():
                self._targets = self._order.subjects.known
                self._check_permissions()
                self._targets = self._order.subjects.gather(self._graph, self._tokens, self._warn)
                self._plan.make(self._targets, self._read(), self._graph, self._course.check)
                self._plan.limit()
                self._save(lambda: self.outcomes)
                if self._order.check_mode:
                    self._plan.predict()
                else:
                    self._verifier = self._new_verifier()
                    self._verifier.run(self._plan.cases)
                    self.stopped = self._verifier.stopped
        finally:
            for case in self._plan.cases:
                if self._verifier is not None and case.outcome is None:
                    self._verifier.abandon(case, self._course.cause or self._verifier.stopped or "")

    def stop(self, why: str) -> float | None:
        """Send no write from now on. Returns the seconds left to verify those sent; None when the run is over.

        May be called at any moment by a signal's handler.
        """
        if self._course.over:
            return None
        if self._verifier is None:
            return 0.0
        self._verifier.stop(why)
        return GRACE

    # -- read

    def _check_permissions(self) -> None:
        """Raises PermissionMissing for what the token cannot do. In check mode it may lack what a write takes."""
        goal, subjects = self._goal, self._order.subjects
        if not self._targets and not subjects.needs:
            return
        more = [*subjects.needs, *(need for doubt in self._order.doubts for need in doubt.needs)]
        token = self._tokens.token()
        if not self._order.check_mode:
            require_permissions([goal.may_write, *more], token)
            return
        require_permissions([goal.may_read, *more], token)
        warning = lacking(goal.may_write, token)
        if warning:
            self._warn(warning)

    def _read(self) -> dict[str, Any]:
        goal, total = self._goal, len(self._targets)
        grant = goal.may_read.grant if self._order.check_mode else f"{goal.may_write.grant} (each covers reading too)"
        patience, waits = self._order.patience, not self._order.check_mode
        rereads = Rereads(patience, self._graph.now, self._graph.deadline) if patience and waits else None
        read = read_all(
            self._targets,
            goal,
            self._graph,
            self._tokens,
            grant,
            lambda done: self._course.report("reading", done, total),
            rereads,
        )
        states = (state for state in read.values() if not isinstance(state, Reply))
        unwaited = None if patience is None or waits else patience.unwaited(states)
        if unwaited:
            self._warn(unwaited)
        return read

    # -- apply

    def _new_verifier(self) -> Verifier:
        limits, graph, may_write = self._order.limits, self._graph, self._goal.may_write
        token = self._tokens.token() if self._plan.cases else Token("")
        watch = PermissionWatch(len(self._plan.cases), may_write, token, self._goal.reason_of)
        write_until = None
        if graph.deadline is not None and limits.run_timeout is not None:
            # Time to verify what is under way at the end.
            write_until = graph.deadline - min(GRACE, limits.run_timeout / 10)
        return Verifier(graph, self._goal, limits, write_until, watch, self._after_a_reply)

    def _after_a_reply(self, settled: int) -> None:
        self._course.report(self._goal.words.phase, settled, len(self._plan.cases))
        self._save(lambda: self.outcomes)

    def _wait(self, seconds: float) -> None:
        self._course.wait(seconds)
        if self._verifier is not None:
            self._save(lambda: self.outcomes)

    def _outcome(self, target: Target, case: Case | None) -> Outcome:
        settled = self._plan.settled.get(target.name) or (case.outcome if case else None)
        return settled or self._book.unreached(target, case, self._course.cause, self._goal.words.planned)
